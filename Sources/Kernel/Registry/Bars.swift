public import Store

/// A bar (限制): what a person or an organisation may not do for a time, decided in a case or following from one.
public struct Bar: Codable, Hashable, Sendable {
    /// What a bar can forbid. A procedure says in its YAML (`activity`) which of these it is to file it.
    public enum Activity: String, Codable, Hashable, Sendable, CaseIterable {
        case projects, awards, review, platforms, talent, services

        public var title: Bilingual {
            switch self {
            case .projects: Bilingual("申报和承担科技计划项目", "applying for and carrying projects")
            case .awards: Bilingual("科学技术奖励及提名", "awards and nominations")
            case .review: Bilingual("担任评审咨询专家", "serving as an expert")
            case .platforms: Bilingual("申报和承担平台基地", "applying for and hosting platforms")
            case .talent: Bilingual("人才计划和称号", "talent programmes and titles")
            case .services: Bilingual("其他财政科技资助", "other publicly funded support")
            }
        }
    }

    public let id: ID<Bar>
    /// Exactly one of person and organisation is given.
    public let person: ID<PersonMark>?
    public let organisation: ID<OrganisationMark>?
    public let activities: Set<Activity>
    public let from: Day
    /// The last day; nil for a bar without end.
    public let until: Day?
    /// Why, for the bureau's eyes.
    public let reason: Bilingual
    /// The document and article.
    public let basis: Bilingual
    /// The case that decided it, and its number.
    public let source: ID<CaseFile>?
    public let number: String
    /// The first day on which it no longer holds because it was lifted.
    public let liftedOn: Day?

    public init(
        id: ID<Bar>, person: ID<PersonMark>, activities: Set<Activity>, from: Day, until: Day?, reason: Bilingual,
        basis: Bilingual, source: ID<CaseFile>?, number: String
    ) {
        self.init(
            id: id, subject: (person, nil), activities: activities, days: (from, until), reason: reason, basis: basis,
            source: (source, number))
    }

    public init(
        id: ID<Bar>, organisation: ID<OrganisationMark>, activities: Set<Activity>, from: Day, until: Day?,
        reason: Bilingual, basis: Bilingual, source: ID<CaseFile>?, number: String
    ) {
        self.init(
            id: id, subject: (nil, organisation), activities: activities, days: (from, until), reason: reason,
            basis: basis, source: (source, number))
    }

    private init(
        id: ID<Bar>, subject: (ID<PersonMark>?, ID<OrganisationMark>?), activities: Set<Activity>,
        days: (Day, Day?), reason: Bilingual, basis: Bilingual, source: (ID<CaseFile>?, String)
    ) {
        self.id = id
        (person, organisation) = subject
        self.activities = activities
        (from, until) = days
        self.reason = reason
        self.basis = basis
        self.source = source.0
        number = source.1
        liftedOn = nil
    }

    init(row: Row) throws {
        id = try row["id"]
        let subject: String = try row["subject"]
        let kind: String = try row["subject_kind"]
        person = kind == "person" ? ID(subject) : nil
        organisation = kind == "organisation" ? ID(subject) : nil
        let words: String = try row["activities"]
        activities = Set(words.split(separator: " ").compactMap { Activity(rawValue: String($0)) })
        from = try row["starts_on"]
        until = try row["ends_on"]
        reason = Bilingual(try row["reason_zh"], try row["reason_en"])
        basis = Bilingual(try row["basis_zh"], try row["basis_en"])
        source = try row["case_id"]
        number = try row["number"]
        liftedOn = try row["lifted_on"]
    }

    var subject: String { person?.text ?? organisation?.text ?? "" }

    /// Whether it holds on a day; the first and the last day count.
    public func isInForce(on day: Day) -> Bool {
        from <= day && (until.map { day <= $0 } ?? true) && (liftedOn.map { day < $0 } ?? true)
    }

    /// What it forbids, in words.
    public var what: Bilingual {
        let named = Activity.allCases.filter(activities.contains).map(\.title)
        return Bilingual(named.map(\.zh).joined(separator: "、"), named.map(\.en).joined(separator: ", "))
    }

    /// Until when, in words.
    public var term: Bilingual {
        until.map { Bilingual("至 \($0)", "until \($0)") } ?? Bilingual("长期", "without end")
    }
}

