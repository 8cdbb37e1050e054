import BasicResearch
import Portal
import Testing

@Suite("The face of the BasicResearch room")
struct BasicResearchFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(BasicResearch.room?.id == "basic-research")
    }
}
