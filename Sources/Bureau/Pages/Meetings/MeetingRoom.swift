import Kernel
import Portal
import Review
import Store

/// The secretary's page of one meeting: who is there, what is called, what is voted on.
struct MeetingRoom: Sendable {
    let house: House

    private var shared: MeetingHouse { MeetingHouse(house: house) }
    private var actions: MeetingActions { shared.actions }

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "meetings.room", .get, "/desk/meetings/{id}", access: MeetingHouse.staff,
                summary: Bilingual("一次会议", "A meeting"), handler: { try await page($0, nil) }),
            step("open", "/desk/meetings/{id}/open", Bilingual("宣布开会", "Open the meeting")) { visit in
                try await actions.open(try visit.id("id"), by: visit.actor)
            },
            step("close", "/desk/meetings/{id}/close", Bilingual("结束会议", "Close the meeting")) { visit in
                try await actions.close(try visit.id("id"), by: visit.actor)
            },
            step("presence", "/desk/meetings/{id}/presence", Bilingual("登记到会或离会", "Record presence")) { visit in
                let account: ID<Account> = ID(visit.form["member"] ?? "")
                if visit.form["do"] == "leave" {
                    try await actions.leave(account, try visit.id("id"), by: visit.actor)
                } else {
                    try await actions.arrive(account, try visit.id("id"), by: visit.actor)
                }
            },
            step("replace", "/desk/meetings/{id}/members", Bilingual("更换委员", "Replace a member")) { visit in
                try await actions.replace(
                    ID(visit.form["member"] ?? ""), with: ID(visit.form["other"] ?? ""), of: try visit.id("id"),
                    by: visit.actor)
            },
            step("items", "/desk/meetings/{id}/items", Bilingual("增加议题", "Add an item")) { visit in try await add(visit)
            },
            Route(
                "meetings.item", .post, "/desk/meeting-items/{id}", access: officer,
                summary: Bilingual("办理议题", "Handle an item"), handler: handle),
            Route(
                "meetings.vote.close", .post, "/desk/votes/{id}/close", access: officer,
                summary: Bilingual("结束表决", "Close a vote"), handler: closeVote),
        ]
    }

    /// A change of a meeting that comes back to its page.
    private func step(
        _ name: String, _ path: String, _ summary: Bilingual, _ body: @escaping @Sendable (Visit) async throws -> Void
    ) -> Route {
        Route("meetings.\(name)", .post, path, access: .roles([.officer]), summary: summary) { visit in
            do {
                try await body(visit)
                return .redirect("/desk/meetings/\(visit.path("id"))")
            } catch let problem as MeetingError where problem.kind != .notFound {
                return try await page(visit, problem)
            }
        }
    }

    private func add(_ visit: Visit) async throws {
        let form = visit.form
        let numbers = (form["numbers"] ?? "").split { $0.isWhitespace || "，,、;；".contains($0) }.map(String.init)
        let files = try await house.db.read { tx in try MeetingStore.cases(numbers: numbers, tx) }
        guard files.count == numbers.count else {
            let known = Set(files.map(\.number))
            let list = numbers.filter { !known.contains($0) }.joined(separator: " ")
            throw MeetingError.incomplete([
                FieldProblem(
                    field: "numbers", code: "meeting.numbers",
                    message: Bilingual("没有这些编号：\(list)", "There are no such numbers: \(list)"))
            ])
        }
        let title = form["title"] ?? ""
        try await actions.add(
            Bilingual(title, title), minutes: Int(form["minutes"] ?? "") ?? 0, cases: files.map(\.id),
            to: try visit.id("id"), by: visit.actor)
    }

    private func handle(_ visit: Visit) async throws -> Answer {
        let id: ID<MeetingItem> = try visit.id("id")
        let form = visit.form
        let meeting = try await house.db.read { tx in try MeetingStore.item(id, tx).meeting.id }
        do {
            switch form["do"] {
            case "open": try await actions.openItem(id, by: visit.actor)
            case "close": try await actions.closeItem(id, by: visit.actor)
            case "note": try await actions.note(form["note"] ?? "", on: id, by: visit.actor)
            case "vote": try await actions.openVote(try Self.ballot(form), on: id, by: visit.actor)
            default:
                throw PlainProblem(.invalid, "field.choice", Bilingual("请选择要办理的事项", "Choose what to do with the item"))
            }
            return .redirect("/desk/meetings/\(meeting.text)#item-\(id.text)")
        } catch let problem as MeetingError where problem.kind != .notFound {
            return try await page(visit, problem, of: meeting)
        } catch let problem as PlainProblem {
            return try await page(visit, problem, of: meeting)
        }
    }

    /// The vote that a form asks for.
    private static func ballot(_ form: FormBody) throws -> MeetingActions.Ballot {
        let kind = MeetingVote.Kind(rawValue: form["kind"] ?? "")
        let isSecret = ["yes": true, "no": false][form["secret"] ?? ""]
        // Whoever is chosen is chosen by quota.
        let threshold = kind == .choose ? .present : MeetingVote.Threshold(rawValue: form["threshold"] ?? "")
        guard let kind, let isSecret, let threshold else {
            var wrong: [FieldProblem] = []
            func miss(_ field: String, _ zh: String, _ en: String) {
                wrong.append(FieldProblem(field: field, code: "field.choice", message: Bilingual(zh, en)))
            }
            if kind == nil { miss("kind", "请选择表决方式", "Choose the kind of vote") }
            if isSecret == nil { miss("secret", "请选择记名或无记名", "Choose a secret vote or one by name") }
            if threshold == nil { miss("threshold", "请选择通过票数", "Choose what carries it") }
            throw PlainProblem.incomplete(wrong)
        }
        return MeetingActions.Ballot(
            kind: kind, isSecret: isSecret, question: form["question"] ?? "", seats: Int(form["seats"] ?? "") ?? 0,
            threshold: threshold)
    }

    private func closeVote(_ visit: Visit) async throws -> Answer {
        let id: ID<MeetingVote> = try visit.id("id")
        try await actions.closeVote(id, by: visit.actor)
        return .redirect("/votes/\(id.text)")
    }

    /// All that the page shows: a constant number of queries.
    private struct Model: Sendable {
        let meeting: Meeting
        let members: [MeetingMember]
        let presence: [MeetingPresence]
        let items: [MeetingItem]
        let recusals: [MeetingRecusal]
        let notes: [MeetingNote]
        let votes: [MeetingVote]
        let turnout: [ID<MeetingVote>: (voted: Int, of: Int)]
        let experts: [Expert]
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?, of id: ID<Meeting>? = nil) async throws -> Answer {
        let t = visit.say
        let id = try id ?? visit.id("id")
        let today = house.today
        let model = try await house.db.read { tx in
            let meeting = try MeetingStore.require(id, tx)
            return Model(
                meeting: meeting, members: try MeetingStore.members(id, tx),
                presence: try MeetingStore.presence(id, tx), items: try MeetingStore.items(id, tx),
                recusals: try MeetingStore.recusals(id, tx), notes: try MeetingStore.notes(id, tx),
                votes: try MeetingStore.votes(id, tx), turnout: try MeetingStore.turnout(id, tx),
                experts: meeting.state == .planned ? try ExpertStore.holding(on: today, limit: 500, tx) : [])
        }
        let meeting = model.meeting
        let mayRun =
            Policy.may(visit.actor, .runReviews)
            && (visit.actor.division == nil || visit.actor.division == meeting.division)
        let head: HTML = """
            <div class="title-row"><h1>\(t(meeting.title))</h1>\(MeetingHouse.state(meeting.state, t))</div>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\
            \(Parts.card(nil, try facts(model, t)))
            """
        let body =
            head
            + MeetingParts(visit: visit, mayRun: mayRun, shared: shared).members(
                meeting, model.members, model.presence, model.experts, problem?.fields ?? [])
            + agenda(model, mayRun, visit, problem?.fields ?? []) + ending(meeting, mayRun, visit)
        return .page(
            Page(title: meeting.title, trail: [.desk, MeetingHouse.desk], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func facts(_ model: Model, _ t: Say) throws -> HTML {
        let meeting = model.meeting
        let here = Set(model.presence.filter { $0.leftAt == nil }.map(\.account))
        let quorum = try MeetingQuorum(
            present: model.members.count { here.contains($0.account) }, entitled: model.members.count,
            house.city.rules, on: house.today)
        let source = try house.city.rules.dated("panels.quorum", on: house.today).source
        let known: [(String, HTML)] = [
            (t("编号", "Number"), HTML(text: meeting.number)),
            (t("时间", "Time"), HTML(text: shared.time(meeting.startsAt))),
            (t("地点", "Place"), HTML(text: t(meeting.venue))),
            (t("主持人", "Chair"), HTML(text: t(meeting.whoChairs(among: model.members)))),
            (t("秘书", "Secretary"), HTML(text: meeting.secretaryName)),
            (t("抽签种子摘要", "Hash of the seed of lots"), "<code>\(meeting.lotCommitment)</code>"),
        ]
        guard [.planned, .open].contains(meeting.state) else { return Parts.facts(known) }
        let needed: (String, HTML) = (
            t("法定人数", "Quorum"),
            """
            \(t("到会 \(quorum.present) 人，须 \(quorum.needed) 人", "\(quorum.present) present, \(quorum.needed) needed")) \
            \(quorum.isReached ? Parts.badge(t("已达到", "reached"), .good) : Parts.badge(t("未达到", "not reached"), .warning)) \
            <span class="basis">\(t(source.cited))</span> \(if: source.confidence.needsChecking, Parts.toBeChecked(t))
            """
        )
        return Parts.facts(known + [needed])
    }

    private func agenda(_ model: Model, _ mayRun: Bool, _ visit: Visit, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        let parts = MeetingParts(visit: visit, mayRun: mayRun, shared: shared, problems: problems)
        let times = shared.times(model.meeting, model.items)
        let busy = model.items.contains { $0.state == .open }
        let items = HTML(each: model.items) { item in
            parts.item(
                item, at: times[item.id] ?? "", mayOpen: model.meeting.state == .open && !busy,
                recusals: model.recusals.filter { $0.item == item.id },
                notes: model.notes.filter { $0.item == item.id },
                votes: model.votes.filter { $0.item == item.id }, turnout: model.turnout)
        }
        let form = visit.form
        let add: HTML =
            mayRun && [.planned, .open].contains(model.meeting.state)
            ? Parts.card(
                t("增加议题", "Add an item"),
                Fields.form(
                    "/desk/meetings/\(model.meeting.id.text)/items", token: visit.csrfToken,
                    """
                    \(Fields.input(.init("title", t("议题", "Item")), value: form["title"] ?? "", problem: Fields.problem("title", problems, t), t))\
                    \(Fields.input(.init("minutes", t("时长（分钟）", "Minutes")), value: form["minutes"] ?? "20", problem: Fields.problem("minutes", problems, t), isWide: false, t))\
                    \(Fields.textarea(.init("numbers", t("审议事项的编号", "Numbers of what is judged"), hint: t("每行一个；推选时列出全部候选事项。", "One a line; for a choice, all candidates."), required: false), value: form["numbers"] ?? "", rows: 4, problem: Fields.problem("numbers", problems, t), t))
                    """,
                    buttons: Fields.submit(t("增加议题", "Add the item"), .secondary))) : .empty
        return
            "<h2>\(t("议程", "Agenda"))</h2>\(if: model.items.isEmpty, Parts.empty(t("还没有议题。", "The agenda is empty.")))\(items)\(add)"
    }

    private func ending(_ meeting: Meeting, _ mayRun: Bool, _ visit: Visit) -> HTML {
        let t = visit.say
        let base = "/desk/meetings/\(meeting.id.text)"
        switch meeting.state {
        case .planned where mayRun:
            return Parts.post(
                SafeURL(checking: "\(base)/open") ?? "#", t("宣布开会", "Open the meeting"), token: visit.csrfToken,
                .primary)
        case .open where mayRun:
            return Parts.post(
                SafeURL(checking: "\(base)/close") ?? "#", t("结束会议并生成纪要", "Close the meeting and make the minutes"),
                token: visit.csrfToken, .primary)
        case .closed, .signed:
            return "<p>\(Parts.button(t("会议纪要", "Minutes"), to: "/meetings/\(meeting.id.text)/minutes"))</p>"
        default: return .empty
        }
    }
}
