public import Kernel
public import Store

/// Marker of case identities of applications; an application is a case of `funding.application`.
public typealias ApplicationID = ID<CaseFile>

/// An application (申报书) as lists and decisions need it; its answers are in the case.
public struct Application: Codable, Hashable, Sendable {
    public let id: ApplicationID
    public let number: String
    public let call: ID<Call>
    public let programme: ID<Programme>
    public let year: Int
    /// Mirrors the case's step.
    public var step: String
    public var title: Bilingual
    public var field: String
    /// As the applicant typed them.
    public var keywords = ""
    public let organisation: ID<OrganisationMark>
    public let applicant: ID<Account>
    public var investigator: ID<PersonMark>
    public var investigatorName: String
    public var requested: Money
    public var awarded: Money?
    public var submittedAt: Instant?
    public var contentHash: String?
    public var outcome: String?

    init(row: Row) throws {
        id = try row["case_id"]
        number = try row["number"]
        call = try row["call"]
        programme = try row["programme"]
        year = try row["year"]
        step = try row["step"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        field = try row["field"]
        keywords = try row["keywords"]
        organisation = try row["organisation"]
        applicant = try row["applicant"]
        investigator = try row["investigator"]
        investigatorName = try row["investigator_name"]
        requested = try row["requested_fen"]
        awarded = try row["awarded_fen"]
        submittedAt = try row["submitted_at"]
        contentHash = try row["content_hash"]
        outcome = try row["outcome"]
    }

    public init(
        id: ApplicationID, number: String, call: Call, organisation: ID<OrganisationMark>, applicant: ID<Account>,
        investigator: ID<PersonMark>, investigatorName: String
    ) {
        self.id = id
        self.number = number
        self.call = call.id
        programme = call.programme
        year = call.year
        step = "draft"
        title = Bilingual("", "")
        field = call.content.field
        self.organisation = organisation
        self.applicant = applicant
        self.investigator = investigator
        self.investigatorName = investigatorName
        requested = .zero
    }
}

/// Reads and writes the rows beside the cases of `funding.application`.
public enum ApplicationStore {
    public static func find(_ id: ApplicationID, _ tx: Tx) throws -> Application? {
        try tx.first("SELECT * FROM application WHERE case_id = \(id)", Application.init(row:))
    }

    /// - Throws: ``ApplicationError/unknown``.
    public static func require(_ id: ApplicationID, _ tx: Tx) throws -> Application {
        guard let application = try find(id, tx) else { throw ApplicationError.unknown }
        return application
    }

    /// The draft of an account for a call and organisation, so that nobody starts two by pressing twice.
    static func find(number: String, in call: ID<Call>, _ tx: Tx) throws -> Application? {
        try tx.first(
            "SELECT * FROM application WHERE call = \(call) AND number = \(number)", Application.init(row:))
    }

    static func draft(
        call: ID<Call>, _ organisation: ID<OrganisationMark>, _ account: ID<Account>, _ tx: Tx
    ) throws -> Application? {
        try tx.first(
            """
            SELECT * FROM application WHERE applicant = \(account) AND call = \(call)
                AND organisation = \(organisation) AND step = 'draft'
            """, Application.init(row:))
    }

    /// Many applications in one query.
    public static func all(_ ids: [ApplicationID], _ tx: Tx) throws -> [ApplicationID: Application] {
        var found: [ApplicationID: Application] = [:]
        for block in stride(from: 0, to: ids.count, by: 500) {
            let part = Array(ids[block..<min(block + 500, ids.count)])
            for item in try tx.rows("SELECT * FROM application WHERE case_id IN \(list: part)", Application.init(row:))
            {
                found[item.id] = item
            }
        }
        return found
    }

    /// Replaces the participants by those of the answers; people are found by ORCID, organisations by credit code.
    static func setParticipants(_ rows: [JSONValue], of id: ApplicationID, _ tx: Tx) throws {
        try tx.run("DELETE FROM application_participant WHERE case_id = \(id)")
        for (index, row) in rows.enumerated() {
            let person: String? = try row["orcid"]?.string.flatMap {
                try tx.value("SELECT id FROM person WHERE orcid = \($0)")
            }
            let organisation: String? = try row["organisation"]?.string.flatMap {
                try tx.value("SELECT id FROM organisation WHERE uscc = \($0)")
            }
            try tx.run(
                """
                INSERT INTO application_participant (case_id, position, name, person, organisation, role)
                VALUES (\(id), \(index + 1), \(row["name"]?.string ?? ""), \(person), \(organisation),
                    \(row["role"]?.string ?? ""))
                """)
        }
    }

