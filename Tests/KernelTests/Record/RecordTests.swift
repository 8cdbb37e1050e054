import Foundation
import Proof
import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("The record and its tree")
struct RecordTests {
    @Test(
        "Events get one place each in the order of their time, and the stored tree is that of the leaves",
        arguments: TestStore.engines)
    func order(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        var ids: [String] = []
        for (count, limit) in [(1, 1_000), (30, 7), (2, 1), (70, 64)] {
            ids += try await house.append(count, from: ids.count)
            while try await Record.sequence(in: house.db, limit: limit) > 0 {}
        }
        let all = ids
        try await house.db.read { tx in
            let leaves = try Record.leaves(from: 0, below: .max, limit: 1_000, tx)
            #expect(leaves.map(\.event) == all)
            #expect(leaves.map(\.index) == Array(0..<all.count))
            var tree = GrowingTree()
            for leaf in leaves {
                tree.append(leaf.hash)
                #expect(try Record.root(of: tree.size, tx) == tree.root)
            }
            let root = tree.root
            for leaf in leaves {
                let path = try Record.inclusion(of: leaf.index, in: all.count, tx)
                #expect(TreeProof.includes(leaf.hash, at: leaf.index, in: all.count, root: root, path: path))
                let old = try Record.root(of: leaf.index, tx)
                let growth = try Record.consistency(from: leaf.index, to: all.count, tx)
                #expect(TreeProof.extends(from: leaf.index, root: old, to: all.count, root: root, path: growth))
            }
            #expect(throws: RecordError.beyondEnd(all.count + 1)) { try Record.root(of: all.count + 1, tx) }
            #expect(throws: RecordError.beyondEnd(5)) { try Record.inclusion(of: 5, in: 5, tx) }
        }
        #expect(try await RecordAudit.faults(house.db).isEmpty)
    }

