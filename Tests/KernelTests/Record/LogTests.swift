import Foundation
import Proof
import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("The exported log and what an outsider finds in it")
struct LogTests {
    /// A log with several checkpoints.
    private func house(_ engine: Engine) async throws -> RecordHouse {
        let house = try await RecordHouse(engine)
        for count in [4, 9, 1, 20] {
            try await house.append(count)
            try await house.keeper.sign()
        }
        return house
    }

    private func places(_ lines: [String], of word: String) -> [Int] {
        lines.indices.filter { lines[$0].contains(word) }
    }

    @Test("An honest log holds, with its keys alone", arguments: TestStore.engines)
    func honest(engine: Engine) async throws {
        let house = try await house(engine)
        let lines = try await house.export()
        #expect(try await house.faults(lines).isEmpty)
        #expect(places(lines, of: "checkpoint").count == 4)
        var verifier = LogVerifier(keys: try await house.keys(), keeping: ["test.shown"])
        for line in lines { verifier.take(line.utf8.map { $0 }) }
        verifier.finish()
        #expect(verifier.leaves == 35 && verifier.checkpoints == 4 && verifier.last?.size == 35)
        #expect(!verifier.events.isEmpty)
    }

    @Test(
        "A changed, removed, exchanged or added leaf is found, and no line can be left out",
        arguments: TestStore.engines)
    func tampered(engine: Engine) async throws {
        let house = try await house(engine)
        let lines = try await house.export()
        let leaves = places(lines, of: "\"leaf\"")
        for at in leaves {
            var changed = lines
            changed[at] = lines[at].replacing("\"seal\":\"", with: "\"seal\":\"0")
            #expect(try await house.faults(changed).first == "leaf.changed", "line \(at)")
            var removed = lines
            removed.remove(at: at)
            let found = try await house.faults(removed).first
            #expect(found == "leaf.missing" || found == "leaf.count", "line \(at)")
        }
        for line in lines.indices.dropLast().dropFirst() {
            var removed = lines
            removed.remove(at: line)
            let isCheckpoint = lines[line].contains("checkpoint")
            #expect(try await house.faults(removed).isEmpty == isCheckpoint, "line \(line)")
        }
        var swapped = lines
        swapped.swapAt(leaves[6], leaves[7])
        #expect(try await house.faults(swapped).first == "leaf.missing")
        // The same with their numbers put right.
        swapped[leaves[6]] = swapped[leaves[6]].replacing("\"index\":7", with: "\"index\":6")
        swapped[leaves[7]] = swapped[leaves[7]].replacing("\"index\":6", with: "\"index\":7")
        #expect(try await house.faults(swapped).first == "leaf.changed")
        var twice = lines
        twice.insert(lines[leaves[3]], at: leaves[3])
        #expect(try await house.faults(twice).first == "leaf.order")
        #expect(try await house.faults(lines.dropLast()) == ["log.unsigned-end"])
    }

    @Test("A log whose end was cut off is found by whoever holds a later checkpoint", arguments: TestStore.engines)
    func shortened(engine: Engine) async throws {
        let house = try await house(engine)
        let lines = try await house.export()
        let checkpoints = places(lines, of: "checkpoint")
        let short = Array(lines[...checkpoints[2]])
        #expect(try await house.faults(short).isEmpty)
        let latest = try #require(try await house.db.read { tx in try RecordStore.latest(tx) })
        let held = try await house.keys().checkpoint(latest.note)
        #expect(try await house.faults(short, held: [held]) == ["log.shortened"])
        #expect(try await house.faults(lines, held: [held]).isEmpty)
    }

