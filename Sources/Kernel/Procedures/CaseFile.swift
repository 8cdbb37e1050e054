public import Store

/// A case (办件): one run of a procedure.
public struct CaseFile: Codable, Hashable, Sendable {
    public let id: ID<CaseFile>
    public let procedure: String
    public let version: Int
    public let number: String
    public var title: Bilingual
    public var step: String
    public var holder: StepDefinition.Holder
    public let organisation: ID<OrganisationMark>?
    public let applicant: ID<Account>?
    /// The division that handles it.
    public var division: String
    public let parent: ID<CaseFile>?
    public let openedAt: Instant
    public var stepSince: Instant
    /// The day on which the running clock ends, or a day of the case's own before that; nil without either.
    public var dueOn: Day?
    /// Counts the changes; forms carry it, so that nobody overwrites what they have not seen.
    public var revision: Int
    /// The divisions that may see it, besides leaders and auditors; nil where the whole bureau may.
    public var audience: [String]?

    /// Reads a case out of a row of `case_file`.
    public init(stored row: Row) throws { try self.init(row: row) }

    init(row: Row) throws {
        id = try row["id"]
        procedure = try row["procedure"]
        version = try row["version"]
        number = try row["number"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        step = try row["step"]
        holder = try row["holder"]
        organisation = try row["organisation"]
        applicant = try row["applicant"]
        division = try row["division"]
        parent = try row["parent"]
        openedAt = try row["opened_at"]
        stepSince = try row["step_since"]
        dueOn = try row["due_on"]
        revision = try row["revision"]
        let audience: String? = try row["audience"]
        self.audience = audience.map { $0.split(separator: " ").map(String.init) }
    }

    /// A case about to be opened; the engine gives it its first step.
    public init(
        id: ID<CaseFile>, procedure: String, number: String, title: Bilingual, organisation: ID<OrganisationMark>?,
        applicant: ID<Account>?, division: String, parent: ID<CaseFile>? = nil, version: Int = 0, openedAt: Instant
    ) {
        self.id = id
        self.procedure = procedure
        self.version = version
        self.number = number
        self.title = title
        step = ""
        holder = .nobody
        self.organisation = organisation
        self.applicant = applicant
        self.division = division
        self.parent = parent
        self.openedAt = openedAt
        stepSince = openedAt
        revision = 0
    }
}

extension StepDefinition.Holder: SQLConvertible {}

/// A clock (办理时限) of a case: its legal budget of days, and when it stopped.
public struct CaseClock: Codable, Hashable, Sendable {
    public let step: String
    public let title: Bilingual
    public let clock: LegalClock
    /// The document and article that set the days; nil where the city's procedure does.
    public let basis: Bilingual?
    public let needsChecking: Bool
    public let stoppedOn: Day?
}

/// Reads and writes cases, their answers and their clocks.
public enum CaseStore {
    public static let migrations = Migrations(
        room: "procedures",
        steps: [
            Migration(
                id: "2026-11-24-procedures-cases",
                statements: [
                    """
                    CREATE TABLE case_file (
                        id TEXT PRIMARY KEY, procedure TEXT NOT NULL, version BIGINT NOT NULL, number TEXT NOT NULL,
                        title_zh TEXT NOT NULL, title_en TEXT NOT NULL, step TEXT NOT NULL, holder TEXT NOT NULL,
                        organisation TEXT, applicant TEXT, division TEXT NOT NULL, parent TEXT,
                        opened_at BIGINT NOT NULL, step_since BIGINT NOT NULL, due_on TEXT, due_key TEXT NOT NULL,
                        revision BIGINT NOT NULL,
                        CONSTRAINT case_file_procedure_number_key UNIQUE (procedure, number)
                    ) \(SQL.strict)
                    """,
                    // due_key is the due day, or 9999 where there is none, so that one index serves the worklist.
                    "CREATE INDEX case_file_holder_due ON case_file (holder, division, due_key, id)",
                    // For those who act for every division.
                    "CREATE INDEX case_file_holder_all ON case_file (holder, due_key, id)",
                    "CREATE INDEX case_file_step_due ON case_file (procedure, step, due_key, id)",
                    "CREATE INDEX case_file_applicant ON case_file (applicant, holder, due_key, id)",
                    "CREATE INDEX case_file_organisation ON case_file (organisation, holder, due_key, id)",
                    "CREATE INDEX case_file_parent ON case_file (parent, id)",
                    """
                    CREATE TABLE case_answers (
                        case_id TEXT PRIMARY KEY REFERENCES case_file (id), content TEXT NOT NULL,
                        revision BIGINT NOT NULL, saved_by TEXT NOT NULL, saved_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE case_clock (
                        case_id TEXT NOT NULL REFERENCES case_file (id), ordinal BIGINT NOT NULL, step TEXT NOT NULL,
                        title_zh TEXT NOT NULL, title_en TEXT NOT NULL, clock TEXT NOT NULL,
                        basis_zh TEXT, basis_en TEXT, needs_checking \(SQL.boolean) NOT NULL, stopped_on TEXT,
                        PRIMARY KEY (case_id, ordinal)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE case_action (
                        case_id TEXT NOT NULL REFERENCES case_file (id), ordinal BIGINT NOT NULL, action TEXT NOT NULL,
                        account TEXT, at BIGINT NOT NULL, PRIMARY KEY (case_id, ordinal)
                    ) \(SQL.strict)
                    """,
                ]),
            Migration(
                id: "2026-11-26-procedures-case-lists",
                statements: [
                    "CREATE INDEX case_file_procedure ON case_file (procedure, id)",
                    "CREATE INDEX case_file_opened ON case_file (procedure, opened_at)",
                ]),
            Migration(
                id: "2026-11-26-procedures-audience", statements: ["ALTER TABLE case_file ADD COLUMN audience TEXT"]),
            // Rooms count what is open on each visit; what is over grows for ever.
            Migration(
                id: "2026-11-26-procedures-open",
                statements: [
                    """
                    CREATE INDEX case_file_open ON case_file (procedure, step, due_key) WHERE holder <> 'nobody'
                    """
                ]),
            ownDay,
        ])

