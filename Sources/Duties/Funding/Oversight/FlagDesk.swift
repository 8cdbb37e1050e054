public import Kernel
import Ledger
import Store

/// Asks the flags of all transactions, keeps what is found, and what those who looked made of it.
public struct FlagDesk: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let rules: RuleBook

    public init(_ house: House) {
        self.init(db: house.db, clock: house.clock, zone: house.city.zone, rules: house.city.rules)
    }

    init(db: Database, clock: any Clock, zone: CityZone, rules: RuleBook) {
        self.db = db
        self.clock = clock
        self.zone = zone
        self.rules = rules
    }

    private static let mark = "oversight.mark"
    /// What was written while a run was on its way may have earlier moments than what it saw.
    private static let overlap = 3_600

    /// Asks about what is new since the last run; once a day and whenever something was posted.
    public func tend() async throws {
        let now = clock.now()
        let today = zone.day(of: now)
        let (known, newest) = try await db.read { tx in
            (
                try Settings.get(FlagDesk.mark, tx),
                try tx.value("SELECT MAX(id) FROM ledger_posting") as String? ?? ""
            )
        }
        let state = "\(today) \(newest)"
        let words = known?.split(separator: "|").map(String.init) ?? []
        guard words.first != state else { return }
        let last = words.count == 2 ? Int64(words[1]).map { Instant(microseconds: $0) } : nil
        try await run(since: last?.adding(seconds: -FlagDesk.overlap))
        try await db.write { tx in try Settings.set(FlagDesk.mark, "\(state)|\(now.microseconds)", tx) }
    }

    /// Asks all flags, each in a transaction of its own.
    /// - Parameter since: nil asks about everything.
    /// - Returns: how many hits are new, by flag.
    @discardableResult
    public func run(since: Instant? = nil) async throws -> [String: Int] {
        let now = clock.now()
        let today = zone.day(of: now)
        var found: [String: Int] = [:]
        let scope = FlagScope(since: since, today: today, law: rules.law(on: today))
        for flag in Flags.all {
            // A flag that the city has turned off, or whose number nobody knows, is not asked.
            guard let threshold = try? scope.law.number(flag.parameter).value, threshold != 0 else { continue }
            found[flag.id] = try await db.write { tx in
                try tx.run(
                    """
                    INSERT INTO red_flag (flag, subject, id, subject_kind, project, amount_fen, day, value1, value2,
                        found_at)
                    SELECT CAST(\(flag.id) AS TEXT), q.subject, CAST(\(flag.id) AS TEXT) || '.' || q.subject,
                        q.subject_kind, q.project, q.amount_fen, q.day, COALESCE(q.value1, ''), COALESCE(q.value2, ''),
                        CAST(\(now) AS BIGINT)
                    FROM (\(try flag.query(scope))) q WHERE 1 = 1 ON CONFLICT DO NOTHING
                    """)
            }
        }
        return found
    }

    /// Characters of what an auditor writes of a hit.
    static let longestReason = 2_000

    /// Writes down what somebody who looked made of a hit; earlier looks stay.
    /// - Throws: ``OversightError/unknownHit``.
    func look(
        _ flag: String, _ subject: String, _ disposition: Hit.Disposition, reason: String, by actor: Actor
    ) async throws {
        try Policy.require(actor, .audit)
        try Words.check(reason, "reason", Bilingual("理由", "Reason"), most: FlagDesk.longestReason)
        let now = clock.now()
        try await db.write { tx in
            guard let hit = try FlagDesk.find(flag, subject, tx) else { throw OversightError.unknownHit }
            let id = "\(flag).\(subject)"
            let project = try ProjectStore.find(number: hit.project, tx)
            try tx.run(
                """
                INSERT INTO red_flag_look (hit, position, disposition, reason, looked_by, looked_name, looked_at)
                SELECT CAST(\(id) AS TEXT), COUNT(*) + 1, CAST(\(disposition.rawValue) AS TEXT),
                    CAST(\(reason) AS TEXT), CAST(\(actor.account?.text ?? "") AS TEXT), CAST(\(actor.name) AS TEXT), CAST(\(now) AS BIGINT)
                FROM red_flag_look WHERE hit = \(id)
                """)
            try Record.append(
                Event(
                    room: "funding", kind: disposition == .passedOn ? "flag.passed-on" : "flag.looked",
                    subjectKind: "red-flag", subject: id, actor: actor, at: now,
                    content: [
                        "flag": .string(flag), "title": .string(Flags.find(flag)?.title.zh ?? ""),
                        "project": .string(hit.project), "subject": .string(subject),
                        "case": project.map { .string($0.id.text) } ?? .null,
                        "disposition": .string(disposition.rawValue), "reason": .string(reason),
                    ]), tx)
        }
    }

    // MARK: Reading

    /// Hits with the last word on each.
    private static let hits: SQL = """
        SELECT r.*, l.disposition FROM red_flag r LEFT JOIN red_flag_look l ON l.hit = r.id
            AND l.position = (SELECT MAX(m.position) FROM red_flag_look m WHERE m.hit = r.id)
        """

    static func find(_ flag: String, _ subject: String, _ tx: Tx) throws -> Hit? {
        try tx.first("\(hits) WHERE r.flag = \(flag) AND r.subject = \(subject)", Hit.init(row:))
    }

    /// Hits of a flag, newest first, before a day and subject.
    /// - Parameter open: only those at which nobody looked yet.
    static func list(
        _ flag: String, open: Bool = false, before cursor: (day: Day, subject: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Hit] {
        let edge: SQL = cursor.map { "AND (r.day, r.id) < (\($0.day), \("\(flag).\($0.subject)"))" } ?? ""
        let rest: SQL = open ? "AND l.disposition IS NULL" : ""
        return try tx.rows(
            "\(hits) WHERE r.flag = \(flag) \(edge) \(rest) ORDER BY r.day DESC, r.id DESC LIMIT \(limit)",
            Hit.init(row:))
    }

    /// Hits about a project, newest first.
    static func list(project: String, limit: Int, _ tx: Tx) throws -> [Hit] {
        try tx.rows(
            "\(hits) WHERE r.project = \(project) ORDER BY r.day DESC, r.id DESC LIMIT \(limit)", Hit.init(row:))
    }

    /// How many hits each flag has, by what became of them; the empty word stands for those nobody looked at.
    static func counts(_ tx: Tx) throws -> [String: [String: Int]] {
        var counts: [String: [String: Int]] = [:]
        for row in try tx.rows(
            """
            SELECT h.flag, COALESCE(h.disposition, '') AS disposition, COUNT(*) AS n FROM (\(hits)) h
            GROUP BY h.flag, COALESCE(h.disposition, '')
            """)
        {
            counts[try row["flag"], default: [:]][try row["disposition"]] = try row["n"]
        }
        return counts
    }

    /// One look at a hit.
    struct Look: Sendable {
        let disposition: Hit.Disposition?
        let reason: String
        let name: String
        let at: Instant
    }

    static func looks(_ hit: Hit, _ tx: Tx) throws -> [Look] {
        try tx.rows("SELECT * FROM red_flag_look WHERE hit = \("\(hit.flag).\(hit.subject)") ORDER BY position") {
            row in
            let word: String = try row["disposition"]
            return Look(
                disposition: Hit.Disposition(rawValue: word), reason: try row["reason"], name: try row["looked_name"],
                at: try row["looked_at"])
        }
    }
}
