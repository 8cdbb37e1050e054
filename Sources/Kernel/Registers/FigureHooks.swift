import Store

/// What procedures of any room may do with the figures of entries, by name alone: a case about an entry of a register
/// holds a `period` and values named as the figures.
enum FigureHooks {
    static func register(in hooks: inout ProcedureHooks, _ registers: Registers) {
        hooks.guards["register.own"] = { context, tx in
            let number = try CaseValues.own(of: context.file.id, tx)[RegisterHooks.entryField]?.string ?? ""
            let entry = try RegisterStore.find(context.argument ?? "", number, tx)
            guard entry?.organisation != nil, entry?.organisation == context.file.organisation else {
                return [
                    problem("", "entry.foreign", "只能由入册单位办理", "Only the organisation of the entry may do this")
                ]
            }
            return []
        }
        hooks.guards["register.period"] = { context, tx in
            let definition = try registers.require(context.argument ?? "")
            let typed = try CaseValues.all(of: context.file.id, tx)["period"]?.string
            guard let figures = definition.figures, let typed, !figures.period.fits(typed) else { return [] }
            return [
                problem(
                    "period", "figure.period", "期间请按 \(figures.period.example) 的格式填写",
                    "Write the period as \(figures.period.example)")
            ]
        }
        hooks.effects["register.figures"] = { context, tx in
            let definition = try registers.require(context.argument ?? "")
            let values = try CaseValues.all(of: context.file.id, tx)
            let entry = try RegisterStore.require(definition.id, values[RegisterHooks.entryField]?.string ?? "", tx)
            let names = Set((definition.figures?.fields ?? []).map(\.name))
            try RegisterStore.setFigures(
                entry, of: definition, period: values["period"]?.string ?? "",
                .object((values.object ?? [:]).filter { names.contains($0.key) }), RegisterHooks.act(context), tx)
        }
    }

    private static func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: code, message: Bilingual(zh, en))
    }
}
