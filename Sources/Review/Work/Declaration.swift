public import Kernel
public import Store

/// What an expert declared of an item before it was opened to them, whatever became of the assignment afterwards.
public enum Declaration: Sendable, Hashable, CaseIterable {
    /// None is known.
    case nothing
    case noConflict
    case conflict

    /// The declarations on some assignments. One query.
    public static func of(_ assignments: [Assignment], _ tx: Tx) throws -> [ID<Assignment>: Declaration] {
        var found: [ID<Assignment>: Declaration] = [:]
        try tx.forEach(
            """
            SELECT a.id, a.state, a.answered_at, c.kind FROM review_assignment a
            LEFT JOIN review_conflict c ON c.round = a.round AND c.expert = a.expert AND c.item = a.item
                AND c.kind = \(Conflict.ownDeclaration)
            WHERE a.id IN \(list: assignments.map(\.id))
            """
        ) { row in
            let id: ID<Assignment> = try row["id"]
            let state: Assignment.State = try row["state"]
            let answered: Instant? = try row["answered_at"]
            let own: Conflict? = try row["kind"]
            // Who answered and was replaced had accepted: whoever declines or recuses keeps that state.
            let hasAccepted = [.accepted, .submitted].contains(state) || (state == .replaced && answered != nil)
            let declared: Declaration = own != nil ? .conflict : hasAccepted ? .noConflict : .nothing
            found[id] = declared
        }
        return found
    }
}
