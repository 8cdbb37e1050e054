import Foundation
import Funding
import Kernel
import Portal
import Review
import Store

/// Home, guides, search, and the pages about the site itself.
struct SitePages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route("home", .get, "/", access: .everyone, summary: Bilingual("首页", "Home"), handler: home),
            Route(
                "guides.list", .get, "/guides", access: .everyone, summary: Bilingual("办事指南", "Service guides"),
                handler: guides),
            Route(
                "guides.show", .get, "/guides/{id}", access: .everyone, summary: Bilingual("一项办事指南", "A service guide"),
                handler: guide),
            Route("search", .get, "/search", access: .everyone, summary: Bilingual("检索", "Search"), handler: search),
            Route(
                "accessibility", .get, "/accessibility", access: .everyone,
                summary: Bilingual("无障碍说明", "Accessibility"), handler: accessibility),
        ]
    }

    private func home(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let today = house.today
        let (calls, notices, incidents) = try await house.db.read { tx in
            (
                try CallStore.list(CallFilter(phase: .open), today: today, limit: 5, tx),
                try NoticeStore.open(on: today, limit: 5, tx),
                try IncidentStore.list(isOpen: true, limit: 5, tx)
            )
        }
        let openCalls: HTML =
            calls.isEmpty
            ? "<p>\(t("目前没有正在申报的指南。", "No call is open now."))</p>"
            : HTML(each: calls) { call in
                let left = call.closesOn.number - today.number
                return """
                    <p><a href="/calls/\(call.number)">\(t(call.title))</a><br><span class="hint">\(t("截止", "closes")) \(call.closesOn.text(t.language)) 24:00</span> \
                    \(Parts.badge(left == 0 ? t("今天截止", "today") : t("剩 \(left) 天", "\(counted(left, "day")) left"), left <= 3 ? .warning : .good))</p>
                    """
            }
        let openNotices: HTML =
            notices.isEmpty
            ? "<p>\(t("目前没有公示。", "No notice is open now."))</p>"
            : HTML(each: notices) {
                "<p><a href=\"/notices/\($0.number)\">\(t($0.title))</a><br><span class=\"hint\">\(t("至", "until")) \($0.closesOn.text(t.language)) 24:00</span></p>"
            }
        let body: HTML = """
            \(HomeParts.incidents(incidents, t))<div class="hero"><h1>\(t("科技创新，一站办理", "Science and innovation, in one place"))</h1>\
            <p>\(t("申报、评审、公示、合同、拨款、验收——每一步都有依据、有时限、有经办人，全程留痕，人人可查。", "Apply, review, object, sign, pay, accept: every step with its rule, its clock and its holder, on a record that anyone can check."))</p>\
            <p class="buttons">\(Parts.button(t("查看申报指南", "See the calls"), to: "/calls"))\(Parts.button(t("办事指南", "Service guides"), to: "/guides", .secondary))</p></div>\
            \(HomeParts.search(t))<div class="columns three"><section class="card"><h2>\(t("正在申报", "Open calls"))</h2>\(openCalls)<p><a href="/calls">\(t("全部指南", "All calls"))</a></p></section>\
            <section class="card"><h2>\(t("正在公示", "Open notices"))</h2>\(openNotices)<p><a href="/notices">\(t("全部公示", "All notices"))</a></p></section>\
            <section class="card"><h2>\(t("公开监督", "Check for yourself"))</h2><p><a href="/rooms">\(t("业务领域与名册", "Rooms and registers"))</a></p><p><a href="/projects">\(t("资助项目", "Funded projects"))</a></p><p><a href="/verify">\(t("核对函件真伪", "Verify a letter"))</a></p><p><a href="/verify/permit">\(t("核验工作许可", "Verify a work permit"))</a></p>\
            <p><a href="/record">\(t("存证日志", "The record, for you to check"))</a></p><p><a href="/draws">\(t("公开抽签", "Public draws"))</a></p>\
            <p><a href="/accessibility">\(t("无障碍说明", "Accessibility"))</a></p></section></div>\(HomeParts.way(t))
            """
        return .page(Page(title: Bilingual("首页", "Home"), body: body))
    }

    private func guides(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let shown = house.procedures.definitions.filter { $0.isOffered(to: visit.actor) }
        let items = HTML(each: shown) {
            "<li><h2><a href=\"/guides/\($0.id)\">\(t($0.title))</a></h2><p>\(t($0.summary))</p></li>"
        }
        return .page(
            Page(
                title: Bilingual("办事指南", "Service guides"),
                body:
                    "<h1>\(t("办事指南", "Service guides"))</h1><p><a href=\"/talent/check\">\(t("外国人来华工作：我属于哪一类？（自测）", "Working in China: which category would I be? (self-check)"))</a></p><ul class=\"calls\">\(items)</ul>"
            ))
    }

    private func guide(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let definition = try house.procedures.newest(visit.path("id"))
        guard definition.isPublic else { throw ProcedureError.unknownProcedure(definition.id) }
        let today = house.today
        let rows = definition.steps.filter { !$0.isFinal }.map { step -> [HTML] in
            var days: HTML = "—"
            if let clock = step.clock {
                let period = clock.period ?? clock.parameter.flatMap { try? house.city.rules.period($0, on: today) }
                let source = clock.parameter.flatMap { try? house.city.rules.dated($0, on: today).source }
                let promised = clock.promise.flatMap { try? house.city.rules.period($0, on: today) }
                days = """
                    \(with: promised, { "<p>\(t("承诺", "Promised")) <strong>\(t($0.text))</strong></p>\(t("法定", "Statutory")) " })\
                    \(period.map { t($0.text) } ?? "—") \(if: source?.confidence.needsChecking == true, Parts.toBeChecked(t))\
                    \(with: source, { "<span class=\"basis\">\(t($0.cited))</span>" })
                    """
            }
            let next = step.actions.map { action in
                "\(t(action.title)) → \(definition.step(action.to).map { t($0.title) } ?? "")"
            }
            return [
                "<strong>\(t(step.title))</strong>", HTML(text: t(step.holderTitle)), days,
                HTML(each: next) { "<p>\($0)</p>" },
            ]
        }
        let basis = HTML(each: definition.basis) { source in
            "<li>\(t(source.cited)) \(if: source.confidence.needsChecking, Parts.toBeChecked(t))</li>"
        }
        let body: HTML = """
            <h1>\(t(definition.title))</h1><p class="lead">\(t(definition.summary))</p>\
            \(if: definition.filing != nil && definition.filing?.by != .officer, "<p class=\"buttons\">\(Parts.button(t("开始办理", "Start"), to: "/procedures/\(definition.id)/start"))</p>")\
            \(Parts.card(nil, Parts.facts([
                (t("谁可以办", "Who may apply"), HTML(text: t(definition.who))), (t("收费", "Fee"), HTML(text: t(definition.fee))),
                (t("依据", "Legal basis"), "<ul>\(basis)</ul>"),
                (t("材料", "Documents"), "<ul>\(each: definition.documents, { "<li>\(t($0))</li>" })</ul>"),
            ])))\(Parts.card(t("流程图", "Flow"), "<div class=\"flow\" tabindex=\"0\" role=\"region\" aria-label=\"\(t("流程图", "Flow"))\">\(FlowDrawing.svg(definition, t))</div>"))\
            <h2>\(t("环节与时限", "Steps and clocks"))</h2>\(Parts.table(t("环节与时限", "Steps and clocks"), [
                .init(t("环节", "Step")), .init(t("由谁办理", "Who holds it")), .init(t("时限", "Days")), .init(t("之后", "Then")),
            ], rows, empty: "—"))
            """
        return .page(
            Page(
                title: definition.title, trail: [Crumb(Bilingual("办事指南", "Service guides"), "/guides")], width: .desk,
                body: body))
    }

    private func search(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let words = visit.query("q") ?? ""
        let kind = visit.query("kind").flatMap(SearchEntry.Kind.init(rawValue:))
        let before = visit.query("before").flatMap(Int.init)
        let found = try await house.db.read { tx in
            try Search.find(words, kind: kind, before: before, limit: 21, tx).map {
                Hit(number: $0.number, entry: $0.entry)
            }
        }
        let names: [(SearchEntry.Kind, String)] = [
            (.call, t("指南", "Calls")), (.notice, t("公示", "Notices")), (.project, t("项目", "Projects")),
            (.entry, t("名册", "Registers")),
        ]
        let items = HTML(each: found.prefix(20)) { hit in
            """
            <li><h2><a href="\(hit.entry.address)">\(t(hit.entry.title))</a></h2><p>\(Parts.badge(names.first { $0.0 == hit.entry.kind }?.1 ?? "")) \(hit.entry.day.text(t.language))</p></li>
            """
        }
        let next: SafeURL? =
            found.count > 20
            ? found.prefix(20).last.map { "/search?q=\(words)&kind=\(kind?.rawValue ?? "")&before=\($0.number)" } : nil
        let none: HTML =
            !words.isEmpty && found.isEmpty
            ? "<div class=\"empty\">\(t("没有找到。可以换一个词，或只用两三个字。", "Nothing found. Try other or fewer words."))</div>"
            : .empty
        let body: HTML = """
            <h1>\(t("检索", "Search"))</h1>\(Fields.filters("/search", """
                \(Fields.input(.init("q", t("词语", "Words")), type: "search", value: words, t))\
                \(Fields.select(.init("kind", t("范围", "Among")), names.map { ($0.0.rawValue, $0.1) }, value: kind?.rawValue, none: t("全部", "All"), t))
                """, t))\(none)<ul class="calls">\(items)</ul>\(Parts.pager(next: next, first: before == nil ? nil : "/search?q=\(words)", t))
            """
        return .page(Page(title: Bilingual("检索", "Search"), body: body))
    }

    private struct Hit: Sendable {
        let number: Int
        let entry: SearchEntry
    }

    private func accessibility(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let body: HTML = """
            <h1>\(t("无障碍说明", "Accessibility"))</h1><div class="prose"><p>\(t("本站以《网页内容无障碍指南》2.2 AA 级为目标：全部功能可用键盘操作，不依赖 JavaScript，可放大至 200%，颜色不单独传达信息，中英文内容一致。", "This site aims at WCAG 2.2 AA: everything works by keyboard and without JavaScript, at 200 % zoom; colour never speaks alone; Chinese and English say the same."))</p>\
            <p>\(t("遇到障碍请联系：", "Tell us of any barrier: "))\(t(house.city.contact))</p></div>
            """
        return .page(Page(title: Bilingual("无障碍说明", "Accessibility"), body: body))
    }
}

