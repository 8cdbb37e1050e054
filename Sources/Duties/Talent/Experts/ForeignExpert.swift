public import Kernel
public import Store

/// A foreign expert (外国专家) of the city's register.
public struct ForeignExpert: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case present, left

        var title: Bilingual {
            switch self {
            case .present: Bilingual("在本市工作", "Working here")
            case .left: Bilingual("已离开", "Left")
            }
        }
    }

    public let id: ID<ForeignExpert>
    /// Whose facts and personal content these are.
    public let person: ID<PersonMark>
    public var account: ID<Account>?
    /// The row of the work permits that names the same person.
    public var foreigner: String?
    public var name: String
    /// ISO 3166 code of three letters, as in passports.
    public var country: String
    public var field: String
    public var organisation: ID<OrganisationMark>?
    public var employer: String
    /// A, B, C, or empty where no permit was granted.
    public var category: String
    /// In China since.
    public var since: Day?
    public var state: State

    public init(
        id: ID<ForeignExpert>, person: ID<PersonMark>, account: ID<Account>? = nil, foreigner: String? = nil,
        name: String, country: String, field: String, organisation: ID<OrganisationMark>? = nil, employer: String = "",
        category: String = "", since: Day? = nil, state: State = .present
    ) {
        self.id = id
        self.person = person
        self.account = account
        self.foreigner = foreigner
        self.name = name
        self.country = country
        self.field = field
        self.organisation = organisation
        self.employer = employer
        self.category = category
        self.since = since
        self.state = state
    }

    init(row: Row) throws {
        id = try row["id"]
        person = try row["person"]
        account = try row["account"]
        foreigner = try row["foreigner"]
        name = try row["name"]
        country = try row["country"]
        field = try row["field"]
        organisation = try row["organisation"]
        employer = try row["employer"]
        category = try row["category"]
        since = try row["since"]
        state = try row["state"]
    }

    /// What the registry keeps with source and day.
    var facts: [(name: String, value: JSONValue)] {
        [
            ("talent.country", .string(country)), ("talent.field", .string(field)),
            ("talent.employer", .string(employer)), ("talent.category", .string(category)),
            ("talent.since", since.map { .string($0.description) } ?? .null), ("talent.state", .string(state.rawValue)),
        ]
    }

    /// All that keeps it from being registered.
    func problems(_ countries: Countries) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ field: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: field, code: "expert.\(field)", message: Bilingual(zh, en)))
        }
        if name.isEmpty || name.count > 120 { add("name", "请填写姓名（不超过 120 字）", "Give the name, at most 120 characters") }
        if countries[country] == nil {
            add("country", "请从列表选择国家或地区", "Choose the country from the list")
        }
        if ExpertField.named(field) == nil { add("field", "请从列表选择专业领域", "Choose the field from the list") }
        if !["", "A", "B", "C"].contains(category) { add("category", "类别为 A、B 或 C", "The category is A, B or C") }
        if employer.count > 200 { add("employer", "用人单位名称最多 200 字", "Name of the employer: at most 200 characters") }
        return found
    }
}

/// Which experts a list shows.
struct ExpertFilter: Hashable, Sendable {
    var words: String?
    var country: String?
    var field: String?
    var category: String?
    var organisation: ID<OrganisationMark>?
}

/// Reads and writes the register.
enum ForeignExpertStore {
    static func find(_ id: ID<ForeignExpert>, _ tx: Tx) throws -> ForeignExpert? {
        try tx.first("SELECT * FROM foreign_expert WHERE id = \(id)", ForeignExpert.init(row:))
    }

    /// An expert as an employer knows one: of its staff or, where asked, with a valid permit to work there.
    static func find(
        _ id: ID<ForeignExpert>, staffOf organisation: ID<OrganisationMark>, orPermitted: Bool, _ tx: Tx
    ) throws -> ForeignExpert? {
        let known = orPermitted ? staffOrPermitted(organisation) : "organisation = \(organisation)"
        return try tx.first(
            "SELECT * FROM foreign_expert WHERE id = \(id) AND \(known)", ForeignExpert.init(row:))
    }

    private static func staffOrPermitted(_ organisation: ID<OrganisationMark>) -> SQL {
        """
        (organisation = \(organisation) OR foreigner IN (
            SELECT foreigner FROM permit WHERE organisation = \(organisation) AND state = 'valid'))
        """
    }

    /// Whom an employer may report, by name: its staff, and who has a valid permit to work there.
    static func reportable(by organisation: ID<OrganisationMark>, limit: Int, _ tx: Tx) throws -> [ForeignExpert] {
        try tx.rows(
            """
            SELECT * FROM foreign_expert WHERE \(staffOrPermitted(organisation)) ORDER BY name, id LIMIT \(limit)
            """, ForeignExpert.init(row:))
    }

    static func find(account: ID<Account>, _ tx: Tx) throws -> ForeignExpert? {
        try tx.first(
            "SELECT * FROM foreign_expert WHERE account = \(account) ORDER BY id LIMIT 1", ForeignExpert.init(row:))
    }

    /// The expert who is tied to a person of the work permits.
    static func holder(of foreigner: String, _ tx: Tx) throws -> ID<ForeignExpert>? {
        try tx.first("SELECT id FROM foreign_expert WHERE foreigner = \(foreigner)") { try $0["id"] }
    }

    /// A page by name, after an expert; every filter has its index.
    static func list(
        _ filter: ExpertFilter, after: (name: String, id: String)?, limit: Int, _ tx: Tx
    ) throws -> [ForeignExpert] {
        var conditions: [SQL] = ["1 = 1"]
        if let country = filter.country { conditions.append("country = \(country)") }
        if let field = filter.field { conditions.append("field = \(field)") }
        if let category = filter.category { conditions.append("category = \(category)") }
        if let organisation = filter.organisation { conditions.append("organisation = \(organisation)") }
        // The start of a name is found by the index of names, as a range.
        if let words = filter.words { conditions.append("name >= \(words) AND name < \(words + "\u{10FFFF}")") }
        if let after { conditions.append("(name, id) > (\(after.name), \(after.id))") }
        return try tx.rows(
            """
            SELECT * FROM foreign_expert WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY name, id
            LIMIT \(limit)
            """, ForeignExpert.init(row:))
    }

    static func insert(_ expert: ForeignExpert, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO foreign_expert (id, person, account, foreigner, name, country, field, organisation, employer,
                category, since, state, created_at)
            VALUES (\(expert.id), \(expert.person), \(expert.account), \(expert.foreigner), \(expert.name),
                \(expert.country), \(expert.field), \(expert.organisation), \(expert.employer), \(expert.category),
                \(expert.since), \(expert.state), \(now))
            """)
    }

    static func update(_ expert: ForeignExpert, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE foreign_expert SET account = \(expert.account), foreigner = \(expert.foreigner),
                name = \(expert.name), country = \(expert.country), field = \(expert.field),
                organisation = \(expert.organisation), employer = \(expert.employer),
                category = \(expert.category), since = \(expert.since), state = \(expert.state)
            WHERE id = \(expert.id)
            """)
    }
}
