import Kernel
import Store

/// Guards and effects of the market, of finance and of reports.
struct MarketHooks: Sendable {
    let city: Jurisdiction

    /// Most entries of one side of the market that are compared.
    static let most = 500

    func register(in hooks: inout ProcedureHooks) {
        hooks.effects["transfer.suggest"] = { context, tx in try suggest(context, tx) }
        hooks.effects["transfer.deal"] = { context, tx in try deal(context, tx) }
        hooks.effects["transfer.deal-outcome"] = { context, tx in try outcome(context, tx) }
        hooks.effects["transfer.tell-owner"] = { context, tx in try tellOwner(context, tx) }
        hooks.guards["transfer.financier-fits"] = { context, tx in try financier(context, tx) }
        for definition in city.procedures where definition.duty == "transfer" {
            guard hooks.letterValues[definition.id] == nil else { continue }
            hooks.letterValues[definition.id] = { context, _ in Self.values(context) }
        }
    }

    /// What every notice of the room says.
    static func values(_ context: ActionContext) -> [String: Bilingual] {
        func same(_ name: String) -> Bilingual {
            let text = context.answers[name]?.string ?? ""
            return Bilingual(text, text)
        }
        return [
            "case": Bilingual(context.file.number, context.file.number), "title": context.file.title,
            "action": context.action.title, "reason": same("reason"), "defects": same("defects"),
            "day": context.day.bilingual,
        ]
    }

    /// The other side of the market.
    static func opposite(_ register: String) -> String {
        register == "transfer.results" ? "transfer.needs" : "transfer.results"
    }

    /// Tells whoever published something what fits it, and whoever published what fits best.
    private func suggest(_ context: ActionContext, _ tx: Tx) throws {
        let register = context.argument ?? ""
        let open = RegisterFilter(state: "open")
        guard let own = try RegisterStore.entries(of: context.file.id, tx).last else { return }
        let others = try RegisterStore.list(Self.opposite(register), open, limit: Self.most, tx)
        let mine = try RegisterStore.list(register, open, limit: Self.most, tx)
        let text = MarketText(own)
        let texts = others.map(MarketText.init)
        let matches = MarketMatcher(texts + mine.map(MarketText.init)).suggest(text, among: texts, limit: 3)
        guard let account = context.file.applicant, !matches.isEmpty else { return }
        let zh = matches.map { "\($0.name)（\($0.terms.prefix(3).joined(separator: "、"))）" }.joined(separator: "；")
        let en = matches.map {
            "\($0.nameEn.isEmpty ? $0.name : $0.nameEn) (\($0.terms.prefix(3).joined(separator: ", ")))"
        }.joined(separator: "; ")
        try Messages.tell(
            account, Bilingual("为「\(own.name)」找到 \(matches.count) 个匹配", "What fits \(own.name): \(matches.count)"),
            Bilingual(zh, en), at: "/transfer/market/\(own.number)", now: context.now, tx)
    }

    private func register(_ context: ActionContext) throws -> String {
        try context.procedures.definition(of: context.file).filing?.about ?? ""
    }

    /// Whom the entry belongs to is told who is interested.
    private func tellOwner(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        let number = values[RegisterHooks.entryField]?.string ?? ""
        guard let entry = try RegisterStore.find(try register(context), number, tx),
            let owner = try entry.caseID.flatMap({ try CaseStore.find($0, tx) })?.applicant
        else { return }
        let partner = values["partner"]?.string ?? ""
        // A message is kept for good and mailed on; how the partner is reached lies sealed in the case.
        try Messages.tell(
            owner, Bilingual("「\(entry.name)」有意向方", "Somebody is interested in \(entry.name)"),
            Bilingual(
                "\(partner)。登录后在该成果或需求的页面查看联系方式。",
                "\(partner). Sign in: the page of the offer or need says how to reach them."),
            at: "/transfer/market/\(entry.number)", now: context.now, tx)
    }

    private func act(_ context: ActionContext) -> RegisterAct {
        RegisterAct(context)
    }

    /// Keeps an introduction in the register of deals.
    private func deal(_ context: ActionContext, _ tx: Tx) throws {
        let definition = try city.registers.require("transfer.deals")
        let values = try CaseValues.all(of: context.file.id, tx).over(by: ["outcome": "talks"])
        try RegisterStore.add(
            definition, values, id: ID(UUIDv7.make(at: context.now)), organisation: context.file.organisation,
            act(context), tx)
    }

    /// What came of it; a deal that was signed takes its entry off the market.
    private func outcome(_ context: ActionContext, _ tx: Tx) throws {
        let definition = try city.registers.require("transfer.deals")
        let state = context.argument ?? ""
        let values = try CaseValues.all(of: context.file.id, tx).over(by: ["outcome": .string(state)])
        for entry in try RegisterStore.entries(of: context.file.id, tx) where entry.register == definition.id {
            let changed = try RegisterStore.change(entry, of: definition, values, act(context), tx)
            try RegisterStore.setState(changed, of: definition, state, act(context), tx)
        }
        guard state == "signed" else { return }
        try ContractDealings.keep(
            signed: context.file, in: try register(context), context.answers, on: context.day, city.rules,
            on: context.day, tx)
    }

    /// An institution is proposed only where every condition holds.
    private func financier(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let number = context.answers["financier"]?.string ?? ""
        guard let found = try RegisterStore.find("transfer.financiers", number, tx) else {
            return [
                ContractCheck.problem(
                    "financier", "finance.unknown", "名册中没有编号 \(number)", "The register has no number \(number)")
            ]
        }
        let match = FinanceMatch(need: try CaseValues.all(of: context.file.id, tx), institution: found)
        return match.reasons.filter { !$0.holds }.map { reason in
            FieldProblem(
                field: "financier", code: "finance.misfit",
                message: Bilingual("不符合：\(reason.text.zh)", "It does not fit: \(reason.text.en)"))
        }
    }
}
