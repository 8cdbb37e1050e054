public import Store

/// A notice (公示): what is shown, from when, open to objection until when, with the hash of its content.
public struct Notice: Codable, Hashable, Sendable {
    public let id: ID<Notice>
    public let number: String
    public let title: Bilingual
    public let intro: Bilingual
    /// What it is about, e.g. `decision` and its identity.
    public let subjectKind: String
    public let subject: String
    public let opensOn: Day
    /// Objections are taken until 24:00 of this day.
    public let closesOn: Day
    public let basis: Bilingual
    public let contentHash: String
    public let division: String
    public let publishedAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        number = try row["number"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        intro = Bilingual(try row["intro_zh"], try row["intro_en"])
        subjectKind = try row["subject_kind"]
        subject = try row["subject"]
        opensOn = try row["opens_on"]
        closesOn = try row["closes_on"]
        basis = Bilingual(try row["basis_zh"], try row["basis_en"])
        contentHash = try row["content_hash"]
        division = try row["division"]
        publishedAt = try row["published_at"]
    }
}

/// One line of a notice.
public struct NoticeRow: Codable, Hashable, Sendable {
    /// The case that the line speaks of; not shown.
    public let caseID: ID<CaseFile>?
    public let number: String
    public let title: Bilingual
    public let organisation: Bilingual
    public let person: String
    public let amount: Money?

    public init(
        caseID: ID<CaseFile>?, number: String, title: Bilingual, organisation: Bilingual, person: String, amount: Money?
    ) {
        self.caseID = caseID
        self.number = number
        self.title = title
        self.organisation = organisation
        self.person = person
        self.amount = amount
    }

    init(row: Row) throws {
        caseID = try row["case_id"]
        number = try row["number"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        organisation = Bilingual(try row["organisation_zh"], try row["organisation_en"])
        person = try row["person"]
        amount = try row["amount_fen"]
    }
}

extension Notice {
    /// How the public finds it.
    public var searchEntry: SearchEntry {
        SearchEntry(
            kind: .notice, subject: id.text, address: "/notices/\(number)", title: title,
            text: "\(intro.zh) \(intro.en)", day: opensOn)
    }
}

/// Whether what a notice announces may take effect.
public enum PublicityState: Hashable, Sendable {
    case yes
    case open(until: Day)
    case objections(Int)
}

/// Showing proposed decisions, and hearing objections to them.
public struct Publicity: Sendable {
    let calendar: WorkCalendar
    let zone: CityZone
    let rules: RuleBook

    public init(calendar: WorkCalendar, zone: CityZone, rules: RuleBook) {
        self.calendar = calendar
        self.zone = zone
        self.rules = rules
    }

