import Portal
import Strategy
import Testing

@Suite("The face of the Strategy room")
struct StrategyFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(Strategy.room?.id == "strategy")
    }
}
