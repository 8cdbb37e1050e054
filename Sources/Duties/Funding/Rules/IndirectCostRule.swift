public import Kernel

/// What indirect costs depend on.
public struct IndirectCostFacts: RuleFacts {
    public enum Kind: String, FactChoice {
        case standard, theory

        public var title: Bilingual {
            switch self {
            case .standard: Bilingual("一般项目", "Standard")
            case .theory: Bilingual("数学等纯理论基础研究", "Pure theory such as mathematics")
            }
        }
    }

    /// Direct costs without equipment.
    public var base: Money?
    public var kind: Kind?

    public init() {}

    public static let fields: [FactField<IndirectCostFacts>] = [
        .money("base", Bilingual("直接费用扣除设备购置费后的数额（分）", "Direct costs without equipment, in fen"), in: .fen, \.base),
        .choice("kind", Bilingual("项目类型", "Kind of project"), \.kind),
    ]

    public static func sample(_ random: inout SeededRandom) -> IndirectCostFacts {
        var facts = IndirectCostFacts()
        facts.base = Money(fen: Int64.random(in: 0...3_000_000_000, using: &random))
        facts.kind = Int.random(in: 0..<10, using: &random) == 0 ? .theory : .standard
        return facts
    }
}

/// The most that indirect costs may be.
public struct IndirectCostOutcome: RuleOutcome {
    public let cap: Money?

    public var json: JSONValue { ["cap": cap.map { .integer($0.fen) } ?? .null] }
    public var summary: String { cap.map(\.yuanText) ?? "?" }
    public var words: Bilingual {
        guard let cap else { return Bilingual("资料不足", "Facts are missing") }
        return Bilingual("间接费用不超过 \(cap.text(.chinese))", "Indirect costs of at most \(cap.text(.english))")
    }
}

/// 间接费用 by portion: each part of the base takes the share of its own band, not the whole the share of the last.
/// 国办发〔2021〕32号; before it 财科教〔2016〕113号 article 20. A part of a fen is dropped, since the number is a ceiling.
public struct IndirectCostRule: Rule {
    public static let id = "funding.indirect-cost"
    public static let version = 1
    public static let title = Bilingual("间接费用上限", "Ceiling of indirect costs")
    public static let parameters = ["funding.indirect."]

    let standard: Legal<Bands>
    /// Nil on days before the rule on pure theory.
    let theory: Legal<Bands>?

    public init(_ law: Law) throws(RuleBookError) {
        standard = try law.bands("funding.indirect.standard")
        theory = try? law.bands("funding.indirect.theory")
    }

    public func decide(_ facts: IndirectCostFacts, _ run: inout RuleRun) -> IndirectCostOutcome {
        guard let base = facts.base, let kind = facts.kind else {
            if facts.base == nil { run.misses("base") }
            if facts.kind == nil { run.misses("kind") }
            return IndirectCostOutcome(cap: nil)
        }
        let tiers = kind == .theory ? theory ?? standard : standard
        var perMille: Int64 = 0
        for (band, portion) in tiers.value.portions(of: base.fen) {
            perMille += portion * band.gives
            run.note(
                TraceStep(
                    "portion", Bilingual("该段按比例计提", "This portion at its share"), .given,
                    value: .money(Money(fen: portion)), against: .number(band.gives, unit: Bilingual("‰", "‰")),
                    gives: .money(Money(fen: portion * band.gives / 1_000)), law: tiers.reference))
        }
        let cap = Money(fen: perMille / 1_000)
        run.note(
            TraceStep(
                "base", Bilingual("合计上限", "Ceiling in all"), .given, value: .money(base), gives: .money(cap),
                law: tiers.reference))
        return IndirectCostOutcome(cap: cap)
    }
}
