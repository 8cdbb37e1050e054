import ArgumentParser
import Foundation
import Kernel

/// What commands write.
enum Out {
    static func line(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    static func problem(_ text: String) {
        FileHandle.standardError.write(
            Data("kechuang: \(text.split(whereSeparator: \.isNewline).joined(separator: " "))\n".utf8))
    }

    /// One value as JSON on a line.
    static func json(_ value: JSONValue) { line(value.canonicalText) }
}

/// Turns any error into one line on standard error and exit code 1.
enum Failure {
    static func catching(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch let problem as any Problem {
            let details = problem.fields.map { " \($0.field.isEmpty ? "" : "\($0.field): ")\($0.message.en)." }.joined()
            Out.problem(problem.message.en + details)
            throw ExitCode(1)
        } catch {
            Out.problem("\(error)")
            throw ExitCode(1)
        }
    }
}
