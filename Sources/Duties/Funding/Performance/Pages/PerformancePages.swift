import Kernel
import Portal
import Store

/// Goals from programme to project, and what the public is told of their results.
struct PerformancePages: Sendable {
    let house: House

    /// Most goals of a year that the tree shows.
    private static let most = 500

    var routes: [Route] {
        [
            Route(
                "desk.performance", .get, "/desk/performance",
                access: .roles([.officer, .leader, .auditor, .treasurer]),
                summary: Bilingual("绩效目标树", "Goals and results"), handler: tree),
            Route(
                "performance.public", .get, "/performance", access: .everyone,
                summary: Bilingual("绩效评价结果", "Performance of programmes"), handler: results),
        ]
    }

    /// A goal with its place in the tree.
    private struct Leaf: Sendable {
        let line: CaseLine
        let programme: Bilingual
        let step: Bilingual

        var isProject: Bool { line.file.procedure == Goal.projects }
        var project: String { line.values["project"]?.string ?? "" }
        var score: String {
            line.values["score"]?.integer.map { "\($0 / 100).\(padded(Int($0 % 100), 2))" } ?? ""
        }
        var grade: Bilingual? { line.values["grade"]?.string.flatMap(PerformanceGrade.init(rawValue:))?.title }
    }

    private func leaves(_ year: Int, _ tx: Tx) throws -> [(programme: Programme, goals: [Leaf])] {
        let fields = ["year": String(year)]
        let lines = try [Goal.programmes, Goal.projects].flatMap { procedure in
            try CaseLists.list(CaseFilter(procedure, fields: fields), limit: Self.most, tx)
        }.filter { $0.file.step != "withdrawn" }
        let byProgramme = Dictionary(grouping: lines) { $0.values["programme"]?.string ?? "" }
        return try ProgrammeStore.all(tx).map { programme in
            let goals = (byProgramme[programme.code] ?? []).map { line in
                Leaf(
                    line: line, programme: programme.name,
                    step: (try? house.procedures.step(of: line.file).title) ?? Bilingual("", ""))
            }
            return (programme, goals.sorted { $0.line.file.number < $1.line.file.number })
        }
    }

    private func columns(_ language: Language) -> [ExportColumn<Leaf>] {
        [
            ExportColumn(Bilingual("专项", "Programme"), text: { $0.programme[language] }),
            ExportColumn(Bilingual("项目", "Project"), text: \.project),
            ExportColumn(Bilingual("编号", "Number"), text: \.line.file.number),
            ExportColumn(Bilingual("目标", "Goal"), text: { $0.line.file.title[language] }),
            ExportColumn(Bilingual("状态", "State"), text: { $0.step[language] }),
            ExportColumn(Bilingual("得分", "Score"), text: \.score),
            ExportColumn(Bilingual("等级", "Grade"), text: { $0.grade?[language] ?? "" }),
        ]
    }

    private func year(_ visit: Visit) -> Int {
        visit.query("year").flatMap(Int.init).flatMap { (2_000...2_100).contains($0) ? $0 : nil }
            ?? house.today.parts.year
    }

    private func tree(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let year = year(visit)
        let db = house.db
        let file = try visit.export(
            Bilingual("\(year) 年绩效目标", "Goals of \(year)"), columns(visit.language)
        ) { last, _ in
            guard last == nil else { return [] }
            return try await db.read { tx in try leaves(year, tx) }.flatMap(\.goals)
        }
        if let file { return file }
        let groups = try await db.read { tx in try leaves(year, tx) }
        let current = house.today.parts.year
        let tabs = ((current - 3)...(current + 1)).reversed().map {
            (String($0), "/desk/performance?year=\(String($0))" as SafeURL, $0 == year)
        }
        let start: HTML =
            visit.actor.roles.contains(.officer)
            ? "<p>\(Parts.button(t("设定专项绩效目标", "Set the goal of a programme"), to: "/procedures/funding.performance/start"))</p>"
            : .empty
        let title = Bilingual("\(year) 年绩效目标与结果", "Goals and results of \(year)")
        let body: HTML = """
            <h1>\(t(title))</h1>\(Parts.tabs(t("预算年度", "Budget year"), Array(tabs)))\(start)\(visit.exports)\
            <ul class="tree">\(each: groups, { branch($0.programme, $0.goals, t) })</ul>
            """
        return .page(Page(title: title, trail: [CallDesk.crumb, BudgetPages.crumb], width: .desk, body: body))
    }

    private func branch(_ programme: Programme, _ goals: [Leaf], _ t: Say) -> HTML {
        let own = goals.filter { !$0.isProject }
        let projects = goals.filter(\.isProject)
        let below: HTML = projects.isEmpty ? .empty : "<ul>\(each: projects, { "<li>\(leaf($0, t))</li>" })</ul>"
        let above: HTML =
            own.isEmpty
            ? "<p class=\"hint\">\(t("尚未设定目标。", "No goal is set yet."))</p>"
            : HTML(each: own) { "<p>\(leaf($0, t))</p>" }
        return "<li><section class=\"card\"><h2>\(t(programme.name))</h2>\(above)\(below)</section></li>"
    }

