import Kernel
import Portal
import Review
import Store

/// Calls as the public sees them.
struct CallPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "calls.list", .get, "/calls", access: .everyone, summary: Bilingual("申报指南列表", "List of calls"),
                handler: list),
            Route(
                "calls.show", .get, "/calls/{number}", access: .everyone, summary: Bilingual("申报指南", "A call"),
                handler: show),
            Route(
                "calls.feed", .get, "/calls.atom", access: .everyone,
                summary: Bilingual("申报指南订阅", "Feed of calls"), handler: feed),
            Route(
                "calls.calendar", .get, "/calls.ics", access: .everyone,
                summary: Bilingual("申报截止日历", "Calendar of closing dates"), handler: calendar),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let phase = visit.query("phase").flatMap(CallFilter.Phase.init(rawValue:)) ?? .open
        let programme = visit.query("programme").flatMap { $0.isEmpty ? nil : $0 }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let (today, place) = (house.today, cursor?.dayAndID)
        let (calls, programmes) = try await house.db.read { tx in
            (
                try CallStore.list(
                    CallFilter(phase: phase, programme: programme), today: today, after: place, limit: 21, tx),
                try ProgrammeStore.all(tx)
            )
        }
        let shown = calls.prefix(20)
        let next: SafeURL? =
            calls.count > 20
            ? shown.last.map { last in
                let cursor = Cursor(phase.day(of: last), last.id.text).text
                return "/calls?phase=\(phase.rawValue)&programme=\(programme ?? "")&after=\(cursor)"
            } : nil
        let phases: [(String, String)] = [
            ("open", t("正在申报", "Open")), ("upcoming", t("即将开放", "Coming")), ("closed", t("已截止", "Closed")),
            ("all", t("全部", "All")),
        ]
        let body: HTML = """
            <h1>\(t("申报指南", "Calls"))</h1>\(Fields.filters("/calls", """
                \(Fields.select(.init("phase", t("状态", "State")), phases, value: phase.rawValue, t))\
                \(Fields.select(.init("programme", t("科技计划", "Programme"), required: true), programmes.map { ($0.code, t($0.name)) }, value: programme, none: t("全部", "All"), t))
                """, t))
            \(shown.isEmpty ? "<div class=\"empty\">\(t("目前没有符合条件的指南。可以查看全部，或订阅更新。", "No call fits. See all of them, or subscribe to news."))</div>" : .empty)\
            <ul class="calls">\(each: shown, { CallPages.item($0, today: today, t) })</ul>\
            \(Parts.pager(next: next, first: cursor == nil ? nil : "/calls?phase=\(phase.rawValue)", t))\
            <p><a href="/calls.atom">\(t("订阅（Atom）", "Subscribe (Atom)"))</a> · <a href="/calls.ics">\(t("截止日历（iCalendar）", "Closing dates (iCalendar)"))</a></p>
            """
        return .page(Page(title: Bilingual("申报指南", "Calls"), body: body))
    }

    /// A call in a list, with how long it is still open.
    static func item(_ call: CallSummary, today: Day, _ t: Say) -> HTML {
        """
        <li><h2><a href="/calls/\(call.number)">\(t(call.title))</a></h2><p>\(t(call.programme)) · \(call.number)</p>\
        <p>\(phase(call.opensOn, call.closesOn, today: today, t)) \(t("申报时间", "Open")) \(call.opensOn.text(t.language)) – \(call.closesOn.text(t.language)) 24:00 · \
        \(t("预算", "Budget")) \(call.budget.text(t.language))</p></li>
        """
    }

    static func phase(_ opens: Day, _ closes: Day, today: Day, _ t: Say) -> HTML {
        if today < opens { return Parts.badge(t("未开始", "Not open yet"), .info) }
        if today > closes { return Parts.badge(t("已截止", "Closed"), .neutral) }
        let left = closes.number - today.number
        let words = left == 0 ? t("今天截止", "Closes today") : t("剩 \(left) 天", "\(counted(left, "day")) left")
        return Parts.badge(words, left <= 3 ? .warning : .good)
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let number = visit.path("number")
        let (call, programme, extensions) = try await house.db.read {
            tx -> (Call, Programme?, [(change: CallExtension, outage: Outage)]) in
            guard let call = try CallStore.find(number: number, tx), call.state == .published else {
                throw CallError.unknown
            }
            return (call, try ProgrammeStore.find(call.programme, tx), try CallExtensions.of(call.id, tx))
        }
        let today = house.today
        let content = call.content
        let apply: HTML =
            if !call.isOpen(on: today) {
                "<p>\(t("现在不在申报时间内。", "Applications are not taken now."))</p>"
            } else if ApplicationActions.isOpen(to: visit.actor) {
                "<p>\(Parts.button(t("开始申报", "Apply"), to: "/applications/new?call=\(call.number)"))</p>"
            } else {
                .empty
            }
        let facts: [(String, HTML)] = [
            (t("指南编号", "Number"), HTML(text: call.number)),
            (t("科技计划", "Programme"), HTML(text: programme.map { t($0.name) } ?? "")),
            (t("申报时间", "Open"), "\(call.opensOn.text(t.language)) 00:00 – \(call.closesOn.text(t.language)) 24:00"),
            (t("本批预算", "Budget"), HTML(text: call.budget.text(t.language))),
            (
                t("单项资助", "For each project"),
                "\(content.minimum.text(t.language)) – \(content.maximum.text(t.language))"
            ),
            (
                t("项目期限", "Term"),
                HTML(text: t("不超过 \(content.termMonths) 个月", "at most \(counted(content.termMonths, "month"))"))
            ),
            (
                t("可申报单位", "Who may apply"),
                HTML(
                    text: content.hosts.compactMap { Organisation.Kind(rawValue: $0.rawValue).map { t($0.title) } }
                        .joined(separator: t("、", ", ")))
            ),
            (
                t("限项", "Limits"),
                HTML(text: content.limited ? t("适用申报限项规定", "The limits on applications apply") : t("不限项", "No limits"))
            ),
            (t("承办处室", "Division"), HTML(text: t(house.city.division(call.division)))),
        ]
        let criteria = content.sheet.criteria.map { [HTML(text: t($0.title)), HTML(text: "\($0.weight / 10)%")] }
        let tranches = content.tranches.enumerated().map { index, plan in
            [HTML(text: String(index + 1)), HTML(text: "\(plan.perMille / 10)%"), HTML(text: t(plan.condition))]
        }
        let body: HTML = """
            <div class="title-row"><h1>\(t(call.title))</h1>\(CallPages.phase(call.opensOn, call.closesOn, today: today, t))</div>\
            \(CallPages.extended(extensions, t))<p class="lead">\(t(content.summary))</p>\(apply)\(Parts.card(nil, Parts.facts(facts)))\
            \(Parts.card(t("申报条件", "Conditions"), "<ol>\(each: content.conditions, { "<li>\(t($0))</li>" })</ol>"))\
            \(Parts.card(t("要填写和提交的内容", "What you fill in"), "<ul>\(each: content.wholeForm.sections, { CallPages.section($0, t) })</ul>"))\
            \(Parts.card(t("评审标准", "Criteria"), Parts.table(t("评审标准", "Criteria"), [.init(t("标准", "Criterion")), .init(t("权重", "Weight"), numeric: true)], criteria, empty: "—")))\
            \(Parts.card(t("拨款安排", "Tranches"), Parts.table(t("拨款安排", "Tranches"), [.init(t("期次", "No.")), .init(t("比例", "Share"), numeric: true), .init(t("条件", "Condition"))], tranches, empty: "—")))
            """
        return .page(Page(title: call.title, trail: [Crumb(Bilingual("申报指南", "Calls"), "/calls")], body: body))
    }

    /// Why a call is open longer than it was announced.
    /// A part of the form with what it asks, where that says more than its title.
    private static func section(_ section: FormSection, _ t: Say) -> HTML {
        let asked = section.fields.map { t($0.label) }
        let title: HTML = "<strong>\(t(section.title))</strong>"
        guard asked != [t(section.title)] else { return "<li>\(title)</li>" }
        return "<li>\(title)\(t("：", ": "))\(asked.joined(separator: t("、", ", ")))</li>"
    }

    private static func extended(_ all: [(change: CallExtension, outage: Outage)], _ t: Say) -> HTML {
        guard let first = all.first else { return .empty }
        let items = HTML(each: all) { one in
            let notice: HTML? = one.outage.notice.map {
                " <a href=\"/notices/\($0)\">\(t("公告 \($0)", "Notice \($0)"))</a>"
            }
            return
                "<li>\(t("系统停机 \(one.outage.minutes) 分钟：由 \(one.change.from.text(.chinese)) 顺延至 \(one.change.to.text(.chinese)) 24:00。", "The system was down for \(counted(one.outage.minutes, "minute")): moved from \(one.change.from.text(.english)) to \(one.change.to.text(.english)), 24:00."))\(notice)</li>"
        }
        return Parts.notice(
            .warning,
            t(
                "申报截止已顺延至 \(first.change.to.text(.chinese)) 24:00",
                "The closing date was moved to \(first.change.to.text(.english)), 24:00"),
            "<ul>\(items)</ul><p><a href=\"/outages\">\(t("停机记录与顺延办法", "Outages, and the rule of extensions"))</a></p>")
    }

    private func published() async throws -> [CallSummary] {
        let today = house.today
        return try await house.db.read { tx in try CallStore.list(CallFilter(phase: .all), today: today, limit: 50, tx)
        }
    }

    private func feed(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let zone = house.city.zone
        let entries = try await published().map { call in
            Feed.Entry(
                path: "/calls/\(call.number)", title: t(call.title), updated: zone.start(of: call.opensOn),
                summary: t(
                    "申报时间 \(call.opensOn) 至 \(call.closesOn) 24:00",
                    "Open from \(call.opensOn) to \(call.closesOn) 24:00"))
        }
        let updated = entries.map(\.updated).max() ?? house.clock.now()
        return .feed(
            Feed(
                title: t("申报指南", "Calls"), path: "/calls", author: t(house.city.bureau), updated: updated,
                entries: entries))
    }

    private func calendar(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let zone = house.city.zone
        let events = try await published().map { call in
            CalendarFile.Event(
                uid: call.id.text, time: .moment(zone.end(of: call.closesOn)),
                title: t("截止：\(call.title.zh)", "Closes: \(call.title.en)"),
                details: "\(house.site)/calls/\(call.number)", changed: zone.start(of: call.opensOn))
        }
        return .calendar(
            CalendarFile(name: t("申报截止日历", "Closing dates of calls"), events: events), name: "kechuang-calls.ics")
    }
}
