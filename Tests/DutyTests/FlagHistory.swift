import Kernel
import Ledger
import Store

@testable import Funding

/// A seeded city whose books are mostly in order, with irregularities planted in them: which flag must find what.
struct FlagHistory {
    static let today = Day("2026-06-30") ?? Day(number: 0)
    private static let level = Money(fen: 100_000_000)

    private(set) var planted: [String: Set<String>] = [:]
    private var random: SeededRandom
    private var count = 0
    private let zone: CityZone
    private let tx: Tx

    private struct Made {
        let id: ID<CaseFile>
        let number: String
        let organisation: String
        let programme: String
        var account: (AccountKind) throws -> LedgerAccount
    }

    /// - Parameter first: where the numbering goes on, in books that another history began.
    init(seed: UInt64, zone: CityZone, _ tx: Tx, from first: Int = 0) throws {
        random = SeededRandom(seed: seed)
        self.zone = zone
        self.tx = tx
        count = first
        guard first == 0 else { return }
        try begin()
    }

    private mutating func begin() throws {
        for (id, number, closes) in [("n1", "GS-1", "2025-05-31"), ("n2", "GS-2", "2026-05-31")] {
            try tx.run(
                """
                INSERT INTO notice (id, number, title_zh, title_en, intro_zh, intro_en, subject_kind, subject, opens_on,
                    closes_on, basis_zh, basis_en, content_hash, division, published_at)
                VALUES (\(id), \(number), '', '', '', '', 'decision', \(id), '2025-06-20', \(closes), '', '', '', '', 0)
                """)
        }
        for code in ["alpha", "beta"] {
            try tx.run(
                """
                INSERT INTO programme (id, code, kind, name_zh, name_en, summary_zh, summary_en, division, created_at)
                VALUES (\(code), \(code), '', '', '', '', '', '', 0)
                """)
            let amount = Money(fen: 1_000_000_000_000)
            let budget = LedgerAccount.budget(code, year: 2025)
            try post(amount, .source("municipal", year: 2025), budget, on: "2025-06-01", nil)
            try post(amount, budget, .reserve(code, year: 2025, call: "c"), on: "2025-06-01", nil, part: 2)
        }
        try tx.run(
            """
            INSERT INTO funding_call (id, number, programme, year, title_zh, title_en, state, opens_on, closes_on,
                budget_fen, division, field, content, revision, created_by, created_at)
            VALUES ('c', 'C', 'alpha', 2025, '', '', 'published', '2025-06-01', '2025-06-10', 1, '', '', '{}', 0, '', 0)
            """)
        for id in ["n1", "n2"] {
            try tx.run(
                """
                INSERT INTO funding_decision (id, number, call, state, method, reasons, notice, proposed_by, proposed_at,
                    decided_by, decided_at, effective_at)
                VALUES (\(id), \(id), 'c', 'effective', 'strict', '', \(id), 'a', 0, 'b', 0, 0)
                """)
        }
    }

    // MARK: Parts

    private func moment(_ day: Day, _ second: Int) -> Instant {
        zone.start(of: day).adding(seconds: 36_000 + second)
    }

    @discardableResult
    private mutating func post(
        _ amount: Money, _ from: LedgerAccount, _ to: LedgerAccount, on day: Day, _ project: ID<CaseFile>?,
        entered: Day? = nil, part: Int64 = 1
    ) throws -> String {
        count += 1
        let origin = PostingOrigin(
            caseID: project, event: "e\(count)", actor: .system, rules: "t@1",
            at: moment(entered ?? day, count % 3_000))
        let fen = Money(fen: amount.fen / part)
        return try Ledger.post(
            Posting(fen, from: from, to: to, on: day, "t", key: "k\(count)", origin: origin), tx
        ).id.text
    }

    @discardableResult
    private mutating func post(
        _ amount: Money, _ from: LedgerAccount, _ to: LedgerAccount, on day: String, _ project: ID<CaseFile>?,
        part: Int64 = 1
    ) throws -> String {
        try post(amount, from, to, on: Day(day) ?? FlagHistory.today, project, part: part)
    }

