public import Kernel

/// Which way technology crosses the border.
public enum TradeDirection: String, FactChoice {
    case `import`, export

    public var title: Bilingual {
        switch self {
        case .import: Bilingual("进口", "Import")
        case .export: Bilingual("出口", "Export")
        }
    }
}

/// 自由、限制、禁止: how the catalogues class a technology.
public enum TradeClass: String, FactChoice {
    case free, restricted, prohibited

    public var title: Bilingual {
        switch self {
        case .free: Bilingual("自由", "Free")
        case .restricted: Bilingual("限制", "Restricted")
        case .prohibited: Bilingual("禁止", "Prohibited")
        }
    }
}

/// What the days of a technology trade depend on.
public struct TechnologyTradeFacts: RuleFacts {
    public var direction: TradeDirection?
    public var grade: TradeClass?
    /// Application and contract are sent together.
    public var combined: Bool?

    public init() {}

    public static let fields: [FactField<TechnologyTradeFacts>] = [
        .choice("direction", Bilingual("进口或出口", "Import or export"), \.direction),
        .choice("class", Bilingual("目录类别", "Class in the catalogue"), \.grade),
        .yesNo("combined", Bilingual("申请与合同一并提交（进口）", "Application and contract together, for imports"), \.combined),
    ]

    public static func sample(_ random: inout SeededRandom) -> TechnologyTradeFacts {
        var facts = TechnologyTradeFacts()
        facts.direction = TradeDirection.allCases.randomElement(using: &random)
        facts.grade = TradeClass.allCases.randomElement(using: &random)
        facts.combined = Bool.random(using: &random)
        return facts
    }
}

/// What the authority has to do, in working days.
public struct TechnologyTradeOutcome: RuleOutcome {
    public var allowed: Bool?
    public var registrationDays: Int64?
    public var permitDays: Int64?
    public var contractDays: Int64?

    public var json: JSONValue {
        func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
        return [
            "allowed": allowed.map { .bool($0) } ?? .null, "registrationDays": number(registrationDays),
            "permitDays": number(permitDays), "contractDays": number(contractDays),
        ]
    }
    public var summary: String {
        allowed == false ? "prohibited" : registrationDays != nil ? "registered" : permitDays != nil ? "permit" : "?"
    }
    public var words: Bilingual {
        switch summary {
        case "prohibited": Bilingual("禁止进出口", "It may not cross the border")
        case "registered":
            Bilingual(
                "登记 \(registrationDays ?? 0) 个工作日", "Registered in \(counted(registrationDays ?? 0, "working day"))")
        case "permit":
            Bilingual(
                "须许可，\(permitDays ?? 0) 个工作日", "Needs a permit, decided in \(counted(permitDays ?? 0, "working day"))")
        default: Bilingual("资料不足", "Facts are missing")
        }
    }
}

/// 技术进出口管理条例: free technology is registered, restricted technology needs a permit and then its contract is looked
/// at, prohibited technology may not cross the border.
public struct TechnologyTradeRule: Rule {
    public static let id = "transfer.technology-trade"
    public static let version = 1
    public static let title = Bilingual("技术进出口期限", "Times of technology import and export")
    public static let parameters = ["transfer.trade."]
    public static let conditions = ["allowed", "free"]

    let registration: Legal<Int64>
    let importPermit: Legal<Int64>
    let importContract: Legal<Int64>
    let importCombined: Legal<Int64>
    let exportPermit: Legal<Int64>
    let exportContract: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        registration = try law.number("transfer.trade.free.registration-days")
        importPermit = try law.number("transfer.trade.import.permit-days")
        importContract = try law.number("transfer.trade.import.contract-days")
        importCombined = try law.number("transfer.trade.import.combined-days")
        exportPermit = try law.number("transfer.trade.export.permit-days")
        exportContract = try law.number("transfer.trade.export.contract-days")
    }

    public func decide(_ facts: TechnologyTradeFacts, _ run: inout RuleRun) -> TechnologyTradeOutcome {
        var outcome = TechnologyTradeOutcome()
        guard let grade = facts.grade else {
            run.misses("class")
            return outcome
        }
        let allowed = grade != .prohibited
        outcome.allowed = allowed
        run.note(
            TraceStep(
                "allowed", Bilingual("不属于禁止类", "Not prohibited"), allowed ? .met : .unmet, value: grade.fact,
                law: registration.reference))
        guard allowed else { return outcome }
        run.note(
            TraceStep(
                "free", Bilingual("属于自由类", "Free"), grade == .free ? .met : .unmet, value: grade.fact,
                law: registration.reference))
        func days(_ key: String, _ what: Bilingual, _ law: Legal<Int64>) -> Int64 {
            run.note(
                TraceStep(
                    key, what, .given, gives: .number(law.value, unit: Bilingual("个工作日", "working days")),
                    law: law.reference))
            return law.value
        }
        guard grade == .restricted else {
            outcome.registrationDays = days("registration", Bilingual("合同登记", "Registration"), registration)
            return outcome
        }
        guard let direction = facts.direction else {
            run.misses("direction")
            return outcome
        }
        if direction == .import, facts.combined == true {
            outcome.permitDays = days("permit", Bilingual("申请与合同一并审查", "Both decided together"), importCombined)
            return outcome
        }
        let (permit, contract) =
            direction == .import ? (importPermit, importContract) : (exportPermit, exportContract)
        outcome.permitDays = days("permit", Bilingual("申请审查", "The application"), permit)
        outcome.contractDays = days("contract", Bilingual("合同审查", "The contract"), contract)
        return outcome
    }
}
