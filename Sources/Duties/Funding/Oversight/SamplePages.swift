import Kernel
import Ledger
import Portal
import Store

/// Samples: drawn with a seed, kept, and drawn again by anybody.
struct SamplePages: Sendable {
    let house: House

    private var desk: SampleDesk { SampleDesk(db: house.db, clock: house.clock, ids: house.ids) }

    var routes: [Route] {
        [
            Route(
                "audit.samples", .get, "/audit/samples", access: TrailPages.readers,
                summary: Bilingual("抽样", "Samples"), handler: list),
            Route(
                "audit.samples.draw", .post, "/audit/samples", access: .roles([.auditor]),
                summary: Bilingual("抽取样本", "Draw a sample"), handler: draw),
            Route(
                "audit.sample", .get, "/audit/samples/{number}", access: TrailPages.readers,
                summary: Bilingual("一个样本", "A sample"), handler: show),
            Route(
                "audit.sample.population", .get, "/audit/samples/{number}/population", access: TrailPages.readers,
                summary: Bilingual("样本总体", "Population of a sample"), handler: population),
        ]
    }

    private static let kinds: [AccountKind] = [.paid, .commitment, .contract, .order, .spent, .returned, .budget]
    private static let title = Bilingual("抽样", "Samples")

    private func list(_ visit: Visit) async throws -> Answer { try await page(visit, []) }

    private func page(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let before = visit.query("after")
        let (samples, programmes) = try await house.db.read { tx in
            (try SampleDesk.list(before: before, limit: 31, tx), try ProgrammeStore.all(tx))
        }
        let rows = samples.prefix(30).map { one -> [HTML] in
            [
                "<a href=\"/audit/samples/\(one.number)\">\(one.number)</a>", HTML(text: one.title),
                HTML(text: t(one.question.method.title)), HTML(text: String(one.population)),
                HTML(text: one.total.yuanText), HTML(text: one.madeName),
                HTML(text: house.city.zone.clockText(one.madeAt)),
            ]
        }
        let next =
            samples.count > 30
            ? samples.prefix(30).last.flatMap { SafeURL(checking: "/audit/samples?after=\($0.number)") } : nil
        let form: HTML =
            Policy.may(visit.actor, .audit)
            ? Parts.card(t("抽取样本", "Draw a sample"), self.form(visit, programmes, problems)) : .empty
        let body: HTML = """
            <h1>\(t(SamplePages.title))</h1>\(Parts.errors(problems, t))\(form)\(Parts.table(t(SamplePages.title), [
                .init(t("编号", "Number")), .init(t("用途", "What for")), .init(t("方法", "Method")), .init(t("总体笔数", "Population"), numeric: true),
                .init(t("总体金额（元）", "Total (yuan)"), numeric: true), .init(t("抽取人", "By")), .init(t("时间", "When")),
            ], Array(rows), empty: "<p>\(t("还没有抽过样。", "No sample was drawn yet."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/audit/samples", t))
            """
        return .page(
            Page(title: SamplePages.title, trail: [.audit], width: .desk, body: body),
            status: problems.isEmpty ? 200 : 422)
    }

