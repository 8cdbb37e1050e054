public import Kernel

/// The three amounts of a contract (成交额, 技术交易额, 技术性收入), and whether experts are asked within which days.
public struct ContractAmounts: RuleOutcome {
    public var total: Money?
    public var technical: Money?
    public var income: Money?
    /// Nil where the technical amount or the threshold of the regime is not known.
    public var needsExperts: Bool?
    public var days: Int64?
    /// 2000 or 2026: the measure that holds on the day.
    public let regime: Int

    public var json: JSONValue {
        func fen(_ money: Money?) -> JSONValue { money.map { .integer($0.fen) } ?? .null }
        return [
            "total": fen(total), "technical": fen(technical), "income": fen(income),
            "needsExperts": needsExperts.map { .bool($0) } ?? .null, "days": days.map { .integer($0) } ?? .null,
            "regime": .integer(Int64(regime)),
        ]
    }
    public var summary: String { technical == nil ? "?" : needsExperts == true ? "experts" : "plain" }
    public var words: Bilingual {
        guard let technical, let total else {
            return Bilingual("资料不足或扣除额超过成交额", "Facts are missing, or more is taken off than there is")
        }
        let check = needsExperts == true ? Bilingual("，须专家评议", "; experts are asked") : Bilingual("", "")
        return Bilingual(
            "成交额 \(total.text(.chinese))，技术交易额 \(technical.text(.chinese))\(check.zh)",
            "Total \(total.text(.english)), technical amount \(technical.text(.english))\(check.en)")
    }
}

/// 技术交易额 = 成交额 less equipment, instruments, parts, raw materials and carriers beyond a reasonable quantity.
///
/// 技术合同认定规则 国科发政字〔2001〕253号 until 28 February 2026, then the rules annexed to the measure of 2026, whose
/// threshold for experts and days are known from its draft only.
public struct ContractAmountRule: Rule {
    public static let id = "transfer.contract-amount"
    public static let version = 1
    public static let title = Bilingual("技术合同金额认定", "Amounts of a technology contract")
    public static let parameters = [
        "transfer.contract.days-2000", "transfer.contract.days", "transfer.contract.expert-days",
        "transfer.contract.expert-from", "transfer.contract.complete-sets",
    ]
    public static let conditions = ["within-total", "reasonable", "experts"]

    let days: Legal<Int64>
    let expertDays: Legal<Int64>?
    let expertFrom: Legal<Money>?
    let sets: Legal<Int64>
    let regime: Int

    public init(_ law: Law) throws(RuleBookError) {
        let isOld = (try? law.number("transfer.contract.days-2000")) != nil
        regime = isOld ? 2000 : 2026
        days = try law.number(isOld ? "transfer.contract.days-2000" : "transfer.contract.days")
        expertDays = try? law.number("transfer.contract.expert-days")
        expertFrom = try? law.money("transfer.contract.expert-from")
        sets = try law.number("transfer.contract.complete-sets")
    }

    public func decide(_ facts: ContractFacts, _ run: inout RuleRun) -> ContractAmounts {
        var amounts = ContractAmounts(regime: regime)
        amounts.total = facts.total
        guard let total = facts.total, let carriers = excess(facts, &run) else {
            if facts.total == nil { run.misses("total") }
            return amounts
        }
        for cost in facts.costs {
            guard let amount = cost.amount, amount > .zero else { continue }
            run.note(
                TraceStep(
                    cost.key,
                    Bilingual("扣除\(cost.what.zh)", "Taken off: \(cost.what.en)"), .given, value: .money(amount),
                    law: sets.reference))
        }
        let excluded = Money.sum(facts.costs.compactMap(\.amount)) + carriers
        run.note(
            TraceStep(
                "within-total", Bilingual("扣除额不超过成交额", "No more is taken off than the total"),
                excluded <= total ? .met : .unmet, value: .money(excluded), against: .money(total)))
        guard excluded <= total else { return amounts }
        let technical = total - excluded
        amounts.technical = technical
        run.note(
            TraceStep("technical", Bilingual("技术交易额", "Technical amount"), .given, gives: .money(technical)))
        amounts.income = income(technical, facts.passedOn, &run)
        (amounts.needsExperts, amounts.days) = check(technical, facts.disputed ?? false, &run)
        return amounts
    }

    /// What the carriers cost beyond their reasonable quantity; nil where it cannot be said.
    private func excess(_ facts: ContractFacts, _ run: inout RuleRun) -> Money? {
        guard let carrier = facts.carrier, carrier != .none else { return .zero }
        guard let cost = facts.carrierCost, let count = facts.carriers, count > 0 else {
            if facts.carrierCost == nil { run.misses("carrierCost") }
            if facts.carriers ?? 0 == 0 { run.misses("carriers") }
            return nil
        }
        let allowed: Int64
        if carrier == .sets {
            allowed = sets.value
        } else {
            guard let needed = facts.carriersNeeded else {
                run.misses("carriersNeeded")
                return nil
            }
            allowed = Int64(needed)
        }
        let over = max(0, Int64(count) - allowed)
        let excess = Money(fen: Self.share(cost.fen, over, of: Int64(count)))
        run.note(
            TraceStep(
                "reasonable", carrier.measure, over == 0 ? .met : .unmet,
                value: .number(Int64(count), unit: Bilingual("", "")),
                against: .number(allowed, unit: Bilingual("", "")), gives: .money(excess), law: sets.reference))
        return excess
    }

    /// A part of an amount in proportion, rounded down to the fen, without overflow.
    private static func share(_ fen: Int64, _ part: Int64, of whole: Int64) -> Int64 {
        fen / whole * part + fen % whole * part / whole
    }

    private func income(_ technical: Money, _ passedOn: Money?, _ run: inout RuleRun) -> Money {
        let left = Money(fen: max(0, technical.fen - (passedOn?.fen ?? 0)))
        run.note(
            TraceStep(
                "income", Bilingual("技术性收入 = 技术交易额 − 转付第三方", "Technical income: less what is passed on"), .given,
                value: passedOn.map(FactValue.money), gives: .money(left)))
        return left
    }

    private func check(_ technical: Money, _ disputed: Bool, _ run: inout RuleRun) -> (Bool?, Int64) {
        let unit = regime == 2000 ? Bilingual("日", "calendar days") : Bilingual("个工作日", "working days")
        guard let expertFrom, let expertDays else {
            run.note(
                TraceStep(
                    "days", Bilingual("认定登记期限", "Time to register"), .given,
                    gives: .number(days.value, unit: unit), law: days.reference))
            return (nil, days.value)
        }
        let needed = technical >= expertFrom.value || disputed
        run.note(
            TraceStep(
                "experts", Bilingual("金额达到限额或有争议，须专家评议", "At the threshold or disputed: experts are asked"),
                needed ? .met : .unmet, value: .money(technical), against: .money(expertFrom.value),
                law: expertFrom.reference,
                steps: disputed ? [TraceStep("disputed", Bilingual("有争议", "Disputed"), .met)] : []))
        let time = needed ? expertDays : days
        run.note(
            TraceStep(
                "days", Bilingual("认定登记期限", "Time to register"), .given, gives: .number(time.value, unit: unit),
                law: time.reference))
        return (needed, time.value)
    }
}
