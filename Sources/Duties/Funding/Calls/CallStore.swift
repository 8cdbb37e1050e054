internal import Foundation
public import Kernel
public import Store

/// Reads and writes calls.
public enum CallStore {
    public static func find(_ id: ID<Call>, _ tx: Tx) throws -> Call? {
        try tx.first("SELECT * FROM funding_call WHERE id = \(id)", call(row:))
    }

    public static func find(number: String, _ tx: Tx) throws -> Call? {
        try tx.first("SELECT * FROM funding_call WHERE number = \(number)", call(row:))
    }

    /// Published calls in the order of their identities, after one, for those who go through all of them.
    static func published(after id: ID<Call>?, limit: Int, _ tx: Tx) throws -> [Call] {
        let edge: SQL = id.map { "AND id > \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM funding_call WHERE state = 'published' \(edge) ORDER BY id LIMIT \(limit)", call(row:))
    }

    /// Published calls whose last day is one of some days.
    static func closing(in days: ClosedRange<Day>, _ tx: Tx) throws -> [Call] {
        try tx.rows(
            """
            SELECT * FROM funding_call WHERE state = 'published' AND closes_on >= \(days.lowerBound)
                AND closes_on <= \(days.upperBound) ORDER BY closes_on, id
            """, call(row:))
    }

    /// - Throws: ``CallError/unknown``.
    public static func require(_ id: ID<Call>, _ tx: Tx) throws -> Call {
        guard let call = try find(id, tx) else { throw CallError.unknown }
        return call
    }

    /// Whether nothing can be awarded under a call any more: its days are over, and no application is on its way.
    static func isFinished(_ call: Call, on day: Day, _ tx: Tx) throws -> Bool {
        guard call.state == .published, call.closesOn < day else { return false }
        // Drafts and what waits for its organisation can no longer come in.
        let underWay: Int? = try tx.value(
            """
            SELECT 1 FROM application WHERE call = \(call.id)
                AND step IN ('formal-check', 'correction', 'review', 'decision', 'publicity') LIMIT 1
            """)
        return underWay == nil
    }

    /// Titles of many calls in one query.
    public static func titles(_ ids: [ID<Call>], _ tx: Tx) throws -> [ID<Call>: Bilingual] {
        let rows = try tx.rows("SELECT id, title_zh, title_en FROM funding_call WHERE id IN \(list: ids)") { row in
            (try row["id"] as ID<Call>, Bilingual(try row["title_zh"], try row["title_en"]))
        }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }

