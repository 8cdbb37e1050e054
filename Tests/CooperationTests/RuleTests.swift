import Kernel
import Testing

@testable import Cooperation

@Suite("Rules of cooperation")
struct CooperationRuleTests {
    @Test("Every row of the room's tables holds, and leaves no edge untried", arguments: CooperationHouse.tables)
    func rows(file: String) throws {
        let book = try CooperationHouse.city().rules
        let shelf = try RuleShelf(Cooperation.rules, book: book)
        let table = try RuleTable(path: file)
        let results = try table.run(shelf, book: book)
        for result in results { #expect(result.faults.isEmpty, "\(result.row.name): \(result.faults)") }
        #expect(try table.uncovered(results, shelf, book: book) == [])
    }

    @Test("Numbers known by hearsay are shown as to be checked; the law's are not")
    func confidence() throws {
        let book = try CooperationHouse.city().rules
        for id in ["cooperation.visit.days", "cooperation.visit.report", "cooperation.agreement.warning"] {
            #expect(try book.dated(id, on: CooperationHouse.start).source.confidence.needsChecking, "\(id)")
        }
        #expect(
            try !book.dated("cooperation.genetic.report", on: CooperationHouse.start).source.confidence.needsChecking)
    }
}
