import Portal
import Testing
import Transfer

@Suite("The face of the Transfer room")
struct TransferFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(Transfer.room?.id == "transfer")
    }
}