/// What the home page says besides its lists.
enum HomeParts {
    static func search(_ t: Say) -> HTML {
        """
        <form method="get" action="/search" class="filters" role="search"><div class="field"><label for="home-q">\(t("检索指南、公示和项目", "Search calls, notices and projects"))</label>\
        <input id="home-q" name="q" type="search"></div><button class="button secondary">\(t("查询", "Search"))</button></form>
        """
    }

    /// What goes wrong now, where something does.
    static func incidents(_ open: [IncidentReport], _ t: Say) -> HTML {
        HTML(each: open) { report in
            Parts.notice(
                report.state.isOver ? .info : .warning, t(report.title),
                "<p>\(t(report.state.title)) · <a href=\"/incidents/\(report.number)\">\(t("事件进展", "What is known"))</a></p>"
            )
        }
    }

    /// How an application goes its way, in six steps.
    static func way(_ t: Say) -> HTML {
        let steps: [(String, String)] = [
            (
                t("在线填报", "Apply online"),
                t("按指南填写，随时保存；提交前逐项核对。", "Fill in what the call asks; it saves itself and is checked before it goes.")
            ),
            (
                t("单位推荐", "Endorsement"),
                t("单位管理员在截止前推荐，系统出具回执。", "The organisation endorses before the closing day; a receipt comes at once.")
            ),
            (t("形式审查", "Formal check"), t("一次性告知全部问题，期限内可以补正。", "All points at once, and days to mend them.")),
            (
                t("专家评审", "Expert review"),
                t("公开种子抽签，利害关系回避，意见反馈申请人。", "Experts drawn by a public seed, conflicts excluded, opinions given back.")
            ),
            (t("审定与公示", "Decision and publicity"), t("公示期内任何人可以实名提出异议。", "Anyone may object under their real name.")),
            (
                t("合同与验收", "Contract and acceptance"),
                t("签约、拨款、中期检查、验收，全程可查。", "Contract, money, checks and acceptance, all on record.")
            ),
        ]
        return Parts.card(
            t("一份申请怎样办理", "How an application is handled"),
            "<ol class=\"way\">\(each: steps, { "<li><strong>\($0.0)</strong><p>\($0.1)</p></li>" })</ol>")
    }
}

