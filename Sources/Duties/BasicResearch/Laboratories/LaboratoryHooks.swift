import Kernel
import Store

/// Guards and effects of key laboratories: founding, yearly figures, grades, mending and leaving.
struct LaboratoryHooks: Sendable {
    static let register = "basic.laboratories"

    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["basic.lab-unique"] = { context, tx in
            let name = try CaseValues.all(of: context.file.id, tx)["name"]?.string ?? ""
            let same = try RegisterStore.list(Self.register, RegisterFilter(name: name), limit: 20, tx)
            guard same.contains(where: { $0.name == name && $0.state != "cancelled" }) else { return [] }
            return [
                problem(
                    "name", "已有同名的在册实验室，研究方向不得重复",
                    "A laboratory of this name is on the register: directions must not repeat")
            ]
        }
        hooks.guards["basic.scores"] = { context, tx in
            let numbers = (context.answers["scores"]?.array ?? []).compactMap { $0["number"]?.string }
            var found: [FieldProblem] = []
            if Set(numbers).count < numbers.count {
                found.append(problem("scores", "同一实验室只能评一次", "Each laboratory is scored once"))
            }
            for number in numbers where try RegisterStore.find(Self.register, number, tx)?.state != "active" {
                found.append(problem("scores", "没有在册的实验室 \(number)", "No active laboratory \(number)"))
            }
            return found
        }
        hooks.effects["basic.graded"] = { context, tx in
            let grades = try grades(context.answers["scores"]?.array ?? [], on: context.day)
            try CaseValues.set(
                context.file.id, "grades",
                .object(Dictionary(grades.map { ($0.number, .string($0.grade.rawValue)) }, uniquingKeysWith: { $1 })),
                tx)
        }
        hooks.effects["basic.apply-grades"] = { context, tx in try apply(context, tx) }
        hooks.effects["basic.lab-state"] = { context, tx in
            let number = try CaseValues.own(of: context.file.id, tx)[RegisterHooks.entryField]?.string ?? ""
            let definition = try city.registers.require(Self.register)
            try RegisterStore.setState(
                try RegisterStore.require(Self.register, number, tx), of: definition, context.argument ?? "",
                act(context), tx)
        }
        hooks.guards["basic.other-people"] = { context, tx in
            // The end of a task is proposed and confirmed by two people.
            guard let account = context.actor.account else { return [] }
            let proposed = try ["finish", "stop"].contains { name in
                try CaseStore.lastActor(name, of: context.file.id, tx) == account
            }
            return proposed ? [problem("", "经办与审批须为不同的人", "Two different people are needed")] : []
        }
        hooks.guards["basic.milestones"] = { context, tx in
            let days = (try CaseValues.all(of: context.file.id, tx)["milestones"]?.array ?? []).compactMap {
                $0["due"]?.string.flatMap { Day($0) }
            }
            guard days != days.sorted() else { return [] }
            return [problem("milestones", "里程碑应按完成日期先后排列", "Write the milestones in the order of their days")]
        }
    }

    private func problem(_ field: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: "basic.laboratory", message: Bilingual(zh, en))
    }

    private func act(_ context: ActionContext) -> RegisterAct {
        RegisterAct(context)
    }

    /// The grade of each laboratory from its score and its place among all.
    func grades(
        _ rows: [JSONValue], on day: Day
    ) throws -> [(number: String, score: Int, grade: GradeOutcome.Grade)] {
        let rule = try GradeRule(city.rules.law(on: day))
        let scores = rows.map { (number: $0["number"]?.string ?? "", score: Int($0["score"]?.integer ?? 0)) }
        return scores.compactMap { item in
            let above = scores.filter { $0.score >= item.score }.count
            let outcome = rule.decide(GradeFacts(score: item.score, atLeast: above, count: scores.count))
            return outcome.grade.map { (item.number, item.score, $0) }
        }
    }

    /// Writes the grades into the register; those that fail begin to mend.
    private func apply(_ context: ActionContext, _ tx: Tx) throws {
        let asked = try CaseValues.asked("score", of: context.file.id, tx)
        let period = try CaseValues.all(of: context.file.id, tx)["period"] ?? ""
        let definition = try city.registers.require(Self.register)
        for item in try grades(asked["scores"]?.array ?? [], on: context.day) {
            let entry = try RegisterStore.require(Self.register, item.number, tx)
            let changed = try RegisterStore.change(
                entry, of: definition, ["last-grade": .string(item.grade.rawValue), "evaluated": period], act(context),
                tx)
            guard item.grade == .fail else { continue }
            try RegisterStore.setState(changed, of: definition, "rectifying", act(context), tx)
            let file = try context.procedures.open(
                CaseFile(
                    id: ID(UUIDv7.make(at: context.now)), procedure: "basic.rectification",
                    number: "\(context.file.number)-\(item.number)",
                    title: Bilingual("重点实验室整改：\(entry.name)", "Mending of a key laboratory: \(entry.name)"),
                    organisation: entry.organisation, applicant: nil, division: context.file.division,
                    parent: context.file.id, openedAt: context.now),
                as: .system, at: context.now, in: tx)
            try CaseValues.set(file.id, RegisterHooks.entryField, .string(entry.number), tx)
        }
    }
}
