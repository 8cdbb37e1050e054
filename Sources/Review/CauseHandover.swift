import Kernel
import Store

extension ReviewActions {
    /// Gives assignments the causes that the version before wrote among the reasons, where people typed theirs too: of
    /// its words only those are taken for causes that it can have written there itself.
    public func takeOverCauses() async throws {
        try await Handover.run("review.causes", in: db, at: clock.now()) {
            var last = ""
            while true {
                let after = last
                let page = try await db.read { tx in
                    try tx.rows(
                        """
                        SELECT a.id, a.reason, a.due_on, a.answered_at, a.is_reserve, r.closed_at
                        FROM review_assignment a JOIN review_round r ON r.id = a.round
                        WHERE a.state = 'replaced' AND a.cause IS NULL AND a.reason IN ('away', 'closed', 'lapsed')
                            AND a.id > \(after)
                        ORDER BY a.id LIMIT 500
                        """, Worded.init(row:))
                }
                guard let end = page.last else { return }
                let causes = Dictionary(grouping: page) { $0.cause(zone) }
                try await db.write { tx in
                    for case (let cause?, let part) in causes {
                        try tx.run(
                            """
                            UPDATE review_assignment SET reason = NULL, cause = \(cause)
                            WHERE id IN \(list: part.map(\.id)) AND state = 'replaced' AND cause IS NULL
                            """)
                    }
                }
                last = end.id.text
            }
        }
    }

    /// A replaced assignment with one of the words of the version before among its reasons.
    private struct Worded: Sendable {
        let id: ID<Assignment>
        let word: String
        let dueOn: Day
        let isAnswered: Bool
        let isReserve: Bool
        let closedAt: Instant?

        init(row: Row) throws {
            let answered: Instant? = try row["answered_at"]
            id = try row["id"]
            word = try row["reason"]
            dueOn = try row["due_on"]
            isAnswered = answered != nil
            isReserve = try row["is_reserve"]
            closedAt = try row["closed_at"]
        }

        /// Nil where somebody must have typed the word.
        func cause(_ zone: CityZone) -> Assignment.Cause? {
            switch word {
            case "lapsed": .lapsed
            case "away": isAnswered || isReserve ? nil : .away
            case "closed": closedAt.map { dueOn >= zone.day(of: $0) ? Assignment.Cause.closed : .lapsed }
            default: nil
            }
        }
    }
}
