import Kernel
import Store

/// Guards, effects and letters of the registration of contracts.
struct ContractHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["transfer.contract-sound"] = { context, tx in try check(context, tx).problems() }
        hooks.guards["transfer.contract-new"] = { context, tx in try doubles(context, tx) }
        hooks.guards["transfer.likeness-explained"] = { context, tx in try unexplained(context, tx) }
        hooks.guards["transfer.amount-explained"] = { context, tx in try amount(context, tx) }
        hooks.guards["transfer.own-contract"] = { context, tx in try own(context, tx) }
        hooks.effects["transfer.contract-filed"] = { context, tx in try filed(context, tx) }
        hooks.effects["transfer.contract-disputed"] = { context, tx in
            try CaseValues.set(context.file.id, "needs-experts", "yes", tx)
        }
        hooks.effects["transfer.contract-recognised"] = { context, tx in try recognised(context, tx) }
        hooks.effects["transfer.contract-registered"] = { context, tx in try registered(context, tx) }
        hooks.effects["transfer.contract-state"] = { context, tx in
            guard let state = context.argument.flatMap(Contract.State.init(rawValue:)) else { return }
            guard var item = try ContractStore.find(case: context.file.id, tx) else { return }
            item.state = state
            try ContractStore.save(item, tx)
        }
        hooks.effects["transfer.contract-changed"] = { context, tx in try changed(context, tx) }
        hooks.effects["transfer.contract-cancelled"] = { context, tx in
            guard var item = try about(context, tx) else { return }
            item.state = .cancelled
            try ContractStore.save(item, tx)
            try ContractDealings.keep(item, city.rules, on: context.day, tx)
        }
        hooks.letterValues["transfer.contract"] = { context, tx in
            letter(try ContractStore.find(case: context.file.id, tx), context)
        }
        for procedure in ["transfer.contract-change", "transfer.contract-cancellation"] {
            hooks.letterValues[procedure] = { context, tx in letter(try about(context, tx), context) }
        }
    }

    private func check(_ context: ActionContext, _ tx: Tx) throws -> ContractCheck {
        var content = try CaseValues.all(of: context.file.id, tx)
        if let item = try about(context, tx) { content = item.content.over(by: content) }
        return ContractCheck(content: content, law: city.rules.law(on: context.day), city: city)
    }

    /// The registered contract that a change or cancellation is about.
    private func about(_ context: ActionContext, _ tx: Tx) throws -> Contract? {
        guard try context.procedures.definition(of: context.file).filing?.about == "transfer.contracts" else {
            return nil
        }
        let values = try CaseValues.all(of: context.file.id, tx)
        return try ContractStore.find(entry: values[RegisterHooks.entryField]?.string ?? "", tx)
    }

    /// The same contract anywhere else keeps it from being filed.
    private func doubles(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let content = try check(context, tx).content
        let item = Contract(
            id: "", caseID: nil, organisation: nil, state: .filed, content, at: context.now)
        let own = try ContractStore.find(case: context.file.id, tx)?.id
        return try ContractStore.alike(item.marks, except: own, tx).filter { $0.likeness == .same }.map { found in
            let number = found.1.number ?? "—"
            return FieldProblem(
                field: "name", code: "contract.double",
                message: Bilingual(
                    "同一合同已由登记机构 \(found.1.registrar) 受理或登记（登记号 \(number)）：双方、项目和金额相同",
                    "Registrar \(found.1.registrar) has this contract already (number \(number)): the same parties, subject and total"
                ))
        }
    }

    /// A contract that looks like another is recognised only with a reason.
    private func unexplained(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let item = try ContractStore.find(case: context.file.id, tx) else { return [] }
        let alike = try ContractStore.alike(item.marks, except: item.id, tx)
        guard !alike.isEmpty, context.answers["likeness-reason"]?.string ?? "" == "" else { return [] }
        return [
            ContractCheck.problem(
                "likeness-reason", "contract.likeness", "与 \(alike.count) 份合同相近，请说明为何不是重复登记",
                "It looks like \(counted(alike.count, "other contract")); say why it is none of them")
        ]
    }

    /// The technical amount of the registrar lies within the total, and is explained where it is not that of the rule.
    private func amount(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let item = try ContractStore.find(case: context.file.id, tx),
            let typed = context.answers["recognised"]?.integer
        else { return [] }
        if typed > item.total.fen || typed < 0 {
            return [
                ContractCheck.problem(
                    "recognised", "contract.above", "认定的技术交易额应在零和成交额之间",
                    "The technical amount lies between nothing and the total")
            ]
        }
        guard typed != item.technical.fen, context.answers["amount-reason"]?.string ?? "" == "" else { return [] }
        return [
            ContractCheck.problem(
                "amount-reason", "contract.reason", "认定金额与计算结果不同，请说明理由",
                "The amount is not the one worked out; give the reason")
        ]
    }

    /// Only the organisation that registered a contract changes or cancels it.
    private func own(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let item = try about(context, tx), item.state == .registered else {
            return [ContractCheck.problem("", "contract.none", "没有这份已登记的合同", "There is no such registered contract")]
        }
        return item.organisation == context.file.organisation
            ? [] : [ContractCheck.problem("", "contract.foreign", "只能由原登记申请单位办理", "Only who registered it may do this")]
    }
}

