@testable import Judgement

/// A random small request with every kind of limit, the same for the same seed. As text it tells a program outside the
/// limits themselves, not what we make of them.
struct LimitedInstance: Encodable, Sendable {
    struct Group: Encodable, Sendable {
        let name: String
        let isTogether: Bool
        let experts: [Int]
        let least: Int
        let most: Int
    }

    let seed: UInt64
    let experts: Int
    private(set) var demand: [Int] = []
    /// The least and the most of each expert.
    private(set) var load: [[Int]] = []
    /// Application, expert and score of all pairs; and of those that are forbidden and forced, application and expert.
    private(set) var pairs: [[Int]] = []
    private(set) var forbidden: [[Int]] = []
    private(set) var forced: [[Int]] = []
    private(set) var leastScore: Int?
    private(set) var institutions: [Int?] = []
    private(set) var institutionCap: Int?
    private(set) var groups: [Group] = []
    /// No pair is likelier than this many eighths; by how much its last part counts less; the price of fairness.
    private(set) var cap = 8
    private(set) var percent = 0
    private(set) var perMille = 0
    /// What our fair mode gives the worst-off; the program outside says what total that allows.
    var reached: Int64 = 0

    /// Every other instance has so much room that most of them lack nothing.
    private var isRoomy: Bool { seed % 2 == 0 }

    init(seed: UInt64) {
        self.seed = seed
        var chance = Chance(seed: seed)
        experts = 3 + chance.pick(6)
        addPairs(2 + chance.pick(6), &chance)
        addWanted(&chance)
        addRegions(&chance)
        addForced(&chance)
        cap = 3 + chance.pick(6)
        percent = 10 * chance.pick(11)
        perMille = [10, 100, 300, 1000][chance.pick(4)]
    }

    private mutating func addPairs(_ applications: Int, _ chance: inout Chance) {
        let (spread, shift) = chance.pick(3) == 0 ? (2_000, 200) : (9, 1)
        let lowest = chance.pick(2) == 0 ? 0 : -shift
        // In half of them all want the same experts, so that what one application has another lacks.
        let isContested = chance.pick(2) == 0
        let quality = isContested ? (0..<experts).map { _ in chance.pick(spread) } : []
        for application in 0..<applications {
            for expert in 0..<experts {
                let own = chance.pick(spread)
                let score = isContested ? (3 * quality[expert] + own) / 4 : own
                pairs.append([application, expert, lowest + score])
                if chance.pick(isRoomy ? 8 : 5) == 0 { forbidden.append([application, expert]) }
            }
        }
        for _ in 0..<applications { demand.append(chance.pick(isRoomy ? 3 : 4)) }
        for _ in 0..<experts {
            let most = isRoomy ? 2 + chance.pick(4) : chance.pick(5)
            let hasLeast = chance.pick(3) == 0
            load.append([hasLeast ? min(most, 1 + chance.pick(2)) : 0, most])
        }
        if chance.pick(3) == 0 { leastScore = lowest + chance.pick(spread / 3) }
    }

    /// No more than so many of one institution, a wanted group of whole institutions, and one expert of it.
    private mutating func addWanted(_ chance: inout Chance) {
        for _ in 0..<experts {
            let hasNone = chance.pick(4) == 0
            institutions.append(hasNone ? nil : chance.pick(experts / 2 + 1))
        }
        if chance.pick(2) == 0 { institutionCap = 1 + chance.pick(2) }
        guard chance.pick(2) == 0 else { return }
        let known = 1 + chance.pick(3)
        var members: [Int] = []
        for (expert, institution) in institutions.enumerated() {
            let isWanted = if let institution { institution < known } else { chance.pick(2) == 0 }
            if isWanted { members.append(expert) }
        }
        let least = chance.pick(isRoomy ? 2 : 3)
        add("wanted", members, together: false, least...(least + chance.pick(3)))
        if !members.isEmpty, chance.pick(2) == 0 {
            let one = members[chance.pick(members.count)]
            add("wanted most", [one], together: false, chance.pick(2)...1)
        }
    }

    /// Two regions, a field in one of them, and all together.
    private mutating func addRegions(_ chance: inout Chance) {
        guard chance.pick(2) == 0 else { return }
        let border = 1 + chance.pick(experts - 1)
        for (name, members) in [("east", 0..<border), ("west", border..<experts), ("east physics", 0..<border / 2)] {
            if members.isEmpty || chance.pick(4) == 0 { continue }
            let least = chance.pick(isRoomy ? 2 : 4)
            add(name, Array(members), together: true, least...(least + chance.pick(5) + (isRoomy ? 3 : 0)))
        }
        guard chance.pick(3) == 0 else { return }
        let least = chance.pick(6)
        add("everybody", Array(0..<experts), together: true, least...(least + chance.pick(12)))
    }

    private mutating func add(_ name: String, _ experts: [Int], together: Bool, _ seats: ClosedRange<Int>) {
        groups.append(
            Group(
                name: name, isTogether: together, experts: experts, least: seats.lowerBound, most: seats.upperBound))
    }

    /// A pair or two, of which some are forbidden or are more than a limit allows.
    private mutating func addForced(_ chance: inout Chance) {
        guard chance.pick(3) == 0 else { return }
        let pair = pairs[chance.pick(pairs.count)]
        forced.append([pair[0], pair[1]])
        if chance.pick(2) == 0 { forced.append([pair[0], chance.pick(experts)]) }
    }

    /// The instance as we ask it.
    func request() throws -> AssignmentRequest {
        var (offsets, expert, score) = ([0], [Int32](), [Int64]())
        for application in demand.indices {
            for pair in pairs where pair[0] == application && !forbidden.contains([pair[0], pair[1]]) {
                expert.append(Int32(pair[1]))
                score.append(Int64(pair[2]))
            }
            offsets.append(expert.count)
        }
        var quotas = groups.map { group in
            Quota(
                group.name, experts: group.experts, scope: group.isTogether ? .together : .eachApplication,
                seats: group.least...group.most)
        }
        if let institutionCap {
            let names = institutions.map { number in number.map { "institution \($0)" } }
            quotas += Quota.institutions(names, most: institutionCap)
        }
        return AssignmentRequest(
            candidates: try Candidates(
                applications: demand.count, experts: experts, offsets: offsets, expert: expert, score: score),
            demand: demand, load: load.map { $0[0]...$0[1] }, quotas: quotas,
            forced: forced.map { Pair($0[0], $0[1]) }, minimumScore: leastScore.map { Int64($0) })
    }

    /// Every least that pairs fall short of, and by how much.
    func missed(_ pairs: [Pair]) -> [Shortage.Kind: Int] {
        var missed: [Shortage.Kind: Int] = [:]
        func count(_ kind: Shortage.Kind, _ least: Int, _ held: Int) {
            if held < least { missed[kind] = least - held }
        }
        for (expert, limits) in load.enumerated() {
            count(.load(expert: expert), limits[0], pairs.count { $0.expert == expert })
        }
        for group in groups {
            let own = pairs.filter { group.experts.contains($0.expert) }
            if group.isTogether {
                count(.quota(name: group.name, application: nil), group.least, own.count)
            } else {
                for application in demand.indices {
                    let held = own.count { $0.application == application }
                    count(.quota(name: group.name, application: application), group.least, held)
                }
            }
        }
        return missed
    }
}

extension Chance {
    fileprivate mutating func pick(_ limit: Int) -> Int { Int(below(UInt64(limit))) }
}