    private func form(_ visit: Visit, _ programmes: [Programme], _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        let typed = visit.form
        func problem(_ name: String) -> String? { Fields.problem(name, problems, t) }
        let year = house.today.parts.year
        let fields: HTML = """
            \(Fields.input(.init("title", t("用途", "What for")), value: typed["title"] ?? "", problem: problem("title"), t))\
            \(Fields.select(.init("method", t("方法", "Method")), SampleMethod.allCases.map { ($0.rawValue, t($0.title)) }, value: typed["method"] ?? "monetary", problem: problem("method"), t))\
            \(Fields.select(.init("kind", t("转入环节", "Money that moved into")), SamplePages.kinds.map { ($0.rawValue, t($0.name)) }, value: typed["kind"] ?? "paid", problem: problem("kind"), t))\
            \(Fields.select(.init("programme", t("专项", "Programme"), required: false), programmes.map { ($0.code, t($0.name)) }, value: typed["programme"], problem: problem("programme"), none: t("全部", "All"), t))\
            \(Fields.input(.init("from", t("自", "From")), type: "date", value: typed["from"] ?? "\(year)-01-01", problem: problem("from"), isWide: false, t))\
            \(Fields.input(.init("to", t("至", "To")), type: "date", value: typed["to"] ?? house.today.description, problem: problem("to"), isWide: false, t))\
            \(Fields.input(.init("least", t("最小金额（元）", "Least amount (yuan)"), required: false), value: typed["least"] ?? "", problem: problem("least"), isWide: false, t))\
            \(Fields.input(.init("size", t("样本量", "Size")), type: "number", value: typed["size"] ?? "20", problem: problem("size"), isWide: false, t))\
            \(Fields.input(.init("seed", t("种子", "Seed"), hint: t("任何文字；同一种子永远得到同一样本。用公开的随机数更有说服力。", "Any text: the same seed gives the same sample for ever. Public chance convinces more.")), value: typed["seed"] ?? "", problem: problem("seed"), t))
            """
        return Fields.form(
            "/audit/samples", token: visit.csrfToken, fields, buttons: Fields.submit(t("抽取", "Draw")))
    }

