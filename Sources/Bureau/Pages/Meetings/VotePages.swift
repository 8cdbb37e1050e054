import Kernel
import Portal
import Review
import Store

/// One round of voting: the paper, and what came out.
struct VotePages: Sendable {
    let house: House

    private var shared: MeetingHouse { MeetingHouse(house: house) }

    var routes: [Route] {
        [
            Route(
                "votes.show", .get, "/votes/{id}", access: MeetingHouse.everyone, summary: Bilingual("表决", "A vote"),
                handler: { try await page($0, nil) }),
            Route(
                "votes.cast", .post, "/votes/{id}", access: .roles([.expert]), summary: Bilingual("投票", "Vote"),
                handler: cast),
        ]
    }

    private struct Model: Sendable {
        let vote: MeetingVote
        let item: MeetingItem
        let meeting: Meeting
        let roll: [RollEntry]
        let papers: [VotePaper]
        let own: RollEntry?
    }

    /// A vote for its members and the bureau; nobody who keeps out of the item sees it.
    private func model(_ id: ID<MeetingVote>, _ actor: Actor) async throws -> Model {
        try await house.db.read { tx in
            let isStaff = !actor.roles.isDisjoint(with: [.officer, .leader, .auditor])
            guard try isStaff || MeetingStore.sits(actor.account, in: id.text, tx) else { throw MeetingError.unknown }
            let vote = try MeetingStore.vote(id, tx)
            let (item, meeting) = try MeetingStore.item(vote.item, tx)
            if !isStaff {
                let out = try MeetingStore.recusals(meeting.id, tx)
                guard !out.contains(where: { $0.item == item.id && $0.account == actor.account }) else {
                    throw MeetingError.recused
                }
            }
            let roll = try MeetingStore.roll(id, tx)
            return Model(
                vote: vote, item: item, meeting: meeting, roll: roll, papers: try MeetingStore.papers(id, tx),
                own: roll.first { $0.account == actor.account })
        }
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?, receipt: String? = nil) async throws -> Answer {
        let t = visit.say
        let model = try await model(try visit.id("id"), visit.actor)
        let (vote, item) = (model.vote, model.item)
        if vote.state == .closed,
            let file = try visit.export(
                Bilingual("选票", "Papers"), Self.columns(item, t), next: Self.pages(model.papers))
        {
            return file
        }
        let how = vote.isSecret ? t("无记名", "secret") : t("记名", "by name")
        let voted = model.roll.count(where: \.hasVoted)
        let facts = Parts.facts([
            (t("会议", "Meeting"), HTML(text: t(model.meeting.title))), (t("议题", "Item"), HTML(text: t(item.title))),
            (t("轮次与方式", "Round and kind"), HTML(text: t("第 \(vote.round) 轮，\(how)", "Round \(vote.round), \(how)"))),
            (
                t("表决资格", "Who may vote"),
                HTML(
                    text: t(
                        "有表决资格 \(vote.members) 人，到会 \(vote.present) 人，法定 \(vote.quorum) 人",
                        "\(vote.members) could vote, \(vote.present) were present, quorum \(vote.quorum)"))
            ),
            (
                vote.kind == .approve ? t("通过票数", "What carries it") : t("推选名额", "How many are chosen"),
                HTML(
                    text: vote.kind == .approve
                        ? "\(t(vote.threshold.title))\(t.beside(vote.rule))" : String(vote.seats))
            ),
            (t("已投票", "Have voted"), HTML(text: "\(voted) / \(model.roll.count)")),
        ])
        let body: HTML = """
            <h1>\(t(vote.question))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problem?.fields ?? [], t))\
            \(with: receipt, { thanks($0, vote, t) })\(facts)\
            \(vote.state == .open ? paper(visit, model, problem) : result(visit, model))
            """
        let trail: [Crumb] =
            visit.actor.roles.contains(.expert)
            ? [.work, MeetingHouse.mine, Crumb(model.meeting.title, "/meetings/\(model.meeting.id.text)")]
            : [.desk, MeetingHouse.desk, Crumb(model.meeting.title, "/desk/meetings/\(model.meeting.id.text)")]
        return .page(Page(title: vote.question, trail: trail, body: body), status: problem?.kind.status ?? 200)
    }

