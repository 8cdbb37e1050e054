public import Store

extension Procedures {
    /// Gives the running clocks of all cases that wait for somebody outside the bureau, and whose last day an outage
    /// touched, the same additional time as every other deadline; tells the applicants. A day of the case's own stays:
    /// it moves no further than to that.
    /// - Returns: how many cases.
    public func extendClocks(for outage: Outage, _ law: OutageLaw, at now: Instant, _ tx: Tx) throws -> Int {
        guard let days = law.touched(by: outage, zone) else { return 0 }
        let touched = try tx.rows(
            """
            SELECT id, number, due_on, bound_on, applicant FROM case_file
            WHERE holder IN ('applicant', 'organisation') AND due_key >= \(days.lowerBound.description)
                AND due_key <= \(days.upperBound.description)
                AND (bound_on IS NULL OR due_on < bound_on OR due_on = clock_on)
            ORDER BY id
            """
        ) { row in
            (
                id: try row["id"] as ID<CaseFile>, number: try row["number"] as String, due: try row["due_on"] as Day,
                own: try row["bound_on"] as Day?, applicant: try row["applicant"] as ID<Account>?
            )
        }
        var count = 0
        for one in touched {
            let wanted = law.moved(one.due, by: outage, calendar)
            let first = zone.day(of: outage.from)
            guard let last = try CaseStore.restClock(of: one.id, from: first, until: wanted, due: due, tx) else {
                continue
            }
            try CaseStore.setDue(last, of: one.id, tx)
            let until = one.own.map { min($0, last) } ?? last
            guard until > one.due else { continue }
            count += 1
            try Record.append(
                Event(
                    room: "outages", kind: "case.extended", subjectKind: "case", subject: one.id.text, caseID: one.id,
                    actor: .system, at: now,
                    content: [
                        "outage": .string(outage.id.text), "from": .string(one.due.description),
                        "to": .string(until.description),
                    ]), tx)
            guard let applicant = one.applicant else { continue }
            try Messages.tell(
                applicant,
                Bilingual("\(one.number)：期限顺延至 \(until)", "\(one.number): more time, until \(until)"),
                Bilingual(
                    "系统曾停机 \(outage.minutes) 分钟，期限由 \(one.due) 顺延至 \(until) 24:00。",
                    "The system was down for \(counted(outage.minutes, "minute")); the deadline moved from \(one.due) to \(until), 24:00."
                ),
                at: "/cases/\(one.id)", now: now, tx)
        }
        return count
    }
}

extension CaseStore {
    /// Lets the running clock rest for an outage, for as many days as bring its last day to the one wanted.
    /// - Returns: the new last day; nil where no clock runs.
    static func restClock(
        of id: ID<CaseFile>, from first: Day, until wanted: Day, due: (LegalClock) throws -> Day?, _ tx: Tx
    ) throws -> Day? {
        let running = try clocks(id, tx).enumerated().last { $0.element.stoppedOn == nil }
        guard let running else { return nil }
        var clock = running.element.clock
        let kept = clock.suspensions
        let reason = Bilingual("系统停机，期限顺延", "the system was down; the deadline is moved")
        for days in 0..<60 {
            clock.suspensions = kept + [Suspension(from: first, to: first.adding(days: days), reason: reason)]
            guard let last = try due(clock), last >= wanted else { continue }
            try tx.run(
                """
                UPDATE case_clock SET clock = \(try JSONValue(encoding: clock)) WHERE case_id = \(id)
                    AND ordinal = \(running.offset)
                """)
            return last
        }
        return nil
    }
}