    private func draw(_ visit: Visit) async throws -> Answer {
        let typed = visit.form
        var problems: [FieldProblem] = []
        func wrong(_ field: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "field.invalid", message: Bilingual(zh, en)))
        }
        let method = typed["method"].flatMap(SampleMethod.init(rawValue:))
        if method == nil { wrong("method", "请选择方法", "Choose a method") }
        let kind = typed["kind"].flatMap(AccountKind.init(rawValue:)).flatMap {
            SamplePages.kinds.contains($0) ? $0 : nil
        }
        if kind == nil { wrong("kind", "请选择环节", "Choose a station") }
        let programme = typed["programme"] ?? ""
        let isKnown =
            try await house.db.read { tx in try programme.isEmpty || ProgrammeStore.find(code: programme, tx) != nil }
        if !isKnown { wrong("programme", "没有这个专项", "There is no such programme") }
        let (from, to) = (typed["from"].flatMap { Day($0) }, typed["to"].flatMap { Day($0) })
        if from == nil { wrong("from", "请填写起始日", "Give the first day") }
        if to == nil { wrong("to", "请填写截止日", "Give the last day") }
        if let from, let to, to < from { wrong("to", "截止日早于起始日", "The last day is before the first") }
        let least = (typed["least"] ?? "").isEmpty ? Money.zero : try? Money(parsing: typed["least"] ?? "")
        if least == nil { wrong("least", "不是有效金额", "This is not an amount") }
        let size = typed["size"].flatMap(Int.init) ?? 0
        if !(1...SampleDesk.most).contains(size) {
            wrong("size", "样本量应为 1 至 \(SampleDesk.most)", "The size is from 1 to \(SampleDesk.most)")
        }
        let seed = typed["seed"] ?? ""
        if seed.isEmpty || seed.count > 200 { wrong("seed", "请填写种子，最多 200 字", "Give a seed of at most 200 characters") }
        let title = typed["title"] ?? ""
        if title.isEmpty || title.count > 200 {
            wrong("title", "请写明用途，最多 200 字", "Say what for, in at most 200 characters")
        }
        guard problems.isEmpty, let method, let kind, let from, let to, let least else {
            return try await page(visit, problems)
        }
        let question = SampleQuestion(
            method: method, kind: kind, from: from, to: to, programme: programme, least: least,
            size: size, seed: seed)
        let made = try await desk.draw(question, title: title, by: visit.actor)
        return .redirect("/audit/samples/\(made.number)")
    }

    private func find(_ visit: Visit) async throws -> AuditSample {
        let number = visit.path("number")
        guard let found = try await house.db.read({ tx in try SampleDesk.find(number, tx) }) else {
            throw OversightError.unknownSample
        }
        return found
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let sample = try await find(visit)
        let after = visit.query("after").flatMap(Int.init) ?? 0
        let (again, items, faces) = try await house.db.read { tx in
            let items = try SampleDesk.items(sample.id, after: after, limit: 101, tx)
            let postings = try PostingStore.all(items.map { ID($0.chosen.unit.posting) }, tx)
            let projects = try ProjectStore.all(Array(Set(postings.compactMap(\.caseID))), tx)
            let faces = postings.map { posting in
                (posting.id.text, (posting, posting.caseID.flatMap { projects[$0]?.number }))
            }
            return (
                try SampleDesk.run(sample.question, through: sample.through, tx), items,
                Dictionary(faces, uniquingKeysWith: { a, _ in a })
            )
        }
        let rows = items.prefix(100).map { item -> [HTML] in
            let face = faces[item.chosen.unit.posting]
            return [
                HTML(text: String(item.position)),
                "<a href=\"/ledger/postings/\(item.chosen.unit.posting)\">\(face?.0.text ?? "")</a>",
                HTML(text: face?.0.day.description ?? ""), HTML(text: item.chosen.unit.amount.yuanText),
                HTML(text: String(item.chosen.hits)),
                face?.1.map { "<a href=\"/audit/trail?for=\($0)\">\($0)</a>" } ?? "—",
            ]
        }
        let holds = again.hash == sample.populationHash && again.population == sample.population
        let next =
            items.count > 100
            ? items.prefix(100).last.flatMap {
                SafeURL(checking: "/audit/samples/\(sample.number)?after=\($0.position)")
            }
            : nil
        let body: HTML = """
            <h1>\(sample.number) \(sample.title)</h1>\(Parts.notice(holds ? .good : .bad, holds ? t("重新抽取，结果一致", "Drawn again: the same") : t("重新抽取，结果不同", "Drawn again: it differs")))\
            \(Parts.facts(facts(sample, t)))\(Parts.table(t("样本", "Sample"), [
                .init(t("序号", "No.")), .init(t("记账", "Posting")), .init(t("日期", "Day")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                .init(t("命中", "Hits"), numeric: true), .init(t("项目", "Project")),
            ], Array(rows), empty: "<p>\(t("总体为空，没有抽到记账。", "The population is empty."))</p>"))\
            \(Parts.pager(next: next, first: after == 0 ? nil : SafeURL(checking: "/audit/samples/\(sample.number)"), t))
            """
        return .page(
            Page(
                title: Bilingual(sample.number, sample.number),
                trail: [.audit, Crumb(SamplePages.title, "/audit/samples")], width: .desk, body: body))
    }

    private func facts(_ sample: AuditSample, _ t: Say) -> [(String, HTML)] {
        let question = sample.question
        let command =
            "kechuang audit sample population-\(sample.number).csv --method \(question.method.rawValue) --size \(question.size) --seed '\(question.seed)'"
        return [
            (t("方法", "Method"), HTML(text: t(question.method.title))),
            (t("种子", "Seed"), "<code>\(question.seed)</code>"),
            (t("转入环节", "Into"), HTML(text: t(question.kind.name))),
            (t("日期", "Days"), HTML(text: "\(question.from) – \(question.to)")),
            (
                t("总体", "Population"),
                HTML(
                    text: t(
                        "\(sample.population) 笔，\(sample.total.yuanText) 元",
                        "\(counted(sample.population, "posting")), RMB \(sample.total.yuanText)"))
            ),
            (
                t("总体文件", "Population file"),
                "<a href=\"/audit/samples/\(sample.number)/population\">CSV</a> <code class=\"hash\">\(sample.populationHash)</code>"
            ),
            (t("在别处重算", "Draw again elsewhere"), "<pre>\(command)</pre>"),
            (t("抽取人", "Drawn by"), HTML(text: "\(sample.madeName) \(house.city.zone.clockText(sample.madeAt))")),
        ]
    }

    private func population(_ visit: Visit) async throws -> Answer {
        let sample = try await find(visit)
        let db = house.db
        return .stream(type: "text/csv; charset=utf-8", name: "population-\(sample.number).csv") { writer in
            try await writer.write(SampleFile.header)
            var after = ""
            while true {
                let last = after
                let units = try await db.read { tx in
                    try SampleDesk.population(sample, after: last, limit: 1_000, tx)
                }
                try await writer.write(units.map(SampleFile.line).joined())
                guard units.count == 1_000, let end = units.last else { return }
                after = end.posting
            }
        }
    }
}
