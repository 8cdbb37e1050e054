import Kernel
import Portal
import Store

/// When the house was down, for everybody to see, and what that means for deadlines.
struct OutagePages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "outages.list", .get, "/outages", access: .everyone, summary: Bilingual("停机记录", "Outages"),
                handler: list)
        ]
    }

    private var columns: [ExportColumn<Outage>] {
        let zone = house.city.zone
        return [
            ExportColumn(Bilingual("开始", "From"), text: { zone.clockText($0.from) }),
            ExportColumn(Bilingual("恢复", "Until"), text: { zone.clockText($0.until) }),
            ExportColumn(Bilingual("分钟", "Minutes"), text: { String($0.minutes) }),
            ExportColumn(Bilingual("顺延的期限", "Deadlines moved"), text: { String($0.extended) }),
            ExportColumn(Bilingual("公告", "Notice"), text: { $0.notice ?? "" }),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (db, zone) = (house.db, house.city.zone)
        let file = try visit.export(Bilingual("停机记录", "Outages"), columns) { last, limit in
            try await db.read { tx in try OutageStore.list(after: last, limit: limit, tx) }
        }
        if let file { return file }
        let after: ID<Outage>? = try visit.query("after").map { try Cursor(parsing: $0, count: 1) }?.values.first?
            .string.map { ID($0) }
        let outages = try await db.read { tx in
            try OutageStore.list(after: try after.flatMap { try OutageStore.find($0, tx) }, limit: 51, tx)
        }
        let rows = outages.prefix(50).map { one -> [HTML] in
            [
                "<span id=\"outage-\(one.id.text)\">\(zone.clockText(one.from))</span>",
                HTML(text: zone.clockText(one.until)),
                HTML(text: String(one.minutes)), HTML(text: one.extended == 0 ? "—" : String(one.extended)),
                one.notice.map { "<a href=\"/notices/\($0)\">\($0)</a>" } ?? "—",
            ]
        }
        let next: SafeURL? =
            outages.count > 50
            ? outages.prefix(50).last.map { "/outages?after=\(Cursor([.string($0.id.text)]).text)" } : nil
        let body: HTML = """
            <h1>\(t("停机记录", "Outages"))</h1><p class="lead">\(t("系统每 \(Uptime.pause) 秒记下一次“可以受理”。中断超过 \(Uptime.longest) 秒的，恢复时即由系统记录在此，并写入存证日志。", "Every \(Uptime.pause) seconds the system notes that it can take work. A gap of more than \(Uptime.longest) seconds is entered here by the system itself as soon as it is back, and into the record."))</p>\
            <p>\(t("故障和安全事件的原因与进展见", "Causes and progress of incidents are in"))\(t("", " "))<a href="/incidents">\(t("事件通报", "Incidents"))</a></p>\
            \(Parts.card(t("顺延办法", "What it means for deadlines"), rule(t)))\
            \(visit.exports)\(Parts.table(t("停机记录", "Outages"), [
                .init(t("开始", "From")), .init(t("恢复", "Until")), .init(t("分钟", "Minutes"), numeric: true),
                .init(t("顺延的期限", "Deadlines moved"), numeric: true), .init(t("公告", "Notice")),
            ], Array(rows), empty: "<p>\(t("没有停机记录。", "No outage so far."))</p>"))\
            \(Parts.pager(next: next, first: after == nil ? nil : "/outages", t))
            """
        return .page(Page(title: Bilingual("停机记录", "Outages"), body: body))
    }

    /// The rule in words, with where it is written.
    private func rule(_ t: Say) -> HTML {
        guard let law = try? OutageLaw(house.city.rules, on: house.today) else {
            return "<p>\(t("本市没有规定。", "The city has no rule."))</p>"
        }
        return """
            <p>\(t("停机满 \(law.shortest) 分钟的：凡在停机期间或恢复后 \(law.near) 小时内截止的申报、征求意见、公示，以及等待申请人或单位办理的期限，一律顺延 \(law.time.text.zh)；停机超过 24 小时的，每 24 小时（不足的按 24 小时计）顺延一次。顺延由系统在恢复时自动办理并公告，对所有人相同，无须申请。", "When the system was down for \(counted(law.shortest, "minute")) or more, every call, consultation and notice that closes meanwhile or within \(counted(law.near, "hour")) after it is back, and every deadline of applicants and organisations that ends then, has \(law.time.text.en) more, for every 24 hours begun. The system does so by itself as soon as it is back and announces it in a notice. It is the same for everybody, and nobody needs to ask for it."))</p>\
            <p><span class="basis">\(t(law.source.cited))</span> \(if: law.source.confidence.needsChecking, Parts.toBeChecked(t))</p>
            """
    }
}
