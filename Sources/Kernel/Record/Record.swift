public import Store

/// The append-only log of everything that happened. Events are written in the transaction that they tell of, chained
/// within their case, and put in one order for the whole house by the sequencer, outside that transaction.
public enum Record {
    /// Appends an event inside the transaction that it tells of.
    /// - Returns: the identity of the event.
    @discardableResult
    public static func append(_ event: Event, _ tx: Tx) throws -> String {
        let id = UUIDv7.make(at: event.at)
        let contentHash = Digest.hex(Digest.sha256(event.content.canonicalBytes))
        var position = 0
        var previous = ""
        if let caseID = event.caseID {
            let last = try tx.first(
                "SELECT position, hash FROM event WHERE case_id = \(caseID) ORDER BY position DESC LIMIT 1"
            ) { (try $0["position"] as Int, try $0["hash"] as String) }
            position = (last?.0 ?? 0) + 1
            previous = last?.1 ?? ""
        }
        let salt = Digest.hex(try Secret.bytes(16))
        let hash = StoredEvent.hash(
            id: id, room: event.room, kind: event.kind, subjectKind: event.subjectKind, subject: event.subject,
            caseID: event.caseID, position: position, previous: previous, actor: event.actor, at: event.at,
            contentHash: contentHash)
        try tx.run(
            """
            INSERT INTO event (id, room, kind, subject_kind, subject, case_id, position, previous, actor, actor_name,
                at, content, content_hash, hash)
            VALUES (\(id), \(event.room), \(event.kind), \(event.subjectKind), \(event.subject), \(event.caseID),
                \(position), \(previous), \(event.actor), \(event.actorName), \(event.at), \(event.content),
                \(contentHash), \(hash))
            """)
        try tx.run(
            """
            INSERT INTO record_waiting (place, event, salt, is_public)
            VALUES (\(event.at.microseconds), \(id), \(salt), \(event.isPublic))
            """)
        return id
    }

    /// One event.
    public static func event(_ id: String, _ tx: Tx) throws -> StoredEvent? {
        try tx.first("SELECT * FROM event WHERE id = \(id)", StoredEvent.init(row:))
    }

    /// The events of a case in order.
    public static func events(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [StoredEvent] {
        try tx.rows("SELECT * FROM event WHERE case_id = \(caseID) ORDER BY position", StoredEvent.init(row:))
    }

    /// The events about a subject, oldest first.
    public static func events(about kind: String, _ subject: String, limit: Int = 200, _ tx: Tx) throws -> [StoredEvent]
    {
        try tx.rows(
            """
            SELECT * FROM event WHERE subject_kind = \(kind) AND subject = \(subject) ORDER BY id LIMIT \(limit)
            """, StoredEvent.init(row:))
    }

    /// A page of all events, newest first, before an event; for auditors. Their time orders them: identities of one
    /// process never go back, clocks may.
    /// - Throws: ``PlainProblem`` of kind `invalid`, code `page.cursor`, where there is no such event: that is not the
    ///   end of the record.
    public static func page(kind: String?, before: String?, limit: Int, _ tx: Tx) throws -> [StoredEvent] {
        var conditions: [SQL] = ["1 = 1"]
        if let kind { conditions.append("kind = \(kind)") }
        if let before {
            guard let last = try event(before, tx) else { throw noSuchPlace }
            conditions.append("(at, id) < (\(last.at), \(last.id))")
        }
        return try tx.rows(
            """
            SELECT * FROM event WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY at DESC, id DESC LIMIT \(limit)
            """, StoredEvent.init(row:))
    }

    private static let noSuchPlace = PlainProblem(
        .invalid, "page.cursor",
        Bilingual("翻页位置无效，请从第一页重新查看。", "This place in the list is not valid. Start again from the first page."),
        fields: [
            FieldProblem(
                field: "before", code: "page.cursor", message: Bilingual("没有这个事件", "There is no such event"))
        ])

    /// The kinds of event of which there is one at least, by name. Looks once into the index for each kind, however
    /// many events there are.
    public static func kinds(_ tx: Tx) throws -> [String] {
        try tx.rows(
            """
            WITH RECURSIVE found (kind) AS (
                SELECT MIN(kind) FROM event
                UNION ALL
                SELECT (SELECT MIN(e.kind) FROM event e WHERE e.kind > found.kind) FROM found
                WHERE found.kind IS NOT NULL
            )
            SELECT kind FROM found WHERE kind IS NOT NULL ORDER BY kind
            """
        ) { try $0["kind"] as String }
    }

    /// The events of some kinds in the one order of the house, from a place on; for rooms that follow what others do.
    /// - Parameter limit: how many places are looked through, whatever their kind.
    /// - Returns: the events, and the place from which to go on.
    public static func ordered(
        _ kinds: Set<String>, from place: Int, limit: Int, _ tx: Tx
    ) throws -> (events: [StoredEvent], next: Int) {
        let next = min(place + limit, try size(tx))
        guard next > place else { return ([], place) }
        let events = try tx.rows(
            """
            SELECT e.* FROM record_leaf l JOIN event e ON e.id = l.event
            WHERE l.position >= \(place) AND l.position < \(next) AND e.kind IN \(list: kinds.sorted())
            ORDER BY l.position
            """, StoredEvent.init(row:))
        return (events, next)
    }

    /// What is wrong with the chain of a case: gaps, changed events, changed content. Empty means unbroken.
    public static func faults(inChainOf caseID: ID<CaseFile>, _ tx: Tx) throws -> [Bilingual] {
        var faults: [Bilingual] = []
        var previous = ""
        for (index, event) in try events(of: caseID, tx).enumerated() {
            if event.position != index + 1 {
                faults.append(Bilingual("第 \(index + 1) 个事件缺失", "event \(index + 1) is missing"))
            }
            if event.previous != previous || event.hash != event.expectedHash {
                faults.append(Bilingual("第 \(event.position) 个事件被改动", "event \(event.position) was changed"))
            }
            if event.contentHash != event.expectedContentHash {
                faults.append(
                    Bilingual("第 \(event.position) 个事件的内容被改动", "the content of event \(event.position) was changed"))
            }
            previous = event.hash
        }
        return faults
    }
}
