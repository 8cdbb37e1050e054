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
        if rows.contains(where: { $0.kind == .signIn }), period(of: .signIn, on: today) != nil {
            try await db.write { tx in try SignInTime.note(on: today, tx) }
        }
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
        let cases = try await eraseCases(today, now)
        try await DocumentStore.sweep(db, files)
        return (contents + cases.answers, cases.papers)
    }

    /// What hangs on cases: sensitive papers and personal answers, from the end of the case; telephones and mail
    /// addresses in answers, from the day on which nobody needs them any more.
    private func eraseCases(_ today: Day, _ now: Instant) async throws -> (answers: Int, papers: Int) {
        var erased = (answers: 0, papers: 0)
        func end(_ period: Period) -> Instant {
            procedures.zone.end(of: Retention.cutoff(period, today: today))
        }
        if let period = period(of: .papers, on: today) {
            while true {
                let count = try await erasePapers(closedBefore: end(period), now)
                erased.papers += count
                if count < batch { break }
            }
            let over: SQL = "c.holder = 'nobody' AND c.step_since < \(end(period))"
            erased.answers += try await eraseAnswers(.personal, where: over, now)
        }
        if let period = period(of: .contact, on: today) {
            let over: SQL = "\(procedures.contactEnd) < \(end(period))"
            erased.answers += try await eraseAnswers(.contact, where: over, now)
        }
        return erased
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
                SELECT \(key) AS id FROM \(table) WHERE \(column.isFilled)
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

    /// A part of the sealed answers of cases for which a condition holds.
    private func eraseAnswers(_ part: SealedAnswers.Part, where over: SQL, _ now: Instant) async throws -> Int {
        let (procedures, batch) = (procedures, batch)
        var erased = 0
        var after: ID<CaseFile>? = ID("")
        while let edge = after {
            let (last, found) = try await db.read { tx -> (ID<CaseFile>?, [ID<CaseFile>]) in
                let page = try KeptAnswers.sealed(where: "\(over) AND c.id > \(edge)", limit: batch, tx)
                let found = try SealedAnswers.holding(part, page, procedures, tx).map(\.item.id)
                return (page.count < batch ? nil : page.last?.id, found)
            }
            after = last
            guard !found.isEmpty else { continue }
            // Asked again: one may have been opened anew meanwhile.
            erased += try await db.write { tx in
                let cases = try KeptAnswers.sealed(where: "\(over) AND c.id IN \(list: found)", limit: batch, tx)
                return try SealedAnswers.erase(part, of: cases, procedures, why: "retention", by: .system, at: now, tx)
            }
        }
        return erased
    }

    /// Papers of cases that were finished before a moment.
    private func erasePapers(closedBefore end: Instant, _ now: Instant) async throws -> Int {
        let batch = batch
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
