import ArgumentParser
import Foundation
import Kernel
import Store

/// What commands write.
enum Out {
    static func line(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    /// A text that has its own line ends.
    static func text(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    private static func problem(_ text: String) {
        FileHandle.standardError.write(
            Data("kechuang: \(text.split(whereSeparator: \.isNewline).joined(separator: " "))\n".utf8))
    }

    /// The one way to tell an error: in both languages, whoever reads it.
    static func problem(_ text: Bilingual) { problem(text.inOneLine) }

    /// One value as JSON on a line.
    static func json(_ value: JSONValue) { line(value.canonicalText) }
}

extension Bilingual {
    /// English, then Chinese; once where they are the same.
    var inOneLine: String { en == zh ? en : "\(en) / \(zh)" }
}

extension PlainProblem {
    /// What is wrong with a command's options or files, and how to mend it.
    static func command(_ zh: String, _ en: String) -> PlainProblem {
        PlainProblem(.invalid, "command", Bilingual(zh, en))
    }

    /// Does something with the content of a file, whose problems then say which file it was.
    static func naming<T>(_ file: String, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let problem as any Problem {
            let (zh, en) = (problem.message.zh, problem.message.en)
            throw PlainProblem(
                problem.kind, problem.code, Bilingual("\(file)：\(zh)", "\(file): \(en)"), fields: problem.fields)
        }
    }
}

/// Turns any error into one line on standard error and exit code 1.
enum Failure {
    static func catching(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch let problem as any Problem {
            Out.problem(whole(problem))
            throw ExitCode(1)
        } catch let error as StoreError {
            Out.problem(Bilingual(error.chinese, "\(error)"))
            throw ExitCode(1)
        } catch let fault as LogFault {
            Out.problem(Bilingual(fault.message.zh, "\(fault.message.en) [\(fault.code)]"))
            throw ExitCode(1)
        } catch {
            Out.problem(Bilingual("发生未预料的错误，详情见前面的英文。", "\(error)"))
            throw ExitCode(1)
        }
    }

    /// The message of a problem with what is wrong in each field.
    private static func whole(_ problem: any Problem) -> Bilingual {
        let en = problem.fields.map { " \($0.field.isEmpty ? "" : "\($0.field): ")\($0.message.en)." }.joined()
        let zh = problem.fields.map { field in
            let text = field.message.zh.hasSuffix("。") ? String(field.message.zh.dropLast()) : field.message.zh
            return "\(field.field.isEmpty ? "" : "\(place(field.field))：")\(text)。"
        }.joined()
        return Bilingual(problem.message.zh + zh, problem.message.en + en)
    }

    /// Fields are named by their path, except the lines of a file.
    private static func place(_ field: String) -> String {
        field.hasPrefix("line ") ? "第 \(field.dropFirst(5)) 行" : field
    }
}
