public import Store

/// Requests to erase what is kept of a person (个人信息删除请求): a case from request to decision to erasure.
public struct Erasures: Sendable {
    public static let procedure = "privacy.erasure"

    let procedures: Procedures
    /// The division that handles requests.
    let division: String

    public init(procedures: Procedures, division: String) {
        self.procedures = procedures
        self.division = division
    }

    /// Files a request of a person for their own content.
    /// - Parameter kinds: ids of ``PersonalKind``.
    /// - Throws: ``PlainProblem/incomplete(_:)`` with everything wrong, ``PrivacyError/requestRunning(_:)``.
    public func file(
        _ kinds: [String], why: String, as id: ID<CaseFile>, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> CaseFile {
        guard let person = actor.person, let account = actor.account else { throw PrivacyError.unknown }
        let known = Set(PersonalKind.all.map(\.id))
        let chosen = kinds.filter(known.contains).sorted()
        var wrong = Words.problems(why, "why", Bilingual("说明", "Remarks"), isRequired: false)
        if chosen.isEmpty { wrong += PrivacyError.nothingChosen.fields }
        guard wrong.isEmpty else { throw PlainProblem.incomplete(wrong) }
        let running: String? = try tx.first(
            """
            SELECT c.number FROM erasure_request r JOIN case_file c ON c.id = r.case_id
            WHERE r.person = \(person) AND r.state = 'filed'
            """
        ) { try $0["number"] }
        if let running { throw PrivacyError.requestRunning(running) }
        let year = procedures.zone.day(of: now).parts.year
        let serial = try NumberSeries.next("erasure.\(year)", tx)
        let file = try procedures.open(
            CaseFile(
                id: id, procedure: Erasures.procedure, number: "SC-\(year)-\(padded(serial, 4))",
                title: Bilingual("个人信息删除请求", "Request to erase personal content"), organisation: nil,
                applicant: account, division: division, openedAt: now), as: actor, at: now, in: tx)
        try tx.run(
            """
            INSERT INTO erasure_request (case_id, person, kinds, state)
            VALUES (\(id), \(person), \(chosen.joined(separator: " ")), 'filed')
            """)
        try CaseStore.saveAnswers(
            ["kinds": .array(chosen.map { .string($0) }), "why": .string(why)], of: id, expecting: 0, by: actor,
            at: now, tx)
        return file
    }

    /// The kinds that a request asks for.
    public static func kinds(of id: ID<CaseFile>, _ tx: Tx) throws -> [PersonalKind] {
        let words: String = try tx.value("SELECT kinds FROM erasure_request WHERE case_id = \(id)") ?? ""
        return words.split(separator: " ").map { PersonalKind.named(String($0)) }
    }

    /// What a kind is called where its erasure is asked for. Security keys of an open account stay: who sits at a
    /// browser that somebody left open would take the second factor off by asking.
    public static func title(of kind: PersonalKind) -> Bilingual {
        guard kind == .signIn else { return kind.title }
        return Bilingual(
            "登录身份（安全密钥由本人移除，或在账号停用后删除）",
            "Identities to sign in with (security keys stay until their owner removes them or the account is closed)")
    }

    /// What the decisions of a request do.
    /// - Parameters:
    ///   - columns: the sealed columns of all rooms.
    ///   - rows: the personal rows of all rooms.
    public static func register(in hooks: inout ProcedureHooks, columns: [SealedColumn], rows: [PersonalRows] = []) {
        hooks.effects["privacy.erase"] = { context, tx in try erase(context, columns, rows, tx) }
        hooks.effects["privacy.keep"] = { context, tx in try settle(context.file.id, "refused", tx) }
        hooks.letterValues[procedure] = { context, tx in
            let kinds = try kinds(of: context.file.id, tx).map(title(of:))
            let reason = context.answers["reason"]?.string ?? ""
            return [
                "kinds": Bilingual(
                    kinds.map(\.zh).joined(separator: "、"), kinds.map(\.en).joined(separator: ", ")),
                "number": Bilingual(context.file.number, context.file.number),
                "reason": Bilingual(reason, reason),
            ]
        }
    }

    private static func settle(_ id: ID<CaseFile>, _ state: String, _ tx: Tx) throws {
        try tx.run("UPDATE erasure_request SET state = \(state) WHERE case_id = \(id)")
    }

    private static func erase(
        _ context: ActionContext, _ columns: [SealedColumn], _ rows: [PersonalRows], _ tx: Tx
    ) throws {
        let id = context.file.id
        guard
            let person: ID<PersonMark> = try tx.first(
                "SELECT person FROM erasure_request WHERE case_id = \(id)", { try $0["person"] })
        else { throw PrivacyError.unknown }
        let kinds = Set(try kinds(of: id, tx).map(\.id))
        let contents = try Personal.list(of: person, tx).filter { kinds.contains($0.kind) && $0.erasedAt == nil }
        try Personal.erase(contents, why: context.file.number, by: context.actor, at: context.now, tx)
        if let account = context.file.applicant {
            for column in columns where column.kind.map({ kinds.contains($0.id) }) ?? false {
                let rows = try column.keys(of: account, tx)
                try column.erase(rows, why: context.file.number, by: context.actor, at: context.now, tx)
            }
            for own in rows where kinds.contains(own.kind.id) {
                let ids = try own.requestable(of: account, tx)
                try own.erase(ids, why: context.file.number, by: context.actor, at: context.now, tx)
            }
        }
        if kinds.contains(PersonalKind.papers.id) {
            let papers = try tx.rows(
                """
                SELECT d.* FROM document d JOIN case_file c ON c.id = d.case_id
                JOIN account a ON a.id = c.applicant
                WHERE a.person = \(person) AND d.is_sealed AND d.erased_at IS NULL AND c.holder = 'nobody'
                """, Document.init(row:))
            try DocumentStore.erase(papers, why: context.file.number, by: context.actor, at: context.now, tx)
        }
        try eraseAnswers(of: person, kinds, context, tx)
        try settle(id, "erased", tx)
    }

    /// What is sealed in the answers of a person's cases and needed no more.
    private static func eraseAnswers(
        of person: ID<PersonMark>, _ kinds: Set<String>, _ context: ActionContext, _ tx: Tx
    ) throws {
        let procedures = context.procedures
        let parts: [(SealedAnswers.Part, over: SQL)] = [
            (.personal, "c.holder = 'nobody'"), (.contact, "\(procedures.contactEnd) IS NOT NULL"),
        ]
        for (part, over) in parts where kinds.contains(part.kind.id) {
            let cases = try KeptAnswers.sealed(
                where: "c.applicant IN (SELECT id FROM account WHERE person = \(person)) AND \(over)", limit: .max, tx)
            try SealedAnswers.erase(
                part, of: cases, procedures, why: context.file.number, by: context.actor, at: context.now, tx)
        }
    }
}
