public import Kernel
public import Store

/// Ties and other identities of experts.
public enum TieStore {
    /// Ties by expert. One query.
    /// - Parameter experts: only theirs; nil for the whole pool.
    public static func ties(of experts: [ID<Expert>]? = nil, _ tx: Tx) throws -> [ID<Expert>: [Tie]] {
        var found: [ID<Expert>: [Tie]] = [:]
        let chosen: SQL = experts.map { "WHERE expert IN \(list: $0)" } ?? ""
        try tx.forEach("SELECT * FROM expert_tie \(chosen) ORDER BY expert, id") { row in
            found[try row["expert"], default: []].append(
                Tie(
                    try row["kind"], try row["subject"], from: try row["from_day"], to: try row["to_day"],
                    source: try row["source"], author: try row["recorded_by"]))
        }
        return found
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
}
