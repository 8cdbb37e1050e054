import Kernel
import Store

/// What happens to demands, to the plans made of them, and to the projects that the city co-funds.
struct DemandHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["key.demand.target"] = target
        hooks.guards["key.demand.known"] = known
        hooks.effects["key.demand.fill"] = fill
        hooks.effects["key.demand.listed"] = listed
        hooks.effects["key.demand.merge"] = merge
        hooks.effects["key.demand.called"] = called
        hooks.effects["key.special.figures"] = specialFigures
        hooks.guards["key.cofund.limit"] = cofundLimit
        hooks.effects["key.cofund.paid"] = cofundPaid
        for procedure in ["key.demand", "key.cofund"] { hooks.letterValues[procedure] = letterValues }
        // Whoever has a demand on the register, or one that was merged into it, is called until it is solved or closed.
        hooks.contactEnds["key.demand"] = """
            CASE WHEN c.step NOT IN ('listed', 'merged') THEN c.step_since ELSE (
                SELECT MAX(h.at) FROM case_value v
                JOIN register_entry e ON e.register = \(DemandTrail.register) AND e.number = v.value
                JOIN register_history h ON h.entry = e.id
                WHERE v.case_id = c.id AND v.field = \(RegisterHooks.entryField)
                    AND e.state IN ('solved', 'closed') AND h.kind = 'state') END
            """
    }

    static func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: "key.\(code)", message: Bilingual(zh, en))
    }

    /// Numbers written one after the other in one field.
    static func numbers(_ text: String?) -> [String] {
        (text ?? "").split { ",，、;； \n".contains($0) }.map(String.init)
    }

    private func act(_ context: ActionContext) -> RegisterAct {
        RegisterAct(context, reason: context.answers["reason"]?.string.map { Bilingual($0, $0) })
    }

    /// A demand is merged into one that is still being worked on.
    @Sendable private func target(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let number = context.answers["into"]?.string ?? ""
        guard let entry = try RegisterStore.find(DemandTrail.register, number, tx) else {
            return [
                Self.problem("into", "demand.unknown", "需求库中没有编号 \(number)", "The register has no demand \(number)")
            ]
        }
        guard entry.state != "closed" else {
            return [Self.problem("into", "demand.closed", "该需求已关闭，不能归并", "That demand is closed")]
        }
        return []
    }

    /// Demands that an action names must be on the register.
    @Sendable private func known(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        try Self.numbers(context.answers["demands"]?.string).compactMap { number in
            try RegisterStore.find(DemandTrail.register, number, tx) == nil
                ? Self.problem(
                    "demands", "demand.unknown", "需求库中没有编号 \(number)", "The register has no demand \(number)") : nil
        }
    }

    @Sendable private func fill(_ context: ActionContext, _ tx: Tx) throws {
        let organisation = try context.file.organisation.flatMap { try Registry.organisation($0, tx) }
        try CaseValues.set(context.file.id, "enterprise", .string(organisation?.name.zh ?? "—"), tx)
    }

    @Sendable private func listed(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        try link(
            .demand, to: values["entry"]?.string, reference: context.file.number,
            title: values["title"]?.string ?? "", amount: values["amount"]?.integer, context, tx)
    }

    @Sendable private func merge(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        let number = context.answers["into"]?.string ?? ""
        try CaseValues.set(context.file.id, "entry", .string(number), tx)
        try link(
            .demand, to: number, reference: context.file.number, title: values["title"]?.string ?? "",
            amount: values["amount"]?.integer, context, tx)
    }

    /// The demands that a call answers are linked to it.
    @Sendable private func called(_ context: ActionContext, _ tx: Tx) throws {
        for number in Self.numbers(context.answers["demands"]?.string) {
            try link(
                .call, to: number, reference: context.answers["call"]?.string ?? context.file.number,
                title: context.file.title.zh, amount: nil, context, tx)
        }
    }

    private func link(
        _ kind: TrailLink.Kind, to number: String?, reference: String, title: String, amount: Int64?,
        _ context: ActionContext, _ tx: Tx
    ) throws {
        guard let number, let entry = try RegisterStore.find(DemandTrail.register, number, tx) else { return }
        let definition = try city.registers.require(DemandTrail.register)
        try DemandTrail.add(
            TrailLink(kind, reference, title, amount: amount.map { Money(fen: $0) }, on: context.day), to: entry,
            of: definition, act(context), tx)
    }

    private func entry(_ register: String, _ context: ActionContext, _ tx: Tx) throws -> RegisterEntry {
        let number = try CaseValues.all(of: context.file.id, tx)["entry"]?.string ?? ""
        return try RegisterStore.require(register, number, tx)
    }

    @Sendable private func specialFigures(_ context: ActionContext, _ tx: Tx) throws {
        let register = "key.specials"
        try RegisterStore.setFigures(
            entry(register, context, tx), of: city.registers.require(register),
            period: context.answers["year"]?.plainText ?? "",
            ["spent": context.answers["spent"] ?? .null, "projects": context.answers["projects"] ?? .null],
            act(context), tx)
    }

    // MARK: Co-funding

    /// What the city still owes a project: the duty less what was paid and what is asked for elsewhere and on its way.
    static func owed(_ entry: RegisterEntry, except file: ID<CaseFile>?, _ tx: Tx) throws -> Money {
        let figures = try RegisterStore.figures(of: entry.id, tx)
        let paid = figures.values.compactMap { $0["cofunded"] }.reduce(0, +)
        let waiting = try tx.rows(
            """
            SELECT a.content AS amount FROM case_value e JOIN case_file c ON c.id = e.case_id
            JOIN case_value a ON a.case_id = e.case_id AND a.field = 'amount'
            WHERE e.procedure = 'key.cofund' AND e.field = 'entry' AND e.value = \(entry.number)
                AND c.step IN ('check', 'decision', 'order', 'confirm') AND c.id <> \(file?.text ?? "")
            """
        ) { (try $0["amount"] as JSONValue).integer ?? 0 }.reduce(0, +)
        return Money(fen: (entry.content["cofund-due"]?.integer ?? 0) - paid - waiting)
    }

    @Sendable private func cofundLimit(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let values = try CaseValues.all(of: context.file.id, tx)
        let entry = try entry("key.upper-projects", context, tx)
        let left = try Self.owed(entry, except: context.file.id, tx)
        var found: [FieldProblem] = []
        if entry.state != "running" {
            found.append(Self.problem("", "cofund.ended", "该项目已不在研", "That project is not running"))
        }
        if let amount = values["amount"]?.integer, amount > left.fen {
            found.append(
                Self.problem(
                    "amount", "cofund.over", "尚可配套 \(left.yuanText) 元，申请超出",
                    "Only RMB \(left.yuanText) of co-funding is left")
            )
        }
        return found
    }

    @Sendable private func cofundPaid(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        let register = "key.upper-projects"
        let entry = try entry(register, context, tx)
        let year = values["year"]?.plainText ?? ""
        let before = try RegisterStore.figures(of: entry.id, tx)[year]?["cofunded"] ?? 0
        try RegisterStore.setFigures(
            entry, of: city.registers.require(register), period: year,
            [
                "granted": values["granted"] ?? .null,
                "cofunded": .integer(before + (values["amount"]?.integer ?? 0)),
            ], act(context), tx)
    }

    @Sendable private func letterValues(_ context: ActionContext, _ tx: Tx) throws -> [String: Bilingual] {
        let values = try CaseValues.all(of: context.file.id, tx)
        let organisation = try context.file.organisation.flatMap { try Registry.organisation($0, tx) }
        func plain(_ name: String) -> Bilingual {
            let text = values[name]?.plainText ?? "—"
            return Bilingual(text, text)
        }
        let amount = values["amount"]?.integer.map { Money(fen: $0).yuanText } ?? "—"
        let answer: Bilingual =
            switch context.action.id {
            case "list": Bilingual("已列入技术需求库", "it is on the register of demands")
            case "merge": Bilingual("与已有需求归并办理", "it is handled together with a known demand")
            default: plain("answer")
            }
        return [
            "organisation": organisation?.name ?? Bilingual("—", "—"), "title": plain("title"),
            "number": Bilingual(context.file.number, context.file.number), "answer": answer, "entry": plain("entry"),
            "amount": Bilingual(amount, amount),
        ]
    }
}
