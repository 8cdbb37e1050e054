public import Kernel
public import Store

/// One kept conflict of a round.
public struct KeptConflict: Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable, CaseIterable, SQLConvertible {
        case stands, lifted, ended

        public var title: Bilingual {
            switch self {
            case .stands: Bilingual("有效", "Stands")
            case .lifted: Bilingual("经裁定解除", "Lifted by a ruling")
            case .ended: Bilingual("已失效", "Ended")
            }
        }
    }

    public let round: ID<Round>
    public let finding: ConflictFinding
    public let state: State
    public let foundAt: Instant

    init(row: Row) throws {
        round = try row["round"]
        state = try row["state"]
        foundAt = try row["found_at"]
        let item: String = try row["item"]
        let source: String = try row["source"]
        finding = ConflictFinding(
            expert: try row["expert"], item: item.isEmpty ? nil : ID(item), kind: try row["kind"],
            subject: try row["subject"], from: try row["from_day"], until: try row["until_day"],
            source: ConflictFinding.Source(rawValue: source) ?? .declared, note: try row["note"],
            author: try row["author"])
    }
}

extension ConflictFinding {
    /// Tells it from the other conflicts of its expert in a round.
    struct Key: Hashable {
        let item: String
        let kind: Conflict
        let subject: String
    }

    var key: Key { Key(item: item?.text ?? "", kind: kind, subject: subject) }
}

/// The kept conflicts of rounds. The database itself refuses an assignment whose pair is among them.
public enum ConflictStore {
    /// Keeps who takes part in which item, so that one changed fact touches only its own items.
    static func keep(parties items: [ItemFacts], of round: ID<Round>, _ tx: Tx) throws {
        let rows = items.flatMap { item in
            Set(ConflictEngine.parties(item)).sorted { ($0.subject, $0.role.rawValue) < ($1.subject, $1.role.rawValue) }
                .map { one -> SQL in "(\(round), \(one.subject), \(one.role.rawValue), \(one.item))" }
        }
        for part in rows.blocks(of: 200) {
            try tx.run(
                "INSERT INTO review_party (round, party, role, item) VALUES \(SQL.join(part, separator: ", "))")
        }
    }

    /// Keeps conflicts; one that was lifted stays lifted.
    static func keep(_ found: [ConflictFinding], of round: ID<Round>, at now: Instant, _ tx: Tx) throws {
        let rows = found.map { one -> SQL in
            """
            (\(round), \(one.expert), \(one.item?.text ?? ""), \(one.kind), \(one.subject), 'stands', \(one.from),
                \(one.until), \(one.source.rawValue), \(one.note), \(one.author), \(now))
            """
        }
        for part in rows.blocks(of: 200) {
            try tx.run(
                """
                INSERT INTO review_conflict (round, expert, item, kind, subject, state, from_day, until_day, source,
                    note, author, found_at)
                VALUES \(SQL.join(part, separator: ", "))
                ON CONFLICT (round, expert, item, kind, subject) DO UPDATE SET
                    state = CASE WHEN review_conflict.state = 'lifted' THEN 'lifted' ELSE 'stands' END,
                    from_day = excluded.from_day, until_day = excluded.until_day
                """)
        }
    }

    /// Who takes part in which item of a round.
    /// - Parameter names: only these; nil for all.
    static func parties(
        of round: ID<Round>, among names: [String]? = nil, _ tx: Tx
    ) throws -> [ConflictEngine.Party] {
        let chosen: SQL = names.map { "AND party IN \(list: $0)" } ?? ""
        return try tx.rows(
            "SELECT item, role, party FROM review_party WHERE round = \(round) \(chosen) ORDER BY party, role, item"
        ) { row -> ConflictEngine.Party in
            let role: String = try row["role"]
            return ConflictEngine.Party(
                item: try row["item"], role: ConflictEngine.Role(rawValue: role) ?? .person,
                subject: try row["party"])
        }
    }

    /// What is kept between experts and a round and has not ended, be it lifted: one query.
    static func known(
        _ experts: [ID<Expert>], in round: ID<Round>, _ tx: Tx
    ) throws -> [ID<Expert>: Set<ConflictFinding.Key>] {
        let kept = try tx.rows(
            """
            SELECT * FROM review_conflict WHERE round = \(round) AND expert IN \(list: experts) AND state <> 'ended'
            """, KeptConflict.init(row:))
        return Dictionary(grouping: kept.map(\.finding), by: \.expert).mapValues { Set($0.map(\.key)) }
    }

    /// Ends conflicts of a round that no longer hold; what was lifted stays so.
    static func end(_ ended: [KeptConflict], of round: ID<Round>, _ tx: Tx) throws {
        let each = ended.map(\.finding).map { one -> SQL in
            """
            (expert = \(one.expert) AND item = \(one.item?.text ?? "") AND kind = \(one.kind)
                AND subject = \(one.subject))
            """
        }
        for part in each.blocks(of: 200) {
            try tx.run(
                """
                UPDATE review_conflict SET state = 'ended' WHERE round = \(round) AND state = 'stands'
                    AND (\(SQL.join(part, separator: " OR ")))
                """)
        }
    }

    /// What was lifted between an expert and an item.
    static func lifted(
        _ round: ID<Round>, _ expert: ID<Expert>, _ item: ID<CaseFile>, _ tx: Tx
    ) throws -> Set<ConflictFinding.Key> {
        Set(
            try tx.rows(
                """
                SELECT * FROM review_conflict WHERE round = \(round) AND expert = \(expert)
                    AND item IN (\(item.text), '') AND state = 'lifted'
                """, KeptConflict.init(row:)
            ).map(\.finding.key))
    }

