public import Kernel

/// The plan of a draw (抽签), fixed and published by its hash before the seed is known.
public struct DrawPlan: Codable, Hashable, Sendable {
    /// One item with everybody who may judge it.
    public struct Item: Codable, Hashable, Sendable {
        public let item: ID<CaseFile>
        /// Who may judge it, in order of identity; nil in a plan by groups.
        private let listed: [ID<Expert>]?
        /// In a plan by groups: the place of its group, and the places of those experts of it who may not, rising.
        let group: Int?
        let except: [Int]?

        enum CodingKeys: String, CodingKey {
            case item, group, except
            case listed = "eligible"
        }

        init(_ item: ID<CaseFile>, listed: [ID<Expert>]) {
            self.item = item
            self.listed = listed
            (group, except) = (nil, nil)
        }

        init(_ item: ID<CaseFile>, group: Int, except: [Int]) {
            self.item = item
            self.group = group
            self.except = except
            listed = nil
        }

        /// Who may judge it, in order of identity; empty in a plan by groups, see ``DrawPlan/eligible(_:)``.
        public var eligible: [ID<Expert>] { listed ?? [] }
    }

    /// One expert of the draw.
    public struct Entrant: Codable, Hashable, Sendable {
        public let expert: ID<Expert>
        /// Present employer; empty where it is unknown, which equals no other.
        public let employer: String
        /// Most items that this expert is given.
        public let load: Int

        public init(expert: ID<Expert>, employer: String, load: Int) {
            self.expert = expert
            self.employer = employer
            self.load = load
        }
    }

    /// In order of identity.
    public let items: [Item]
    /// In order of identity.
    public let experts: [Entrant]
    /// In the plan of a large round: groups of experts by their places, of whom each item names one.
    let groups: [[Int]]?
    /// Experts for each item.
    public let wanted: Int
    /// Most reserves for each item.
    public let reserves: Int

    /// - Parameters:
    ///   - eligible: who may judge each item, in any order: the plan does not depend on it.
    ///   - entrants: the experts, in any order; whoever is eligible but not among them is left out.
    public init(eligible: [ID<CaseFile>: [ID<Expert>]], entrants: [Entrant], wanted: Int, reserves: Int) {
        let known = Set(entrants.map(\.expert))
        let used = Set(eligible.values.joined()).intersection(known)
        items = eligible.keys.sorted { $0.text < $1.text }.map { key in
            Item(key, listed: Set(eligible[key] ?? []).intersection(known).sorted { $0.text < $1.text })
        }
        experts = entrants.filter { used.contains($0.expert) }.sorted { $0.expert.text < $1.expert.text }
        self.wanted = wanted
        self.reserves = reserves
        groups = nil
    }

    /// The plan of what was found of a pool and its items: with everybody's name on each item, or, where that would be
    /// more than ``mostPairs`` names, by groups. The order of the input does not matter.
    public init(_ found: Eligibility, entrants: [Entrant], wanted: Int, reserves: Int) {
        self.init(found, entrants: entrants, wanted: wanted, reserves: reserves, mostPairs: DrawPlan.mostPairs)
    }

    init(_ found: Eligibility, entrants: [Entrant], wanted: Int, reserves: Int, mostPairs: Int) {
        if found.pairs <= mostPairs {
            self.init(eligible: found.lists, entrants: entrants, wanted: wanted, reserves: reserves)
            return
        }
        let used = Set(found.groups.joined())
        let sorted = entrants.filter { used.contains($0.expert) }.sorted { $0.expert.text < $1.expert.text }
        let places = Dictionary(
            sorted.enumerated().map { ($1.expert, $0) }, uniquingKeysWith: { first, _ in first })
        let grouped = found.groups.map { Set($0.compactMap { places[$0] }).sorted() }
        let distinct = Set(grouped).sorted { $0.lexicographicallyPrecedes($1) }
        let number = Dictionary(distinct.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let members = distinct.map(Set.init)
        let items = found.items.sorted { $0.item.text < $1.item.text }.map { one in
            let group = number[grouped[one.group]] ?? 0
            let except = Set(one.except.compactMap { places[$0] }).intersection(members[group]).sorted()
            return Item(one.item, group: group, except: except)
        }
        self.init(items: items, experts: sorted, groups: distinct, wanted: wanted, reserves: reserves)
    }

    private init(items: [Item], experts: [Entrant], groups: [[Int]], wanted: Int, reserves: Int) {
        self.items = items
        self.experts = experts
        self.groups = groups
        self.wanted = wanted
        self.reserves = reserves
    }

    /// Names beyond which a plan is written by groups.
    static let mostPairs = 200_000

    /// The rules by which a plan of this form is drawn.
    var rules: String { groups == nil ? DrawProtocol.rules : DrawProtocol.groupRules }

    /// Who may judge the item at a place, in order of identity, in either form of plan.
    public func eligible(_ place: Int) -> [ID<Expert>] {
        let one = items[place]
        guard let groups, let group = one.group, groups.indices.contains(group) else { return one.eligible }
        let except = Set(one.except ?? [])
        return groups[group].filter { !except.contains($0) && experts.indices.contains($0) }.map { experts[$0].expert }
    }

    /// SHA-256 of the plan's canonical JSON, published before the seed.
    public func commitment() throws -> String {
        Digest.hex(Digest.sha256(try JSONValue(encoding: self).canonicalBytes))
    }
}

/// Everything by which an outsider can run the draw again: plan, seed and result. docs/draw.md states the rules to
/// the letter; `script/draw-check` runs them in Python.
public struct DrawProtocol: Codable, Hashable, Sendable {
    /// Names the rules by which was drawn; other rules will have another name.
    public static let rules = "kechuang-draw-1"
    /// The rules for plans by groups.
    public static let groupRules = "kechuang-draw-2"

