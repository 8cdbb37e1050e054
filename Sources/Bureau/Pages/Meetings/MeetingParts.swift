import Kernel
import Portal
import Review

/// Pieces of the secretary's page.
struct MeetingParts {
    let visit: Visit
    let mayRun: Bool
    let shared: MeetingHouse
    /// What is wrong with the form that was sent.
    var problems: [FieldProblem] = []

    private var t: Say { visit.say }

    func members(
        _ meeting: Meeting, _ members: [MeetingMember], _ presence: [MeetingPresence], _ experts: [Expert],
        _ problems: [FieldProblem]
    ) -> HTML {
        let base = "/desk/meetings/\(meeting.id.text)"
        let rows = members.map { member -> [HTML] in
            let stays = presence.filter { $0.account == member.account }
            let isHere = stays.contains { $0.leftAt == nil }
            let times = stays.map {
                "\(shared.time($0.arrivedAt)) – \($0.leftAt.map { shared.time($0) } ?? t("在场", "here"))"
            }
            let button: HTML =
                mayRun && [.planned, .open].contains(meeting.state)
                ? Parts.post(
                    SafeURL(checking: "\(base)/presence") ?? "#",
                    isHere
                        ? t("\(member.name) 离会", "\(member.called.en) left")
                        : t("\(member.name) 到会", "\(member.called.en) arrived"),
                    token: visit.csrfToken,
                    fields: [("member", member.account.text), ("do", isHere ? "leave" : "arrive")])
                : .empty
            return [
                HTML(text: t(member.called) + (member.account == meeting.chair ? t("（主持人）", " (chair)") : "")),
                HTML(text: t(member.employer)),
                MeetingHouse.answer(member.answer, t) + HTML(text: member.reason.isEmpty ? "" : " \(member.reason)"),
                HTML(text: times.isEmpty ? "—" : times.joined(separator: "; ")), button,
            ]
        }
        let table = Parts.table(
            t("委员", "Members"),
            [
                .init(t("姓名", "Name")), .init(t("单位", "Organisation")), .init(t("答复", "Answer")),
                .init(t("到会", "Presence")), .init(t("登记", "Record")),
            ], rows, empty: "—")
        guard mayRun, meeting.state == .planned else { return Parts.card(t("委员", "Members"), table) }
        let names = members.filter { $0.account != meeting.chair }.map { ($0.account.text, t($0.called)) }
        let taken = Set(members.map(\.account))
        let day = shared.house.city.zone.day(of: meeting.startsAt)
        let others = experts.filter { !taken.contains($0.account) && $0.absence(on: day) == nil }.map {
            ($0.account.text, t($0.introduced))
        }
        let isReplacing = problems.contains { ["member", "other"].contains($0.field) }
        let replace: HTML = """
            <details\(attribute: "open", if: isReplacing)><summary>\(t("更换委员", "Replace a member"))</summary>\(Fields.form(SafeURL(checking: "\(base)/members") ?? "#", token: visit.csrfToken,
                "\(Fields.select(.init("member", t("更换", "Replace")), names, value: visit.form["member"], problem: Fields.problem("member", problems, t), t))\(Fields.select(.init("other", t("改为", "New member")), others, value: visit.form["other"], problem: Fields.problem("other", problems, t), t))",
                buttons: Fields.submit(t("更换", "Replace"), .secondary)))</details>
            """
        return Parts.card(t("委员", "Members"), table + replace)
    }

    func item(
        _ item: MeetingItem, at time: String, mayOpen: Bool, recusals: [MeetingRecusal], notes: [MeetingNote],
        votes: [MeetingVote], turnout: [ID<MeetingVote>: (voted: Int, of: Int)]
    ) -> HTML {
        let state: HTML =
            switch item.state {
            case .waiting: Parts.badge(t("待审议", "Waiting"))
            case .open: Parts.badge(t("审议中", "Called"), .good)
            case .closed: Parts.badge(t("已审议", "Done"), .info)
            }
        let cases = HTML(each: item.cases.enumerated()) { place, one in
            "<li>\(place + 1). <a href=\"/cases/\(one.id.text)\">\(one.number)</a> \(t(one.title))</li>"
        }
        let out = HTML(each: recusals) { one in
            let room = one.leftAt.map { left in
                t("，\(shared.time(left)) 离开会场", ", left the room at \(shared.time(left))")
                    + (one.returnedAt.map { t("，\(shared.time($0)) 返回", ", came back at \(shared.time($0))") } ?? "")
            }
            return "<li>\(t("\(one.name) 回避", "\(one.name) keeps out"))\(t.colon)\(t(one.reason))\(room ?? "")</li>"
        }
        let said = HTML(each: notes) {
            "<li>\(Parts.paragraphs(t(written: $0.note)))<p class=\"when\">\($0.author) \(shared.time($0.at))</p></li>"
        }
        let body: HTML = """
            <p>\(time) · \(t("\(item.minutes) 分钟", counted(item.minutes, "minute"))) \(state)</p>\(if: !item.cases.isEmpty, "<ul>\(cases)</ul>")\
            \(if: !recusals.isEmpty, "<h3>\(t("回避", "Keeping out"))</h3><ul>\(out)</ul>")\(if: !notes.isEmpty, "<h3>\(t("讨论记录", "Discussion"))</h3><ul>\(said)</ul>")\
            \(HTML(each: votes) { self.vote($0, item, turnout[$0.id]) })\
            \(if: mayRun, buttons(item, mayOpen: mayOpen, votes))
            """
        return Parts.card("\(item.position). \(t(item.title))", body, id: "item-\(item.id.text)")
    }

