import InnovationSystem
import Portal
import Testing

@Suite("The face of the InnovationSystem room")
struct InnovationSystemFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(InnovationSystem.room?.id == "innovation")
    }
}
