import Kernel
import Ledger
import Review
import Store
import Treasury

/// Everything that stands behind a project's money: from the call to the voucher, and back.
struct Trail: Sendable {
    let project: Project
    let call: Call
    let programme: Programme?
    let decision: Decision?
    let notice: Notice?
    let rulings: [RulingStore.Stored]
    let letters: [Letter]
    let files: [CaseFile]
    let tranches: [Tranche]
    let orders: [PaymentOrder]
    let vouchers: [VoucherLine]
    let recoveries: [Recovery]
    let postings: [StoredPosting]
    /// What happened, by the identity of the event.
    let events: [String: String]
    let names: [String: String]

    /// A voucher that the awardee reported.
    struct VoucherLine: Sendable {
        let id: String
        let number: String
        let day: Day
        let heading: String
        let payee: String
        let amount: Money
        let file: String?
        let hash: String?
        let posting: String?
        let report: String
    }

    /// Postings and vouchers that one page shows.
    static let page = 100

    /// Reads the trail of a project in a constant number of queries.
    /// - Parameter before: the posting before which the list of postings goes on.
    static func load(_ project: Project, before: String?, _ tx: Tx) throws -> Trail {
        let ids = try tx.rows(
            "SELECT id FROM case_file WHERE id IN \(list: [project.id, project.application]) OR parent = \(project.id)"
        ) { try $0["id"] as ID<CaseFile> }
        let files = try ids.compactMap { try CaseStore.find($0, tx) }
        let decided: ID<Decision>? = try tx.value(
            """
            SELECT d.id FROM funding_decision_item i JOIN funding_decision d ON d.id = i.decision
            WHERE i.case_id = \(project.application) AND i.outcome = 'award' ORDER BY d.id DESC LIMIT 1
            """)
        let decision = try decided.flatMap { try DecisionStore.find($0, tx) }
        let postings = try postings(of: project, before: before, tx)
        let events = try tx.rows(
            "SELECT id, kind FROM event WHERE id IN \(list: Array(Set(postings.map(\.event))))"
        ) { (try $0["id"] as String, try $0["kind"] as String) }
        let tranches = try TrancheStore.list(project: project.id, tx)
        let people = Set(
            tranches.flatMap { [$0.orderedBy, $0.confirmedBy] }.compactMap(\.self)
                + [decision?.proposedBy, decision?.decidedBy].compactMap(\.self))
        let names = try tx.rows("SELECT id, name FROM account WHERE id IN \(list: Array(people))") {
            (try $0["id"] as String, try $0["name"] as String)
        }
        return Trail(
            project: project, call: try CallStore.require(project.call, tx),
            programme: try ProgrammeStore.find(project.programme, tx), decision: decision,
            notice: try decision?.notice.flatMap { try NoticeStore.find($0, tx) },
            rulings: try RulingStore.list(of: project.application, tx) + RulingStore.list(of: project.id, tx),
            letters: try Letters.list(of: project.application, tx) + Letters.list(of: project.id, tx), files: files,
            tranches: tranches, orders: try PaymentStore.list(of: project.id, tx),
            vouchers: try vouchers(of: project, tx),
            recoveries: try RecoveryStore.list(project: project.id, tx), postings: postings,
            events: Dictionary(events, uniquingKeysWith: { a, _ in a }),
            names: Dictionary(names, uniquingKeysWith: { a, _ in a }))
    }

    private static func postings(of project: Project, before: String?, _ tx: Tx) throws -> [StoredPosting] {
        let edge: SQL = before.map { "AND l.posting < \($0)" } ?? ""
        let ids = try tx.rows(
            """
            SELECT DISTINCT l.posting FROM ledger_account a JOIN ledger_leg l ON l.account = a.id
            WHERE a.project = \(LedgerAccount.code(project.number)) \(edge)
            ORDER BY l.posting DESC LIMIT \(page + 1)
            """
        ) { try $0["posting"] as ID<StoredPosting> }
        return try PostingStore.all(ids, tx).reversed()
    }

