public import Kernel
public import Store

/// A member of the expert pool (专家库).
public struct Expert: Codable, Hashable, Sendable {
    public let id: ID<Expert>
    public let account: ID<Account>
    public let person: ID<PersonMark>?
    public let name: String
    /// As the registry has the name in English; nil where it has none.
    private let nameEn: String?
    public let title: String
    public let organisation: ID<OrganisationMark>
    public let organisationName: String
    /// As the registry has the employer's name in English; nil where it has none.
    private let organisationEn: String?
    public let isActive: Bool
    /// Most items in one round, where the expert takes fewer than the round allows.
    public let maxLoad: Int?
    /// The last day on which new work may be given before the expert confirms what the pool holds; nil until the pool
    /// was looked after for the first time.
    public let confirmBy: Day?
    /// The day on which the expert was asked to confirm, until it is done.
    public let confirmAskedOn: Day?
    /// In which the expert can judge, in the order of the list.
    public let languages: [ReviewLanguage]
    /// Times in which the expert cannot judge, both days included, the earliest first; no two of them overlap.
    public let away: [ClosedRange<Day>]
    public var fields: [String]

    public init(
        id: ID<Expert>, account: ID<Account>, person: ID<PersonMark>?, name: String, title: String,
        organisation: ID<OrganisationMark>, organisationName: String, isActive: Bool = true, maxLoad: Int? = nil,
        confirmBy: Day? = nil, languages: [ReviewLanguage] = [.chinese], away: [ClosedRange<Day>] = [],
        fields: [String]
    ) {
        self.id = id
        self.account = account
        self.person = person
        self.name = name
        nameEn = nil
        self.title = title
        self.organisation = organisation
        self.organisationName = organisationName
        organisationEn = nil
        self.isActive = isActive
        self.maxLoad = maxLoad
        self.confirmBy = confirmBy
        confirmAskedOn = nil
        self.languages = ReviewLanguage.ordered(languages)
        self.away = away.sorted { $0.lowerBound < $1.lowerBound }
        self.fields = fields
    }

    init(row: Row) throws {
        id = try row["id"]
        account = try row["account"]
        person = try row["person"]
        name = try row["name"]
        nameEn = try row["name_en"]
        title = try row["title"]
        organisation = try row["organisation"]
        organisationName = try row["organisation_name"]
        organisationEn = try row["organisation_en"]
        isActive = try row["is_active"]
        maxLoad = try row["max_load"]
        confirmBy = try row["confirm_by"]
        confirmAskedOn = try row["confirm_asked_on"]
        languages = ReviewLanguage.read(try row["languages"])
        away = Expert.days(try row["away"])
        fields = []
    }

