import Foundation
public import Kernel
public import Ledger
import Store

/// Brings a house back from a backup, or tries whether that would work.
public enum Restore {
    /// What a restored house was compared with and what came out.
    public struct Report: Codable, Sendable {
        public var tables = 0
        public var rows = 0
        public var files = 0
        public var postings = 0
        public var legs = 0
        public var trial: [TrialLine] = []
        public var leaves = 0
        /// Leaves that signed checkpoints cover, and how many of those hold.
        public var signed = 0
        public var checkpoints = 0
        public var root = ""
        /// Sealed values by the name of the key that sealed them; empty where no keys were given.
        public var sealed: [String: Int] = [:]
        /// What differs; empty where the backup is as good as the house was.
        public var faults: [Bilingual] = []
    }

    /// Brings a backup to an empty place.
    /// - Parameters:
    ///   - data: the folder for database, files and keys: it is not there yet, or empty.
    ///   - address: an empty database; nil makes a SQLite file in the data folder.
    ///   - keys: the folder of the keys, where the backup was made without them.
    ///   - sha256: of the manifest, where it was kept elsewhere.
    /// - Throws: ``BackupProblem`` that names what is wrong; nothing is left at the place then.
    @discardableResult
    public static func run(
        _ folder: String, to data: String, database address: String?, keys: String?, sha256: String? = nil
    ) async throws -> BackupManifest {
        let manifest = try BackupManifest.read(from: folder, sha256: sha256)
        let given = Set(try Backup.keyNames(keys ?? "\(folder)/keys"))
        let lacking = manifest.keys.filter { !given.contains($0) }
        guard lacking.isEmpty else { throw BackupProblem.otherKeys(lacking) }
        try await fill(data, from: folder, manifest, database: address, keys: keys)
        return manifest
    }

    /// Puts everything together beside the place and gives it its name at the end.
    static func fill(
        _ data: String, from folder: String, _ manifest: BackupManifest, database address: String?, keys: String?
    ) async throws {
        let isSQLite = manifest.engine == Engine.sqlite.rawValue
        guard isSQLite == (address?.hasPrefix("sqlite:") ?? isSQLite), isSQLite || address != nil,
            let database = manifest.database
        else { throw BackupProblem.otherEngine(manifest.engine) }
        let draft = "\(data).restoring"
        for place in [data, draft] where !CopiedFile.isEmpty(place) { throw BackupProblem.exists(place) }
        do {
            try copyFiles(draft, from: folder, manifest, keys)
            try await Database.load(
                "\(folder)/\(database.path)", into: address ?? "sqlite:\(draft)/kechuang.sqlite")
            if FileManager.default.fileExists(atPath: data) { try FileManager.default.removeItem(atPath: data) }
            guard rename(draft, data) == 0 else { throw BackupProblem.unwritable(data) }
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw error
        }
    }

    private static func copyFiles(
        _ draft: String, from folder: String, _ manifest: BackupManifest, _ keys: String?
    ) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(draft)/files/spool", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw BackupProblem.unwritable(draft)
        }
        for part in manifest.parts where part.path != manifest.database?.path {
            if keys != nil, part.path.hasPrefix("keys/") { continue }
            let copied = try CopiedFile.copy("\(folder)/\(part.path)", to: "\(draft)/\(part.path)")
            guard copied.sha256 == part.sha256 else { throw BackupProblem.changed(part.path) }
        }
        for name in keys.map(CopiedFile.list) ?? [] {
            _ = try CopiedFile.copy("\(keys ?? "")/\(name)", to: "\(draft)/keys/\(name)")
        }
        if FileManager.default.fileExists(atPath: "\(draft)/keys") {
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: "\(draft)/keys")
        }
    }
}
