import BureauTestSupport
import Foundation
import Funding
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("Backup and restore")
struct BackupTests {
    /// A house with papers and keys in the folder that a server would have, and places that are free.
    private struct Place {
        let house: TestHouse
        let data: String

        init(_ engine: Engine) async throws {
            house = try await TestHouse(engine)
            let files = FileStore(folder: house.folder)
            let paper = Array("%PDF-1.4 signed".utf8)
            let call = try await house.call("natural-science")
            let item = try await house.submit(1, call: call)
            for isSealed in [false, true] {
                let hash = try files.keep(paper, sealedBy: isSealed ? house.house.vault : nil)
                let document = Document(
                    id: house.house.ids.make(), caseID: item.id, field: "paper", name: "p.pdf", size: paper.count,
                    hash: hash, type: "application/pdf", uploadedBy: "", uploadedAt: house.house.clock.now(),
                    isSealed: isSealed)
                try await house.house.db.write { tx in try DocumentStore.add(document, accepting: nil, tx) }
            }
            try await house.house.record.sign()
            data = "\(house.folder)-data"
            try FileManager.default.createDirectory(atPath: "\(data)/keys", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: house.folder, toPath: "\(data)/files")
            try Keys.write([UInt8](repeating: 7, count: 32), to: "\(data)/keys/registry.key")
        }

        func backup(withKeys: Bool = true) async throws -> (folder: String, outcome: Backup.Outcome) {
            let folder = free()
            let outcome = try await Backup.make(
                of: house.address, data: data, to: folder, withKeys: withKeys, at: house.house.clock.now())
            return (folder, outcome)
        }

        func free() -> String { "\(data)-\(UInt32.random(in: .min ... .max))" }

        /// Where a backup of this house can go.
        func empty(_ engine: Engine) async throws -> String? {
            engine == .sqlite ? nil : try await TestStore.database(.postgres)
        }
    }

