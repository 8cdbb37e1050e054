public import Store

/// What somebody files against a notice.
public struct ObjectionDraft: Sendable {
    public enum Objector: String, Codable, Sendable, CaseIterable { case person, organisation }

    /// Nil where what was said is neither.
    public var objector: Objector?
    public var name: String
    public var contact: String
    public var address: String
    /// The line of the notice that it is about; nil for the whole notice.
    public var row: Int?
    public var statement: String
    /// The signed or sealed page, as the law wants it.
    public var signedPage: Document?

    public init(
        objector: Objector?, name: String, contact: String, address: String, row: Int?, statement: String,
        signedPage: Document? = nil
    ) {
        self.objector = objector
        self.name = name
        self.contact = contact
        self.address = address
        self.row = row
        self.statement = statement
        self.signedPage = signedPage
    }

    /// All that keeps it from being filed.
    public var problems: [FieldProblem] {
        var found: [FieldProblem] = []
        let basis = Bilingual(
            "公示通知：异议须署真实姓名并附联系方式，匿名不予受理",
            "Publicity notice: objections carry a real name and contact; anonymous ones are not taken")
        func need(_ field: String, _ value: String, _ label: Bilingual, _ most: Int) {
            if value.isEmpty {
                found.append(
                    FieldProblem(
                        field: field, code: "field.required",
                        message: Bilingual("「\(label.zh)」必填", "\(label.en): is required"), basis: basis))
            } else if value.count > most {
                found.append(
                    FieldProblem(
                        field: field, code: "field.long",
                        message: Bilingual("「\(label.zh)」最多 \(most) 字", "\(label.en): takes at most \(most) characters")
                    ))
            }
        }
        if objector == nil {
            found.append(
                FieldProblem(
                    field: "objector", code: "field.choice",
                    message: Bilingual("「异议人」请选择个人或单位", "Who objects: choose a person or an organisation")))
        }
        need("name", name, Bilingual("姓名或单位名称", "Name of the person or organisation"), 100)
        need("contact", contact, Bilingual("联系电话", "Telephone"), 100)
        need("address", address, Bilingual("地址", "Address"), 200)
        need("statement", statement, Bilingual("异议内容和理由", "What you object to, and why"), 4_000)
        if signedPage == nil {
            found.append(
                FieldProblem(
                    field: "signed-page", code: "field.files",
                    message: Bilingual(
                        "请上传本人手签（单位盖章）的异议书", "Upload the objection signed by hand, or sealed by the organisation"),
                    basis: basis))
        }
        return found
    }
}

/// An objection as the bureau handles it.
public struct Objection: Codable, Hashable, Sendable {
    public let caseID: ID<CaseFile>
    public let notice: ID<Notice>
    public let row: Int?
    public let statement: String
    public let state: String
    public let upheld: Bool?
    public let answer: Bilingual?
    public let filedAt: Instant
    let sealedName: [UInt8]
    let sealedContact: [UInt8]

    init(row line: Row) throws {
        caseID = try line["case_id"]
        notice = try line["notice"]
        row = try line["row"]
        statement = try line["statement"]
        state = try line["state"]
        upheld = try line["upheld"]
        let zh: String? = try line["answer_zh"]
        let en: String? = try line["answer_en"]
        answer = zh.map { Bilingual($0, en ?? $0) }
        filedAt = try line["filed_at"]
        sealedName = try line["sealed_name"]
        sealedContact = try line["sealed_contact"]
    }

    /// Who objected and how to reach them; only for those who handle it.
    public func objector(_ vault: Vault) throws -> (name: String, contact: String) {
        (try vault.open(sealedName), try vault.open(sealedContact))
    }
}

/// Takes objections in and keeps their rows; their steps run as cases of `publicity.objection`.
public struct Objections: Sendable {
    let vault: Vault
    let zone: CityZone
    /// The division that handles objections, as the city's chart codes it.
    let division: String

    public init(vault: Vault, zone: CityZone, division: String) {
        self.vault = vault
        self.zone = zone
        self.division = division
    }

