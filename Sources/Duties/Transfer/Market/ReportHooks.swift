import Kernel
import Store

/// Guards and effects of enrolments, of subsidies and of the yearly report of transformation.
struct ReportHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["transfer.consortium-mixed"] = { context, tx in
            Self.mixed(try CaseValues.all(of: context.file.id, tx))
        }
        hooks.guards["transfer.range"] = { context, tx in Self.range(try CaseValues.all(of: context.file.id, tx)) }
        hooks.guards["transfer.sums"] = { context, tx in Self.sums(try CaseValues.all(of: context.file.id, tx)) }
        hooks.guards["transfer.asked-within-paid"] = { context, tx in
            let values = try CaseValues.all(of: context.file.id, tx)
            return Self.within(
                values["asked"], values["paid"], "asked", "申请补贴不得超过已支付费用", "No more than was paid can be asked")
        }
        hooks.guards["transfer.within-asked"] = { context, tx in
            let asked = try CaseValues.all(of: context.file.id, tx)["asked"]
            let field = context.argument ?? ""
            return Self.within(
                context.answers[field], asked, field, "核定金额不得超过申请金额", "No more than was asked can be approved")
        }
        hooks.guards["transfer.rewards-lawful"] = { context, tx in
            try Self.rewards(try CaseValues.all(of: context.file.id, tx), city.rules.law(on: context.day)).problems
        }
        hooks.guards["transfer.prices-public"] = { context, tx in
            try Self.prices(
                try CaseValues.all(of: context.file.id, tx),
                city.rules.law(on: context.day).number("transfer.pricing.publicity"))
        }
        hooks.guards["transfer.report-once"] = { context, tx in try once(context, tx) }
        hooks.effects["transfer.rewards-kept"] = { context, tx in
            let law = city.rules.law(on: context.day)
            for ruling in try Self.rewards(try CaseValues.all(of: context.file.id, tx), law).rulings {
                try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
            }
        }
    }

    private static func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: code, message: Bilingual(zh, en))
    }

    /// A consortium joins enterprises with universities or institutes.
    static func mixed(_ values: JSONValue) -> [FieldProblem] {
        let kinds = Set((values["members"]?.array ?? []).compactMap { $0["kind"]?.string })
        var found: [FieldProblem] = []
        if !kinds.contains("enterprise") {
            found.append(
                problem("members", "consortium.enterprise", "成员中至少要有一家企业", "At least one member is an enterprise"))
        }
        if kinds.isDisjoint(with: ["university", "institute"]) {
            found.append(
                problem(
                    "members", "consortium.research", "成员中至少要有一所高等院校或科研机构",
                    "At least one member is a university or institute"))
        }
        return found + term(values)
    }

    private static func term(_ values: JSONValue) -> [FieldProblem] {
        guard let from = values["starts-on"]?.string.flatMap({ Day($0) }),
            let to = values["ends-on"]?.string.flatMap({ Day($0) }), to < from
        else { return [] }
        return [problem("ends-on", "term.order", "止期不能早于起期", "The end lies before the beginning")]
    }

    static func range(_ values: JSONValue) -> [FieldProblem] {
        guard let least = values["least"]?.integer, let most = values["most"]?.integer, most < least else { return [] }
        return [problem("most", "finance.range", "单笔上限不能小于下限", "The largest amount is below the smallest")]
    }

    static func sums(_ values: JSONValue) -> [FieldProblem] {
        within(values["own"], values["cost"], "own", "自筹不能超过总投入", "Own money is above the total") + term(values)
    }

    static func within(
        _ value: JSONValue?, _ most: JSONValue?, _ field: String, _ zh: String, _ en: String
    ) -> [FieldProblem] {
        guard let value = value?.integer, let most = most?.integer, value > most else { return [] }
        return [problem(field, "money.above", zh, en)]
    }

    /// The rewards of a year against the law: one ruling for each way in which results earned.
    static func rewards(_ values: JSONValue, _ law: Law) throws -> (rulings: [Ruling], problems: [FieldProblem]) {
        let rule = try RewardRule(law)
        let lines: [(way: RewardWay, base: String, reward: String)] = [
            (.transfer, "transfer-income", "transfer-reward"), (.equity, "equity-value", "equity-reward"),
            (.ownUse, "own-profit", "own-reward"),
        ]
        var (rulings, problems): ([Ruling], [FieldProblem]) = ([], [])
        for line in lines {
            guard let base = values[line.base]?.integer, base > 0 else { continue }
            let paid = values[line.reward]?.integer ?? 0
            var facts = RewardFacts()
            facts.way = line.way
            facts.base = Money(fen: base)
            facts.years = values["own-years"]?.integer.map(Int.init)
            facts.stateOwned = values["state-owned"]?.string == "yes"
            // The share as paid, in whole thousandths, so that nothing above the law's share falls below it.
            facts.agreed =
                paid >= base ? 1_000 : Int(base.dividingFullWidth(max(0, paid).multipliedFullWidth(by: 1_000)).quotient)
            let (outcome, ruling) = (rule.decide(facts), rule.ruling(facts, on: law.day))
            rulings.append(ruling)
            guard outcome.lawful == false || outcome.lawful == nil else { continue }
            let failed = ruling.trace.filter { $0.verdict == .unmet || $0.verdict == .unknown }
            problems += (failed.isEmpty ? ruling.trace.prefix(1) : failed[...]).map { step in
                FieldProblem(
                    field: step.key == "years" ? "own-years" : line.reward, code: "reward.\(step.key)",
                    message: Bilingual(step.sentence(.chinese), step.sentence(.english)), basis: step.law?.source.cited)
            }
            if outcome.lawful == nil {
                problems.append(
                    problem("own-years", "reward.years", "自行实施须填写提取年数", "Own use needs the years in which it is paid"))
            }
        }
        return (rulings, problems)
    }

    /// Agreed prices were public for the days of the rule, the first and the last day included.
    static func prices(_ values: JSONValue, _ least: Legal<Int64>) throws -> [FieldProblem] {
        (values["prices"]?.array ?? []).enumerated().compactMap { index, row in
            guard let from = row["public-from"]?.string.flatMap({ Day($0) }),
                let to = row["public-to"]?.string.flatMap({ Day($0) }),
                Int64(to.number - from.number + 1) < least.value
            else { return nil }
            return FieldProblem(
                field: "prices.\(index).public-to", code: "price.publicity",
                message: Bilingual(
                    "协议定价公示不少于 \(least.value) 日",
                    "An agreed price is public for at least \(counted(least.value, "day"))"),
                basis: least.reference.source.cited)
        }
    }

    /// One report a year and organisation.
    private func once(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let organisation = context.file.organisation else { return [] }
        let year = try CaseValues.all(of: context.file.id, tx)["year"]?.integer
        let known = try RegisterStore.entries(of: organisation, in: "transfer.annual-reports", tx)
        guard let double = known.first(where: { $0.content["year"]?.integer == year }) else { return [] }
        return [
            Self.problem(
                "year", "report.double", "该年度已报送（\(double.number)）", "This year was reported already (\(double.number))"
            )
        ]
    }
}
