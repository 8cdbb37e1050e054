internal import Store

/// Erases what has been kept long enough: the time of each kind is a dated parameter.
public struct Retention: Sendable {
    let db: Database
    let files: FileStore
    let rules: RuleBook
    let procedures: Procedures
    let columns: [SealedColumn]
    let rows: [PersonalRows]
    /// Rows of one transaction.
    var batch = 200

    /// - Parameters:
    ///   - columns: the sealed columns of all rooms.
    ///   - rows: the personal rows of all rooms.
    public init(_ house: House, columns: [SealedColumn], rows: [PersonalRows] = []) {
        db = house.db
        files = house.files
        rules = house.city.rules
        procedures = house.procedures
        self.columns = columns
        self.rows = rows
    }

    /// Does the work of a day once a day; the house's jobs call it every round.
    public func runDaily(today: Day, now: Instant) async throws {
        let setting = "privacy.retention.done"
        let done = try await db.read { tx in try Settings.get(setting, tx) }
        guard done != today.description else { return }
        try await run(today: today, now: now)
        try await db.write { tx in try Settings.set(setting, today.description, tx) }
    }

    init(
        db: Database, files: FileStore, rules: RuleBook, procedures: Procedures, columns: [SealedColumn],
        rows: [PersonalRows] = [], batch: Int
    ) {
        self.db = db
        self.files = files
        self.rules = rules
        self.procedures = procedures
        self.columns = columns
        self.rows = rows
        self.batch = batch
    }

    /// How long a kind is kept on a day; nil where the city sets nothing, and it is then kept.
    public func period(of kind: PersonalKind, on day: Day) -> Period? { try? rules.period(kind.parameter, on: day) }

    /// The last day such that what was needed until then is over today: the period after it has ended before today.
    static func cutoff(_ period: Period, today: Day) -> Day {
        var day: Day
        switch period {
        case .workingDays(let days), .calendarDays(let days): day = today.adding(days: -days - 1)
        case .months(let months): day = today.adding(months: -months)
        case .years(let years): day = today.adding(years: -years)
        }
        // Months and years end on the corresponding day, so that two starts may share an end.
        while period.plainEnd(after: day) >= today { day = day.adding(days: -1) }
        while period.plainEnd(after: day.adding(days: 1)) < today { day = day.adding(days: 1) }
        return day
    }

    /// Erases everything that is over today; done again it finds nothing.
    /// - Returns: how many contents and files were erased; protected facts count as contents.
    @discardableResult
    public func run(today: Day, now: Instant) async throws -> (contents: Int, files: Int) {
        var contents = 0
        for kind in PersonalKind.all {
            guard let period = period(of: kind, on: today) else { continue }
            let cutoff = Retention.cutoff(period, today: today)
            while true {
                let count = try await eraseContents(kind, neededUntil: cutoff, now)
                contents += count
                if count < batch { break }
            }
        }
        if period(of: .number, on: today) != nil { try await noteNumbers(today) }
        for column in columns {
            guard let kind = column.kind, let needed = column.neededUntil, let period = period(of: kind, on: today)
            else { continue }
            let cutoff = Retention.cutoff(period, today: today)
            while true {
                let count = try await eraseRows(column, needed, cutoff, now)
                contents += count
                if count < batch { break }
            }
        }
        for own in rows {
            guard let period = period(of: own.kind, on: today) else { continue }
            let cutoff = Retention.cutoff(period, today: today)
            while true {
                let count = try await eraseRows(own, cutoff, now)
                contents += count
                if count < batch { break }
            }
        }
        contents += try await endProtected(today, now)
        var papers = 0
        if let period = period(of: .papers, on: today) {
            while true {
                let count = try await erasePapers(closedBy: Retention.cutoff(period, today: today), now)
                papers += count
                if count < batch { break }
            }
            contents += try await eraseAnswers(closedBy: Retention.cutoff(period, today: today), now)
        }
        try await DocumentStore.sweep(db, files)
        return (contents, papers)
    }

