public import Store

/// An organisation (单位) as the city knows it.
public struct Organisation: Codable, Hashable, Sendable {
    /// Kinds that rules tell apart.
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case enterprise, university, institute, hospital, enterpriseKeyLaboratory, other

        public var title: Bilingual {
            switch self {
            case .enterprise: Bilingual("企业", "Enterprise")
            case .university: Bilingual("高等院校", "University")
            case .institute: Bilingual("科研机构", "Research institute")
            case .hospital: Bilingual("医疗卫生机构", "Hospital")
            case .enterpriseKeyLaboratory: Bilingual("企业重点实验室", "Enterprise key laboratory")
            case .other: Bilingual("其他", "Other")
            }
        }
    }

    public let id: ID<OrganisationMark>
    public let name: Bilingual
    /// Unified social credit code (统一社会信用代码).
    public let uscc: String
    public let kind: Kind
    public let address: String

    public init(id: ID<OrganisationMark>, name: Bilingual, uscc: String, kind: Kind, address: String) {
        self.id = id
        self.name = name
        self.uscc = uscc
        self.kind = kind
        self.address = address
    }

    init(row: Row) throws {
        id = try row["id"]
        name = Bilingual(try row["name_zh"], try row["name_en"])
        uscc = try row["uscc"]
        kind = try row["kind"]
        address = try row["address"]
    }
}

/// A person as the city knows them; the identity number is encrypted.
public struct Person: Codable, Hashable, Sendable {
    public let id: ID<PersonMark>
    public let name: String
    public let nameEn: String
    public let title: String
    public let orcid: String?

    /// The name as each language writes it; one that only exists in Chinese stays as it is.
    public var called: Bilingual { Bilingual(named: name, nameEn) }

    public init(id: ID<PersonMark>, name: String, nameEn: String, title: String, orcid: String? = nil) {
        self.id = id
        self.name = name
        self.nameEn = nameEn
        self.title = title
        self.orcid = orcid
    }

    init(row: Row) throws {
        id = try row["id"]
        name = try row["name"]
        nameEn = try row["name_en"]
        title = try row["title"]
        orcid = try row["orcid"]
    }
}

/// A fact with its source and days: history is kept, nothing is overwritten.
public struct Fact: Codable, Hashable, Sendable {
    public let subject: String
    /// e.g. `name`, `research-spending.2025`, `distinguished`.
    public let name: String
    public let value: JSONValue
    public let source: String
    /// The day from which it holds.
    public let from: Day
    public let recordedBy: String
    public let recordedAt: Instant

    public init(
        subject: String, name: String, value: JSONValue, source: String, from: Day, recordedBy: String,
        recordedAt: Instant
    ) {
        self.subject = subject
        self.name = name
        self.value = value
        self.source = source
        self.from = from
        self.recordedBy = recordedBy
        self.recordedAt = recordedAt
    }

    init(row: Row) throws {
        subject = try row["subject"]
        name = try row["name"]
        value = try row["value"]
        source = try row["source"]
        from = try row["from_day"]
        recordedBy = try row["recorded_by"]
        recordedAt = try row["recorded_at"]
    }
}

/// One member of an organisation.
public struct Member: Codable, Hashable, Sendable {
    public let account: ID<Account>
    public let name: String
    public let login: String
    public let roles: Set<MembershipRole>
}

