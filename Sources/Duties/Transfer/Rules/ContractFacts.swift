public import Kernel

/// 技术合同的类型: kinds of technology contract, 民法典 843–887.
public enum ContractKind: String, FactChoice {
    case development, transfer, licence, consulting, service
    /// 承揽 or construction: no technology contract, though often sent in as one.
    case other

    public var title: Bilingual {
        switch self {
        case .development: Bilingual("技术开发", "Development")
        case .transfer: Bilingual("技术转让", "Transfer")
        case .licence: Bilingual("技术许可", "Licence")
        case .consulting: Bilingual("技术咨询", "Consulting")
        case .service: Bilingual("技术服务", "Service")
        case .other: Bilingual("承揽、建设工程等其他合同", "Work, construction or another contract")
        }
    }
}

/// 技术成果载体: what carries the technology that is handed over. The 2001 rule has a measure of quantity for each.
public enum CarrierKind: String, FactChoice {
    case none, documents, software, hardware, sets

    public var title: Bilingual {
        switch self {
        case .none: Bilingual("无载体", "No carrier")
        case .documents: Bilingual("技术文件", "Documents")
        case .software: Bilingual("软件或生物材料", "Software or biological material")
        case .hardware: Bilingual("硬件", "Hardware")
        case .sets: Bilingual("成套设备", "Complete sets of equipment")
        }
    }

    /// The reasonable quantity in words.
    var measure: Bilingual {
        switch self {
        case .none: Bilingual("无载体", "No carrier")
        case .documents: Bilingual("技术文件以归档所需份数为合理数量", "Documents: the copies that filing needs are reasonable")
        case .software:
            Bilingual("软件和生物载体以所需数量为合理数量", "Software and biological carriers: the amount needed is reasonable")
        case .hardware:
            Bilingual(
                "硬件载体以试验、掌握技术所需数量为合理数量", "Hardware: what testing and mastering the technology needs is reasonable")
        case .sets: Bilingual("成套设备一般以一至二套为合理数量", "Complete sets: one or two are reasonable as a rule")
        }
    }
}

/// What the amounts of a contract depend on. Costs that are not named count as not there once the total is known.
public struct ContractFacts: RuleFacts {
    /// 合同成交额: the total of the contract.
    public var total: Money?
    public var equipment: Money?
    public var instruments: Money?
    public var parts: Money?
    public var materials: Money?
    public var other: Money?
    public var carrier: CarrierKind?
    /// Direct cost of the carriers inside the total.
    public var carrierCost: Money?
    public var carriers: Int?
    /// How many are needed for filing, use, testing or mastery.
    public var carriersNeeded: Int?
    /// 技术性收入: what the seller has of the technical amount after what it pays on to others.
    public var passedOn: Money?
    /// Parties or registrar disagree on kind or amount.
    public var disputed: Bool?

    public init() {}

    public static let fields: [FactField<ContractFacts>] = [
        .money("total", Bilingual("合同成交额（元）", "Total of the contract, in RMB"), \.total),
        .money("equipment", Bilingual("其中设备费（元）", "Equipment inside it, in RMB"), \.equipment),
        .money("instruments", Bilingual("其中仪器费（元）", "Instruments inside it, in RMB"), \.instruments),
        .money("parts", Bilingual("其中零部件费（元）", "Parts inside it, in RMB"), \.parts),
        .money("materials", Bilingual("其中原材料费（元）", "Raw materials inside it, in RMB"), \.materials),
        .money("other", Bilingual("其中其他非技术性费用（元）", "Other costs that are not technical, in RMB"), \.other),
        .choice("carrier", Bilingual("技术成果载体", "What carries the technology"), \.carrier),
        .money("carrierCost", Bilingual("载体直接成本（元）", "Direct cost of the carriers, in RMB"), \.carrierCost),
        .number("carriers", Bilingual("载体数量", "Number of carriers"), \.carriers),
        .number(
            "carriersNeeded", Bilingual("归档、使用、试验或掌握技术所需数量", "Number that filing, use, testing or mastery needs"),
            \.carriersNeeded),
        .money(
            "passedOn", Bilingual("转付第三方的技术交易额（元）", "Technical amount that is passed on to others, in RMB"), \.passedOn),
        .yesNo("disputed", Bilingual("类型或金额有争议", "Kind or amount is disputed"), \.disputed),
    ]

    public static func sample(_ random: inout SeededRandom) -> ContractFacts {
        var facts = ContractFacts()
        let total = Int64.random(in: 1_000_000...3_000_000_000, using: &random)
        facts.total = Money(fen: total)
        facts.equipment = Money(fen: total / Int64.random(in: 4...40, using: &random))
        facts.carrier = CarrierKind.allCases.randomElement(using: &random)
        facts.carrierCost = Money(fen: total / 20)
        facts.carriers = Int.random(in: 1...6, using: &random)
        facts.carriersNeeded = Int.random(in: 1...6, using: &random)
        facts.disputed = Int.random(in: 0..<20, using: &random) == 0
        return facts
    }

    /// The exclusions with their words, in the order of the form.
    var costs: [(key: String, what: Bilingual, amount: Money?)] {
        [
            ("equipment", Bilingual("设备费", "Equipment"), equipment),
            ("instruments", Bilingual("仪器费", "Instruments"), instruments),
            ("parts", Bilingual("零部件费", "Parts"), parts),
            ("materials", Bilingual("原材料费", "Raw materials"), materials),
            ("other", Bilingual("其他非技术性费用", "Other costs that are not technical"), other),
        ]
    }
}
