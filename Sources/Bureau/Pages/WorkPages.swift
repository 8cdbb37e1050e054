import Funding
import Kernel
import Portal
import Store

/// What waits for me, what I applied for, and my messages.
struct WorkPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route("work", .get, "/work", access: .signedIn, summary: Bilingual("我的工作台", "My work"), handler: work),
            Route(
                "work.applied", .get, "/work/applied", access: .signedIn, summary: Self.appliedTitle, handler: applied),
            Route(
                "messages.list", .get, "/messages", access: .signedIn, summary: Bilingual("消息", "Messages"),
                handler: messages),
            Route(
                "messages.read", .post, "/messages/read", access: .signedIn,
                summary: Bilingual("全部标为已读", "Mark all as read"), handler: markRead),
        ]
    }

    private static let appliedTitle = Bilingual("我申报的", "What I applied for")
    /// Of what somebody applied for, so many stand on the first page, and on each of the whole list.
    private static let first = 20
    private static let size = 50

    private func work(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let after = visit.query("after")
        let today = house.today
        let (waiting, mine, applied, unread) = try await house.db.read { tx in
            (
                after == nil ? try Services.waiting(actor, on: today, tx) : [],
                try Worklist.mine(actor, after: after, limit: 26, tx),
                try actor.account.map { try Worklist.applied($0, before: nil, limit: Self.first + 1, tx) } ?? [],
                try actor.account.map { try Messages.unread($0, tx) } ?? 0
            )
        }
        let next: SafeURL? = mine.count > 25 ? mine.prefix(25).last.map { "/work?after=\($0.cursor)" } : nil
        let start: HTML =
            actor.roles.contains(.applicant) && mine.isEmpty && applied.isEmpty && waiting.isEmpty
            ? "<p>\(Parts.button(t("查看正在申报的指南", "See open calls"), to: "/calls"))</p>" : .empty
        let listed: String = t(Self.appliedTitle)
        let none =
            waiting.isEmpty
            ? t("没有等您办理的办件。", "No case waits for you.")
            : t("没有等您办理的办件；待办任务见上。", "No case waits for you; your tasks stand above.")
        let body: HTML = """
            <h1>\(t("我的工作台", "My work"))</h1><p class="lead">\(actor.name)</p>\
            \(if: !waiting.isEmpty, Parts.card(t("待办任务", "Tasks"), tasks(waiting, t)))\
            \(Parts.card(t("待我办理", "Waiting for me"), "\(table(mine.prefix(25).map(\.file), t, empty: none))\(Parts.pager(next: next, first: after == nil ? nil : "/work", t))\(start)"))\
            \(if: !applied.isEmpty, Parts.card(listed, "\(table(applied.prefix(Self.first), t, empty: ""))\(if: applied.count > Self.first, rest(t))"))\
            <p class="buttons"><a href="/messages">\(t("消息（\(unread)）", "Messages (\(unread))"))</a> <a href="/privacy">\(t("我的个人信息", "My personal content"))</a> \
            \(if: actor.roles.contains(.expert), "<a href=\"/meetings\">\(t("我的会议", "My meetings"))</a> ")\
            \(if: actor.roles.contains(.applicant), "<a href=\"/bank-accounts\">\(t("我的收款账户", "My bank accounts"))</a> ")\
            \(if: !actor.memberships.isEmpty, "<a href=\"/talent/employers\">\(t("本单位外国人", "Our foreign staff"))</a> ")\
            \(if: actor.roles.contains(.applicant), "<a href=\"/talent/me\">\(t("我是外国专家", "I am a foreign expert"))</a>")</p>
            """
        return .page(Page(title: Bilingual("我的工作台", "My work"), width: .desk, body: body))
    }

    private func rest(_ t: Say) -> HTML {
        "<p><a href=\"/work/applied\">\(t("全部我申报的", "All that I applied for"))</a></p>"
    }

    /// The whole list, newest first.
    private func applied(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        let before: ID<CaseFile>? = visit.query("before").map { ID($0) }
        let found = try await house.db.read { tx in
            try Worklist.applied(account, before: before, limit: Self.size + 1, tx)
        }
        let shown = found.prefix(Self.size)
        let next: SafeURL? =
            found.count > shown.count ? shown.last.map { "/work/applied?before=\($0.id.text)" } : nil
        let none = t("您还没有申报。", "You have applied for nothing yet.")
        let body: HTML = """
            <h1>\(t(Self.appliedTitle))</h1>\(table(shown, t, empty: none))\
            \(Parts.pager(next: next, first: before == nil ? nil : "/work/applied", t))
            """
        return .page(Page(title: Self.appliedTitle, trail: [.work], width: .desk, body: body))
    }

    /// What waits and is no case.
    private func tasks(_ items: [WaitingItem], _ t: Say) -> HTML {
        let today = house.today
        let rows = items.map { item -> [HTML] in
            let left = item.dueOn.flatMap { try? house.city.calendar.workingDays(after: today, through: $0) }
            return [
                HTML(text: t(item.task)),
                "<a href=\"\(SafeURL(checking: item.address) ?? "#")\">\(t(item.subject))</a>",
                item.dueOn.map {
                    Parts.clock(due: $0, left: left, unit: Bilingual("个工作日", "working days"), holder: "", t)
                } ?? "—",
            ]
        }
        return Parts.table(
            t("待办任务", "Tasks"),
            [.init(t("任务", "Task")), .init(t("对象", "About")), .init(t("期限", "Due"))], rows, empty: "—")
    }

    private func table(_ files: some Sequence<CaseFile>, _ t: Say, empty: String) -> HTML {
        let today = house.today
        let rows = files.map { file -> [HTML] in
            let definition = try? house.procedures.definition(of: file)
            let step = definition?.step(file.step)
            let left = file.dueOn.flatMap { try? house.city.calendar.workingDays(after: today, through: $0) }
            return [
                "<a href=\"/cases/\(file.id.text)\">\(file.number)</a>", HTML(text: t(file.title)),
                HTML(text: definition.map { t($0.title) } ?? ""),
                Parts.badge(step.map { t($0.title) } ?? file.step, .info),
                Parts.clock(
                    due: file.dueOn, left: left, unit: Bilingual("个工作日", "working days"),
                    holder: t(house.holder(of: file, at: step)), t),
            ]
        }
        return Parts.table(
            t("办件", "Cases"),
            [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("事项", "Procedure")), .init(t("环节", "Step")),
                .init(t("时限与办理人", "Clock and holder")),
            ], rows, empty: "<p>\(empty)</p>")
    }

    private func messages(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        let before = visit.query("before")
        let (list, unread) = try await house.db.read { tx in
            (try Messages.list(account, before: before, limit: 31, tx), try Messages.unread(account, tx))
        }
        let items = HTML(each: list.prefix(30)) { message in
            """
            <li><h2>\(if: message.readAt == nil, Parts.badge(t("未读", "New"), .info)) <a href="\(message.address)">\(t(message.title))</a></h2>\
            <p>\(t(message.body))</p><p class="when">\(house.city.zone.clockText(message.at))</p></li>
            """
        }
        let next: SafeURL? = list.count > 30 ? list.prefix(30).last.map { "/messages?before=\($0.id)" } : nil
        let read: HTML =
            unread > 0
            ? Parts.post("/messages/read", t("全部标为已读", "Mark all as read"), token: visit.csrfToken) : .empty
        let body: HTML = """
            <h1>\(t("消息", "Messages"))</h1>\(if: list.isEmpty, "<div class=\"empty\">\(t("没有消息。", "No messages."))</div>", else: "<ul class=\"calls\">\(items)</ul>")\
            \(Parts.pager(next: next, first: nil, t))\(read)
            """
        return .page(
            Page(title: Bilingual("消息", "Messages"), trail: [.work], body: body)
        )
    }

    private func markRead(_ visit: Visit) async throws -> Answer {
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        let now = house.clock.now()
        try await house.db.write { tx in try Messages.markRead(account, at: now, tx) }
        return .redirect("/messages")
    }
}