    @Test(
        "A forked log is found: by a held checkpoint, by the two checkpoints in it, by bringing one to the house",
        arguments: TestStore.engines)
    func forked(engine: Engine) async throws {
        let house = try await house(engine)
        let keys = try await house.keys()
        // The same keys sign another history.
        let other = try await RecordHouse(engine, folder: house.folder)
        other.clock.set(to: house.clock.now())
        for count in [4, 9, 1, 20] {
            try await other.append(count)
            try await other.keeper.sign()
        }
        let (lines, theirs) = (try await house.export(), try await other.export())
        #expect(try await other.faults(theirs).isEmpty)
        let note = try #require(try await other.db.read { tx in try RecordStore.checkpoint(covering: 5, tx) })
        let held = try keys.checkpoint(note.note)
        #expect(try await house.faults(lines, held: [held]).contains("log.forked"))
        let ours = try #require(try await house.db.read { tx in try RecordStore.checkpoint(of: 14, tx) })
        #expect(try await other.faults(theirs, held: [try keys.checkpoint(ours.note)]).contains("log.forked"))
        let line = try #require(lines.first { $0.contains("checkpoint") && $0.contains("\\n14\\n") })
        let signer = try NoteSigner(
            name: keys.origin, seed: Array(try Data(contentsOf: URL(fileURLWithPath: "\(house.folder)/record-1.key"))))
        let forged = try SignedNote(Checkpoint(origin: keys.origin, size: 14, root: .empty).text, by: [signer]).note
        var both = lines
        let forgedLine: JSONValue = ["checkpoint": .string(forged)]
        both.insert(forgedLine.canonicalText, at: try #require(lines.firstIndex(of: line)) + 1)
        #expect(try await house.faults(both) == ["log.forked"])
        // Brought to the house itself.
        #expect(try await house.keeper.check(ours.note) == .agrees(14))
        #expect(try await house.keeper.check(forged) == .disagrees(14))
        #expect(try await house.keeper.check(forged) == .disagrees(14))
        let conflicts = try await house.db.read { tx in try RecordStore.conflicts(tx) }
        #expect(conflicts.filter { $0.size == 14 }.count == 1 && conflicts.contains { $0.theirs == forged })
        let foreign = try NoteSigner(name: keys.origin, seed: [UInt8](repeating: 9, count: 32))
        let strange = try SignedNote(Checkpoint(origin: keys.origin, size: 14, root: .empty).text, by: [foreign]).note
        #expect(try await house.keeper.check(strange) == .notOurs)
        await #expect(throws: RecordError.self) { try await house.keeper.check("nonsense") }
    }

    @Test(
        "A database that was put back to an earlier state is noticed at the next checkpoint",
        arguments: TestStore.engines)
    func putBack(engine: Engine) async throws {
        let house = try await house(engine)
        let other = try await RecordHouse(engine, folder: house.folder)
        try await other.append(3)
        try await other.keeper.sign()
        let conflicts = try await other.db.read { tx in try RecordStore.conflicts(tx) }
        #expect(conflicts.map(\.size) == [35] && conflicts[0].ours.isEmpty)
        let lines = try await other.export()
        #expect(lines.contains { $0.contains("record.conflict-found") })
        try await other.append(1)
        try await other.keeper.sign()
        #expect(try await other.db.read { tx in try RecordStore.conflicts(tx) }.count == 1)
    }

    @Test(
        "Keys rotate: the first checkpoint with a new key carries both, each is good for its own time",
        arguments: TestStore.engines)
    func rotation(engine: Engine) async throws {
        let house = try await house(engine)
        let old = try await house.keys()
        let new = try await house.keeper.rotate(by: .system)
        try await house.append(2)
        let both = try #require(try await house.keeper.sign())
        #expect(try SignedNote(parsing: both.note).verified(by: old.keys.map(\.key) + [new]).count == 2)
        try await house.append(2)
        let after = try #require(try await house.keeper.sign())
        #expect(try SignedNote(parsing: after.note).signatures.map(\.keyID) == [new.keyID])
        let lines = try await house.export()
        let keys = try await house.keys()
        #expect(keys.keys.map(\.until) == [both.size, nil])
        #expect(try await house.faults(lines, keys: keys).isEmpty)
        #expect(try LogKeys(parsing: keys.json) == keys)
        // Whoever knows the old key alone is led to the new one by the log.
        #expect(try await house.faults(lines, keys: old).isEmpty)
        // The old key is good for nothing later.
        let seed = Array(try Data(contentsOf: URL(fileURLWithPath: "\(house.folder)/record-1.key")))
        let late = try SignedNote(
            Checkpoint(origin: keys.origin, size: after.size, root: after.root).text,
            by: [try NoteSigner(name: keys.origin, seed: seed)]
        ).note
        #expect(throws: LogFault.self) { try keys.checkpoint(late) }
        #expect(lines.filter { $0.contains("record.key-added") }.count == 2)
        #expect(
            try FileManager.default.attributesOfItem(atPath: "\(house.folder)/record-2.key")[.posixPermissions] as? Int
                == 0o600)
    }

    @Test(
        "A process without the keys orders events and signs nothing; processes with the same folder share one key",
        arguments: TestStore.engines)
    func sharedKeys(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        let twin = try await RecordHouse(engine, folder: house.folder, db: house.db)
        async let first: Void = house.keeper.begin()
        async let second: Void = twin.keeper.begin()
        _ = try await (first, second)
        #expect(try await house.keys().keys.count == 1)
        try await house.append(1)
        try await house.keeper.sign()
        let keyless = try await RecordHouse(engine, db: house.db)
        keyless.clock.set(to: house.clock.now())
        try await keyless.append(4)
        #expect(try await keyless.keeper.sign() == nil)
        try await keyless.keeper.tick()
        let (size, latest) = try await house.db.read { tx in (try Record.size(tx), try RecordStore.latest(tx)?.size) }
        #expect(size == 6 && latest == 2)
    }

    @Test(
        "Processes with folders of their own begin with one key, and only its holder signs",
        arguments: TestStore.engines)
    func ownFolders(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        let twin = try await RecordHouse(engine, db: house.db)
        async let first: Void = house.keeper.begin()
        async let second: Void = twin.keeper.begin()
        _ = try await (first, second)
        try await house.append(1)
        let made = [try await house.keeper.sign(), try await twin.keeper.sign()].compactMap(\.self)
        #expect(made.count == 1)
        #expect(try await house.keys().checkpoint(made[0].note).size == 2)
    }

    @Test(
        "The job signs when something public is new, or a minute after the last checkpoint",
        arguments: TestStore.engines)
    func timing(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        try await house.append(1)
        try await house.keeper.tick()
        func latest() async throws -> Int? { try await house.db.read { tx in try RecordStore.latest(tx)?.size } }
        #expect(try await latest() == 2)
        try await house.append(1, from: 1)
        try await house.keeper.tick()
        #expect(try await latest() == 2)
        house.clock.move(seconds: 60)
        try await house.keeper.tick()
        #expect(try await latest() == 3)
        try await house.append(1, from: 5)
        try await house.keeper.tick()
        #expect(try await latest() == 4)
        house.clock.move(seconds: 600)
        try await house.keeper.tick()
        #expect(try await latest() == 4)
        try await house.append(1, from: 6)
        house.clock.move(seconds: -3_600)
        try await house.keeper.tick()
        #expect(try await latest() == 5)
    }
}
