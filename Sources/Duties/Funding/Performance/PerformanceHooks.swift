import Kernel
import Ledger
import Store

/// Guards and effects of `funding.performance` and `funding.performance-project`.
enum PerformanceHooks {
    static func register(in hooks: inout ProcedureHooks, rules: RuleBook) {
        hooks.guards["funding.performance-goal"] = { context, tx in
            let goal = try Goal.of(context.file.id, tx)
            return weights(goal) + (try project(goal, context, tx)) + (try twice(goal, context, tx))
        }
        hooks.effects["funding.performance-agreed"] = { context, tx in
            try CaseValues.set(context.file.id, "agreed", try Goal.of(context.file.id, tx).agreed, tx)
        }
        hooks.guards["funding.performance-assessed"] = { context, tx in
            let goal = try Goal.of(context.file.id, tx)
            return assessed(goal) + unchanged(goal, try CaseValues.own(of: context.file.id, tx)["agreed"])
        }
        hooks.guards["funding.performance-adjusted"] = { context, tx in
            let count = try Goal.of(context.file.id, tx).indicators.count
            return (context.answers["adjusted"]?.array ?? []).enumerated().compactMap { index, row in
                guard let number = row["number"]?.integer, number > Int64(count) else { return nil }
                return FieldProblem(
                    field: "adjusted.\(index).number", code: "performance.number",
                    message: Bilingual("没有第 \(number) 个指标", "There is no indicator \(number)"))
            }
        }
        hooks.effects["funding.performance-scored"] = { context, tx in
            let goal = try Goal.of(context.file.id, tx)
            let rule = try PerformanceRule(rules.law(on: context.day))
            let ruling = rule.ruling(goal.facts(adjusted: context.answers["adjusted"]), on: context.day)
            try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
            try CaseValues.set(context.file.id, "score", ruling.outcome["score"] ?? .null, tx)
            try CaseValues.set(context.file.id, "grade", ruling.outcome["grade"] ?? .null, tx)
        }
        hooks.effects["funding.performance-graded"] = { context, tx in
            let goal = try Goal.of(context.file.id, tx)
            let own = try CaseValues.own(of: context.file.id, tx)
            guard let score = own["score"]?.integer,
                let grade = own["grade"]?.string.flatMap(PerformanceGrade.init(rawValue:))
            else { return }
            try PerformanceStore.save(
                PerformanceResult(
                    caseID: context.file.id, number: context.file.number, programme: goal.programme, year: goal.year,
                    project: goal.project, score: Int(score), grade: grade, confirmedOn: context.day), tx)
        }
    }

    private static func weights(_ goal: Goal) -> [FieldProblem] {
        guard goal.weights != 100 else { return [] }
        return [
            FieldProblem(
                field: "indicators", code: "performance.weights",
                message: Bilingual(
                    "权重合计为 \(goal.weights)，应为 100", "The weights add up to \(goal.weights) and must be 100"))
        ]
    }

    /// The goal of a project is that of the organisation which carries it, under the programme that pays it.
    private static func project(_ goal: Goal, _ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard context.file.procedure == Goal.projects else { return [] }
        let found = try ProjectStore.find(number: goal.project ?? "", tx)
        guard let found, found.organisation == context.file.organisation else {
            return [
                FieldProblem(
                    field: "project", code: "performance.project",
                    message: Bilingual("本单位没有这个项目", "Your organisation carries no such project"))
            ]
        }
        guard try ProgrammeStore.find(found.programme, tx)?.code == goal.programme else {
            return [
                FieldProblem(
                    field: "programme", code: "performance.programme",
                    message: Bilingual("项目不属于该专项", "The project is not of that programme"))
            ]
        }
        return []
    }

    /// One goal for each year of a programme or project.
    private static func twice(_ goal: Goal, _ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        var fields = ["year": String(goal.year), "programme": goal.programme]
        if let project = goal.project { fields = ["year": String(goal.year), "project": project] }
        let others = try CaseLists.list(CaseFilter(context.file.procedure, fields: fields), limit: 20, tx)
        let other = others.first { $0.file.id != context.file.id && !["draft", "withdrawn"].contains($0.file.step) }
        guard let other else { return [] }
        return [
            FieldProblem(
                field: "year", code: "performance.twice",
                message: Bilingual(
                    "该年度已有绩效目标 \(other.file.number)", "That year has a goal already: \(other.file.number)"))
        ]
    }

    private static func assessed(_ goal: Goal) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        for (index, indicator) in goal.indicators.enumerated() {
            if indicator.actual == nil {
                problems.append(
                    FieldProblem(
                        field: "indicators.\(index).actual", code: "performance.actual",
                        message: Bilingual("「\(indicator.title)」没有填写实际值", "'\(indicator.title)': what was reached?")))
            }
            if indicator.evidence.isEmpty {
                problems.append(
                    FieldProblem(
                        field: "indicators.\(index).evidence", code: "performance.evidence",
                        message: Bilingual("「\(indicator.title)」没有填写佐证", "'\(indicator.title)': what shows it?")))
            }
        }
        if goal.report.isEmpty {
            problems.append(
                FieldProblem(
                    field: "report", code: "performance.report",
                    message: Bilingual("请填写自评说明", "Write the self-assessment")))
        }
        return problems
    }

    private static func unchanged(_ goal: Goal, _ agreed: JSONValue?) -> [FieldProblem] {
        guard let agreed, agreed != goal.agreed else { return [] }
        return [
            FieldProblem(
                field: "indicators", code: "performance.changed",
                message: Bilingual(
                    "目标、指标和权重已确认，自评时不能改动", "Goal, indicators and weights were agreed and cannot be changed now"))
        ]
    }
}
