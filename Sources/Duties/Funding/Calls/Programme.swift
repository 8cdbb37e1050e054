public import Kernel
public import Store

/// A standing line of funding (科技计划/专项) with a budget for each year.
public struct Programme: Codable, Hashable, Sendable {
    public let id: ID<Programme>
    /// Stable code, e.g. `natural-science`.
    public let code: String
    /// What the limits rule asks for, e.g. `basic-research`.
    public let kind: String
    public let name: Bilingual
    public let summary: Bilingual
    /// Code of the division that runs it.
    public let division: String

    public init(
        id: ID<Programme>, code: String, kind: String, name: Bilingual, summary: Bilingual, division: String
    ) {
        self.id = id
        self.code = code
        self.kind = kind
        self.name = name
        self.summary = summary
        self.division = division
    }

    init(row: Row) throws {
        id = try row["id"]
        code = try row["code"]
        kind = try row["kind"]
        name = Bilingual(try row["name_zh"], try row["name_en"])
        summary = Bilingual(try row["summary_zh"], try row["summary_en"])
        division = try row["division"]
    }
}

/// Reads and writes programmes and their budgets of a year.
public enum ProgrammeStore {
    public static func all(_ tx: Tx) throws -> [Programme] {
        try tx.rows("SELECT * FROM programme ORDER BY code", Programme.init(row:))
    }

    public static func find(_ id: ID<Programme>, _ tx: Tx) throws -> Programme? {
        try tx.first("SELECT * FROM programme WHERE id = \(id)", Programme.init(row:))
    }

    public static func find(code: String, _ tx: Tx) throws -> Programme? {
        try tx.first("SELECT * FROM programme WHERE code = \(code)", Programme.init(row:))
    }

    /// Adds the programme or renews its texts.
    public static func save(_ programme: Programme, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO programme (id, code, kind, name_zh, name_en, summary_zh, summary_en, division, created_at)
            VALUES (\(programme.id), \(programme.code), \(programme.kind), \(programme.name.zh), \(programme.name.en),
                \(programme.summary.zh), \(programme.summary.en), \(programme.division), \(now))
            ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name_zh = excluded.name_zh,
                name_en = excluded.name_en, summary_zh = excluded.summary_zh, summary_en = excluded.summary_en,
                division = excluded.division
            """)
    }

    /// The budget of a programme in a year; zero where none is set.
    public static func budget(_ programme: ID<Programme>, year: Int, _ tx: Tx) throws -> Money {
        try tx.value("SELECT amount_fen FROM programme_budget WHERE programme = \(programme) AND year = \(year)")
            ?? .zero
    }

    public static func setBudget(
        _ amount: Money, of programme: ID<Programme>, year: Int, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO programme_budget (programme, year, amount_fen, set_by, set_at)
            VALUES (\(programme), \(year), \(amount), \(actor.account?.text ?? "system"), \(now))
            ON CONFLICT (programme, year) DO UPDATE SET amount_fen = excluded.amount_fen, set_by = excluded.set_by,
                set_at = excluded.set_at
            """)
    }

    /// What the calls of a programme and year take of its budget, cancelled ones apart.
    public static func promised(_ programme: ID<Programme>, year: Int, except call: ID<Call>?, _ tx: Tx) throws -> Money
    {
        let rest: SQL = call.map { "AND id <> \($0)" } ?? ""
        return try tx.value(
            """
            SELECT COALESCE(SUM(budget_fen), 0) FROM funding_call
            WHERE programme = \(programme) AND year = \(year) AND state <> 'cancelled' \(rest)
            """) ?? .zero
    }

    /// All programmes with their budget of a year and what calls take of it, in one query.
    public static func balances(year: Int, _ tx: Tx) throws -> [ProgrammeBalance] {
        try tx.rows(
            """
            SELECT p.*, COALESCE(b.amount_fen, 0) AS budget_fen, COALESCE((
                SELECT SUM(c.budget_fen) FROM funding_call c
                WHERE c.programme = p.id AND c.year = \(year) AND c.state <> 'cancelled'), 0) AS promised_fen
            FROM programme p LEFT JOIN programme_budget b ON b.programme = p.id AND b.year = \(year) ORDER BY p.code
            """
        ) { row in
            ProgrammeBalance(
                programme: try Programme(row: row), budget: try row["budget_fen"], promised: try row["promised_fen"])
        }
    }
}

/// A programme's money of one year.
public struct ProgrammeBalance: Codable, Hashable, Sendable {
    public let programme: Programme
    public let budget: Money
    /// What its calls take, cancelled ones apart.
    public let promised: Money
}
