import Foundation
import Proof
import Store
import StoreTestSupport
import Testing

@testable import Kernel

/// A record alone, on a fresh database, with its keys in a folder.
struct RecordHouse {
    let db: Database
    let clock = StandingClock(Instant(microseconds: 1_790_000_000_000_000))
    let folder: String
    let keeper: RecordKeeper

    static let rooms = [Settings.migrations, NumberSeries.migrations, Record.migrations]

    init(_ engine: Engine, folder: String? = nil, db: Database? = nil) async throws {
        self.db = if let db { db } else { try await TestStore.open(engine, Self.rooms) }
        self.folder = folder ?? "\(NSTemporaryDirectory())kechuang-record-\(UInt64.random(in: 0 ... .max))"
        keeper = RecordKeeper(db: self.db, clock: clock, folder: self.folder, site: "https://house.test:8080")
    }

    /// Appends events, some of them public, in transactions of their own.
    @discardableResult
    func append(_ count: Int, from first: Int = 0, caseID: ID<CaseFile>? = nil) async throws -> [String] {
        var ids: [String] = []
        for number in first..<(first + count) {
            clock.move(seconds: 1)
            let event = Self.event(number, at: clock.now(), caseID: caseID)
            ids.append(try await db.write { tx in try Record.append(event, tx) })
        }
        return ids
    }

    static func event(_ number: Int, at now: Instant, caseID: ID<CaseFile>? = nil) -> Event {
        Event(
            room: "test", kind: number.isMultiple(of: 5) ? "test.shown" : "test.kept", subjectKind: "thing",
            subject: "thing-\(number)", caseID: caseID, actor: .system, at: now,
            content: ["number": .integer(Int64(number)), "secret": "沉默的内容"], isPublic: number.isMultiple(of: 5))
    }

    func keys() async throws -> LogKeys { try await db.read { tx in try RecordStore.published(tx) } }

    /// The exported log as lines.
    func export() async throws -> [String] {
        let text = Collected()
        try await LogExport.write(db) { await text.add($0) }
        return await text.all.split(separator: "\n").map(String.init)
    }

    private actor Collected {
        var all = ""
        func add(_ text: String) { all += text }
    }

    /// What a reader of these lines finds wrong.
    func faults(_ lines: [String], keys: LogKeys? = nil, held: [Checkpoint] = []) async throws -> [String] {
        var verifier = LogVerifier(
            keys: try await { if let keys { keys } else { try await self.keys() } }(), held: held)
        for line in lines { verifier.take(Array(line.utf8)) }
        verifier.finish()
        return verifier.faults.map(\.code)
    }
}