    /// Files an objection as a case. Anyone may, within the window.
    /// - Parameter actor: who sends it; of whoever has signed in it is kept, as a protected fact, that they and the
    ///   applicant of the line do not judge each other.
    /// - Returns: the new case; or the one that the same person filed with the same words, where it was sent twice.
    /// - Throws: ``PublicityError/closed(_:)`` after the window, ``PublicityError/incomplete(_:)`` with all problems.
    public func file(
        _ draft: ObjectionDraft, against number: String, as id: ID<CaseFile>, procedures: Procedures,
        by actor: Actor = .everyone, at now: Instant, _ tx: Tx
    ) throws -> CaseFile {
        guard let notice = try NoticeStore.find(number: number, tx) else { throw PublicityError.unknown }
        let day = zone.day(of: now)
        guard notice.opensOn <= day, day <= notice.closesOn else { throw PublicityError.closed(notice.closesOn) }
        var problems = draft.problems
        if let row = draft.row, try row < 1 || NoticeStore.rows(of: notice.id, after: row - 1, limit: 1, tx).isEmpty {
            problems.append(
                FieldProblem(
                    field: "row", code: "objection.row",
                    message: Bilingual("公示中没有第 \(row) 项", "The notice has no line \(row)")))
        }
        guard problems.isEmpty else { throw PublicityError.incomplete(problems) }
        if let filed = try same(draft, notice.id, tx) { return filed }
        let serial = try NumberSeries.next("objection.\(day.parts.year)", tx)
        let file = try procedures.open(
            CaseFile(
                id: id, procedure: "publicity.objection", number: "YY-\(day.parts.year)-\(padded(serial, 4))",
                title: Bilingual("对《\(notice.title.zh)》的异议", "Objection to '\(notice.title.en)'"), organisation: nil,
                applicant: nil, division: division, openedAt: now),
            as: .everyone, at: now, in: tx)
        try tx.run(
            """
            INSERT INTO objection (case_id, notice, row, sealed_name, sealed_contact, statement, state, filed_at)
            VALUES (\(id), \(notice.id), \(draft.row), \(try vault.seal(sealedName(draft))),
                \(try vault.seal("\(draft.contact) \(draft.address)")), \(draft.statement), 'filed', \(now))
            """)
        if let page = draft.signedPage { try DocumentStore.add(page, accepting: nil, tx) }
        let between = try dealings(of: actor, draft.row, of: notice, on: day, tx)
        if !between.isEmpty { try Dealings.set(between, of: id.text, tx) }
        return file
    }

    /// What stands from now on between whoever objects and the applicant of a line: only an account says who they are,
    /// a typed name does not.
    private func dealings(
        of actor: Actor, _ row: Int?, of notice: Notice, on day: Day, _ tx: Tx
    ) throws -> [Dealing] {
        guard let account = actor.account, let row,
            let line = try NoticeStore.rows(of: notice.id, after: row - 1, limit: 1, tx).first,
            let file = try line.caseID.flatMap({ try CaseStore.find($0, tx) })
        else { return [] }
        let me = actor.person?.text ?? account.text
        let applicant = try file.applicant.map { try Dealings.party($0, tx) }
        return [file.organisation?.text, applicant].compactMap(\.self).map { other in
            Dealing(.protected, me, other, from: day, to: day)
        }
    }

    private func sealedName(_ draft: ObjectionDraft) -> String {
        "\((draft.objector ?? .person).rawValue):\(draft.name)"
    }

    private func same(_ draft: ObjectionDraft, _ notice: ID<Notice>, _ tx: Tx) throws -> CaseFile? {
        let twin = try tx.rows(
            """
            SELECT * FROM objection WHERE notice = \(notice) AND state = 'filed' AND statement = \(draft.statement)
            ORDER BY case_id LIMIT 100
            """, Objection.init(row:)
        ).first { try $0.row == draft.row && vault.open($0.sealedName) == sealedName(draft) }
        return try twin.map { try CaseStore.require($0.caseID, tx) }
    }

    public static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> Objection? {
        try tx.first("SELECT * FROM objection WHERE case_id = \(id)", Objection.init(row:))
    }

    public static func list(of notice: ID<Notice>, _ tx: Tx) throws -> [Objection] {
        try tx.rows("SELECT * FROM objection WHERE notice = \(notice) ORDER BY case_id", Objection.init(row:))
    }

    /// Cases of a notice against which an objection was upheld, with the answer. An objection to the whole notice names
    /// no case and is settled by the decision's owner.
    public static func upheld(_ notice: ID<Notice>, _ tx: Tx) throws -> [ID<CaseFile>: Bilingual] {
        let rows = try tx.rows(
            """
            SELECT r.case_id, o.answer_zh, o.answer_en FROM objection o
            JOIN notice_row r ON r.notice = o.notice AND r.position = o.row
            WHERE o.notice = \(notice) AND o.upheld = \(true) AND r.case_id IS NOT NULL
            """
        ) { row in
            (try row["case_id"] as ID<CaseFile>, Bilingual(try row["answer_zh"] ?? "", try row["answer_en"] ?? ""))
        }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }

    /// The effects by which the steps of an objection keep its row.
    public static func register(in hooks: inout ProcedureHooks) {
        hooks.effects["objection.accept"] = { context, tx in
            try tx.run("UPDATE objection SET state = 'handling' WHERE case_id = \(context.file.id)")
        }
        hooks.effects["objection.refuse"] = { context, tx in
            try settle(context, state: "refused", upheld: false, tx)
        }
        hooks.effects["objection.answer"] = { context, tx in
            try settle(context, state: "answered", upheld: context.answers["upheld"]?.string == "yes", tx)
        }
    }

    private static func settle(_ context: ActionContext, state: String, upheld: Bool, _ tx: Tx) throws {
        let zh = context.answers["reason-zh"]?.string ?? ""
        let en = context.answers["reason-en"]?.string ?? zh
        try tx.run(
            """
            UPDATE objection SET state = \(state), upheld = \(upheld), answer_zh = \(zh), answer_en = \(en)
            WHERE case_id = \(context.file.id)
            """)
    }
}
