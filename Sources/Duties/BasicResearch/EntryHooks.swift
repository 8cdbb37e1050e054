import Kernel
import Store

/// Guards and effects that laboratories and instruments share: whose an entry is, and its figures by period.
struct EntryHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["basic.own-entry"] = { context, tx in
            guard let entry = try entry(context, tx) else { return [] }
            var found: [FieldProblem] = []
            if entry.organisation == nil || entry.organisation != context.file.organisation {
                found.append(
                    problem(
                        "", "只有其依托或所属单位可以填报 \(entry.number)",
                        "Only the organisation to which \(entry.number) belongs may report"))
            }
            let figures = city.registers[entry.register]?.figures
            let period = try CaseValues.all(of: context.file.id, tx)["period"]?.string
            if let figures, let period, !figures.period.fits(period) {
                found.append(
                    problem(
                        "period", "期间请按 \(figures.period.example) 的格式填写",
                        "Write the period as \(figures.period.example)"))
            }
            if let period, Int(period.prefix(4)).map({ $0 > context.day.parts.year }) ?? false {
                found.append(problem("period", "不能填报以后的期间", "The period lies ahead"))
            }
            return found
        }
        hooks.guards["basic.hours"] = { context, tx in
            let values = try CaseValues.all(of: context.file.id, tx)
            guard let run = values["hours-run"]?.integer, let shared = values["hours-shared"]?.integer, shared > run
            else {
                return []
            }
            return [problem("hours-shared", "对外服务机时不能超过运行机时", "Hours shared cannot be above hours run")]
        }
        hooks.effects["basic.figures"] = { context, tx in
            guard let entry = try entry(context, tx) else { return }
            let values = try CaseValues.all(of: context.file.id, tx)
            let definition = try city.registers.require(entry.register)
            var figures: [String: JSONValue] = [:]
            for field in definition.figures?.fields ?? [] { figures[field.name] = values[field.name] }
            try RegisterStore.setFigures(
                entry, of: definition, period: values["period"]?.string ?? "", .object(figures),
                RegisterAct(context, reason: Bilingual(context.file.number, context.file.number)), tx)
        }
    }

    private func problem(_ field: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: "basic.entry", message: Bilingual(zh, en))
    }

    private func entry(_ context: ActionContext, _ tx: Tx) throws -> RegisterEntry? {
        guard let register = try context.procedures.definition(of: context.file).filing?.about,
            let number = try CaseValues.own(of: context.file.id, tx)[RegisterHooks.entryField]?.string
        else { return nil }
        return try RegisterStore.find(register, number, tx)
    }
}
