import Kernel
import Portal
import Store

/// What the case page shows of a goal beside its answers: where it stands in the tree, and its result.
enum PerformancePanel {
    static let panel: CasePanel = { file, actor, t, _, tx in
        let goal = try Goal.of(file.id, tx)
        let own = try CaseValues.own(of: file.id, tx)
        let grade = own["grade"]?.string.flatMap(PerformanceGrade.init(rawValue:))
        let score = own["score"]?.integer.map { "\($0 / 100).\(padded(Int($0 % 100), 2))" }
        let result: HTML =
            grade.map {
                Parts.notice(
                    file.step == "graded" ? .good : .info,
                    t("得分 \(score ?? "")，等级「\($0.title.zh)」", "Score \(score ?? ""), grade '\($0.title.en)'"),
                    file.step == "graded" ? .empty : "<p>\(t("待确认。", "Not confirmed yet."))</p>")
            } ?? .empty
        guard CallDesk.staff.allows(actor) else { return result }
        let procedure = file.procedure == Goal.projects ? Goal.programmes : Goal.projects
        let others = try CaseLists.list(
            CaseFilter(procedure, fields: ["year": String(goal.year), "programme": goal.programme]), limit: 50, tx
        ).filter { $0.file.step != "withdrawn" }
        let list = HTML(each: others) { line in
            "<li><a href=\"/cases/\(line.file.id.text)\">\(line.file.number)</a> \(t(line.file.title))</li>"
        }
        let title =
            procedure == Goal.programmes
            ? t("所属专项的目标", "The goal of its programme") : t("专项下项目的目标", "Goals of its projects")
        return """
            \(result)\(Parts.card(title, others.isEmpty ? "<p>\(t("没有。", "None."))</p>" : "<ul>\(list)</ul>"))
            """
    }
}
