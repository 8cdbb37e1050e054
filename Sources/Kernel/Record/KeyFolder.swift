internal import Foundation
import Proof

/// The secret keys of the record: `record-1.key` and so on, 32 bytes each, readable by the house alone.
struct KeyFolder {
    private let folder: String

    init(_ folder: String) { self.folder = folder }

    /// Every key of the folder by its number.
    func signers(named name: String) throws -> [Int: NoteSigner] {
        var signers: [Int: NoteSigner] = [:]
        for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard file.hasPrefix("record-"), file.hasSuffix(".key"),
                let number = Int(file.dropFirst(7).dropLast(4))
            else { continue }
            signers[number] = try read(number, name)
        }
        return signers
    }

    /// The key with a number, made if it is not there. Of two processes that start at once both get the same.
    func make(_ number: Int, named name: String) throws -> NoteSigner {
        let path = path(number)
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw RecordError.keyFile(folder)
        }
        guard !manager.fileExists(atPath: path) else { return try read(number, name) }
        // Written whole under a name of its own, then given its name, which fails where another was faster. Before
        // anything is signed it is on the disk.
        let draft = "\(path).\(Digest.hex(try Secret.bytes(8)))"
        guard
            manager.createFile(
                atPath: draft, contents: Data(try Secret.bytes(32)), attributes: [.posixPermissions: 0o600])
        else { throw RecordError.keyFile(path) }
        defer { try? manager.removeItem(atPath: draft) }
        do {
            try FileStore.waitForDisk(draft)
            try? manager.linkItem(atPath: draft, toPath: path)
            try FileStore.waitForDisk(path)
        } catch {
            throw RecordError.keyFile(path)
        }
        return try read(number, name)
    }

    private func path(_ number: Int) -> String { "\(folder)/record-\(number).key" }

    private func read(_ number: Int, _ name: String) throws -> NoteSigner {
        guard let data = FileManager.default.contents(atPath: path(number)), data.count == 32 else {
            throw RecordError.keyFile(path(number))
        }
        return try NoteSigner(name: name, seed: Array(data))
    }
}
