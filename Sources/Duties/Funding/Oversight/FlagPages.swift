import Kernel
import Portal
import Store

/// Red flags: what is asked, what was found, and what those who looked made of it.
struct FlagPages: Sendable {
    let house: House

    private var desk: FlagDesk { FlagDesk(house) }

    var routes: [Route] {
        [
            Route(
                "audit.flags", .get, "/audit/flags", access: TrailPages.readers,
                summary: Bilingual("红旗", "Red flags"), handler: overview),
            Route(
                "audit.flags.run", .post, "/audit/flags", access: .roles([.auditor]),
                summary: Bilingual("立即全部核查", "Ask all flags now"), handler: run),
            Route(
                "audit.flag", .get, "/audit/flags/{flag}", access: TrailPages.readers,
                summary: Bilingual("一类红旗", "One red flag"), handler: list),
            Route(
                "audit.hit", .get, "/audit/flags/{flag}/{subject}", access: TrailPages.readers,
                summary: Bilingual("一条红旗", "A hit"), handler: show),
            Route(
                "audit.hit.look", .post, "/audit/flags/{flag}/{subject}", access: .roles([.auditor]),
                summary: Bilingual("记录核查结论", "Write down what was made of a hit"), handler: look),
        ]
    }

    static let title = Bilingual("红旗", "Red flags")
    private static let crumbs = [Crumb.audit, Crumb(title, "/audit/flags")]

    static func state(_ disposition: Hit.Disposition?, _ t: Say) -> HTML {
        switch disposition {
        case nil: Parts.badge(t("未核查", "Nobody looked"), .warning)
        case .explained: Parts.badge(t(Hit.Disposition.explained.title), .good)
        case .error: Parts.badge(t(Hit.Disposition.error.title), .bad)
        case .passedOn: Parts.badge(t(Hit.Disposition.passedOn.title), .bad)
        case .watched: Parts.badge(t(Hit.Disposition.watched.title), .info)
        }
    }

    // MARK: Overview

    private func overview(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let counts = try await house.db.read { tx in try FlagDesk.counts(tx) }
        let law = house.city.rules.law(on: house.today)
        let rows = Flags.all.map { flag -> [HTML] in
            let own = counts[flag.id] ?? [:]
            let all = own.values.reduce(0, +)
            let looked = all - (own[""] ?? 0)
            let explained = own[Hit.Disposition.explained.rawValue] ?? 0
            let share = looked == 0 ? "—" : "\(explained * 100 / looked) %"
            return [
                "<a href=\"/audit/flags/\(flag.id)\">\(t(flag.title))</a><br><span class=\"hint\">\(t(flag.definition))</span>",
                Parts.badge(t(flag.weight.title), flag.weight == .hint ? .neutral : .info), ground(flag, law, t),
                HTML(text: String(all)), HTML(text: String(own[""] ?? 0)), HTML(text: share),
            ]
        }
        let bars = Flags.all.compactMap { flag -> (label: String, value: Int)? in
            let all = (counts[flag.id] ?? [:]).values.reduce(0, +)
            return all == 0 ? nil : (t(flag.title), all)
        }
        let chart = Chart.bars(
            ChartText(
                id: "flags", title: t("各类红旗的条数", "Hits by flag"),
                description: t("每类红旗找到的条数，包括已核查的。", "Hits of every flag, those looked at among them.")),
            bars.sorted { $0.value > $1.value }, t)
        let button: HTML =
            Policy.may(visit.actor, .audit)
            ? Parts.post("/audit/flags", t("立即全部核查", "Ask all flags now"), token: visit.csrfToken) : .empty
        let body: HTML = """
            <h1>\(t(FlagPages.title))</h1><p class="lead">\(t("对每一笔交易提出同样的问题。命中不等于违规，由审计人员核查并说明理由；记录不会删除。", "The same questions to every transaction. A hit is no verdict: an auditor looks and gives reasons. Nothing is ever deleted."))</p>\(button)\(chart)\
            \(Parts.table(t(FlagPages.title), [
                .init(t("红旗", "Flag")), .init(t("性质", "Weight")), .init(t("依据与阈值", "Ground and threshold")), .init(t("命中", "Hits"), numeric: true),
                .init(t("未核查", "Open"), numeric: true), .init(t("已核查中属误报", "Explained, of those looked at"), numeric: true),
            ], rows, empty: "—"))
            """
        return .page(Page(title: FlagPages.title, trail: [.audit], width: .desk, body: body))
    }

