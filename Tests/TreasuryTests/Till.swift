import Foundation
import Kernel
import Ledger
import Store
import StoreTestSupport
import Synchronization
import Testing

@testable import Treasury

/// A treasury with money in the books, a few payees, and everybody who acts.
struct Till: Sendable {
    let db: Database
    let clock: StandingClock
    let accounts: PayeeAccounts
    let orders: PaymentOrders
    let runs: PaymentRuns
    let answers: BankAnswers
    let heard = Heard()
    let vault = Vault(key: [UInt8](repeating: 9, count: 32))

    static let zone = CityZone(name: "Asia/Shanghai")
    static let officer = person("officer", [.officer])
    static let treasurer = person("treasurer", [.treasurer])
    static let leader = person("leader", [.leader])

    static var root: String {
        var url = URL(fileURLWithPath: #filePath)
        while url.lastPathComponent != "Tests" { url = url.deletingLastPathComponent() }
        return url.deletingLastPathComponent().path
    }

    /// What the duty heard, in order.
    final class Heard: Sendable {
        private let news = Mutex<[PaymentNews]>([])
        var all: [PaymentNews] { news.withLock { $0 } }
        func hear(_ one: PaymentNews) { news.withLock { $0.append(one) } }
    }

    static func person(_ name: String, _ roles: Set<Role>, of organisation: String? = nil) -> Actor {
        Actor(
            account: ID(name), name: name, roles: roles,
            memberships: organisation.map { [Membership(organisation: ID($0), roles: [.administrator])] } ?? [])
    }

    init(_ engine: Engine, _ options: DatabaseOptions = DatabaseOptions(connections: 4, waitSeconds: 60)) async throws {
        let zone = try #require(Self.zone)
        db = try await TestStore.open(engine, House.migrations + [Ledger.migrations, Treasury.migrations], options)
        clock = StandingClock(zone.start(of: try #require(Day("2026-03-02"))).adding(seconds: 32_400))
        let city = "\(Till.root)/Jurisdictions/Shenzhen"
        let rules = try RuleBook(national: nil, city: city)
        let calendar = try WorkCalendar.load("\(city)/calendar.yaml")
        let heard = heard
        let listeners: [String: PaymentListener] = ["thing": { _, news, _, _ in heard.hear(news) }]
        accounts = PayeeAccounts(db: db, clock: clock, zone: zone, calendar: calendar, rules: rules, vault: vault)
        orders = PaymentOrders(db: db, clock: clock, zone: zone, rules: rules, listeners: listeners)
        runs = PaymentRuns(
            db: db, clock: clock, zone: zone, calendar: calendar, vault: vault,
            payer: Jurisdiction.Payer(name: "市科创局 <财务> & Co", account: "4000010000000000018", cnaps: "102584000002"))
        answers = BankAnswers(db: db, clock: clock, zone: zone, vault: vault, listeners: listeners)
        try await fund(Money(fen: 100_000_000_000))
    }

    var entry: PaymentEntry { entry(Till.officer) }
    func entry(_ actor: Actor) -> PaymentEntry {
        PaymentEntry(actor: actor, day: Till.zone?.day(of: clock.now()) ?? Day(number: 0), now: clock.now())
    }

    static func payee(_ name: String = "uni") -> Payee {
        Payee(kind: .organisation, id: name, name: Bilingual("大学 \(name)", "University \(name)"))
    }

    static func draft(_ number: String = "6222020000000000001") -> PayeeAccountDraft {
        PayeeAccountDraft(holder: "大学", bank: "工商银行", branch: "深圳南山支行", cnaps: "102584000019", number: number)
    }

    private func fund(_ amount: Money) async throws {
        try await post(amount, .source("municipal", year: 2026), .appropriation("municipal", year: 2026))
        try await post(amount, .appropriation("municipal", year: 2026), Till.budget)
    }

    static let budget = LedgerAccount.budget("science", year: 2026)

    private func post(_ amount: Money, _ from: LedgerAccount, _ to: LedgerAccount) async throws {
        let entry = entry
        try await db.write { tx in
            let event = try Record.append(
                Event(room: "test", kind: "test", subjectKind: "t", subject: "1", actor: .system, at: entry.now), tx)
            try Ledger.post(
                Posting(
                    amount, from: from, to: to, on: entry.day, "", key: "fund.\(to)",
                    origin: PostingOrigin(caseID: nil, event: event, actor: .system, rules: "test@1", at: entry.now)),
                tx)
        }
    }

    /// Gives payees an account that is in force.
    func open(_ names: [String] = ["uni"]) async throws {
        try await accounts.takeOver(
            names.enumerated().map {
                (Till.payee($0.element), Till.draft("62220200000000\(padded($0.offset + 1, 5))"))
            },
            since: entry.day, source: "test")
    }

    func place(
        _ fen: Int64, _ subject: String = "1", payee: String = "uni", project: String = "p1", purpose: String = "第一期"
    ) async throws -> PaymentOrder {
        let entry = entry
        return try await db.write { tx in
            try PaymentOrders.place(
                PaymentDraft(
                    "thing", subject, caseID: nil, payee: Till.payee(payee), amount: Money(fen: fen), purpose: purpose,
                    from: Till.budget, programme: "science", year: 2026, project: project), entry, tx)
        }
    }

    /// An order that went to the bank.
    func sent(_ fen: Int64, _ subject: String = "1", payee: String = "uni") async throws -> PaymentOrder {
        let order = try await place(fen, subject, payee: payee)
        if try await orders.check(order.id, by: Till.treasurer).state == .checked {
            _ = try await orders.approve(order.id, by: Till.leader)
        }
        _ = try await runs.make(by: Till.treasurer)
        return try await find(order)
    }

    func find(_ order: PaymentOrder) async throws -> PaymentOrder {
        try await db.read { tx in try PaymentStore.require(order.id, tx) }
    }

    func number(of order: PaymentOrder) async throws -> String {
        let vault = vault
        return try await db.read { tx in
            try PayeeAccountStore.require(try PaymentStore.require(order.id, tx).account ?? ID(""), tx).number(vault)
        }
    }

    /// A CSV answer of one line a cell list: number, outcome, yuan, account, reference.
    static func csv(_ lines: [[String]]) -> [UInt8] {
        Array(
            (["number,outcome,amount,account,reference"] + lines.map { $0.joined(separator: ",") })
                .joined(separator: "\n").utf8)
    }

    @discardableResult
    func answer(
        _ order: PaymentOrder, _ outcome: String, _ fen: Int64, reference: String = "", account: String? = nil
    ) async throws -> BankLine? {
        let number: String
        if let account { number = account } else { number = try await self.number(of: order) }
        let line = [order.number, outcome, PaymentFile.yuan(Money(fen: fen)), number, reference]
        let answer = try await answers.read(Till.csv([line]), name: "a.csv", by: Till.treasurer)
        return try await db.read { tx in try BankAnswerStore.lines(of: answer.id, limit: 1, tx).first }
    }

    func balance(_ kind: AccountKind, _ project: String = "p1") async throws -> Int64 {
        try await db.read { tx in
            try Balances.now(try .project(kind, "science", year: 2026, project), tx)?.balance.fen ?? 0
        }
    }

    func left() async throws -> Int64 {
        try await db.read { tx in try Balances.now(Till.budget, tx)?.balance.fen ?? 0 }
    }

    func faults() async throws -> [LedgerCheck.Fault] { try await db.read { tx in try LedgerCheck.run(tx).faults } }
}
