public import Kernel

/// The plan of a draw (抽签), fixed and published by its hash before the seed is known.
public struct DrawPlan: Codable, Hashable, Sendable {
    /// One item with everybody who may judge it, in order of identity.
    public struct Item: Codable, Hashable, Sendable {
        public let item: ID<CaseFile>
        public let eligible: [ID<Expert>]
    }

    /// In order of identity.
    public let items: [Item]
    /// Experts for each item.
    public let wanted: Int
    /// Most items that one expert is given.
    public let load: Int

    /// - Parameter eligible: who may judge each item, in any order: the plan does not depend on it.
    public init(eligible: [ID<CaseFile>: [ID<Expert>]], wanted: Int, load: Int) {
        items = eligible.keys.sorted { $0.text < $1.text }.map { key in
            Item(item: key, eligible: (eligible[key] ?? []).sorted { $0.text < $1.text })
        }
        self.wanted = wanted
        self.load = load
    }

    /// SHA-256 of the plan's canonical JSON, published before the seed.
    public func commitment() throws -> String {
        Digest.hex(Digest.sha256(try JSONValue(encoding: self).canonicalBytes))
    }
}

/// Everything by which an outsider can run the draw again: plan, seed and result.
///
/// For each item in order, its eligible experts are ordered by the number of items that they have been given so far
/// and, among equals, by HMAC-SHA256(seed, item ":" expert) as hexadecimal text. Experts who have reached the load are
/// passed over. The first `wanted` are drawn; the others, in that order, are reserves.
public struct DrawProtocol: Codable, Hashable, Sendable {
    /// What was drawn for one item.
    public struct Result: Codable, Hashable, Sendable {
        public let item: ID<CaseFile>
        public let drawn: [ID<Expert>]
        public let reserves: [ID<Expert>]
    }

    public let plan: DrawPlan
    public let commitment: String
    public let seed: String
    public let results: [Result]

    /// Draws.
    public init(_ plan: DrawPlan, seed: String) throws {
        var given: [ID<Expert>: Int] = [:]
        var results: [Result] = []
        let key = Array(seed.utf8)
        for item in plan.items {
            let order = item.eligible
                .map { expert in
                    (
                        expert: expert, load: given[expert] ?? 0,
                        lot: Digest.hex(Digest.hmacSHA256(key: key, Array("\(item.item):\(expert)".utf8)))
                    )
                }
                .filter { $0.load < plan.load }
                .sorted { ($0.load, $0.lot) < ($1.load, $1.lot) }
                .map(\.expert)
            let drawn = Array(order.prefix(plan.wanted))
            for expert in drawn { given[expert, default: 0] += 1 }
            results.append(Result(item: item.item, drawn: drawn, reserves: Array(order.dropFirst(plan.wanted))))
        }
        self.plan = plan
        commitment = try plan.commitment()
        self.seed = seed
        self.results = results
    }

    /// Items for which there were too few experts.
    public var short: [ID<CaseFile>] { results.filter { $0.drawn.count < plan.wanted }.map(\.item) }
}
