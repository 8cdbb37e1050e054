public import Store

/// How one organisation belongs to another (隶属关系), from a day on, with its source.
public struct Affiliation: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        /// Part of the same legal entity (分支机构).
        case branch
        /// A legal entity of its own under the other's control (下属单位、子公司).
        case subsidiary

        public var title: Bilingual {
            switch self {
            case .branch: Bilingual("分支机构", "Branch")
            case .subsidiary: Bilingual("下属单位或子公司", "Subsidiary")
            }
        }
    }

    public let organisation: ID<OrganisationMark>
    public let parent: ID<OrganisationMark>
    public let kind: Kind
    public let source: String
    /// The first day.
    public let from: Day
    /// The last day; nil while it lasts.
    public let to: Day?

    public init(
        organisation: ID<OrganisationMark>, parent: ID<OrganisationMark>, kind: Kind, source: String, from: Day,
        to: Day? = nil
    ) {
        self.organisation = organisation
        self.parent = parent
        self.kind = kind
        self.source = source
        self.from = from
        self.to = to
    }

    init(row: Row) throws {
        organisation = try row["organisation"]
        parent = try row["parent"]
        kind = try row["kind"]
        source = try row["source"]
        from = try row["from_day"]
        to = try row["to_day"]
    }
}

extension Registry {
    /// Levels above an organisation that are looked at, so that a loop in old data ends.
    static let depth = 20

    static let affiliations = Migration(
        id: "2026-11-25-registry-affiliations",
        statements: [
            """
            CREATE TABLE organisation_affiliation (
                organisation TEXT NOT NULL REFERENCES organisation (id),
                parent TEXT NOT NULL REFERENCES organisation (id), kind TEXT NOT NULL
                    CONSTRAINT organisation_affiliation_kind_check CHECK (kind IN ('branch', 'subsidiary')),
                source TEXT NOT NULL, from_day TEXT NOT NULL, to_day TEXT,
                recorded_by TEXT NOT NULL, recorded_at BIGINT NOT NULL,
                PRIMARY KEY (organisation, parent, from_day),
                CONSTRAINT organisation_affiliation_self_check CHECK (organisation <> parent)
            ) \(SQL.strict)
            """,
            "CREATE INDEX organisation_affiliation_parent ON organisation_affiliation (parent, organisation)",
        ])

    /// Keeps that an organisation belongs to another; the same first day again corrects it or gives it an end.
    /// - Throws: ``RegistryError/unknown``; ``RegistryError/circular`` where the parent belongs to the organisation.
    public static func affiliate(_ item: Affiliation, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        guard try organisation(item.organisation, tx) != nil, try organisation(item.parent, tx) != nil else {
            throw RegistryError.unknown
        }
        let above = try ancestors(of: [item.parent], on: item.from, tx)[item.parent] ?? []
        guard item.organisation != item.parent, !above.contains(item.organisation) else {
            throw RegistryError.circular
        }
        try tx.run(
            """
            INSERT INTO organisation_affiliation (organisation, parent, kind, source, from_day, to_day, recorded_by,
                recorded_at)
            VALUES (\(item.organisation), \(item.parent), \(item.kind), \(item.source), \(item.from), \(item.to),
                \(actor.account?.text ?? "system"), \(now))
            ON CONFLICT (organisation, parent, from_day) DO UPDATE SET kind = excluded.kind, source = excluded.source,
                to_day = excluded.to_day, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
            """)
        try Record.append(
            Event(
                room: "registry", kind: "organisation.affiliated", subjectKind: "organisation",
                subject: item.organisation.text, actor: actor, at: now,
                content: [
                    "parent": .string(item.parent.text), "kind": .string(item.kind.rawValue),
                    "source": .string(item.source), "from": .string(item.from.description),
                    "to": item.to.map { .string($0.description) } ?? .null,
                ]), tx)
    }

    /// To whom an organisation belongs or belonged, and who belongs to it.
    public static func affiliations(of id: ID<OrganisationMark>, _ tx: Tx) throws -> [Affiliation] {
        try tx.rows(
            """
            SELECT * FROM organisation_affiliation WHERE organisation = \(id)
            UNION SELECT * FROM organisation_affiliation WHERE parent = \(id)
            ORDER BY from_day, organisation, parent
            """, Affiliation.init(row:))
    }

    /// Everything above each organisation on a day: its parents, their parents, and so on. One query for 500
    /// organisations; those without a parent are not in the answer.
    public static func ancestors(
        of ids: [ID<OrganisationMark>], on day: Day, _ tx: Tx
    ) throws -> [ID<OrganisationMark>: Set<ID<OrganisationMark>>] {
        var found: [ID<OrganisationMark>: Set<ID<OrganisationMark>>] = [:]
        for part in ids.blocks() {
            try tx.forEach(
                """
                WITH RECURSIVE above (child, parent, depth) AS (
                    SELECT organisation, parent, 1 FROM organisation_affiliation
                    WHERE organisation IN \(list: part) AND from_day <= \(day) AND (to_day IS NULL OR to_day >= \(day))
                    UNION
                    SELECT above.child, a.parent, above.depth + 1 FROM above
                    JOIN organisation_affiliation a ON a.organisation = above.parent
                    WHERE a.from_day <= \(day) AND (a.to_day IS NULL OR a.to_day >= \(day)) AND above.depth < \(depth)
                )
                SELECT DISTINCT child, parent FROM above
                """
            ) { row in found[try row["child"], default: []].insert(try row["parent"]) }
        }
        return found
    }

    /// A page of organisations by name, after a name and identity; with words, those whose name or credit code begins
    /// with them.
    public static func list(
        words: String? = nil, after cursor: (name: String, id: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Organisation] {
        var conditions: [SQL] = ["1 = 1"]
        if let words, !words.isEmpty {
            // From the words up to the last text that begins with them.
            let last = words + "\u{10FFFF}"
            conditions.append(
                "((name_zh >= \(words) AND name_zh < \(last)) OR (uscc >= \(words) AND uscc < \(last)))")
        }
        if let cursor { conditions.append("(name_zh, id) > (\(cursor.name), \(cursor.id))") }
        return try tx.rows(
            """
            SELECT * FROM organisation WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY name_zh, id LIMIT \(limit)
            """, Organisation.init(row:))
    }
}
