import Kernel
import Ledger
import Store

/// What one posting did to a project's money. Stations that the public is not told of are left out: who ordered a
/// payment when, and what was spent under which voucher.
struct PublicMove: Sendable {
    let posting: String
    let at: Instant
    let day: Day
    /// The change of each station, in fen.
    let change: [AccountKind: Int64]

    /// What it means to the outside.
    enum Meaning: Sendable {
        case awarded(Money)
        case signed(Money)
        /// Above zero: to the awardee; below: a payment that came back from the bank.
        case paid(Money)
        case returned(Money)
        /// Will not be paid any more.
        case freed(Money, hadContract: Bool)
    }

    private subscript(_ kind: AccountKind) -> Int64 { change[kind] ?? 0 }

    /// Nil where it means nothing to the outside.
    var meaning: Meaning? {
        let owed = self[.contract] + self[.order]
        if self[.returned] != 0 { return .returned(Money(fen: self[.returned])) }
        if self[.paid] != 0 { return owed == -self[.paid] ? .paid(Money(fen: self[.paid])) : nil }
        if owed > 0 { return .signed(Money(fen: owed)) }
        if owed < 0 { return .freed(Money(fen: -owed), hadContract: true) }
        if self[.commitment] > 0 { return .awarded(Money(fen: self[.commitment])) }
        if self[.commitment] < 0 { return .freed(Money(fen: -self[.commitment]), hadContract: false) }
        return nil
    }
}

/// What everybody may know of one award. There is no person in it.
struct PublicAward: Sendable {
    /// How the award came about.
    struct Decided: Sendable {
        let number: String
        let at: Instant
        let notice: String?
        let noticeOpens: Day?
        let noticeCloses: Day?
    }

    /// The call, as far as awards speak of it.
    struct CallFace: Sendable {
        let number: String
        let title: Bilingual
    }

    let project: Project
    let call: CallFace
    let programme: Programme?
    let organisation: Organisation?
    let requested: Money
    let decided: Decided
    var moves: [PublicMove]

    /// What the books have of it: awarded, contracted, paid, paid back, not to be paid any more.
    var sums: Sums { Sums(moves) }

    struct Sums: Hashable, Sendable {
        var awarded = Money.zero
        var signed = Money.zero
        var paid = Money.zero
        var returned = Money.zero
        var freed = Money.zero

        init(_ moves: [PublicMove]) {
            for move in moves {
                switch move.meaning {
                case .awarded(let amount): awarded = awarded + amount
                case .signed(let amount): signed = signed + amount
                case .paid(let amount): paid = paid + amount
                case .returned(let amount): returned = returned + amount
                case .freed(let amount, _): freed = freed + amount
                case nil: break
                }
            }
            // Awards of before the books were entered where they stood.
            if awarded == .zero { awarded = signed }
        }
    }
}

/// Reads what is public, in a constant number of queries a page.
enum PublicAwards {
    /// Awards whose decision took effect, by the identity of their case. What is under publicity has no project yet;
    /// files for a few divisions only are left out.
    static func page(after id: ID<CaseFile>?, limit: Int, _ tx: Tx) throws -> [PublicAward] {
        let edge: SQL = id.map { "AND p.case_id > \($0)" } ?? ""
        return try load(
            try tx.rows(
                """
                SELECT p.* FROM project p JOIN case_file f ON f.id = p.case_id
                WHERE f.audience IS NULL \(edge) ORDER BY p.case_id LIMIT \(limit)
                """, Project.init(row:)), tx)
    }

    /// One award; nil where there is none that is public.
    static func find(number: String, _ tx: Tx) throws -> PublicAward? {
        try load(
            try tx.rows(
                """
                SELECT p.* FROM project p JOIN case_file f ON f.id = p.case_id
                WHERE f.audience IS NULL AND p.number = \(number)
                """, Project.init(row:)), tx
        ).first
    }

