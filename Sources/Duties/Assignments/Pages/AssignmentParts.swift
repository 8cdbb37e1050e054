import Kernel
import Portal
import Store

/// Lights as the pages show and count them.
enum Lights {
    static func tone(_ light: LightOutcome.Light) -> Parts.Tone {
        switch light {
        case .onTime: .good
        case .atRisk: .warning
        case .late: .bad
        case .unknown: .neutral
        }
    }

    /// A light in a word and a shape, never in colour alone.
    static func badge(_ light: LightOutcome.Light, _ t: Say) -> HTML {
        let shape =
            switch light {
            case .onTime: "●"
            case .atRisk: "▲"
            case .late: "■"
            case .unknown: "○"
            }
        return Parts.badge("\(shape) \(t(light.title))", tone(light))
    }

    /// The light of a task that is not closed.
    static func light(
        _ whole: AssignmentWhole, _ rule: LightRule, on day: Day, _ procedures: Procedures
    )
        -> LightOutcome.Light
    {
        rule.decide(whole.facts(on: day, near: rule.nearDays, procedures)).light
    }

    /// Tasks counted by a feature and by their light.
    static func chart(
        _ lines: [(feature: String, light: LightOutcome.Light)], id: String, title: Bilingual, _ t: Say
    ) -> HTML {
        let shown: [LightOutcome.Light] = [.onTime, .atRisk, .late]
        let groups = Dictionary(grouping: lines, by: \.feature)
        let items = groups.keys.sorted().map { name -> (label: String, values: [Int]) in
            (name, shown.map { light in (groups[name] ?? []).filter { $0.light == light }.count })
        }
        let late = lines.filter { $0.light == .late }.count
        return Chart.stacked(
            ChartText(
                id: id, title: t(title),
                description: t(
                    "在办 \(lines.count) 项，其中逾期 \(late) 项。", "\(counted(lines.count, "open task")), \(late) of them late."
                ),
                unit: t("项", "tasks")), series: shown.map { t($0.title) }, items, t)
    }
}

/// What the case page of a task shows: its light with the reasons, milestones, what it concerns, what was done.
enum AssignmentPanel {
    static func panel(_ house: House) -> CasePanel {
        { file, _, t, _, tx in
            guard let whole = try AssignmentHooks.whole(file.id, tx) else { return .empty }
            let today = house.today
            let notes = try AssignmentStore.notes(of: file.id, tx)
            let task = whole.task
            let rule = try LightRule(house.city.rules.law(on: today))
            let (outcome, _, trace) = rule.explain(
                whole.facts(on: today, near: rule.nearDays, house.procedures))
            let shown: HTML =
                task.state == .closed
                ? Parts.badge(t(task.state.title)) : Lights.badge(outcome.light, t)
            let reasons: HTML =
                task.state == .closed
                ? .empty : "<ul>\(each: trace, { "<li>\($0.sentence(t.language))</li>" })</ul>"
            let assisting = task.assisting.map { t(house.city.division($0)) }.joined(separator: t("、", ", "))
            let facts = Parts.facts([
                (t("亮灯（自动计算）", "Light, computed"), "\(shown)\(reasons)"),
                (t("来源", "Source"), HTML(text: t(task.source.title))),
                (t("知悉范围", "Who may see it"), HTML(text: t(task.secrecy.title))),
                (t("办理期限", "Deadline"), HTML(text: task.deadline.text(t.language))),
                (t("主办处室", "Led by"), HTML(text: task.lead.isEmpty ? "—" : t(house.city.division(task.lead)))),
                (t("协办处室", "Assisted by"), HTML(text: assisting)),
            ])
            return """
                \(Parts.card(t("督办情况", "Where it stands"), facts))\(Parts.card(t("推进节点", "Milestones"), milestones(whole, today, t)))\
                \(if: !whole.concerns.isEmpty, Parts.card(t("所涉办件和名册", "What it concerns"), concerns(whole, house, t)))\
                \(if: !notes.isEmpty, Parts.card(t("进展", "Progress"), progress(notes, house, t)))
                """
        }
    }

    private static func milestones(_ whole: AssignmentWhole, _ today: Day, _ t: Say) -> HTML {
        let rows = whole.milestones.map { item -> [HTML] in
            let state: HTML =
                item.doneOn.map { Parts.badge(t("\($0) 完成", "done \($0)"), .good) }
                ?? (item.dueOn < today
                    ? Parts.badge(t("逾期", "Late"), .bad) : Parts.badge(t("未完成", "Open"), .neutral))
            return [
                HTML(text: String(item.position)), HTML(text: item.title), HTML(text: item.dueOn.text(t.language)),
                state,
            ]
        }
        return Parts.table(
            t("推进节点", "Milestones"),
            [
                .init(t("序号", "No."), numeric: true), .init(t("节点", "Milestone")), .init(t("时限", "By")),
                .init(t("状态", "State")),
            ], rows, empty: "<p>\(t("还没有推进计划。", "There is no plan yet."))</p>")
    }

    private static func concerns(_ whole: AssignmentWhole, _ house: House, _ t: Say) -> HTML {
        let rows = whole.concerns.map { item -> [HTML] in
            let isDone = item.isDone(house.procedures)
            let state: HTML = Parts.badge(
                isDone ? t("已完成", "Done") : t("未完成", "Open"), isDone ? .good : .warning)
            switch item.kind {
            case .case:
                let definition = house.procedures.definitions.first {
                    $0.id == item.procedure && $0.version == item.version
                }
                return [
                    "<a href=\"/cases/\(item.target)\">\(item.number)</a>",
                    HTML(text: t(definition?.title) ?? item.procedure),
                    HTML(text: t(definition?.step(item.step)?.title) ?? item.step),
                    HTML(text: item.dueOn?.text(t.language) ?? "—"), state,
                ]
            case .entry:
                let register = house.registers[item.register]
                return [
                    "<a href=\"/registers/\(item.register)/\(item.number)\">\(item.number)</a>", HTML(text: item.name),
                    HTML(text: t(register?.state(item.state)?.title) ?? item.state), "—", state,
                ]
            }
        }
        return Parts.table(
            t("所涉办件和名册", "What it concerns"),
            [
                .init(t("编号", "Number")), .init(t("名称", "Name")), .init(t("环节或状态", "Step or state")),
                .init(t("期限", "Due")), .init(t("完成", "Done")),
            ], rows, empty: "—")
    }

    private static func progress(_ notes: [ProgressNote], _ house: House, _ t: Say) -> HTML {
        let rows = notes.map { note -> [HTML] in
            [
                HTML(text: house.city.zone.clockText(note.at)), HTML(text: note.by), HTML(text: note.text),
                HTML(text: note.evidence), HTML(text: note.milestone.map(String.init) ?? "—"),
            ]
        }
        return Parts.table(
            t("进展", "Progress"),
            [
                .init(t("时间", "When")), .init(t("填报人", "By")), .init(t("进展", "What was done")),
                .init(t("依据", "Evidence")), .init(t("完成节点", "Milestone"), numeric: true),
            ], rows, empty: "—")
    }
}
