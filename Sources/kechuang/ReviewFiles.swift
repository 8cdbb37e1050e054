import Bureau
import Foundation
import Judgement
import Kernel

/// Files of the review commands.
enum ReviewFiles {
    /// At most so many bad lines are named.
    private static let shown = 20

    static func bytes(_ path: String) throws -> [UInt8] { try ImportFiles.bytes(path) }

    /// The rows of a CSV file in UTF-8.
    static func rows(_ path: String) throws -> [[String]] {
        guard let text = TextEncoding.utf8.decode(try bytes(path)) else {
            throw PlainProblem(
                .invalid, "review.encoding", Bilingual("文件 \(path) 不是 UTF-8 文本。", "The file \(path) is not UTF-8."))
        }
        return CSVText.rows(text)
    }

    /// Turns bad lines into one problem that names them.
    static func naming<T>(_ path: String, _ body: () throws(LineProblems) -> T) throws -> T {
        do {
            return try body()
        } catch {
            let count = error.problems.count
            var fields = error.problems.prefix(shown).map { problem in
                FieldProblem(
                    field: "line \(problem.line)", code: "review.line", message: Bilingual(problem.zh, problem.en))
            }
            if count > shown {
                let more = Bilingual("另有 \(count - shown) 行", "and \(counted(count - shown, "more line"))")
                fields.append(FieldProblem(field: "", code: "review.lines", message: more))
            }
            throw PlainProblem(
                .invalid, "review.lines",
                Bilingual("文件 \(path) 有 \(count) 行不能采用：", "\(counted(count, "line")) of \(path) cannot be taken:"),
                fields: fields)
        }
    }
}
