public import Kernel
public import Store

/// The stations in the life of public money. Money leaves a source once and then lies in exactly one station.
public enum AccountKind: String, Codable, Sendable, CaseIterable, SQLConvertible {
    /// Where money comes from: municipal, provincial, national, another funder. Below zero by all that it gave.
    case source
    /// What the council granted for a year, by source (部门预算).
    case appropriation
    /// A programme's budget of a year.
    case budget
    /// Set aside for a call.
    case reserve
    /// Promised to a project by an award.
    case commitment
    /// Owed under a signed contract.
    case contract
    /// Ordered for payment, not yet paid.
    case order
    /// In the awardee's hands, not yet accounted for.
    case paid
    /// Spent by the awardee under a cost heading.
    case spent
    /// Left over and kept by the awardee, as the rules allow.
    case surplus
    /// Paid back.
    case returned
    /// Given up by decision.
    case writtenOff = "written-off"
    /// Not used within its year and given back.
    case lapsed

    /// What the parts of an account's name say, in order.
    public var parts: [AccountPart] {
        switch self {
        case .source, .appropriation, .lapsed: [.source, .year]
        case .budget: [.programme, .year]
        case .reserve: [.programme, .year, .call]
        case .commitment, .contract, .order, .paid, .surplus, .returned, .writtenOff: [.programme, .year, .project]
        case .spent: [.programme, .year, .project, .heading]
        }
    }

    /// Whether the account may not go below zero, reservations counted as gone. Only a source may.
    public var hasFloor: Bool { self != .source }

    public var name: Bilingual {
        switch self {
        case .source: Bilingual("资金来源", "Source")
        case .appropriation: Bilingual("年度预算批复", "Appropriation")
        case .budget: Bilingual("专项预算", "Programme budget")
        case .reserve: Bilingual("批次预留", "Call reserve")
        case .commitment: Bilingual("立项承诺", "Commitment")
        case .contract: Bilingual("合同应付", "Contract")
        case .order: Bilingual("拨款单在途", "Tranche order")
        case .paid: Bilingual("已拨付", "Paid")
        case .spent: Bilingual("已支出", "Spent")
        case .surplus: Bilingual("结余留用", "Surplus kept")
        case .returned: Bilingual("已退回", "Returned")
        case .writtenOff: Bilingual("核销", "Written off")
        case .lapsed: Bilingual("年末收回", "Lapsed")
        }
    }
}

/// What one part of an account's name says.
public enum AccountPart: String, Codable, Sendable, CaseIterable {
    case source, programme, year, call, project, heading
}