    private func leaf(_ leaf: Leaf, _ t: Say) -> HTML {
        let result: HTML =
            leaf.grade.map { Parts.badge("\(t($0)) \(leaf.score)", .info) } ?? Parts.badge(t(leaf.step))
        return """
            <a href="/cases/\(leaf.line.file.id.text)">\(leaf.line.file.number)</a> \(if: leaf.isProject, "\(leaf.project) ")\(t(leaf.line.file.title)) \(result)
            """
    }
}

extension PerformancePages {
    /// A programme's result as the public sees it, with how its projects did, without naming them.
    private struct Line: Sendable {
        let programme: Bilingual
        let result: PerformanceResult?
        let projects: [PerformanceResult]

        var mean: Int? {
            projects.isEmpty ? nil : projects.reduce(0) { $0 + $1.score } / projects.count
        }
        static func text(_ score: Int?) -> String { score.map { "\($0 / 100).\(padded($0 % 100, 2))" } ?? "—" }
    }

    private func published(_ year: Int, _ tx: Tx) throws -> [Line] {
        let groups = Dictionary(grouping: try PerformanceStore.list(year: year, tx), by: \.programme)
        return try ProgrammeStore.all(tx).compactMap { programme in
            guard let found = groups[programme.code] else { return nil }
            return Line(
                programme: programme.name, result: found.last { $0.project == nil },
                projects: found.filter { $0.project != nil })
        }
    }

    private func results(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (db, language) = (house.db, visit.language)
        let years = try await db.read { tx in try PerformanceStore.years(tx) }
        let year = visit.query("year").flatMap(Int.init).flatMap { years.contains($0) ? $0 : nil } ?? years.first
        let columns: [ExportColumn<Line>] = [
            ExportColumn(Bilingual("专项", "Programme"), text: { $0.programme[language] }),
            ExportColumn(Bilingual("得分", "Score"), text: { Line.text($0.result?.score) }),
            ExportColumn(Bilingual("等级", "Grade"), text: { $0.result?.grade[language] ?? "" }),
            ExportColumn(Bilingual("评价项目数", "Projects graded")) { .number(Int64($0.projects.count)) },
            ExportColumn(Bilingual("项目平均分", "Mean of projects"), text: { Line.text($0.mean) }),
        ]
        let file = try visit.export(Bilingual("绩效评价结果", "Performance of programmes"), columns) { last, _ in
            guard last == nil, let year else { return [] }
            return try await db.read { tx in try published(year, tx) }
        }
        if let file { return file }
        let lines = try await db.read { tx in try year.map { try published($0, tx) } ?? [] }
        let tabs = years.map { (String($0), "/performance?year=\(String($0))" as SafeURL, $0 == year) }
        let rows = lines.map { line -> [HTML] in
            [
                HTML(text: t(line.programme)), HTML(text: Line.text(line.result?.score)),
                line.result.map { Parts.badge(t($0.grade), .info) } ?? "—", HTML(text: String(line.projects.count)),
                HTML(text: Line.text(line.mean)),
            ]
        }
        let title =
            year.map { Bilingual("\($0) 年绩效评价结果", "Performance of programmes in \($0)") }
            ?? Bilingual("绩效评价结果", "Performance of programmes")
        let body: HTML = """
            <h1>\(t(title))</h1><p>\(t("各专项按年初确认的指标自评、复核、评分，满分 100 分；结果用于下一年度预算。", "Each programme assesses itself by indicators agreed beforehand; the bureau checks and scores, of 100 points. Results stand beside the next year's budget."))</p>\
            \(if: years.count > 1, Parts.tabs(t("预算年度", "Budget year"), tabs))\(bands(t))\(Parts.card(nil, chart(lines, t)))\(visit.exports)\
            \(Parts.table(t(title), [
                .init(t("专项", "Programme")), .init(t("得分", "Score"), numeric: true), .init(t("等级", "Grade")),
                .init(t("评价项目数", "Projects graded"), numeric: true), .init(t("项目平均分", "Mean of projects"), numeric: true),
            ], rows, empty: "<p>\(t("还没有公布评价结果。", "No results are published yet."))</p>"))
            """
        return .page(Page(title: title, width: .desk, body: body))
    }

    private func chart(_ lines: [Line], _ t: Say) -> HTML {
        let text = ChartText(
            id: "performance", title: t("各专项得分", "Scores of programmes"),
            description: t("每条一个专项，满分 100 分。", "One bar a programme, of 100 points."), unit: t("分", "points"))
        return Chart.bars(
            text,
            lines.compactMap { line in line.result.map { (label: t(line.programme), value: $0.score / 100) } }, t)
    }

    /// Which score is called what, and how well that is known.
    private func bands(_ t: Say) -> HTML {
        guard let law = try? house.city.rules.law(on: house.today).bands("funding.performance.grade") else {
            return .empty
        }
        let words = law.value.list.reversed().compactMap { band -> String? in
            guard let grade = PerformanceGrade.allCases.first(where: { $0.number == band.gives }) else { return nil }
            guard let lower = band.lower else {
                return t("其余为\(grade.title.zh)", "\(grade.title.en.lowercased()) below")
            }
            return t(
                "\(lower.number / 100) 分及以上为\(grade.title.zh)",
                "\(grade.title.en.lowercased()) from \(lower.number / 100)")
        }
        let source = law.reference.source
        return """
            <p class="hint">\(words.joined(separator: t("，", ", ")))\(t("。", "."))\(t(source.cited)) \(if: source.confidence.needsChecking, Parts.toBeChecked(t))</p>
            """
    }
}
