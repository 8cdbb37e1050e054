import Kernel
import Portal
import Review
import Store

/// The pool of experts as the bureau sees it: the list, and of each expert the languages, the times away, and how the
/// work came in.
struct ExpertDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("专家库", "Expert pool")
    private static let size = 50

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "desk.experts", .get, "/desk/experts", access: CallDesk.staff, summary: ExpertDesk.title,
                handler: list),
            Route(
                "desk.experts.show", .get, "/desk/experts/{id}", access: TieDesk.readers,
                summary: Bilingual("专家", "An expert")
            ) { visit in try await page(visit) },
            Route(
                "desk.experts.languages", .post, "/desk/experts/{id}/languages", access: officer,
                summary: Bilingual("登记专家的评审语言", "Set the languages of an expert"), handler: setLanguages),
            Route(
                "desk.experts.absences.add", .post, "/desk/experts/{id}/absences", access: officer,
                summary: Bilingual("登记专家不能评审的时间", "Keep a time away of an expert"), handler: addAbsence),
            Route(
                "desk.experts.absences.remove", .post, "/desk/experts/{id}/absences/{absence}/remove", access: officer,
                summary: Bilingual("移除专家不能评审的时间", "Take a time away of an expert off"), handler: removeAbsence),
        ]
    }

    // MARK: The list

    /// An expert with how the work came in; nil where none is over, or where the reader is not to know.
    private struct Line: Sendable {
        let expert: Expert
        let timeliness: Timeliness?

        static func lines(
            _ experts: [Expert], _ measure: TimelinessMeasure?, on today: Day, _ tx: Tx
        ) throws -> [Line] {
            let known = try measure?.of(experts.map(\.id), on: today, tx) ?? [:]
            return experts.map { Line(expert: $0, timeliness: known[$0.id]) }
        }
    }

    private func timeliness() throws -> TimelinessMeasure {
        let city = house.city
        return try TimelinessMeasure(city.rules, zone: city.zone, calendar: city.calendar, on: house.today)
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (String, String)? in
            guard let name = cursor.values[0].string, let id = cursor.values[1].string else { return nil }
            return (name, id)
        }
        let language = visit.query("language").flatMap(ReviewLanguage.init(rawValue:))
        let (db, today) = (house.db, house.today)
        let isReader = TieDesk.readers.allows(visit.actor)
        let measure: TimelinessMeasure? = try isReader ? timeliness() : nil
        let columns = ExpertDesk.columns(visit.language, on: today, isReader: isReader)
        let file = try visit.export(ExpertDesk.title, columns) { last, limit in
            try await db.read { tx -> [Line] in
                let after = last.map { ($0.expert.name, $0.expert.id.text) }
                let experts = try ExpertStore.list(reading: language, after: after, limit: limit, tx)
                return try Line.lines(experts, measure, on: today, tx)
            }
        }
        if let file { return file }
        let found = try await db.read { tx -> [Line] in
            let experts = try ExpertStore.list(reading: language, after: place, limit: ExpertDesk.size + 1, tx)
            return try Line.lines(experts, measure, on: today, tx)
        }
        let code = language?.rawValue ?? ""
        let shown = found.prefix(ExpertDesk.size)
        let next: SafeURL? =
            found.count > shown.count
            ? shown.last.map { last -> SafeURL in
                let cursor = Cursor([.string(last.expert.name), .string(last.expert.id.text)])
                return "/desk/experts?language=\(code)&after=\(cursor.text)"
            } : nil
        let first: SafeURL? = cursor == nil ? nil : "/desk/experts?language=\(code)"
        let languages = ReviewLanguage.allCases.map { (value: $0.rawValue, title: t($0.title)) }
        let filter = Fields.select(
            .init("language", t("评审语言", "Language")), languages, value: language?.rawValue,
            none: t("全部", "All"), t)
        let table = ExpertDesk.table(Array(shown), on: today, isReader: isReader, t)
        let body: HTML = """
            <h1>\(t(ExpertDesk.title))</h1>\(ExpertDesk.links(visit, isReader))\
            \(Fields.filters("/desk/experts", filter, t))\(visit.exports)\(table)\
            \(Parts.pager(next: next, first: first, t))
            """
        return .page(Page(title: ExpertDesk.title, trail: [CallDesk.crumb], width: .desk, body: body))
    }

    private static func links(_ visit: Visit, _ isReader: Bool) -> HTML {
        let t = visit.say
        let links: HTML =
            isReader
            ? "<p><a href=\"/desk/ties\">\(t("专家的利害关系", "Ties of experts"))</a> · <a href=\"/desk/aliases\">\(t("专家的其他身份", "Aliases of experts"))</a> · <a href=\"/desk/experts/requests\">\(t("专家库申请", "Requests to the pool"))</a></p>"
            : .empty
        let entry: HTML =
            Policy.may(visit.actor, .runReviews)
            ? Parts.button(t("导入专家", "Import experts"), to: "/desk/experts/import", .secondary) : .empty
        return links + entry
    }

    private static func table(_ lines: [Line], on today: Day, isReader: Bool, _ t: Say) -> HTML {
        let rows = lines.map { line -> [HTML] in
            let expert = line.expert
            let name: HTML =
                isReader
                ? "<a href=\"/desk/experts/\(expert.id.text)\">\(t(expert.called))</a>" : HTML(text: t(expert.called))
            var cells: [HTML] = [
                name, HTML(text: t(written: expert.title)), HTML(text: t(expert.employer)),
                HTML(text: expert.fields.map { t(Disciplines.name($0)) }.joined(separator: t("、", ", "))),
                HTML(text: names(expert.languages, t)),
            ]
            if isReader { cells.append(HTML(text: line.timeliness.map { words($0, t) } ?? "—")) }
            cells.append(badge(expert, on: today, t))
            return cells
        }
        var columns: [Parts.Column] = [
            .init(t("姓名", "Name")), .init(t("职称", "Title")), .init(t("单位", "Employer")),
            .init(t("学科", "Fields")), .init(t("评审语言", "Languages")),
        ]
        if isReader { columns.append(.init(t("及时性", "Timeliness"))) }
        columns.append(.init(t("状态", "State")))
        return Parts.table(
            t("专家", "Experts"), columns, rows, empty: "<p>\(t("没有专家。", "There are no experts."))</p>")
    }

    private static func columns(_ language: Language, on today: Day, isReader: Bool) -> [ExportColumn<Line>] {
        let t = Say(language)
        let known: [ExportColumn<Line>] = [
            ExportColumn(Bilingual("姓名", "Name"), text: { t($0.expert.called) }),
            ExportColumn(Bilingual("职称", "Title"), text: { t(written: $0.expert.title) }),
            ExportColumn(Bilingual("单位", "Employer"), text: { t($0.expert.employer) }),
            ExportColumn(Bilingual("学科", "Fields"), text: { $0.expert.fields.joined(separator: " ") }),
            ExportColumn(Bilingual("评审语言", "Languages"), text: { names($0.expert.languages, t) }),
            ExportColumn(Bilingual("状态", "State"), text: { t(state($0.expert, on: today)) }),
        ]
        let work = ExportColumn<Line>(Bilingual("及时性", "Timeliness")) { line in
            .text(line.timeliness.map { words($0, t) } ?? "")
        }
        return isReader ? known + [work] : known
    }

    // MARK: Words

    static func names(_ languages: [ReviewLanguage], _ t: Say) -> String {
        languages.map { t($0.title) }.joined(separator: t("、", ", "))
    }

    private static func words(_ one: Timeliness, _ t: Say) -> String {
        t(
            "邀请 \(one.invited)，答复 \(one.answered)，接受 \(one.accepted)，提交 \(one.delivered)，按时 \(one.inTime)",
            "\(one.invited) invited, \(one.answered) answered, \(one.accepted) accepted, \(one.delivered) delivered, \(one.inTime) in time"
        )
    }

    private static func state(_ expert: Expert, on today: Day) -> Bilingual {
        if !expert.isActive { return Bilingual("停用", "Inactive") }
        if !expert.holds(on: today) { return Bilingual("待确认", "To be confirmed") }
        return expert.absence(on: today) == nil ? Bilingual("在库", "Active") : Bilingual("暂不能评审", "Away")
    }

    private static func badge(_ expert: Expert, on today: Day, _ t: Say) -> HTML {
        Parts.badge(
            t(state(expert, on: today)),
            !expert.isActive ? .neutral : expert.isAvailable(on: today) ? .good : .warning)
    }

    // MARK: An expert

    private struct Model: Sendable {
        let expert: Expert
        let fields: [String]
        let absences: [Absence]
        let timeliness: Timeliness?
    }

    /// - Parameters:
    ///   - problem: why a form of the page was sent back.
    ///   - isAbsence: whether it was the one of times away.
    private func page(
        _ visit: Visit, _ problem: (any Problem)? = nil, isAbsence: Bool = false
    ) async throws -> Answer {
        let t = visit.say
        let id: ID<Expert> = try visit.id("id")
        let (today, measure) = (house.today, try timeliness())
        let model = try await house.db.read { tx -> Model in
            guard let expert = try ExpertStore.all([id], tx)[id] else { throw ReviewError.unknown }
            return Model(
                expert: expert, fields: try ExpertStore.fields(of: id, tx), absences: try AbsenceStore.list(of: id, tx),
                timeliness: try measure.of([id], on: today, tx)[id])
        }
        let mayEdit = Policy.may(visit.actor, .runReviews)
        let problems = problem?.fields ?? []
        let record = try work(model.timeliness, measure, t)
        let body: HTML = """
            <div class="title-row"><h1>\(t(model.expert.called))</h1>\(ExpertDesk.badge(model.expert, on: today, t))</div>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\
            \(Parts.card(nil, Parts.facts(ExpertDesk.facts(model, t))))\
            \(if: mayEdit, ExpertDesk.languages(model.expert, visit, isAbsence ? [] : problems))\
            \(AbsenceParts.card(model.absences, at: "/desk/experts/\(id.text)/absences", mayEdit: mayEdit, visit, isAbsence ? problems : []))\
            \(record)
            """
        return .page(
            Page(title: Bilingual("专家", "An expert"), trail: TieDesk.trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private static func facts(_ model: Model, _ t: Say) -> [(String, HTML)] {
        let expert = model.expert
        let fields = model.fields.map { "\($0) \(t(Disciplines.name($0)))" }.joined(separator: t("、", ", "))
        return [
            (t("职称", "Title"), HTML(text: t(written: expert.title))),
            (t("单位", "Employer"), HTML(text: t(expert.employer))),
            (t("学科", "Disciplines"), HTML(text: fields)),
            (t("评审语言", "Languages"), HTML(text: names(expert.languages, t))),
            (t("每轮最多项数", "Most in a round"), HTML(text: expert.maxLoad.map(String.init) ?? "—")),
            (t("有效至", "Holds until"), HTML(text: expert.confirmBy.map { $0.text(t.language) } ?? "—")),
        ]
    }

    private static func languages(_ expert: Expert, _ visit: Visit, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        let chosen = problems.isEmpty ? expert.languages.map(\.rawValue) : visit.form.all("languages")
        let options = ReviewLanguage.allCases.map { (value: $0.rawValue, title: t($0.title)) }
        let field = Fields.choices(
            .init("languages", t("能评审的语言（至少一种）", "Languages to judge in (at least one)")), options, chosen: chosen,
            isMany: true, problem: Fields.problem("languages", problems, t), t)
        return Parts.card(
            t("评审语言", "Languages"),
            Fields.form(
                "/desk/experts/\(expert.id.text)/languages", token: visit.csrfToken, field,
                buttons: Fields.submit(t("保存", "Save"), .secondary)))
    }

    /// How the work of an expert came in.
    private func work(_ one: Timeliness?, _ measure: TimelinessMeasure, _ t: Say) throws -> HTML {
        let source = try house.city.rules.dated(TimelinessMeasure.parameter, on: house.today).source
        let lead: HTML = """
            <p class="hint">\(t("由最近 \(measure.last) 次已结束的邀请计算，须回避的不计；申请人和公众看不到。", "From the last \(measure.last) invitations that are over, without those that the expert had to keep out of; neither applicants nor the public see it.")) \
            <span class="basis">\(t(source.cited))</span> \(if: source.confidence.needsChecking, Parts.toBeChecked(t))</p>
            """
        guard let one else {
            return Parts.card(
                t("及时性", "Timeliness"), "\(lead)<p>\(t("还没有已结束的邀请。", "No invitation is over yet."))</p>")
        }
        func number(_ count: Int) -> HTML { HTML(text: String(count)) }
        let late = one.medianLate.map { t("\($0) 个工作日", counted($0, "working day")) } ?? "—"
        return Parts.card(
            t("及时性", "Timeliness"),
            lead
                + Parts.facts([
                    (t("邀请", "Invited"), number(one.invited)), (t("已答复", "Answered"), number(one.answered)),
                    (t("已接受", "Accepted"), number(one.accepted)), (t("已提交", "Delivered"), number(one.delivered)),
                    (t("按时提交", "Delivered in time"), number(one.inTime)),
                    (t("迟交的中位数", "Median delay of late ones"), HTML(text: late)),
                ]))
    }

    // MARK: Forms

    private func attempt(
        _ visit: Visit, isAbsence: Bool, _ act: (ID<Expert>) async throws -> Void
    ) async throws -> Answer {
        let id: ID<Expert> = try visit.id("id")
        do {
            try await act(id)
            return .redirect("/desk/experts/\(id)")
        } catch let problem as any Problem where problem.kind == .invalid {
            return try await page(visit, problem, isAbsence: isAbsence)
        }
    }

    private func setLanguages(_ visit: Visit) async throws -> Answer {
        try await attempt(visit, isAbsence: false) { id in
            try await funding.review.actions.setLanguages(visit.form.all("languages"), of: id, by: visit.actor)
        }
    }

    private func addAbsence(_ visit: Visit) async throws -> Answer {
        try await attempt(visit, isAbsence: true) { id in
            try await funding.review.actions.addAbsence(AbsenceParts.typed(visit), to: id, by: visit.actor)
        }
    }

    private func removeAbsence(_ visit: Visit) async throws -> Answer {
        try await attempt(visit, isAbsence: true) { id in
            try await funding.review.actions.removeAbsence(try visit.id("absence"), of: id, by: visit.actor)
        }
    }
}
