import Integrity
import Portal
import Testing

@Suite("The face of the Integrity room")
struct IntegrityFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(Integrity.room?.id == "integrity")
    }
}
