import Kernel
import Store
import StoreTestSupport
import Testing

@Suite("Bars in force")
struct BarTests {
    private static let day = Day(number: 20_000)
    private static let now = Instant(microseconds: 1_728_000_000_000_000)

    private func open(_ engine: Engine) async throws -> Database {
        let db = try Database.open(try await TestStore.address(engine), DatabaseOptions(connections: 2))
        try await db.migrate([Record.migrations, AccountStore.migrations, Registry.migrations])
        return db
    }

    private func bar(
        _ name: String, _ activities: Set<Bar.Activity> = [.projects], from: Int = 0, days: Int? = 10
    ) -> Bar {
        Bar(
            id: ID(name), person: ID("p"), activities: activities, from: Self.day.adding(days: from),
            until: days.map { Self.day.adding(days: from + $0 - 1) }, reason: Bilingual("伪造数据", "forged data"),
            basis: Bilingual("规则", "rules"), source: ID("case"), number: "CX-1")
    }

    private func found(_ day: Int, for activity: Bar.Activity? = .projects, _ db: Database) async throws -> [String] {
        try await db.read { tx in
            try Bars.inForce(
                people: [ID("p"), ID("q")], organisations: [ID("o")], for: activity,
                on: Self.day.adding(days: day), tx
            ).map(\.id.text)
        }
    }

    @Test("A bar holds from its first to its last day, for what it names", arguments: TestStore.engines)
    func days(engine: Engine) async throws {
        let db = try await open(engine)
        let bars = [bar("a"), bar("b", [.awards, .review], from: 5, days: nil)]
        try await db.write { tx in
            for bar in bars { try Bars.impose(bar, by: .system, at: Self.now, tx) }
        }
        #expect(try await found(-1, db).isEmpty)
        #expect(try await found(0, db) == ["a"])
        #expect(try await found(9, db) == ["a"])
        #expect(try await found(10, db).isEmpty)
        #expect(try await found(5, for: .review, db) == ["b"])
        #expect(try await found(5, for: .platforms, db).isEmpty)
        #expect(try await found(5, for: nil, db) == ["a", "b"])
        #expect(try await found(9_000, for: nil, db) == ["b"])
        let whole = try await db.read { tx in try Bars.inForce(for: .awards, on: Self.day.adding(days: 5), tx) }
        #expect(whole.map(\.id.text) == ["b"])
    }

    @Test("Lifting is a fact of its own from its day on; nothing is ever changed", arguments: TestStore.engines)
    func lifting(engine: Engine) async throws {
        let db = try await open(engine)
        let one = bar("a")
        try await db.write { tx in
            try Bars.impose(one, by: .system, at: Self.now, tx)
            let lifted = try Bars.lift(
                of: ID("case"), on: Self.day.adding(days: 4), reason: Bilingual("复核撤销", "quashed"), by: .system,
                at: Self.now, tx)
            #expect(lifted == 1)
            let again = try Bars.lift(
                of: ID("case"), on: Self.day.adding(days: 5), reason: Bilingual("", ""), by: .system, at: Self.now, tx)
            #expect(again == 0)
        }
        #expect(try await found(3, db) == ["a"])
        #expect(try await found(4, db).isEmpty)
        let history = try await db.read { tx in try Bars.history(of: "p", tx) }
        #expect(history.map(\.liftedOn) == [Self.day.adding(days: 4)])
        for statement in [
            "UPDATE registry_bar SET ends_on = NULL" as SQL, "DELETE FROM registry_bar",
            "UPDATE registry_bar_lifting SET lifted_on = '2099-01-01'",
        ] {
            await #expect(throws: (any Error).self) { try await db.write { tx in try tx.run(statement) } }
        }
        let events = try await db.read { tx in try Record.events(about: "person", "p", tx).map(\.kind) }
        #expect(events == ["bar.imposed", "bar.lifted"])
    }

    @Test("The bureau reads the reason, the subject only that there is a bar and where it is explained")
    func words() {
        let officer = Actor(account: ID("o"), name: "o", roles: [.officer])
        let applicant = Actor(account: ID("a"), name: "a", roles: [.applicant])
        #expect(Bars.problem(bar("a"), to: officer).message.zh.contains("伪造数据"))
        let said = Bars.problem(bar("a"), to: applicant).message
        #expect(!said.zh.contains("伪造数据") && !said.en.contains("forged") && said.zh.contains("CX-1"))
    }
}
