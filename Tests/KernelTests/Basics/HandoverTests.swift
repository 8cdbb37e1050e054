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
}