    static func insert(_ call: Call, at now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO funding_call (id, number, programme, year, title_zh, title_en, state, opens_on, closes_on,
                budget_fen, division, field, content, revision, created_by, created_at)
            VALUES (\(call.id), \(call.number), \(call.programme), \(call.year), \(call.title.zh), \(call.title.en),
                \(call.state), \(call.opensOn), \(call.closesOn), \(call.budget), \(call.division),
                \(call.content.field), \(try encoded(call.content)), \(call.revision), \(call.createdBy), \(now))
            """)
    }

    /// Writes the call if nobody else did since it was read, and raises its revision.
    /// - Throws: ``CallError/stale``.
    static func update(_ call: Call, _ tx: Tx) throws -> Call {
        var next = call
        next.revision += 1
        let changed = try tx.run(
            """
            UPDATE funding_call SET title_zh = \(call.title.zh), title_en = \(call.title.en), state = \(call.state),
                opens_on = \(call.opensOn), closes_on = \(call.closesOn), budget_fen = \(call.budget),
                field = \(call.content.field), content = \(try encoded(call.content)), revision = \(next.revision),
                proposed_by = \(call.proposedBy), published_by = \(call.publishedBy),
                published_at = \(call.publishedAt)
            WHERE id = \(call.id) AND revision = \(call.revision)
            """)
        guard changed == 1 else { throw CallError.stale }
        return next
    }

    private static func encoded(_ content: CallContent) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(content), as: UTF8.self)
    }

    private static func call(row: Row) throws -> Call {
        let content: String = try row["content"]
        return Call(
            id: try row["id"], number: try row["number"], programme: try row["programme"], year: try row["year"],
            state: try row["state"], opensOn: try row["opens_on"], closesOn: try row["closes_on"],
            budget: try row["budget_fen"], division: try row["division"],
            content: try JSONDecoder().decode(CallContent.self, from: Data(content.utf8)),
            revision: try row["revision"], createdBy: try row["created_by"], proposedBy: try row["proposed_by"],
            publishedBy: try row["published_by"], publishedAt: try row["published_at"])
    }
}

/// A call as a list shows it.
public struct CallSummary: Codable, Hashable, Sendable {
    public let id: ID<Call>
    public let number: String
    public let title: Bilingual
    public let programme: Bilingual
    public let year: Int
    public let state: Call.State
    public let opensOn: Day
    public let closesOn: Day
    public let budget: Money
    public let field: String
}

/// Which calls a list asks for.
public struct CallFilter: Hashable, Sendable {
    public enum Phase: String, Sendable, CaseIterable {
        case open, upcoming, closed, all

        /// The day by which a list of its calls is ordered: when they open, where they are still to come.
        public func day(of call: CallSummary) -> Day { self == .upcoming ? call.opensOn : call.closesOn }

        /// Whether the nearest day stands first, since something is to be done before it.
        var isNearestFirst: Bool { self == .open || self == .upcoming }
    }

    public var phase: Phase
    public var programme: String?
    public var year: Int?
    public var field: String?
    /// Drafts and proposals are shown to the bureau only.
    public var includesDrafts: Bool

    public init(
        phase: Phase = .all, programme: String? = nil, year: Int? = nil, field: String? = nil,
        includesDrafts: Bool = false
    ) {
        self.phase = phase
        self.programme = programme
        self.year = year
        self.field = field
        self.includesDrafts = includesDrafts
    }
}

extension CallStore {
    /// A page of calls, after a cursor of a day and an id. Open ones come by their deadlines, the nearest first, and
    /// those to come by the day on which they open; else what closes last is first. See ``CallFilter/Phase/day(of:)``.
    public static func list(
        _ filter: CallFilter, today: Day, after cursor: (day: Day, id: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [CallSummary] {
        var conditions: [SQL] = [filter.includesDrafts ? "c.state <> 'cancelled'" : "c.state = 'published'"]
        switch filter.phase {
        case .open: conditions.append("c.opens_on <= \(today) AND c.closes_on >= \(today)")
        case .upcoming: conditions.append("c.opens_on > \(today)")
        case .closed: conditions.append("c.closes_on < \(today)")
        case .all: break
        }
        if let programme = filter.programme { conditions.append("p.code = \(programme)") }
        if let year = filter.year { conditions.append("c.year = \(year)") }
        if let field = filter.field { conditions.append("(c.field = \(field) OR c.field = '')") }
        let day: SQL = filter.phase == .upcoming ? "c.opens_on" : "c.closes_on"
        let isNearestFirst = filter.phase.isNearestFirst
        if let cursor {
            let side: SQL = isNearestFirst ? ">" : "<"
            conditions.append("(\(day), c.id) \(side) (\(cursor.day), \(cursor.id))")
        }
        let order: SQL = isNearestFirst ? "\(day), c.id" : "\(day) DESC, c.id DESC"
        return try tx.rows(
            """
            SELECT c.id, c.number, c.title_zh, c.title_en, c.year, c.state, c.opens_on, c.closes_on, c.budget_fen,
                c.field, p.name_zh, p.name_en
            FROM funding_call c JOIN programme p ON p.id = c.programme
            WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY \(order) LIMIT \(limit)
            """
        ) { row in
            CallSummary(
                id: try row["id"], number: try row["number"],
                title: Bilingual(try row["title_zh"], try row["title_en"]),
                programme: Bilingual(try row["name_zh"], try row["name_en"]), year: try row["year"],
                state: try row["state"], opensOn: try row["opens_on"], closesOn: try row["closes_on"],
                budget: try row["budget_fen"], field: try row["field"])
        }
    }
}
