public import Store

/// A time in which the house could not take work, measured: from the last sign of life to the next.
public struct Outage: Codable, Hashable, Sendable {
    public let id: ID<Outage>
    /// When the house was last known to take work.
    public let from: Instant
    /// When it did again.
    public let until: Instant
    /// How many calls, procedures and the like were given more time.
    public let extended: Int
    /// The notice that announced it; nil where no deadline was near.
    public let notice: String?

    /// How long it lasted, in whole minutes.
    public var minutes: Int { Int((until.microseconds - from.microseconds) / 60_000_000) }

    public init(id: ID<Outage>, from: Instant, until: Instant, extended: Int = 0, notice: String? = nil) {
        self.id = id
        self.from = from
        self.until = until
        self.extended = extended
        self.notice = notice
    }

    /// A row of `outage`.
    public init(row: Row) throws {
        id = try row["id"]
        from = try row["from_at"]
        until = try row["until_at"]
        extended = try row["extended"]
        notice = try row["notice"]
    }
}

/// What the city grants for outages, as of a day; parameters `outage.shortest`, `outage.near` and `outage.extension`.
public struct OutageLaw: Sendable {
    /// Shorter outages, in minutes, move nothing.
    public let shortest: Int
    /// A deadline counts as touched when it falls into an outage or at most so many hours after its end.
    public let near: Int
    /// What each touched deadline is given for every 24 hours that an outage lasted or began.
    public let time: Period
    /// Where the extension is written.
    public let source: RuleSource

    /// - Throws: ``RuleBookError``.
    public init(_ rules: RuleBook, on day: Day) throws(RuleBookError) {
        shortest = try rules.number("outage.shortest", on: day)
        near = try rules.number("outage.near", on: day)
        time = try rules.period("outage.extension", on: day)
        source = try rules.dated("outage.extension", on: day).source
    }

    /// Whether the outage is long enough to move deadlines.
    public func counts(_ outage: Outage) -> Bool { outage.minutes >= shortest }

    /// The last days, in the order of the calendar, whose 24:00 an outage touched; nil where it touched none.
    public func touched(by outage: Outage, _ zone: CityZone) -> ClosedRange<Day>? {
        let first = zone.day(of: outage.from)
        let last = zone.day(of: outage.until.adding(seconds: near * 3_600)).adding(days: -1)
        return first <= last ? first...last : nil
    }

    /// The day until which a deadline is moved: the same length for all. Beyond the years of which the days off are
    /// known, rest days count as others do.
    public func moved(_ day: Day, by outage: Outage, _ calendar: WorkCalendar) -> Day {
        var day = day
        for _ in 0..<(max(0, outage.minutes) / 1_440 + 1) {
            day = (try? time.end(after: day, calendar)) ?? time.plainEnd(after: day)
        }
        return day
    }
}

/// Keeps when the house was last there, and when it was not.
public enum OutageStore {
    public static let migrations = Migrations(
        room: "outages",
        steps: [
            Migration(
                id: "2026-11-26-outages",
                statements: [
                    // One row: the last sign of life, by the machine's clock.
                    """
                    CREATE TABLE house_seen (
                        name TEXT PRIMARY KEY, seen_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE outage (
                        id TEXT PRIMARY KEY, from_at BIGINT NOT NULL, until_at BIGINT NOT NULL,
                        extended BIGINT NOT NULL, notice TEXT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX outage_until ON outage (until_at, id)",
                ])
        ])

    /// When the house last said that it takes work; nil where it never did.
    public static func lastSeen(_ tx: Tx) throws -> Instant? {
        try tx.value("SELECT seen_at FROM house_seen WHERE name = 'house'")
    }

    public static func see(at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO house_seen (name, seen_at) VALUES ('house', \(now))
            ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at
            """)
    }

    /// Keeps a measured outage and says so in the record.
    public static func add(_ outage: Outage, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO outage (id, from_at, until_at, extended, notice)
            VALUES (\(outage.id), \(outage.from), \(outage.until), \(outage.extended), \(outage.notice))
            """)
        try Record.append(
            Event(
                room: "outages", kind: "outage.measured", subjectKind: "outage", subject: outage.id.text,
                actor: .system, at: now,
                content: [
                    "from": .integer(outage.from.microseconds), "until": .integer(outage.until.microseconds),
                    "extended": .integer(Int64(outage.extended)), "notice": outage.notice.map { .string($0) } ?? .null,
                ], isPublic: true), tx)
    }

    /// Outages, the latest first, after one.
    public static func list(after last: Outage?, limit: Int, _ tx: Tx) throws -> [Outage] {
        let edge: SQL = last.map { "WHERE (until_at, id) < (\($0.until), \($0.id))" } ?? ""
        return try tx.rows(
            "SELECT * FROM outage \(edge) ORDER BY until_at DESC, id DESC LIMIT \(limit)", Outage.init(row:))
    }

    /// The outages that fell into each of some spans of time, such as those of the incidents of a page, the latest
    /// first: one query, however many spans there are.
    /// - Parameter limit: of one span, the latest ones.
    public static func list(
        within spans: [ClosedRange<Instant>], limit: Int, _ tx: Tx
    ) throws -> [Outage] {
        guard !spans.isEmpty else { return [] }
        let each = spans.map { span -> SQL in
            """
            SELECT * FROM (SELECT * FROM outage WHERE until_at >= \(span.lowerBound) AND from_at <= \(span.upperBound)
                ORDER BY until_at DESC, id DESC LIMIT \(limit)) AS span
            """
        }
        return try tx.rows(
            "SELECT * FROM (\(SQL.join(each, separator: " UNION "))) AS found ORDER BY until_at DESC, id DESC",
            Outage.init(row:))
    }

    public static func find(_ id: ID<Outage>, _ tx: Tx) throws -> Outage? {
        try tx.first("SELECT * FROM outage WHERE id = \(id)", Outage.init(row:))
    }
}
