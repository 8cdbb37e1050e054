import Kernel
import Portal
import Review
import Store

/// The officer's list of meetings, and planning one.
struct MeetingDesk: Sendable {
    let house: House

    private var shared: MeetingHouse { MeetingHouse(house: house) }

    var routes: [Route] {
        [
            Route(
                "meetings.desk", .get, "/desk/meetings", access: MeetingHouse.staff,
                summary: Bilingual("评审会议", "Panel meetings"), handler: list),
            Route(
                "meetings.new", .get, "/desk/meetings/new", access: .roles([.officer]),
                summary: Bilingual("筹备会议", "Plan a meeting"),
                handler: { try await form($0, []) }),
            Route(
                "meetings.plan", .post, "/desk/meetings", access: .roles([.officer]),
                summary: Bilingual("筹备会议", "Plan a meeting"), handler: plan),
        ]
    }

    private func columns(_ t: Say) -> [ExportColumn<Meeting>] {
        let shared = shared
        return [
            ExportColumn(Bilingual("编号", "Number"), text: \.number),
            ExportColumn(Bilingual("名称", "Title"), text: { t($0.title) }),
            ExportColumn(Bilingual("时间", "Time"), text: { shared.time($0.startsAt) }),
            ExportColumn(Bilingual("地点", "Place"), text: { t($0.venue) }),
            ExportColumn(Bilingual("主持人", "Chair"), text: \.chairName),
            ExportColumn(Bilingual("秘书", "Secretary"), text: \.secretaryName),
            ExportColumn(Bilingual("状态", "State"), text: { t($0.state.title) }),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let (t, db) = (visit.say, house.db)
        let state = visit.query("state").flatMap(Meeting.State.init(rawValue:))
        let call = visit.query("call").flatMap { $0.isEmpty ? nil : $0 }
        let before: ID<Meeting>? = visit.query("before").map { ID($0) }
        let file = try visit.export(Bilingual("评审会议", "Panel meetings"), columns(t)) { last, limit in
            try await db.read { tx in
                try MeetingStore.list(state: state, call: call, before: last?.id, limit: limit, tx)
            }
        }
        if let file { return file }
        let found = try await db.read { tx in
            try MeetingStore.list(state: state, call: call, before: before, limit: 51, tx)
        }
        let rows = found.prefix(50).map { meeting -> [HTML] in
            [
                "<a href=\"/desk/meetings/\(meeting.id.text)\">\(meeting.number)</a>", HTML(text: t(meeting.title)),
                HTML(text: shared.time(meeting.startsAt)), HTML(text: t(meeting.venue)), HTML(text: meeting.chairName),
                MeetingHouse.state(meeting.state, t),
            ]
        }
        let kept = "state=\(state?.rawValue ?? "")&call=\(call ?? "")"
        let next =
            found.count > 50
            ? found.prefix(50).last.flatMap { SafeURL(checking: "/desk/meetings?\(kept)&before=\($0.id.text)") } : nil
        let filters = Fields.select(
            .init("state", t("状态", "State")), Meeting.State.allCases.map { ($0.rawValue, t($0.title)) },
            value: state?.rawValue, none: t("全部", "All"), t)
        let button: HTML =
            Policy.may(visit.actor, .runReviews)
            ? "<p>\(Parts.button(t("筹备会议", "Plan a meeting"), to: "/desk/meetings/new"))</p>" : .empty
        let body: HTML = """
            <h1>\(t("评审会议", "Panel meetings"))</h1>\(Fields.filters("/desk/meetings", filters, t))\(button)\(visit.exports)\
            \(Parts.table(t("评审会议", "Panel meetings"), [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("时间", "Time")), .init(t("地点", "Place")), .init(t("主持人", "Chair")), .init(t("状态", "State")),
            ], rows, empty: "<p>\(t("没有会议。", "No meetings."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/desk/meetings", t))
            """
        return .page(Page(title: MeetingHouse.desk.title, trail: [.desk], width: .desk, body: body))
    }

    private func form(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let get: (String) -> String = { visit.form[$0] ?? visit.query($0) ?? "" }
        let today = house.today
        // Who is away today may be there on the day of the meeting, which is chosen here: all are offered, with when
        // they are away.
        let experts = try await house.db.read { tx in try ExpertStore.holding(on: today, limit: 500, tx) }
        let options = experts.map { expert -> (value: String, title: String) in
            let away = expert.away.filter { $0.upperBound >= today }.map { t($0.bilingual) }
            let words = away.isEmpty ? "" : t("，不在：", ", away: ") + away.joined(separator: t("、", "; "))
            return (expert.account.text, "\(t(expert.introduced))\(words)")
        }
        let divisions = house.city.divisions.map { ($0.code, t($0.name)) }
        let both = MeetingHouse.bothLanguages(t)
        let fields: HTML = """
            \(Parts.hidden([("call", get("call"))]))\
            \(Fields.input(.init("title", t("会议名称", "Title"), hint: both), value: get("title"), problem: Fields.problem("title", problems, t), t))\
            \(if: visit.actor.division == nil, Fields.select(.init("division", t("处室", "Division")), divisions, value: get("division"), problem: Fields.problem("division", problems, t), t))\
            \(Fields.input(.init("place", t("地点", "Place"), hint: both), value: get("place"), problem: Fields.problem("place", problems, t), t))\
            \(Fields.input(.init("day", t("日期", "Day")), type: "date", value: get("day"), problem: Fields.problem("day", problems, t), isWide: false, t))\
            \(Fields.input(.init("time", t("开始时间", "Begins at"), hint: t("如 09:30", "such as 09:30")), value: get("time"), problem: Fields.problem("time", problems, t), isWide: false, t))\
            \(Fields.choices(.init("members", t("委员", "Members")), options, chosen: visit.form.all("members"), isMany: true, problem: Fields.problem("members", problems, t), t))\
            \(Fields.select(.init("chair", t("主持人", "Chair"), hint: t("须为所选委员之一", "One of the members chosen")), options, value: get("chair"), problem: Fields.problem("chair", problems, t), t))
            """
        let body: HTML = """
            <h1>\(t("筹备会议", "Plan a meeting"))</h1>\(Parts.errors(problems, t))\
            \(Fields.form("/desk/meetings", token: visit.csrfToken, fields, buttons: Fields.submit(t("发出邀请", "Send the invitations"))))
            """
        return .page(
            Page(
                title: Bilingual("筹备会议", "Plan a meeting"), trail: [.desk, MeetingHouse.desk], width: .desk,
                body: body),
            status: problems.isEmpty ? 200 : 422)
    }

    private func plan(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        let zone = house.city.zone
        let start = Day(form["day"] ?? "").flatMap { zone.moment(of: $0, at: form["time"] ?? "") }
        let call = form["call"].flatMap { $0.isEmpty ? nil : $0 }
        let plan = MeetingActions.Plan(
            call: call, title: form["title"] ?? "", division: visit.actor.division ?? form["division"] ?? "",
            place: form["place"] ?? "", startsAt: start ?? Instant(microseconds: 0),
            chair: form["chair"].flatMap { $0.isEmpty ? nil : ID($0) }, members: form.all("members").map { ID($0) })
        var wrong: [FieldProblem] = []
        func miss(_ field: String, _ zh: String, _ en: String) {
            wrong.append(FieldProblem(field: field, code: "meeting.\(field)", message: Bilingual(zh, en)))
        }
        if Day(form["day"] ?? "") == nil {
            miss("day", "请按 2026-01-31 的格式填写日期", "Write the day as 2026-01-31")
        }
        if zone.moment(of: house.today, at: form["time"] ?? "") == nil {
            miss("time", "请按 09:30 的格式填写开始时间", "Begins at: write the time as 09:30")
        }
        if !house.city.divisions.contains(where: { $0.code == plan.division }) {
            miss("division", "请从列表中选择处室", "Choose the division from the list")
        }
        do {
            return .redirect(
                "/desk/meetings/\(try await shared.actions.plan(plan, found: wrong, by: visit.actor).text)")
        } catch MeetingError.incomplete(let problems) {
            // Without a day and a time nothing is too early.
            return try await self.form(visit, problems.filter { start != nil || $0.code != "meeting.starts" })
        }
    }
}