/// The bars of the house (限制名单): imposed and lifted, never changed. Every filing, award, draw of experts and
/// contract asks here.
public enum Bars {
    static let migration = Migration(
        id: "2026-11-26-registry-bars",
        statements: [
            """
            CREATE TABLE registry_bar (
                id TEXT PRIMARY KEY, subject_kind TEXT NOT NULL CONSTRAINT registry_bar_subject_kind_check
                    CHECK (subject_kind IN ('person', 'organisation')),
                subject TEXT NOT NULL, activities TEXT NOT NULL, starts_on TEXT NOT NULL, ends_on TEXT,
                reason_zh TEXT NOT NULL, reason_en TEXT NOT NULL, basis_zh TEXT NOT NULL, basis_en TEXT NOT NULL,
                case_id TEXT, number TEXT NOT NULL, made_by TEXT NOT NULL, made_at BIGINT NOT NULL
            ) \(SQL.strict)
            """,
            "CREATE INDEX registry_bar_subject ON registry_bar (subject, ends_on)",
            "CREATE INDEX registry_bar_case ON registry_bar (case_id)",
            """
            CREATE TABLE registry_bar_lifting (
                bar TEXT PRIMARY KEY REFERENCES registry_bar (id), lifted_on TEXT NOT NULL,
                reason_zh TEXT NOT NULL, reason_en TEXT NOT NULL, case_id TEXT,
                lifted_by TEXT NOT NULL, lifted_at BIGINT NOT NULL
            ) \(SQL.strict)
            """,
        ] + SQL.appendOnly("registry_bar") + SQL.appendOnly("registry_bar_lifting"))

    private static let all: SQL = """
        SELECT b.*, l.lifted_on FROM registry_bar b LEFT JOIN registry_bar_lifting l ON l.bar = b.id
        """

    /// Imposes a bar; the event of the record tells of it.
    public static func impose(_ bar: Bar, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        let kind = bar.person == nil ? "organisation" : "person"
        let words = bar.activities.map(\.rawValue).sorted().joined(separator: " ")
        try tx.run(
            """
            INSERT INTO registry_bar (id, subject_kind, subject, activities, starts_on, ends_on, reason_zh, reason_en,
                basis_zh, basis_en, case_id, number, made_by, made_at)
            VALUES (\(bar.id), \(kind), \(bar.subject), \(words), \(bar.from), \(bar.until), \(bar.reason.zh),
                \(bar.reason.en), \(bar.basis.zh), \(bar.basis.en), \(bar.source), \(bar.number),
                \(actor.account?.text ?? "system"), \(now))
            """)
        try Record.append(
            Event(
                room: "registry", kind: "bar.imposed", subjectKind: kind, subject: bar.subject, actor: actor, at: now,
                content: [
                    "bar": .string(bar.id.text), "activities": .string(words),
                    "from": .string(bar.from.description),
                    "until": bar.until.map { .string($0.description) } ?? .null, "number": .string(bar.number),
                ]), tx)
    }

