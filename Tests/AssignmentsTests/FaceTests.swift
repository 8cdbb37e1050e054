import Assignments
import Portal
import Testing

@Suite("The face of the Assignments room")
struct AssignmentsFaceTests {
    @Test("It has its name in the house")
    func room() {
        #expect(Assignments.room?.id == "assignments")
    }
}
