import Foundation
import Kernel

/// Looks for words in answers of any kind.
enum LeakSearch {
    /// The text of an answer in lower case (of ASCII); packages and workbooks are opened.
    static func bytes(_ reply: Knocker.Reply) throws -> [UInt8] {
        var all = Array(reply.headers.utf8) + reply.body
        if Spreadsheet.isArchive(reply.body) {
            let isBook = reply.type.contains("spreadsheetml")
            all += try isBook ? cells(reply.body) : unpacked(reply.body)
        }
        return all.map { (65...90).contains($0) ? $0 + 32 : $0 }
    }

    static func contains(_ word: String, in bytes: [UInt8]) -> Bool {
        let word = Array(word.utf8)
        return bytes.withUnsafeBytes { all in
            word.withUnsafeBytes { piece in
                guard let start = all.baseAddress, let wanted = piece.baseAddress else { return false }
                var at = 0
                while let found = memchr(start + at, Int32(word[0]), all.count - at) {
                    let place = UnsafeRawPointer(found)
                    guard all.count - (place - start) >= piece.count else { return false }
                    if memcmp(place, wanted, piece.count) == 0 { return true }
                    at = place - start + 1
                }
                return false
            }
        }
    }

    /// What stands round the first occurrence of a word.
    static func context(_ word: String, in bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let range = text.range(of: word) else { return "" }
        let start = text.index(range.lowerBound, offsetBy: -100, limitedBy: text.startIndex) ?? text.startIndex
        let end = text.index(range.upperBound, offsetBy: 60, limitedBy: text.endIndex) ?? text.endIndex
        return text[start..<end].split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// Every cell of a workbook, one after another.
    private static func cells(_ bytes: [UInt8]) throws -> [UInt8] {
        try Spreadsheet.rows(bytes).flatMap { $0 }.flatMap { Array($0.utf8) + [0x0A] }
    }

    /// All files of a package, one after another.
    private static func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = "\(NSTemporaryDirectory())leak-\(UInt64.random(in: 0 ... .max)).zip"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let program = Process()
        program.executableURL = URL(filePath: "/usr/bin/python3")
        program.arguments = [
            "-c",
            "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nfor n in z.namelist(): sys.stdout.buffer.write(n.encode()+z.read(n))",
            path,
        ]
        let output = Pipe()
        program.standardOutput = output
        try program.run()
        let found = Array(output.fileHandleForReading.readDataToEndOfFile())
        program.waitUntilExit()
        return found
    }

    /// Where two answers part, with what stands there in each.
    static func difference(_ left: Knocker.Reply, _ right: Knocker.Reply) -> String {
        if left.status != right.status { return "status \(left.status) and \(right.status)" }
        let (one, other) = (Array(left.text.utf8), Array(right.text.utf8))
        let at = zip(one, other).enumerated().first { $1.0 != $1.1 }?.offset ?? min(one.count, other.count)
        func piece(_ all: [UInt8]) -> String {
            String(decoding: all[max(0, min(at, all.count) - 80)..<min(all.count, at + 60)], as: UTF8.self)
        }
        return "'\(piece(one))' and '\(piece(other))'".split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