    /// Lifts the bars that a case imposed and that still hold, from a day on.
    /// - Returns: how many there were.
    @discardableResult
    public static func lift(
        of source: ID<CaseFile>, on day: Day, reason: Bilingual, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> Int {
        let open = try imposed(by: source, tx).filter { $0.liftedOn == nil && ($0.until.map { day <= $0 } ?? true) }
        for bar in open {
            try tx.run(
                """
                INSERT INTO registry_bar_lifting (bar, lifted_on, reason_zh, reason_en, case_id, lifted_by, lifted_at)
                VALUES (\(bar.id), \(day), \(reason.zh), \(reason.en), \(source), \(actor.account?.text ?? "system"),
                    \(now))
                """)
            try Record.append(
                Event(
                    room: "registry", kind: "bar.lifted", subjectKind: bar.person == nil ? "organisation" : "person",
                    subject: bar.subject, actor: actor, at: now,
                    content: ["bar": .string(bar.id.text), "on": .string(day.description)]), tx)
        }
        return open.count
    }

    /// What a case imposed, whether it still holds or not.
    public static func imposed(by source: ID<CaseFile>, _ tx: Tx) throws -> [Bar] {
        try tx.rows("\(all) WHERE b.case_id = \(source) ORDER BY b.id", Bar.init(row:))
    }

    /// Everything that was ever imposed on a person or an organisation, oldest first.
    public static func history(of subject: String, _ tx: Tx) throws -> [Bar] {
        try tx.rows("\(all) WHERE b.subject = \(subject) ORDER BY b.id", Bar.init(row:))
    }

    /// The bars in force on a day against any of these people and organisations: one query.
    /// - Parameter activity: only those that forbid it; nil for all.
    public static func inForce(
        people: [ID<PersonMark>] = [], organisations: [ID<OrganisationMark>] = [], for activity: Bar.Activity? = nil,
        on day: Day, _ tx: Tx
    ) throws -> [Bar] {
        let subjects = people.map(\.text) + organisations.map(\.text)
        guard !subjects.isEmpty else { return [] }
        return try holding("b.subject IN \(list: subjects)", activity, day, tx)
    }

    /// All bars in force on a day that forbid an activity; for draws, which ask for a whole pool.
    public static func inForce(for activity: Bar.Activity, on day: Day, _ tx: Tx) throws -> [Bar] {
        try holding("1 = 1", activity, day, tx)
    }

    /// All bars in force on a day.
    public static func all(inForceOn day: Day, _ tx: Tx) throws -> [Bar] { try holding("1 = 1", nil, day, tx) }

    private static func holding(_ whom: SQL, _ activity: Bar.Activity?, _ day: Day, _ tx: Tx) throws -> [Bar] {
        try tx.rows(
            """
            \(all) WHERE \(whom) AND b.starts_on <= \(day) AND (b.ends_on IS NULL OR b.ends_on >= \(day))
                AND (l.lifted_on IS NULL OR l.lifted_on > \(day))
            ORDER BY b.id
            """, Bar.init(row:)
        ).filter { bar in activity.map(bar.activities.contains) ?? true }
    }

    /// The bars in force on a day against the applicant or the organisation of a case.
    public static func inForce(
        against file: CaseFile, for activity: Bar.Activity? = nil, on day: Day, _ tx: Tx
    ) throws -> [Bar] {
        let person: ID<PersonMark>?? = try file.applicant.flatMap { account in
            try tx.first("SELECT person FROM account WHERE id = \(account)") { try $0["person"] as ID<PersonMark>? }
        }
        return try inForce(
            people: [person ?? nil].compactMap(\.self), organisations: [file.organisation].compactMap(\.self),
            for: activity, on: day, tx)
    }

    /// Why a case may not be filed, decided for its applicant, or signed: nothing where no bar holds.
    static func problems(
        _ file: CaseFile, _ activity: Bar.Activity?, on day: Day, to actor: Actor, _ tx: Tx
    ) throws -> [FieldProblem] {
        guard let activity else { return [] }
        return try inForce(against: file, for: activity, on: day, tx).map { problem($0, to: actor) }
    }

    /// What is said of a bar: the bureau reads the reason; others that there is one, until when, and where it is
    /// explained.
    public static func problem(_ bar: Bar, to actor: Actor) -> FieldProblem {
        let who =
            bar.person == nil ? Bilingual("该单位", "The organisation") : Bilingual("申请人", "The applicant")
        let term = bar.term
        let isStaff = actor.isSystem || !actor.roles.isDisjoint(with: [.officer, .leader, .auditor])
        let message =
            isStaff
            ? Bilingual(
                "\(who.zh)自 \(bar.from) \(term.zh)受限（\(bar.number)）：\(bar.what.zh)。理由：\(bar.reason.zh)",
                "\(who.en) is barred from \(bar.from) \(term.en) (\(bar.number)): \(bar.what.en). Reason: \(bar.reason.en)"
            )
            : Bilingual(
                "\(who.zh)\(term.zh)受限制措施约束（\(bar.number)），不能办理本事项。理由、期限和救济途径见送达的决定书。",
                "\(who.en) is barred from this \(term.en) (\(bar.number)). The decision that was served says why, and how to appeal."
            )
        return FieldProblem(field: "", code: "bar.in-force", message: message, basis: bar.basis)
    }
}
