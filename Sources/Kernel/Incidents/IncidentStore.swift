public import Store

/// Incidents and what was said of them; both are written once, and the tables refuse changes.
public enum IncidentStore {
    public static let migrations = Migrations(
        room: "incidents",
        steps: [
            Migration(
                id: "2026-11-28-incidents",
                statements: [
                    """
                    CREATE TABLE incident (
                        id TEXT PRIMARY KEY, number TEXT NOT NULL, kind TEXT NOT NULL, title_zh TEXT NOT NULL,
                        title_en TEXT NOT NULL, began_at BIGINT NOT NULL, opened_by TEXT NOT NULL,
                        opened_at BIGINT NOT NULL, CONSTRAINT incident_number_key UNIQUE (number)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX incident_began ON incident (began_at, id)",
                    """
                    CREATE TABLE incident_update (
                        incident TEXT NOT NULL REFERENCES incident (id), position BIGINT NOT NULL,
                        state TEXT NOT NULL, text_zh TEXT NOT NULL, text_en TEXT NOT NULL, at BIGINT NOT NULL,
                        written_by TEXT NOT NULL, PRIMARY KEY (incident, position)
                    ) \(SQL.strict)
                    """,
                    // Who must be told apart from the public; its notes are for administrators alone.
                    """
                    CREATE TABLE incident_telling (
                        id TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incident (id), whom TEXT NOT NULL,
                        note TEXT NOT NULL, due_on TEXT NOT NULL, added_by TEXT NOT NULL, added_at BIGINT NOT NULL,
                        done_on TEXT, done_note TEXT, done_by TEXT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX incident_telling_incident ON incident_telling (incident, due_on, id)",
                    "CREATE INDEX incident_telling_due ON incident_telling (due_on, id) WHERE done_on IS NULL",
                ] + SQL.appendOnly("incident") + SQL.appendOnly("incident_update"))
        ])

    /// The state that was said last, of an incident `i`.
    private static let state: SQL = """
        (SELECT u.state FROM incident_update u WHERE u.incident = i.id ORDER BY u.position DESC LIMIT 1)
        """

    /// Incidents, the latest beginning first, after one; two queries.
    /// - Parameter isOpen: those that are not closed, or those that are; nil for all.
    public static func list(
        isOpen: Bool? = nil, after number: String? = nil, limit: Int, _ tx: Tx
    ) throws -> [IncidentReport] {
        var conditions: [SQL] = ["1 = 1"]
        if let isOpen { conditions.append(isOpen ? "\(state) <> 'closed'" : "\(state) = 'closed'") }
        if let number {
            conditions.append("(i.began_at, i.id) < (SELECT began_at, id FROM incident WHERE number = \(number))")
        }
        let rows = try tx.rows(
            """
            SELECT i.* FROM incident i WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY i.began_at DESC, i.id DESC LIMIT \(limit)
            """)
        return try whole(rows, tx)
    }

    /// Incidents of which something was said last, the latest first, for those who follow them; two queries.
    public static func said(limit: Int, _ tx: Tx) throws -> [IncidentReport] {
        let rows = try tx.rows(
            """
            SELECT i.* FROM incident i JOIN (
                SELECT incident, MAX(at) AS last_at FROM incident_update GROUP BY incident
                ORDER BY last_at DESC, incident DESC LIMIT \(limit)
            ) u ON u.incident = i.id ORDER BY u.last_at DESC, i.id DESC
            """)
        return try whole(rows, tx)
    }

    /// The incident that was opened with the same words before, such as by the first of two clicks.
    static func same(
        _ draft: IncidentDraft, _ kind: IncidentReport.Kind, began: Instant, by actor: Actor, _ tx: Tx
    ) throws -> IncidentReport? {
        let rows = try tx.rows(
            """
            SELECT i.* FROM incident i JOIN incident_update u ON u.incident = i.id AND u.position = 1
            WHERE i.began_at = \(began) AND i.kind = \(kind) AND i.title_zh = \(draft.titleZh)
                AND i.title_en = \(draft.titleEn) AND i.opened_by = \(actor.account?.text ?? "system")
                AND u.state = \(draft.word.state) AND u.text_zh = \(draft.word.zh) AND u.text_en = \(draft.word.en)
            ORDER BY i.id LIMIT 1
            """)
        return try whole(rows, tx).first
    }

    public static func find(_ id: ID<IncidentReport>, _ tx: Tx) throws -> IncidentReport? {
        try whole(try tx.rows("SELECT * FROM incident WHERE id = \(id)"), tx).first
    }

    public static func find(number: String, _ tx: Tx) throws -> IncidentReport? {
        try whole(try tx.rows("SELECT * FROM incident WHERE number = \(number)"), tx).first
    }

    /// The numbers of the incidents of a page, by their identity, in one query.
    public static func numbers(_ ids: Set<ID<IncidentReport>>, _ tx: Tx) throws -> [ID<IncidentReport>: String] {
        let found = try tx.rows("SELECT id, number FROM incident WHERE id IN \(list: Array(ids))") { row in
            (try row["id"] as ID<IncidentReport>, try row["number"] as String)
        }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }

    /// How many are not closed.
    public static func countOpen(_ tx: Tx) throws -> Int {
        try tx.value("SELECT COUNT(*) FROM incident i WHERE \(state) <> 'closed'") ?? 0
    }

    /// Rows of `incident` with all that was said of each, in one query more.
    private static func whole(_ rows: [Row], _ tx: Tx) throws -> [IncidentReport] {
        let ids: [ID<IncidentReport>] = try rows.map { try $0["id"] }
        guard !ids.isEmpty else { return [] }
        var updates: [ID<IncidentReport>: [IncidentReport.Update]] = [:]
        for row in try tx.rows(
            "SELECT * FROM incident_update WHERE incident IN \(list: ids) ORDER BY incident, position")
        {
            let incident: ID<IncidentReport> = try row["incident"]
            updates[incident, default: []].append(try IncidentReport.Update(row: row))
        }
        return try zip(ids, rows).map { id, row in try IncidentReport(row: row, updates: updates[id] ?? []) }
    }

    static func insert(_ draft: OpenedIncident, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO incident (id, number, kind, title_zh, title_en, began_at, opened_by, opened_at)
            VALUES (\(draft.id), \(draft.number), \(draft.kind), \(draft.title.zh), \(draft.title.en),
                \(draft.began), \(actor.account?.text ?? "system"), \(now))
            """)
    }

    static func say(
        _ text: Bilingual, _ state: IncidentReport.State, of id: ID<IncidentReport>, position: Int, by actor: Actor,
        at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO incident_update (incident, position, state, text_zh, text_en, at, written_by)
            VALUES (\(id), \(position), \(state), \(text.zh), \(text.en), \(now), \(actor.account?.text ?? "system"))
            """)
    }
}
