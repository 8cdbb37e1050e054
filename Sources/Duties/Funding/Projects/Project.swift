public import Kernel
public import Store

/// An awarded project as lists, money and acceptance need it; its contract is in its case.
public struct Project: Codable, Hashable, Sendable {
    /// The case of `funding.project`.
    public let id: ID<CaseFile>
    public let number: String
    public let application: ApplicationID
    public let call: ID<Call>
    public let programme: ID<Programme>
    public let year: Int
    /// Mirrors the case's step.
    public var step: String
    public var title: Bilingual
    public let field: String
    public let organisation: ID<OrganisationMark>
    public let organisationName: Bilingual
    public var investigator: ID<PersonMark>
    public var investigatorName: String
    public let amount: Money
    public var startsOn: Day?
    public var endsOn: Day?
    public var outcome: AcceptanceOutcome?
    public var closedAt: Instant?

    init(row: Row) throws {
        id = try row["case_id"]
        number = try row["number"]
        application = try row["application"]
        call = try row["call"]
        programme = try row["programme"]
        year = try row["year"]
        step = try row["step"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        field = try row["field"]
        organisation = try row["organisation"]
        organisationName = Bilingual(try row["organisation_zh"], try row["organisation_en"])
        investigator = try row["investigator"]
        investigatorName = try row["investigator_name"]
        amount = try row["amount_fen"]
        startsOn = try row["starts_on"]
        endsOn = try row["ends_on"]
        outcome = (try row["outcome"] as String?).flatMap(AcceptanceOutcome.init(rawValue:))
        closedAt = try row["closed_at"]
    }

    init(
        id: ID<CaseFile>, number: String, application: Application, amount: Money, organisationName: Bilingual
    ) {
        self.id = id
        self.number = number
        self.application = application.id
        call = application.call
        programme = application.programme
        year = application.year
        step = "contract"
        title = application.title
        field = application.field
        organisation = application.organisation
        self.organisationName = organisationName
        investigator = application.investigator
        investigatorName = application.investigatorName
        self.amount = amount
    }
}

extension Project {
    /// How the public finds it, under the day on which it was awarded.
    func searchEntry(on day: Day) -> SearchEntry {
        SearchEntry(
            kind: .project, subject: id.text, address: "/projects/\(number)", title: title,
            text: "\(number) \(organisationName.zh) \(organisationName.en) \(investigatorName)", day: day)
    }
}

/// Reads and writes the rows beside the cases of `funding.project`.
public enum ProjectStore {
    public static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> Project? {
        try tx.first("SELECT * FROM project WHERE case_id = \(id)", Project.init(row:))
    }

    public static func find(number: String, _ tx: Tx) throws -> Project? {
        try tx.first("SELECT * FROM project WHERE number = \(number)", Project.init(row:))
    }