    private static func vouchers(of project: Project, _ tx: Tx) throws -> [VoucherLine] {
        return try tx.rows(
            """
            SELECT id, number, day, heading, payee, amount_fen, file, hash, posting, report FROM voucher
            WHERE project = \(project.id) ORDER BY day, id LIMIT \(page)
            """
        ) { row in
            VoucherLine(
                id: try row["id"], number: try row["number"], day: try row["day"], heading: try row["heading"],
                payee: try row["payee"], amount: try row["amount_fen"], file: try row["file"], hash: try row["hash"],
                posting: try row["posting"], report: try row["report"])
        }
    }
}

/// Finds what a number or an amount that somebody holds in hand is about.
enum TrailSearch {
    /// One thing found: what it is, and where the trail goes on.
    struct Hit: Sendable {
        let kind: Bilingual
        let text: String
        let day: String
        let amount: Money?
        let project: String?
        let posting: String?
    }

    enum Found: Sendable {
        case project(String)
        case hits([Hit])
    }

    /// - Parameters:
    ///   - text: a project's, application's, decision's, notice's, letter's or voucher's number, the identity of a
    ///     posting, an event or a case, or an amount.
    ///   - days: the days of the books in which an amount is looked for.
    static func find(_ text: String, days: (from: Day, to: Day), _ tx: Tx) throws -> Found {
        let word = text.trimmingPrefix(while: \.isWhitespace)
        let number = String(word)
        if let project = try project(number, tx) { return .project(project) }
        if let amount = try? Money(parsing: number), amount > .zero {
            return .hits(try postings(amount, days, tx))
        }
        let posting: String? = try tx.value(
            "SELECT id FROM ledger_posting WHERE id = \(number) OR event = \(number) ORDER BY id LIMIT 1")
        guard let posting, let stored = try PostingStore.find(ID(posting), tx) else { return .hits([]) }
        let owner = try stored.caseID.flatMap { try ProjectStore.find($0, tx)?.number }
        if let owner { return .project(owner) }
        let amount = stored.legs.first { $0.inward > .zero }?.inward
        return .hits([
            Hit(
                kind: stored.kind.name, text: stored.text, day: stored.day.description, amount: amount, project: nil,
                posting: posting)
        ])
    }

    private static func project(_ number: String, _ tx: Tx) throws -> String? {
        if let found = try ProjectStore.find(number: number, tx) { return found.number }
        let byCase: String? = try tx.value(
            """
            SELECT p.number FROM project p WHERE p.case_id = \(number) OR p.application = \(number)
                OR p.application IN (SELECT case_id FROM application WHERE number = \(number))
                OR p.application IN (
                    SELECT i.case_id FROM funding_decision d JOIN funding_decision_item i ON i.decision = d.id
                    WHERE d.number = \(number))
                OR p.case_id IN (SELECT case_id FROM letter WHERE number = \(number))
                OR p.application IN (SELECT case_id FROM letter WHERE number = \(number))
                OR p.application IN (
                    SELECT r.case_id FROM notice n JOIN notice_row r ON r.notice = n.id WHERE n.number = \(number))
            ORDER BY p.number LIMIT 1
            """)
        if let byCase { return byCase }
        return try tx.value(
            """
            SELECT p.number FROM voucher v JOIN project p ON p.case_id = v.project
            WHERE v.id = \(number) OR v.number = \(number) LIMIT 1
            """)
    }

    private static func postings(_ amount: Money, _ days: (from: Day, to: Day), _ tx: Tx) throws -> [Hit] {
        let rows = try tx.rows(
            """
            SELECT DISTINCT p.id, p.day, p.kind, p.text, j.number
            FROM ledger_posting p JOIN ledger_leg l ON l.posting = p.id LEFT JOIN project j ON j.case_id = p.case_id
            WHERE p.day BETWEEN \(days.from) AND \(days.to) AND l.in_fen = \(amount) ORDER BY p.day, p.id LIMIT 50
            """)
        return try rows.map { row in
            let kind: StoredPosting.Kind = try row["kind"]
            return Hit(
                kind: kind.name, text: try row["text"], day: try row["day"], amount: amount,
                project: try row["number"], posting: try row["id"])
        }
    }
}
