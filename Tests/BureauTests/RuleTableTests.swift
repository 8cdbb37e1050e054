import BureauTestSupport
import Foundation
import Kernel
import Testing

@testable import Bureau

@Suite("Tables of the rules of law")
struct RuleTableTests {
    static let folders = ["National", "Shenzhen"].map { "\(TestHouse.root)/Jurisdictions/\($0)/tables" }

    static let files: [String] = folders.flatMap { folder in
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
            .map { "\(folder)/\($0)" }
    }

    static func city() throws -> (book: RuleBook, shelf: RuleShelf) {
        let book = try RuleBook(
            national: "\(TestHouse.root)/Jurisdictions/National",
            city: "\(TestHouse.root)/Jurisdictions/Shenzhen")
        return (book, try RuleShelf(Services.rules, book: book))
    }

    @Test("Every row holds, and every edge and branch has a row or is named", arguments: files)
    func rows(file: String) throws {
        let (book, shelf) = try Self.city()
        let table = try RuleTable(path: file)
        let results = try table.run(shelf, book: book)
        for result in results { #expect(result.faults.isEmpty, "\(result.row.name): \(result.faults)") }
        #expect(try table.uncovered(results, shelf, book: book) == [])
        #expect(results.count >= 5)
    }

    @Test("Every rule of the house has a table")
    func everyRule() throws {
        let tables = try Set(Self.files.map { try RuleTable(path: $0).rule })
        #expect(Set(Services.rules.map(\.id)).subtracting(tables) == [])
    }

    @Test("A row that is wrong is found, with what came out instead")
    func wrongRow() throws {
        let path = "\(NSTemporaryDirectory())kechuang-table-\(UInt64.random(in: 0 ... .max)).yaml"
        try """
        rule: transfer.income-tax
        date: 2026-03-02
        rows:
          - name: wrong outcome
            facts: {income: 8000000}
            outcome: {taxable: 1}
          - name: wrong reason
            facts: {income: 8000000}
            reasons: {within: met}
          - name: unknown fact
            facts: {incomes: 8000000}
        """.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (book, shelf) = try Self.city()
        let table = try RuleTable(path: path)
        let results = try table.run(shelf, book: book)
        #expect(results.map { $0.faults.count } == [1, 1, 1])
        #expect(try table.uncovered(results, shelf, book: book).contains("within met"))
    }

    @Test("Moving the first day of a number makes exactly the rows between the two days fail")
    func movedDate() throws {
        let (book, shelf) = try Self.city()
        let table = try RuleTable(path: "\(Self.folders[0])/funding-indirect-cost.yaml")
        let moved = try RuleBook(
            book.parameters.values.map { parameter in
                guard parameter.id == "funding.indirect.standard" else { return parameter }
                let (old, new) = (parameter.values[0], parameter.values[1])
                let day = Day(year: 2026, month: 3, day: 3)!
                return Parameter(
                    id: parameter.id, title: parameter.title, unit: parameter.unit, gives: parameter.gives,
                    level: parameter.level,
                    values: [
                        DatedValue(value: old.value, from: old.from, to: day.adding(days: -1), source: old.source),
                        DatedValue(value: new.value, from: day, to: nil, source: new.source),
                    ])
            })
        let failed = try table.run(shelf, book: moved).filter { !$0.faults.isEmpty }.map(\.row.name)
        #expect(
            Set(failed) == [
                "base 500 (RMB 10,000)", "base 800 (RMB 10,000)", "base 1000 (RMB 10,000)", "base 1200 (RMB 10,000)",
                "base 3000 (RMB 10,000)", "the first day of the new tiers",
            ])
    }
}
