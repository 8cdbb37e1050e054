import Kernel
import Store

/// Guards and effects of appeals against decisions, and of repairs of credit.
struct AppealHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["integrity.appealable"] = { context, tx in
            guard let defence = try context.file.parent.flatMap({ try CaseStore.find($0, tx) }) else { return [] }
            let inTime = defence.step == "served" && defence.dueOn.map { context.day <= $0 } ?? true
            let isOwn = defence.applicant == context.actor.account
            guard inTime, isOwn else {
                return [
                    FieldProblem(
                        field: "", code: "integrity.appeal",
                        message: Bilingual(
                            "只有当事人可以在复核期内申请复核", "Only the subject may appeal, and only within the time for it"))
                ]
            }
            return []
        }
        hooks.guards["integrity.fresh"] = { context, tx in try stale(context, tx) }
        hooks.guards["integrity.reduced"] = { context, tx in try reduced(context, tx) }
        hooks.effects["integrity.appealed"] = { context, tx in try both(context, "appealed", "appealed", tx) }
        hooks.effects["integrity.appeal-refused"] = { context, tx in try both(context, "close", "upheld", tx) }
        hooks.effects["integrity.appeal-decided"] = { context, tx in try decide(context, tx) }
        hooks.guards["integrity.repairable"] = { context, tx in try repairProblems(context, tx) }
        hooks.effects["integrity.repaired"] = { context, tx in try repair(context, tx) }
    }

    /// The subject's file and the investigation that an appeal is about.
    static func chain(_ file: CaseFile, _ tx: Tx) throws -> (defence: CaseFile, original: CaseFile)? {
        guard let defence = try file.parent.flatMap({ try CaseStore.find($0, tx) }),
            let original = try defence.parent.flatMap({ try CaseStore.find($0, tx) })
        else { return nil }
        return (defence, original)
    }

    /// Whoever acted on the first decision, or belongs to its subject, has no part in the appeal.
    private func stale(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let (_, original) = try AppealHooks.chain(context.file, tx), let account = context.actor.account else {
            return []
        }
        let acted: Int? = try tx.value(
            "SELECT 1 FROM case_action WHERE case_id = \(original.id) AND account = \(account) LIMIT 1")
        var found = try Outsiders.problems(context.actor, on: original, tx)
        let team = Team(try CaseValues.asked("appoint", of: original.id, tx)["members"])
        let login = try AccountStore.find(account, tx)?.login ?? ""
        if acted != nil || team.logins.contains(login) {
            found.append(
                Outsiders.problem(
                    "",
                    Bilingual("您参与过原调查处理，须由他人办理复核。", "You had a part in the first decision; others handle the appeal."))
            )
        }
        return found
    }

    private func reduced(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard context.answers["outcome"]?.string == "reduce",
            let (_, original) = try AppealHooks.chain(context.file, tx)
        else { return [] }
        let before = try Decision.of(original.id, tx)
        let years = context.answers["new-years"]?.integer
        guard let years, before.isForLife || years < Int64(before.years), years > 0 || !before.hasBar else {
            return [
                FieldProblem(
                    field: "new-years", code: "integrity.reduced",
                    message: Bilingual(
                        "变更后的年限应大于零且短于原 \(before.years) 年；全部撤销请选「撤销」",
                        "Above zero and shorter than the \(counted(before.years, "year")) before; to take it away choose 'Quash'"
                    ))
            ]
        }
        return []
    }

    private func both(_ context: ActionContext, _ defence: String, _ original: String, _ tx: Tx) throws {
        guard let chain = try AppealHooks.chain(context.file, tx) else { return }
        try context.procedures.act(chain.original.id, original, as: .system, at: context.now, in: tx)
        try context.procedures.act(chain.defence.id, defence, as: .system, at: context.now, in: tx)
    }

    private func decide(_ context: ActionContext, _ tx: Tx) throws {
        guard let (defence, original) = try AppealHooks.chain(context.file, tx) else { return }
        let asked = try CaseValues.asked("propose", of: context.file.id, tx)
        let reason = Bilingual(asked["reason-zh"]?.string ?? "", asked["reason-en"]?.string ?? "")
        switch asked["outcome"]?.string {
        case "quash":
            try Bars.lift(of: original.id, on: context.day, reason: reason, by: context.actor, at: context.now, tx)
            try setState("quashed", of: original, context, tx)
            try context.procedures.act(original.id, "quashed", as: .system, at: context.now, in: tx)
        case "reduce":
            try shorten(original, to: Int(asked["new-years"]?.integer ?? 0), reason, context, tx)
            try context.procedures.act(original.id, "changed", as: .system, at: context.now, in: tx)
        default:
            try context.procedures.act(original.id, "upheld", as: .system, at: context.now, in: tx)
        }
        try context.procedures.act(defence.id, "close", as: .system, at: context.now, in: tx)
    }

    /// Puts a shorter bar in the place of the first, from the same day.
    private func shorten(
        _ original: CaseFile, to years: Int, _ reason: Bilingual, _ context: ActionContext, _ tx: Tx
    ) throws {
        let decision = try Decision.of(original.id, tx)
        let first = try Bars.imposed(by: original.id, tx).first?.from
        guard let first, let subject = try Subject.of(CaseValues.all(of: original.id, tx), tx) else { return }
        try Bars.lift(of: original.id, on: context.day, reason: reason, by: context.actor, at: context.now, tx)
        let until = first.adding(years: years)
        if let bar = decision.bar(on: subject, from: first, until: until, of: original, at: context.now) {
            try Bars.impose(bar, by: context.actor, at: context.now, tx)
        }
        let register = try city.registers.require("integrity.sanctions")
        if let entry = try RegisterStore.entries(of: original.id, tx).last {
            try RegisterStore.change(
                entry, of: register, ["until": .string(until.description)],
                RegisterAct(context, caseID: original.id, reason: reason),
                tx)
        }
    }

    private func setState(_ state: String, of original: CaseFile, _ context: ActionContext, _ tx: Tx) throws {
        guard let entry = try RegisterStore.entries(of: original.id, tx).last else { return }
        try RegisterStore.setState(
            entry, of: try city.registers.require("integrity.sanctions"), state,
            RegisterAct(context, caseID: original.id), tx)
    }

    // MARK: Repair

    /// The case behind an entry of the register of decisions.
    private func original(_ context: ActionContext, _ tx: Tx) throws -> (entry: RegisterEntry, file: CaseFile)? {
        let number = try CaseValues.all(of: context.file.id, tx)[RegisterHooks.entryField]?.string ?? ""
        guard let entry = try RegisterStore.find("integrity.sanctions", number, tx),
            let file = try entry.caseID.flatMap({ try CaseStore.find($0, tx) })
        else { return nil }
        return (entry, file)
    }

    private func repairProblems(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        func problem(_ zh: String, _ en: String, _ basis: Bilingual? = nil) -> [FieldProblem] {
            [FieldProblem(field: "", code: "integrity.repair", message: Bilingual(zh, en), basis: basis)]
        }
        guard let (entry, file) = try original(context, tx),
            try Subject.of(CaseValues.all(of: file.id, tx), tx)?.isKin(context.actor) == true
        else { return problem("没有您的这一处理决定", "There is no such decision against you") }
        guard entry.state == "in-force", file.step == "in-force" else {
            return problem("该处理决定不在期，或复核期未满", "This decision is not in force, or may still be appealed")
        }
        let name = "integrity.repair.least-months"
        let from = entry.content["from"]?.string.flatMap { Day($0) } ?? context.day
        let first = try city.rules.period(name, on: context.day).end(after: from, city.calendar)
        guard context.day >= first else {
            return problem(
                "须满最短公示期，最早于 \(first) 申请", "Only after the shortest publicity, from \(first)",
                try city.rules.dated(name, on: context.day).source.cited)
        }
        return []
    }

    private func repair(_ context: ActionContext, _ tx: Tx) throws {
        guard let (_, file) = try original(context, tx) else { return }
        try Bars.lift(
            of: file.id, on: context.day,
            reason: Bilingual("信用修复 \(context.file.number)", "Credit repair \(context.file.number)"),
            by: context.actor, at: context.now, tx)
        try setState("repaired", of: file, context, tx)
        try context.procedures.act(file.id, "repaired", as: .system, at: context.now, in: tx)
    }
}
