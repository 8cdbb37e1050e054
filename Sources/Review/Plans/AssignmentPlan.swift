public import Judgement
public import Kernel

/// What quotas count by: the cities of experts' employers, and the disciplines of experts and applications.
public struct QuotaFacts: Sendable {
    /// First four digits of the division in the employer's credit code; experts for whom it is not known are absent.
    public var regions: [ID<Expert>: String]
    public var fields: [ID<Expert>: [String]]
    /// The discipline that an application names; empty for none.
    public var own: [ID<CaseFile>: String]

    public init(
        regions: [ID<Expert>: String] = [:], fields: [ID<Expert>: [String]] = [:], own: [ID<CaseFile>: String] = [:]
    ) {
        self.regions = regions
        self.fields = fields
        self.own = own
    }
}

/// The plan of an assignment by affinity: everything that decides the outcome, in an order that the input does not
/// change. Published by its hash like the plan of a draw.
public struct AssignmentPlan: Codable, Hashable, Sendable {
    /// Names the rules of plans without quotas, chosen pairs and spread probabilities, and of those with them; other
    /// rules will have another name.
    static let firstRules = "kechuang-assign-1"
    static let wideRules = "kechuang-assign-2"
    /// Candidates that each application keeps, and of each group of which some are wanted.
    static let candidates = 60
    static let candidatesOfGroup = 20

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

    /// Experts whom a line of the quotas counts together; a city has no name here.
    public struct Group: Codable, Hashable, Sendable {
        /// Place of the line in the options.
        public let quota: Int
        /// Places of the experts, rising.
        public let experts: [Int]
        /// Places of the applications on which it counts; nil for all.
        public let items: [Int]?
    }

    public let options: AssignmentOptions
    /// In order of identity.
    public let experts: [Entrant]
    public let items: [Item]
    /// Nil where no quotas are asked for.
    public let groups: [Group]?

    /// The name of the rules by which it is run.
    public var rules: String { options.isWide ? AssignmentPlan.wideRules : AssignmentPlan.firstRules }

    /// - Parameters:
    ///   - eligible: who may judge what.
    ///   - facts: what quotas count by.
    ///   - items: what applications are about.
    ///   - experts: what experts are about.
    public init(
        _ options: AssignmentOptions, _ eligible: Eligibility, entrants: [Entrant], facts: QuotaFacts = QuotaFacts(),
        items: [ID<CaseFile>: AffinityProfile], experts: [ID<Expert>: AffinityProfile]
    ) {
        self.options = options
        let used = Set(eligible.groups.joined())
        let sorted = entrants.filter { used.contains($0.expert) }.sorted { $0.expert.text < $1.expert.text }
        self.experts = sorted
        let all = eligible.items.sorted { $0.item.text < $1.item.text }
        let groups = AssignmentPlan.groups(options, sorted, all.map(\.item), facts)
        self.groups = options.quotas.isEmpty ? nil : groups
        let choice = CandidateChoice(options, eligible, sorted, groups)
        let profiles = sorted.map { experts[$0.expert] ?? AffinityProfile() }
        let asked = all.map { items[$0.item] ?? AffinityProfile() }
        let (model, vectors) = AffinityModel.learn(profiles + asked)
        var index = AffinityIndex(Array(vectors.prefix(profiles.count)), of: model)
        self.items = all.enumerated().map { place, one in
            let found = index.best(vectors[profiles.count + place], limit: profiles.count)
            let chosen = choice.candidates(of: one, at: place, found)
            return Item(item: one.item, experts: chosen.map(\.expert), affinities: chosen.map(\.millionths))
        }
    }

    /// Who is counted together by each line. A group that cannot be exceeded and of whom nobody is wanted is left out.
    private static func groups(
        _ options: AssignmentOptions, _ experts: [Entrant], _ items: [ID<CaseFile>], _ facts: QuotaFacts
    ) -> [Group] {
        options.quotas.enumerated().flatMap { line, quota -> [Group] in
            func members(_ isMember: (ID<Expert>) -> Bool) -> [Int] {
                experts.indices.filter { isMember(experts[$0].expert) }
            }
            switch quota.group {
            case .anyRegion:
                let most = quota.range(of: options.seats).upperBound
                let regions = Set(experts.compactMap { facts.regions[$0.expert] }).sorted()
                return regions.map { region in
                    Group(quota: line, experts: members { facts.regions[$0] == region }, items: nil)
                }.filter { quota.least > 0 || $0.experts.count > most }
            case .region(let code):
                return [Group(quota: line, experts: members { facts.regions[$0] == code }, items: nil)]
            case .field(let code):
                return [Group(quota: line, experts: members { facts.fields[$0]?.contains(code) ?? false }, items: nil)]
            case .ownField:
                let named = Set(items.compactMap { facts.own[$0] }).filter { !$0.isEmpty }.sorted()
                return named.map { field in
                    Group(
                        quota: line, experts: members { facts.fields[$0]?.contains(field) ?? false },
                        items: items.indices.filter { facts.own[items[$0]] == field })
                }
            }
        }
    }

    /// SHA-256 of the plan's canonical JSON.
    public func commitment() throws -> String {
        Digest.hex(Digest.sha256(try JSONValue(encoding: self).canonicalBytes))
    }
}
