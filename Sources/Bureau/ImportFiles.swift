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
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw PlainProblem(
                .invalid, "import.map", Bilingual("映射文件 \(path) 不是 UTF-8 文本。", "The map \(path) is not text in UTF-8."))
        }
        do {
            return try YAMLReader.decode(ImportMap.self, from: text)
        } catch {
            let reason = YAMLReader.reason(error)
            throw PlainProblem(
                .invalid, "import.map",
                Bilingual("映射文件 \(path) 读不出：\(reason)", "Cannot read the map \(path): \(reason)"))
        }
    }

    /// Whether there is a folder at a path.
    public static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Tries, before anything is taken, whether a report can be written, and leaves nothing behind.
    /// - Throws: a problem of kind `invalid` naming the file.
    public static func tryReport(_ path: String) throws {
        let (manager, draft) = (FileManager.default, "\(path).part")
        guard !isFolder(path), manager.createFile(atPath: draft, contents: nil) else { throw unwritable(path) }
        try? manager.removeItem(atPath: draft)
    }

    private static func unwritable(_ path: String) -> PlainProblem {
        PlainProblem(
            .invalid, "import.report",
            Bilingual("无法写入报告文件 \(path)，请核对路径、权限和磁盘空间。", "The report \(path) cannot be written."))
    }

    private static func save(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw unwritable(path)
        }
    }

    /// Writes a report of every line as CSV.
    /// - Throws: a problem of kind `invalid` naming the file.
    public static func write(_ report: Importer.Report, to path: String) throws {
        var text = "\u{FEFF}line,key,outcome,note,note_en\r\n"
        for line in report.lines {
            text +=
                "\(line.number),\(cell(line.key)),\(line.outcome.rawValue),\(cell(line.note?.zh ?? "")),\(cell(line.note?.en ?? ""))\r\n"
        }
        try save(text, to: path)
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
        try save(text, to: path)
    }

    private static func cell(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
}
