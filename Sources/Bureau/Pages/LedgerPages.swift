import Funding
import Kernel
import Ledger
import Portal
import Store

/// The books as the bureau and its auditors read them: from an account to a posting, to its case. The board leads here.
struct LedgerPages: Sendable {
    let house: House

    var routes: [Route] {
        let readers: RouteAccess = .roles([.officer, .leader, .treasurer, .auditor])
        return [
            Route(
                "ledger.accounts", .get, "/ledger/accounts", access: readers, summary: Bilingual("科目", "Accounts"),
                handler: accounts),
            Route(
                "ledger.account", .get, "/ledger/accounts/{account}", access: readers,
                summary: Bilingual("科目明细", "Statement of an account"), handler: account),
            Route(
                "ledger.posting", .get, "/ledger/postings/{id}", access: readers,
                summary: Bilingual("一笔记账", "A posting"), handler: posting),
        ]
    }

    private static let trail = [Crumb.desk, Crumb(Bilingual("资金总表", "Budget board"), "/ledger")]

    private func accounts(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let year = visit.query("year").flatMap(Int.init) ?? house.today.parts.year
        let kind = visit.query("kind").flatMap(AccountKind.init(rawValue:)) ?? .budget
        let programme = visit.query("programme").flatMap { $0.isEmpty ? nil : $0 }
        let after = try visit.query("after").map { try LedgerAccount($0) }
        let list = try await house.db.read { tx in
            try Balances.list(year: year, kind: kind, programme: programme, after: after, limit: 51, tx)
        }
        let names = AccountNames(house.city)
        let rows = list.prefix(50).map { item -> [HTML] in
            [
                "<a href=\"/ledger/accounts/\(item.account.text)\">\(t(names.name(item.account)))</a>",
                HTML(text: item.inward.yuanText), HTML(text: item.outward.yuanText),
                HTML(text: item.heldOut.yuanText), HTML(text: item.balance.yuanText),
            ]
        }
        let here = "/ledger/accounts?year=\(year)&kind=\(kind.rawValue)&programme=\(programme ?? "")"
        let next =
            list.count > 50
            ? list.prefix(50).last.flatMap { SafeURL(checking: "\(here)&after=\($0.account.text)") } : nil
        let body: HTML = """
            <h1>\(t(kind.name)) \(String(year))</h1>\(Parts.table(t("科目", "Accounts"), [
                .init(t("科目", "Account")), .init(t("转入（元）", "In (yuan)"), numeric: true), .init(t("转出（元）", "Out (yuan)"), numeric: true),
                .init(t("预留（元）", "Reserved (yuan)"), numeric: true), .init(t("余额（元）", "Balance (yuan)"), numeric: true),
            ], Array(rows), empty: "—"))\(Parts.pager(next: next, first: after == nil ? nil : SafeURL(checking: here), t))
            """
        return .page(Page(title: kind.name, trail: LedgerPages.trail, width: .desk, body: body))
    }