    static func setUnsuitable(_ rows: [JSONValue], of id: ApplicationID, _ tx: Tx) throws {
        try tx.run("DELETE FROM application_unsuitable WHERE case_id = \(id)")
        for (index, row) in rows.enumerated() {
            try tx.run(
                """
                INSERT INTO application_unsuitable (case_id, position, name, organisation)
                VALUES (\(id), \(index + 1), \(row["name"]?.string ?? ""), \(row["organisation"]?.string ?? ""))
                """)
        }
    }

    /// Whom the applicants of a call named as unsuitable, by name and organisation.
    static func unsuitable(_ call: ID<Call>, _ tx: Tx) throws -> [String: Set<ApplicationID>] {
        var found: [String: Set<ApplicationID>] = [:]
        try tx.forEach(
            """
            SELECT u.case_id, u.name, u.organisation FROM application_unsuitable u
            JOIN application a ON a.case_id = u.case_id WHERE a.call = \(call) AND a.step = 'review'
            """
        ) { row in
            let (name, place): (String, String) = (try row["name"], try row["organisation"])
            found["\(name)\n\(place)", default: []].insert(try row["case_id"])
        }
        return found
    }

    /// Adds the row, or renews all that may change.
    public static func save(_ item: Application, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO application (case_id, number, call, programme, year, step, title_zh, title_en, field,
                keywords, organisation, applicant, investigator, investigator_name, requested_fen, awarded_fen,
                submitted_at, content_hash, outcome)
            VALUES (\(item.id), \(item.number), \(item.call), \(item.programme), \(item.year), \(item.step),
                \(item.title.zh), \(item.title.en), \(item.field), \(item.keywords), \(item.organisation),
                \(item.applicant), \(item.investigator), \(item.investigatorName), \(item.requested),
                \(item.awarded), \(item.submittedAt), \(item.contentHash), \(item.outcome))
            ON CONFLICT (case_id) DO UPDATE SET step = excluded.step, title_zh = excluded.title_zh,
                title_en = excluded.title_en, field = excluded.field, keywords = excluded.keywords,
                investigator = excluded.investigator,
                investigator_name = excluded.investigator_name, requested_fen = excluded.requested_fen,
                awarded_fen = excluded.awarded_fen, submitted_at = excluded.submitted_at,
                content_hash = excluded.content_hash, outcome = excluded.outcome
            """)
    }

    /// Keeps the list column beside the case's step.
    public static func setStep(_ step: String, outcome: String?, of id: ApplicationID, _ tx: Tx) throws {
        try tx.run("UPDATE application SET step = \(step), outcome = \(outcome) WHERE case_id = \(id)")
    }

    /// A page of a call's applications in order of number, after a number.
    public static func list(
        call: ID<Call>, step: String? = nil, after number: String? = nil, limit: Int, _ tx: Tx
    ) throws -> [Application] {
        var conditions: [SQL] = ["call = \(call)"]
        if let step { conditions.append("step = \(step)") } else { conditions.append("step <> 'draft'") }
        if let number { conditions.append("number > \(number)") }
        return try tx.rows(
            """
            SELECT * FROM application WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY number LIMIT \(limit)
            """, Application.init(row:))
    }

    /// Counting stops here, so that a page costs the same whatever the size of a call.
    public static let countLimit = 1_000

    /// How many applications of a call stand at each of some steps, at most ``countLimit`` and one more each.
    public static func counts(call: ID<Call>, steps: [String], _ tx: Tx) throws -> [String: Int] {
        let parts = steps.map { step -> SQL in
            """
            SELECT CAST(\(step) AS TEXT) AS step, COUNT(*) AS n FROM (
                SELECT 1 FROM application WHERE call = \(call) AND step = \(step) LIMIT \(countLimit + 1)) AS counted
            """
        }
        let rows = try tx.rows(SQL.join(parts, separator: " UNION ALL ")) {
            (try $0["step"] as String, try $0["n"] as Int)
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// What the limits rule asks of the database, for one application: two counting queries.
    public static func limitFacts(
        host: LimitFacts.Host, programmeKind: String, application: Application, sharedKinds: [String],
        facts: (distinguished: Bool, spending: Money?), _ tx: Tx
    ) throws -> LimitFacts {
        let alive: SQL = "a.step NOT IN ('draft', 'withdrawn', 'refused', 'not-funded')"
        let enterprise: Int =
            try tx.value(
                """
                SELECT COUNT(*) FROM application a JOIN programme p ON p.id = a.programme
                WHERE a.organisation = \(application.organisation) AND a.year = \(application.year) AND \(alive)
                    AND a.case_id <> \(application.id) AND p.kind IN \(list: sharedKinds)
                """) ?? 0
        let funded: Int =
            try tx.value(
                """
                SELECT COUNT(*) FROM project j JOIN programme p ON p.id = j.programme
                WHERE j.organisation = \(application.organisation) AND j.year = \(application.year - 1)
                    AND p.kind IN \(list: sharedKinds)
                """) ?? 0
        let basic: Int =
            try tx.value(
                """
                SELECT COUNT(*) FROM application a JOIN programme p ON p.id = a.programme
                WHERE a.investigator = \(application.investigator) AND a.year = \(application.year) AND \(alive)
                    AND a.case_id <> \(application.id) AND p.kind = 'basic-research'
                """) ?? 0
        let applying: Int =
            try tx.value(
                """
                SELECT COUNT(*) FROM application a WHERE a.investigator = \(application.investigator)
                    AND a.year = \(application.year) AND \(alive) AND a.step <> 'awarded'
                    AND a.case_id <> \(application.id)
                """) ?? 0
        let running: Int =
            try tx.value(
                """
                SELECT COUNT(*) FROM project WHERE investigator = \(application.investigator)
                    AND step NOT IN ('closed', 'terminated')
                """) ?? 0
        var limits = LimitFacts()
        limits.host = host
        limits.programmeKind = programmeKind
        limits.fundedLastYear = funded > 0
        limits.distinguished = facts.distinguished
        limits.researchSpendingLastYear = facts.spending
        limits.enterpriseApplications = enterprise
        limits.investigatorBasicApplications = basic
        limits.investigatorApplyingAndRunning = applying + running
        return limits
    }

    /// Bars in force on a day against the investigator, the organisation, or anybody who takes part.
    public static func bars(_ application: Application, on day: Day, _ tx: Tx) throws -> [AutomaticCheck.Bar] {
        let others = try tx.rows(
            "SELECT person, organisation FROM application_participant WHERE case_id = \(application.id)"
        ) { (try $0["person"] as ID<PersonMark>?, try $0["organisation"] as ID<OrganisationMark>?) }
        let found = try Bars.inForce(
            people: [application.investigator] + others.compactMap(\.0),
            organisations: [application.organisation] + others.compactMap(\.1), for: .projects, on: day, tx)
        return found.map { bar in
            let who: Bilingual =
                switch (bar.person, bar.organisation) {
                case (application.investigator, _): Bilingual("项目负责人", "The principal investigator")
                case (_, application.organisation): Bilingual("申报单位", "The organisation")
                case (nil, _): Bilingual("一个参与单位", "An organisation that takes part")
                default: Bilingual("一名参与人", "A person who takes part")
                }
            return AutomaticCheck.Bar(who: who, until: bar.until, number: bar.number, basis: bar.basis)
        }
    }

    /// The applications among these whose applicant, organisation or participants a bar in force keeps from being
    /// funded, each with one that does: two queries.
    public static func barred(
        _ ids: [ApplicationID], on day: Day, _ tx: Tx
    ) throws -> [ApplicationID: Kernel.Bar] {
        let bars = try Bars.inForce(for: .projects, on: day, tx)
        guard !bars.isEmpty else { return [:] }
        let bySubject = Dictionary(
            bars.map { ($0.person?.text ?? $0.organisation?.text ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        var found: [ApplicationID: Kernel.Bar] = [:]
        try tx.forEach(
            """
            SELECT a.case_id, a.investigator, a.organisation, p.person, p.organisation AS partner FROM application a
            LEFT JOIN application_participant p ON p.case_id = a.case_id WHERE a.case_id IN \(list: ids)
            """
        ) { row in
            let subjects: [String?] = [
                try row["investigator"], try row["organisation"], try row["person"], try row["partner"],
            ]
            if let bar = subjects.compactMap(\.self).lazy.compactMap({ bySubject[$0] }).first {
                found[try row["case_id"]] = bar
            }
        }
        return found
    }
}

/// Why an application cannot be read or moved as asked.
public enum ApplicationError: Problem, Hashable {
    case unknown
    case notAMember
    /// A code that the vocabulary does not have.
    case noSuchDiscipline
    /// The call, or a fixed plan of the review, has settled the discipline.
    case disciplineFixed

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .notAMember: .forbidden
        case .noSuchDiscipline: .invalid
        case .disciplineFixed: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknown: "application.unknown"
        case .notAMember: "application.not-a-member"
        case .noSuchDiscipline: "application.no-such-discipline"
        case .disciplineFixed: "application.discipline-fixed"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这份申请，或您无权查看。", "There is no such application, or it is not yours to see.")
        case .notAMember:
            Bilingual("您不是该单位的成员。请先加入单位，再申报。", "You are not a member of the organisation. Join it first, then apply.")
        case .noSuchDiscipline:
            Bilingual("没有这个学科代码。请从列表中选择。", "There is no such discipline. Choose one of the list.")
        case .disciplineFixed:
            Bilingual(
                "学科已由指南或评审方案确定，不能再改。", "The call or the plan of the review has settled the discipline; it stays.")
        }
    }
}
