public import Kernel
import Ledger
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

    /// All programmes with their money of a year, as the books have it, in two queries.
    public static func balances(year: Int, _ tx: Tx) throws -> [ProgrammeBalance] {
        let lines = Dictionary(
            try Board.of(year: year, tx).map { ($0.programme, $0) }, uniquingKeysWith: { first, _ in first })
        return try all(tx).map { ProgrammeBalance(programme: $0, lines[LedgerAccount.code($0.code)]) }
    }
}

/// A programme's money of one year.
public struct ProgrammeBalance: Codable, Hashable, Sendable {
    public let programme: Programme
    /// All that was given to it, wherever it lies by now.
    public let budget: Money
    /// What calls and projects have of it, proposed calls among them.
    public let promised: Money

    /// - Parameter line: what the books have; nil where they have nothing.
    init(programme: Programme, _ line: BoardLine?) {
        self.programme = programme
        budget = Money.sum((line?.stations ?? [:]).values.map(\.balance))
        promised = budget - (line?[.budget].balance ?? .zero) + (line?[.budget].heldOut ?? .zero)
    }

    /// What may still be promised.
    public var left: Money { budget - promised }
}
