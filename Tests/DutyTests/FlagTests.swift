import BureauTestSupport
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Funding

/// The flags find everything that was planted in a history that is mostly in order, and say how often they are wrong.
@Suite("Red flags")
struct FlagTests {
    private func desk(
        _ engine: Engine, on day: Day = FlagHistory.today
    ) async throws -> (Database, FlagDesk, Jurisdiction) {
        let db = try Database.open(
            try await TestStore.address(engine), DatabaseOptions(connections: 4, waitSeconds: 60))
        try await db.migrate(Services.migrations)
        let city = try Jurisdiction(folder: "\(TestHouse.root)/Jurisdictions/Shenzhen")
        let clock = StandingClock(city.zone.start(of: day).adding(seconds: 80_000))
        return (db, FlagDesk(db: db, clock: clock, zone: city.zone, rules: city.rules), city)
    }

    private func hits(_ db: Database) async throws -> [String: Set<String>] {
        try await db.read { tx in
            var hits: [String: Set<String>] = [:]
            for row in try tx.rows("SELECT flag, subject FROM red_flag") {
                hits[try row["flag"], default: []].insert(try row["subject"])
            }
            return hits
        }
    }

    @Test(
        "All that was planted is found; what must be impossible shows zero", arguments: TestStore.engines,
        [1, 7] as [UInt64])
    func planted(engine: Engine, seed: UInt64) async throws {
        let (db, desk, city) = try await desk(engine)
        let planted = try await db.write { tx in
            var history = try FlagHistory(seed: seed, zone: city.zone, tx)
            try history.ordinary(60)
            try history.irregular(3)
            return history.planted
        }
        #expect(try await db.read { tx in try LedgerCheck.run(tx).faults.filter { $0.code != "event" } }.isEmpty)
        try await desk.run()
        let hits = try await hits(db)
        print("seed \(seed), \(engine): flag, planted, found, missed, others, false-positive share")
        for flag in Flags.all {
            let (wanted, found) = (planted[flag.id] ?? [], hits[flag.id] ?? [])
            let missed = wanted.subtracting(found)
            let others = found.subtracting(wanted)
            let share = found.isEmpty ? "-" : "\(others.count * 100 / found.count) %"
            print(
                "\(flag.id), \(wanted.count), \(found.intersection(wanted).count), \(missed.count), \(others.count), \(share)"
            )
            #expect(missed.isEmpty, "seed \(seed): \(flag.id) missed \(missed.sorted())")
            if flag.weight == .impossible {
                #expect(found.isEmpty, "seed \(seed): \(flag.id) cannot be")
            } else {
                #expect(!wanted.isEmpty, "nothing was planted for \(flag.id)")
            }
        }
    }

    @Test("Asked only about what is new, the flags find all of it", arguments: TestStore.engines)
    func stepByStep(engine: Engine) async throws {
        let (db, early, city) = try await desk(engine, on: try #require(Day("2025-06-15")))
        try await db.write { tx in
            var history = try FlagHistory(seed: 3, zone: city.zone, tx)
            try history.ordinary(5)
        }
        try await early.tend()
        let planted = try await db.write { tx in
            var history = try FlagHistory(seed: 3, zone: city.zone, tx, from: 10_000)
            try history.irregular(2)
            return history.planted
        }
        let clock = StandingClock(city.zone.start(of: FlagHistory.today).adding(seconds: 80_000))
        let late = FlagDesk(db: db, clock: clock, zone: city.zone, rules: city.rules)
        try await late.tend()
        let found = try await hits(db)
        for (flag, wanted) in planted {
            #expect(wanted.isSubset(of: found[flag] ?? []), "\(flag)")
        }
        let count = found.values.reduce(0) { $0 + $1.count }
        try await late.tend()
        #expect(try await hits(db).values.reduce(0) { $0 + $1.count } == count)
    }

    @Test("Every flag has a definition in both languages, a legal ground and a dated threshold")
    func definitions() throws {
        let city = try Jurisdiction(folder: "\(TestHouse.root)/Jurisdictions/Shenzhen")
        let law = city.rules.law(on: FlagHistory.today)
        #expect(Flags.all.count >= 12 && Set(Flags.all.map(\.id)).count == Flags.all.count)
        for flag in Flags.all {
            #expect(!flag.definition.zh.isEmpty && !flag.definition.en.isEmpty && flag.values.count == 2)
            #expect(!(try law.number(flag.parameter).reference.source.cited.en.isEmpty), "\(flag.id)")
        }
    }
}
