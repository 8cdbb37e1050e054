public import Kernel

/// An assignment by affinity with its proof and everything that is needed to run it again.
public struct AssignmentProtocol: Codable, Hashable, Sendable {
    /// What one application was given.
    public struct Result: Codable, Hashable, Sendable {
        public let item: ID<CaseFile>
        public let drawn: [ID<Expert>]
        /// Affinity of each in millionths.
        public let affinities: [Int]
        /// Those who come next by affinity and have room, best first.
        public let reserves: [ID<Expert>]
        public let missing: Int
    }

    /// The value of the answer and the bound that no answer exceeds, in millionths; as text, for they are large.
    public struct Proof: Codable, Hashable, Sendable {
        public let value: String
        public let bound: String
        public let total: Int64
        public let worst: Int64
        /// In fair mode the best total without regard to the worst-off, and what the worst-off could get at most.
        public let bestTotal: Int64?
        public let worstBound: Int64?
        /// In the random modes the mean total times ``parts``.
        public let expected: String?
        public let parts: Int64?
        public let isProved: Bool
    }

    /// Seats that could not be filled, and the cheapest ways out.
    public struct Short: Codable, Hashable, Sendable {
        static let seats = "seats"
        static let leastLoad = "least-load"

        /// `seats`, `outside`, `employer`, `quota` with the number of its line from 0, or `least-load` with an expert.
        public let kind: String
        public let items: [ID<CaseFile>]
        public let missing: Int
        public let ways: [Way]
        /// Kinds of limits that hold it back, named as in ``Way/limit``; nil in protocols of before they were told.
        public let limits: [String]?

        /// The line of the quotas that is missed; nil where something else is short.
        public var line: Int? { AssignmentProtocol.line(kind) }
        /// Whether it is only wished for.
        var isWish: Bool { kind.hasPrefix(Short.leastLoad) }
        /// Lines of the quotas that hold it back.
        public var heldBy: [Int] { (limits ?? []).compactMap { AssignmentProtocol.line($0) }.sorted() }
    }

    /// One change that fills one seat more.
    public struct Way: Codable, Hashable, Sendable {
        /// `load`, `candidates`, `outside`, `employer`, or `quota` with the number of its line from 0.
        public let limit: String
        public let expert: ID<Expert>?
        public let item: ID<CaseFile>?
        /// What the total gains, in millionths; in perturbed mode in its own weights.
        public let gain: Int64

        /// The line of the quotas that would be relaxed; nil where it is something else.
        public var line: Int? { AssignmentProtocol.line(limit) }
    }

    /// Of ``AssignmentPlan/rules``.
    public let rules: String
    public let plan: AssignmentPlan
    public let commitment: String
    public let seed: String
    public let results: [Result]
    public let proof: Proof
    /// At most ``mostShortages``: empty seats first, then quotas, other limits, and wishes last.
    public let shortages: [Short]
    /// Kinds of all that is short and no mere wish, also of what the list has no room for.
    let shortKinds: Set<String>

    static let mostShortages = 20

    private enum CodingKeys: String, CodingKey {
        case rules, plan, commitment, seed, results, proof, shortages
    }

    /// Reads one that was kept. What its list had no room for is not known of it any more, and one that was fixed has
    /// neither an empty seat nor a missed quota.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        rules = try container.decode(String.self, forKey: .rules)
        plan = try container.decode(AssignmentPlan.self, forKey: .plan)
        commitment = try container.decode(String.self, forKey: .commitment)
        seed = try container.decode(String.self, forKey: .seed)
        results = try container.decode([Result].self, forKey: .results)
        proof = try container.decode(Proof.self, forKey: .proof)
        let told = try container.decode([Short].self, forKey: .shortages)
        shortages = told
        shortKinds = Set(told.filter { !$0.isWish }.map(\.kind))
    }

    /// How many seats are empty.
    public var missing: Int { results.reduce(0) { $0 + $1.missing } }

    /// Lines of quotas whose least is not sure to be reached on every application.
    public var missedQuotas: [Int] { shortKinds.compactMap { AssignmentProtocol.line($0) }.sorted() }

    /// Whether every seat is filled and every quota kept, whatever the seed: another plan is not fixed.
    public var isWhole: Bool {
        !results.isEmpty && missing == 0 && missedQuotas.isEmpty && !shortKinds.contains(Short.seats)
    }

    /// What is told of a line of the quotas.
    static func name(ofLine line: Int) -> String { "quota \(line)" }
    fileprivate static func line(_ name: String) -> Int? {
        name.hasPrefix("quota ") ? Int(name.dropFirst(6)) : nil
    }
}
