public import Judgement
public import Kernel
public import Store

/// How experts are shared out over the applications of a call.
public enum AssignmentMode: String, Codable, Hashable, Sendable, CaseIterable, SQLConvertible {
    case draw, best, fair, random

    public var title: Bilingual {
        switch self {
        case .draw: Bilingual("公开抽签", "Public draw")
        case .best: Bilingual("总匹配度最高", "Best total affinity")
        case .fair: Bilingual("先保最低，再求总和", "Fair: the worst-off first, then the total")
        case .random: Bilingual("概率设上限的随机", "Random, no pair likelier than a cap")
        }
    }
}

/// What an officer asks of an assignment by affinity.
public struct AssignmentOptions: Codable, Hashable, Sendable {
    public var mode: AssignmentMode
    /// Experts for each application.
    public var seats: Int
    /// The least and the most applications for one expert who is given any at all; the least is wished for.
    public var leastLoad: Int
    public var load: Int
    /// Whether no two experts of one employer may judge one application.
    public var apart: Bool
    /// Whether at least one expert of another city than the bureau's is wanted on each application.
    public var outside: Bool
    /// Pairs below this affinity, in thousandths, are left out.
    public var leastAffinity: Int
    /// In random mode: no pair is likelier than this many hundredths.
    public var capPercent: Int

    public init(
        mode: AssignmentMode, seats: Int, leastLoad: Int = 0, load: Int, apart: Bool = true, outside: Bool = false,
        leastAffinity: Int = 0, capPercent: Int = 60
    ) {
        self.mode = mode
        self.seats = seats
        self.leastLoad = leastLoad
        self.load = load
        self.apart = apart
        self.outside = outside
        self.leastAffinity = leastAffinity
        self.capPercent = capPercent
    }

    /// Everything that nobody can have meant.
    public var problems: [FieldProblem] {
        var found: [FieldProblem] = []
        func check(_ isRight: Bool, _ field: String, _ zh: String, _ en: String) {
            if !isRight {
                found.append(
                    FieldProblem(field: field, code: "review.\(field)", message: Bilingual(zh, en)))
            }
        }
        check((1...20).contains(seats), "seats", "每项专家数应为 1 至 20", "Experts for each application: from 1 to 20")
        check((1...200).contains(load), "load", "每位专家的项数应为 1 至 200", "An expert takes from 1 to 200 applications")
        check(
            (0...max(0, load)).contains(leastLoad), "least-load", "最少项数应在 0 与最多项数之间",
            "The least load lies between 0 and the most")
        check(
            (0...1000).contains(leastAffinity), "least-affinity", "最低匹配度应为 0 至 1000",
            "The least affinity is from 0 to 1000")
        check((1...100).contains(capPercent), "cap", "概率上限应为 1 至 100", "The cap is from 1 to 100 per cent")
        return found
    }
}

/// The plan of an assignment by affinity: everything that decides the outcome, in an order that the input does not
/// change. Published by its hash like the plan of a draw.
public struct AssignmentPlan: Codable, Hashable, Sendable {
    /// Names the rules; other rules will have another name.
    public static let rules = "kechuang-assign-1"
    /// Candidates that each application keeps.
    static let candidates = 60

    /// One expert of the plan.
    public struct Entrant: Codable, Hashable, Sendable {
        public let expert: ID<Expert>
        /// A number that tells who shares an employer; empty where it is unknown.
        public let employer: String
        public let load: Int
        /// Whether of another city.
        public let isOutside: Bool

        public init(expert: ID<Expert>, employer: String, load: Int, isOutside: Bool) {
            self.expert = expert
            self.employer = employer
            self.load = load
            self.isOutside = isOutside
        }
    }

    /// One application with the places of its candidates and their affinities in millionths.
    public struct Item: Codable, Hashable, Sendable {
        public let item: ID<CaseFile>
        public let experts: [Int]
        public let affinities: [Int]
    }

    public let options: AssignmentOptions
    /// In order of identity.
    public let experts: [Entrant]
    public let items: [Item]

