public import Kernel

/// What decides whether a contract can be registered, and here.
public struct ContractGateFacts: RuleFacts {
    public var kind: ContractKind?
    public var written: Bool?
    /// Whether the seller sends it in.
    public var filedBySeller: Bool?
    /// The seller is abroad: the domestic buyer sends it in.
    public var imported: Bool?
    /// Whether who sends it in has its seat in the city.
    public var seatHere: Bool?
    public var validUntil: Day?
    public var registeredElsewhere: Bool?

    public init() {}

    public static let fields: [FactField<ContractGateFacts>] = [
        .choice("kind", Bilingual("合同类型", "Kind of contract"), \.kind),
        .yesNo("written", Bilingual("采用书面形式", "It is in writing"), \.written),
        .yesNo("filedBySeller", Bilingual("由卖方申请", "The seller sends it in"), \.filedBySeller),
        .yesNo("imported", Bilingual("卖方在境外", "The seller is abroad"), \.imported),
        .yesNo("seatHere", Bilingual("申请人在本市", "Who sends it in has its seat here"), \.seatHere),
        .day("validUntil", Bilingual("合同有效期至", "The contract is valid until"), \.validUntil),
        .yesNo(
            "registeredElsewhere", Bilingual("已在其他登记机构登记", "Another registrar has it already"), \.registeredElsewhere),
    ]

    public static func sample(_ random: inout SeededRandom) -> ContractGateFacts {
        var facts = ContractGateFacts()
        facts.kind = ContractKind.allCases.randomElement(using: &random)
        facts.written = Int.random(in: 0..<20, using: &random) > 0
        facts.imported = Int.random(in: 0..<10, using: &random) == 0
        facts.filedBySeller = Int.random(in: 0..<10, using: &random) > 0
        facts.seatHere = Int.random(in: 0..<10, using: &random) > 0
        facts.validUntil = Day(number: 20_500 + Int.random(in: -100...1_500, using: &random))
        facts.registeredElsewhere = Int.random(in: 0..<20, using: &random) == 0
        return facts
    }
}

/// Whether a contract can be registered.
public struct ContractGateOutcome: RuleOutcome {
    /// Nil while something is unknown that could change it.
    public let registrable: Bool?
    /// Keys of the conditions that are not met.
    public let failed: [String]

    public var json: JSONValue {
        [
            "registrable": registrable.map { .bool($0) } ?? .null,
            "failed": .array(failed.map { .string($0) }),
        ]
    }
    public var summary: String { registrable.map { $0 ? "yes" : "no" } ?? "?" }
    public var words: Bilingual {
        switch registrable {
        case true: Bilingual("可以认定登记", "It can be registered")
        case false: Bilingual("不予登记", "It cannot be registered")
        default: Bilingual("资料不足", "Facts are missing")
        }
    }
}

/// 技术合同认定登记的条件. Since 2000: in writing, a technology contract, registered once. Since the measure of 2026 also:
/// sent in by the seller at its seat, or by the domestic buyer of an import, while the contract is valid.
public struct ContractGateRule: Rule {
    public static let id = "transfer.contract-gate"
    public static let version = 1
    public static let title = Bilingual("技术合同登记条件", "Conditions of registering a contract")
    public static let parameters = [
        "transfer.contract.kinds", "transfer.contract.written-kinds", "transfer.contract.days",
        "transfer.contract.days-2000",
    ]
    public static let conditions = ["kind", "written", "once", "side", "seat", "validity"]

    let kinds: Legal<[String]>
    let writtenKinds: Legal<[String]>?
    let measure: Legal<Int64>
    let isOld: Bool
    let day: Day

    public init(_ law: Law) throws(RuleBookError) {
        kinds = try law.codes("transfer.contract.kinds")
        writtenKinds = try? law.codes("transfer.contract.written-kinds")
        isOld = (try? law.number("transfer.contract.days-2000")) != nil
        measure = try law.number(isOld ? "transfer.contract.days-2000" : "transfer.contract.days")
        day = law.day
    }

    public func decide(_ facts: ContractGateFacts, _ run: inout RuleRun) -> ContractGateOutcome {
        var verdicts: [(key: String, holds: Bool?)] = []
        func look(
            _ key: String, _ fact: String, _ what: Bilingual, _ holds: Bool?, _ value: FactValue?, _ law: LawReference
        ) {
            if holds == nil { run.misses(fact) }
            run.note(TraceStep(key, what, holds.map { $0 ? .met : .unmet } ?? .unknown, value: value, law: law))
            verdicts.append((key, holds))
        }
        look(
            "kind", "kind", Bilingual("属于可登记的技术合同", "It is a technology contract that can be registered"),
            facts.kind.map { kinds.value.contains($0.rawValue) }, facts.kind?.fact, kinds.reference)
        let form = facts.kind.flatMap { kind in
            writtenKinds.flatMap { $0.value.contains(kind.rawValue) ? $0.reference : nil }
        }
        look(
            "written", "written", Bilingual("采用书面形式；口头合同不予受理", "In writing; oral contracts are not taken"),
            facts.written,
            facts.written.map(FactValue.yesNo), form ?? measure.reference)
        look(
            "once", "registeredElsewhere", Bilingual("一项合同只登记一次", "A contract is registered once"),
            facts.registeredElsewhere.map { !$0 }, facts.registeredElsewhere.map(FactValue.yesNo), measure.reference)
        if !isOld {
            let side = facts.imported.flatMap { imported in facts.filedBySeller.map { $0 != imported } }
            look(
                "side", facts.imported == nil ? "imported" : "filedBySeller",
                Bilingual("由卖方申请；卖方在境外的由境内买方申请", "Sent in by the seller, or by the domestic buyer of an import"), side,
                facts.filedBySeller.map(FactValue.yesNo), measure.reference)
            look(
                "seat", "seatHere", Bilingual("在申请人所在地登记", "Registered at the seat of who sends it in"), facts.seatHere,
                facts.seatHere.map(FactValue.yesNo), measure.reference)
            look(
                "validity", "validUntil", Bilingual("在合同有效期内申请", "Sent in while it is valid"),
                facts.validUntil.map { $0 >= day }, facts.validUntil.map(FactValue.day), measure.reference)
        }
        let failed = verdicts.filter { $0.holds == false }.map(\.key)
        let isOpen = verdicts.contains { $0.holds == nil }
        return ContractGateOutcome(registrable: failed.isEmpty ? (isOpen ? nil : true) : false, failed: failed)
    }
}