    /// Reads what ``ExpertStore/select`` gathers.
    private static func days(_ gathered: String?) -> [ClosedRange<Day>] {
        let found = (gathered ?? "").split(separator: ";").compactMap { pair -> ClosedRange<Day>? in
            let days = pair.split(separator: " ").compactMap { Day(String($0)) }
            guard days.count == 2, days[0] <= days[1] else { return nil }
            return days[0]...days[1]
        }
        return found.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// The name as each language writes it; one that only exists in Chinese stays as it is.
    public var called: Bilingual { Bilingual(named: name, nameEn) }

    /// The employer's name, likewise.
    public var employer: Bilingual { Bilingual(named: organisationName, organisationEn) }

    /// Name and employer, as lists of experts show them.
    public var introduced: Bilingual {
        let parts = [called, employer]
        return Bilingual(parts.map(\.zh).joined(separator: " · "), parts.map(\.en).joined(separator: " · "))
    }

    /// The day through which the entry holds, once the expert was asked to confirm it.
    public var confirmationDue: Day? { isActive && confirmAskedOn != nil ? confirmBy : nil }

    /// Whether the entry holds on a day: the expert neither left the pool nor let the yearly confirmation lapse.
    public func holds(on day: Day) -> Bool { isActive && confirmBy.map { $0 >= day } ?? true }

    /// The time away in which a day lies.
    public func absence(on day: Day) -> ClosedRange<Day>? { away.first { $0.contains(day) } }

    /// Whether new work may be given on a day: whose entry does not hold, and who is away on that day, only ends what
    /// is in hand.
    /// - Parameter due: the last day of the work, where it is known: who is away on every day that is left until then
    ///   gets it neither. Who is away for a part of it decides alone, and declines or not.
    public func isAvailable(on day: Day, through due: Day? = nil) -> Bool {
        guard holds(on: day), absence(on: day) == nil else { return false }
        guard let due, day < due else { return true }
        var next = day.adding(days: 1)
        for time in away where time.contains(next) { next = time.upperBound.adding(days: 1) }
        return next <= due
    }

    /// Why no new work may be given on a day, to be put after the name; nil where it may.
    /// - Parameter present: the day on which the expert has to be there, where it is another one.
    public func obstacle(on day: Day, present: Day? = nil) -> Bilingual? {
        if !isActive { return Bilingual("已退出专家库", "left the pool") }
        if !holds(on: day) { return Bilingual("到期未确认专家信息", "has not confirmed the entry") }
        return absence(on: present ?? day).map { time in
            let days = time.bilingual
            return Bilingual("\(days.zh)不能评审", "is away: \(days.en)")
        }
    }
}

extension ClosedRange<Day> {
    /// Both days, as one reads them.
    public var bilingual: Bilingual {
        let (from, to) = (lowerBound.bilingual, upperBound.bilingual)
        return lowerBound == upperBound ? from : Bilingual("\(from.zh)至\(to.zh)", "\(from.en) to \(to.en)")
    }
}

/// Reads and writes the expert pool.
public enum ExpertStore {
    /// An expert as ``Expert/init(row:)`` reads one: with the times away in one text, so that nobody is read as if
    /// always there, and the English names of the registry; no reader asks twice.
    static let select: SQL = """
        SELECT e.*, (
            SELECT \(sqlite: "group_concat", postgres: "string_agg")(b.from_day || ' ' || b.to_day, ';')
            FROM expert_absence b WHERE b.expert = e.id
        ) AS away, \(english("e.name", "e.organisation_name"))
        FROM expert e
        """

    /// What the registry calls an expert `e` and the employer in English, as `name_en` and `organisation_en`, where it
    /// calls them in Chinese as these columns do.
    static func english(_ name: SQL, _ employer: SQL) -> SQL {
        """
        (
            SELECT NULLIF(p.name_en, '') FROM person p WHERE p.id = e.person AND p.name = \(name)
        ) AS name_en,
        (
            SELECT NULLIF(o.name_en, '') FROM organisation o WHERE o.id = e.organisation AND o.name_zh = \(employer)
        ) AS organisation_en
        """
    }

