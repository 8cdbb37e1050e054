import Kernel
import Store
import StoreTestSupport
import Testing

@Suite("Taking over from the version before")
struct HandoverTests {
    @Test("It runs at once, then every hour for a day, and then never again", arguments: TestStore.engines)
    func paced(engine: Engine) async throws {
        struct Broken: Error {}
        let db = try await TestStore.open(engine, [Settings.migrations])
        let start = Instant(microseconds: 1_800_000_000_000_000)
        var runs = 0
        func call(_ name: String, after seconds: Int, failing: Bool = false) async throws -> Int {
            let before = runs
            try await Handover.run(name, in: db, at: start.adding(seconds: seconds)) {
                runs += 1
                if failing { throw Broken() }
            }
            return runs - before
        }
        await #expect(throws: Broken.self) { _ = try await call("one", after: 0, failing: true) }
        #expect(try await call("one", after: 5) == 1, "what failed is run again at once")
        #expect(try await call("one", after: 10) == 0)
        #expect(try await call("other", after: 10) == 1, "each by itself")
        #expect(try await call("one", after: 3_605) == 1)
        #expect(try await call("one", after: 3_610) == 0)
        #expect(try await call("one", after: 86_405) == 1, "once more when the upgrade is over")
        #expect(try await call("one", after: 500_000) == 0)
    }

    @Test(
        "What the version before cannot read waits for a day after the first server of this one, in a new house never",
        arguments: TestStore.engines)
    func waiting(engine: Engine) async throws {
        let db = try await TestStore.open(engine, [Settings.migrations])
        let start = Instant(microseconds: 1_800_000_000_000_000)
        func begin(
            _ name: String, isNew: Bool, serves: Bool = true, after seconds: Int
        ) async throws -> Instant? {
            try await db.write { tx in
                try Handover.begin(name, isNew: isNew, serves: serves, at: start.adding(seconds: seconds), tx)
            }
        }
        #expect(try await begin("new", isNew: true, after: 0) == nil)
        #expect(try await begin("new", isNew: false, after: 60) == nil)
        // Commands do not begin it, however often they run.
        #expect(try await begin("old", isNew: false, serves: false, after: -90_000) == start.adding(seconds: -3_600))
        #expect(try await begin("old", isNew: false, after: 60) == start.adding(seconds: 86_460))
        #expect(try await begin("old", isNew: false, serves: false, after: 90) == start.adding(seconds: 86_460))
        #expect(try await begin("old", isNew: false, after: 500_000) == start.adding(seconds: 86_460))
    }
}
