import Kernel
import Portal
import Review
import Store

/// Ballots as officers hold them and as members vote.
struct BallotPages: Sendable {
    let house: House

    static let staff = RouteAccess.roles([.officer, .leader, .auditor])
    /// Most experts offered for choice.
    private static let most = 500
    private var actions: BallotActions { BallotActions(house: house) }
    private static let deskTrail = [
        Crumb(Bilingual("科技奖励", "Awards"), "/desk/rooms/awards"),
        Crumb(Bilingual("评审表决", "Ballots"), "/desk/awards/ballots"),
    ]

    var routes: [Route] {
        [
            Route(
                "awards.ballots", .get, "/desk/awards/ballots", access: Self.staff,
                summary: Bilingual("评审表决", "Ballots"), handler: list),
            Route(
                "awards.ballots.new", .get, "/desk/awards/ballots/new", access: .roles([.officer]),
                summary: Bilingual("发起表决", "Open a ballot"), handler: form),
            Route(
                "awards.ballots.open", .post, "/desk/awards/ballots", access: .roles([.officer]),
                summary: Bilingual("发起表决", "Open a ballot"), handler: open),
            Route(
                "awards.ballots.show", .get, "/desk/awards/ballots/{id}", access: Self.staff,
                summary: Bilingual("一次表决", "A ballot"), handler: show),
            Route(
                "awards.ballots.close", .post, "/desk/awards/ballots/{id}/close", access: .roles([.officer]),
                summary: Bilingual("结束表决并计票", "Close and count"), handler: close),
            Route(
                "awards.ballots.mine", .get, "/awards/ballots", access: .roles([.expert]),
                summary: Bilingual("我的表决", "My ballots"), handler: mine),
            Route(
                "awards.ballots.paper", .get, "/awards/ballots/{id}", access: .roles([.expert]),
                summary: Bilingual("选票", "Ballot paper"), handler: paper),
            Route(
                "awards.ballots.vote", .post, "/awards/ballots/{id}/vote", access: .roles([.expert]),
                summary: Bilingual("投票", "Vote"), handler: vote),
        ]
    }

