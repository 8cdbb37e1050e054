public import Kernel
public import Store

/// A tie as it is kept.
public struct KeptTie: Hashable, Sendable {
    public let id: String
    public let expert: ID<Expert>
    public let tie: Tie
    public let recordedAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        expert = try row["expert"]
        tie = try Tie(keptRow: row)
        recordedAt = try row["recorded_at"]
    }
}

extension Tie {
    fileprivate init(keptRow row: Row) throws {
        self.init(
            try row["kind"], try row["subject"], from: try row["from_day"], to: try row["to_day"],
            source: try row["source"], author: try row["recorded_by"])
    }
}

/// Another identity that may be the same human being as an expert.
public struct ExpertAlias: Hashable, Sendable {
    public let expert: ID<Expert>
    public let person: ID<PersonMark>
    /// Where it is known from, in words.
    public let source: String
    /// Whether a second officer confirmed it; conflicts follow from it either way.
    public let isVerified: Bool
    /// Account of whoever recorded it.
    public let author: String
    public let recordedAt: Instant

    init(row: Row) throws {
        expert = try row["expert"]
        person = try row["person"]
        source = try row["source"]
        isVerified = try row["is_verified"]
        author = try row["recorded_by"]
        recordedAt = try row["recorded_at"]
    }
}

/// Ties and other identities of experts.
public enum TieStore {
    /// Ties by expert. One query.
    /// - Parameter experts: only theirs; nil for the whole pool.
    public static func ties(of experts: [ID<Expert>]? = nil, _ tx: Tx) throws -> [ID<Expert>: [Tie]] {
        var found: [ID<Expert>: [Tie]] = [:]
        let chosen: SQL = experts.map { "WHERE expert IN \(list: $0)" } ?? ""
        try tx.forEach("SELECT * FROM expert_tie \(chosen) ORDER BY expert, id") { row in
            found[try row["expert"], default: []].append(try Tie(keptRow: row))
        }
        return found
    }

    /// A page of ties, the newest first.
    /// - Parameter before: identity of the last one of the page before.
    public static func list(
        of expert: ID<Expert>? = nil, kind: TieKind? = nil, before: String? = nil, limit: Int, _ tx: Tx
    ) throws -> [KeptTie] {
        var conditions: [SQL] = ["1 = 1"]
        if let expert { conditions.append("expert = \(expert)") }
        if let kind { conditions.append("kind = \(kind)") }
        if let before { conditions.append("id < \(before)") }
        return try tx.rows(
            """
            SELECT * FROM expert_tie WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY id DESC LIMIT \(limit)
            """, KeptTie.init(row:))
    }

    /// Other identities by expert, proved or not. One query.
    public static func aliases(
        of experts: [ID<Expert>]? = nil, _ tx: Tx
    ) throws -> [ID<Expert>: Set<ID<PersonMark>>] {
        var found: [ID<Expert>: Set<ID<PersonMark>>] = [:]
        let chosen: SQL = experts.map { "WHERE expert IN \(list: $0)" } ?? ""
        try tx.forEach("SELECT expert, person FROM expert_alias \(chosen)") { row in
            found[try row["expert"], default: []].insert(try row["person"])
        }
        return found
    }

    /// A page of aliases by expert and person.
    public static func aliasList(
        after cursor: (expert: String, person: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [ExpertAlias] {
        let edge: SQL = cursor.map { "(expert, person) > (\($0.expert), \($0.person))" } ?? "1 = 1"
        return try tx.rows(
            "SELECT * FROM expert_alias WHERE \(edge) ORDER BY expert, person LIMIT \(limit)", ExpertAlias.init(row:))
    }

    static func alias(_ expert: ID<Expert>, _ person: ID<PersonMark>, _ tx: Tx) throws -> ExpertAlias? {
        try tx.first(
            "SELECT * FROM expert_alias WHERE expert = \(expert) AND person = \(person)", ExpertAlias.init(row:))
    }

    static func add(_ tie: Tie, id: String, to expert: ID<Expert>, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO expert_tie (id, expert, kind, subject, from_day, to_day, source, recorded_by, recorded_at)
            VALUES (\(id), \(expert), \(tie.kind), \(tie.subject), \(tie.from), \(tie.to), \(tie.source),
                \(tie.author), \(now))
            """)
    }

    static func addAlias(
        _ person: ID<PersonMark>, to expert: ID<Expert>, source: String, isVerified: Bool, by author: String,
        at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO expert_alias (expert, person, source, is_verified, recorded_by, recorded_at)
            VALUES (\(expert), \(person), \(source), \(isVerified), \(author), \(now))
            ON CONFLICT (expert, person) DO UPDATE SET source = excluded.source, is_verified = excluded.is_verified,
                recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
            """)
    }

    static func verify(_ alias: ExpertAlias, by author: String, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE expert_alias SET is_verified = \(true), verified_by = \(author), verified_at = \(now)
            WHERE expert = \(alias.expert) AND person = \(alias.person)
            """)
    }
}
