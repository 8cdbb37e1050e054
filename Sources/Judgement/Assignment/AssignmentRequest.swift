/// One question of assignment: who may judge what, how many seats there are to fill, and what must hold.
public struct AssignmentRequest: Sendable {
    /// The pairs that are allowed; a forbidden pair is not among them.
    public var candidates: Candidates
    /// Seats of each application.
    public var demand: [Int]
    /// The least and the most seats that each expert holds.
    public var load: [ClosedRange<Int>]
    /// Limits on groups of experts, for each application or for all together. Those of one scope that meet on an
    /// application must be nested in each other or apart.
    public var quotas: [Quota]
    /// Pairs that must be; each must be among the candidates.
    public var forced: [Pair]
    /// Pairs that score less than this are left out.
    public var minimumScore: Int64?

    /// Forced pairs that were taken out already; quotas still count them.
    var settled: [Pair] = []

    /// A question without quotas, forced pairs or a least score.
    public init(
        candidates: Candidates, demand: [Int], load: [ClosedRange<Int>], quotas: [Quota] = [], forced: [Pair] = [],
        minimumScore: Int64? = nil
    ) {
        self.candidates = candidates
        self.demand = demand
        self.load = load
        self.quotas = quotas
        self.forced = forced
        self.minimumScore = minimumScore
    }
}

/// One application with one expert, by their numbers.
public struct Pair: Hashable, Comparable, Sendable {
    public let application: Int
    public let expert: Int

    public init(_ application: Int, _ expert: Int) {
        self.application = application
        self.expert = expert
    }

    public static func < (left: Pair, right: Pair) -> Bool {
        (left.application, left.expert) < (right.application, right.expert)
    }
}

/// How many seats a group of experts may and should hold: an institution, a region, a field, a wanted group.
public struct Quota: Sendable {
    /// Where the limit counts.
    public enum Scope: Sendable {
        /// On every single application, as in "no two of one institution" or "at least one from abroad".
        case eachApplication
        /// Over all applications of the request, as in "this region holds at most 300 seats of the panel".
        case together
    }

    /// What people call the group; shortages are told by it.
    public let name: String
    public let experts: [Int]
    public let scope: Scope
    /// The least and the most seats. What falls short of the least is reported, never silently dropped.
    public let seats: ClosedRange<Int>
    /// The applications on which a quota of ``Scope/eachApplication`` counts; nil for all of them.
    public let applications: Set<Int>?

    public init(
        _ name: String, experts: [Int], scope: Scope, seats: ClosedRange<Int>, applications: Set<Int>? = nil
    ) {
        self.name = name
        self.experts = experts
        self.scope = scope
        self.seats = seats
        self.applications = applications
    }

    /// Whether it counts on an application by itself.
    func counts(on application: Int) -> Bool {
        scope == .eachApplication && applications?.contains(application) ?? true
    }

    /// One quota for each institution with more than one expert: at most `most` of them on one application.
    /// - Parameter institution: the institution of each expert; experts without one have nil.
    public static func institutions(_ institution: [String?], most: Int) -> [Quota] {
        var members: [String: [Int]] = [:]
        for (expert, name) in institution.enumerated() {
            if let name { members[name, default: []].append(expert) }
        }
        return members.filter { $0.value.count > most }.sorted { $0.key < $1.key }.map {
            Quota($0.key, experts: $0.value, scope: .eachApplication, seats: 0...most)
        }
    }
}

/// Why a request cannot be answered.
public enum AssignmentError: Error, Hashable, Sendable {
    /// The lists do not have one entry for each application or expert.
    case sizes(String)
    /// A number is below zero or beyond what the engine counts with.
    case range(String)
    /// Two quotas of one scope share experts without one holding the other.
    case crossing(String, String)
    /// A pair that must be is not among the candidates, or breaks a bound.
    case forced(Pair)
    /// Scores have so many digits that sums would leave 64 bits.
    case tooFine
    /// The answer did not prove itself; nothing of it may be used.
    case unproven

    /// What is wrong and how to mend it, in English.
    public var en: String {
        switch self {
        case .sizes(let what): "\(what): give one entry for each application or expert."
        case .range(let what): "\(what) is outside what can be counted; give a smaller whole number of at least zero."
        case .crossing(let first, let second):
            "The groups \(first) and \(second) share experts, but neither holds the other; make them nested or apart."
        case .forced(let pair):
            "Application \(pair.application) and expert \(pair.expert) must go together, but the pair is forbidden or "
                + "breaks a bound; lift one of the two."
        case .tooFine: "The scores have too many digits for exact sums of this size; round them to fewer."
        case .unproven: "The answer did not pass its own proof; report this with the input."
        }
    }

    /// The same in Chinese.
    public var zh: String {
        switch self {
        case .sizes(let what): "\(what)：每个申请或专家都须有一项。"
        case .range(let what): "\(what)超出可计算范围，请填写较小的非负整数。"
        case .crossing(let first, let second): "分组“\(first)”与“\(second)”部分重叠，须改为互相包含或互不相交。"
        case .forced(let pair): "申请 \(pair.application) 与专家 \(pair.expert) 被指定配对，但该配对被禁止或超出限额，请取消其一。"
        case .tooFine: "评分位数过多，无法精确求和，请减少小数位数。"
        case .unproven: "结果未通过自身的最优性验证，请连同输入一并报告。"
        }
    }
}
