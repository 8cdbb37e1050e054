import Kernel
import Portal
import Store

/// The proposals of a budget year side by side: amounts by programme, reasons, and what other departments said.
struct AllocationPages: Sendable {
    let house: House

    /// Most proposals that stand beside each other.
    private static let most = 6

    var routes: [Route] {
        [
            Route(
                "desk.allocations", .get, "/desk/allocations", access: .roles([.officer, .leader, .auditor]),
                summary: Bilingual("配置方案比较", "Allocation proposals compared"), handler: compare)
        ]
    }

    /// A proposal as the comparison reads it.
    private struct Proposal: Sendable {
        let file: CaseFile
        let step: Bilingual
        let answers: JSONValue
        let opinions: [(action: String, answers: JSONValue)]

        /// Fen proposed for each programme.
        var amounts: [(programme: String, before: Int64, proposed: Int64, why: String)] {
            (answers["lines"]?.array ?? []).map { line in
                (
                    line["programme"]?.string ?? "", line["before"]?.integer ?? 0, line["proposed"]?.integer ?? 0,
                    line["why"]?.string ?? ""
                )
            }
        }

        var total: Money { Money.sum(amounts.map { Money(fen: $0.proposed) }) }
    }

    private func load(_ year: Int) async throws -> [Proposal] {
        let procedures = house.procedures
        return try await house.db.read { tx in
            let lines = try CaseLists.list(
                CaseFilter(AllocationHooks.procedure, fields: ["year": String(year)]), limit: Self.most, tx)
            return try lines.filter { $0.file.step != "withdrawn" }.reversed().map { line in
                Proposal(
                    file: line.file, step: try procedures.step(of: line.file).title,
                    answers: try CaseStore.answers(line.file.id, tx).content,
                    opinions: try CaseValues.asked(of: line.file.id, tx).filter {
                        AllocationHooks.opinions.contains($0.action)
                    })
            }
        }
    }

    private func compare(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let year = visit.query("year").flatMap(Int.init) ?? house.today.parts.year + 1
        let proposals = try await load(year)
        let title = Bilingual("\(year) 年度配置方案比较", "Allocation proposals for \(year), side by side")
        let filters = Fields.filters(
            "/desk/allocations",
            Fields.input(
                .init("year", t("预算年度", "Budget year")), type: "number", value: String(year), isWide: false, t), t)
        let content: HTML =
            proposals.isEmpty
            ? Parts.empty(
                t("该年度还没有配置方案。", "There is no proposal for that year."),
                "<p>\(Parts.button(t("编制方案", "Write one"), to: "/procedures/funding.allocation/start", .secondary))</p>"
            )
            : "\(table(proposals, t))\(chart(proposals, t))\(reasons(proposals, t))"
        return .page(
            Page(
                title: title, trail: [Crumb(Bilingual("科研资金", "Research funding"), "/desk/rooms/funding")],
                width: .desk, body: "<h1>\(t(title))</h1>\(filters)\(content)"))
    }

    private func programmes(_ proposals: [Proposal]) -> [String] {
        var names: [String] = []
        for name in proposals.flatMap({ $0.amounts.map(\.programme) }) where !names.contains(name) {
            names.append(name)
        }
        return names
    }

    private func table(_ proposals: [Proposal], _ t: Say) -> HTML {
        var rows = programmes(proposals).map { name -> [HTML] in
            let before = proposals.lazy.flatMap(\.amounts).first { $0.programme == name }?.before ?? 0
            let cells = proposals.map { proposal -> HTML in
                guard let line = proposal.amounts.first(where: { $0.programme == name }) else { return "—" }
                return "\(Money(fen: line.proposed).yuanText)<p class=\"hint\">\(line.why)</p>"
            }
            return [HTML(text: name), HTML(text: Money(fen: before).yuanText)] + cells
        }
        rows.append(
            ["<strong>\(t("合计", "Total"))</strong>", ""]
                + proposals.map { "<strong>\($0.total.yuanText)</strong>" })
        let columns =
            [Parts.Column(t("专项", "Programme")), .init(t("上年（元）", "Year before (yuan)"), numeric: true)]
            + proposals.map { .init("\($0.answers["name"]?.string ?? $0.file.number) · \(t($0.step))", numeric: true) }
        return Parts.table(t("各专项金额", "Amounts by programme"), columns, rows, empty: "—")
    }

    private func chart(_ proposals: [Proposal], _ t: Say) -> HTML {
        let names = Array(programmes(proposals).prefix(Chart.mostSeries))
        let items = proposals.map { proposal in
            (
                label: proposal.answers["name"]?.string ?? proposal.file.number,
                values: names.map { name in
                    Int((proposal.amounts.first { $0.programme == name }?.proposed ?? 0) / 1_000_000)
                }
            )
        }
        let text = ChartText(
            id: "allocations", title: t("各方案的构成", "What each proposal is made of"),
            description: t("每条一个方案，分段为各专项金额。", "One bar a proposal, one piece a programme."),
            unit: t("万元", "RMB 10,000"))
        return Parts.card(nil, Chart.stacked(text, series: names, items, t))
    }

    private func reasons(_ proposals: [Proposal], _ t: Say) -> HTML {
        let names: [String: Bilingual] = Dictionary(
            uniqueKeysWithValues: ((try? house.procedures.newest(AllocationHooks.procedure))?.step("opinions")?.actions
                ?? []).map { ($0.id, $0.title) })
        let stances =
            (try? house.procedures.newest(AllocationHooks.procedure))?.step("opinions")?.action("finance")?
            .asks.first?.options ?? []
        let columns = HTML(each: proposals) { proposal in
            let opinions = HTML(each: proposal.opinions) { opinion in
                let stance = stances.first { $0.value == opinion.answers["stance"]?.string }?.label
                return """
                    <li><strong>\(t(names[opinion.action]) ?? opinion.action)</strong> \(Parts.badge(t(stance) ?? "—"))<p>\(opinion.answers["words"]?.string ?? "")</p>\
                    <p class="hint">\(opinion.answers["letter"]?.string ?? "")</p></li>
                    """
            }
            return """
                <section class="card"><h2><a href="/cases/\(proposal.file.id.text)">\(proposal.answers["name"]?.string ?? proposal.file.number)</a></h2>\
                \(Parts.paragraphs(proposal.answers["reasons"]?.string ?? ""))<h3>\(t("部门意见", "Opinions of departments"))</h3>\
                \(if: proposal.opinions.isEmpty, "<p>\(t("还没有。", "None yet."))</p>", else: "<ul>\(opinions)</ul>")</section>
                """
        }
        return "<div class=\"columns\">\(columns)</div>"
    }
}