    @Test(
        "A backup made under writes comes back row by row, with books, record and papers", arguments: TestStore.engines)
    func whole(engine: Engine) async throws {
        let place = try await Place(engine)
        let call = try await place.house.call("natural-science")
        async let writes: Void = {
            for number in 2...9 { _ = try await place.house.submit(number, call: call) }
        }()
        let (folder, outcome) = try await place.backup()
        try await writes
        let state = outcome.manifest.state
        #expect(state.rows > 1_000 && state.tables.count > 100 && state.record.signed > 0)
        #expect(state.papers.count == 2 && outcome.manifest.damaged.isEmpty)
        let report = try await Restore.drill(
            folder, beside: engine == .sqlite ? nil : place.house.address, keys: nil, sha256: outcome.sha256)
        #expect(report.faults == [])
        #expect(report.rows == state.rows && report.files == 2 && report.checkpoints > 0)
        #expect(report.legs == state.books.legs && report.root == state.record.root)
        #expect(report.sealed.values.reduce(0, +) > 0)
        let (target, address) = (place.free(), try await place.empty(engine))
        try await Restore.run(folder, to: target, database: address, keys: nil)
        let again = try await TestHouse.services(
            on: address ?? "sqlite:\(target)/kechuang.sqlite", folder: "\(target)/files")
        let after = try await again.house.db.read { tx in try HouseState.of(tx) }
        #expect(after == state)
        let hash = String(state.papers[0].prefix(64))
        #expect(try again.house.files.bytes(of: hash) == Array("%PDF-1.4 signed".utf8))
        // The house goes on: what was appended before is never changed, in the database itself.
        await #expect(throws: (any Error).self) {
            try await again.house.db.write { tx in try tx.run("DELETE FROM event") }
        }
    }

    @Test("A torn, changed, missing or foreign file is named, and nothing is restored from it")
    func torn() async throws {
        let place = try await Place(.sqlite)
        let (folder, outcome) = try await place.backup()
        let manager = FileManager.default
        let names = outcome.manifest.parts.map(\.path) + ["manifest.json", "manifest.sha256"]
        #expect(names.contains("database.sqlite") && names.contains("keys/registry.key") && names.count >= 6)
        func refused(_ change: () throws -> Void) async throws -> BackupProblem? {
            try change()
            let target = place.free()
            do {
                try await Restore.run(folder, to: target, database: nil, keys: nil)
                Issue.record("a broken backup was taken")
                return nil
            } catch let problem as BackupProblem {
                #expect(!manager.fileExists(atPath: target) && !manager.fileExists(atPath: "\(target).restoring"))
                return problem
            }
        }
        for name in names {
            let path = "\(folder)/\(name)"
            let good = try #require(manager.contents(atPath: path))
            var changed = good
            changed[changed.count / 2] ^= 1
            for bad in [changed, good.dropLast(1)] where name != "manifest.sha256" || bad.count == good.count {
                let problem = try await refused { try bad.write(to: URL(fileURLWithPath: path)) }
                let blamed = name == "manifest.sha256" ? "manifest.json" : name
                #expect(problem == .changed(blamed), "\(name)")
            }
            #expect(try await refused { try manager.removeItem(atPath: path) } == .missing(name))
            try good.write(to: URL(fileURLWithPath: path))
        }
        let stranger = "\(folder)/files/stranger"
        #expect(
            try await refused { try Data().write(to: URL(fileURLWithPath: stranger)) } == .stranger("files/stranger"))
        try manager.removeItem(atPath: stranger)
        // Whoever rewrites the manifest with its hash is found by the hash that was kept elsewhere.
        await #expect(throws: BackupProblem.changed("manifest.json")) {
            try await Restore.run(
                folder, to: place.free(), database: nil, keys: nil, sha256: String(repeating: "0", count: 64))
        }
        try await Restore.run(folder, to: place.free(), database: nil, keys: nil, sha256: outcome.sha256)
    }

    @Test("The drill finds a row, a leg and a leaf that are not as they were")
    func differences() async throws {
        let changes: [(SQL, String)] = [
            ("UPDATE person SET title = 'changed' WHERE id = (SELECT MIN(id) FROM person)", "table person"),
            ("UPDATE ledger_account SET in_fen = in_fen + 1 WHERE kind = 'source'", "trial balance"),
            ("UPDATE record_leaf SET leaf = '{}' WHERE position = 3", "leaf 3"),
            ("DELETE FROM document", "table document"),
        ]
        let place = try await Place(.sqlite)
        for (change, words) in changes {
            let (folder, outcome) = try await place.backup()
            let path = "\(folder)/database.sqlite"
            let db = try Database.open("sqlite:\(path)")
            let table = ["event", "record_leaf", "ledger_leg"]
            try await db.write { tx in
                for name in table {
                    for kind in ["updated", "deleted"] {
                        try tx.run(SQL(unchecked: "DROP TRIGGER IF EXISTS \(name)_never_\(kind)"))
                    }
                }
                try tx.run(change)
            }
            await db.close()
            for file in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + file) }
            let (bytes, hash) = try CopiedFile.measure(path, named: path)
            let old = outcome.manifest
            let parts = old.parts.map {
                $0.path == "database.sqlite" ? BackupManifest.Part(path: $0.path, bytes: bytes, sha256: hash) : $0
            }
            let forged = BackupManifest(
                format: old.format, madeAt: old.madeAt, engine: old.engine, parts: parts, keys: old.keys,
                state: old.state, damaged: [])
            _ = try forged.write(to: folder)
            let faults = try await Restore.drill(folder, beside: nil, keys: nil).faults
            #expect(faults.contains { $0.en.contains(words) }, "\(words): \(faults.map(\.en))")
        }
    }

    @Test("A place that is not empty, another kind of database and the wrong keys are refused")
    func refusals() async throws {
        let place = try await Place(.sqlite)
        let (folder, _) = try await place.backup(withKeys: false)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/keys"))
        func attempt(_ data: String, _ database: String?, _ keys: String?) async throws -> BackupProblem? {
            do {
                try await Restore.run(folder, to: data, database: database, keys: keys)
                return nil
            } catch let problem as BackupProblem {
                return problem
            }
        }
        let name = Vault(key: [UInt8](repeating: 7, count: 32)).newestKey
        #expect(try await attempt(place.free(), nil, nil) == .otherKeys([name]))
        let other = place.free()
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        try Keys.write([UInt8](repeating: 8, count: 32), to: "\(other)/registry.key")
        #expect(try await attempt(place.free(), nil, other) == .otherKeys([name]))
        #expect(try await attempt(place.data, nil, "\(place.data)/keys") == .exists(place.data))
        #expect(
            try await attempt(place.free(), "postgres://x@127.0.0.1:1/x", "\(place.data)/keys")
                == .otherEngine("sqlite"))
        #expect(try await attempt(place.free(), nil, "\(place.data)/keys") == nil)
        await #expect(throws: BackupProblem.exists(folder)) {
            _ = try await Backup.make(
                of: place.house.address, data: place.data, to: folder, withKeys: false,
                at: place.house.house.clock.now())
        }
    }

    @Test("A paper that the disk lost or spoiled is named when the backup is made")
    func damagedPaper() async throws {
        let place = try await Place(.sqlite)
        let hash = Digest.hex(Digest.sha256(Array("%PDF-1.4 signed".utf8)))
        let path = FileStore(folder: "\(place.data)/files").path(of: hash)
        try Data("rot".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try await place.backup().outcome.manifest.damaged == [hash])
        try FileManager.default.removeItem(atPath: path)
        let (folder, outcome) = try await place.backup()
        #expect(outcome.manifest.damaged == [hash])
        let faults = try await Restore.drill(folder, beside: nil, keys: nil).faults
        #expect(faults.count == 1 && faults.allSatisfy { $0.en.contains("as it was when the backup was made") })
    }
}
