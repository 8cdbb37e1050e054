import Kernel
import Portal
import Store

/// The list of tasks with their lights, for the divisions that may see them.
struct AssignmentDesk: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "assignments.list", .get, "/desk/assignments", access: .roles([.officer, .leader, .auditor]),
                summary: Bilingual("督办台账", "Assignments"), handler: list)
        ]
    }

    /// A task with its light.
    struct Line: Sendable {
        let task: Assignment
        /// Nil once it is closed.
        let light: LightOutcome.Light?
        let milestones: String
    }

    /// What an actor may see of the tasks.
    static func viewer(_ actor: Actor) -> String? {
        actor.roles.isDisjoint(with: [.leader, .auditor]) ? actor.division : nil
    }

    /// The lines of a filter after a task; reads on until enough of them have the light that is asked for.
    func lines(
        _ filter: AssignmentFilter, light: LightOutcome.Light?, after place: (deadline: Day, id: String)?, limit: Int
    ) async throws -> [Line] {
        let (today, procedures) = (house.today, house.procedures)
        let rule = try LightRule(house.city.rules.law(on: today))
        return try await house.db.read { tx in
            var found: [Line] = []
            var edge = place
            while found.count < limit {
                let size = light == nil ? limit - found.count : 500
                let tasks = try AssignmentStore.list(filter, after: edge, limit: size, tx)
                for whole in try AssignmentStore.whole(tasks, tx) where found.count < limit {
                    let own =
                        whole.task.state == .closed ? nil : Lights.light(whole, rule, on: today, procedures)
                    guard light == nil || own == light else { continue }
                    let done = whole.milestones.filter { $0.doneOn != nil }.count
                    found.append(
                        Line(task: whole.task, light: own, milestones: "\(done) / \(whole.milestones.count)"))
                }
                guard tasks.count == size, let last = tasks.last else { break }
                edge = (last.deadline, last.caseID.text)
            }
            return found
        }
    }

    private func columns(_ language: Language) -> [ExportColumn<Line>] {
        let city = house.city
        return [
            ExportColumn(Bilingual("编号", "Number"), text: \.task.number),
            ExportColumn(Bilingual("事项", "Task"), text: \.task.title),
            ExportColumn(Bilingual("来源", "Source"), text: { $0.task.source.title[language] }),
            ExportColumn(Bilingual("来文", "Document"), text: \.task.document),
            ExportColumn(Bilingual("知悉范围", "Who may see it"), text: { $0.task.secrecy.title[language] }),
            ExportColumn(Bilingual("主办处室", "Led by"), text: { city.division($0.task.lead)[language] }),
            ExportColumn(
                Bilingual("协办处室", "Assisted by"),
                text: { line in line.task.assisting.map { city.division($0)[language] }.listed[language] }),
            ExportColumn(Bilingual("收到", "Received")) { .day($0.task.receivedOn) },
            ExportColumn(Bilingual("期限", "Deadline")) { .day($0.task.deadline) },
            ExportColumn(Bilingual("节点", "Milestones"), text: \.milestones),
            ExportColumn(Bilingual("亮灯", "Light"), text: { $0.light?.title[language] ?? "" }),
            ExportColumn(Bilingual("状态", "State"), text: { $0.task.state.title[language] }),
            ExportColumn(Bilingual("办结", "Closed")) { $0.task.closedOn.map { .day($0) } ?? .none },
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        func word(_ name: String) -> String? { visit.query(name).flatMap { $0.isEmpty ? nil : $0 } }
        let state = word("state").flatMap(Assignment.State.init(rawValue:))
        let light = word("light").flatMap(LightOutcome.Light.init(rawValue:))
        let filter = AssignmentFilter(
            state: state, source: word("source"), lead: word("lead"), viewer: Self.viewer(visit.actor),
            isRunning: state == nil && word("state") != "all")
        let file = try visit.export(Bilingual("督办台账", "Assignments"), columns(visit.language)) { last, limit in
            try await lines(
                filter, light: light, after: last.map { ($0.task.deadline, $0.task.caseID.text) }, limit: limit)
        }
        if let file { return file }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (deadline: Day, id: String)? in
            guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string else {
                return nil
            }
            return (day, id)
        }
        let found = try await lines(filter, light: light, after: place, limit: 51)
        let shown = Array(found.prefix(50))
        let kept = visit.query.filter { !["after", "format"].contains($0.name) }.map {
            "\(SafeURL.encode($0.name))=\(SafeURL.encode($0.value))"
        }.joined(separator: "&")
        var next: SafeURL?
        if found.count > 50, let last = shown.last {
            let cursor = Cursor([.string(last.task.deadline.description), .string(last.task.caseID.text)])
            next = SafeURL(checking: "/desk/assignments?\(kept)&after=\(cursor.text)")
        }
        let add: HTML =
            visit.actor.roles.contains(.officer)
            ? "<p class=\"buttons\">\(Parts.button(t("登记交办事项", "Take in a task"), to: "/procedures/assignments.task/start"))</p>"
            : .empty
        let body: HTML = """
            <h1>\(t("督办台账", "Assignments"))</h1><p class="lead">\(t("亮灯由期限、节点和所涉办件的时限自动计算。", "The lights are computed from deadlines, milestones and the clocks of what a task concerns."))</p>\(add)\
            \(filters(filter, word, t))\(visit.exports)\(table(shown, t))\(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/assignments", t))
            """
        return .page(
            Page(
                title: Bilingual("督办台账", "Assignments"),
                trail: [.desk, Crumb(Bilingual("督办事项", "Assignments"), "/desk/rooms/assignments")], width: .desk,
                body: body))
    }

    private func filters(_ filter: AssignmentFilter, _ word: (String) -> String?, _ t: Say) -> HTML {
        let states = Assignment.State.allCases.map { ($0.rawValue, t($0.title)) } + [("all", t("全部", "All"))]
        let lights = [LightOutcome.Light.onTime, .atRisk, .late].map { ($0.rawValue, t($0.title)) }
        return Fields.filters(
            "/desk/assignments",
            """
            \(Fields.select(.init("state", t("状态", "State")), states, value: word("state"), none: t("未办结", "Not closed"), t))\
            \(Fields.select(.init("light", t("亮灯", "Light")), lights, value: word("light"), none: t("全部", "All"), t))\
            \(Fields.select(.init("source", t("来源", "Source")), AssignmentSource.allCases.map { ($0.rawValue, t($0.title)) }, value: filter.source, none: t("全部", "All"), t))\
            \(Fields.select(.init("lead", t("主办处室", "Led by")), house.city.divisions.map { ($0.code, t($0.name)) }, value: filter.lead, none: t("全部", "All"), t))
            """, t)
    }

    private func table(_ lines: [Line], _ t: Say) -> HTML {
        let rows = lines.map { line -> [HTML] in
            let task = line.task
            return [
                "<a href=\"/cases/\(task.caseID.text)\">\(task.number)</a>", HTML(text: task.title),
                HTML(text: t(task.source.title)),
                HTML(text: task.lead.isEmpty ? t("待分办", "To be shared out") : t(house.city.division(task.lead))),
                HTML(text: task.deadline.text(t.language)), HTML(text: line.milestones),
                line.light.map { Lights.badge($0, t) } ?? Parts.badge(t(task.state.title)),
                HTML(text: t(task.state.title)),
            ]
        }
        return Parts.table(
            t("督办台账", "Assignments"),
            [
                .init(t("编号", "Number")), .init(t("事项", "Task")), .init(t("来源", "Source")),
                .init(t("主办处室", "Led by")), .init(t("期限", "Deadline")), .init(t("节点", "Milestones")),
                .init(t("亮灯", "Light")), .init(t("状态", "State")),
            ], rows, empty: "<p>\(t("没有符合条件的事项。", "No task fits."))</p>")
    }

    /// Open tasks by source and by division, each with its light.
    func summary(_ visit: Visit) async throws -> HTML {
        let t = visit.say
        let filter = AssignmentFilter(viewer: Self.viewer(visit.actor), isRunning: true)
        let open = try await lines(filter, light: nil, after: nil, limit: 2_000)
        let counted = open.compactMap { line in line.light.map { (line, $0) } }
        let source = Lights.chart(
            counted.map { (t($0.0.task.source.title), $0.1) }, id: "by-source",
            title: Bilingual("在办事项（按来源）", "Open tasks by source"), t)
        let division = Lights.chart(
            counted.map {
                let lead = $0.0.task.lead
                return (lead.isEmpty ? t("待分办", "To be shared out") : t(house.city.division(lead)), $0.1)
            }, id: "by-division", title: Bilingual("在办事项（按主办处室）", "Open tasks by division"), t)
        func count(_ light: LightOutcome.Light) -> String { String(counted.filter { $0.1 == light }.count) }
        let tiles = Parts.tiles([
            (count(.onTime), t("正常", "on time"), "/desk/assignments?light=on-time"),
            (count(.atRisk), t("预警", "at risk"), "/desk/assignments?light=at-risk"),
            (count(.late), t("逾期", "late"), "/desk/assignments?light=late"),
        ])
        return "\(tiles)<div class=\"charts\">\(Parts.card(nil, source))\(Parts.card(nil, division))</div>"
    }
}