// MARK: Effects

extension ContractHooks {
    private func filed(_ context: ActionContext, _ tx: Tx) throws {
        let check = try check(context, tx)
        let (amounts, ruling) = try check.amounts()
        let id = context.file.id
        for made in [try check.gate().ruling, ruling] {
            try RulingStore.keep(made, of: id, by: context.actor, at: context.now, tx)
        }
        try CaseValues.set(id, "technical", .integer(amounts.technical?.fen ?? 0), tx)
        try CaseValues.set(id, "income", .integer(amounts.income?.fen ?? 0), tx)
        try CaseValues.set(id, "regime", .string(String(amounts.regime)), tx)
        try CaseValues.set(id, "needs-experts", amounts.needsExperts == true ? "yes" : "no", tx)
        let known = try ContractStore.find(case: id, tx)
        var item = Contract(
            id: known?.id ?? UUIDv7.make(at: context.now), caseID: id, organisation: context.file.organisation,
            state: .filed, check.content, at: known?.createdAt ?? context.now)
        item.technical = amounts.technical ?? .zero
        item.income = amounts.income ?? .zero
        try ContractStore.save(item, tx)
    }

    private func recognised(_ context: ActionContext, _ tx: Tx) throws {
        guard var item = try ContractStore.find(case: context.file.id, tx),
            let technical = context.answers["recognised"]?.integer.map(Money.init(fen:))
        else { return }
        let passedOn = Money(fen: max(0, item.technical.fen - item.income.fen))
        item.technical = technical
        item.income = Money(fen: max(0, technical.fen - passedOn.fen))
        try ContractStore.save(item, tx)
        try CaseValues.set(context.file.id, "technical", .integer(item.technical.fen), tx)
        try CaseValues.set(context.file.id, "income", .integer(item.income.fen), tx)
    }

    private func registered(_ context: ActionContext, _ tx: Tx) throws {
        guard var item = try ContractStore.find(case: context.file.id, tx) else { return }
        let values = try CaseValues.own(of: context.file.id, tx)
        item.state = .registered
        item.number = values[RegisterHooks.entryField]?.string
        item.registeredOn = context.day
        item.checkCode = try Letters.checkCode()
        try ContractStore.save(item, tx)
        try ContractDealings.keep(item, city.rules, on: context.day, tx)
    }

    private func changed(_ context: ActionContext, _ tx: Tx) throws {
        guard var item = try about(context, tx) else { return }
        let check = try check(context, tx)
        let (amounts, ruling) = try check.amounts()
        try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
        let new = Contract(
            id: item.id, caseID: item.caseID, organisation: item.organisation, state: .registered, check.content,
            at: item.createdAt)
        (item.name, item.total, item.content) = (new.name, new.total, check.content)
        item.technical = amounts.technical ?? item.technical
        item.income = amounts.income ?? item.income
        // A changed contract has a new code: the old certificate is no longer confirmed.
        item.checkCode = try Letters.checkCode()
        try ContractStore.save(item, tx)
        try ContractDealings.keep(item, city.rules, on: context.day, tx)
        try CaseValues.set(context.file.id, "technical", .integer(item.technical.fen), tx)
        try CaseValues.set(context.file.id, "income", .integer(item.income.fen), tx)
    }

    private func letter(_ item: Contract?, _ context: ActionContext) -> [String: Bilingual] {
        func same(_ text: String) -> Bilingual { Bilingual(text, text) }
        var values = MarketHooks.values(context)
        guard let item else { return values }
        values["number"] = same(item.number ?? "—")
        values["name"] = same(item.name)
        values["kind"] = item.kind.title
        values["seller"] = same(item.seller)
        values["buyer"] = same(item.buyer)
        values["total"] = item.total.bilingual
        values["technical"] = item.technical.bilingual
        values["income"] = item.income.bilingual
        values["code"] = same(item.checkCode ?? "—")
        return values
    }
}

extension Money {
    /// With its unit in both languages.
    var bilingual: Bilingual { Bilingual(text(.chinese), text(.english)) }
}

extension Day {
    /// In both languages.
    var bilingual: Bilingual { Bilingual(text(.chinese), text(.english)) }
}

extension JSONValue {
    /// The same object with the members of another that are not null laid over it.
    func over(by other: JSONValue) -> JSONValue {
        var members = object ?? [:]
        for (name, value) in other.object ?? [:] where value != .null { members[name] = value }
        return .object(members)
    }
}
