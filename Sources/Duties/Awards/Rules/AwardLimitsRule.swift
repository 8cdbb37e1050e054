public import Kernel

/// How many prizes of each kind a year would give.
public struct AwardCounts: RuleFacts {
    /// The prizes of one kind that has grades.
    public struct Graded: Hashable, Sendable {
        public var special: Int?
        public var first: Int?
        public var second: Int?

        /// All of the kind; nil while one number is not known.
        var total: Int? {
            guard let special, let first, let second else { return nil }
            return special + first + second
        }
    }

    public var level: AwardLevel?
    public var nature = Graded()
    public var invention = Graded()
    public var progress = Graded()
    public var top: Int?
    public var cooperation: Int?
    public var promotion: Int?
    public var youth: Int?

    public init() {}

    /// No prizes at all, to be counted up from.
    init(none level: AwardLevel) {
        self.level = level
        let zero = Graded(special: 0, first: 0, second: 0)
        (nature, invention, progress) = (zero, zero, zero)
        (top, cooperation, promotion, youth) = (0, 0, 0, 0)
    }

    /// One prize more; kinds whose number nobody limits are not counted.
    mutating func add(_ prize: Prize, _ grade: Grade, _ number: Int = 1) {
        switch prize {
        case .nature: nature.add(grade, number)
        case .invention: invention.add(grade, number)
        case .progress: progress.add(grade, number)
        case .top: top = (top ?? 0) + number
        case .cooperation: cooperation = (cooperation ?? 0) + number
        case .promotion: promotion = (promotion ?? 0) + number
        case .youth: youth = (youth ?? 0) + number
        case .patent, .standard: break
        }
    }

    public static let fields: [FactField<AwardCounts>] =
        [.choice("level", Bilingual("奖励层级", "Level"), \.level)]
        + graded("nature", Prize.nature.title, \.nature.special, \.nature.first, \.nature.second)
        + graded("invention", Prize.invention.title, \.invention.special, \.invention.first, \.invention.second)
        + graded("progress", Prize.progress.title, \.progress.special, \.progress.first, \.progress.second)
        + [
            .number("top", Bilingual("最高奖（人）", "Top prizes"), in: 0...10_000, \.top),
            .number("cooperation", Bilingual("科技合作奖", "Cooperation prizes"), in: 0...10_000, \.cooperation),
            .number("promotion", Bilingual("成果推广奖", "Prizes for spreading results"), in: 0...10_000, \.promotion),
            .number("youth", Bilingual("青年科技奖", "Youth prizes"), in: 0...10_000, \.youth),
        ]

    private static func graded(
        _ name: String, _ title: Bilingual, _ special: any WritableKeyPath<AwardCounts, Int?> & Sendable,
        _ first: any WritableKeyPath<AwardCounts, Int?> & Sendable,
        _ second: any WritableKeyPath<AwardCounts, Int?> & Sendable
    ) -> [FactField<AwardCounts>] {
        [
            .number(
                "\(name)Special", Bilingual("\(title.zh)特等奖", "\(title.en), special"), in: 0...10_000, special),
            .number("\(name)First", Bilingual("\(title.zh)一等奖", "\(title.en), first"), in: 0...10_000, first),
            .number("\(name)Second", Bilingual("\(title.zh)二等奖", "\(title.en), second"), in: 0...10_000, second),
        ]
    }

    public static func sample(_ random: inout SeededRandom) -> AwardCounts {
        var counts = AwardCounts(none: AwardLevel.allCases[Int.random(in: 0..<3, using: &random)])
        for prize in Prize.graded {
            counts.add(prize, .special, Int.random(in: 0...4, using: &random))
            counts.add(prize, .first, Int.random(in: 0...25, using: &random))
            counts.add(prize, .second, Int.random(in: 0...90, using: &random))
        }
        counts.add(.top, .none, Int.random(in: 0...3, using: &random))
        counts.add(.cooperation, .none, Int.random(in: 0...12, using: &random))
        counts.add(.promotion, .none, Int.random(in: 0...30, using: &random))
        counts.add(.youth, .none, Int.random(in: 0...10, using: &random))
        return counts
    }
}

extension AwardCounts.Graded {
    mutating func add(_ grade: Grade, _ number: Int) {
        switch grade {
        case .special: special = (special ?? 0) + number
        case .first: first = (first ?? 0) + number
        case .second, .none: second = (second ?? 0) + number
        }
    }
}

/// How many prizes may be given: 国家科学技术奖励条例 and MOST Order 22 for the nation, 粤府令第296号 for Guangdong,
/// 深府〔2016〕87号 for Shenzhen.
public struct AwardLimitsRule: Rule {
    public static let id = "awards.limits"
    public static let version = 1
    public static let title = Bilingual("授奖数量限额", "Limits on the number of prizes")
    public static let parameters = [
        "awards.national.top", "awards.national.total", "awards.national.special", "awards.national.first-share",
        "awards.national.cooperation", "awards.provincial.special", "awards.provincial.first",
        "awards.provincial.second", "awards.provincial.promotion", "awards.provincial.top",
        "awards.provincial.cooperation", "awards.municipal.youth",
    ]
    public static let conditions = [
        "total", "special", "first", "first-share", "second", "top", "cooperation", "promotion", "youth",
    ]

