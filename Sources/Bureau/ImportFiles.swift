import Foundation
public import Funding
import Kernel
public import Review
import YAMLReading

/// Files of imports.
public enum ImportFiles {
    /// - Throws: ``ImportError/unreadable(_:)``.
    public static func bytes(_ path: String) throws(ImportError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path) }
        return Array(data)
    }

    /// Reads a map.
    /// - Throws: a problem of kind `invalid` naming what is wrong with the file.
    public static func map(_ path: String) throws -> ImportMap {
        do {
            return try YAMLReader.decode(ImportMap.self, from: String(contentsOfFile: path, encoding: .utf8))
        } catch {
            throw PlainProblem(
                .invalid, "import.map", Bilingual("映射文件 \(path) 读不出：\(error)", "Cannot read the map \(path): \(error)"))
        }
    }

    /// Writes a report of every line as CSV.
    /// - Throws: an error of the file system.
    public static func write(_ report: Importer.Report, to path: String) throws {
        var text = "\u{FEFF}line,key,outcome,note,note_en\r\n"
        for line in report.lines {
            text +=
                "\(line.number),\(cell(line.key)),\(line.outcome.rawValue),\(cell(line.note?.zh ?? "")),\(cell(line.note?.en ?? ""))\r\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// The same of a file of ties.
    public static func write(_ report: TieImport, to path: String) throws {
        var text = "\u{FEFF}line,expert,with,outcome,note,note_en\r\n"
        for line in report.lines {
            let zh = line.problems.map(\.message.zh).joined(separator: "；")
            let en = line.problems.map(\.message.en).joined(separator: "; ")
            text +=
                "\(line.number),\(cell(line.expert)),\(cell(line.with)),\(line.outcome.rawValue),\(cell(zh)),\(cell(en))\r\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func cell(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
}