    // MARK: The officer's side

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let before: ID<Ballot>? = visit.query("before").map { ID($0) }
        let ballots = try await house.db.read { tx in try BallotStore.list(before: before, limit: 51, tx) }
        let rows = ballots.prefix(50).map { ballot -> [HTML] in
            [
                "<a href=\"/desk/awards/ballots/\(ballot.id.text)\">\(ballot.number)</a>", HTML(text: ballot.title),
                HTML(text: t(ballot.stage.title)), state(ballot, t),
                HTML(text: house.city.zone.clockText(ballot.openedAt)),
            ]
        }
        let next: SafeURL? =
            ballots.count > 50
            ? ballots.prefix(50).last.flatMap { SafeURL(checking: "/desk/awards/ballots?before=\($0.id.text)") } : nil
        let new: HTML =
            visit.actor.roles.contains(.officer)
            ? "<p>\(Parts.button(t("发起表决", "Open a ballot"), to: "/desk/awards/ballots/new"))</p>" : .empty
        let body: HTML = """
            <h1>\(t("评审表决", "Ballots"))</h1>\(new)\(Parts.table(t("评审表决", "Ballots"), [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("环节", "Stage")), .init(t("状态", "State")), .init(t("发起", "Opened")),
            ], Array(rows), empty: "<p>\(t("还没有表决。答辩之后在此发起。", "No ballots yet. They are opened here after the defence."))</p>"))\
            \(Parts.pager(next: next, first: before == nil ? nil : "/desk/awards/ballots", t))
            """
        return .page(
            Page(
                title: Bilingual("评审表决", "Ballots"), trail: Array(Self.deskTrail.prefix(1)), width: .desk, body: body))
    }

    private func state(_ ballot: Ballot, _ t: Say) -> HTML {
        ballot.state == .open
            ? Parts.badge(t("投票中", "Open"), .info) : Parts.badge(t("已计票", "Counted"), .good)
    }

    private func form(_ visit: Visit) async throws -> Answer { try await formPage(visit, []) }

    private func formPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let today = house.today
        let (waiting, experts) = try await house.db.read { tx in
            (
                try Worklist.at("awards.nomination", "ballot", limit: 200, tx),
                try ExpertStore.available(on: today, limit: Self.most, tx)
            )
        }
        let body: HTML = """
            <h1>\(t("发起表决", "Open a ballot"))</h1>\(Parts.errors(problems, t))\
            <p>\(t("委员姓名和是否投票公开给经办人；如何投票不留任何记录，计票后只公布票数。", "Officers see who the members are and who has voted. How anybody votes is kept nowhere; only counts are shown, after the ballot is closed."))</p>\
            \(Fields.form("/desk/awards/ballots", token: visit.csrfToken, """
                \(Fields.input(.init("title", t("名称", "Title")), value: visit.form["title"] ?? "", problem: Fields.problem("title", problems, t), t))\
                \(Fields.choices(.init("stage", t("表决环节", "Stage")), BallotFacts.Stage.allCases.map { ($0.rawValue, t($0.title)) }, chosen: [visit.form["stage"] ?? ""], isMany: false, problem: Fields.problem("stage", problems, t), t))\
                \(Fields.choices(.init("cases", t("待表决的提名", "Nominations that wait for a vote")), waiting.map { ($0.id.text, "\($0.number) \(t($0.title))") }, chosen: visit.form.all("cases"), isMany: true, problem: Fields.problem("cases", problems, t), t))\
                \(Fields.choices(.init("members", t("委员", "Members")), experts.map { ($0.account.text, t($0.introduced)) }, chosen: visit.form.all("members"), isMany: true, problem: Fields.problem("members", problems, t), t))
                """, buttons: Fields.submit(t("发起表决", "Open the ballot"))))
            """
        return Page(
            title: Bilingual("发起表决", "Open a ballot"), trail: Self.deskTrail, width: .desk, body: body
        ).withProblems(problems)
    }

    private func open(_ visit: Visit) async throws -> Answer {
        do {
            let id = try await actions.open(
                title: visit.form["title"] ?? "", stage: visit.form["stage"].flatMap(BallotFacts.Stage.init(rawValue:)),
                cases: visit.form.all("cases").map { ID($0) }, members: visit.form.all("members").map { ID($0) },
                by: visit.actor)
            return .redirect("/desk/awards/ballots/\(id.text)")
        } catch BallotError.incomplete(let problems) {
            return try await formPage(visit, problems)
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<Ballot> = try visit.id("id")
        let (ballot, items, members, recusals) = try await house.db.read { tx in
            (
                try BallotStore.require(id, tx), try BallotStore.items(id, tx), try BallotStore.members(id, tx),
                try BallotStore.recusals(id, tx)
            )
        }
        let isOpen = ballot.state == .open
        let rows = items.map { item -> [HTML] in
            let withdrawn = recusals.filter { $0.position == item.position }.count
            return [
                "<a href=\"/cases/\(item.caseID.text)\">\(item.number)</a>", HTML(text: t(item.title)),
                HTML(text: String(withdrawn)), HTML(text: isOpen ? "—" : "\(item.inFavour)"),
                HTML(text: isOpen ? "—" : "\(item.against)"), HTML(text: isOpen ? "—" : "\(item.abstained)"),
                isOpen ? "—" : result(item, t),
            ]
        }
        let people = members.map { member -> [HTML] in
            let why = recusals.filter { $0.account == member.account }.map { recusal in
                "\(items.first { $0.position == recusal.position }?.number ?? "")\(t.colon)\(t(BallotStore.words(of: recusal.reason)))"
            }
            return [
                HTML(text: member.name),
                member.hasVoted
                    ? Parts.badge(t("已投票", "Has voted"), .good) : Parts.badge(t("未投票", "Has not voted"), .warning),
                HTML(text: why.joined(separator: t("；", "; "))),
            ]
        }
        let closing: HTML =
            isOpen && visit.actor.roles.contains(.officer)
            ? Parts.post(
                SafeURL(checking: "/desk/awards/ballots/\(id.text)/close") ?? "#", t("结束表决并计票", "Close and count"),
                token: visit.csrfToken, .primary) : .empty
        let body: HTML = """
            <h1>\(ballot.title)</h1><p>\(ballot.number) · \(t(ballot.stage.title)) · \(state(ballot, t))</p>\
            \(Parts.table(t("提名", "Nominations"), [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("回避", "Withdrawn"), numeric: true), .init(t("赞成", "In favour"), numeric: true),
                .init(t("反对", "Against"), numeric: true), .init(t("弃权", "Abstained"), numeric: true), .init(t("结果", "Result")),
            ], rows, empty: "—"))\(closing)\
            <h2>\(t("委员", "Members"))</h2>\(Parts.table(t("委员", "Members"), [.init(t("姓名", "Name")), .init(t("投票", "Vote")), .init(t("回避", "Withdraws from"))], people, empty: "—"))
            """
        return .page(
            Page(title: Bilingual(ballot.title, ballot.title), trail: Self.deskTrail, width: .desk, body: body))
    }

    private func result(_ item: Ballot.Item, _ t: Say) -> HTML {
        switch item.carried {
        case true: Parts.badge(t("通过", "Carried"), .good)
        case false: Parts.badge(t("未通过", "Not carried"), .bad)
        default: Parts.badge(t("未达法定人数", "No quorum"), .warning)
        }
    }

    private func close(_ visit: Visit) async throws -> Answer {
        let id: ID<Ballot> = try visit.id("id")
        try await actions.close(id, by: visit.actor)
        return .redirect("/desk/awards/ballots/\(id.text)")
    }

    // MARK: The member's side

    private func mine(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        guard let account = visit.actor.account else { throw BallotError.notMember }
        let ballots = try await house.db.read { tx in try BallotStore.list(of: account, limit: 50, tx) }
        let rows = ballots.map { item -> [HTML] in
            [
                "<a href=\"/awards/ballots/\(item.ballot.id.text)\">\(item.ballot.title)</a>",
                HTML(text: t(item.ballot.stage.title)),
                item.hasVoted
                    ? Parts.badge(t("已投票", "Voted"), .good)
                    : item.ballot.state == .open
                        ? Parts.badge(t("待投票", "To vote"), .warning) : Parts.badge(t("未投票", "Did not vote")),
            ]
        }
        let body: HTML = """
            <h1>\(t("奖励评审表决", "Ballots on awards"))</h1>\(Parts.table(t("表决", "Ballots"), [
                .init(t("名称", "Title")), .init(t("环节", "Stage")), .init(t("状态", "State")),
            ], rows, empty: "<p>\(t("没有请您参加的表决。", "No ballot asks for your vote."))</p>"))
            """
        return .page(
            Page(
                title: Bilingual("奖励评审表决", "Ballots on awards"), trail: [.reviews], width: .desk, body: body))
    }

    private func paper(_ visit: Visit) async throws -> Answer { try await paperPage(visit, []) }

    private func paperPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<Ballot> = try visit.id("id")
        let account = visit.actor.account
        let (ballot, items, member, recusals) = try await house.db.read { tx in
            // Nobody else learns that there is such a ballot.
            guard let member = try BallotStore.members(id, tx).first(where: { $0.account == account }) else {
                throw BallotError.unknown
            }
            return (
                try BallotStore.require(id, tx), try BallotStore.items(id, tx), member, try BallotStore.recusals(id, tx)
            )
        }
        let withdrawn = Set(recusals.filter { $0.account == member.account }.map(\.position))
        let content: HTML
        if member.hasVoted || ballot.state == .closed {
            content = Parts.notice(
                .info,
                member.hasVoted
                    ? t("您已投票，选票不留记名。", "You have voted. The paper bears no name.")
                    : t("表决已结束。", "The ballot is closed."))
        } else {
            let marks = BallotMark.allCases.map { ($0.rawValue, t($0.title)) }
            let fields = HTML(each: items) { item in
                withdrawn.contains(item.position)
                    ? Parts.notice(
                        .info,
                        t(
                            "\(item.number) \(t(item.title))：您须回避，不参加该项表决。",
                            "\(item.number) \(t(item.title)): you withdraw from this one."))
                    : Fields.choices(
                        .init(
                            "mark-\(item.position)",
                            "\(item.number) \(t(item.title)) · \(item.prize.map { t($0.title) } ?? "") \(item.grade.map { $0 == .none ? "" : t($0.title) } ?? "")"
                        ),
                        marks, chosen: [visit.form["mark-\(item.position)"] ?? ""], isMany: false,
                        problem: Fields.problem("mark-\(item.position)", problems, t), t)
            }
            content = Fields.form(
                SafeURL(checking: "/awards/ballots/\(id.text)/vote") ?? "#", token: visit.csrfToken, fields,
                buttons: Fields.submit(t("投票（投出后不能更改）", "Vote; it cannot be changed afterwards")))
        }
        let body: HTML = "<h1>\(ballot.title)</h1>\(Parts.errors(problems, t))\(content)"
        return Page(
            title: Bilingual(ballot.title, ballot.title),
            trail: [.reviews, Crumb(Bilingual("奖励评审表决", "Ballots on awards"), "/awards/ballots")], body: body
        ).withProblems(problems)
    }

    private func vote(_ visit: Visit) async throws -> Answer {
        let id: ID<Ballot> = try visit.id("id")
        var marks: [Int: BallotMark] = [:]
        for position in 1...500 {
            guard let typed = visit.form["mark-\(position)"] else { continue }
            marks[position] = BallotMark(rawValue: typed)
        }
        do {
            try await actions.vote(id, marks, by: visit.actor)
            return .redirect("/awards/ballots/\(id.text)")
        } catch BallotError.incomplete(let problems) {
            return try await paperPage(visit, problems)
        }
    }
}