    @Test("Several sequencers beside several writers place every event once", arguments: TestStore.engines)
    func concurrency(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        let address = try await TestStore.address(engine)
        // Server processes of their own, as far as the database can tell.
        var bases: [Database] = []
        for _ in 0..<3 { bases.append(try Database.open(address, DatabaseOptions(connections: 3, waitSeconds: 240))) }
        try await bases[0].migrate(RecordHouse.rooms)
        let (clock, processes) = (house.clock, bases)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<6 {
                group.addTask {
                    for number in 0..<20 {
                        clock.move(seconds: 1)
                        let event = RecordHouse.event(writer * 100 + number, at: clock.now())
                        try await processes[writer % 3].write { tx in _ = try Record.append(event, tx) }
                    }
                }
            }
            for db in processes {
                group.addTask { for _ in 0..<15 { try await Record.sequence(in: db, limit: 9) } }
            }
            try await group.waitForAll()
        }
        while try await Record.sequence(in: bases[1]) > 0 {}
        let (events, leaves, waiting) = try await bases[2].read { tx in
            (
                try tx.value("SELECT COUNT(*) FROM event") ?? 0, try Record.size(tx),
                try tx.value("SELECT COUNT(*) FROM record_waiting") ?? -1
            )
        }
        #expect(events == 120 && leaves == 120 && waiting == 0)
        #expect(try await RecordAudit.faults(bases[0]).isEmpty)
        for db in bases { await db.close() }
    }

    @Test(
        "A database of before the tree keeps its order and gets its tree from the events it holds",
        arguments: TestStore.engines)
    func upgrade(engine: Engine) async throws {
        let old = Migrations(room: "record", steps: Array(Record.migrations.steps.prefix(1)))
        let db = try await TestStore.open(engine, [Settings.migrations, NumberSeries.migrations, old])
        let clock = StandingClock(Instant(microseconds: 1_790_000_000_000_000))
        var ids: [String] = []
        for number in 0..<12 {
            clock.move(seconds: 1)
            let (now, kind) = (clock.now(), number == 3 ? "notice.published" : "test.kept")
            ids.append(try await db.write { tx in try Self.appendOld(kind, number, at: now, tx) })
        }
        // The old order need not be that of time.
        let ordered = [ids[1], ids[0]] + ids[2..<9]
        try await db.write { tx in
            for (index, id) in ordered.enumerated() {
                try tx.run("INSERT INTO event_order (position, event) VALUES (\(index + 1), \(id))")
                try tx.run("DELETE FROM event_waiting WHERE event = \(id)")
            }
        }
        try await db.migrate(RecordHouse.rooms)
        let house = try await RecordHouse(engine, db: db)
        house.clock.set(to: clock.now())
        let later = try await house.append(1)
        while try await Record.sequence(in: db, limit: 5) > 0 {}
        let leaves = try await db.read { tx in try Record.leaves(from: 0, below: .max, limit: 100, tx) }
        #expect(leaves.map(\.event) == ordered + ids[9...] + later)
        #expect(Set(leaves.map(\.salt)).count == 13)
        #expect(leaves.allSatisfy { $0.salt.count == 32 })
        #expect(leaves.filter(\.isPublic).map(\.index) == [3, 12])
        #expect(try await RecordAudit.faults(db).isEmpty)
    }

    /// As the append of before the tree wrote.
    private static func appendOld(_ kind: String, _ number: Int, at now: Instant, _ tx: Tx) throws -> String {
        let id = UUIDv7.make(at: now)
        let content: JSONValue = ["number": .integer(Int64(number))]
        let contentHash = Digest.hex(Digest.sha256(content.canonicalBytes))
        let hash = StoredEvent.hash(
            id: id, room: "test", kind: kind, subjectKind: "thing", subject: "x", caseID: nil, position: 0,
            previous: "", actor: nil, at: now, contentHash: contentHash)
        try tx.run(
            """
            INSERT INTO event (id, room, kind, subject_kind, subject, position, previous, actor_name, at, content,
                content_hash, hash)
            VALUES (\(id), 'test', \(kind), 'thing', 'x', 0, '', '', \(now), \(content), \(contentHash), \(hash))
            """)
        try tx.run("INSERT INTO event_waiting (event) VALUES (\(id))")
        return id
    }

    @Test(
        "Events are listed by their time, also where the clock was set back, and go on page by page",
        arguments: TestStore.engines)
    func listed(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        let start = house.clock.now()
        house.clock.move(seconds: 5_000)
        let late = try await house.append(7)
        // As when a story of the past is played: their identities are later, their time is not.
        house.clock.set(to: start)
        let early = try await house.append(6, from: 7)
        func walk(_ kind: String?) async throws -> [String] {
            var seen: [String] = []
            while true {
                let last = seen.last
                let page = try await house.db.read { tx in
                    try Record.page(kind: kind, before: last, limit: 3, tx).map(\.id)
                }
                seen += page
                if page.count < 3 { return seen }
            }
        }
        let wanted: [String] = (early + late).reversed()
        #expect(try await walk(nil) == wanted)
        #expect(try await walk("test.shown") == [late[5], late[0], early[3]])
        // An event that there is not is no end of the record.
        do {
            _ = try await house.db.read { tx in try Record.page(kind: nil, before: "nothing", limit: 3, tx) }
            Issue.record("a page before nothing")
        } catch let problem as PlainProblem {
            #expect(problem.kind == .invalid && problem.fields.map(\.field) == ["before"])
        }
    }

    @Test("The tables refuse changes, and what is changed behind their back is found", arguments: TestStore.engines)
    func tampering(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        try await house.append(8)
        try await house.keeper.tick()
        let db = house.db
        for table in ["event", "record_leaf", "record_checkpoint"] {
            let name = SQL(unchecked: table)
            await #expect(throws: (any Error).self) {
                try await db.write { tx in _ = try tx.run("DELETE FROM \(name)") }
            }
        }
        #expect(try await RecordAudit.faults(db).isEmpty)
        let unlock: [SQL] = ["event", "record_leaf"].map { table in
            let name = SQL(unchecked: table)
            return .only(
                sqlite: "DROP TRIGGER \(name)_never_updated", postgres: "ALTER TABLE \(name) DISABLE TRIGGER USER")
        }
        try await db.write { tx in for statement in unlock { try tx.run(statement) } }
        let event: String = try #require(try await db.read { tx in try Record.leaf(at: 4, tx)?.event })
        let content: JSONValue = try #require(
            try await db.read { tx in try tx.value("SELECT content FROM event WHERE id = \(event)") })
        try await db.write { tx in try tx.run("UPDATE event SET content = '{}' WHERE id = \(event)") }
        #expect(try await RecordAudit.faults(db).map(\.en).contains("the event of leaf 4 was changed"))
        try await db.write { tx in try tx.run("UPDATE event SET content = \(content) WHERE id = \(event)") }
        try await db.write { tx in try tx.run("UPDATE record_leaf SET leaf = '{}' WHERE position = 6") }
        let found = try await RecordAudit.faults(db).map(\.en)
        #expect(found.contains("leaf 6 is not that of its event"))
        #expect(found.contains("it is not what the checkpoint of 9 leaves says"))
        #expect(found.contains("the stored tree is not that of the leaves"))
    }

    @Test(
        "A leaf shows no more than a seal unless the event is public, and never who acted", arguments: TestStore.engines
    )
    func secrecy(engine: Engine) async throws {
        let house = try await RecordHouse(engine)
        try await house.append(11)
        try await house.keeper.tick()
        let lines = try await house.export().filter { $0.contains("\"leaf\"") }
        #expect(lines.count == 12)
        #expect(lines.filter { $0.contains("沉默的内容") }.count == 3)
        for line in lines where !line.contains("\"event\"") {
            let leaf = try #require(try JSONValue(parsing: line)["leaf"]?.object)
            #expect(Array(leaf.keys) == ["seal"])
        }
        #expect(!lines.contains { $0.contains("actor") })
        // The same event twice has two seals: nothing can be guessed from them.
        let now = house.clock.now()
        let event = RecordHouse.event(1, at: now)
        try await house.db.write { tx in for _ in 0..<2 { try Record.append(event, tx) } }
        try await Record.sequence(in: house.db)
        let seals = try await house.db.read { tx in try Record.leaves(from: 12, below: 14, limit: 2, tx).map(\.text) }
        #expect(Set(seals).count == 2)
    }
}
