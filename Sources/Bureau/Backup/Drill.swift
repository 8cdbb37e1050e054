import Foundation
import Kernel
import Ledger
import Store

extension Restore {
    /// Restores a backup into a fresh temporary place, compares what came back with what the house held when the backup
    /// was made, and removes the place.
    /// - Parameters:
    ///   - address: for a backup of PostgreSQL: a server where a database may be made and dropped.
    ///   - keys: the folder of the keys; with it, sealed content is tried as well.
    /// - Throws: ``BackupProblem``, `StoreError`; a difference is no error but stands in the report.
    public static func drill(
        _ folder: String, beside address: String?, keys: String?, sha256: String? = nil
    ) async throws -> Report {
        let manifest = try BackupManifest.read(from: folder, sha256: sha256)
        let name = "kechuang_drill_\(Digest.hex(try Secret.bytes(6)))"
        let place = "\(NSTemporaryDirectory())\(name)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        guard manifest.engine == Engine.postgres.rawValue else {
            try await fill(place, from: folder, manifest, database: nil, keys: keys)
            return try await report(manifest, at: place, "sqlite:\(place)/kechuang.sqlite")
        }
        guard let address, !address.hasPrefix("sqlite:") else { throw BackupProblem.otherEngine(manifest.engine) }
        let database = try Database.create(name, beside: address)
        defer { try? Database.drop(name, beside: address) }
        try await fill(place, from: folder, manifest, database: database, keys: keys)
        return try await report(manifest, at: place, database)
    }

    private static func report(
        _ manifest: BackupManifest, at place: String, _ address: String
    ) async throws -> Report {
        let db = try Database.open(address, DatabaseOptions(connections: 1))
        var report = Report()
        report.faults = try await db.integrityFaults().map { Bilingual($0, $0) }
        let (state, books) = try await db.read { tx in (try HouseState.of(tx), try LedgerCheck.run(tx)) }
        report.tables = state.tables.count
        report.rows = state.rows
        report.faults += manifest.state.differences(from: state)
        (report.postings, report.legs, report.trial) = (state.books.postings, state.books.legs, state.books.trial)
        let rest = state.books.trial.reduce(Money.zero) { $0 + $1.balance }
        if rest != .zero {
            report.faults.append(Bilingual("试算不平：\(rest.yuanText)", "the trial balance is off by \(rest.yuanText)"))
        }
        report.faults += books.faults.map {
            Bilingual("\($0.subject)：\($0.message.zh)", "\($0.subject): \($0.message.en)")
        }
        try await checkRecord(db, state, &report)
        try checkFiles(manifest, state, at: place, &report)
        try await checkKeys(db, at: place, &report)
        await db.close()
        return report
    }

    /// Adds the tree up from its events, and reads the log as an outsider would, with the public keys.
    private static func checkRecord(_ db: Database, _ state: HouseState, _ report: inout Report) async throws {
        (report.leaves, report.signed, report.root) = (state.record.size, state.record.signed, state.record.root)
        report.faults += try await RecordAudit.faults(db)
        guard state.record.signed > 0 else { return }
        var verifier = LogVerifier(keys: try await db.read { tx in try RecordStore.published(tx) })
        try await LogExport.write(db) { text in
            for line in text.utf8.split(separator: UInt8(ascii: "\n")) { verifier.take(Array(line)) }
        }
        verifier.finish()
        report.checkpoints = verifier.checkpoints
        report.faults += verifier.faults.map(\.message)
    }

    /// Every paper that is registered is there; those that lacked already when the backup was made are told as well.
    private static func checkFiles(
        _ manifest: BackupManifest, _ state: HouseState, at place: String, _ report: inout Report
    ) throws {
        let files = FileStore(folder: "\(place)/files")
        for paper in state.papers {
            let isSealed = paper.hasSuffix(".sealed")
            let hash = String(paper.prefix(64))
            let path = isSealed ? files.sealedPath(of: hash) : files.path(of: hash)
            let found = try? CopiedFile.measure(path, named: path)
            if let found, isSealed || found.sha256 == hash {
                report.files += 1
            } else {
                report.faults.append(
                    Bilingual(
                        "文件 \(paper) 缺失或与登记不符" + (manifest.damaged.contains(paper) ? "（备份时已如此）" : ""),
                        "the file \(paper) is missing or not as registered"
                            + (manifest.damaged.contains(paper) ? ", as it was when the backup was made" : "")))
            }
        }
    }

    private static func checkKeys(_ db: Database, at place: String, _ report: inout Report) async throws {
        guard FileManager.default.fileExists(atPath: "\(place)/keys/registry.key") else { return }
        let vault = try KeyRing(folder: "\(place)/keys").vault
        report.sealed = try await KeyRotation(
            db: db, vault: vault, files: FileStore(folder: "\(place)/files"), columns: Services.sealed
        ).census()
        if let strange = report.sealed[""], strange > 0 {
            report.faults.append(
                Bilingual(
                    "\(strange) 项加密内容不是由这些密钥加密",
                    "\(counted(strange, "sealed value is", "sealed values are")) not of these keys"))
        }
    }
}