/// People and organisations, with histories and sources (主体库).
public enum Registry {
    public static let migrations = Migrations(
        room: "registry",
        steps: [
            Migration(
                id: "2026-11-24-registry-people",
                statements: [
                    """
                    CREATE TABLE organisation (
                        id TEXT PRIMARY KEY, name_zh TEXT NOT NULL, name_en TEXT NOT NULL, uscc TEXT NOT NULL,
                        kind TEXT NOT NULL, address TEXT NOT NULL, created_at BIGINT NOT NULL,
                        CONSTRAINT organisation_uscc_key UNIQUE (uscc)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX organisation_name ON organisation (name_zh, id)",
                    """
                    CREATE TABLE person (
                        id TEXT PRIMARY KEY, name TEXT NOT NULL, name_en TEXT NOT NULL, title TEXT NOT NULL,
                        orcid TEXT, sealed_number \(SQL.blob), number_mark TEXT, created_at BIGINT NOT NULL,
                        CONSTRAINT person_number_mark_key UNIQUE (number_mark),
                        CONSTRAINT person_orcid_key UNIQUE (orcid)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX person_name ON person (name, id)",
                    """
                    CREATE TABLE membership (
                        organisation TEXT NOT NULL REFERENCES organisation (id), account TEXT NOT NULL,
                        roles TEXT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (organisation, account)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX membership_account ON membership (account)",
                    """
                    CREATE TABLE registry_fact (
                        id TEXT PRIMARY KEY, subject TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
                        source TEXT NOT NULL, from_day TEXT NOT NULL, recorded_by TEXT NOT NULL,
                        recorded_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX registry_fact_subject ON registry_fact (subject, name, from_day, id)",
                ]),
            affiliations, Bars.migration, Dealings.migration, numberTime, Dealings.protectedTime,
        ])

    /// Adds an organisation with its first facts.
    /// - Throws: ``RegistryError/usccTaken``.
    public static func add(
        _ item: Organisation, source: String, by actor: Actor, at now: Instant, on day: Day, _ tx: Tx
    )
        throws
    {
        guard try organisation(uscc: item.uscc, tx) == nil else { throw RegistryError.usccTaken }
        try tx.run(
            """
            INSERT INTO organisation (id, name_zh, name_en, uscc, kind, address, created_at)
            VALUES (\(item.id), \(item.name.zh), \(item.name.en), \(item.uscc), \(item.kind), \(item.address), \(now))
            """)
        let facts: [(String, JSONValue)] = [
            ("name", ["zh": .string(item.name.zh), "en": .string(item.name.en)]), ("uscc", .string(item.uscc)),
            ("kind", .string(item.kind.rawValue)), ("address", .string(item.address)),
        ]
        for (name, value) in facts {
            try state(
                Fact(
                    subject: item.id.text, name: name, value: value, source: source, from: day,
                    recordedBy: actor.account?.text ?? "system", recordedAt: now), tx)
        }
        try Record.append(
            Event(
                room: "registry", kind: "organisation.added", subjectKind: "organisation", subject: item.id.text,
                actor: actor, at: now, content: ["uscc": .string(item.uscc), "name": .string(item.name.zh)]), tx)
    }

    public static func organisation(_ id: ID<OrganisationMark>, _ tx: Tx) throws -> Organisation? {
        try tx.first("SELECT * FROM organisation WHERE id = \(id)", Organisation.init(row:))
    }

    public static func organisation(uscc: String, _ tx: Tx) throws -> Organisation? {
        try tx.first("SELECT * FROM organisation WHERE uscc = \(uscc)", Organisation.init(row:))
    }

    /// Many organisations in one query.
    public static func organisations(
        _ ids: [ID<OrganisationMark>], _ tx: Tx
    ) throws -> [ID<OrganisationMark>: Organisation] {
        let found = try tx.rows("SELECT * FROM organisation WHERE id IN \(list: ids)", Organisation.init(row:))
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Organisations by credit code, in one query; codes that nobody has are passed over.
    public static func organisations(codes: [String], _ tx: Tx) throws -> [Organisation] {
        try tx.rows("SELECT * FROM organisation WHERE uscc IN \(list: codes) ORDER BY id", Organisation.init(row:))
    }

    /// Adds a person; the identity number, if given, is kept encrypted and must be nobody else's.
    /// - Throws: ``RegistryError/numberTaken``.
    public static func add(_ item: Person, number: String?, vault: Vault, at now: Instant, _ tx: Tx) throws {
        let mark = number.map { vault.mark($0) }
        if let mark {
            let taken: Int = try tx.value("SELECT COUNT(*) FROM person WHERE number_mark = \(mark)") ?? 0
            guard taken == 0 else { throw RegistryError.numberTaken }
        }
        try tx.run(
            """
            INSERT INTO person (id, name, name_en, title, orcid, sealed_number, number_mark, created_at)
            VALUES (\(item.id), \(item.name), \(item.nameEn), \(item.title), \(item.orcid),
                \(try number.map { try vault.seal($0) }), \(mark), \(now))
            """)
    }

    public static func person(_ id: ID<PersonMark>, _ tx: Tx) throws -> Person? {
        try tx.first("SELECT * FROM person WHERE id = \(id)", Person.init(row:))
    }

    public static func people(_ ids: [ID<PersonMark>], _ tx: Tx) throws -> [ID<PersonMark>: Person] {
        let found = try tx.rows("SELECT * FROM person WHERE id IN \(list: ids)", Person.init(row:))
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What people and organisations are called, by their identities; two queries.
    public static func called(_ subjects: [String], _ tx: Tx) throws -> [String: Bilingual] {
        var names: [String: Bilingual] = [:]
        for person in try people(subjects.map { ID($0) }, tx).values { names[person.id.text] = person.called }
        for place in try organisations(subjects.map { ID($0) }, tx).values { names[place.id.text] = place.name }
        return names
    }

    /// States a fact; earlier ones stay.
    public static func state(_ fact: Fact, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO registry_fact (id, subject, name, value, source, from_day, recorded_by, recorded_at)
            VALUES (\(UUIDv7.make(at: fact.recordedAt)), \(fact.subject), \(fact.name), \(fact.value), \(fact.source),
                \(fact.from), \(fact.recordedBy), \(fact.recordedAt))
            """)
    }

    /// The fact that holds on a day, as last recorded.
    public static func fact(_ name: String, of subject: String, on day: Day, _ tx: Tx) throws -> Fact? {
        try tx.first(
            """
            SELECT * FROM registry_fact WHERE subject = \(subject) AND name = \(name) AND from_day <= \(day)
            ORDER BY from_day DESC, id DESC LIMIT 1
            """, Fact.init(row:))
    }

    /// The whole history of a subject.
    public static func history(of subject: String, _ tx: Tx) throws -> [Fact] {
        try tx.rows(
            "SELECT * FROM registry_fact WHERE subject = \(subject) ORDER BY name, from_day, id", Fact.init(row:))
    }

    /// Makes an account a member, or changes what it may do there; no roles end the membership.
    public static func setMember(
        _ account: ID<Account>, of organisation: ID<OrganisationMark>, roles: Set<MembershipRole>, by actor: Actor,
        at now: Instant, _ tx: Tx
    ) throws {
        let words = roles.map(\.rawValue).sorted().joined(separator: " ")
        if roles.isEmpty {
            try tx.run("DELETE FROM membership WHERE organisation = \(organisation) AND account = \(account)")
        } else {
            try tx.run(
                """
                INSERT INTO membership (organisation, account, roles, since)
                VALUES (\(organisation), \(account), \(words), \(now))
                ON CONFLICT (organisation, account) DO UPDATE SET roles = excluded.roles
                """)
        }
        try Record.append(
            Event(
                room: "registry", kind: "member.set", subjectKind: "organisation", subject: organisation.text,
                actor: actor, at: now, content: ["account": .string(account.text), "roles": .string(words)]), tx)
    }

    public static func members(of organisation: ID<OrganisationMark>, _ tx: Tx) throws -> [Member] {
        try tx.rows(
            """
            SELECT m.account, m.roles, a.name, a.login FROM membership m JOIN account a ON a.id = m.account
            WHERE m.organisation = \(organisation) ORDER BY a.login
            """
        ) { row in
            let words: String = try row["roles"]
            return Member(
                account: try row["account"], name: try row["name"], login: try row["login"],
                roles: Set(words.split(separator: " ").compactMap { MembershipRole(rawValue: String($0)) }))
        }
    }
}

/// Why the registry cannot take what it is given.
public enum RegistryError: Problem, Hashable {
    case usccTaken
    case numberTaken
    case unknown
    case lastAdministrator
    case circular

    public var kind: ProblemKind {
        switch self {
        case .usccTaken, .numberTaken, .lastAdministrator, .circular: .conflict
        case .unknown: .notFound
        }
    }

    public var code: String {
        switch self {
        case .usccTaken: "registry.uscc-taken"
        case .numberTaken: "registry.number-taken"
        case .unknown: "registry.unknown"
        case .lastAdministrator: "registry.last-administrator"
        case .circular: "registry.circular"
        }
    }

    public var message: Bilingual {
        switch self {
        case .usccTaken:
            Bilingual(
                "该统一社会信用代码已登记，请向该单位管理员申请加入。",
                "This credit code is registered already; ask that organisation's administrator to add you.")
        case .numberTaken: Bilingual("该证件号码已登记在另一人名下。", "This identity number is registered for somebody else.")
        case .unknown: Bilingual("没有这个单位或个人。", "There is no such organisation or person.")
        case .circular:
            Bilingual("单位不能隶属于自己或自己的下属单位。", "An organisation cannot belong to itself or to what belongs to it.")
        case .lastAdministrator: Bilingual("单位至少要有一名管理员。", "An organisation needs at least one administrator.")
        }
    }
}