    private func vote(_ vote: MeetingVote, _ item: MeetingItem, _ turnout: (voted: Int, of: Int)?) -> HTML {
        let how = vote.isSecret ? t("无记名", "secret") : t("记名", "by name")
        let count = t(
            "\(turnout?.voted ?? 0) / \(turnout?.of ?? 0) 人已投票",
            "\(turnout?.voted ?? 0) of \(turnout?.of ?? 0) have voted")
        let close: HTML =
            mayRun && vote.state == .open
            ? Parts.post(
                "/desk/votes/\(vote.id.text)/close", t("结束表决并计票", "Close the vote and count"), token: visit.csrfToken,
                .primary)
            : .empty
        return """
            <div class="notice info" role="note"><p class="notice-title"><a href="/votes/\(vote.id.text)">\(t("第 \(vote.round) 轮表决", "Round \(vote.round)"))</a>\(t.beside(how))</p>\
            <p>\(t(vote.question))</p><p>\(MeetingHouse.outcome(vote, item, t)) · \(count)</p>\(close)</div>
            """
    }

    private func buttons(_ item: MeetingItem, mayOpen: Bool, _ votes: [MeetingVote]) -> HTML {
        let url: SafeURL = "/desk/meeting-items/\(item.id.text)"
        let token = visit.csrfToken
        switch item.state {
        case .closed: return .empty
        case .waiting:
            return mayOpen
                ? Parts.post(url, t("开始审议", "Call the item"), token: token, .primary, fields: [("do", "open")]) : .empty
        case .open: break
        }
        let note: HTML = Fields.form(
            url, token: token,
            Parts.hidden([("do", "note")])
                + Fields.textarea(
                    .init("note", t("讨论记录", "Discussion"), hint: MeetingHouse.bothLanguages(t)), rows: 3, t),
            buttons: Fields.submit(t("记录", "Keep the note"), .secondary))
        guard !votes.contains(where: { $0.state == .open }) else { return note }
        let kinds: [(String, String)] =
            [("approve", t("赞成或反对", "For or against"))]
            + (item.cases.count > 1 ? [("choose", t("推选（单记可让渡投票）", "Choose by the single transferable vote"))] : [])
        // What was typed belongs to the item that it was sent for.
        let isSent = visit.path("id") == item.id.text && visit.form["do"] == "vote"
        func typed(_ name: String, _ usual: String) -> String { isSent ? visit.form[name] ?? usual : usual }
        func wrong(_ name: String) -> String? { isSent ? Fields.problem(name, problems, t) : nil }
        let fields: HTML = """
            \(Parts.hidden([("do", "vote")]))\
            \(Fields.select(.init("kind", t("方式", "Kind")), kinds, value: typed("kind", item.cases.count > 1 ? "choose" : "approve"), problem: wrong("kind"), t))\
            \(Fields.select(.init("secret", t("记名或无记名", "Secret or by name")), [("yes", t("无记名", "Secret")), ("no", t("记名", "By name"))], value: typed("secret", "yes"), problem: wrong("secret"), t))\
            \(Fields.input(.init("question", t("表决事项", "Question"), hint: "\(t("空白则为议题名称。", "Blank: the name of the item. "))\(MeetingHouse.bothLanguages(t))", required: false), value: typed("question", ""), problem: wrong("question"), t))\
            \(Fields.select(.init("threshold", t("通过票数", "What carries it"), hint: t("仅用于赞成或反对", "For or against only")), MeetingVote.Threshold.allCases.map { ($0.rawValue, t($0.title)) }, value: typed("threshold", "present"), problem: wrong("threshold"), t))\
            \(if: item.cases.count > 1, Fields.input(.init("seats", t("推选名额", "How many are chosen")), value: typed("seats", "1"), problem: wrong("seats"), isWide: false, t))
            """
        let vote = Fields.form(
            url, token: token, fields,
            buttons: Fields.submit(t("开始第 \(votes.count + 1) 轮表决", "Open round \(votes.count + 1)")))
        return """
            <details\(attribute: "open", if: votes.isEmpty || isSent)><summary>\(t("表决", "Vote"))</summary>\(vote)</details>\(note)\
            \(Parts.post(url, t("结束审议", "End the item"), token: token, fields: [("do", "close")]))
            """
    }
}