    /// A project whose money went as far as an order, on the usual days.
    private mutating func project(
        _ amount: Money, decision: String? = "n1", starts: Day, ends: String = "2027-12-31",
        programme: String = "alpha",
        to last: AccountKind = .order
    ) throws -> Made {
        count += 1
        let (id, number) = ("case-\(padded(count, 5))", "KJ2025-\(padded(count, 5))")
        let organisation = "org-\(count)"
        try tx.run(
            """
            INSERT INTO organisation (id, name_zh, name_en, uscc, kind, address, created_at)
            VALUES (\(organisation), \(organisation), '', \("USCC\(count)"), 'enterprise', '', 0)
            """)
        try tx.run(
            """
            INSERT INTO project (case_id, number, application, call, programme, year, step, title_zh, title_en, field,
                organisation, organisation_zh, organisation_en, investigator, investigator_name, amount_fen, starts_on,
                ends_on)
            VALUES (\(id), \(number), \("app-\(count)"), 'c', \(programme), 2025, 'running', '', '', '520',
                \(organisation), '', '', \("person-\(count)"), '', \(amount), \(starts), \(ends))
            """)
        if let decision {
            try tx.run(
                """
                INSERT INTO funding_decision_item (decision, case_id, rank, outcome, amount_fen, reason_zh, reason_en)
                VALUES (\(decision), \("app-\(count)"), \(count), 'award', \(amount), '', '')
                """)
        }
        let made = Made(
            id: ID(id), number: number, organisation: organisation, programme: programme,
            account: { try LedgerAccount.project($0, programme, year: 2025, number) })
        let award = try post(
            amount, .reserve(programme, year: 2025, call: "c"), try made.account(.commitment), on: starts, made.id)
        if decision == nil { plant("no-decision", award) }
        guard last != .commitment else { return made }
        try post(
            amount, try made.account(.commitment), try made.account(.contract), on: starts.adding(days: 5), made.id)
        guard last != .contract else { return made }
        try post(amount, try made.account(.contract), try made.account(.order), on: starts.adding(days: 10), made.id)
        return made
    }

    private mutating func pay(_ amount: Money, _ made: Made, on day: Day, entered: Day? = nil) throws -> String {
        try post(amount, try made.account(.order), try made.account(.paid), on: day, made.id, entered: entered)
    }

    private mutating func spend(_ amount: Money, _ made: Made, on day: Day, _ voucher: Voucher = Voucher()) throws {
        let target = LedgerAccount.spent(made.programme, year: 2025, made.number, heading: "business")
        let posting = try post(amount, try made.account(.paid), target, on: day, made.id)
        try enter(amount, made, on: day, voucher, posting)
    }

    /// What is odd about a voucher.
    private struct Voucher {
        var number: String?
        var payee: String?
        var code = ""
        var flag: String?
    }

    private mutating func enter(
        _ amount: Money, _ made: Made, on day: Day, _ voucher: Voucher, _ posting: String, entered: Day? = nil
    ) throws {
        count += 1
        let id = "v\(padded(count, 6))"
        let number = voucher.number ?? "FP\(count)"
        let payee = voucher.payee ?? "supplier-\(Int.random(in: 1...400, using: &random))"
        try tx.run(
            """
            INSERT INTO spending_report (case_id, project, number, from_day, to_day, step, remark)
            VALUES (\("r\(id)"), \(made.id), '', '2025-01-01', '2027-12-31', '', '')
            """)
        try tx.run(
            """
            INSERT INTO voucher (id, project, report, organisation, number, number_key, day, heading, payee, payee_code,
                payee_key, amount_fen, currency, purpose, expert, warnings, reason, remark, state, posting, entered_by,
                entered_at)
            VALUES (\(id), \(made.id), \("r\(id)"), \(made.organisation), \(number), \(number), \(day), 'business',
                \(payee), \(voucher.code), \(payee), \(amount), 'CNY', '', '', '', '', '', 'accepted', \(posting), '',
                \(moment(entered ?? day, 0)))
            """)
        if let flag = voucher.flag { plant(flag, id) }
    }

    private mutating func plant(_ flag: String, _ subject: String) { planted[flag, default: []].insert(subject) }

    private mutating func amount(_ least: Double = 11.2, _ most: Double = 13.4) -> Money {
        var value = 1.0
        // e^x without a library: amounts spread over orders of magnitude as those of real projects do.
        let power = Double.random(in: least...most, using: &random)
        for step in stride(from: 40, to: 0, by: -1) { value = 1 + power / Double(step) * value }
        return Money(fen: Int64(value * 100) + Int64.random(in: 0...99, using: &random))
    }

    // MARK: The history

    /// Projects that are in order.
    mutating func ordinary(_ projects: Int) throws {
        for _ in 0..<projects {
            let starts = (Day("2025-07-05") ?? FlagHistory.today).adding(days: Int.random(in: 0...60, using: &random))
            let award = amount()
            let made = try project(award, starts: starts)
            _ = try pay(award, made, on: starts.adding(days: 14))
            var left = award.fen
            for month in 1...8 {
                let part = Money(fen: max(1, left * Int64.random(in: 8...45, using: &random) / 100))
                left -= part.fen
                try spend(part, made, on: starts.adding(days: 20 + month * 30 + Int.random(in: 0...9, using: &random)))
            }
        }
    }

