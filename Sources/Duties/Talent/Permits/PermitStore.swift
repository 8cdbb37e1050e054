public import Kernel
public import Store

/// Reads and writes permits; every change leaves an entry in the permit's history and an event in the record.
public enum PermitStore {
    public static func find(_ id: ID<Permit>, _ tx: Tx) throws -> Permit? {
        try tx.first("SELECT * FROM permit WHERE id = \(id)", Permit.init(row:))
    }

    /// - Throws: ``PermitError/unknown``.
    public static func require(_ id: ID<Permit>, _ tx: Tx) throws -> Permit {
        guard let permit = try find(id, tx) else { throw PermitError.unknown }
        return permit
    }

    /// The permit with a check code, however it was typed.
    public static func find(checkCode typed: String, _ tx: Tx) throws -> Permit? {
        guard let code = Letters.normalCheckCode(typed) else { return nil }
        return try tx.first("SELECT * FROM permit WHERE check_code = \(code)", Permit.init(row:))
    }

    /// Permits of an employer in one state, the soonest end first, after an end and an identity.
    public static func list(
        of organisation: ID<OrganisationMark>, state: Permit.State, after: (Day, String)?, limit: Int, _ tx: Tx
    ) throws -> [Permit] {
        let edge: SQL = after.map { "(ends_on, id) > (\($0.0), \($0.1))" } ?? "1 = 1"
        return try tx.rows(
            """
            SELECT * FROM permit WHERE organisation = \(organisation) AND state = \(state) AND \(edge)
            ORDER BY ends_on, id LIMIT \(limit)
            """, Permit.init(row:))
    }

    /// Permits of the people whose account this is.
    public static func list(holder account: ID<Account>, _ tx: Tx) throws -> [Permit] {
        try tx.rows(
            """
            SELECT p.* FROM permit p JOIN foreigner f ON f.id = p.foreigner WHERE f.account = \(account)
            ORDER BY p.ends_on DESC, p.id LIMIT 50
            """, Permit.init(row:))
    }

    /// All permits of a person, the last end last.
    public static func list(of foreigner: ID<Foreigner>, _ tx: Tx) throws -> [Permit] {
        try tx.rows(
            "SELECT * FROM permit WHERE foreigner = \(foreigner) ORDER BY ends_on, id LIMIT 100", Permit.init(row:))
    }

    /// Valid permits whose last day lies before a day, and for which no timely extension is running.
    static func over(before day: Day, limit: Int, _ tx: Tx) throws -> [Permit] {
        try tx.rows(
            """
            SELECT * FROM permit WHERE state = 'valid' AND ends_on < \(day) AND NOT EXISTS (
                SELECT 1 FROM permit_filing f WHERE f.permit = permit.id AND f.procedure = 'talent.extension'
                    AND f.deem_after IS NOT NULL AND f.outcome IS NULL AND f.step <> 'draft')
            ORDER BY ends_on, id LIMIT \(limit)
            """, Permit.init(row:))
    }

    public static func history(of id: ID<Permit>, _ tx: Tx) throws -> [PermitEntry] {
        try tx.rows("SELECT * FROM permit_history WHERE permit = \(id) ORDER BY ordinal", PermitEntry.init(row:))
    }

    /// Adds a permit.
    public static func add(_ permit: Permit, by actor: Actor, on day: Day, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO permit (id, foreigner, organisation, case_id, term, category, route, post, district, trade,
                nationality, salary_fen, starts_on, ends_on, state, basis, check_code, issued_at)
            VALUES (\(permit.id), \(permit.foreigner), \(permit.organisation), \(permit.caseID), \(permit.term),
                \(permit.category), \(permit.route), \(permit.post), \(permit.district), \(permit.trade),
                \(permit.nationality), \(permit.salary.fen), \(permit.startsOn), \(permit.endsOn), \(permit.state),
                \(permit.basis), \(permit.checkCode), \(permit.issuedAt))
            """)
        try note(
            .granted, permit, ["from": .string(permit.startsOn.description), "to": .string(permit.endsOn.description)],
            case: permit.caseID, by: actor, on: day, at: permit.issuedAt, tx)
    }

    /// Writes what a case changed of a permit.
    public static func change(
        _ permit: Permit, as kind: PermitEntry.Kind, _ content: JSONValue, case caseID: ID<CaseFile>?, by actor: Actor,
        on day: Day, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            UPDATE permit SET category = \(permit.category), route = \(permit.route), post = \(permit.post),
                ends_on = \(permit.endsOn), state = \(permit.state), basis = \(permit.basis),
                check_code = \(permit.checkCode), closed_on = \(permit.closedOn), closed_for = \(permit.closedFor)
            WHERE id = \(permit.id)
            """)
        try note(kind, permit, content, case: caseID, by: actor, on: day, at: now, tx)
    }

    private static func note(
        _ kind: PermitEntry.Kind, _ permit: Permit, _ content: JSONValue, case caseID: ID<CaseFile>?, by actor: Actor,
        on day: Day, at now: Instant, _ tx: Tx
    ) throws {
        let ordinal: Int = try tx.value("SELECT COUNT(*) FROM permit_history WHERE permit = \(permit.id)") ?? 0
        try tx.run(
            """
            INSERT INTO permit_history (permit, ordinal, kind, on_day, case_id, content, made_by, at)
            VALUES (\(permit.id), \(ordinal), \(kind), \(day), \(caseID), \(content),
                \(actor.account?.text ?? "system"), \(now))
            """)
        try Record.append(
            Event(
                room: "talent", kind: "permit.\(kind.rawValue)", subjectKind: "permit", subject: permit.id.text,
                caseID: caseID, actor: actor, at: now, content: content), tx)
    }
}

/// Why a permit or a filing cannot be read or moved as asked.
public enum PermitError: Problem, Hashable {
    case unknown
    case notAnEmployer
    case notAMember
    case permitNeeded
    case nothingToAppeal
    case alreadyRunning(String)

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .notAnEmployer, .notAMember: .forbidden
        case .permitNeeded: .invalid
        case .nothingToAppeal, .alreadyRunning: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknown: "permit.unknown"
        case .notAnEmployer: "permit.not-an-employer"
        case .notAMember: "permit.not-a-member"
        case .permitNeeded: "permit.permit-needed"
        case .nothingToAppeal: "permit.nothing-to-appeal"
        case .alreadyRunning: "permit.already-running"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这项许可或办件，或您无权查看。", "There is no such permit or case, or it is not yours to see.")
        case .notAnEmployer:
            Bilingual(
                "贵单位尚未登记为外国人用人单位。请先登记。",
                "Your organisation is not registered as an employer of foreigners. Register first.")
        case .notAMember: Bilingual("您不是该单位的成员。", "You are not a member of the organisation.")
        case .permitNeeded: Bilingual("请说明针对哪一项许可。", "Say which permit this is about.")
        case .nothingToAppeal:
            Bilingual("只有不予许可的决定可以申请行政复议。", "Only a refusal can be brought to reconsideration.")
        case .alreadyRunning(let number):
            Bilingual("同一许可已有在办事项 \(number)。", "Case \(number) is running for the same permit.")
        }
    }
}