    let limits: [String: Legal<Int64>]

    public init(_ law: Law) throws(RuleBookError) {
        var limits: [String: Legal<Int64>] = [:]
        for id in Self.parameters { limits[id] = try law.number(id) }
        self.limits = limits
    }

    public func decide(_ facts: AwardCounts, _ run: inout RuleRun) -> AwardVerdict {
        var verdicts: [Bool?]
        switch facts.level {
        case .national: verdicts = national(facts, &run)
        case .provincial: verdicts = provincial(facts, &run)
        case .municipal:
            verdicts = [
                most("youth", "youth", "municipal.youth", facts.youth, Bilingual("青年科技奖", "Youth prizes"), &run)
            ]
        case nil:
            run.misses("level")
            verdicts = [nil]
        }
        return AwardVerdict(
            verdicts, yes: Bilingual("未超过限额", "Within the limits"), no: Bilingual("超过限额", "Over the limits"))
    }

    private func most(
        _ key: String, _ fact: String, _ id: String, _ number: Int?, _ what: Bilingual, _ run: inout RuleRun
    ) -> Bool? {
        guard let limit = limits["awards.\(id)"] else { return nil }
        return run.most(key, what, fact, number, limit.value, limit.reference)
    }

    private func each(_ facts: AwardCounts) -> [(name: String, title: Bilingual, counts: AwardCounts.Graded)] {
        [
            ("nature", Prize.nature.title, facts.nature), ("invention", Prize.invention.title, facts.invention),
            ("progress", Prize.progress.title, facts.progress),
        ]
    }

    private func sum(_ facts: AwardCounts, _ part: (AwardCounts.Graded) -> Int?) -> Int? {
        var sum = 0
        for kind in each(facts) {
            guard let number = part(kind.counts) else { return nil }
            sum += number
        }
        return sum
    }

    /// The first number of a grade that is not known.
    private func unknown(_ facts: AwardCounts, _ grade: String, _ part: (AwardCounts.Graded) -> Int?) -> String {
        (each(facts).first { part($0.counts) == nil }?.name ?? "nature") + grade
    }

    private func national(_ facts: AwardCounts, _ run: inout RuleRun) -> [Bool?] {
        var verdicts: [Bool?] = [
            most(
                "total", unknown(facts, "Second", \.total), "national.total", sum(facts, \.total),
                Bilingual("三大奖总数", "Prizes of the three kinds"), &run)
        ]
        for kind in each(facts) {
            verdicts.append(
                most(
                    "special", "\(kind.name)Special", "national.special", kind.counts.special,
                    Bilingual("\(kind.title.zh)特等奖", "\(kind.title.en), special"), &run))
            verdicts.append(share(kind, &run))
        }
        verdicts.append(most("top", "top", "national.top", facts.top, Bilingual("最高奖人数", "Top prizes"), &run))
        verdicts.append(
            most(
                "cooperation", "cooperation", "national.cooperation", facts.cooperation,
                Bilingual("国际合作奖", "Cooperation prizes"), &run))
        return verdicts
    }

    /// First prizes as a share of the kind's total, compared in whole numbers.
    private func share(
        _ kind: (name: String, title: Bilingual, counts: AwardCounts.Graded), _ run: inout RuleRun
    ) -> Bool? {
        guard let limit = limits["awards.national.first-share"] else { return nil }
        let what = Bilingual("\(kind.title.zh)一等奖占比", "\(kind.title.en), share of first prizes")
        guard let first = kind.counts.first, let total = kind.counts.total else {
            run.misses("\(kind.name)First")
            return run.condition("first-share", what, nil, limit.reference)
        }
        let met = Int64(first) * 1_000 <= limit.value * Int64(total)
        return run.condition(
            "first-share", what, met, value: .text("\(first)/\(total)"),
            against: .number(limit.value, unit: Bilingual("‰", "‰")), limit.reference)
    }

    private func provincial(_ facts: AwardCounts, _ run: inout RuleRun) -> [Bool?] {
        [
            most(
                "special", unknown(facts, "Special", \.special), "provincial.special", sum(facts, \.special),
                Bilingual("三大奖特等奖合计", "Special prizes of the three kinds"), &run),
            most(
                "first", unknown(facts, "First", \.first), "provincial.first", sum(facts, \.first),
                Bilingual("三大奖一等奖合计", "First prizes of the three kinds"), &run),
            most(
                "second", unknown(facts, "Second", \.second), "provincial.second", sum(facts, \.second),
                Bilingual("三大奖二等奖合计", "Second prizes of the three kinds"), &run),
            most(
                "promotion", "promotion", "provincial.promotion", facts.promotion,
                Bilingual("成果推广奖", "Prizes for spreading results"), &run),
            most("top", "top", "provincial.top", facts.top, Bilingual("突出贡献奖人数", "Outstanding contribution"), &run),
            most(
                "cooperation", "cooperation", "provincial.cooperation", facts.cooperation,
                Bilingual("科技合作奖", "Cooperation prizes"), &run),
        ]
    }
}
