import Kernel
import Ledger
import Portal
import Store
import Treasury

/// The auditor's way from any number to its papers. These pages only read.
struct TrailPages: Sendable {
    let house: House

    static let readers: RouteAccess = .roles([.auditor, .leader])

    var routes: [Route] {
        [
            Route(
                "audit.trail", .get, "/audit/trail", access: TrailPages.readers,
                summary: Bilingual("资金轨迹", "Trail of money"), handler: trail)
        ]
    }

    private func trail(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let asked = visit.query("for") ?? ""
        let year = house.today.parts.year
        let from = visit.query("from").flatMap { Day($0) } ?? Day(year: year, month: 1, day: 1) ?? house.today
        let to = visit.query("to").flatMap { Day($0) } ?? house.today
        let before = visit.query("after")
        let form = Fields.filters(
            "/audit/trail",
            """
            \(Fields.input(.init("for", t("编号、凭证号或金额（元）", "A number or an amount (yuan)")), value: asked, t))\
            \(Fields.input(.init("from", t("按金额查找：记账日自", "For an amount: posted from")), type: "date", value: from.description, isWide: false, t))\
            \(Fields.input(.init("to", t("记账日至", "Posted up to")), type: "date", value: to.description, isWide: false, t))
            """, t)
        let title = Bilingual("资金轨迹", "Trail of money")
        func answer(_ more: HTML, _ trail: [Crumb] = [.audit]) -> Answer {
            let lead = t(
                "从任何编号或金额出发，找到立项依据、决定、合同、拨款、凭证和每一笔记账。",
                "From any number or amount to the rule, decision, contract, payment, voucher and every posting.")
            return .page(
                Page(
                    title: title, trail: trail, width: .desk,
                    body: "<h1>\(t(title))</h1><p class=\"lead\">\(lead)</p>\(form)\(more)"))
        }
        guard !asked.isEmpty else { return answer(.empty) }
        let (found, shown) = try await house.db.read { tx -> (TrailSearch.Found, Trail?) in
            let found = try TrailSearch.find(asked, days: (from, to), tx)
            guard case .project(let number) = found, let project = try ProjectStore.find(number: number, tx) else {
                return (found, nil)
            }
            return (found, try Trail.load(project, before: before, tx))
        }
        if let shown { return answer(TrailView(visit: visit, house: house, trail: shown).html(before: before)) }
        guard case .hits(let hits) = found else { return answer(.empty) }
        return answer(list(hits, t))
    }

    private func list(_ hits: [TrailSearch.Hit], _ t: Say) -> HTML {
        let rows = hits.map { hit -> [HTML] in
            [
                HTML(text: hit.day), HTML(text: t(hit.kind)), HTML(text: hit.text),
                HTML(text: hit.amount?.yuanText ?? ""),
                hit.project.map { "<a href=\"/audit/trail?for=\($0)\">\($0)</a>" } ?? "—",
                hit.posting.map { "<a href=\"/ledger/postings/\($0)\">\(t("记账", "Posting"))</a>" } ?? "—",
            ]
        }
        return Parts.table(
            t("找到的记账", "Postings found"),
            [
                .init(t("日期", "Day")), .init(t("类型", "Kind")), .init(t("摘要", "What for")),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("项目", "Project")),
                .init(t("凭据", "Papers")),
            ], rows, empty: "<p>\(t("没有找到。请核对编号，或扩大日期范围。", "Nothing found. Check the number, or widen the days."))</p>")
    }
}

/// One project's trail on one page.
struct TrailView {
    let visit: Visit
    let house: House
    let trail: Trail

    private var t: Say { visit.say }

    func html(before: String?) -> HTML {
        """
        \(Parts.card(t("从指南到资金的结局", "From the call to the end of the money"), chain))\(Parts.card(t("依据的规则", "Rules applied"), rules))\
        \(Parts.card(t("拨款", "Payments"), payments))\(Parts.card(t("支出凭证", "Vouchers"), vouchers))\(Parts.card(t("全部记账", "All postings"), postings(before: before)))
        """
    }

    private func link(_ path: String, _ text: String) -> HTML {
        guard let address = SafeURL(checking: path), visit.mayOpen(address) else { return HTML(text: text) }
        return "<a href=\"\(address)\">\(text)</a>"
    }

    private func day(_ at: Instant?) -> String { at.map { house.city.zone.clockText($0) } ?? "—" }

