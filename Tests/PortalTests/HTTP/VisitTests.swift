import Kernel
import Portal
import Testing

@Suite("What a visit brings")
struct VisitTests {
    private func read(_ json: String) throws -> JSONValue {
        try Visit(body: Array(json.utf8), now: Instant(microseconds: 0)).json()
    }

    /// A draft is kept as it was sent, and rules add up its rows before anybody has looked at each of them.
    @Test("A body whose numbers cannot be added up is refused, wherever they stand")
    func numbers() throws {
        let largest = Money.largest.fen
        #expect(try read(#"{"total":\#(largest),"rows":[{"amount":-1}]}"#)["total"] == .integer(largest))
        let rows = Array(repeating: #"{"amount":\#(largest)}"#, count: 24).joined(separator: ",")
        for json in [#"{"a":9223372036854775807,"b":1}"#, "[-9223372036854775808]", #"{"rows":[\#(rows)]}"#] {
            #expect(throws: PlainProblem.self, "\(json)") { try read(json) }
        }
        do {
            _ = try read("[9223372036854775807]")
        } catch let problem as PlainProblem {
            #expect(problem.code == "body.numbers" && problem.kind == .invalid)
        }
    }
}
