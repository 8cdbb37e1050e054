import Kernel
import Portal
import Review
import Store

/// A member's side of a meeting.
struct MeetingPages: Sendable {
    let house: House

    private var shared: MeetingHouse { MeetingHouse(house: house) }
    private static let member = RouteAccess.roles([.expert])

    var routes: [Route] {
        [
            Route(
                "meetings.mine", .get, "/meetings", access: Self.member, summary: Bilingual("我的会议", "My meetings"),
                handler: list),
            Route(
                "meetings.show", .get, "/meetings/{id}", access: Self.member, summary: Bilingual("一次会议", "A meeting"),
                handler: { try await show($0, nil) }),
            Route(
                "meetings.invitation", .get, "/meetings/{id}/invitation", access: MeetingHouse.everyone,
                summary: Bilingual("会议邀请函", "Letter of invitation"), handler: invitation),
            Route(
                "meetings.answer", .post, "/meetings/{id}/answer", access: Self.member,
                summary: Bilingual("答复会议邀请", "Answer an invitation"), handler: answer),
            Route(
                "meetings.papers", .get, "/meeting-items/{id}", access: Self.member,
                summary: Bilingual("议题材料", "Papers of an item"), handler: { try await papers($0, nil) }),
            Route(
                "meetings.recuse", .post, "/meeting-items/{id}", access: Self.member,
                summary: Bilingual("申请回避", "Keep out of an item"), handler: recuse),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        let before: ID<Meeting>? = visit.query("before").map { ID($0) }
        let found = try await house.db.read { tx in try MeetingStore.list(of: account, before: before, limit: 31, tx) }
        let rows = found.prefix(30).map { meeting, answer -> [HTML] in
            [
                "<a href=\"/meetings/\(meeting.id.text)\">\(t(meeting.title))</a>",
                HTML(text: shared.time(meeting.startsAt)), HTML(text: t(meeting.venue)),
                MeetingHouse.state(meeting.state, t),
                MeetingHouse.answer(answer, t),
            ]
        }
        let next: SafeURL? =
            found.count > 30 ? found.prefix(30).last.map { "/meetings?before=\($0.meeting.id.text)" } : nil
        let body: HTML = """
            <h1>\(t("我的会议", "My meetings"))</h1>\(Parts.table(t("我的会议", "My meetings"), [
                .init(t("名称", "Title")), .init(t("时间", "Time")), .init(t("地点", "Place")), .init(t("状态", "State")), .init(t("答复", "Answer")),
            ], rows, empty: "<p>\(t("没有会议。收到邀请后会显示在这里。", "No meetings. Invitations appear here."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/meetings", t))
            """
        return .page(Page(title: MeetingHouse.mine.title, trail: [.work], body: body))
    }

    private func show(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id: ID<Meeting> = try visit.id("id")
        let account = visit.actor.account
        let (meeting, chair, own, items, recusals, votes) = try await house.db.read { tx in
            let members = try MeetingStore.members(id, tx)
            guard let own = members.first(where: { $0.account == account }) else { throw MeetingError.unknown }
            let meeting = try MeetingStore.require(id, tx)
            return (
                meeting, meeting.whoChairs(among: members), own, try MeetingStore.items(id, tx),
                try MeetingStore.recusals(id, tx),
                try MeetingStore.votes(id, tx)
            )
        }
        let times = shared.times(meeting, items)
        let out = Set(recusals.filter { $0.account == account }.map(\.item))
        let rows = items.map { item -> [HTML] in
            let mine = votes.filter { $0.item == item.id && !out.contains(item.id) }
            let links = HTML(each: mine) {
                "<p><a href=\"/votes/\($0.id.text)\">\(t("第 \($0.round) 轮表决", "Round \($0.round)"))</a> \(MeetingHouse.outcome($0, item, t))</p>"
            }
            return [
                HTML(text: times[item.id] ?? ""), "<a href=\"/meeting-items/\(item.id.text)\">\(t(item.title))</a>",
                out.contains(item.id) ? Parts.badge(t("您须回避", "You keep out"), .warning) : links,
            ]
        }
        let answer: HTML =
            meeting.state == .planned
            ? Parts.card(
                t("答复", "Answer"),
                Parts.post(
                    "/meetings/\(id.text)/answer", t("参会", "I attend"), token: visit.csrfToken, .primary,
                    fields: [("answer", "yes")])
                    + Fields.form(
                        "/meetings/\(id.text)/answer", token: visit.csrfToken,
                        Fields.input(
                            .init("reason", t("不能参会的理由", "Why you cannot attend")),
                            problem: Fields.problem("reason", problem?.fields ?? [], t), t),
                        buttons: Fields.submit(t("不能参会", "I cannot attend"), .secondary))) : .empty
        let minutes: HTML =
            meeting.minutes == nil
            ? .empty : "<p>\(Parts.button(t("会议纪要", "Minutes"), to: "/meetings/\(id.text)/minutes", .secondary))</p>"
        let body: HTML = """
            <div class="title-row"><h1>\(t(meeting.title))</h1>\(MeetingHouse.state(meeting.state, t))</div>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.facts([
                (t("时间", "Time"), HTML(text: shared.time(meeting.startsAt))), (t("地点", "Place"), HTML(text: t(meeting.venue))),
                (t("主持人", "Chair"), HTML(text: t(chair))), (t("您的答复", "Your answer"), MeetingHouse.answer(own.answer, t)),
                (t("邀请函", "Invitation"), "<a href=\"/meetings/\(id.text)/invitation\">\(t("查看", "Read it"))</a>"),
            ]))\(answer)<h2>\(t("议程", "Agenda"))</h2>\(Parts.table(t("议程", "Agenda"), [
                .init(t("时间", "Time")), .init(t("议题", "Item")), .init(t("表决", "Votes")),
            ], rows, empty: "<p>\(t("还没有议题。", "The agenda is empty."))</p>"))\(minutes)
            """
        return .page(
            Page(title: meeting.title, trail: [.work, MeetingHouse.mine], body: body),
            status: problem?.kind.status ?? 200)
    }

    private func answer(_ visit: Visit) async throws -> Answer {
        let id: ID<Meeting> = try visit.id("id")
        do {
            try await shared.actions.answer(
                id, accepts: visit.form["answer"] == "yes", reason: visit.form["reason"] ?? "", by: visit.actor)
            return .redirect("/meetings/\(id.text)")
        } catch let problem as PlainProblem {
            return try await show(visit, problem)
        }
    }

    private func invitation(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<Meeting> = try visit.id("id")
        let actor = visit.actor
        let (meeting, items, names) = try await house.db.read { tx in
            let members = try MeetingStore.members(id, tx)
            let isStaff = !actor.roles.isDisjoint(with: [.officer, .leader, .auditor])
            guard isStaff || members.contains(where: { $0.account == actor.account }) else {
                throw MeetingError.unknown
            }
            let own = members.filter { isStaff || $0.account == actor.account }
            return (try MeetingStore.require(id, tx), try MeetingStore.items(id, tx), own.map { t($0.called) })
        }
        let times = shared.times(meeting, items)
        let list = HTML(each: items) { "<li>\(times[$0.id] ?? "") \(t($0.title))</li>" }
        let body: HTML = """
            <article class="letter"><h1>\(t("评审会议邀请函", "Invitation to a panel meeting"))</h1><p class="hint">\(meeting.number)</p>\
            <p>\(t("\(names.joined(separator: "、")) 专家：", "To \(names.joined(separator: ", ")),"))</p>\
            <p>\(t("兹定于 \(shared.time(meeting.startsAt)) 在\(meeting.venue.zh)召开「\(meeting.title.zh)」，请您作为委员参加。请事先查看材料，存在利害关系的须申请回避，并对会议内容保密。", "You are asked to attend '\(meeting.title.en)' as a member of the panel on \(shared.time(meeting.startsAt)), \(meeting.venue.en). Please read the papers before, keep out of items in which you have an interest, and keep everything confidential."))</p>\
            \(if: !items.isEmpty, "<p>\(t("议程", "Agenda"))</p><ul>\(list)</ul>")<p>\(t(house.city.bureau))</p></article>
            """
        return .page(Page(title: Bilingual("会议邀请函", "Invitation"), trail: [.work, MeetingHouse.mine], body: body))
    }

    private func papers(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id: ID<MeetingItem> = try visit.id("id")
        let (actor, shared) = (visit.actor, shared)
        let (item, meeting, reason, papers) = try await house.db.read { tx in
            guard try MeetingStore.sits(actor.account, in: id.text, tx) else { throw MeetingError.unknown }
            let (item, meeting) = try MeetingStore.item(id, tx)
            let own = try MeetingStore.recusals(meeting.id, tx).first { $0.item == id && $0.account == actor.account }
            // Who keeps out reads nothing of it; nor does anybody once the minutes are signed.
            guard own == nil, meeting.state != .signed else { return (item, meeting, own?.reason, [HTML]()) }
            let papers = try item.cases.map { one -> HTML in
                guard try MeetingStore.mayRead(one.id, actor, tx), let file = try CaseStore.find(one.id, tx) else {
                    return .empty
                }
                return Parts.card("\(one.number) \(t(one.title))", try shared.papers(file, t, tx))
            }
            return (item, meeting, nil, papers)
        }
        let recuse: HTML =
            reason == nil && [.planned, .open].contains(meeting.state) && item.state != .closed
            ? Parts.card(
                t("存在利害关系", "There is a conflict"),
                Fields.form(
                    "/meeting-items/\(id.text)", token: visit.csrfToken,
                    Fields.input(
                        .init("reason", t("回避理由", "Why you keep out")), value: visit.form["reason"] ?? "",
                        problem: Fields.problem("reason", problem?.fields ?? [], t), t),
                    buttons: Fields.submit(t("申请回避", "Keep out"), .danger))) : .empty
        let body: HTML = """
            <h1>\(t(item.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(with: reason, { Parts.notice(.warning, t("您须回避这项议题：\($0.zh)。您看不到材料，也不参加表决。", "You keep out of this item: \($0.en). You see no papers and do not vote.")) })\
            \(HTML(each: papers) { $0 })\(recuse)
            """
        return .page(
            Page(
                title: item.title,
                trail: [.work, MeetingHouse.mine, Crumb(meeting.title, "/meetings/\(meeting.id.text)")],
                body: body), status: problem?.kind.status ?? 200)
    }

    private func recuse(_ visit: Visit) async throws -> Answer {
        let id: ID<MeetingItem> = try visit.id("id")
        do {
            try await shared.actions.recuse(from: id, reason: visit.form["reason"] ?? "", by: visit.actor)
            return .redirect("/meeting-items/\(id.text)")
        } catch let problem as PlainProblem {
            return try await papers(visit, problem)
        }
    }
}
