import Kernel
import Portal
import Store

/// Incidents, for everybody to see: what goes on, what was, what was said of each, and which deadlines moved.
struct IncidentPages: Sendable {
    let house: House

    /// Incidents on a page.
    private static let size = 20

    var routes: [Route] {
        [
            Route(
                "incidents.list", .get, "/incidents", access: .everyone, summary: Bilingual("事件通报", "Incidents"),
                handler: list),
            Route(
                "incidents.feed", .get, "/incidents.atom", access: .everyone,
                summary: Bilingual("事件通报订阅", "Feed of incidents"), handler: feed),
            Route(
                "incidents.show", .get, "/incidents/{number}", access: .everyone,
                summary: Bilingual("一个事件", "An incident"), handler: show),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (after, now, size) = (visit.query("after"), house.clock.now(), Self.size)
        let (open, closed, outages) = try await house.db.read { tx in
            let open = after == nil ? try IncidentStore.list(isOpen: true, limit: 50, tx) : []
            let closed = try IncidentStore.list(isOpen: false, after: after, limit: size + 1, tx)
            return (open, closed, try Self.outages(open + closed.prefix(size), now, tx))
        }
        let next: SafeURL? =
            closed.count > size ? closed.prefix(size).last.map { "/incidents?after=\($0.number)" } : nil
        let none = Parts.empty(t("没有正在处理的事件。", "Nothing is wrong now."))
        let current: HTML = open.isEmpty ? none : HTML(each: open) { block($0, $0.title, outages, now, t) }
        let past: HTML =
            closed.isEmpty
            ? Parts.empty(t("没有已结束的事件。", "No incident so far."))
            : HTML(each: closed.prefix(size)) { block($0, $0.title, outages, now, t) }
        let body: HTML = """
            <h1>\(t("事件通报", "Incidents"))</h1><p class="lead">\(t("系统故障、数据和安全事件：何时开始、影响什么、查到什么、何时修复。已发布的内容不再修改，只增加新的进展；每一条都写入存证日志。", "Failures of the service, and incidents of data and security: when they began, what they touch, what is known, when they were mended. What was said is never changed, only followed, and stands in the record."))</p>\
            <p><a href="/incidents.atom">\(t("订阅（Atom）", "Feed (Atom)"))</a> · <a href="/outages">\(t("停机记录与期限顺延", "Outages, and deadlines that moved"))</a></p>\
            \(if: after == nil, "<h2>\(t("正在处理", "Now"))</h2>\(current)")<h2>\(t("已结束", "Closed"))</h2>\(past)\
            \(Parts.pager(next: next, first: after == nil ? nil : "/incidents", t))
            """
        return .page(Page(title: Bilingual("事件通报", "Incidents"), body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let (number, now) = (visit.path("number"), house.clock.now())
        let (report, outages) = try await house.db.read { tx in
            guard let report = try IncidentStore.find(number: number, tx) else { throw IncidentError.unknown }
            return (report, try Self.outages([report], now, tx))
        }
        let t = visit.say
        let body: HTML = """
            <h1>\(t(report.title))</h1>\(block(report, nil, outages, now, t))
            """
        return .page(
            Page(title: report.title, trail: [Crumb(Bilingual("事件通报", "Incidents"), "/incidents")], body: body))
    }

    private func feed(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let size = Self.size
        let reports = try await house.db.read { tx in try IncidentStore.said(limit: size, tx) }
        let entries = reports.compactMap { report -> Feed.Entry? in
            guard let last = report.updates.last else { return nil }
            return Feed.Entry(
                path: "/incidents/\(report.number)", title: t(report.title), updated: last.at,
                summary: "\(t(last.state.title))\(t.colon)\(t(last.text))")
        }
        return .feed(
            Feed(
                title: t("事件通报", "Incidents"), path: "/incidents", author: t(house.city.bureau),
                updated: entries.map(\.updated).max() ?? house.clock.now(), entries: entries))
    }

    /// Outages that an incident names; a longer list has its own page.
    private static let mostOutages = 50

    /// The outages that were measured while each of these went on: one query.
    private static func outages(_ reports: [IncidentReport], _ now: Instant, _ tx: Tx) throws -> [Outage] {
        let spans = reports.map { $0.beganAt...max($0.beganAt, $0.endedAt ?? now) }
        return try OutageStore.list(within: spans, limit: mostOutages, tx)
    }

    /// What was said of an incident, as rows of a timeline.
    /// - Parameter detail: how the text is shown.
    static func said(
        _ report: IncidentReport, _ zone: CityZone, _ t: Say, detail: (Bilingual) -> HTML
    ) -> [(when: String, what: String, who: String, detail: HTML)] {
        report.updates.map { update in
            (when: zone.clockText(update.at), what: t(update.state.title), who: "", detail: detail(update.text))
        }
    }

    /// One incident with all that was said of it.
    /// - Parameter title: nil on its own page, which is headed by it.
    private func block(
        _ report: IncidentReport, _ title: Bilingual?, _ outages: [Outage], _ now: Instant, _ t: Say
    ) -> HTML {
        let zone = house.city.zone
        let said = Self.said(report, zone, t) { Parts.paragraphs(t($0)) }
        let known = outages.filter { report.meets($0, now: now) }.prefix(Self.mostOutages)
        let met = HTML(each: known) { outage($0, t) }
        let all: HTML = "<li><a href=\"/outages\">\(t("全部停机记录", "All outages"))</a></li>"
        return Parts.card(
            t(title),
            """
            <p>\(Self.badge(report.state, t)) \(Parts.badge(t(report.kind.title))) <a href="/incidents/\(report.number)">\(report.number)</a></p>\
            <p class="hint">\(t("开始于", "Began")) \(zone.clockText(report.beganAt))\(with: report.endedAt, { " · \(t("修复于", "mended")) \(zone.clockText($0))" })</p>\
            \(Parts.timeline(said))\(if: !met.isEmpty, "<ul>\(met)\(if: known.count == Self.mostOutages, all)</ul>")
            """)
    }

    private func outage(_ outage: Outage, _ t: Say) -> HTML {
        let zone = house.city.zone
        let notice: HTML? = outage.notice.map {
            "\(t("；期限顺延见 ", "; deadlines moved: "))<a href=\"/notices/\($0)\">\($0)</a>"
        }
        return """
            <li><a href="/outages#outage-\(outage.id.text)">\(t("停机 \(outage.minutes) 分钟", "Down for \(counted(outage.minutes, "minute"))"))</a>\
            \(t.beside("\(zone.clockText(outage.from)) – \(zone.clockText(outage.until))"))\(notice)</li>
            """
    }

    static func badge(_ state: IncidentReport.State, _ t: Say) -> HTML {
        let tone: Parts.Tone =
            switch state {
            case .looking: .bad
            case .known: .warning
            case .mended: .good
            case .closed: .neutral
            }
        return Parts.badge(t(state.title), tone)
    }

    /// What waits for administrators: whoever was not told yet.
    static func waiting(_ actor: Actor, _ tx: Tx) throws -> [WaitingItem] {
        guard Policy.may(actor, .reportIncidents), !actor.isSystem else { return [] }
        return try IncidentTellingStore.waiting(limit: 20, tx).map {
            WaitingItem(
                Bilingual("告知事件", "Tell of an incident"), $0.title, at: "/admin/incidents/\($0.incident)",
                dueOn: $0.dueOn)
        }
    }
}
