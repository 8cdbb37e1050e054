public import Kernel
public import Store

/// What the house grants experts who do not answer.
public struct ReviewCare: Sendable {
    /// How long an invitation waits for its answer.
    public let answer: Period
    /// How long a reserve has for the sheet.
    public let sheet: Period
    /// Working days before the due day on which the first reminder goes out.
    public let remindBefore: Int

    public init(answer: Period, sheet: Period, remindBefore: Int) {
        self.answer = answer
        self.sheet = sheet
        self.remindBefore = remindBefore
    }
}

extension ReviewActions {
    /// Looks after a round, once a day whatever the number of processes: whoever let an invitation or a sheet lapse is
    /// replaced by the next reserve, with days of their own; whoever is about to is reminded, once before the due day
    /// and once on it. Where no reserve is left the assignment stays, since a late sheet is better than none, and its
    /// expert is reminded again.
    /// - Parameter then: told what came of it, in the same transaction.
    /// - Throws: ``CalendarError`` where the calendar does not reach.
    public func tend(
        _ id: ID<Round>, _ care: ReviewCare, _ calendar: WorkCalendar,
        then: @escaping @Sendable (LapsedOutcome, Tx) throws -> Void = { _, _ in }
    ) async throws {
        let now = clock.now()
        let today = zone.day(of: now)
        let fresh = try care.sheet.end(after: today, calendar)
        try await db.write { tx in
            let begun = try tx.run(
                """
                UPDATE review_round SET tended_on = \(today)
                WHERE id = \(id) AND state = 'drawn' AND (tended_on IS NULL OR tended_on < \(today))
                """)
            guard begun == 1, let round = try RoundStore.find(id, tx) else { return }
            try refreshAll(round, now, tx)
            var replaced: [ID<Assignment>] = []
            var left: [ID<Assignment>] = []
            var waiting: [Assignment] = []
            for one in try RoundStore.open(id, tx) {
                guard try hasLapsed(one, today, care, calendar) else {
                    if try isToBeReminded(one, today, care, calendar) { waiting.append(one) }
                    continue
                }
                let due = max(round.dueOn, fresh)
                if try replace(one, .lapsed, dueOn: due, .system, now, tx) {
                    replaced.append(one.id)
                } else {
                    left.append(one.id)
                    if one.remindedAt.map({ today.number - zone.day(of: $0).number >= max(1, care.remindBefore) })
                        ?? true
                    {
                        waiting.append(one)
                    }
                }
            }
            try remind(waiting, now, tx)
            try then(LapsedOutcome(replaced: replaced, withoutReserve: left), tx)
        }
    }

    private func hasLapsed(
        _ one: Assignment, _ today: Day, _ care: ReviewCare, _ calendar: WorkCalendar
    ) throws -> Bool {
        guard one.dueOn < today || one.state == .invited else { return false }
        // A reserve who came in on the last day still has the days to answer.
        return try care.answer.end(after: zone.day(of: one.invitedAt), calendar) < today
    }

    private func isToBeReminded(
        _ one: Assignment, _ today: Day, _ care: ReviewCare, _ calendar: WorkCalendar
    ) throws -> Bool {
        let lastDay =
            one.state == .invited
            ? min(one.dueOn, try care.answer.end(after: zone.day(of: one.invitedAt), calendar)) : one.dueOn
        guard try calendar.workingDays(after: today, through: lastDay) <= care.remindBefore else { return false }
        guard let reminded = one.remindedAt.map(zone.day(of:)) else { return true }
        return lastDay == today && reminded < today
    }
}
