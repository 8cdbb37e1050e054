import Kernel
import Talent
import Testing

@Suite("The Talent room")
struct TalentTests {
    @Test("Every rule of the room has an id that begins with its name")
    func ruleNames() {
        #expect(Talent.rules.allSatisfy { $0.id.hasPrefix("talent.") })
    }
}
