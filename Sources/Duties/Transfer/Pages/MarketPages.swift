import Kernel
import Portal
import Store

/// The market for everybody: search in both languages, and what fits an offer or a need, with the reasons.
struct MarketPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "market", .get, "/transfer/market", access: .everyone, summary: Bilingual("技术市场", "Technology market"),
                handler: market),
            Route(
                "market.show", .get, "/transfer/market/{number}", access: .everyone,
                summary: Bilingual("成果或需求的匹配", "What fits an offer or a need"), handler: show),
            Route(
                "desk.finance", .get, "/desk/transfer/finance/{number}", access: .roles([.officer, .leader, .auditor]),
                summary: Bilingual("融资需求的匹配机构", "Institutions for a financing need"), handler: finance),
        ]
    }

    private static let trail = [
        Crumb(Bilingual("成果转化", "Technology transfer"), "/rooms/transfer"),
        Crumb(Bilingual("技术市场", "Technology market"), "/transfer/market"),
    ]

    /// Both sides of the market as they are open now.
    private func open() async throws -> (results: [MarketText], needs: [MarketText]) {
        let filter = RegisterFilter(state: "open")
        return try await house.db.read { tx in
            (
                try RegisterStore.list("transfer.results", filter, limit: MarketHooks.most, tx).map(MarketText.init),
                try RegisterStore.list("transfer.needs", filter, limit: MarketHooks.most, tx).map(MarketText.init)
            )
        }
    }

    private func market(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let words = String((visit.query("q") ?? "").prefix(200))
        let (results, needs) = try await open()
        let matcher = MarketMatcher(results + needs)
        func part(_ title: String, _ texts: [MarketText]) -> HTML {
            let found =
                words.isEmpty
                ? texts.prefix(20).map {
                    MarketMatch(
                        number: $0.number, name: $0.name, nameEn: $0.nameEn, score: 0, terms: [], sameField: false)
                } : matcher.search(words, among: texts)
            return Parts.card(
                t("\(title)（\(found.count)）", "\(title) (\(found.count))"),
                Self.list(found, isSearch: !words.isEmpty, t))
        }
        let field = Fields.input(
            .init("q", t("关键词（中文或英文）", "Words in Chinese or English")), type: "search", value: words, t)
        let body: HTML = """
            <h1>\(t("技术市场", "Technology market"))</h1>\
            <p class="lead">\(t("搜索成果和需求；每项都列出与之匹配的另一方及理由。", "Search results and needs; each shows what fits it on the other side, and why."))</p>\
            \(Fields.filters("/transfer/market", field, t))\(part(t("成果", "Results"), results))\(part(t("需求", "Needs"), needs))\
            <p>\(Parts.button(t("发布成果", "Offer a result"), to: "/guides/transfer.result", .secondary)) \
            \(Parts.button(t("发布需求", "Publish a need"), to: "/guides/transfer.need", .secondary))</p>
            """
        return .page(
            Page(
                title: Bilingual("技术市场", "Technology market"), trail: [Self.trail[0]], width: .desk, body: body))
    }

    private static func list(_ matches: [MarketMatch], isSearch: Bool, _ t: Say) -> HTML {
        guard !matches.isEmpty else { return "<p>\(t("没有找到。换个词试试。", "Nothing found; try other words."))</p>" }
        return """
            <ul>\(each: matches, { match in
                "<li><a href=\"/transfer/market/\(match.number)\">\(name(match, t))</a>\(if: isSearch, " <span class=\"hint\">\(t("命中：", "Found: "))\(match.terms.joined(separator: t("、", ", ")))</span>")</li>"
            })</ul>
            """
    }

    private static func name(_ match: MarketMatch, _ t: Say) -> String {
        t.language == .english && !match.nameEn.isEmpty ? match.nameEn : match.name
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let (t, number) = (visit.say, visit.path("number"))
        let (entry, introduced) = try await house.db.read { tx -> (RegisterEntry, [Introduction]) in
            let entry =
                try RegisterStore.find("transfer.results", number, tx)
                ?? RegisterStore.require("transfer.needs", number, tx)
            let words = Withheld.words(in: t.language)
            return (entry, try Introduction.list(entry, to: visit.actor, house, or: words, tx))
        }
        let isResult = entry.register == "transfer.results"
        let definition = try house.registers.require(entry.register)
        let (results, needs) = try await open()
        let matches = MarketMatcher(results + needs).suggest(MarketText(entry), among: isResult ? needs : results)
        let title = Bilingual(entry.name, entry.content["name-en"]?.string ?? entry.name)
        let interest: SafeURL = isResult ? "/guides/transfer.match" : "/guides/transfer.offer"
        let state = definition.state(entry.state)?.title
        // Nobody answers what their own organisation published.
        let isOwn = entry.organisation.map { place in visit.actor.memberships.contains { $0.organisation == place } }
        let body: HTML = """
            <div class="title-row"><h1>\(t(title))</h1>\(Parts.badge(t(state) ?? entry.state, entry.state == "open" ? .good : .neutral))</div>\
            \(Parts.card(t("内容", "Content"), FormView.read(definition.form(isStaff: false), entry.content, t)))\
            \(Self.introductions(introduced, t))\
            <p>\(t("编号", "Number")) <strong>\(entry.number)</strong></p>\(if: entry.state == "open" && isOwn != true, "<p class=\"buttons\">\(Parts.button(isResult ? t("我对此成果有意向", "I am interested") : t("我能解决", "I can solve it"), to: interest))</p>")\
            \(Parts.card(isResult ? t("与之匹配的需求", "Needs that fit") : t("与之匹配的成果", "Results that fit"), Self.matches(matches, t)))
            """
        return .page(Page(title: title, trail: Self.trail, body: body))
    }

    /// Who was introduced to the owner, for the owner alone.
    private static func introductions(_ introduced: [Introduction], _ t: Say) -> HTML {
        guard !introduced.isEmpty else { return .empty }
        let rows = introduced.map { one -> [HTML] in
            [
                HTML(text: one.since.text(t.language)), HTML(text: one.partner), Parts.paragraphs(one.what),
                HTML(text: one.contact),
            ]
        }
        let columns: [Parts.Column] = [
            .init(t("更新于", "Updated")), .init(t("意向方", "Interested party")),
            .init(t("意向和条件", "What they want or offer")), .init(t("联系方式", "Contact")),
        ]
        let title = t("意向方（仅贵方可见）", "Interested parties, shown to your side alone")
        let most = Introduction.most
        let note: HTML = """
            <p class="hint">\(t("只列最近 \(most) 个。", "The newest \(most) alone are shown."))</p>
            """
        let table = Parts.table(title, columns, rows, empty: "")
        return Parts.card(title, "\(table)\(if: rows.count == most, note)")
    }

    /// Matches with their reasons.
    private static func matches(_ matches: [MarketMatch], _ t: Say) -> HTML {
        Parts.table(
            t("匹配", "Matches"),
            [.init(t("名称", "Name")), .init(t("匹配度（千分）", "Fit, of 1000"), numeric: true), .init(t("理由", "Why"))],
            matches.map { match in
                let field: HTML = match.sameField ? "\(Parts.badge(t("领域相同", "Same field"), .good)) " : .empty
                return [
                    "<a href=\"/transfer/market/\(match.number)\">\(name(match, t))</a>",
                    HTML(text: String(match.score)),
                    "\(field)\(t("共同的关键内容：", "Both speak of: "))\(match.terms.joined(separator: t("、", ", ")))",
                ]
            }, empty: "<p>\(t("暂时没有匹配。有新的发布时会再比对。", "Nothing fits for now; new publications are compared again."))</p>")
    }

    private func finance(_ visit: Visit) async throws -> Answer {
        try TransferDesk.check(visit.actor)
        let (t, number) = (visit.say, visit.path("number"))
        let (need, institutions) = try await house.db.read { tx in
            (
                try RegisterStore.require("transfer.finance-needs", number, tx),
                try RegisterStore.list(
                    "transfer.financiers", RegisterFilter(state: "active"), limit: MarketHooks.most, tx)
            )
        }
        let ranked = FinanceMatch.rank(need.content, institutions).prefix(50)
        let rows = ranked.map { match -> [HTML] in
            let reasons = HTML(each: match.reasons) { reason in
                "<li>\(Parts.badge(reason.holds ? t("符合", "Fits") : t("不符", "Does not"), reason.holds ? .good : .bad)) \(t(reason.text))</li>"
            }
            return [
                "<a href=\"/registers/transfer.financiers/\(match.number)\">\(match.number)</a>",
                HTML(text: match.name),
                Parts.badge(match.fits ? t("全部符合", "Fits") : t("部分符合", "In part"), match.fits ? .good : .warning),
                "<ul>\(reasons)</ul>",
            ]
        }
        let body: HTML = """
            <h1>\(t("匹配机构：", "Institutions for "))\(need.name)</h1>\
            \(Parts.table(t("匹配机构", "Institutions"), [.init(t("编号", "Number")), .init(t("机构", "Institution")), .init(t("结果", "Result")), .init(t("理由", "Why"))], rows, empty: "<p>\(t("名册中还没有金融机构。", "The register has no institution yet."))</p>"))
            """
        return .page(
            Page(
                title: Bilingual("匹配机构", "Institutions"),
                trail: [Crumb(Bilingual("成果转化", "Technology transfer"), "/desk/rooms/transfer")], width: .desk,
                body: body))
    }
}