    public static func add(_ expert: Expert, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO expert (id, account, person, name, title, organisation, organisation_name, is_active, max_load,
                confirm_by, languages, joined_at)
            VALUES (\(expert.id), \(expert.account), \(expert.person), \(expert.name), \(expert.title),
                \(expert.organisation), \(expert.organisationName), \(expert.isActive), \(expert.maxLoad),
                \(expert.confirmBy), \(ReviewLanguage.kept(expert.languages)), \(now))
            """)
        for field in Set(expert.fields).sorted() {
            try tx.run("INSERT INTO expert_field (expert, field) VALUES (\(expert.id), \(field))")
        }
    }

    /// Who has sheets to fill in, by account, and how many; for the demonstration.
    public static func busy(limit: Int, _ tx: Tx) throws -> [(login: String, name: String, count: Int)] {
        try tx.rows(
            """
            SELECT a.login, a.name, COUNT(*) AS n FROM review_assignment r JOIN expert e ON e.id = r.expert
            JOIN account a ON a.id = e.account WHERE r.state IN ('invited', 'accepted')
            GROUP BY a.login, a.name ORDER BY a.login LIMIT \(limit)
            """
        ) { (try $0["login"], try $0["name"], try $0["n"]) }
    }

    public static func find(account: ID<Account>, _ tx: Tx) throws -> Expert? {
        try tx.first("\(select) WHERE account = \(account)", Expert.init(row:))
    }

    /// Who of some accounts is in the pool, in the order of accounts, with the fields of each: two queries.
    public static func find(accounts: [ID<Account>], _ tx: Tx) throws -> [Expert] {
        var experts = try tx.rows(
            "\(select) WHERE account IN \(list: accounts) ORDER BY account", Expert.init(row:))
        var fields: [ID<Expert>: [String]] = [:]
        try tx.forEach(
            "SELECT expert, field FROM expert_field WHERE expert IN \(list: experts.map(\.id)) ORDER BY field"
        ) { row in fields[try row["expert"], default: []].append(try row["field"]) }
        for index in experts.indices { experts[index].fields = fields[experts[index].id] ?? [] }
        return experts
    }

    /// Brings title, employer, load, languages and fields up to date.
    static func update(_ expert: Expert, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE expert SET name = \(expert.name), person = \(expert.person), title = \(expert.title),
                organisation = \(expert.organisation), organisation_name = \(expert.organisationName),
                max_load = \(expert.maxLoad), languages = \(ReviewLanguage.kept(expert.languages))
            WHERE id = \(expert.id)
            """)
        try tx.run("DELETE FROM expert_field WHERE expert = \(expert.id)")
        for field in Set(expert.fields).sorted() {
            try tx.run("INSERT INTO expert_field (expert, field) VALUES (\(expert.id), \(field))")
        }
    }

