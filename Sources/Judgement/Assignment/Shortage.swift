/// Something asked for that cannot be given: what is short, by how many seats, what holds it back, and the ways out.
public struct Shortage: Hashable, Sendable {
    /// What is short.
    public enum Kind: Hashable, Sendable {
        /// Seats of these applications: even all their experts together are too few. Sorted.
        case seats(applications: [Int])
        /// An expert's least load.
        case load(expert: Int)
        /// The least seats of a group, on an application or over all.
        case quota(name: String, application: Int?)
    }

    /// What keeps more seats from being filled.
    public enum Limit: Hashable, Sendable {
        /// The expert is full.
        case load(expert: Int)
        /// The group holds all that it may.
        case quota(name: String, application: Int?)
        /// The application already has all but these few of its candidates: it needs more of them.
        case candidates(application: Int)
    }

    /// One change that fills one seat more.
    public struct Way: Hashable, Sendable {
        public let limit: Limit
        /// What the total gains by this change, in the unit of scores. The first way listed gains most.
        public let gain: Int64
    }

    public let kind: Kind
    /// How many seats are missing.
    public let missing: Int
    /// All limits that hold the group back: together they let through exactly `missing` seats too few.
    public let limits: [Limit]
    /// The ways out that cost least, best first.
    public let ways: [Way]
}