/// A procedure drawn as boxes and arrows; the table of steps beside it says the same in words.
enum FlowDrawing {
    static func svg(_ definition: ProcedureDefinition, _ t: Say) -> HTML {
        let steps = definition.steps
        let position = Dictionary(
            steps.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let (height, gap, width) = (44, 26, 250)
        func top(_ index: Int) -> Int { 10 + index * (height + gap) }
        let boxes = HTML(each: steps.enumerated()) { index, step in
            let name = t(step.title)
            return """
                <rect x="10" y="\(top(index))" width="\(width)" height="\(height)" rx="\(step.isFinal ? 22 : 6)" class="box"/>\
                <text x="\(10 + width / 2)" y="\(top(index) + (step.isFinal ? 27 : 19))" text-anchor="middle" class="name">\(name)</text>\
                <text x="\(10 + width / 2)" y="\(top(index) + 35)" text-anchor="middle" class="holder">\(step.isFinal ? "" : t(step.holderTitle))</text>
                """
        }
        var lane = 0
        var arrows: HTML = .empty
        for (index, step) in steps.enumerated() {
            for action in step.actions {
                guard let target = position[action.to], target != index else { continue }
                if target == index + 1 {
                    arrows +=
                        "<path d=\"M\(10 + width / 2) \(top(index) + height)v\(gap - 6)\" class=\"arrow\" marker-end=\"url(#tip)\"/>"
                } else {
                    lane += 1
                    let x = 10 + width + 16 + lane * 13
                    let (from, to) = (top(index) + 14 + lane % 3 * 8, top(target) + height / 2)
                    arrows += """
                        <path d="M\(10 + width) \(from)H\(x)V\(to)H\(10 + width + 7)" class="\(target < index ? "arrow back" : "arrow")" marker-end="url(#tip)"/>
                        """
                }
            }
        }
        let size = (width: 40 + width + lane * 13 + 16, height: top(steps.count))
        return """
            <svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size.width) \(size.height)" width="\(size.width)" height="\(size.height)" role="img" aria-labelledby="flow-title">\
            <title id="flow-title">\(t(definition.title))</title><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" class="tip"/></marker></defs>\
            \(arrows)\(boxes)</svg>
            """
    }
}
