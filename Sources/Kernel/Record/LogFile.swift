internal import Foundation

/// Files that outsiders check.
public enum LogFile {
    /// Reads an exported log of any length through a verifier, and ends it.
    /// - Throws: ``RecordError/unreadable(_:)``.
    public static func read(_ path: String, into verifier: inout LogVerifier) throws {
        let data = try bytes(path)
        data.withUnsafeBytes { (all: UnsafeRawBufferPointer) in
            var start = 0
            while start < all.count, let base = all.baseAddress {
                let found = memchr(base + start, 0x0A, all.count - start)
                let end = found.map { UnsafeRawPointer($0) - base } ?? all.count
                if end > start { verifier.take(UnsafeRawBufferPointer(rebasing: all[start..<end])) }
                start = end + 1
            }
        }
        verifier.finish()
    }

    /// Reads a JSON file.
    /// - Throws: ``RecordError/unreadable(_:)`` or ``RecordError/noJSON(_:_:)``.
    public static func json(_ path: String) throws -> JSONValue {
        let bytes = try bytes(path)
        do throws(JSONProblem) {
            return try JSONValue(parsing: bytes, fractions: true)
        } catch {
            throw RecordError.noJSON(path, error)
        }
    }

    /// Reads a file of text.
    /// - Throws: ``RecordError/unreadable(_:)``.
    public static func text(_ path: String) throws -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else { throw RecordError.unreadable(path) }
        return text
    }

    private static func bytes(_ path: String) throws -> Data {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw RecordError.unreadable(path)
        }
    }
}