    private static func load(_ projects: [Project], _ tx: Tx) throws -> [PublicAward] {
        guard !projects.isEmpty else { return [] }
        let programmes = Dictionary(try ProgrammeStore.all(tx).map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        let organisations = try Registry.organisations(Array(Set(projects.map(\.organisation))), tx)
        let calls = try calls(projects, tx)
        let requested = try requested(projects, tx)
        let decided = try decided(projects, tx)
        let moves = try moves(projects, tx)
        return projects.compactMap { project in
            guard let call = calls[project.call], let decided = decided[project.application] else { return nil }
            return PublicAward(
                project: project, call: call, programme: programmes[project.programme],
                organisation: organisations[project.organisation], requested: requested[project.application] ?? .zero,
                decided: decided, moves: moves[LedgerAccount.code(project.number)] ?? [])
        }
    }

    private static func calls(_ projects: [Project], _ tx: Tx) throws -> [ID<Call>: PublicAward.CallFace] {
        let rows = try tx.rows(
            "SELECT id, number, title_zh, title_en FROM funding_call WHERE id IN \(list: Array(Set(projects.map(\.call))))"
        ) { row -> (ID<Call>, PublicAward.CallFace) in
            let title = Bilingual(try row["title_zh"], try row["title_en"])
            return (try row["id"], PublicAward.CallFace(number: try row["number"], title: title))
        }
        return Dictionary(rows, uniquingKeysWith: { a, _ in a })
    }

    private static func requested(_ projects: [Project], _ tx: Tx) throws -> [ApplicationID: Money] {
        let rows = try tx.rows(
            "SELECT case_id, requested_fen FROM application WHERE case_id IN \(list: projects.map(\.application))"
        ) { row -> (ApplicationID, Money) in (try row["case_id"], try row["requested_fen"]) }
        return Dictionary(rows, uniquingKeysWith: { a, _ in a })
    }

    private static func decided(
        _ projects: [Project], _ tx: Tx
    ) throws -> [ApplicationID: PublicAward.Decided] {
        let rows = try tx.rows(
            """
            SELECT i.case_id, d.number, d.effective_at, n.number AS notice, n.opens_on, n.closes_on
            FROM funding_decision_item i JOIN funding_decision d ON d.id = i.decision
                LEFT JOIN notice n ON n.id = d.notice
            WHERE i.outcome = 'award' AND d.state = 'effective' AND i.case_id IN \(list: projects.map(\.application))
            """
        ) { row -> (ApplicationID, PublicAward.Decided) in
            let decided = PublicAward.Decided(
                number: try row["number"], at: try row["effective_at"], notice: try row["notice"],
                noticeOpens: try row["opens_on"], noticeCloses: try row["closes_on"])
            return (try row["case_id"], decided)
        }
        return Dictionary(rows, uniquingKeysWith: { a, _ in a })
    }

    /// What the books say, by the project's code, in the order of the postings.
    private static func moves(_ projects: [Project], _ tx: Tx) throws -> [String: [PublicMove]] {
        let kinds: [AccountKind] = [.commitment, .contract, .order, .paid, .returned]
        var found: [String: [PublicMove]] = [:]
        var change: [AccountKind: Int64] = [:]
        let rows = try tx.rows(
            """
            SELECT l.posting, p.at, p.day, a.project, a.kind, l.in_fen, l.out_fen
            FROM ledger_account a JOIN ledger_leg l ON l.account = a.id JOIN ledger_posting p ON p.id = l.posting
            WHERE a.project IN \(list: projects.map { LedgerAccount.code($0.number) }) AND a.kind IN \(list: kinds)
                AND NOT l.held
                AND (a.kind <> 'paid' OR EXISTS (
                    SELECT 1 FROM ledger_leg o JOIN ledger_account b ON b.id = o.account
                    WHERE o.posting = l.posting AND b.kind IN ('contract', 'order', 'returned')))
            ORDER BY a.project, l.posting, l.position
            """)
        for (index, row) in rows.enumerated() {
            let (posting, project): (String, String) = (try row["posting"], try row["project"])
            change[try row["kind"], default: 0] += try (row["in_fen"] as Int64) - (row["out_fen"] as Int64)
            let next = index + 1 < rows.count ? rows[index + 1] : nil
            if let next, try next["posting"] == posting, try next["project"] == project { continue }
            let move = PublicMove(posting: posting, at: try row["at"], day: try row["day"], change: change)
            found[project, default: []].append(move)
            change = [:]
        }
        return found
    }
}
