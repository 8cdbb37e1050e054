public import Kernel
public import Store

/// How experts are shared out over the applications of a call.
public enum AssignmentMode: String, Codable, Hashable, Sendable, CaseIterable, SQLConvertible {
    case draw, best, fair, random, perturbed

    public var title: Bilingual {
        switch self {
        case .draw: Bilingual("公开抽签", "Public draw")
        case .best: Bilingual("总匹配度最高", "Best total affinity")
        case .fair: Bilingual("先保最低，再求总和", "Fair: the worst-off first, then the total")
        case .random: Bilingual("概率设上限的随机", "Random, no pair likelier than a cap")
        case .perturbed: Bilingual("概率设上限并分散的随机", "Random, spread over more pairs under a cap")
        }
    }

    /// Whether an assignment by affinity in this mode waits for public chance.
    public var isRandom: Bool { self == .random || self == .perturbed }
}

/// What an officer asks of an assignment by affinity.
public struct AssignmentOptions: Hashable, Sendable {
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
    /// In the random modes: no pair is likelier than this many hundredths.
    public var capPercent: Int
    /// In perturbed mode: by how many hundredths the last part of a pair's probability counts less than the first.
    public var strengthPercent: Int
    /// Groups of whom each application has so many at least and at most.
    public var quotas: [GroupQuota]
    /// Pairs that must be and pairs that must not be.
    public var pairs: [ChosenPair]

    /// Lines of quotas, and chosen pairs, at most.
    public static let mostQuotas = 20
    public static let mostPairs = 50

    /// What is taken where nothing is said: the most applications for one expert, and in the random modes the cap of a
    /// pair and the strength of spreading, in hundredths.
    public static let usualLoad = 15
    public static let usualCapPercent = 60
    public static let usualStrengthPercent = 50

    public init(
        mode: AssignmentMode, seats: Int, leastLoad: Int = 0, load: Int, apart: Bool = true, outside: Bool = false,
        leastAffinity: Int = 0, capPercent: Int = AssignmentOptions.usualCapPercent,
        strengthPercent: Int = AssignmentOptions.usualStrengthPercent, quotas: [GroupQuota] = [],
        pairs: [ChosenPair] = []
    ) {
        self.mode = mode
        self.seats = seats
        self.leastLoad = leastLoad
        self.load = load
        self.apart = apart
        self.outside = outside
        self.leastAffinity = leastAffinity
        self.capPercent = capPercent
        self.strengthPercent = strengthPercent
        self.quotas = quotas
        self.pairs = pairs
    }

    /// Whether it asks for what plans by the first rules cannot say.
    var isWide: Bool { mode == .perturbed || !quotas.isEmpty || !pairs.isEmpty }

    /// Whether experts of neighbouring disciplines may fill seats: so many of the own discipline can only be asked for
    /// where there are others.
    var takesNeighbours: Bool { quotas.contains { $0.group == .ownField } }
}

/// What is not asked for is not written, so that a plan by the first rules keeps its hash.
extension AssignmentOptions: Codable {
    private enum CodingKeys: String, CodingKey {
        case mode, seats, leastLoad, load, apart, outside, leastAffinity, capPercent, strengthPercent, quotas, pairs
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            mode: try container.decode(AssignmentMode.self, forKey: .mode),
            seats: try container.decode(Int.self, forKey: .seats),
            leastLoad: try container.decode(Int.self, forKey: .leastLoad),
            load: try container.decode(Int.self, forKey: .load),
            apart: try container.decode(Bool.self, forKey: .apart),
            outside: try container.decode(Bool.self, forKey: .outside),
            leastAffinity: try container.decode(Int.self, forKey: .leastAffinity),
            capPercent: try container.decode(Int.self, forKey: .capPercent),
            strengthPercent: try container.decodeIfPresent(Int.self, forKey: .strengthPercent)
                ?? AssignmentOptions.usualStrengthPercent,
            quotas: try container.decodeIfPresent([GroupQuota].self, forKey: .quotas) ?? [],
            pairs: try container.decodeIfPresent([ChosenPair].self, forKey: .pairs) ?? [])
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mode, forKey: .mode)
        try container.encode(seats, forKey: .seats)
        try container.encode(leastLoad, forKey: .leastLoad)
        try container.encode(load, forKey: .load)
        try container.encode(apart, forKey: .apart)
        try container.encode(outside, forKey: .outside)
        try container.encode(leastAffinity, forKey: .leastAffinity)
        try container.encode(capPercent, forKey: .capPercent)
        if mode == .perturbed { try container.encode(strengthPercent, forKey: .strengthPercent) }
        if !quotas.isEmpty { try container.encode(quotas, forKey: .quotas) }
        if !pairs.isEmpty { try container.encode(pairs, forKey: .pairs) }
    }
}