    /// The legal ground of a flag, with its mark where it is not law, and its threshold.
    private func ground(_ flag: Flag, _ law: Law, _ t: Say) -> HTML {
        guard let legal = try? law.number(flag.parameter) else { return Parts.toBeChecked(t) }
        let source = legal.reference.source
        let mark: HTML = source.confidence.needsChecking ? " \(Parts.toBeChecked(t))" : .empty
        let title = house.city.rules.parameter(flag.parameter)?.title ?? flag.title
        return
            "\(t(source.cited))\(mark)<br><a href=\"/rules/parameters/\(flag.parameter)\">\(t("参数：\(title.zh)", "Number: \(title.en)"))</a>"
    }

    private func run(_ visit: Visit) async throws -> Answer {
        try Policy.require(visit.actor, .audit)
        try await desk.run()
        return .redirect("/audit/flags")
    }

    // MARK: Hits

    private func flag(_ visit: Visit) throws -> Flag {
        guard let flag = Flags.find(visit.path("flag")) else { throw OversightError.unknownHit }
        return flag
    }

    private func columns(_ flag: Flag, _ language: Language) -> [ExportColumn<Hit>] {
        [
            ExportColumn(Bilingual("日期", "Day")) { .day($0.day) },
            ExportColumn(Bilingual("项目", "Project"), text: \.project),
            ExportColumn(Bilingual("对象", "Subject"), text: { "\($0.subjectKind) \($0.subject)" }),
            ExportColumn(Bilingual("金额（元）", "Amount (yuan)")) { .money($0.amount) },
            ExportColumn(flag.values[0], text: { $0.values[0] }), ExportColumn(flag.values[1], text: { $0.values[1] }),
            ExportColumn(Bilingual("结论", "Disposition"), text: { $0.disposition?.title[language] ?? "" }),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let flag = try flag(visit)
        let isOpen = visit.query("state") == "open"
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (day: Day, subject: String)? in
            guard let day = cursor.values[0].string.flatMap({ Day($0) }), let subject = cursor.values[1].string else {
                return nil
            }
            return (day, subject)
        }
        let db = house.db
        let file = try visit.export(flag.title, columns(flag, visit.language)) { last, limit in
            try await db.read { tx in
                try FlagDesk.list(
                    flag.id, open: isOpen, before: last.map { ($0.day, $0.subject) }, limit: limit, tx)
            }
        }
        if let file { return file }
        let hits = try await db.read { tx in
            try FlagDesk.list(flag.id, open: isOpen, before: place, limit: 51, tx)
        }
        let rows = hits.prefix(50).map { hit -> [HTML] in
            [
                "<a href=\"/audit/flags/\(hit.flag)/\(hit.subject)\">\(hit.day.description)</a>",
                hit.project.isEmpty ? "—" : "<a href=\"/audit/trail?for=\(hit.project)\">\(hit.project)</a>",
                HTML(text: hit.amount.yuanText), HTML(text: hit.values[0]), HTML(text: hit.values[1]),
                FlagPages.state(hit.disposition, t),
            ]
        }
        let here = "/audit/flags/\(flag.id)"
        let kept = isOpen ? "state=open&" : ""
        let next =
            hits.count > 50
            ? hits.prefix(50).last.flatMap {
                SafeURL(
                    checking:
                        "\(here)?\(kept)after=\(Cursor([.string($0.day.description), .string($0.subject)]).text)")
            } : nil
        let tabs: [(title: String, url: SafeURL, isCurrent: Bool)] = [
            (t("全部", "All"), "/audit/flags/\(flag.id)", !isOpen),
            (t("未核查", "Nobody looked"), "/audit/flags/\(flag.id)?state=open", isOpen),
        ]
        let body: HTML = """
            <h1>\(t(flag.title))</h1><p class="lead">\(t(flag.definition))</p><p>\(ground(flag, house.city.rules.law(on: house.today), t))</p>\
            \(Parts.tabs(t("状态", "State"), tabs))\(visit.exports)\(Parts.table(t(flag.title), [
                .init(t("日期", "Day")), .init(t("项目", "Project")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                .init(t(flag.values[0])), .init(t(flag.values[1])), .init(t("结论", "Disposition")),
            ], Array(rows), empty: "<p>\(t("没有命中。", "No hits."))</p>"))\(Parts.pager(next: next, first: cursor == nil ? nil : SafeURL(checking: here), t))
            """
        return .page(Page(title: flag.title, trail: FlagPages.crumbs, width: .desk, body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, []) }

    private func page(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let flag = try flag(visit)
        let subject = visit.path("subject")
        let (found, looks) = try await house.db.read { tx -> (Hit?, [FlagDesk.Look]) in
            let hit = try FlagDesk.find(flag.id, subject, tx)
            return (hit, try hit.map { try FlagDesk.looks($0, tx) } ?? [])
        }
        guard let hit = found else { throw OversightError.unknownHit }
        let papers: HTML =
            hit.subjectKind == "posting"
            ? "<a href=\"/ledger/postings/\(hit.subject)\">\(t("记账", "Posting"))</a>" : HTML(text: hit.subject)
        let facts: [(String, HTML)] = [
            (t("日期", "Day"), HTML(text: hit.day.text(t.language))), (t("对象", "Subject"), papers),
            (
                t("项目", "Project"),
                hit.project.isEmpty ? "—" : "<a href=\"/audit/trail?for=\(hit.project)\">\(hit.project)</a>"
            ),
            (t("金额", "Amount"), HTML(text: hit.amount.text(t.language))),
            (t(flag.values[0]), HTML(text: hit.values[0])), (t(flag.values[1]), HTML(text: hit.values[1])),
            (t("依据", "Ground"), ground(flag, house.city.rules.law(on: house.today), t)),
            (t("发现时间", "Found"), HTML(text: house.city.zone.clockText(hit.foundAt))),
            (t("结论", "Disposition"), FlagPages.state(hit.disposition, t)),
        ]
        let history = Parts.timeline(
            looks.map { look in
                (
                    house.city.zone.clockText(look.at), look.disposition.map { t($0.title) } ?? "", look.name,
                    Parts.paragraphs(look.reason)
                )
            })
        let body: HTML = """
            <h1>\(t(flag.title))</h1><p class="lead">\(t(flag.definition))</p>\(Parts.errors(problems, t))\(Parts.card(t("为何命中", "Why"), Parts.facts(facts)))\
            \(form(visit, hit, problems))\(if: !looks.isEmpty, Parts.card(t("核查记录", "Looks"), history))
            """
        return .page(
            Page(
                title: flag.title, trail: FlagPages.crumbs + [Crumb(flag.title, "/audit/flags/\(flag.id)")], body: body),
            status: problems.isEmpty ? 200 : 422)
    }

    private func form(_ visit: Visit, _ hit: Hit, _ problems: [FieldProblem]) -> HTML {
        guard Policy.may(visit.actor, .audit) else { return .empty }
        let t = visit.say
        let options = Hit.Disposition.allCases.map { (value: $0.rawValue, title: t($0.title)) }
        let fields: HTML = """
            \(Fields.choices(.init("disposition", t("结论", "Disposition")), options, chosen: visit.form.all("disposition"), isMany: false, problem: Fields.problem("disposition", problems, t), t))\
            \(Fields.textarea(.init("reason", t("理由", "Reason")), value: visit.form["reason"] ?? "", rows: 3, most: 2_000, problem: Fields.problem("reason", problems, t), t))
            """
        return Parts.card(
            t("记录核查结论", "What you make of it"),
            Fields.form(
                "/audit/flags/\(hit.flag)/\(hit.subject)", token: visit.csrfToken, fields,
                buttons: Fields.submit(t("记录结论", "Write it down"))))
    }

    private func look(_ visit: Visit) async throws -> Answer {
        let flag = try flag(visit)
        let subject = visit.path("subject")
        guard let disposition = visit.form["disposition"].flatMap(Hit.Disposition.init(rawValue:)) else {
            let missing = FieldProblem(
                field: "disposition", code: "field.required", message: Bilingual("请选择结论", "Choose a disposition"))
            let reason = Words.problems(
                visit.form["reason"] ?? "", "reason", Bilingual("理由", "Reason"), most: FlagDesk.longestReason)
            return try await page(visit, [missing] + reason)
        }
        do {
            try await desk.look(flag.id, subject, disposition, reason: visit.form["reason"] ?? "", by: visit.actor)
        } catch let problem as PlainProblem where !problem.fields.isEmpty {
            return try await page(visit, problem.fields)
        }
        return .redirect("/audit/flags/\(flag.id)/\(subject)")
    }
}