    /// Who of some experts stands in a kept conflict with an item.
    static func barred(
        _ experts: [ID<Expert>], from item: ID<CaseFile>, in round: ID<Round>, _ tx: Tx
    ) throws -> Set<ID<Expert>> {
        Set(
            try tx.rows(
                """
                SELECT DISTINCT expert FROM review_conflict WHERE round = \(round) AND expert IN \(list: experts)
                    AND item IN (\(item.text), '') AND state = 'stands'
                """
            ) { try $0["expert"] as ID<Expert> })
    }

    /// A page of a round's conflicts by item, expert and kind.
    /// - Parameters:
    ///   - item: only what bears on this item, conflicts with every item of the round among them.
    ///   - cursor: the item (empty: all), expert, kind and subject after which the page begins.
    public static func list(
        _ round: ID<Round>, kind: Conflict? = nil, item: ID<CaseFile>? = nil, expert: ID<Expert>? = nil,
        state: KeptConflict.State? = nil, after cursor: [String]? = nil, limit: Int, _ tx: Tx
    ) throws -> [KeptConflict] {
        var conditions: [SQL] = ["round = \(round)"]
        if let kind { conditions.append("kind = \(kind)") }
        if let item { conditions.append("item IN (\(item.text), '')") }
        if let expert { conditions.append("expert = \(expert)") }
        if let state { conditions.append("state = \(state)") }
        if let cursor, cursor.count == 4 {
            conditions.append(
                """
                (item, expert, kind, subject) > (\(cursor[0]), \(cursor[1]), \(cursor[2]), \(cursor[3]))
                """)
        }
        return try tx.rows(
            """
            SELECT * FROM review_conflict WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY item, expert, kind, subject LIMIT \(limit)
            """, KeptConflict.init(row:))
    }

    /// A page of one expert's conflicts of the kinds that experts are told, the newest round first.
    /// - Parameter cursor: round, item (empty: all), kind and subject after which the page begins.
    public static func own(
        _ expert: ID<Expert>, after cursor: [String]? = nil, limit: Int, _ tx: Tx
    ) throws -> [OwnConflict] {
        let edge: SQL =
            cursor.flatMap { $0.count == 4 ? $0 : nil }.map {
                "AND (c.round, c.item, c.kind, c.subject) < (\($0[0]), \($0[1]), \($0[2]), \($0[3]))"
            } ?? ""
        return try tx.rows(
            """
            SELECT c.*, r.subject AS round_subject, r.state AS round_state
            FROM review_conflict c JOIN review_round r ON r.id = c.round
            WHERE c.expert = \(expert) AND c.kind IN \(list: Conflict.told) \(edge)
            ORDER BY c.round DESC, c.item DESC, c.kind DESC, c.subject DESC LIMIT \(limit)
            """, OwnConflict.init(row:))
    }

    /// Standing conflicts that were found after the plan of a round was fixed.
    static func late(_ round: Round, _ tx: Tx) throws -> [ConflictFinding] {
        try tx.rows(
            """
            SELECT c.* FROM review_conflict c JOIN review_round r ON r.id = c.round
            WHERE c.round = \(round.id) AND c.state = 'stands' AND c.found_at > r.opened_at
            """, KeptConflict.init(row:)
        ).map(\.finding)
    }

    /// One kept conflict.
    public static func find(
        _ round: ID<Round>, _ expert: ID<Expert>, item: String, kind: Conflict, subject: String, _ tx: Tx
    ) throws -> KeptConflict? {
        try tx.first(
            """
            SELECT * FROM review_conflict WHERE round = \(round) AND expert = \(expert) AND item = \(item)
                AND kind = \(kind) AND subject = \(subject)
            """, KeptConflict.init(row:))
    }

    /// How many conflicts of each kind stand in a round.
    public static func counts(_ round: ID<Round>, _ tx: Tx) throws -> [Conflict: Int] {
        var found: [Conflict: Int] = [:]
        try tx.forEach(
            """
            SELECT kind, COUNT(*) AS n FROM review_conflict WHERE round = \(round) AND state = 'stands' GROUP BY kind
            """
        ) { row in found[try row["kind"]] = try row["n"] }
        return found
    }
}

/// A kept conflict as its expert sees it.
public struct OwnConflict: Hashable, Sendable {
    public let kept: KeptConflict
    /// What is reviewed, e.g. a call.
    public let subject: String
    /// Whether the round is under way, so that a contest has a use.
    public let isUnderWay: Bool

    init(row: Row) throws {
        kept = try KeptConflict(row: row)
        subject = try row["round_subject"]
        isUnderWay = try row["round_state"] as Round.State != .closed
    }
}

extension ExpertFacts {
    /// Everybody and every place by which an expert may be tied to an item.
    func names(on day: Day) -> [String] {
        var names = Set(people.map(\.text)).union(declared).union(ties.map(\.subject))
        names.formUnion(employers.map(\.text))
        names.formUnion((employments ?? []).map(\.organisation.text))
        names.formUnion((parents ?? []).map(\.text))
        names.formUnion(collaborators.map(\.text))
        names.formUnion(recorded.map(\.subject))
        return names.sorted()
    }
}
