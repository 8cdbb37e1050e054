/// How a vote stands.
public struct VoteCount: Hashable, Sendable {
    /// Members who may vote: those who withdraw from the item are not among them.
    public let members: Int
    /// Of them, those in the room.
    public let present: Int
    public let yes: Int
    public let no: Int
    public let abstained: Int

    public init(members: Int, present: Int, yes: Int, no: Int, abstained: Int) {
        self.members = members
        self.present = present
        self.yes = yes
        self.no = no
        self.abstained = abstained
    }

    public var cast: Int { yes + no + abstained }
}

/// How many it takes: a part of a whole, reached or exceeded.
public struct VoteThreshold: Hashable, Sendable {
    /// The whole.
    public enum Base: String, Hashable, Sendable, CaseIterable {
        /// Members who may vote on the item, in the room or not.
        case members
        case present
        /// Votes for and against.
        case decided
    }

    public let parts: Int
    public let of: Int
    public let base: Base
    /// More than the part, or else at least the part.
    public let isMoreThan: Bool

    /// Nil where the numbers make no part of a whole.
    public init?(parts: Int, of: Int, base: Base, isMoreThan: Bool) {
        guard parts >= 0, of > 0, parts <= of else { return nil }
        self.parts = parts
        self.of = of
        self.base = base
        self.isMoreThan = isMoreThan
    }

    /// The least number that reaches the threshold when the whole has so many.
    public func needed(of whole: Int) -> Int {
        let product = whole * parts
        return isMoreThan ? product / of + 1 : max(1, (product + of - 1) / of)
    }

    private func whole(_ count: VoteCount) -> Int {
        switch base {
        case .members: count.members
        case .present: count.present
        case .decided: count.yes + count.no
        }
    }

    /// How many votes in favour a count needs.
    public func needed(_ count: VoteCount) -> Int { needed(of: whole(count)) }

    /// Whether the votes in favour suffice.
    public func isReached(_ count: VoteCount) -> Bool { count.yes >= needed(count) }
}
