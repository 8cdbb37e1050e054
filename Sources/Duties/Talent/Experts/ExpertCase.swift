public import Kernel
public import Store

/// A request or complaint of a foreign expert, or a notice of an employer; its steps run as a case.
public struct ExpertCase: Codable, Hashable, Sendable {
    /// What it is; each has its own procedure.
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case service, complaint, arrival, departure

        public var procedure: String {
            switch self {
            case .service: "talent.service"
            case .complaint: "talent.complaint"
            case .arrival, .departure: "talent.movement"
            }
        }

        public var title: Bilingual {
            switch self {
            case .service: Bilingual("服务请求", "Request for a service")
            case .complaint: Bilingual("投诉", "Complaint")
            case .arrival: Bilingual("到岗报告", "Notice of arrival")
            case .departure: Bilingual("离岗报告", "Notice of departure")
            }
        }

        var series: String {
            switch self {
            case .service: "FW"
            case .complaint: "TS"
            case .arrival, .departure: "BG"
            }
        }

        /// Whether an employer files it.
        var isNotice: Bool { self == .arrival || self == .departure }
    }

    public let caseID: ID<CaseFile>
    public let kind: Kind
    public let expert: ID<ForeignExpert>?
    public let organisation: ID<OrganisationMark>?
    public let topic: String
    public let filedOn: Day
    /// `open`, `done` or `refused`.
    public let state: String

    init(row: Row) throws {
        caseID = try row["case_id"]
        kind = try row["kind"]
        expert = try row["expert"]
        organisation = try row["organisation"]
        topic = try row["topic"]
        filedOn = try row["filed_on"]
        state = try row["state"]
    }
}

/// What requests, complaints and notices are about.
enum ExpertTopic {
    static let service: [(code: String, name: Bilingual)] = [
        ("residence", Bilingual("居留与签证", "Residence and visas")), ("housing", Bilingual("住房", "Housing")),
        ("school", Bilingual("子女入学", "Schools for children")), ("health", Bilingual("就医与保险", "Doctors and insurance")),
        ("tax", Bilingual("税务与外汇", "Tax and money abroad")), ("business", Bilingual("创业与合作", "Starting a business")),
        ("other", Bilingual("其他", "Other")),
    ]
    static let complaint: [(code: String, name: Bilingual)] = [
        ("contract", Bilingual("合同与薪酬", "Contract and pay")),
        ("papers", Bilingual("护照等证件被扣留", "Passport or papers held back")),
        ("agency", Bilingual("中介机构", "Agencies")), ("bureau", Bilingual("本局办事", "The work of this bureau")),
        ("other", Bilingual("其他", "Other")),
    ]
    /// Complaints that are about the expert's employer.
    static let ofEmployers: Set<String> = ["contract", "papers"]
    static let arrival: [(code: String, name: Bilingual)] = [
        ("first", Bilingual("首次到岗", "First arrival")), ("return", Bilingual("返岗", "Return to work")),
    ]
    static let departure: [(code: String, name: Bilingual)] = [
        ("ended", Bilingual("合同期满", "Contract ended")), ("resigned", Bilingual("提前解除合同", "Contract ended early")),
        ("lost", Bilingual("失去联系", "Contact lost")), ("died", Bilingual("死亡", "Death")),
        ("moved", Bilingual("变更工作地域", "Moved to another region")),
    ]

    static func all(_ kind: ExpertCase.Kind) -> [(code: String, name: Bilingual)] {
        switch kind {
        case .service: service
        case .complaint: complaint
        case .arrival: arrival
        case .departure: departure
        }
    }

    static func title(_ kind: ExpertCase.Kind, _ code: String) -> Bilingual {
        all(kind).first { $0.code == code }?.name ?? Bilingual(code, code)
    }
}

/// Which cases a list shows.
struct ExpertCaseFilter: Hashable, Sendable {
    var kind: ExpertCase.Kind?
    var state: String?
    var expert: ID<ForeignExpert>?
    var organisation: ID<OrganisationMark>?
}

/// Reads and writes the rows beside the cases.
enum ExpertCaseStore {
    static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> ExpertCase? {
        try tx.first("SELECT * FROM expert_case WHERE case_id = \(id)", ExpertCase.init(row:))
    }

    /// A page with the cases, newest first.
    static func list(
        _ filter: ExpertCaseFilter, before: ID<CaseFile>?, limit: Int, _ tx: Tx
    ) throws -> [(row: ExpertCase, file: CaseFile)] {
        var conditions: [SQL] = ["1 = 1"]
        if let kind = filter.kind { conditions.append("e.kind = \(kind)") }
        if let state = filter.state { conditions.append("e.state = \(state)") }
        if let expert = filter.expert { conditions.append("e.expert = \(expert)") }
        if let organisation = filter.organisation { conditions.append("e.organisation = \(organisation)") }
        if let before { conditions.append("e.case_id < \(before)") }
        return try tx.rows(
            """
            SELECT c.*, e.case_id, e.kind, e.expert, e.topic, e.filed_on, e.state FROM expert_case e
            JOIN case_file c ON c.id = e.case_id
            WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY e.case_id DESC LIMIT \(limit)
            """
        ) { (try ExpertCase(row: $0), try CaseFile(stored: $0)) }
    }

    static func insert(
        _ id: ID<CaseFile>, _ kind: ExpertCase.Kind, expert: ID<ForeignExpert>?, organisation: ID<OrganisationMark>?,
        topic: String, on day: Day, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO expert_case (case_id, kind, expert, organisation, topic, filed_on, state)
            VALUES (\(id), \(kind), \(expert), \(organisation), \(topic), \(day), 'open')
            """)
    }

    static func setState(_ state: String, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE expert_case SET state = \(state) WHERE case_id = \(id)")
    }
}
