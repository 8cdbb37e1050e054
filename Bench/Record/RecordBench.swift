import Foundation
import Kernel
import Proof
import Store

/// The speed of the record: durable appends, proofs in a large tree, verification of an exported log.
@main
struct RecordBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let leaves = arguments.count > 1 ? Int(arguments[1]) ?? 10_000_000 : 10_000_000
        let folder = NSTemporaryDirectory() + "kechuang-record-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try verification(1_000_000, folder)
        var engines = [("SQLite", "sqlite:\(folder)/record.sqlite")]
        if let address = ProcessInfo.processInfo.environment["KECHUANG_TEST_PG"] {
            engines.append(("PostgreSQL", address))
        }
        for (name, address) in engines {
            let db = try Database.open(address, DatabaseOptions(connections: 16, waitSeconds: 60))
            try await db.migrate([Settings.migrations, NumberSeries.migrations, Record.migrations])
            try await appends(name, db)
            try await proofs(name, db, leaves)
            await db.close()
        }
    }

    private static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Seconds that the processor worked for this process: other programs on the machine do not count.
    private static func processor() -> Double { Double(clock()) / 1_000_000 }

    private static func say(_ name: String, _ text: String) {
        let gap = String(repeating: " ", count: max(1, 12 - name.count))
        FileHandle.standardOutput.write(Data("\(name)\(gap)\(text)\n".utf8))
    }

    // MARK: - Appends

    /// 64 writers, each event in a durable transaction of its own as the house writes them, while the sequencer works.
    private static func appends(_ name: String, _ db: Database) async throws {
        let (writers, each) = (64, 250)
        let time = SystemClock()
        let cases = (0..<2_000).map { _ in ID<CaseFile>(String(UInt64.random(in: .min ... .max), radix: 16)) }
        @Sendable func event(_ number: Int) -> Event {
            let caseID = cases[Int.random(in: 0..<cases.count)]
            return Event(
                room: "bench", kind: "case.done", subjectKind: "case", subject: caseID.text, caseID: caseID,
                actor: .system, at: time.now(),
                content: ["number": .integer(Int64(number)), "from": "draft", "to": "formal-check"])
        }
        // A house that has some history: in an empty one all cases lie in one page, and PostgreSQL sees conflicts.
        for block in 0..<40 {
            try await db.write { tx in for number in 0..<500 { try Record.append(event(block * 500 + number), tx) } }
        }
        while try await Record.sequence(in: db) > 0 {}
        let start = processor()
        let elapsed = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<writers {
                    group.addTask {
                        for number in 0..<each { try await db.write { tx in _ = try Record.append(event(number), tx) } }
                    }
                }
                group.addTask {
                    // Works as long as events come, twenty times a second; what is left at the end is counted too.
                    var placed = 0
                    while placed < writers * each {
                        placed += try await Record.sequence(in: db)
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
                try await group.waitForAll()
            }
        }
        let own = (processor() - start) / Double(writers * each)
        say(
            name,
            "appended and in the tree, 64 writers   \(Int(Double(writers * each) / elapsed))/s (goal ≥ 2000), "
                + "\(micro(own)) µs of processor each")
    }

    // MARK: - Proofs

    private static func proofs(_ name: String, _ db: Database, _ leaves: Int) async throws {
        try await db.write { tx in try tx.run("DELETE FROM record_tile") }
        var size = 0
        var edge: [TilePlace: [TreeHash]] = [:]
        let building = try await seconds {
            while size < leaves {
                guard var growth = TileGrowth(size: size, tiles: edge) else { throw RecordError.damagedTree }
                for index in size..<min(leaves, size + 200_000) { growth.append(leaf(index)) }
                let changes = growth.changes
                try await db.write { tx in try Record.keep(changes, tx) }
                size = growth.size
                let places = TileGrowth.edge(of: size)
                edge = edge.merging(changes) { _, new in new }.filter { places.contains($0.key) }
            }
        }
        let end = size
        let root = try await db.read { tx in try Record.root(of: end, tx) }
        say(name, "\(end) leaves stored in \(Int(building)) s")
        var (inclusion, consistency, checking): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<3_000 {
            let (index, old) = (Int.random(in: 0..<end), Int.random(in: 1..<end))
            var path: [TreeHash] = []
            inclusion.append(
                try await seconds { path = try await db.read { tx in try Record.inclusion(of: index, in: end, tx) } })
            let found = path
            checking.append(
                try await seconds {
                    guard TreeProof.includes(leaf(index), at: index, in: end, root: root, path: found) else {
                        throw RecordError.damagedTree
                    }
                })
            consistency.append(
                try await seconds { _ = try await db.read { tx in try Record.consistency(from: old, to: end, tx) } })
        }
        for (what, times) in [("inclusion", inclusion), ("consistency", consistency), ("check of one", checking)] {
            let sorted = times.sorted()
            let gap = String(repeating: " ", count: 13 - what.count)
            say(
                name,
                "\(what)\(gap)p50 \(micro(sorted[sorted.count / 2])) µs   p99 \(micro(sorted[sorted.count * 99 / 100])) µs"
                    + (what == "check of one" ? "" : "   (goal < 1000)"))
        }
    }

    private static func micro(_ seconds: Double) -> Int { Int((seconds * 1_000_000).rounded()) }

    private static func leaf(_ index: Int) -> TreeHash { TreeHash.leaf("leaf \(index)".utf8) }

    // MARK: - Verification

    /// An exported log as the house writes it: one leaf in fifty in clear, a checkpoint every thousand.
    private static func verification(_ leaves: Int, _ folder: String) throws {
        let signer = try NoteSigner(name: "bench/record", seed: Array(0..<32))
        let keys = LogKeys(origin: "bench/record", keys: [.init(key: signer.verifier, until: nil)])
        var tree = GrowingTree()
        var text = "{\"format\":\"kechuang-log-1\",\"origin\":\"bench/record\"}\n"
        for index in 0..<leaves {
            let seal = Digest.hex(TreeHash.leaf("seal \(index)".utf8).bytes)
            let clear =
                index.isMultiple(of: 50)
                ? "\"event\":{\"at\":1,\"content\":{},\"id\":\"\(index)\",\"kind\":\"notice.published\"}," : ""
            let leaf = "{\(clear)\"seal\":\"\(seal)\"}"
            text += "{\"index\":\(index),\"leaf\":\(leaf)}\n"
            tree.append(TreeHash.leaf(leaf.utf8))
            if tree.size.isMultiple(of: 1_000) {
                let note = try SignedNote(
                    Checkpoint(origin: "bench/record", size: tree.size, root: tree.root).text, by: [signer]
                ).note
                text += (["checkpoint": .string(note)] as JSONValue).canonicalText + "\n"
            }
        }
        let path = "\(folder)/log.jsonl"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var times: [(Double, Double)] = []
        for _ in 0..<3 {
            var reader = LogVerifier(keys: keys)
            let (start, work) = (ContinuousClock.now, processor())
            try LogFile.read(path, into: &reader)
            times.append(((ContinuousClock.now - start) / .seconds(1), processor() - work))
            guard reader.faults.isEmpty, reader.leaves == leaves else { throw RecordError.damagedTree }
        }
        func rounded(_ value: Double?) -> Double { ((value ?? 0) * 100).rounded() / 100 }
        say(
            "verify log",
            "\(leaves) leaves, \(text.utf8.count >> 20) MiB, in \(rounded(times.map(\.0).min())) s, "
                + "\(rounded(times.map(\.1).min())) s of processor")
    }
}
