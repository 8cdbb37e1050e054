import Kernel
import Store

/// Guards and letters of re-examinations under the natural science fund: NSFC Regulation 19.
struct ReexaminationHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["basic.fund-only"] = { context, tx in
            guard let parent = context.file.parent,
                try CaseValues.own(of: parent, tx)["programme-kind"]?.string != "basic-research"
            else { return [] }
            return [
                problem(
                    Bilingual("只有自然科学基金的申请适用复审", "Only applications under the natural science fund are re-examined"))
            ]
        }
        hooks.guards["basic.in-time"] = { context, tx in
            guard let parent = try context.file.parent.flatMap({ try CaseStore.find($0, tx) }) else { return [] }
            let name = "basic.reexamination.request.days"
            let told = city.zone.day(of: parent.stepSince)
            let last = try city.rules.period(name, on: context.day).end(after: told, city.calendar)
            var found: [FieldProblem] = []
            if parent.applicant != context.actor.account {
                found.append(problem(Bilingual("只有申请人可以申请复审", "Only the applicant may ask")))
            }
            if context.day > last {
                found.append(
                    FieldProblem(
                        field: "", code: "basic.reexamination",
                        message: Bilingual("申请复审的期限已于 \(last) 届满", "The time to ask ended on \(last)"),
                        basis: try city.rules.dated(name, on: context.day).source.cited))
            }
            return found
        }
        hooks.letterValues["basic.reexamination"] = { context, tx in
            let parent = try context.file.parent.flatMap { try CaseStore.find($0, tx) }
            let asked = try CaseValues.asked("propose", of: context.file.id, tx)
            let zh = asked["reason-zh"]?.string ?? "—"
            return [
                "number": Bilingual(context.file.number, context.file.number),
                "parent": Bilingual(parent?.number ?? "—", parent?.number ?? "—"),
                "outcome": asked["outcome"]?.string == "correct"
                    ? Bilingual("原决定有误，重新办理", "the decision was wrong and is made anew")
                    : Bilingual("维持原决定", "the decision stands"),
                "reasons": Bilingual(zh, asked["reason-en"]?.string ?? zh),
            ]
        }
    }

    private func problem(_ message: Bilingual) -> FieldProblem {
        FieldProblem(field: "", code: "basic.reexamination", message: message)
    }
}