    private func eraseContents(_ kind: PersonalKind, neededUntil cutoff: Day, _ now: Instant) async throws -> Int {
        let batch = batch
        return try await db.write { tx in
            let over = try tx.rows(
                """
                SELECT * FROM personal_content WHERE kind = \(kind.id) AND erased_at IS NULL
                AND needed_until <= \(cutoff) ORDER BY needed_until, id LIMIT \(batch)
                """, PersonalContent.init(row:))
            try Personal.erase(over, why: "retention", by: .system, at: now, tx)
            return over.count
        }
    }

    /// What stands between whoever objected or reported and those whom it was about ends with the years for which it
    /// counts; a day later, since from a leap day some count a day longer than they last.
    private func endProtected(_ today: Day, _ now: Instant) async throws -> Int {
        guard let years = try? rules.number(Dealings.protectedYears, on: today) else { return 0 }
        let last = Retention.cutoff(.years(years), today: today.adding(days: -1))
        return try await db.write { tx in try Dealings.endProtected(through: last, at: now, tx) }
    }

    /// Notes whose identity number nobody needs any more, and whose is needed again.
    private func noteNumbers(_ today: Day) async throws {
        let batch = batch
        try await db.write { tx in try Registry.keepNumbersInUse(on: today, tx) }
        while true {
            let count = try await db.write { tx in try Registry.noteUnneededNumbers(on: today, limit: batch, tx) }
            if count < batch { break }
        }
    }

    private func eraseRows(
        _ column: SealedColumn, _ needed: SQL, _ cutoff: Day, _ now: Instant
    ) async throws -> Int {
        let batch = batch
        let (table, key) = (SQL(unchecked: column.table), SQL(unchecked: column.key))
        return try await db.write { tx in
            let over = try tx.rows(
                """
                SELECT \(key) AS id FROM \(table) WHERE \(SQL(unchecked: column.column)) IS NOT NULL
                AND \(needed) <= \(cutoff) ORDER BY \(key) LIMIT \(batch)
                """
            ) { try $0["id"] as String }
            try column.erase(over, why: "retention", by: .system, at: now, tx)
            return over.count
        }
    }

    private func eraseRows(_ own: PersonalRows, _ cutoff: Day, _ now: Instant) async throws -> Int {
        let batch = batch
        return try await db.write { tx in
            let over = try own.over(cutoff, limit: batch, tx)
            try own.erase(over, why: "retention", by: .system, at: now, tx)
            return over.count
        }
    }

    /// Sealed answers of cases that were finished on or before a day.
    private func eraseAnswers(closedBy cutoff: Day, _ now: Instant) async throws -> Int {
        let batch = batch
        let end = procedures.zone.start(of: cutoff.adding(days: 1))
        var erased = 0
        var after: ID<CaseFile>? = ID("")
        while let edge = after {
            let over = try await db.write { tx -> [ID<CaseFile>] in
                let over: [ID<CaseFile>] = try tx.rows(
                    """
                    SELECT c.id FROM case_file c JOIN case_answers a ON a.case_id = c.id
                    WHERE c.holder = 'nobody' AND c.step_since < \(end) AND a.content LIKE '%"sealed"%'
                    AND c.id > \(edge) ORDER BY c.id LIMIT \(batch)
                    """
                ) { try $0["id"] }
                try SealedAnswers.erase(over, why: "retention", by: .system, at: now, tx)
                return over
            }
            erased += over.count
            after = over.count < batch ? nil : over.last
        }
        return erased
    }

    /// Papers of cases that were finished on or before a day.
    private func erasePapers(closedBy cutoff: Day, _ now: Instant) async throws -> Int {
        let batch = batch
        let end = procedures.zone.start(of: cutoff.adding(days: 1))
        return try await db.write { tx in
            let over = try tx.rows(
                """
                SELECT d.* FROM document d JOIN case_file c ON c.id = d.case_id
                WHERE d.is_sealed AND d.erased_at IS NULL AND c.holder = 'nobody' AND c.step_since < \(end)
                ORDER BY d.case_id, d.id LIMIT \(batch)
                """, Document.init(row:))
            try DocumentStore.erase(over, why: "retention", by: .system, at: now, tx)
            return over.count
        }
    }
}
