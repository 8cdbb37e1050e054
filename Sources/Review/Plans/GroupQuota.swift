public import Kernel

/// One line of what an officer asks of groups of experts: so many of them at least and at most on each application.
public struct GroupQuota: Codable, Hashable, Sendable {
    /// Whom a line counts. Regions are the cities of employers, by the division in their credit codes; an expert of
    /// several disciplines counts for each of them.
    public enum Group: Codable, Hashable, Sendable {
        /// Each city by itself.
        case anyRegion
        /// The city of a division's first four digits; other codes are refused with the options.
        case region(String)
        /// The discipline that the application names; applications that name none are left alone.
        case ownField
        /// A discipline of GB/T 13745.
        case field(String)

        /// Reads what ``text`` writes; nil for anything else.
        public init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, (1...10).contains(parts[1].count) else { return nil }
            switch (parts[0], parts[1]) {
            case ("region", "*"): self = .anyRegion
            case ("region", let code): self = .region(code)
            case ("field", "own"): self = .ownField
            case ("field", let code): self = .field(code)
            default: return nil
            }
        }

        /// As in plans, forms and the API: `region:*`, `region:4401`, `field:own`, `field:520`.
        public var text: String {
            switch self {
            case .anyRegion: "region:*"
            case .region(let code): "region:\(code)"
            case .ownField: "field:own"
            case .field(let code): "field:\(code)"
            }
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let group = Group(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no group of experts")
            }
            self = group
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }

        /// Whether it counts by disciplines, which cut across cities and employers.
        var isOfFields: Bool {
            switch self {
            case .anyRegion, .region: false
            case .ownField, .field: true
            }
        }
    }

    public var group: Group
    public var least: Int
    /// nil for as many as there are seats.
    public var most: Int?

    public init(_ group: Group, least: Int = 0, most: Int? = nil) {
        self.group = group
        self.least = least
        self.most = most
    }

    /// The seats that it leaves of so many.
    func range(of seats: Int) -> ClosedRange<Int> { least...max(least, most ?? seats) }

    /// What is wrong with the line by itself.
    func problems(line: Int, seats: Int) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func miss(_ field: String, _ zh: String, _ en: String) {
            found.append(
                FieldProblem(
                    field: "quotas.\(line).\(field)", code: "review.quota-\(field)",
                    message: Bilingual("名额第 \(line + 1) 行：\(zh)", "Quota \(line + 1): \(en)")))
        }
        if case .region(let code) = group, code.count != 4 || !code.allSatisfy({ $0.isASCII && $0.isNumber }) {
            miss(
                "group", "城市应为区划的前四位数字，如 4401",
                "a city is the first four digits of its division, such as 4401")
        }
        if !(0...20).contains(least) || least > seats {
            miss("least", "至少人数应为 0 至每项专家数", "the least lies between 0 and the experts for each application")
        }
        // Nobody of any city would leave nobody at all.
        let lowest = max(group == .anyRegion ? 1 : 0, (0...20).contains(least) ? least : 0)
        if let most, !(lowest...20).contains(most) {
            miss("most", "至多人数应为 \(lowest) 至 20", "the most is from \(lowest) to 20")
        }
        if least == 0, most == nil { miss("least", "请填写至少或至多人数", "give the least or the most") }
        return found
    }
}

/// A pair of which an officer decides beforehand.
public struct ChosenPair: Codable, Hashable, Sendable {
    public let item: ID<CaseFile>
    public let expert: ID<Expert>
    /// Whether the expert must judge the application, or must not.
    public let isForced: Bool

    public init(item: ID<CaseFile>, expert: ID<Expert>, isForced: Bool) {
        self.item = item
        self.expert = expert
        self.isForced = isForced
    }

    /// What is wrong with a pair.
    /// - Parameters:
    ///   - field: of the pair: `rule`, `item` or `expert`.
    ///   - line: place of the pair among those that were chosen, from 0.
    ///   - code: what follows `review.pair-`.
    public static func problem(
        _ field: String, line: Int, _ code: String, _ zh: String, _ en: String
    ) -> FieldProblem {
        FieldProblem(
            field: "pairs.\(line).\(field)", code: "review.pair-\(code)",
            message: Bilingual("指定第 \(line + 1) 对：\(zh)", "Pair \(line + 1): \(en)"))
    }

    /// What is wrong with the reason for a pair; nil where it is right.
    /// - Parameter line: place of the pair among those that were chosen, from 0.
    public static func problem(reason: String, line: Int) -> FieldProblem? {
        Words.problem(
            reason, "pairs.\(line).reason", Bilingual("指定第 \(line + 1) 对的理由", "Reason of pair \(line + 1)"), most: 300)
    }
}

/// Why an officer chose a pair. It is kept in the record and shown to the bureau, and stands in no published plan.
public struct PairReason: Codable, Hashable, Sendable {
    public let item: ID<CaseFile>
    public let expert: ID<Expert>
    public let isForced: Bool
    public let reason: String

    init(_ pair: ChosenPair, _ reason: String) {
        item = pair.item
        expert = pair.expert
        isForced = pair.isForced
        self.reason = reason
    }
}
