internal import Foundation

/// Turns a page into a PDF with WeasyPrint, a program of Debian.
public enum PDF {
    /// - Parameters:
    ///   - html: a whole document that needs nothing from outside.
    ///   - path: where the PDF goes.
    /// - Throws: ``DocumentError/rendering(_:)`` where the program is missing or fails.
    public static func render(_ html: String, to path: String) async throws {
        let source = path + ".html"
        try Data(html.utf8).write(to: URL(fileURLWithPath: source), options: .atomic)
        defer { try? FileManager.default.removeItem(atPath: source) }
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        program.arguments = ["weasyprint", "--quiet", source, path]
        program.standardInput = FileHandle.nullDevice
        program.standardOutput = FileHandle.nullDevice
        program.standardError = FileHandle.nullDevice
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            program.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try program.run()
            } catch {
                continuation.resume(throwing: DocumentError.rendering("\(error)"))
            }
        }
        guard status == 0, FileManager.default.fileExists(atPath: path) else {
            throw DocumentError.rendering("weasyprint \(status)")
        }
    }
}