    /// Many projects in one query.
    public static func all(_ ids: [ID<CaseFile>], _ tx: Tx) throws -> [ID<CaseFile>: Project] {
        let found = try tx.rows("SELECT * FROM project WHERE case_id IN \(list: ids)", Project.init(row:))
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Throws: ``ProjectError/unknown``.
    public static func require(_ id: ID<CaseFile>, _ tx: Tx) throws -> Project {
        guard let project = try find(id, tx) else { throw ProjectError.unknown }
        return project
    }

    /// Adds the row, or renews all that may change.
    public static func save(_ item: Project, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO project (case_id, number, application, call, programme, year, step, title_zh, title_en, field,
                organisation, organisation_zh, organisation_en, investigator, investigator_name, amount_fen,
                starts_on, ends_on, outcome, closed_at)
            VALUES (\(item.id), \(item.number), \(item.application), \(item.call), \(item.programme), \(item.year),
                \(item.step), \(item.title.zh), \(item.title.en), \(item.field), \(item.organisation),
                \(item.organisationName.zh), \(item.organisationName.en), \(item.investigator),
                \(item.investigatorName), \(item.amount), \(item.startsOn), \(item.endsOn),
                \(item.outcome?.rawValue), \(item.closedAt))
            ON CONFLICT (case_id) DO UPDATE SET step = excluded.step, title_zh = excluded.title_zh,
                title_en = excluded.title_en, investigator = excluded.investigator,
                investigator_name = excluded.investigator_name, starts_on = excluded.starts_on,
                ends_on = excluded.ends_on, outcome = excluded.outcome, closed_at = excluded.closed_at
            """)
    }

    /// A page of projects, newest year first, after a cursor of year and number.
    public static func list(
        _ filter: ProjectFilter, after cursor: (year: Int, number: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Project] {
        var conditions: [SQL] = ["1 = 1"]
        if let year = filter.year { conditions.append("year = \(year)") }
        if let step = filter.step { conditions.append("step = \(step)") }
        if let organisation = filter.organisation { conditions.append("organisation = \(organisation)") }
        if let programme = filter.programme { conditions.append("programme = \(programme)") }
        if let field = filter.field { conditions.append("field = \(field)") }
        if let cursor { conditions.append("(year, number) < (\(cursor.year), \(cursor.number))") }
        return try tx.rows(
            """
            SELECT * FROM project WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY year DESC, number DESC LIMIT \(limit)
            """, Project.init(row:))
    }
}

/// Which projects a list asks for.
public struct ProjectFilter: Hashable, Sendable {
    public var year: Int?
    public var step: String?
    public var organisation: ID<OrganisationMark>?
    public var programme: ID<Programme>?
    public var field: String?

    public init(
        year: Int? = nil, step: String? = nil, organisation: ID<OrganisationMark>? = nil,
        programme: ID<Programme>? = nil, field: String? = nil
    ) {
        self.year = year
        self.step = step
        self.organisation = organisation
        self.programme = programme
        self.field = field
    }
}

/// Why a project or its money cannot be moved as asked.
public enum ProjectError: Problem, Hashable {
    case unknown
    case notRunning
    case trancheUnknown
    case trancheState
    case samePerson
    /// A payment is at the bank; its answer has to come first.
    case atBank
    case conditionOpen(Bilingual)
    case unsettled(Int)

    public var kind: ProblemKind {
        switch self {
        case .unknown, .trancheUnknown: .notFound
        case .samePerson: .forbidden
        default: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknown: "project.unknown"
        case .notRunning: "project.not-running"
        case .trancheUnknown: "tranche.unknown"
        case .trancheState: "tranche.state"
        case .samePerson: "tranche.same-person"
        case .atBank: "project.at-bank"
        case .conditionOpen: "tranche.condition"
        case .unsettled: "project.unsettled"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这个项目，或您无权查看。", "There is no such project, or it is not yours to see.")
        case .notRunning: Bilingual("项目不在执行中，不能这样办理。", "The project is not running, so this cannot be done.")
        case .trancheUnknown: Bilingual("没有这期拨款。", "There is no such tranche.")
        case .trancheState: Bilingual("这期拨款的状态已变化。请刷新后再办。", "The tranche has moved on. Reload and try again.")
        case .samePerson:
            Bilingual("下达拨款的人不能自己复核。请由另一人复核。", "Who ordered the tranche may not check it. Another person must.")
        case .atBank:
            Bilingual(
                "还有拨款在银行办理，请等银行回单录入后再办。", "A payment is at the bank. Wait until its answer has been read.")
        case .conditionOpen(let what):
            Bilingual("拨款条件尚未满足：\(what.zh)。", "The tranche's condition is not met yet: \(what.en).")
        case .unsettled(let count):
            Bilingual(
                "还有 \(count) 笔应退资金未退回，不能归档。",
                "\(counted(count, "amount due back is", "amounts due back are")) unsettled; the file cannot be closed.")
        }
    }
}