extension AssignmentOptions {
    /// Everything that nobody can have meant, and what no exact answer exists for.
    public var problems: [FieldProblem] {
        problems(quotaLines: Array(quotas.indices), pairLines: Array(pairs.indices))
    }

    /// The same where quotas and pairs stand among lines that could not be read.
    /// - Parameters:
    ///   - quotaLines: the line of each quota, from 0.
    ///   - pairLines: that of each pair.
    public func problems(quotaLines: [Int], pairLines: [Int]) -> [FieldProblem] {
        numberProblems + quotaProblems(quotaLines) + pairProblems(pairLines)
    }

    private var numberProblems: [FieldProblem] {
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
        check(
            mode != .perturbed || (0...100).contains(strengthPercent), "strength", "分散强度应为 0 至 100",
            "The strength is from 0 to 100 per cent")
        check(quotas.count <= Self.mostQuotas, "quotas", "名额最多 20 行", "There are at most 20 lines of quotas")
        check(pairs.count <= Self.mostPairs, "pairs", "指定配对最多 50 对", "At most 50 pairs are chosen beforehand")
        return found
    }

    /// Employers lie in cities, and cities here or elsewhere: these nest. Disciplines cut across them, and the two
    /// kinds together have no exact answer; see `docs/assignment.md`.
    private func quotaProblems(_ lines: [Int]) -> [FieldProblem] {
        let seats = min(max(0, seats), 20)
        var found = zip(lines, quotas).flatMap { line, quota in quota.problems(line: line, seats: seats) }
        func miss(_ line: Int, _ code: String, _ zh: String, _ en: String) {
            found.append(
                FieldProblem(
                    field: "quotas.\(line).group", code: "review.quota-\(code)",
                    message: Bilingual("名额第 \(line + 1) 行：\(zh)", "Quota \(line + 1): \(en)")))
        }
        var across: [Bilingual] = []
        if apart { across.append(Bilingual("“同一单位的专家不评同一项”", "“no two experts of one employer”")) }
        if outside { across.append(Bilingual("“每项至少一位外市专家”", "“one expert from another city”")) }
        if quotas.contains(where: { !$0.group.isOfFields }) {
            across.append(Bilingual("按城市的名额", "quotas by city"))
        }
        var first: [GroupQuota.Group: Int] = [:]
        for (line, quota) in zip(lines, quotas) {
            if let other = first[quota.group] {
                miss(line, "twice", "与第 \(other + 1) 行重复，请合并", "the same group as quota \(other + 1); join the two")
            }
            first[quota.group] = first[quota.group] ?? line
            guard quota.group.isOfFields, !across.isEmpty else { continue }
            miss(
                line, "crossing",
                "学科与单位、城市互相交叉，两类名额不能同时精确满足；请取消\(across.map(\.zh).joined(separator: "、"))，或删去本行",
                "disciplines cut across employers and cities, and no exact answer keeps both; drop "
                    + "\(across.map(\.en).joined(separator: ", ")), or this line")
        }
        return found
    }

    private func pairProblems(_ lines: [Int]) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func miss(_ line: Int, _ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(ChosenPair.problem(field, line: line, code, zh, en))
        }
        var (onItem, ofExpert): ([ID<CaseFile>: Int], [ID<Expert>: Int]) = ([:], [:])
        var first: [ChosenPair: Int] = [:]
        for (line, pair) in zip(lines, pairs) {
            let two = ChosenPair(item: pair.item, expert: pair.expert, isForced: true)
            if let other = first[two] {
                miss(
                    line, "expert", "twice", "与第 \(other + 1) 对相同或相反，请删去其一",
                    "names the same two as pair \(other + 1); drop one of them")
                continue
            }
            first[two] = line
            guard pair.isForced else { continue }
            onItem[pair.item, default: 0] += 1
            ofExpert[pair.expert, default: 0] += 1
            if onItem[pair.item, default: 0] > max(0, seats) {
                miss(
                    line, "item", "seats", "这项申请指定的专家超过每项专家数",
                    "more experts are named for this application than it has seats")
            }
            if ofExpert[pair.expert, default: 0] > max(0, load) {
                miss(
                    line, "expert", "load", "这位专家被指定的项数超过每人最多",
                    "this expert is named for more applications than one may have")
            }
        }
        return found
    }

    /// What is wrong with the reasons for chosen pairs, in the order of the pairs.
    public func problems(reasons: [String]) -> [FieldProblem] {
        pairs.indices.compactMap { line in
            ChosenPair.problem(reason: reasons.indices.contains(line) ? reasons[line] : "", line: line)
        }
    }
}
