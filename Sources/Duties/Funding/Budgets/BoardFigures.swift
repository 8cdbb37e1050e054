import Kernel
import Ledger
import Store

/// The money of a programme, or of all, as the board shows it: budget = left + asked for + reserved + committed.
struct BoardFigures: Hashable, Sendable {
    /// All that was given, wherever it lies by now.
    var budget = Money.zero
    /// Held for calls that wait for their publication.
    var held = Money.zero
    /// Set aside for calls and not awarded yet.
    var reserved = Money.zero
    /// Awarded to projects, paid or not.
    var committed = Money.zero
    /// Paid to awardees, what they gave back included.
    var paid = Money.zero
    /// Accounted for by awardees.
    var spent = Money.zero
    /// What may still be promised.
    var left = Money.zero

    /// Kinds of accounts that hold what awards promise, and what of it was paid.
    static let promised: [AccountKind] = [.commitment, .contract, .order] + gone
    static let gone: [AccountKind] = [.paid, .spent, .surplus, .returned, .writtenOff]

    init() {}

    init(_ line: BoardLine) {
        held = line[.budget].heldOut
        left = line[.budget].balance - held
        reserved = line[.reserve].balance
        committed = Money.sum(BoardFigures.promised.map { line[$0].balance })
        paid = Money.sum(BoardFigures.gone.map { line[$0].balance })
        spent = line[.spent].balance
        budget = line[.budget].balance + reserved + committed
    }

    static func + (one: BoardFigures, other: BoardFigures) -> BoardFigures {
        var sum = BoardFigures()
        sum.budget = one.budget + other.budget
        sum.held = one.held + other.held
        sum.reserved = one.reserved + other.reserved
        sum.committed = one.committed + other.committed
        sum.paid = one.paid + other.paid
        sum.spent = one.spent + other.spent
        sum.left = one.left + other.left
        return sum
    }
}

/// What moved in one month of a budget year's money.
struct BoardMonth: Hashable, Sendable {
    let month: Month
    let granted: Money
    let given: Money
    let reserved: Money
    let committed: Money
    let paid: Money
    let spent: Money
    let returned: Money

    /// All months in which something moved, oldest first.
    static func all(_ sums: [MonthSum], _ ends: YearEndMoves) -> [BoardMonth] {
        let months = Dictionary(grouping: sums, by: \.month)
        return months.keys.sorted().map { month in
            let sums = months[month] ?? []
            let parts = Dictionary(grouping: sums, by: \.kind)
            func inward(_ kind: AccountKind) -> Money { Money.sum((parts[kind] ?? []).map(\.inward)) }
            return BoardMonth(
                month: month, granted: granted(sums, lapsed: ends.lapsed(in: month)), given: inward(.budget),
                reserved: inward(.reserve), committed: inward(.commitment), paid: inward(.paid),
                spent: inward(.spent), returned: inward(.returned))
        }
    }

    /// What sources granted, cuts taken off. Interest and penalties come from a source and lapse at once: no grant.
    /// - Parameter lapsed: what lapsed of grants meanwhile.
    static func granted(_ sums: [MonthSum], lapsed: Money) -> Money {
        func balance(_ kind: AccountKind) -> Money { Money.sum(sums.filter { $0.kind == kind }.map(\.balance)) }
        return lapsed - balance(.lapsed) - balance(.source)
    }
}

/// What a district or a field has of a budget year's money.
struct BoardPart: Hashable, Sendable {
    enum Dimension: String, CaseIterable, SQLConvertible { case district, field }

    let part: String
    let projects: Int
    let committed: Money
    let paid: Money
    let spent: Money
}

/// Sums by district of the awardee and by field. The books know neither, so they are made anew when a year's money has
/// moved, and say when they were made.
enum BoardParts {
    static func list(
        _ dimension: BoardPart.Dimension, year: Int, _ tx: Tx
    ) throws -> (parts: [BoardPart], madeAt: Instant?) {
        let parts = try tx.rows(
            """
            SELECT part, projects, committed_fen, paid_fen, spent_fen FROM funding_board
            WHERE year = \(year) AND dimension = \(dimension) ORDER BY committed_fen DESC, part
            """
        ) { row in
            BoardPart(
                part: try row["part"], projects: try row["projects"], committed: try row["committed_fen"],
                paid: try row["paid_fen"], spent: try row["spent_fen"])
        }
        return (parts, try tx.value("SELECT made_at FROM funding_board_state WHERE year = \(year)"))
    }

    /// Makes the sums of the years whose books have moved since. Where nothing moved, it only reads.
    static func refresh(in db: Database, at now: Instant) async throws {
        let stale = try await db.read { tx in
            let legs = try MonthSums.legs(tx)
            let known = Dictionary(
                try tx.rows("SELECT year, legs FROM funding_board_state") {
                    (try $0["year"] as Int, try $0["legs"] as Int)
                }, uniquingKeysWith: { _, last in last })
            return try legs.filter { $0.value != known[$0.key] }.map { year, legs in
                (year: year, legs: legs, parts: try sums(year: year, tx))
            }
        }
        for item in stale {
            try await db.write { tx in
                try tx.run("DELETE FROM funding_board WHERE year = \(item.year)")
                for (dimension, part) in item.parts {
                    try tx.run(
                        """
                        INSERT INTO funding_board (year, dimension, part, projects, committed_fen, paid_fen, spent_fen)
                        VALUES (\(item.year), \(dimension), \(part.part), \(part.projects), \(part.committed),
                            \(part.paid), \(part.spent))
                        """)
                }
                try tx.run(
                    """
                    INSERT INTO funding_board_state (year, legs, made_at) VALUES (\(item.year), \(item.legs), \(now))
                    ON CONFLICT (year) DO UPDATE SET legs = excluded.legs, made_at = excluded.made_at
                    """)
            }
        }
    }

    private static func sums(year: Int, _ tx: Tx) throws -> [(BoardPart.Dimension, BoardPart)] {
        let promised = BoardFigures.promised.map(\.rawValue)
        let gone = BoardFigures.gone.map(\.rawValue)
        return try BoardPart.Dimension.allCases.flatMap { dimension in
            // 登记管理机关行政区划码: the third to eighth character of the code of the awardee.
            let part: SQL = dimension == .field ? "p.field" : "COALESCE(substr(o.uscc, 3, 6), '')"
            return try tx.rows(
                """
                SELECT \(part) AS part, COUNT(DISTINCT p.case_id) AS projects,
                    SUM(CASE WHEN a.kind IN \(list: promised) THEN a.in_fen - a.out_fen ELSE 0 END) AS committed_fen,
                    SUM(CASE WHEN a.kind IN \(list: gone) THEN a.in_fen - a.out_fen ELSE 0 END) AS paid_fen,
                    SUM(CASE WHEN a.kind = 'spent' THEN a.in_fen - a.out_fen ELSE 0 END) AS spent_fen
                FROM project p JOIN ledger_account a ON a.project = lower(p.number)
                LEFT JOIN organisation o ON o.id = p.organisation
                WHERE p.year = \(year) AND a.year = \(year) GROUP BY \(part)
                """
            ) { row in
                (
                    dimension,
                    BoardPart(
                        part: try row["part"], projects: try row["projects"], committed: try row["committed_fen"],
                        paid: try row["paid_fen"], spent: try row["spent_fen"])
                )
            }
        }
    }
}