    private func name(_ account: String?) -> String { account.flatMap { trail.names[$0] } ?? "—" }

    /// The stations in order, each with its papers.
    private var chain: HTML {
        let (project, call) = (trail.project, trail.call)
        let letters = HTML(each: trail.letters) { " \(link("/letters/\($0.id)", "\(t($0.title)) \($0.number)"))<br>" }
        var rows: [[HTML]] = [
            row(
                t("指南", "Call"), link("/calls/\(call.number)", t(call.title)), day(call.publishedAt), call.budget,
                HTML(text: call.number)),
            row(
                t("申请", "Application"), link("/cases/\(project.application)", t(project.title)), "—", nil,
                link("/audit/cases/\(project.application)", t("办理记录", "Chain of events"))),
        ]
        if let decision = trail.decision {
            rows.append(
                row(
                    t("立项决定", "Decision"), link("/desk/decisions/\(decision.id)", decision.number),
                    day(decision.effectiveAt), project.amount,
                    HTML(
                        text: t(
                            "提出 \(name(decision.proposedBy))，决定 \(name(decision.decidedBy))",
                            "proposed by \(name(decision.proposedBy)), decided by \(name(decision.decidedBy))"))))
        }
        if let notice = trail.notice {
            rows.append(
                row(
                    t("公示", "Publicity"), link("/notices/\(notice.number)", notice.number),
                    "\(notice.opensOn) – \(notice.closesOn)", nil, HTML(text: t(notice.basis))))
        }
        rows.append(
            row(
                t("合同", "Contract"), link("/cases/\(project.id)", project.number),
                project.startsOn.map { "\($0) – \(project.endsOn?.description ?? "")" } ?? "—", project.amount,
                link("/audit/cases/\(project.id)", t("办理记录", "Chain of events"))))
        rows.append(row(t("函件", "Letters"), letters, "—", nil, .empty))
        for item in trail.recoveries {
            rows.append(
                row(
                    t("应退资金", "Due back"), HTML(text: t(item.reason)), item.dueOn?.description ?? "—", item.amount,
                    HTML(text: item.isSettled ? t("已退回", "returned") : t("未退回", "due"))))
        }
        return Parts.table(
            t("轨迹", "Trail"),
            [
                .init(t("环节", "Station")), .init(t("内容", "What")), .init(t("时间", "When")),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("凭据", "Papers")),
            ], rows, empty: "—")
    }

    private func row(_ station: String, _ what: HTML, _ when: String, _ amount: Money?, _ papers: HTML) -> [HTML] {
        [
            HTML(text: station), what.isEmpty ? "—" : what, HTML(text: when), HTML(text: amount?.yuanText ?? ""),
            papers.isEmpty ? "—" : papers,
        ]
    }

    private func title(_ ruling: Ruling) -> String {
        let title = (try? house.rules.entry(ruling.rule)).map { t($0.title) } ?? ruling.rule
        return t("\(title)（第 \(ruling.version) 版）", "\(title), version \(ruling.version)")
    }

    private var rules: HTML {
        let rows = trail.rulings.map { stored -> [HTML] in
            let laws = stored.ruling.trace.flatMap(\.flattened).compactMap(\.law?.source)
            let sources = Set<RuleSource>(laws).sorted { $0.cited.zh < $1.cited.zh }
            let cited = HTML(each: sources) { source -> HTML in
                let mark: HTML = source.confidence.needsChecking ? " \(Parts.toBeChecked(t))" : .empty
                return "\(t(source.cited))\(mark)<br>"
            }
            return [
                "<a href=\"/rules/of/\(stored.ruling.rule)\">\(title(stored.ruling))</a>",
                HTML(text: stored.ruling.day.description), HTML(text: t(stored.ruling.words)), cited,
                "<code class=\"hash\">\(stored.hash)</code>",
            ]
        }
        return Parts.table(
            t("规则", "Rules"),
            [
                .init(t("规则", "Rule")), .init(t("日期", "Day")), .init(t("结论", "Outcome")),
                .init(t("条款", "Article")), .init("SHA-256"),
            ], rows, empty: "<p>\(t("没有留存的裁量。", "No ruling is kept."))</p>")
    }

    private var payments: HTML {
        let tranches = trail.tranches.map { item -> [HTML] in
            [
                HTML(text: t("第 \(item.position) 期", "Tranche \(item.position)")), HTML(text: t(item.condition)),
                HTML(text: item.amount.yuanText), ProjectPanel.state(item.state, nil, t),
                HTML(text: "\(name(item.orderedBy)) \(day(item.orderedAt))"),
                HTML(text: "\(name(item.confirmedBy)) \(day(item.confirmedAt))"),
            ]
        }
        let orders = trail.orders.map { item -> [HTML] in
            [
                link("/desk/treasury/orders/\(item.id.text)", item.number),
                HTML(
                    text: [item.purpose, item.reason ?? ""].filter { !$0.isEmpty }.map { t(written: $0) }
                        .joined(separator: t("；", "; "))),
                HTML(text: item.amount.yuanText), Parts.badge(t(item.state.name)),
                HTML(text: "\(item.orderedName) \(day(item.orderedAt))"),
                HTML(text: [item.checkedName, item.approvedName].compactMap(\.self).joined(separator: t("、", ", "))),
            ]
        }
        return Parts.table(
            t("拨款", "Payments"),
            [
                .init(t("拨款", "Payment")), .init(t("条件", "Condition")),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("状态", "State")),
                .init(t("开单", "Ordered by")), .init(t("复核", "Confirmed by")),
            ], tranches + orders, empty: "<p>\(t("还没有拨款。", "Nothing was paid yet."))</p>")
    }

    private func heading(_ code: String) -> String {
        ContractBudget.headings.first { $0.value == code }.map { t($0.label) } ?? code
    }

    private var vouchers: HTML {
        let rows = trail.vouchers.map { item -> [HTML] in
            let file: HTML = item.file.map { link("/documents/\($0)", t("附件", "File")) } ?? "—"
            let hash: HTML = item.hash.map { "<code class=\"hash\">\($0)</code>" } ?? .empty
            return [
                link("/spending/\(item.report)", item.number), HTML(text: item.day.description),
                HTML(text: heading(item.heading)), HTML(text: item.payee), HTML(text: item.amount.yuanText),
                "\(file) \(hash)",
                item.posting.map { link("/ledger/postings/\($0)", t("记账", "Posting")) } ?? "—",
            ]
        }
        return Parts.table(
            t("凭证", "Vouchers"),
            [
                .init(t("凭证号", "Number")), .init(t("日期", "Day")), .init(t("科目", "Heading")),
                .init(t("收款方", "Payee")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                .init(t("文件", "File")), .init(t("记账", "Posting")),
            ], rows, empty: "<p>\(t("没有报送的支出凭证。", "No voucher was reported."))</p>")
    }

    private func postings(before: String?) -> HTML {
        let number = trail.project.number
        let rows = trail.postings.prefix(Trail.page).map { posting -> [HTML] in
            let (out, into) = (posting.legs.filter { $0.amount < .zero }, posting.legs.filter { $0.amount > .zero })
            func accounts(_ legs: [StoredLeg]) -> HTML {
                HTML(each: legs) { leg in
                    "\(link("/ledger/accounts/\(leg.account.text)", "\(t(leg.account.kind.name))")) \(leg.amount.yuanText)<br>"
                }
            }
            let event = trail.events[posting.event]
            let papers: HTML =
                posting.caseID.map { link("/audit/cases/\($0)", event ?? posting.event) }
                ?? HTML(text: event ?? posting.event)
            return [
                link(
                    "/ledger/postings/\(posting.id)",
                    posting.text.isEmpty ? t(posting.kind.name) : t(written: posting.text)),
                HTML(text: posting.day.description), accounts(out), accounts(into), HTML(text: posting.actorName),
                HTML(text: posting.rules), papers,
            ]
        }
        let next =
            trail.postings.count > Trail.page
            ? trail.postings.prefix(Trail.page).last.flatMap {
                SafeURL(checking: "/audit/trail?for=\(number)&after=\($0.id)")
            } : nil
        let first = before == nil ? nil : SafeURL(checking: "/audit/trail?for=\(number)")
        return Parts.table(
            t("记账", "Postings"),
            [
                .init(t("记账", "Posting")), .init(t("日期", "Day")), .init(t("转出", "Out of")),
                .init(t("转入", "Into")), .init(t("经手", "By")), .init(t("依据版本", "Rules")),
                .init(t("事件", "Event")),
            ], Array(rows), empty: "<p>\(t("还没有记账。", "Nothing was posted yet."))</p>")
            + Parts.pager(next: next, first: first, t)
    }
}