    public static let migrations = Migrations(
        room: "publicity",
        steps: [
            Migration(
                id: "2026-11-24-publicity-notices",
                statements: [
                    """
                    CREATE TABLE notice (
                        id TEXT PRIMARY KEY, number TEXT NOT NULL, title_zh TEXT NOT NULL, title_en TEXT NOT NULL,
                        intro_zh TEXT NOT NULL, intro_en TEXT NOT NULL,
                        subject_kind TEXT NOT NULL, subject TEXT NOT NULL, opens_on TEXT NOT NULL,
                        closes_on TEXT NOT NULL, basis_zh TEXT NOT NULL, basis_en TEXT NOT NULL,
                        content_hash TEXT NOT NULL, division TEXT NOT NULL, published_at BIGINT NOT NULL,
                        CONSTRAINT notice_number_key UNIQUE (number)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX notice_closes ON notice (closes_on, id)",
                    "CREATE INDEX notice_subject ON notice (subject_kind, subject)",
                    """
                    CREATE TABLE notice_row (
                        notice TEXT NOT NULL REFERENCES notice (id), position BIGINT NOT NULL, case_id TEXT,
                        number TEXT NOT NULL, title_zh TEXT NOT NULL, title_en TEXT NOT NULL,
                        organisation_zh TEXT NOT NULL, organisation_en TEXT NOT NULL, person TEXT NOT NULL,
                        amount_fen BIGINT, PRIMARY KEY (notice, position)
                    ) \(SQL.strict)
                    """,
                    // Who objected is sealed: the objector's name is personal, and kept from those objected to.
                    """
                    CREATE TABLE objection (
                        case_id TEXT PRIMARY KEY, notice TEXT NOT NULL REFERENCES notice (id), row BIGINT,
                        sealed_name \(SQL.blob) NOT NULL, sealed_contact \(SQL.blob) NOT NULL,
                        statement TEXT NOT NULL, answer_zh TEXT, answer_en TEXT, upheld \(SQL.boolean),
                        state TEXT NOT NULL, filed_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX objection_notice ON objection (notice, state)",
                ])
        ])

    /// Publishes a notice for the days that the law gives.
    /// - Parameter days: the parameter that holds them.
    /// - Throws: ``CalendarError`` where the calendar does not reach.
    public func open(
        title: Bilingual, intro: Bilingual, about kind: String, _ subject: String, rows: [NoticeRow], division: String,
        days: String = "publicity.days", by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> Notice {
        let day = zone.day(of: now)
        let dated = try rules.dated(days, on: day)
        let closes = try rules.period(days, on: day).end(after: day, calendar)
        let number = "GS-\(day.parts.year)-\(padded(try NumberSeries.next("notice.\(day.parts.year)", tx), 4))"
        let id: ID<Notice> = ID(UUIDv7.make(at: now))
        let hash = try Publicity.hash(number: number, title: title, intro: intro, rows: rows)
        try tx.run(
            """
            INSERT INTO notice (id, number, title_zh, title_en, intro_zh, intro_en, subject_kind, subject, opens_on,
                closes_on, basis_zh, basis_en, content_hash, division, published_at)
            VALUES (\(id), \(number), \(title.zh), \(title.en), \(intro.zh), \(intro.en), \(kind), \(subject), \(day),
                \(closes), \(dated.source.cited.zh), \(dated.source.cited.en), \(hash), \(division), \(now))
            """)
        for block in stride(from: 0, to: rows.count, by: 200) {
            let values = (block..<min(block + 200, rows.count)).map { index -> SQL in
                let row = rows[index]
                return """
                    (\(id), \(index + 1), \(row.caseID), \(row.number), \(row.title.zh), \(row.title.en),
                    \(row.organisation.zh), \(row.organisation.en), \(row.person), \(row.amount))
                    """
            }
            try tx.run(
                """
                INSERT INTO notice_row (notice, position, case_id, number, title_zh, title_en, organisation_zh,
                    organisation_en, person, amount_fen)
                VALUES \(SQL.join(values, separator: ", "))
                """)
        }
        try Record.append(
            Event(
                room: "publicity", kind: "notice.published", subjectKind: "notice", subject: id.text, actor: actor,
                at: now,
                content: ["number": .string(number), "hash": .string(hash), "closes": .string(closes.description)],
                isPublic: true),
            tx)
        guard let notice = try NoticeStore.find(id, tx) else { throw PublicityError.unknown }
        try Search.index(notice.searchEntry, tx)
        return notice
    }

    static func hash(number: String, title: Bilingual, intro: Bilingual, rows: [NoticeRow]) throws -> String {
        Digest.hex(
            Digest.sha256(try content(number: number, title: title, intro: intro, rows: rows).canonicalBytes))
    }

    /// All that a notice shows, as it is hashed. The cases of its lines are not shown, so they are not in it.
    static func content(
        number: String, title: Bilingual, intro: Bilingual, rows: [NoticeRow], withCases: Bool = false
    ) throws -> JSONValue {
        let shown = try rows.map { row -> JSONValue in
            guard var members = try JSONValue(encoding: row).object else { return .null }
            if !withCases { members["caseID"] = nil }
            return .object(members)
        }
        return [
            "number": .string(number), "title": try JSONValue(encoding: title), "intro": try JSONValue(encoding: intro),
            "rows": .array(shown),
        ]
    }

    /// Whether what the notice announces may take effect at a moment: its window has closed and every objection is
    /// answered.
    public func mayTakeEffect(_ id: ID<Notice>, at now: Instant, _ tx: Tx) throws -> PublicityState {
        guard let notice = try NoticeStore.find(id, tx) else { throw PublicityError.unknown }
        guard zone.day(of: now) > notice.closesOn else { return .open(until: notice.closesOn) }
        let open: Int =
            try tx.value("SELECT COUNT(*) FROM objection WHERE notice = \(id) AND state IN ('filed', 'handling')") ?? 0
        return open == 0 ? .yes : .objections(open)
    }
}

/// Reads notices.
public enum NoticeStore {
    public static func find(_ id: ID<Notice>, _ tx: Tx) throws -> Notice? {
        try tx.first("SELECT * FROM notice WHERE id = \(id)", Notice.init(row:))
    }

    public static func find(number: String, _ tx: Tx) throws -> Notice? {
        try tx.first("SELECT * FROM notice WHERE number = \(number)", Notice.init(row:))
    }

    /// Notices in the order of their identities, after one, for those who go through all of them.
    public static func all(after id: ID<Notice>?, limit: Int, _ tx: Tx) throws -> [Notice] {
        let edge: SQL = id.map { "WHERE id > \($0)" } ?? ""
        return try tx.rows("SELECT * FROM notice \(edge) ORDER BY id LIMIT \(limit)", Notice.init(row:))
    }

    /// Rows of a notice in order, after a position.
    public static func rows(
        of id: ID<Notice>, after position: Int = 0, limit: Int = 500, _ tx: Tx
    ) throws -> [NoticeRow] {
        try tx.rows(
            """
            SELECT * FROM notice_row WHERE notice = \(id) AND position > \(position) ORDER BY position LIMIT \(limit)
            """, NoticeRow.init(row:))
    }

    /// Notices to which one may still object on a day, the nearest deadline first, after a last day and an identity.
    public static func open(
        on day: Day, after place: (day: Day, id: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Notice] {
        let edge: SQL = place.map { "AND (closes_on, id) > (\($0.day), \($0.id))" } ?? ""
        return try tx.rows(
            "SELECT * FROM notice WHERE closes_on >= \(day) \(edge) ORDER BY closes_on, id LIMIT \(limit)",
            Notice.init(row:))
    }

    /// All notices, newest first, before an identity.
    public static func list(before: ID<Notice>? = nil, limit: Int, _ tx: Tx) throws -> [Notice] {
        let edge: SQL = before.map { "WHERE id < \($0)" } ?? ""
        return try tx.rows("SELECT * FROM notice \(edge) ORDER BY id DESC LIMIT \(limit)", Notice.init(row:))
    }
}

/// Why a notice or an objection cannot be handled as asked.
public enum PublicityError: Problem, Hashable {
    case unknown
    case closed(Day)
    case incomplete([FieldProblem])

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .closed: .gone
        case .incomplete: .invalid
        }
    }

    public var code: String {
        switch self {
        case .unknown: "publicity.unknown"
        case .closed: "publicity.closed"
        case .incomplete: "publicity.incomplete"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这份公示。", "There is no such notice.")
        case .closed(let day):
            Bilingual(
                "公示期已于 \(day) 24:00 结束，不再受理异议。",
                "The publicity ended on \(day) at 24:00; objections are no longer taken.")
        case .incomplete: Bilingual("异议还不能提交，请逐项改正。", "The objection cannot be filed yet; mend each point.")
        }
    }

    public var fields: [FieldProblem] { if case .incomplete(let problems) = self { problems } else { [] } }
}
