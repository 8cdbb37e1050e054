public import Store

/// Personal content (个人信息) of all duties: sealed, shown by need, each look logged, erased when its time is over.
/// Events hold commitments only, so that erasing content breaks no chain.
public enum Personal {
    /// Keeps a personal fact; earlier ones stay until their own time is over.
    @discardableResult
    public static func keep(
        _ draft: PersonalDraft, vault: Vault, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> ID<PersonalContent> {
        let id: ID<PersonalContent> = ID(UUIDv7.make(at: now))
        let salted = Digest.hex(try Secret.bytes(PersonalContent.saltLength / 2)) + draft.value
        let commitment = PersonalContent.commitment(salted)
        try tx.run(
            """
            INSERT INTO personal_content (id, person, kind, sealed_value, mark, commitment, source, from_day,
                needed_until, case_id, recorded_by, recorded_at)
            VALUES (\(id), \(draft.person), \(draft.kind.id), \(try vault.seal(salted)),
                \(vault.mark("\(draft.kind.id):\(draft.value)")), \(commitment), \(draft.source), \(draft.from),
                \(draft.neededUntil), \(draft.caseID), \(actor.account?.text ?? "system"), \(now))
            """)
        try Record.append(
            Event(
                room: "privacy", kind: "personal.kept", subjectKind: "person", subject: draft.person.text,
                caseID: draft.caseID, actor: actor, at: now,
                content: [
                    "kind": .string(draft.kind.id), "content": .string(id.text), "commitment": .string(commitment),
                    "source": .string(draft.source),
                ]), tx)
        return id
    }

    public static func find(_ id: ID<PersonalContent>, _ tx: Tx) throws -> PersonalContent? {
        try tx.first("SELECT * FROM personal_content WHERE id = \(id)", PersonalContent.init(row:))
    }

    /// Everything that is or was kept of a person, newest of each kind last.
    public static func list(of person: ID<PersonMark>, _ tx: Tx) throws -> [PersonalContent] {
        try tx.rows(
            "SELECT * FROM personal_content WHERE person = \(person) ORDER BY kind, from_day, id",
            PersonalContent.init(row:))
    }

    /// The newest living content of a kind for many people, in one query.
    public static func newest(
        _ kind: PersonalKind, of people: [ID<PersonMark>], _ tx: Tx
    ) throws -> [ID<PersonMark>: PersonalContent] {
        let rows = try tx.rows(
            """
            SELECT * FROM personal_content WHERE person IN \(list: people) AND kind = \(kind.id) AND erased_at IS NULL
            ORDER BY person, from_day, id
            """, PersonalContent.init(row:))
        return Dictionary(rows.map { ($0.person, $0) }, uniquingKeysWith: { _, later in later })
    }

    /// Whose value of a kind this is.
    public static func owner(
        of value: String, _ kind: PersonalKind, vault: Vault, _ tx: Tx
    ) throws -> ID<PersonMark>? {
        try tx.first(
            """
            SELECT person FROM personal_content WHERE mark = \(vault.mark("\(kind.id):\(value)"))
            ORDER BY id DESC LIMIT 1
            """
        ) { try $0["person"] }
    }

    /// Says that content of a person is needed until a later day, because a permit or a case goes on.
    public static func need(_ person: ID<PersonMark>, until day: Day, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE personal_content SET needed_until = \(day)
            WHERE person = \(person) AND erased_at IS NULL AND needed_until < \(day)
            """)
    }

    /// Shows a value to somebody who needs it, and logs the look in the same transaction. People see their own.
    /// - Throws: ``AccessError/forbidden(_:)``, ``PrivacyError/reasonMissing``, ``PrivacyError/erased``.
    public static func reveal(
        _ id: ID<PersonalContent>, reason: String, vault: Vault, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> String {
        guard let content = try find(id, tx) else { throw PrivacyError.unknown }
        let why = try need(for: content.person, reason, actor)
        let value = try content.value(vault)
        try note(
            Look(person: content.person, kind: content.kind, content: id.text, reason: why, caseID: content.caseID),
            by: actor, at: now, tx)
        return value
    }

    /// The reason under which somebody may look at the content of a person.
    /// - Throws: ``AccessError/forbidden(_:)``, ``PrivacyError/reasonMissing``.
    public static func need(for person: ID<PersonMark>?, _ reason: String, _ actor: Actor) throws -> String {
        if let person, actor.person == person { return ownReason }
        try Policy.require(actor, .lookAtPrivateContent)
        guard (4...300).contains(reason.trimmed.count) else { throw PrivacyError.reasonMissing }
        return reason.trimmed
    }

    /// What is written where people look at what is kept of themselves.
    public static let ownReason = "本人 own data"

    /// What is logged of a look.
    public struct Look: Sendable {
        public let person: ID<PersonMark>
        /// The name of a person whom the registry does not know.
        public let name: String
        public let kind: String
        public let content: String
        public let reason: String
        public let caseID: ID<CaseFile>?

        public init(
            person: ID<PersonMark>, name: String = "", kind: String, content: String, reason: String,
            caseID: ID<CaseFile>? = nil
        ) {
            self.person = person
            self.name = name
            self.kind = kind
            self.content = content
            self.reason = reason
            self.caseID = caseID
        }
    }

    /// Logs a look; the record holds that it happened and the hash of its reason.
    public static func note(_ look: Look, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        let id = UUIDv7.make(at: now)
        try tx.run(
            """
            INSERT INTO personal_look (id, person, person_name, kind, content, account, account_name, reason,
                case_id, at)
            VALUES (\(id), \(look.person), \(look.name), \(look.kind), \(look.content), \(actor.account),
                \(actor.name), \(look.reason), \(look.caseID), \(now))
            """)
        try Record.append(
            Event(
                room: "privacy", kind: "personal.looked", subjectKind: "person", subject: look.person.text,
                actor: actor, at: now,
                content: [
                    "look": .string(id), "kind": .string(look.kind), "content": .string(look.content),
                    "reason": .string(Digest.hex(Digest.sha256(Array(look.reason.utf8)))),
                ]), tx)
    }

    /// A page of looks, newest first, before one; of one person or one account where given.
    public static func looks(
        person: ID<PersonMark>? = nil, account: ID<Account>? = nil, before: String? = nil, limit: Int, _ tx: Tx
    ) throws -> [PersonalLook] {
        var conditions: [SQL] = ["1 = 1"]
        if let person { conditions.append("l.person = \(person)") }
        if let account { conditions.append("l.account = \(account)") }
        if let before { conditions.append("l.id < \(before)") }
        return try tx.rows(
            """
            SELECT l.*, p.name AS known_name FROM personal_look l LEFT JOIN person p ON p.id = l.person
            WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY l.id DESC LIMIT \(limit)
            """, PersonalLook.init(row:))
    }

    /// Erases content: the sealed value and its mark go, the commitment and the event stay.
    static func erase(
        _ contents: [PersonalContent], why: String, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        guard !contents.isEmpty else { return }
        try tx.run(
            """
            UPDATE personal_content SET sealed_value = NULL, mark = NULL, erased_at = \(now), erased_why = \(why)
            WHERE id IN \(list: contents.map(\.id)) AND erased_at IS NULL
            """)
        for content in contents {
            try Record.append(
                Event(
                    room: "privacy", kind: "personal.erased", subjectKind: "person", subject: content.person.text,
                    actor: actor, at: now,
                    content: [
                        "kind": .string(content.kind), "content": .string(content.id.text),
                        "commitment": .string(content.commitment), "why": .string(why),
                    ]), tx)
        }
    }
}
