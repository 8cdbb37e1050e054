import Kernel
import Portal
import Store

/// The opinions of a collective discussion, in the order in which they were given.
struct MeetingPage: Sendable {
    let house: House
    let visit: Visit

    init(_ desk: NormDesk, _ visit: Visit) {
        house = desk.house
        self.visit = visit
    }

    func page(_ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let (actor, procedures) = (visit.actor, house.procedures)
        let (place, opinions) = try await house.db.read { tx -> (NormDesk.Place, [Opinion]) in
            let place = try NormDesk.place(id, actor, procedures, tx)
            return (place, try OpinionStore.list(of: id, session: place.norm.session, tx))
        }
        let rows = opinions.map { opinion -> [HTML] in
            [
                HTML(text: String(opinion.position)),
                "\(opinion.member) \(if: opinion.isHead, Parts.badge(t("行政首长", "Head"), .info))",
                Parts.badge(t(opinion.stance.title), opinion.stance == .agree ? .good : .warning),
                ComparisonView.lines(opinion.words),
            ]
        }
        let table = Parts.table(
            t("会议意见", "Opinions"),
            [
                .init(t("顺序", "Order"), numeric: true), .init(t("发言人", "Who")), .init(t("意见", "Opinion")),
                .init(t("发言要点", "What was said")),
            ], rows, empty: "<p>\(t("还没有人发言。", "Nobody has spoken yet."))</p>")
        let isOver = opinions.last?.isHead ?? false
        let maySpeak = Policy.handles(actor, place.file) && place.file.step == "meeting" && !isOver
        let count = opinions.filter { !$0.isHead }
        let summary = t(
            "同意 \(count.filter { $0.stance == .agree }.count) 人，不同意 \(count.filter { $0.stance == .against }.count) 人，其他意见 \(count.filter { $0.stance == .other }.count) 人（不含行政首长）",
            "\(count.filter { $0.stance == .agree }.count) agree, \(count.filter { $0.stance == .against }.count) are against, \(count.filter { $0.stance == .other }.count) think otherwise, without the head"
        )
        let over: HTML =
            isOver && place.file.step == "meeting"
            ? Parts.notice(
                .info, t("行政首长已最后发言，可以提请决定。", "The head has spoken last; it may be put to the decision."),
                "<p>\(Parts.button(t("提请决定", "Put it to the decision"), to: "/cases/\(id.text)", .secondary))</p>")
            : .empty
        let body: HTML = """
            <h1>\(t("集体讨论", "Collective discussion"))</h1><p class="lead">\(place.norm.title)</p>\(over)\(Parts.errors(problems, t))\(table)<p>\(summary)</p>\
            \(if: maySpeak, Parts.card(t("记录发言", "Write down an opinion"), form(id, problems, t)))
            """
        return Page(
            title: Bilingual("集体讨论", "Collective discussion"),
            trail: [Crumb(Bilingual(place.norm.number, place.norm.number), "/cases/\(id)")], width: .desk, body: body
        ).withProblems(problems)
    }

    private func form(_ id: ID<CaseFile>, _ problems: [FieldProblem], _ t: Say) -> HTML {
        func wrong(_ name: String) -> String? { Fields.problem(name, problems, t) }
        let fields: HTML = """
            \(Fields.input(.init("member", t("发言人", "Who speaks")), value: visit.form["member"] ?? "", problem: wrong("member"), t))\
            \(Fields.tick(.init("is-head", t("行政首长（须最后发言）", "The head, who speaks last"), required: false), isOn: visit.form["is-head"] == "yes", problem: wrong("is-head"), t))\
            \(Fields.choices(.init("stance", t("意见", "Opinion")), Opinion.Stance.allCases.map { ($0.rawValue, t($0.title)) }, chosen: [visit.form["stance"] ?? ""], isMany: false, problem: wrong("stance"), t))\
            \(Fields.textarea(.init("words", t("发言要点", "What was said"), required: false), value: visit.form["words"] ?? "", rows: 3, most: 2_000, problem: wrong("words"), t))
            """
        return Fields.form(
            "/desk/strategy/norms/\(id.text)/meeting", token: visit.csrfToken, fields,
            buttons: Fields.submit(t("记录", "Write down")))
    }
}