    /// Every irregularity, some times over.
    mutating func irregular(_ times: Int) throws {
        for _ in 0..<times {
            try oddPayments()
            try oddBooks()
            try oddVouchers()
            try oddOrders()
        }
        let made = try project(
            Money(fen: 90_000_000_000), starts: Day("2025-07-01") ?? FlagHistory.today, programme: "beta")
        _ = try pay(Money(fen: 89_999_999_999), made, on: Day("2025-07-15") ?? FlagHistory.today)
        for _ in 0..<150 {
            let fen = 900_000 + Int64.random(in: 0...99_999, using: &random)
            try spend(Money(fen: fen), made, on: Day("2026-03-01") ?? FlagHistory.today)
        }
        plant("benford", "beta-2025")
        plant("slow-spending", made.number)
    }

    /// An ordinary project of which all is spent, so that only what is planted is odd about it.
    private mutating func quiet(_ amount: Money, decision: String? = "n1", ends: String = "2027-12-31") throws -> Made {
        try project(
            amount, decision: decision,
            starts: (Day("2026-01-10") ?? FlagHistory.today).adding(
                days: Int.random(in: 0...40, using: &random)), ends: ends)
    }

    private mutating func oddPayments() throws {
        let spring = (Day("2026-03-20") ?? FlagHistory.today).adding(days: Int.random(in: 0...20, using: &random))
        let early = try project(amount(), starts: spring, to: .commitment)
        let whole = try Balances.now(try early.account(.commitment), tx)?.balance ?? .zero
        plant(
            "paid-before-contract",
            try post(
                whole, try early.account(.commitment), try early.account(.paid), on: spring.adding(days: 1), early.id))
        let late = try quiet(amount(), ends: "2026-03-01")
        plant("paid-after-term", try pay(Money(fen: 1_234_567), late, on: spring))
        let open = try quiet(amount(), decision: "n2")
        plant("paid-in-publicity", try pay(Money(fen: 2_345_671), open, on: spring))
        let without = try quiet(amount(), decision: nil)
        _ = try pay(Money(fen: 3_456_712), without, on: spring)
        let near = try quiet(FlagHistory.level)
        plant("just-below-level", try pay(Money(fen: 98_765_432), near, on: spring))
        let both = try quiet(Money(fen: 200_000_001))
        _ = try pay(Money(fen: 60_123_456), both, on: spring)
        plant("split-payment", try pay(Money(fen: 61_234_567), both, on: spring.adding(days: 3)))
        let round = try quiet(Money(fen: 150_000_000))
        plant("round-sum", try pay(Money(fen: 150_000_000), round, on: spring))
        let barred = try quiet(amount())
        try tx.run(
            """
            INSERT INTO registry_bar (id, subject_kind, subject, activities, starts_on, reason_zh, reason_en, basis_zh,
                basis_en, number, made_by, made_at)
            VALUES (\("bar-\(count)"), 'organisation', \(barred.organisation), 'projects', '2026-01-01', '', '', '', '',
                'X', '', 0)
            """)
        plant("barred-payee", try pay(Money(fen: 4_567_123), barred, on: spring))
    }

    private mutating func oddBooks() throws {
        let (alpha, beta) = (LedgerAccount.budget("alpha", year: 2025), LedgerAccount.budget("beta", year: 2025))
        plant("december-move", try post(Money(fen: 777_777), alpha, beta, on: "2025-12-20", nil))
        let taken = try quiet(amount())
        count += 1
        let order = try post(
            Money(fen: 1_111), try taken.account(.order), try taken.account(.paid), on: "2026-02-28", taken.id)
        let origin = PostingOrigin(
            caseID: taken.id, event: "e\(count)", actor: .system, rules: "t@1",
            at: moment(Day("2026-06-20") ?? FlagHistory.today, count % 3_000))
        let back = try Ledger.post(
            Posting(
                .reverse(ID(order)), on: Day("2026-06-20") ?? FlagHistory.today, "t", key: "back\(count)",
                origin: origin),
            tx)
        plant("late-reversal", back.id.text)
        let dated = try quiet(amount())
        plant(
            "backdated",
            try pay(
                Money(fen: 5_671_234), dated, on: Day("2026-03-30") ?? FlagHistory.today, entered: Day("2026-05-20")))
        let slow = try project(amount(), starts: Day("2025-08-01") ?? FlagHistory.today)
        _ = try pay(Money(fen: 6_712_345), slow, on: Day("2025-09-01") ?? FlagHistory.today)
        plant("slow-spending", slow.number)
        let still = try project(amount(), starts: Day("2025-06-01") ?? FlagHistory.today)
        _ = try pay(Money(fen: 7_123_456), still, on: Day("2025-06-20") ?? FlagHistory.today)
        plant("dormant", still.number)
        plant("slow-spending", still.number)
    }

