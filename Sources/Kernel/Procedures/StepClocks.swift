public import Store

/// The clocks of steps: which one counts for a case, from which day, and until when.
extension Procedures {
    /// The promised clock, if there is one, and last the one that binds.
    func clocks(of step: StepDefinition, from day: Day, _ values: JSONValue) throws -> [CaseClock] {
        guard let definition = step.clock else { return [] }
        let variant = definition.variants?.first { $0.when.allSatisfy { $0.holds(of: values) } }
        let named = variant == nil ? definition.starts : variant?.starts
        let start = named.flatMap { values[$0]?.string }.flatMap { Day($0) } ?? day
        if let variant { return [try clock(variant.parameter, variant.title ?? definition.title, step, from: start)] }
        var clocks: [CaseClock] = []
        if let promise = definition.promise {
            let title = Bilingual("\(definition.title.zh)（承诺）", "\(definition.title.en), promised")
            clocks.append(try clock(promise, title, step, from: start))
        }
        if let period = definition.period {
            clocks.append(
                CaseClock(
                    step: step.id, title: definition.title, clock: LegalClock(start: start, period: period),
                    basis: nil, needsChecking: false, stoppedOn: nil))
        } else if let id = definition.parameter {
            clocks.append(try clock(id, definition.title, step, from: start))
        }
        return clocks
    }

    private func clock(_ id: String, _ title: Bilingual, _ step: StepDefinition, from day: Day) throws -> CaseClock {
        let dated = try rules.dated(id, on: day)
        let period = try rules.period(id, on: day)
        return CaseClock(
            step: step.id, title: title, clock: LegalClock(start: day, period: period),
            basis: dated.source.cited, needsChecking: dated.source.confidence.needsChecking, stoppedOn: nil)
    }

    /// What clocks ask about a case; nothing where the step has none that asks.
    func clockValues(_ step: StepDefinition, _ id: ID<CaseFile>, _ tx: Tx) throws -> JSONValue {
        guard step.clock?.variants != nil || step.clock?.starts != nil else { return [:] }
        return try CaseValues.all(of: id, tx)
    }

    /// The last day of a clock. A long one by the calendar, whose last day lies beyond the years of which the days off
    /// are known, has that day unmoved until they are.
    /// - Throws: ``CalendarError/beyondKnowledge(_:from:through:)`` for one in working days.
    public func due(_ clock: LegalClock) throws -> Day? {
        do {
            return try clock.due(calendar)
        } catch CalendarError.beyondKnowledge {
            if case .workingDays = clock.period { return try clock.due(calendar) }
            return clock.period.plainEnd(after: clock.start)
        }
    }

    /// Starts the clocks of the present step anew, for values that became known or changed after it began. Those that
    /// ran until now never bound anybody: what they were to count was not known.
    public func renewClocks(of id: ID<CaseFile>, _ tx: Tx) throws {
        let file = try CaseStore.require(id, tx)
        let step = try step(of: file)
        let clocks = try clocks(of: step, from: zone.day(of: file.stepSince), try clockValues(step, id, tx))
        try CaseStore.dropRunningClocks(of: id, tx)
        for clock in clocks { try CaseStore.startClock(clock, of: id, tx) }
        try CaseStore.setDue(try clocks.last.flatMap { try due($0.clock) }, of: id, tx)
    }

    /// Cases whose own day is the one that counts, and hides that what is kept of their step's clock is not its end:
    /// the version before moves a case and binds it anew, and leaves the end of the step before.
    public func strayClocks(of procedure: String, _ tx: Tx) throws -> [ID<CaseFile>] {
        let rows = try tx.rows(
            """
            SELECT c.id, c.clock_on, k.clock FROM case_file c
            LEFT JOIN case_clock k ON k.case_id = c.id AND k.stopped_on IS NULL
            WHERE c.procedure = \(procedure) AND c.holder <> 'nobody' AND c.due_key = c.bound_on
            ORDER BY c.id, k.ordinal
            """
        ) { row in
            (
                id: try row["id"] as ID<CaseFile>, kept: try row["clock_on"] as Day?,
                clock: try row["clock"] as JSONValue?
            )
        }
        // Of several clocks of a step the last one binds.
        var strays: [ID<CaseFile>: Bool] = [:]
        for row in rows {
            let end = try row.clock.flatMap { try due(try $0.decode(LegalClock.self)) }
            strays[row.id] = end != row.kept
        }
        return strays.filter { $0.value }.map { $0.key }.sorted { $0.text < $1.text }
    }

    /// Keeps the end of the step's clock as the clock itself has it, whatever the version before left of it.
    public func readClock(of id: ID<CaseFile>, _ tx: Tx) throws {
        guard try CaseStore.require(id, tx).holder != .nobody else { return }
        let running = try CaseStore.clocks(id, tx).last { $0.stoppedOn == nil }
        try CaseStore.setDue(try running.flatMap { try due($0.clock) }, of: id, tx)
    }
}
