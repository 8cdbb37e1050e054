import Cooperation
import Portal
import Testing

@Suite("The face of the Cooperation room")
struct CooperationFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(Cooperation.room?.id == "cooperation")
    }
}