    /// - Parameters:
    ///   - eligible: who may judge what.
    ///   - profiles: what applications and experts are about.
    public init(
        _ options: AssignmentOptions, _ eligible: Eligibility, entrants: [Entrant],
        items: [ID<CaseFile>: AffinityProfile], experts: [ID<Expert>: AffinityProfile]
    ) {
        self.options = options
        let used = Set(eligible.groups.joined())
        let sorted = entrants.filter { used.contains($0.expert) }.sorted { $0.expert.text < $1.expert.text }
        self.experts = sorted
        let places = Dictionary(
            sorted.enumerated().map { ($1.expert, $0) }, uniquingKeysWith: { first, _ in first })
        let members = eligible.groups.map { Set($0.compactMap { places[$0] }) }
        let all = eligible.items.sorted { $0.item.text < $1.item.text }
        let profiles = sorted.map { experts[$0.expert] ?? AffinityProfile() }
        let asked = all.map { items[$0.item] ?? AffinityProfile() }
        let (model, vectors) = AffinityModel.learn(profiles + asked)
        var index = AffinityIndex(Array(vectors.prefix(profiles.count)), of: model)
        let floor = options.leastAffinity * 1_000
        self.items = all.enumerated().map { place, one in
            let found = index.best(vectors[profiles.count + place], limit: profiles.count)
            let except = Set(one.except.compactMap { places[$0] })
            let fitting = found.lazy.filter {
                $0.millionths >= floor && members[one.group].contains($0.expert) && !except.contains($0.expert)
            }
            var chosen = Array(fitting.prefix(AssignmentPlan.candidates)).map { ($0.expert, $0.millionths) }
            if floor == 0, chosen.count < AssignmentPlan.candidates {
                // Who shares no term may still judge, at nothing; spread by place so that not all take the same few.
                let known = Set(chosen.map(\.0)).union(except)
                let rest = members[one.group].subtracting(known).sorted()
                let start = rest.isEmpty ? 0 : place % rest.count
                let turned = rest[start...] + rest[..<start]
                chosen += turned.prefix(AssignmentPlan.candidates - chosen.count).map { ($0, 0) }
            }
            chosen.sort { $0.0 < $1.0 }
            return Item(item: one.item, experts: chosen.map(\.0), affinities: chosen.map(\.1))
        }
    }

    /// SHA-256 of the plan's canonical JSON.
    public func commitment() throws -> String {
        Digest.hex(Digest.sha256(try JSONValue(encoding: self).canonicalBytes))
    }

    /// The plan as the engine asks for it.
    func request() throws(AssignmentError) -> AssignmentRequest {
        var offsets = [0]
        for item in items { offsets.append(offsets[offsets.count - 1] + item.experts.count) }
        let candidates = try Candidates(
            applications: items.count, experts: experts.count, offsets: offsets,
            expert: items.flatMap { $0.experts.map(Int32.init) },
            score: items.flatMap { $0.affinities.map(Int64.init) })
        var quotas: [Quota] = []
        if options.outside {
            let members = experts.indices.filter { experts[$0].isOutside }
            quotas.append(
                Quota(
                    "outside", experts: members, scope: .eachApplication,
                    seats: 1...max(1, options.seats)))
        }
        // A city's employers lie inside or outside as a whole; one that has both kinds is kept apart on either side.
        if options.apart {
            let names = experts.map { one -> String? in
                one.employer.isEmpty ? nil : "\(one.employer)\(options.outside && one.isOutside ? "*" : "")"
            }
            quotas += Quota.institutions(names, most: 1)
        }
        return AssignmentRequest(
            candidates: candidates, demand: items.map { _ in options.seats },
            load: experts.map { min(options.leastLoad, max(0, $0.load))...max(0, $0.load) }, quotas: quotas)
    }
}

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
        /// In random mode the mean total times ``parts``.
        public let expected: String?
        public let parts: Int64?
        public let isProved: Bool
    }

    /// Seats that could not be filled, and the cheapest ways out.
    public struct Short: Codable, Hashable, Sendable {
        public let kind: String
        public let items: [ID<CaseFile>]
        public let missing: Int
        public let ways: [Way]
    }

    /// One change that fills one seat more.
    public struct Way: Codable, Hashable, Sendable {
        public let limit: String
        public let expert: ID<Expert>?
        public let item: ID<CaseFile>?
        /// What the total gains, in millionths.
        public let gain: Int64
    }

    public let rules: String
    public let plan: AssignmentPlan
    public let commitment: String
    public let seed: String
    public let results: [Result]
    public let proof: Proof
    public let shortages: [Short]

    /// How many seats are empty.
    public var missing: Int { results.reduce(0) { $0 + $1.missing } }
}
