import Awards
import Portal
import Testing

@Suite("The face of the Awards room")
struct AwardsFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(Awards.room?.id == "awards")
    }
}