    private func thanks(_ code: String, _ vote: MeetingVote, _ t: Say) -> HTML {
        Parts.notice(
            .good, t("您的选票已投入。", "Your paper is in."),
            """
            <p>\(t("选票编号：", "Code of your paper: "))<strong class="code">\(code)</strong></p><p>\
            \(vote.isSecret ? t("请自行记下。本局不保存编号与您的对应关系，也不会再次显示；计票后可凭编号核对。", "Note it now: the bureau keeps no link between the code and you and will not show it again. After the count you can look it up.") : t("计票后可凭编号核对。", "After the count you can look it up."))</p>
            """)
    }

    private func paper(_ visit: Visit, _ model: Model, _ problem: (any Problem)?) -> HTML {
        let t = visit.say
        let fields = problem?.fields ?? []
        guard let own = model.own else {
            return visit.actor.roles.contains(.expert) && visit.actor.roles.isDisjoint(with: [.officer, .leader])
                ? Parts.notice(.info, t(MeetingError.absent.message)) : .empty
        }
        guard !own.hasVoted else {
            return Parts.notice(.info, t("您已投票。计票后在此公布结果。", "You have voted. The result appears here after the count."))
        }
        let choices: HTML
        switch model.vote.kind {
        case .approve:
            choices = Fields.choices(
                .init("choice", t("您的选择", "Your choice")),
                [("yes", t("赞成", "For")), ("no", t("反对", "Against")), ("abstain", t("弃权", "Abstain"))],
                chosen: visit.form.all("choice"), isMany: false, problem: Fields.problem("choice", fields, t), t)
        case .choose:
            let places = (1...max(1, model.item.cases.count)).map { (String($0), t("第 \($0) 选择", "Choice \($0)")) }
            choices =
                "<p>\(t("请按您的偏好排列候选事项；可以只排前几个。", "Rank the candidates by your preference; you need not rank all."))</p>"
                + HTML(each: model.item.cases.enumerated()) { place, one in
                    Fields.select(
                        .init("place-\(place + 1)", "\(one.number) \(t(one.title))", required: false), places,
                        value: visit.form["place-\(place + 1)"], none: t("不排", "Not ranked"), t)
                }
        }
        return Parts.card(
            t("选票", "Paper"),
            Fields.form(
                "/votes/\(model.vote.id.text)", token: visit.csrfToken, choices,
                buttons: Fields.submit(t("投票（投出后不能修改）", "Vote; it cannot be changed afterwards"))))
    }

    private func cast(_ visit: Visit) async throws -> Answer {
        let id: ID<MeetingVote> = try visit.id("id")
        let form = visit.form
        let (vote, item) = try await house.db.read { tx in
            let vote = try MeetingStore.vote(id, tx)
            return (vote, try MeetingStore.item(vote.item, tx).item)
        }
        var choice = form.all("choice")
        if vote.kind == .choose {
            let ranked = (1...max(1, item.cases.count)).compactMap { place in
                form["place-\(place)"].flatMap { Int($0) }.map { (rank: $0, place: place) }
            }
            // Two in the same place make no order: the paper is refused with what is wrong.
            choice =
                Set(ranked.map(\.rank)).count == ranked.count
                ? ranked.sorted { $0.rank < $1.rank }.map { String($0.place) } : ["0"]
        }
        do {
            let code = try await shared.actions.cast(choice, in: id, by: visit.actor)
            return try await page(visit, nil, receipt: code)
        } catch let problem as MeetingError where [.invalid, .conflict].contains(problem.kind) {
            return try await page(visit, problem)
        }
    }

    // MARK: The result

