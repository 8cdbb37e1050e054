internal import Foundation

/// The programs that come with PostgreSQL, as far as the house starts them.
enum PostgresPrograms {
    /// Runs a program of PostgreSQL on a database and waits for its end; blocks.
    /// - Throws: ``StoreError/program(_:)`` with the last line that it said.
    static func run(_ name: String, _ arguments: [String], on address: PostgresAddress) throws {
        let words = address.words()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments + ["--dbname=\(words.line)"]
        process.environment = ProcessInfo.processInfo.environment.merging(words.secrets) { _, secret in secret }
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw StoreError.program("\(name) cannot be started: \(error)")
        }
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus != 127 else {
            throw StoreError.program("\(name) is not installed (Debian package postgresql-client)")
        }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let lines = said.split(whereSeparator: \.isNewline).filter { $0.contains("error:") || $0.contains("FATAL") }
            throw StoreError.program("\(name): \(lines.first.map(String.init) ?? said)")
        }
    }
}
