import Foundation
public import Kernel
import Store

/// Writes a backup of a house that goes on working: its database as it was at one moment, its files, on request its
/// keys, and a manifest of what it held at that moment.
public enum Backup {
    /// What was made.
    public struct Outcome: Sendable {
        public let manifest: BackupManifest
        /// SHA-256 of the manifest, to be kept elsewhere: whoever can change the backup can change what stands beside
        /// it.
        public let sha256: String
    }

    /// Writes the folder; it must not exist yet.
    ///
    /// The database comes first and the files after it: a file is on the disk before it is registered, so all that the
    /// copy names are there, but for those whose bytes were erased meanwhile.
    /// - Parameters:
    ///   - data: folder of the files and the keys.
    ///   - withKeys: also copies the secret keys; then whoever has the backup can read what is sealed in it.
    /// - Throws: ``BackupProblem``, `StoreError`.
    public static func make(
        of address: String, data: String, to folder: String, withKeys: Bool, at now: Instant
    ) async throws -> Outcome {
        guard CopiedFile.isEmpty(folder) else { throw BackupProblem.exists(folder) }
        let db = try Database.open(address, DatabaseOptions(connections: 2))
        try await checkSchema(db)
        let name = db.engine == .sqlite ? "database.sqlite" : "database.dump"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BackupProblem.unwritable(folder)
        }
        let state = try await db.dump(to: "\(folder)/\(name)") { tx in try HouseState.of(tx) }
        await db.close()
        let (bytes, sha256) = try CopiedFile.measure("\(folder)/\(name)", named: name)
        var parts = [BackupManifest.Part(path: name, bytes: bytes, sha256: sha256)]
        parts += try copyFiles(from: data, to: folder)
        if withKeys { parts += try copy("keys", of: data, to: folder) { !$0.hasSuffix(".new") } }
        let manifest = BackupManifest(
            format: BackupManifest.format, madeAt: text(now), engine: db.engine.rawValue, parts: parts,
            keys: try keyNames("\(data)/keys"), state: state, damaged: damaged(state.papers, among: parts))
        return Outcome(manifest: manifest, sha256: try manifest.write(to: folder))
    }

    /// The names of the keys in a folder; none where it has no keys.
    static func keyNames(_ folder: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: "\(folder)/registry.key") else { return [] }
        return try KeyRing(folder: folder).vault.keyNames
    }

    private static func checkSchema(_ db: Database) async throws {
        let done = try await db.read { tx -> Set<String> in
            guard try tx.tables().contains("migration") else { return [] }
            return Set(try tx.rows("SELECT id FROM migration") { try $0["id"] as String })
        }
        let known = Set(Services.migrations.flatMap(\.steps).map(\.id))
        if let odd = done.symmetricDifference(known).min() { throw BackupProblem.otherSchema(odd) }
    }

    private static func copyFiles(from data: String, to folder: String) throws -> [BackupManifest.Part] {
        // What is in the spool lives as long as one answer; a name with an ending is being written just now.
        try copy("files", of: data, to: folder) { path in
            let name = (path as NSString).lastPathComponent
            return !path.hasPrefix("spool/") && (name.count == 64 || name.hasSuffix(".sealed"))
        }
    }

    private static func copy(
        _ part: String, of data: String, to folder: String, where isWanted: (String) -> Bool
    ) throws -> [BackupManifest.Part] {
        try CopiedFile.list("\(data)/\(part)").filter(isWanted).compactMap { path in
            do {
                let (bytes, sha256) = try CopiedFile.copy("\(data)/\(part)/\(path)", to: "\(folder)/\(part)/\(path)")
                return BackupManifest.Part(path: "\(part)/\(path)", bytes: bytes, sha256: sha256)
            } catch BackupProblem.missing {
                // Erased since the folder was listed.
                return nil
            }
        }
    }

    /// Papers whose file is missing, or holds something else than its name says.
    private static func damaged(_ papers: [String], among parts: [BackupManifest.Part]) -> [String] {
        let found = Dictionary(
            parts.map { (($0.path as NSString).lastPathComponent, $0.sha256) }, uniquingKeysWith: { first, _ in first })
        return papers.filter { paper in
            guard let hash = found[paper] else { return true }
            return !paper.hasSuffix(".sealed") && hash != paper
        }
    }

    private static func text(_ now: Instant) -> String {
        Date(timeIntervalSince1970: Double(now.microseconds / 1_000_000)).ISO8601Format()
    }
}