    /// Why an item has fewer experts than it should.
    public enum Shortage: String, Codable, Hashable, Sendable, CaseIterable {
        /// Fewer experts may judge the item than are wanted.
        case tooFewEligible = "too-few-eligible"
        /// Those who may judge it are full, however the others are exchanged.
        case loadLimit = "load-limit"

        public var text: Bilingual {
            switch self {
            case .tooFewEligible: Bilingual("符合条件且无须回避的专家不足", "too few experts are eligible")
            case .loadLimit: Bilingual("符合条件的专家均已达到评审项数上限", "every eligible expert has reached the load limit")
            }
        }
    }

    /// What was drawn for one item.
    public struct Result: Codable, Hashable, Sendable {
        public let item: ID<CaseFile>
        public let drawn: [ID<Expert>]
        /// In the order in which they are asked.
        public let reserves: [ID<Expert>]
        /// How many experts could not be found.
        public let missing: Int
        public let shortage: Shortage?
    }

    public let rules: String
    public let plan: DrawPlan
    public let commitment: String
    public let seed: String
    public let results: [Result]

    /// Draws. The same plan and seed give the same result everywhere.
    public init(_ plan: DrawPlan, seed: String) throws {
        let commitment = try plan.commitment()
        var run = DrawRun(plan, DrawStream(rules: plan.rules, seed: seed, commitment: commitment))
        results = run.results()
        rules = plan.rules
        self.plan = plan
        self.commitment = commitment
        self.seed = seed
    }

    /// Items for which there were too few experts. Whether there are any does not depend on the seed.
    public var short: [ID<CaseFile>] { results.filter { $0.missing > 0 }.map(\.item) }
}

/// The numbers of a draw: HMAC-SHA256 in counter mode, read as big-endian 64-bit words, without bias.
struct DrawStream {
    private let key: [UInt8]
    private let prefix: String
    private var block = 0
    private var words: [UInt64] = []

    init(rules: String, seed: String, commitment: String) {
        key = Array(seed.utf8)
        prefix = "\(rules):\(commitment):"
    }

    private mutating func word() -> UInt64 {
        if words.isEmpty {
            let bytes = Digest.hmacSHA256(key: key, Array("\(prefix)\(block)".utf8))
            block += 1
            // Taken from the end, so the words lie in reverse.
            words = stride(from: 24, through: 0, by: -8).map { start in
                bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
            }
        }
        return words.removeLast()
    }

    /// A number from 0 to below `count`, each equally likely: words beyond the last full multiple are thrown away.
    mutating func below(_ count: Int) -> Int {
        let bound = UInt64(count)
        let last = UInt64.max - (UInt64.max % bound + 1) % bound
        while true {
            let word = word()
            if word <= last { return Int(word % bound) }
        }
    }

    /// Fisher–Yates from the end.
    mutating func shuffled(_ list: [Int]) -> [Int] {
        var list = list
        for index in stride(from: list.count - 1, to: 0, by: -1) { list.swapAt(index, below(index + 1)) }
        return list
    }

    /// The first `count` of a list in an order by chance.
    mutating func some(_ count: Int, of list: [Int]) -> [Int] {
        var list = list
        let taken = min(count, list.count)
        for index in 0..<taken { list.swapAt(index, index + below(list.count - index)) }
        return Array(list.prefix(taken))
    }
}