    private mutating func oddVouchers() throws {
        let spring = (Day("2026-04-01") ?? FlagHistory.today).adding(days: Int.random(in: 0...20, using: &random))
        let made = try quiet(Money(fen: 90_123_456))
        _ = try pay(Money(fen: 80_123_456), made, on: spring.adding(days: -1))
        let other = try quiet(Money(fen: 90_123_456))
        _ = try pay(Money(fen: 80_234_567), other, on: spring.adding(days: -1))
        count += 1
        let twice = "DUP\(count)"
        try spend(Money(fen: 123_456), made, on: spring, Voucher(number: twice, payee: "shop-\(count)"))
        let shop = "shop-\(count)"
        try tx.run("UPDATE voucher SET payee_key = \(shop) WHERE number = \(twice)")
        try spend(
            Money(fen: 123_456), other, on: spring, Voucher(number: twice, payee: shop, flag: "duplicate-voucher"))
        let mall = "mall-\(count)"
        try spend(Money(fen: 6_123_456), made, on: spring, Voucher(payee: mall))
        try spend(Money(fen: 6_234_567), made, on: spring.adding(days: 2), Voucher(payee: mall, flag: "split-invoice"))
        let code: String = try tx.value("SELECT uscc FROM organisation WHERE id = \(made.organisation)") ?? ""
        try spend(
            Money(fen: 234_567), made, on: spring, Voucher(payee: "self-\(count)", code: code, flag: "related-party"))
        try enter(
            Money(fen: 345_678), made, on: Day("2024-05-05") ?? FlagHistory.today,
            Voucher(payee: "old-\(count)", flag: "voucher-outside-term"), "", entered: spring)
    }

    private mutating func oddOrders() throws {
        let day = Day("2026-04-20") ?? FlagHistory.today
        let made = try quiet(amount())
        count += 1
        let mark = count
        for (index, effective) in ["2024-01-01", "2026-04-15"].enumerated() {
            try tx.run(
                """
                INSERT INTO payee_account (id, payee_kind, payee, payee_zh, payee_en, holder, bank, branch, cnaps,
                    number_mark, number_end, state, proposed_by, proposed_name, proposed_at, decided_by, decided_at,
                    effective_on)
                VALUES (\("acc-\(mark)-\(index)"), 'organisation', \(made.organisation), 'x', '', '', '', '', '',
                    \("mark-\(index)"), \("\(index)"), 'confirmed', 'a', '', 0, 'b', \(moment(day, index)), \(effective))
                """)
        }
        try tx.run(
            """
            INSERT INTO payment_run (id, number, made_by, made_name, made_at, execution_on, orders, control_fen, payer,
                payer_account, payer_bank, xml_hash, csv_hash)
            VALUES (\("run-\(mark)"), \("run-\(mark)"), '', '', 0, \(day), 1, 1, '', '', '', '', '')
            """)
        try tx.run(
            """
            INSERT INTO payment_order (id, number, subject_kind, subject, case_id, payee_kind, payee, payee_zh, payee_en,
                source, programme, year, project, amount_fen, paid_fen, rejected_fen, returned_fen, purpose, note, state,
                posting, account, run, ordered_by, ordered_name, ordered_at, checked_by)
            VALUES (\("pay-\(mark)"), \("FK\(mark)"), 'tranche', \("t\(mark)"), \(made.id), 'organisation',
                \(made.organisation), 'x', '', '', 'alpha', 2025, \(made.number), 100, 100, 0, 0, '', '', 'paid', '',
                \("acc-\(mark)-1"), \("run-\(mark)"), 'a', '', \(moment(day, 9)), 'b')
            """)
        plant("account-changed", "pay-\(mark)")
        try tx.run(
            """
            INSERT INTO bank_answer (id, format, name, hash, read_by, read_name, read_at, lines)
            VALUES (\("ans-\(mark)"), 'csv', '', \("h\(mark)"), '', '', 0, 1)
            """)
        try tx.run(
            """
            INSERT INTO bank_line (id, answer, position, line, number, outcome, amount_fen, account_mark, account_end,
                booked_on, reason, payment, state)
            VALUES (\("line-\(mark)"), \("ans-\(mark)"), 1, 1, \("FK\(mark)"), 'paid', 100, 'mark-9', '9', \(day), '',
                \("pay-\(mark)"), 'matched')
            """)
        plant("other-account", "pay-\(mark)")
    }
}
