import Kernel
import Portal
import Store

/// What the subject of an investigation reads: what was found and is intended, later what was decided.
struct DefencePanel: Sendable {
    let house: House

    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        guard let parent = file.parent else { return .empty }
        let report = try CaseValues.asked("report", of: parent, tx)
        let facts: [(String, HTML)] = [
            (t("查明的事实", "What was found"), Parts.paragraphs(report["findings"]?.string ?? "—")),
            (t("拟处理意见", "What is intended"), Parts.paragraphs(report["intended"]?.string ?? "—")),
        ]
        let appeal: HTML =
            file.step == "served" && actor.account == file.applicant
            ? Parts.button(
                t("申请复核", "Appeal"), to: "/procedures/integrity.appeal/start?parent=\(file.number)", .secondary)
            : .empty
        let bars = try Bars.imposed(by: parent, tx)
        let history: HTML =
            bars.isEmpty
            ? .empty : Parts.card(t("限制措施", "Bars"), BarView.history(bars, on: house.today, t))
        return "\(Parts.card(t("告知内容", "What you are told"), "\(Parts.facts(facts))\(appeal)"))\(history)"
    }
}

/// Who inspects, and what.
struct CheckPanel: Sendable {
    let house: House

    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        let own = try CaseValues.own(of: file.id, tx)
        let place = try file.organisation.flatMap { try Registry.organisation($0, tx) }
        let facts: [(String, HTML)] = [
            (t("检查对象", "Object"), HTML(text: own["object"]?.string ?? "—")),
            (t("单位", "Organisation"), HTML(text: place.map { t($0.name) } ?? "—")),
            (t("检查人员（随机抽取）", "Inspectors, drawn at random"), HTML(text: own["inspectors"]?.string ?? "—")),
        ]
        return Parts.card(t("检查安排", "Inspection"), Parts.facts(facts))
    }
}
