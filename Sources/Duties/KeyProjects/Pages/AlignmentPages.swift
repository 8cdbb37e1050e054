import Kernel
import Portal
import Store

/// The map of industry chains, and how the city keeps its duty to co-fund.
struct AlignmentPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "key.chains", .get, "/key-projects/chains", access: .everyone,
                summary: Bilingual("产业链图谱", "Map of industry chains"), handler: chains),
            Route(
                "key.alignment", .get, "/desk/key-projects/alignment", access: DemandPages.staff,
                summary: Bilingual("国家和省项目衔接", "National and provincial projects"), handler: alignment),
        ]
    }

    private func label(_ register: String, _ field: String, _ value: String?, _ t: Say) -> String {
        house.registers[register]?.form.field(field)?.options?.first { $0.value == value }.map { t($0.label) } ?? value
            ?? "—"
    }

    private func chains(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let register = "key.chain-links"
        let links = try await house.db.read { tx in
            try RegisterStore.list(register, RegisterFilter(state: "current"), limit: 500, tx)
        }
        let options = house.registers[register]?.form.field("chain")?.options ?? []
        let blocks = HTML(each: options) { option in
            let own = links.filter { $0.content["chain"]?.string == option.value }
            return own.isEmpty ? .empty : Parts.card(t(option.label), map(own, t))
        }
        let body: HTML = """
            <h1>\(t("产业链图谱", "Map of industry chains"))</h1>\
            <p>\(t("各环节的缺口、相关需求、在研项目和骨干企业。", "Each link with its gap, the demands and projects that concern it, and its leading firms."))</p>\
            \(links.isEmpty ? "<p>\(t("还没有登记产业链环节。", "No links are entered yet."))</p>" : blocks)
            """
        return .page(
            Page(
                title: Bilingual("产业链图谱", "Map of industry chains"),
                trail: [Crumb(Bilingual("重大专项", "Key projects"), "/rooms/key-projects")], width: .desk, body: body))
    }

    /// Links from upstream to downstream.
    private func map(_ links: [RegisterEntry], _ t: Say) -> HTML {
        let order = ["upstream", "middle", "downstream"]
        let sorted = links.sorted { left, right in
            let places = [left, right].map { order.firstIndex(of: $0.content["stage"]?.string ?? "") ?? 9 }
            return (places[0], left.number) < (places[1], right.number)
        }
        let rows = sorted.map { link -> [HTML] in
            let gap = link.content["gap"]?.string
            let tone: Parts.Tone = gap == "full" ? .bad : gap == "partial" ? .warning : .good
            let demands = DemandHooks.numbers(link.content["demands"]?.string)
            return [
                HTML(text: label("key.chain-links", "stage", link.content["stage"]?.string, t)),
                "<a href=\"/registers/key.chain-links/\(link.number)\">\(link.name)</a>",
                "\(Parts.badge(label("key.chain-links", "gap", gap, t), tone)) \(link.content["gap-note"]?.string ?? "")",
                HTML(each: demands) { "<a href=\"/key-projects/demands/\($0)\">\($0)</a> " },
                HTML(text: link.content["projects"]?.string ?? "—"), HTML(text: link.content["firms"]?.string ?? "—"),
            ]
        }
        return Parts.table(
            t("环节", "Links"),
            [
                .init(t("位置", "Place")), .init(t("环节", "Link")), .init(t("缺口", "Gap")), .init(t("需求", "Demands")),
                .init(t("项目", "Projects")), .init(t("企业", "Firms")),
            ], rows, empty: "—")
    }

    // MARK: Co-funding

    /// A project of a higher level with what the city owes and paid.
    struct Duty: Hashable, Sendable {
        let number: String
        let title: String
        let level: String
        let grant: Money
        let due: Money
        let paid: Money

        var left: Money { due - paid }
    }

    /// Two queries, whatever the number of projects.
    static func duties(_ tx: Tx) throws -> [Duty] {
        let entries = try RegisterStore.list("key.upper-projects", limit: 1_000, tx)
        let paid = try tx.rows(
            """
            SELECT entry, CAST(SUM(value) AS BIGINT) AS paid FROM register_figure
            WHERE register = 'key.upper-projects' AND field = 'cofunded' GROUP BY entry
            """
        ) { (try $0["entry"] as ID<RegisterMark>, try $0["paid"] as Int64) }
        let byEntry = Dictionary(paid, uniquingKeysWith: { first, _ in first })
        return entries.map { entry in
            Duty(
                number: entry.number, title: entry.name, level: entry.content["level"]?.string ?? "",
                grant: Money(fen: entry.content["grant"]?.integer ?? 0),
                due: Money(fen: entry.content["cofund-due"]?.integer ?? 0), paid: Money(fen: byEntry[entry.id] ?? 0))
        }
    }

    private func alignment(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let duties = try await house.db.read { tx in try Self.duties(tx) }
        let rows = duties.map { duty -> [HTML] in
            [
                "<a href=\"/registers/key.upper-projects/\(duty.number)\">\(duty.number)</a>", HTML(text: duty.title),
                HTML(text: label("key.upper-projects", "level", duty.level, t)), HTML(text: duty.grant.yuanText),
                HTML(text: duty.due.yuanText), HTML(text: duty.paid.yuanText),
                duty.left > .zero
                    ? Parts.badge(duty.left.yuanText, .warning) : Parts.badge(t("已付清", "Paid in full"), .good),
            ]
        }
        let body: HTML = """
            <h1>\(t("国家和省项目衔接", "National and provincial projects"))</h1>\(Self.chart(duties, t))\
            \(Parts.table(t("配套责任", "Duty to co-fund"), [
                .init(t("编号", "Number")), .init(t("项目", "Project")), .init(t("层级", "Level")), .init(t("上级资助（元）", "Grant (yuan)"), numeric: true),
                .init(t("应配套（元）", "Due (yuan)"), numeric: true), .init(t("已配套（元）", "Paid (yuan)"), numeric: true), .init(t("未付（元）", "Left (yuan)"), numeric: true),
            ], rows, empty: "<p>\(t("还没有登记国家和省重大项目。", "No national or provincial project is entered yet."))</p>"))
            """
        return .page(
            Page(
                title: Bilingual("国家和省项目衔接", "National and provincial projects"), trail: [DemandPages.desk],
                width: .desk,
                body: body))
    }

    static func chart(_ duties: [Duty], _ t: Say) -> HTML {
        let owing = duties.filter { $0.due > .zero }.prefix(12)
        guard !owing.isEmpty else { return .empty }
        func tenThousands(_ money: Money) -> Int { Int(money.fen / 1_000_000) }
        return Chart.stacked(
            ChartText(
                id: "cofunding", title: t("配套资助", "Co-funding"),
                description: t("各项目已付和未付的配套资助。", "Co-funding paid and left, by project."), unit: t("万元", "10,000 yuan")),
            series: [t("已付", "Paid"), t("未付", "Left")],
            owing.map { (label: $0.title, values: [tenThousands($0.paid), max(0, tenThousands($0.left))]) }, t)
    }
}
