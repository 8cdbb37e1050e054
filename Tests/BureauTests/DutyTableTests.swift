import BureauTestSupport
import Foundation
import HouseTestSupport
import Kernel
import Testing

@testable import Bureau

@Suite("The table of the bureau's duties")
struct DutyTableTests {
    static let clauses = [4, 4, 6, 3, 4, 5, 6, 5, 3, 2, 1].enumerated().flatMap { duty, count in
        (1...count).map { "\(duty + 1).\($0)" }
    }

    /// The cells of each row, by clause.
    private func rows() throws -> [String: [String]] {
        let text = try String(contentsOfFile: "\(TestHouse.root)/docs/duties.md", encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.dropFirst(2).first?.isNumber == true }
            .map { line in line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        return Dictionary(rows.map { ($0[0], $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The names between backquotes.
    private func names(_ cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    @Test("Every clause has its row, and every name in it exists")
    func everyNameExists() throws {
        let city = try TestCity.shenzhen()
        let procedures = Set(city.procedures.map(\.id))
        let rows = try rows()
        #expect(Set(rows.keys) == Set(Self.clauses))
        for (clause, row) in rows {
            try #require(row.count == 6, "\(clause) has \(row.count) cells")
            for name in names(row[3]) { #expect(procedures.contains(name), "\(clause): no procedure \(name)") }
            for name in names(row[4]) { #expect(city.registers[name] != nil, "\(clause): no register \(name)") }
            #expect(!names(row[3]).isEmpty || !names(row[4]).isEmpty, "\(clause) names no procedure and no register")
            #expect(!names(row[5]).isEmpty, "\(clause) names no test")
            for name in names(row[5]) { #expect(exists("Tests/\(name).swift"), "\(clause): no test \(name)") }
            for name in names(row[2]) where !name.hasPrefix("/") && name.first?.isUppercase == true {
                let found = ["Sources/Duties/\(name)", "Sources/\(name)"].contains(where: exists)
                #expect(found, "\(clause): no folder \(name)")
            }
        }
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(TestHouse.root)/\(path)")
    }
}