    /// The case with a number, as people write it.
    public static func find(procedure: String, number: String, _ tx: Tx) throws -> CaseFile? {
        try tx.first(
            "SELECT * FROM case_file WHERE procedure = \(procedure) AND number = \(number)", CaseFile.init(row:))
    }

    public static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> CaseFile? {
        try tx.first("SELECT * FROM case_file WHERE id = \(id)", CaseFile.init(row:))
    }

    /// The cases of a page, by their identity, in one query.
    public static func find(_ ids: Set<ID<CaseFile>>, _ tx: Tx) throws -> [ID<CaseFile>: CaseFile] {
        let found = try tx.rows("SELECT * FROM case_file WHERE id IN \(list: Array(ids))", CaseFile.init(row:))
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Throws: ``ProcedureError/unknownCase``.
    public static func require(_ id: ID<CaseFile>, _ tx: Tx) throws -> CaseFile {
        guard let file = try find(id, tx) else { throw ProcedureError.unknownCase }
        return file
    }

    static func insert(_ file: CaseFile, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO case_file (id, procedure, version, number, title_zh, title_en, step, holder, organisation,
                applicant, division, parent, opened_at, step_since, clock_on, due_on, due_key, revision)
            VALUES (\(file.id), \(file.procedure), \(file.version), \(file.number), \(file.title.zh), \(file.title.en),
                \(file.step), \(file.holder), \(file.organisation), \(file.applicant), \(file.division),
                \(file.parent), \(file.openedAt), \(file.stepSince), \(file.dueOn), \(file.dueOn),
                \(file.dueOn?.description ?? noDay), \(file.revision))
            """)
    }

    /// Writes what may change, if nobody else did since the case was read.
    /// - Parameter isTimed: whether its last day is the end of a clock that was started or changed just now; otherwise
    ///   the days stay as they are.
    /// - Throws: ``ProcedureError/stale``.
    static func update(_ file: CaseFile, expecting revision: Int, isTimed: Bool, _ tx: Tx) throws {
        var sets: [SQL] = [
            """
            title_zh = \(file.title.zh), title_en = \(file.title.en), step = \(file.step), holder = \(file.holder),
                division = \(file.division), step_since = \(file.stepSince), revision = \(file.revision)
            """
        ]
        if isTimed { sets.append(file.holder == .nobody ? endsFinally(file.dueOn) : ends(file.dueOn)) }
        let changed = try tx.run(
            """
            UPDATE case_file SET \(SQL.join(sets, separator: ", ")) WHERE id = \(file.id) AND revision = \(revision)
            """)
        guard changed == 1 else { throw ProcedureError.stale }
    }

    /// Renames a case while it is drafted.
    public static func setTitle(_ title: Bilingual, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE case_file SET title_zh = \(title.zh), title_en = \(title.en) WHERE id = \(id)")
    }

    /// Hands a case to another division, whose officers hold it from then on.
    public static func setDivision(_ division: String, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE case_file SET division = \(division) WHERE id = \(id)")
    }

    /// Says which divisions may see a case, besides leaders and auditors; nil opens it to the whole bureau.
    public static func setAudience(_ divisions: [String]?, of id: ID<CaseFile>, _ tx: Tx) throws {
        let words = divisions.map { $0.sorted().joined(separator: " ") }
        try tx.run("UPDATE case_file SET audience = \(words) WHERE id = \(id)")
    }

    /// The saved answers of a case and their revision, which counts savings.
    public static func answers(_ id: ID<CaseFile>, _ tx: Tx) throws -> (content: JSONValue, revision: Int) {
        try tx.first("SELECT content, revision FROM case_answers WHERE case_id = \(id)") {
            (try $0["content"] as JSONValue, try $0["revision"] as Int)
        } ?? ([:], 0)
    }

    /// Saves answers over the revision that was read.
    /// - Returns: the new revision.
    /// - Throws: ``ProcedureError/stale`` where somebody saved in between.
    @discardableResult
    public static func saveAnswers(
        _ content: JSONValue, of id: ID<CaseFile>, expecting revision: Int, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> Int {
        guard (0..<Int.max).contains(revision) else { throw ProcedureError.stale }
        let account = actor.account?.text ?? ""
        let changed =
            revision == 0
            ? try tx.run(
                """
                INSERT INTO case_answers (case_id, content, revision, saved_by, saved_at)
                VALUES (\(id), \(content), 1, \(account), \(now)) ON CONFLICT (case_id) DO NOTHING
                """)
            : try tx.run(
                """
                UPDATE case_answers SET content = \(content), revision = \(revision + 1), saved_by = \(account),
                    saved_at = \(now)
                WHERE case_id = \(id) AND revision = \(revision)
                """)
        guard changed == 1 else { throw ProcedureError.stale }
        return revision + 1
    }

    /// All clocks of a case in order; the last one without an end is running.
    public static func clocks(_ id: ID<CaseFile>, _ tx: Tx) throws -> [CaseClock] {
        try tx.rows("SELECT * FROM case_clock WHERE case_id = \(id) ORDER BY ordinal") { row in
            let zh: String? = try row["basis_zh"]
            let en: String? = try row["basis_en"]
            let clock: JSONValue = try row["clock"]
            return CaseClock(
                step: try row["step"], title: Bilingual(try row["title_zh"], try row["title_en"]),
                clock: try clock.decode(LegalClock.self), basis: zh.map { Bilingual($0, en ?? $0) },
                needsChecking: try row["needs_checking"], stoppedOn: try row["stopped_on"])
        }
    }

    static func startClock(_ clock: CaseClock, of id: ID<CaseFile>, _ tx: Tx) throws {
        let ordinal: Int = try tx.value("SELECT COUNT(*) FROM case_clock WHERE case_id = \(id)") ?? 0
        try tx.run(
            """
            INSERT INTO case_clock (case_id, ordinal, step, title_zh, title_en, clock, basis_zh, basis_en,
                needs_checking, stopped_on)
            VALUES (\(id), \(ordinal), \(clock.step), \(clock.title.zh), \(clock.title.en),
                \(try JSONValue(encoding: clock.clock)), \(clock.basis?.zh), \(clock.basis?.en),
                \(clock.needsChecking), \(clock.stoppedOn))
            """)
    }

    static func stopClocks(of id: ID<CaseFile>, on day: Day, _ tx: Tx) throws {
        try tx.run("UPDATE case_clock SET stopped_on = \(day) WHERE case_id = \(id) AND stopped_on IS NULL")
    }

    /// Takes back the clocks that run, the last ones of their case.
    static func dropRunningClocks(of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("DELETE FROM case_clock WHERE case_id = \(id) AND stopped_on IS NULL")
    }

    /// Adds days to the clock that binds now.
    /// - Returns: the clock as it runs on; nil where none runs.
    static func prolongClock(of id: ID<CaseFile>, by more: Period, _ tx: Tx) throws -> LegalClock? {
        let running = try clocks(id, tx).enumerated().last { $0.element.stoppedOn == nil }
        guard let running, let period = running.element.clock.period.adding(more) else { return nil }
        let clock = LegalClock(
            start: running.element.clock.start, period: period, suspensions: running.element.clock.suspensions)
        try tx.run(
            """
            UPDATE case_clock SET clock = \(try JSONValue(encoding: clock)) WHERE case_id = \(id)
                AND ordinal = \(running.offset)
            """)
        return clock
    }

    static func noteAction(_ action: String, by actor: Actor, of id: ID<CaseFile>, at now: Instant, _ tx: Tx) throws {
        let ordinal: Int = try tx.value("SELECT COUNT(*) FROM case_action WHERE case_id = \(id)") ?? 0
        try tx.run(
            """
            INSERT INTO case_action (case_id, ordinal, action, account, at)
            VALUES (\(id), \(ordinal), \(action), \(actor.account), \(now))
            """)
    }

    /// Who last did an action on the case.
    public static func lastActor(_ action: String, of id: ID<CaseFile>, _ tx: Tx) throws -> ID<Account>? {
        let found: ID<Account>?? = try tx.first(
            "SELECT account FROM case_action WHERE case_id = \(id) AND action = \(action) ORDER BY ordinal DESC LIMIT 1"
        ) { try $0["account"] as ID<Account>? }
        return found ?? nil
    }

    /// When one of some actions was last done on the case; nil where none was.
    public static func lastTime(of actions: [String], on id: ID<CaseFile>, _ tx: Tx) throws -> Instant? {
        guard !actions.isEmpty else { return nil }
        return try tx.value(
            "SELECT MAX(at) FROM case_action WHERE case_id = \(id) AND action IN \(list: actions)")
    }

    public static func children(of id: ID<CaseFile>, _ tx: Tx) throws -> [CaseFile] {
        try tx.rows("SELECT * FROM case_file WHERE parent = \(id) ORDER BY id", CaseFile.init(row:))
    }
}
