import Foundation
import HouseTestSupport
import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("Identities and keys to sign in with, as personal content")
struct SignInRowsTests {
    private static let day = Day(year: 2026, month: 3, day: 2)!

    /// A house in which two people have an identity at a provider and a key each.
    private func house(_ engine: Engine) async throws -> KeyHouse {
        let house = try await KeyHouse(engine)
        let now = house.now
        for login in ["lin", "officer"] {
            let subject = "subject-\(login)"
            try await house.db.write { tx in
                try tx.run(
                    """
                    INSERT INTO account_identity (id, issuer, subject, account, linked_at)
                    VALUES (\(subject), 'https://id.example.cn', \(subject), \(login), \(now))
                    """)
            }
            try await house.add(try SoftKey(), to: login, "key of \(login)")
        }
        return house
    }

    private func retention(_ house: KeyHouse) throws -> Retention {
        let folder = "\(NSTemporaryDirectory())kechuang-files-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let source = RuleSource(document: Bilingual("由市局设定", "Set by the bureau"), article: "", confidence: .chosen)
        let time = PersonalKind.signIn.parameter
        let rules = try RuleBook([
            Parameter(
                id: time, title: Bilingual(time, time), unit: .months,
                values: [
                    DatedValue(value: .days(1), from: Day(year: 2020, month: 1, day: 1)!, to: nil, source: source)
                ])
        ])
        let procedures = try Procedures(
            [], hooks: ProcedureHooks(), calendar: try TestCity.calendar(), zone: CityZone(name: "Asia/Shanghai")!,
            rules: rules, letters: Letters([]))
        return Retention(
            db: house.db, files: FileStore(folder: folder), rules: rules, procedures: procedures, columns: [],
            rows: PersonalRows.kernel, batch: 1)
    }

    /// What there is of an account: identities, keys, and what belongs to a second factor besides.
    private func left(_ login: String, _ house: KeyHouse) async throws -> [Int] {
        try await house.db.read { tx in
            try ["account_identity", "account_key", "account_factor", "account_recovery"].map { table in
                try tx.value("SELECT COUNT(*) FROM \(SQL(unchecked: table)) WHERE account = \(login)") ?? 0
            }
        }
    }

    @Test("The export has one's own, with their days, and nobody else's", arguments: TestStore.engines)
    func exported(engine: Engine) async throws {
        let house = try await house(engine)
        let (lin, vault, now) = (try await house.actor("lin"), house.factor.vault, house.now)
        let all = try await house.db.write { tx in
            try Holdings.export(columns: [], rows: PersonalRows.kernel, vault: vault, by: lin, at: now, tx)
        }
        #expect(
            all["rows"]?.array == [
                [
                    "kind": "sign-in", "issuer": "https://id.example.cn", "subject": "subject-lin",
                    "linked_at": .integer(now.microseconds),
                ],
                [
                    "kind": "sign-in", "name": "key of lin", "added_at": .integer(now.microseconds), "used_at": .null,
                    "refused_at": .null,
                ],
            ])
    }

    @Test(
        "They go when the account was closed for long enough, with what belongs to a second factor; who comes back before has them",
        arguments: TestStore.engines)
    func closed(engine: Engine) async throws {
        let house = try await house(engine)
        let (retention, now) = (try retention(house), house.now)
        let all = [1, 1, 1, SecondFactor.recoveryCodes]
        func gone(on today: Day) async throws -> Int {
            try await retention.run(today: today, now: now).contents
        }
        func set(_ state: AccountCard.State) async throws {
            try await house.db.write { tx in try AccountStore.setState(state, of: ID("lin"), tx) }
        }
        #expect(try await gone(on: Self.day) == 0)
        try await set(.closed)
        #expect(try await gone(on: Self.day) == 0)
        try await set(.active)
        #expect(try await gone(on: Self.day.adding(months: 2)) == 0)
        #expect(try await left("lin", house) == all)

        try await set(.closed)
        let start = Day(year: 2026, month: 6, day: 1)!
        #expect(try await gone(on: start) == 0)
        #expect(try await gone(on: start.adding(months: 1)) == 0)
        #expect(try await left("lin", house) == all)
        #expect(try await gone(on: start.adding(months: 1).adding(days: 1)) == 2)
        #expect(try await left("lin", house) == [0, 0, 0, 0])
        #expect(try await left("officer", house) == all)
        let events = try await house.db.read { tx in
            try Record.page(kind: "personal.erased", before: nil, limit: 10, tx)
        }
        #expect(Set(events.map(\.subjectKind)) == ["account_identity", "account_key"] && events.count == 2)
        #expect(events.allSatisfy { !$0.content.canonicalText.contains("subject-lin") })
    }
}