    private func account(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let name = try LedgerAccount(visit.path("account"))
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let before = cursor.flatMap { cursor -> (Day, ID<StoredPosting>)? in
            guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string else {
                return nil
            }
            return (day, ID(id))
        }
        let (balance, lines) = try await house.db.read { tx in
            (
                try Balances.now(name, tx),
                try Balances.statement(of: name, before: before.map { (day: $0.0, posting: $0.1) }, limit: 51, tx)
            )
        }
        guard let balance else { throw LedgerError.unknownAccount(name.text) }
        let rows = lines.prefix(50).map { line -> [HTML] in
            let text = t(written: line.text)
            return [
                HTML(text: line.day.description),
                "<a href=\"/ledger/postings/\(line.posting.text)\">\(text.isEmpty ? t(line.kind.name) : text)</a>",
                Parts.badge(t(line.kind.name)), HTML(text: line.inward == .zero ? "" : line.inward.yuanText),
                HTML(text: line.outward == .zero ? "" : line.outward.yuanText), HTML(text: line.balance.yuanText),
            ]
        }
        let next =
            lines.count > 50
            ? lines.prefix(50).last.flatMap { line in
                let cursor = Cursor([.string(line.day.description), .string(line.posting.text)])
                return SafeURL(checking: "/ledger/accounts/\(name.text)?after=\(cursor.text)")
            } : nil
        let first = before == nil ? nil : SafeURL(checking: "/ledger/accounts/\(name.text)")
        let title = AccountNames(house.city).name(name)
        let list = Crumb(name.kind.name, "/ledger/accounts?year=\(name.year)&kind=\(name.kind.rawValue)")
        let body: HTML = """
            <h1>\(t(title))</h1><p><code>\(name.text)</code></p>\(Parts.facts([
                (t("余额（元）", "Balance (yuan)"), HTML(text: balance.balance.yuanText)),
                (t("可用（元）", "Available (yuan)"), HTML(text: balance.available.yuanText)),
                (t("上限（元）", "Cap (yuan)"), HTML(text: balance.cap?.yuanText ?? "—")),
            ]))\(Parts.table(t("明细", "Statement"), [
                .init(t("日期", "Day")), .init(t("摘要", "What for")), .init(t("类型", "Kind")), .init(t("转入（元）", "In (yuan)"), numeric: true),
                .init(t("转出（元）", "Out (yuan)"), numeric: true), .init(t("余额（元）", "Balance (yuan)"), numeric: true),
            ], Array(rows), empty: "—"))\(Parts.pager(next: next, first: first, t))
            """
        return .page(Page(title: title, trail: LedgerPages.trail + [list], width: .desk, body: body))
    }

    private func posting(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<StoredPosting> = ID(visit.path("id"))
        let (posting, answer, file) = try await house.db.read { tx in
            let posting = try PostingStore.require(id, tx)
            return (
                posting, try PostingStore.answer(to: id, tx), try posting.caseID.flatMap { try CaseStore.find($0, tx) }
            )
        }
        let names = AccountNames(house.city)
        let legs = posting.legs.map { leg -> [HTML] in
            [
                "<a href=\"/ledger/accounts/\(leg.account.text)\">\(t(names.name(leg.account)))</a>",
                HTML(text: leg.inward == .zero ? "" : leg.inward.yuanText),
                HTML(text: leg.outward == .zero ? "" : leg.outward.yuanText),
            ]
        }
        func link(_ other: ID<StoredPosting>?) -> HTML {
            other.map { "<a href=\"/ledger/postings/\($0.text)\">\(t("查看记账", "See the posting"))</a>" } ?? "—"
        }
        let body: HTML = """
            <h1>\(posting.text.isEmpty ? t(posting.kind.name) : t(written: posting.text))</h1>\(Parts.facts([
                (t("类型", "Kind"), Parts.badge(t(posting.kind.name))), (t("记账日", "Day"), HTML(text: posting.day.description)),
                (t("办件", "Case"), file.map { "<a href=\"/cases/\($0.id.text)\">\($0.number)</a>" } ?? "—"),
                (t("事件", "Event"), "<code>\(posting.event)</code>"), (t("经手", "By"), HTML(text: posting.actorName)),
                (t("依据版本", "Rules"), HTML(text: posting.rules)), (t("录入时间", "Entered"), HTML(text: house.city.zone.clockText(posting.at))),
                (t("针对", "About"), link(posting.target)), (t("后续（结转、释放或冲销）", "Followed by"), link(answer?.id)),
            ]))\(Parts.table(t("分录", "Legs"), [
                .init(t("科目", "Account")), .init(t("转入（元）", "In (yuan)"), numeric: true), .init(t("转出（元）", "Out (yuan)"), numeric: true),
            ], legs, empty: "\(t("释放预留，没有分录", "A release has no legs"))"))
            """
        return .page(
            Page(title: Bilingual("一笔记账", "A posting"), trail: LedgerPages.trail, width: .desk, body: body))
    }
}
