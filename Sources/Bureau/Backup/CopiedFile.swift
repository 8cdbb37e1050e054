import Foundation
import Kernel

/// Files that are copied, measured and made durable piece by piece, so that their size does not matter.
enum CopiedFile {
    private static let piece = 1 << 20

    /// Size and SHA-256 of a file.
    /// - Throws: ``BackupProblem/missing(_:)``.
    static func measure(_ path: String, named name: String) throws -> (bytes: Int, sha256: String) {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw BackupProblem.missing(name) }
        defer { try? handle.close() }
        let digest = RunningDigest()
        while let data = try handle.read(upToCount: piece), !data.isEmpty { digest.add(Array(data)) }
        return (digest.count, digest.finish())
    }

    /// Copies a file so that it is on the disk under its name whole or not at all.
    /// - Returns: size and SHA-256 of what was copied.
    static func copy(_ source: String, to target: String) throws -> (bytes: Int, sha256: String) {
        let manager = FileManager.default
        guard let input = FileHandle(forReadingAtPath: source) else { throw BackupProblem.missing(source) }
        defer { try? input.close() }
        try manager.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let draft = "\(target).part"
        guard manager.createFile(atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600]),
            let output = FileHandle(forWritingAtPath: draft)
        else { throw BackupProblem.unwritable(target) }
        let digest = RunningDigest()
        while let data = try input.read(upToCount: piece), !data.isEmpty {
            digest.add(Array(data))
            try output.write(contentsOf: data)
        }
        try output.synchronize()
        try output.close()
        guard rename(draft, target) == 0 else { throw BackupProblem.unwritable(target) }
        return (digest.count, digest.finish())
    }

    /// Writes a small file so that it is there whole or not at all.
    static func write(_ data: Data, to target: String) throws {
        let draft = "\(target).part"
        guard
            FileManager.default.createFile(
                atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600]),
            let output = FileHandle(forWritingAtPath: draft)
        else { throw BackupProblem.unwritable(target) }
        try output.write(contentsOf: data)
        try output.synchronize()
        try output.close()
        guard rename(draft, target) == 0 else { throw BackupProblem.unwritable(target) }
    }

    /// All files below a folder by their paths within it, sorted.
    static func list(_ folder: String) -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: folder) else { return [] }
        var found: [String] = []
        for case let path as String in walker
        where (walker.fileAttributes?[.type] as? FileAttributeType) == .typeRegular {
            found.append(path)
        }
        return found.sorted()
    }

    /// Whether there is nothing at a path, or an empty folder.
    static func isEmpty(_ path: String) -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return true }
        return (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? false
    }
}