    private func result(_ visit: Visit, _ model: Model) -> HTML {
        let t = visit.say
        guard let result = model.vote.result else { return .empty }
        let rows = model.papers.map { paper -> [HTML] in
            [HTML(text: paper.name ?? paper.code), HTML(text: Self.words(paper.choice, model.item, t))]
        }
        let names = model.roll.map { $0.name + ($0.hasVoted ? "" : t("（未投票）", " (did not vote)")) }
        let tone: Parts.Tone = result.carried == false ? .warning : .good
        return """
            \(Parts.notice(tone, MeetingHouse.outcome(model.vote, model.item, t)))\
            \(with: result.stages, { stages($0, result, model.item, t) })\
            \(Parts.card(t("选票", "Papers"), "<p>\(t("投票名单：", "The roll: "))\(names.joined(separator: t("、", ", ")))</p>\(visit.exports)" + Parts.table(t("选票", "Papers"), [
                .init(model.vote.isSecret ? t("选票编号", "Code") : t("委员", "Member")), .init(t("选择", "Choice")),
            ], rows, empty: "—") + "<p class=\"hint\">\(t("全部选票的摘要 \(result.papers) 已写入记录。", "The hash of all papers, \(result.papers), is in the record."))</p>"))
            """
    }

    private static func words(_ choice: String, _ item: MeetingItem, _ t: Say) -> String {
        switch choice {
        case "yes": return t("赞成", "For")
        case "no": return t("反对", "Against")
        case "abstain": return t("弃权", "Abstain")
        default:
            let places = choice.split(separator: " ").compactMap { Int($0) }.filter {
                item.cases.indices.contains($0 - 1)
            }
            return places.map { item.cases[$0 - 1].number }.joined(separator: " → ")
        }
    }

    private func stages(_ stages: [VoteResult.Stage], _ result: VoteResult, _ item: MeetingItem, _ t: Say) -> HTML {
        func number(_ place: Int?) -> String {
            place.flatMap { item.cases.indices.contains($0) ? item.cases[$0].number : nil } ?? ""
        }
        let rows = stages.enumerated().map { index, stage -> [HTML] in
            let what: String =
                switch stage.action {
                case "first": t("首选", "First preferences")
                case "surplus": t("\(number(stage.candidate)) 的盈余转移", "Surplus of \(number(stage.candidate))")
                case "exclusion": t("\(number(stage.candidate)) 淘汰并转移", "\(number(stage.candidate)) excluded")
                default: t("余额补足", "As many left as places")
                }
            let tie =
                stage.tie == "lot"
                ? t("（平票，抽签决定）", " (tie, by lot)")
                : stage.tie == nil ? "" : t("（平票，依前轮票数）", " (tie, by an earlier stage)")
            return [HTML(text: String(index + 1)), HTML(text: what + tie)] + stage.votes.map { HTML(text: $0) }
                + [HTML(text: stage.exhausted), HTML(text: stage.elected.map { number($0) }.joined(separator: " "))]
        }
        let columns: [Parts.Column] =
            [.init(t("步", "Stage")), .init(t("计票", "Count"))]
            + item.cases.indices.map { .init(String($0 + 1), numeric: true) }
            + [.init(t("不再可转", "Exhausted"), numeric: true), .init(t("当选", "Elected"))]
        let names = HTML(each: item.cases.enumerated()) { place, one in
            "<li>\(place + 1). \(one.number) \(t(one.title))</li>"
        }
        return Parts.card(
            t("计票过程", "The count"),
            """
            <p>\(t("单记可让渡投票，加权全包格雷戈里法，精确分数。有效票 \(result.cast - result.invalid)，当选额 \(result.quota ?? 0)。", "Single transferable vote, weighted inclusive Gregory method in exact fractions. Valid papers \(result.cast - result.invalid), quota \(result.quota ?? 0)."))</p><ul>\(names)</ul>\
            \(Parts.table(t("计票过程", "The count"), columns, rows, empty: "—"))
            """)
    }

    private static func columns(_ item: MeetingItem, _ t: Say) -> [ExportColumn<VotePaper>] {
        [
            ExportColumn(Bilingual("选票编号", "Code"), text: \.code),
            ExportColumn(Bilingual("委员", "Member"), text: { $0.name ?? "" }),
            ExportColumn(Bilingual("选择", "Choice"), text: { words($0.choice, item, t) }),
        ]
    }

    private static func pages(_ papers: [VotePaper]) -> @Sendable (VotePaper?, Int) async throws -> [VotePaper] {
        { last, limit in
            let start = last.flatMap { last in papers.firstIndex { $0.code == last.code } }.map { $0 + 1 } ?? 0
            return Array(papers[start..<min(start + limit, papers.count)])
        }
    }
}
