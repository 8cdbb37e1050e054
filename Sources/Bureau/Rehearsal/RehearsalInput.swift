import Foundation
import Funding
import Kernel
import YAMLReading

/// The call of a rehearsal as its YAML file says it.
struct RehearsalCall: Decodable, Sendable {
    let programme: String
    let title: Bilingual
    let summary: Bilingual
    /// Yuan, as people write them.
    let budget: String
    let minimum: String
    let maximum: String
    let termMonths: Int
    let openDays: Int
    let expertsEach: Int
    let floor: Int

    static func load(_ path: String) throws -> RehearsalCall {
        do {
            return try YAMLReader.decode(RehearsalCall.self, from: String(contentsOfFile: path, encoding: .utf8))
        } catch {
            throw PlainProblem(
                .invalid, "rehearsal.call",
                Bilingual("指南文件 \(path) 读不出：\(error)", "Cannot read the call in \(path): \(error)"))
        }
    }

    func content() throws -> CallContent {
        var content = SampleCall.content(
            title, summary, hosts: LimitFacts.Host.allCases, minimum: try Money(parsing: minimum).fen,
            maximum: try Money(parsing: maximum).fen)
        content.termMonths = termMonths
        content.expertsEach = expertsEach
        return content
    }
}

/// One row of the file: somebody at a host asks for money for a project.
struct RehearsalRow: Sendable, Hashable {
    let number: String
    let title: String
    let host: String
    let investigator: String
    let requested: Money

    /// Reads the columns 项目批准号, 项目名称, 依托单位, 负责人, 金额 (in 万元) of a CSV file in UTF-8 or GB 18030.
    /// - Parameter limit: the first rows only; nil reads all.
    /// - Throws: a problem of kind `invalid` naming the line that cannot be read.
    static func load(_ path: String, limit: Int?) throws -> [RehearsalRow] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw PlainProblem(.invalid, "rehearsal.file", Bilingual("没有文件 \(path)", "There is no file \(path)"))
        }
        guard let text = FilledTable.text(Array(data)) else {
            throw PlainProblem(
                .invalid, "rehearsal.encoding",
                Bilingual(
                    "文件 \(path) 不是 UTF-8 或 GB 18030 编码，请另存为 UTF-8",
                    "The file \(path) is neither UTF-8 nor GB 18030: save it as UTF-8"))
        }
        let lines = CSVText.rows(text)
        let names = ["项目批准号", "项目名称", "依托单位", "负责人", "金额"]
        let places = names.compactMap { lines.first?.firstIndex(of: $0) }
        guard places.count == names.count else {
            throw PlainProblem(
                .invalid, "rehearsal.columns",
                Bilingual(
                    "文件须有列：\(names.joined(separator: "、"))",
                    "The file needs the columns \(names.joined(separator: ", "))"))
        }
        return try lines.dropFirst().prefix(limit ?? .max).enumerated().map { index, cells in
            guard places.allSatisfy({ $0 < cells.count }), let amount = try? Money(parsing: "\(cells[places[4]])万元")
            else {
                throw PlainProblem(
                    .invalid, "rehearsal.row", Bilingual("第 \(index + 2) 行读不出", "Line \(index + 2) cannot be read"))
            }
            return RehearsalRow(
                number: cells[places[0]], title: cells[places[1]], host: cells[places[2]],
                investigator: cells[places[3]],
                requested: amount)
        }
    }
}