    public static func all(_ ids: [ID<Expert>], _ tx: Tx) throws -> [ID<Expert>: Expert] {
        let found = try tx.rows("\(select) WHERE id IN \(list: ids)", Expert.init(row:))
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Discipline codes of one expert.
    public static func fields(of expert: ID<Expert>, _ tx: Tx) throws -> [String] {
        try tx.rows("SELECT field FROM expert_field WHERE expert = \(expert) ORDER BY field") { try $0["field"] }
    }

    /// A page of the pool by name, with the fields of each.
    /// - Parameter language: only those who can judge in it.
    public static func list(
        reading language: ReviewLanguage? = nil, after cursor: (name: String, id: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Expert] {
        let edge: SQL = cursor.map { "(name, id) > (\($0.name), \($0.id))" } ?? "1 = 1"
        let code = language.map { "% \($0.rawValue) %" }
        let reads: SQL = code.map { "AND (' ' || languages || ' ') LIKE \($0)" } ?? ""
        var experts = try tx.rows(
            "\(select) WHERE \(edge) \(reads) ORDER BY name, id LIMIT \(limit)", Expert.init(row:))
        var fields: [ID<Expert>: [String]] = [:]
        try tx.forEach(
            "SELECT expert, field FROM expert_field WHERE expert IN \(list: experts.map(\.id)) ORDER BY field"
        ) { row in fields[try row["expert"], default: []].append(try row["field"]) }
        for index in experts.indices { experts[index].fields = fields[experts[index].id] ?? [] }
        return experts
    }

    /// Experts to whom new work may be given on a day, in the order of their names.
    /// - Parameter others: experts to list with them, such as those who have the work in hand.
    public static func available(
        on day: Day, and others: [ID<Account>] = [], limit: Int, _ tx: Tx
    ) throws -> [Expert] {
        try tx.rows(
            """
            \(select)
            WHERE (\(holding(on: day)) AND NOT EXISTS (
                SELECT 1 FROM expert_absence b WHERE b.expert = e.id AND b.from_day <= \(day) AND b.to_day >= \(day)))
                OR account IN \(list: others)
            ORDER BY name, id LIMIT \(limit)
            """, Expert.init(row:))
    }

    /// Experts whose entry holds on a day, away or not, in the order of their names: for work of another day, which is
    /// not known yet.
    public static func holding(on day: Day, limit: Int, _ tx: Tx) throws -> [Expert] {
        try tx.rows("\(select) WHERE \(holding(on: day)) ORDER BY name, id LIMIT \(limit)", Expert.init(row:))
    }

    private static func holding(on day: Day) -> SQL {
        "is_active = \(true) AND (confirm_by IS NULL OR confirm_by >= \(day))"
    }

    /// Active experts with their fields, whether or not new work may be given to them.
    public static func active(_ tx: Tx) throws -> [Expert] {
        var experts = try tx.rows("\(select) WHERE is_active = \(true) ORDER BY id", Expert.init(row:))
        var fields: [ID<Expert>: [String]] = [:]
        try tx.forEach("SELECT expert, field FROM expert_field ORDER BY field") { row in
            fields[try row["expert"], default: []].append(try row["field"])
        }
        for index in experts.indices { experts[index].fields = fields[experts[index].id] ?? [] }
        return experts
    }

    /// Relations that were declared, by expert.
    /// - Parameter experts: only theirs; nil for the whole pool.
    public static func relations(of experts: [ID<Expert>]? = nil, _ tx: Tx) throws -> [ID<Expert>: Set<String>] {
        var found: [ID<Expert>: Set<String>] = [:]
        let chosen: SQL = experts.map { "WHERE expert IN \(list: $0)" } ?? ""
        try tx.forEach("SELECT expert, subject FROM expert_relation \(chosen)") { row in
            found[try row["expert"], default: []].insert(try row["subject"])
        }
        return found
    }

    public static func declare(
        _ subject: String, note: String, by expert: ID<Expert>, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO expert_relation (expert, subject, note, declared_at)
            VALUES (\(expert), \(subject), \(note), \(now)) ON CONFLICT (expert, subject) DO NOTHING
            """)
    }

    /// Known employments, by expert; whoever has none is not in the answer.
    /// - Parameter experts: only theirs; nil for the whole pool.
    public static func employments(
        of experts: [ID<Expert>]? = nil, _ tx: Tx
    ) throws -> [ID<Expert>: [ExpertFacts.Employment]] {
        var found: [ID<Expert>: [ExpertFacts.Employment]] = [:]
        let chosen: SQL = experts.map { "WHERE expert IN \(list: $0)" } ?? ""
        try tx.forEach("SELECT * FROM expert_employment \(chosen) ORDER BY expert, from_day, organisation") { row in
            found[try row["expert"], default: []].append(
                ExpertFacts.Employment(
                    organisation: try row["organisation"], from: try row["from_day"], to: try row["to_day"]))
        }
        return found
    }

    /// Keeps a time at an employer; the same start again corrects its end.
    public static func employ(_ time: ExpertFacts.Employment, _ expert: ID<Expert>, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO expert_employment (expert, organisation, from_day, to_day)
            VALUES (\(expert), \(time.organisation), \(time.from), \(time.to))
            ON CONFLICT (expert, organisation, from_day) DO UPDATE SET to_day = excluded.to_day
            """)
    }

    /// Experts who are one of some parties, also under another identity, or work for one of them.
    static func behind(_ parties: [String], _ tx: Tx) throws -> [ID<Expert>] {
        try tx.rows(
            """
            SELECT id FROM expert WHERE person IN \(list: parties) OR account IN \(list: parties)
                OR organisation IN \(list: parties)
                OR id IN (SELECT expert FROM expert_alias WHERE person IN \(list: parties))
            ORDER BY id
            """
        ) { row in try row["id"] as ID<Expert> }
    }

    /// Takes an expert out of the pool; what is in hand stays.
    public static func leave(_ id: ID<Expert>, _ tx: Tx) throws {
        try tx.run("UPDATE expert SET is_active = \(false) WHERE id = \(id)")
    }

    /// Keeps that what the pool holds of an expert is true, which makes the expert active.
    static func confirm(_ id: ID<Expert>, through day: Day, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE expert SET is_active = \(true), confirm_by = \(day), confirm_asked_on = NULL WHERE id = \(id)
            """)
    }
}
