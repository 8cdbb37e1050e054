public import Kernel
public import Store

/// How an expert answered and delivered, counted from the invitations that are over. It is computed whenever it is
/// looked at and kept nowhere; only the bureau sees it.
public struct Timeliness: Hashable, Sendable {
    /// Invitations that were counted.
    public let invited: Int
    public let answered: Int
    public let accepted: Int
    public let delivered: Int
    /// Delivered on the due day or before it.
    public let inTime: Int
    /// Working days by which late sheets were late: the middle one, of two the smaller; nil where none was late.
    public let medianLate: Int?
}

/// How far back timeliness looks, and by which days it counts.
public struct TimelinessMeasure: Sendable {
    /// The dated parameter with the number of invitations.
    public static let parameter = "review.timeliness-invitations"

    /// The last invitations that are counted.
    public let last: Int
    let zone: CityZone
    let calendar: WorkCalendar

    public init(last: Int, zone: CityZone, calendar: WorkCalendar) {
        self.last = last
        self.zone = zone
        self.calendar = calendar
    }

    /// As the city's parameters say on a day.
    /// - Throws: ``RuleBookError``.
    public init(_ rules: RuleBook, zone: CityZone, calendar: WorkCalendar, on day: Day) throws {
        self.init(last: try rules.number(TimelinessMeasure.parameter, on: day), zone: zone, calendar: calendar)
    }

    /// An invitation that is over.
    private struct Past {
        let expert: ID<Expert>
        let state: Assignment.State
        let dueOn: Day
        let isAnswered: Bool
        let submittedOn: Day?

        init(row: Row, _ zone: CityZone) throws {
            let (state, due): (Assignment.State, Day) = (try row["state"], try row["due_on"])
            let (answered, submitted): (Instant?, Instant?) = (try row["answered_at"], try row["submitted_at"])
            expert = try row["expert"]
            self.state = state
            dueOn = due
            isAnswered = answered != nil
            submittedOn = submitted.map { zone.day(of: $0) }
        }

        /// Whoever answers and is replaced afterwards had accepted.
        var isAccepted: Bool { [.accepted, .submitted].contains(state) || (state == .replaced && isAnswered) }
    }

    /// The timeliness of experts, of whom those without an invitation that is over are left out: one query, whatever
    /// their number. Who had to keep out is not asked, and what was taken away before it reached its expert, or before
    /// its due day because the round was over, is nobody's delay.
    public func of(_ experts: [ID<Expert>], on day: Day, _ tx: Tx) throws -> [ID<Expert>: Timeliness] {
        var past: [ID<Expert>: [Past]] = [:]
        let uncounted: [Assignment.Cause] = [.away, .left, .unconfirmed, .closed]
        try tx.forEach(
            """
            SELECT p.expert, p.state, p.due_on, p.answered_at, p.submitted_at FROM (
                SELECT a.expert, a.state, a.due_on, a.answered_at, a.submitted_at,
                    ROW_NUMBER() OVER (PARTITION BY a.expert ORDER BY a.invited_at DESC, a.id DESC) AS place
                FROM review_assignment a
                WHERE a.expert IN \(list: experts) AND a.state <> 'recused'
                    AND (a.state NOT IN ('invited', 'accepted') OR a.due_on < \(day))
                    AND (a.state <> 'replaced' OR COALESCE(a.cause, '') NOT IN \(list: uncounted))
            ) p WHERE p.place <= \(last)
            """
        ) { row in
            let one = try Past(row: row, zone)
            past[one.expert, default: []].append(one)
        }
        return past.mapValues { counted($0) }
    }

    private func counted(_ past: [Past]) -> Timeliness {
        let late = past.compactMap { one -> Int? in
            guard let day = one.submittedOn, one.dueOn < day else { return nil }
            return try? calendar.workingDays(after: one.dueOn, through: day)
        }.sorted()
        return Timeliness(
            invited: past.count, answered: past.count { $0.isAnswered }, accepted: past.count { $0.isAccepted },
            delivered: past.count { $0.submittedOn != nil },
            inTime: past.count { one in one.submittedOn.map { $0 <= one.dueOn } ?? false },
            medianLate: late.isEmpty ? nil : late[(late.count - 1) / 2])
    }
}
