import Kernel
import Portal
import Store
import Treasury

/// Payment runs and their files.
struct RunPages: Sendable {
    let house: House
    let treasury: Treasury

    var routes: [Route] {
        [
            Route(
                "treasury.runs", .get, "/desk/treasury/runs", access: TreasuryParts.readers,
                summary: Bilingual("支付批次", "Payment runs"), handler: list),
            Route(
                "treasury.runs.make", .post, "/desk/treasury/runs", access: TreasuryParts.treasurers,
                summary: Bilingual("生成支付批次", "Make a payment run"), handler: make),
            Route(
                "treasury.run", .get, "/desk/treasury/runs/{id}", access: TreasuryParts.readers,
                summary: Bilingual("一个支付批次", "A payment run"), handler: show),
            Route(
                "treasury.run.file", .get, "/desk/treasury/runs/{id}/{format}",
                access: .roles([.treasurer, .auditor]), summary: Bilingual("下载支付文件", "The file of a run"),
                handler: file),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let before: ID<PaymentRun>? = visit.query("before").map { ID($0) }
        let (db, zone) = (house.db, house.city.zone)
        let file = try visit.export(Bilingual("支付批次", "Payment runs"), columns(zone)) { last, limit in
            try await db.read { tx in try PaymentRunStore.list(before: last?.id, limit: limit, tx) }
        }
        if let file { return file }
        let (runs, ready) = try await db.read { tx in
            (
                try PaymentRunStore.list(before: before, limit: 51, tx),
                try PaymentStore.list(state: .ready, limit: 51, tx)
            )
        }
        let rows = runs.prefix(50).map { run -> [HTML] in
            [
                "<a href=\"/desk/treasury/runs/\(run.id.text)\">\(run.number)</a>",
                HTML(text: zone.clockText(run.madeAt)), HTML(text: run.madeName), HTML(text: String(run.count)),
                HTML(text: run.total.yuanText), HTML(text: run.executionOn.text(t.language)),
            ]
        }
        let next: SafeURL? =
            runs.count > 50 ? runs.prefix(50).last.map { "/desk/treasury/runs?before=\($0.id.text)" } : nil
        let mayMake = Policy.may(visit.actor, .runPayments) && !ready.isEmpty
        let body: HTML = """
            <h1>\(t("支付批次", "Payment runs"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.card(t("待支付", "Ready for a run"), """
                \(TreasuryParts.orders(t("待支付", "Ready for a run"), ready.prefix(50), empty: t("没有待支付的付款单。", "No payment order is ready."), t))\
                \(if: mayMake, Parts.post("/desk/treasury/runs", t("生成支付批次", "Make a payment run"), token: visit.csrfToken, .primary))
                """))\
            \(Parts.card(t("已生成的批次", "Runs made"), """
                \(visit.exports)\(Parts.table(t("支付批次", "Payment runs"), [
                    .init(t("批次", "Run")), .init(t("生成时间", "Made at")), .init(t("经办", "By")), .init(t("笔数", "Orders"), numeric: true),
                    .init(t("合计（元）", "Total (yuan)"), numeric: true), .init(t("付款日", "Execution")),
                ], Array(rows), empty: "<p>\(t("还没有支付批次。", "There is no run yet."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/desk/treasury/runs", t))
                """))
            """
        return .page(
            Page(title: Bilingual("支付批次", "Payment runs"), trail: TreasuryParts.trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func columns(_ zone: CityZone) -> [ExportColumn<PaymentRun>] {
        [
            ExportColumn(Bilingual("批次", "Run"), text: \.number),
            ExportColumn(Bilingual("生成时间", "Made at"), text: { zone.clockText($0.madeAt) }),
            ExportColumn(Bilingual("经办", "By"), text: \.madeName),
            ExportColumn(Bilingual("笔数", "Orders")) { .number(Int64($0.count)) },
            ExportColumn(Bilingual("合计（元）", "Total (yuan)")) { .money($0.total) },
            ExportColumn(Bilingual("付款日", "Execution")) { .day($0.executionOn) },
            ExportColumn(Bilingual("文件摘要", "Hash of the file"), text: \.xmlHash),
        ]
    }

    private func make(_ visit: Visit) async throws -> Answer {
        do {
            return .redirect("/desk/treasury/runs/\(try await treasury.runs.make(by: visit.actor).id)")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, problem)
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<PaymentRun> = try visit.id("id")
        let after = try visit.query("after").map { try Cursor(parsing: $0, count: 1) }?.values[0].string
        let db = house.db
        let columns = TreasuryParts.orderColumns(visit.language, house.city.zone)
        let run = try await db.read { tx in try PaymentRunStore.require(id, tx) }
        let export = try visit.export(Bilingual(run.number, run.number), columns) { last, limit in
            try await db.read { tx in try PaymentStore.list(run: id, after: last?.number, limit: limit, tx) }
        }
        if let export { return export }
        let orders = try await db.read { tx in try PaymentStore.list(run: id, after: after, limit: 51, tx) }
        let next: SafeURL? =
            orders.count > 50
            ? orders.prefix(50).last.map {
                "/desk/treasury/runs/\(id.text)?after=\(Cursor([.string($0.number)]).text)"
            } : nil
        let files: HTML =
            Policy.may(visit.actor, .takePaymentFiles)
            ? "<div class=\"buttons\">\(Parts.button(t("下载 pain.001（XML）", "Download pain.001 (XML)"), to: "/desk/treasury/runs/\(id.text)/xml")) \(Parts.button(t("下载 CSV", "Download CSV"), to: "/desk/treasury/runs/\(id.text)/csv", .secondary)) \(Parts.button(t("录入银行回单", "Read the bank's answer"), to: "/desk/treasury/answers", .secondary))</div>"
            : .empty
        let body: HTML = """
            <h1>\(t("支付批次 \(run.number)", "Payment run \(run.number)"))</h1>\(files)\(Parts.card(t("批次", "Run"), Parts.facts([
                (t("笔数", "Orders"), HTML(text: String(run.count))), (t("合计", "Total"), HTML(text: run.total.text(t.language))),
                (t("付款日", "Execution"), HTML(text: run.executionOn.text(t.language))), (t("付款人", "Payer"), HTML(text: run.payer.name)),
                (t("经办", "By"), HTML(text: run.madeName)), (t("生成时间", "Made at"), HTML(text: house.city.zone.clockText(run.madeAt))),
                (t("XML 摘要 SHA-256", "SHA-256 of the XML"), "<code>\(run.xmlHash)</code>"), (t("CSV 摘要 SHA-256", "SHA-256 of the CSV"), "<code>\(run.csvHash)</code>"),
            ])))\(visit.exports)\(TreasuryParts.orders(t("付款单", "Payment orders"), orders.prefix(50), empty: "—", t))\
            \(Parts.pager(next: next, first: after == nil ? nil : "/desk/treasury/runs/\(id.text)", t))
            """
        let trail = TreasuryParts.trail + [Crumb(Bilingual("支付批次", "Payment runs"), "/desk/treasury/runs")]
        return .page(
            Page(title: Bilingual(run.number, run.number), trail: trail, width: .desk, body: body))
    }

    private func file(_ visit: Visit) async throws -> Answer {
        let id: ID<PaymentRun> = try visit.id("id")
        switch visit.path("format") {
        case "xml":
            let (run, bytes) = try await treasury.runs.xml(id, by: visit.actor)
            return .bytes(bytes, type: "application/xml", name: "\(run.number).xml")
        case "csv":
            let (run, bytes) = try await treasury.runs.csv(id, by: visit.actor)
            return .bytes(bytes, type: "text/csv; charset=utf-8", name: "\(run.number).csv")
        default: throw TreasuryError.unknownRun
        }
    }
}
