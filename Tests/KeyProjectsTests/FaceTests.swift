import KeyProjects
import Portal
import Testing

@Suite("The face of the KeyProjects room")
struct KeyProjectsFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(KeyProjects.room?.id == "key-projects")
    }
}
