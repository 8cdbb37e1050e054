import Kernel
import Portal
import Review
import Store

/// The record as auditors read it: all events, and the chain of one case.
extension AdminPages {
    private func columns(_ t: Say) -> [Parts.Column] {
        [
            .init(t("时间", "When")), .init(t("事件", "Event")), .init(t("谁", "Who")), .init(t("对象", "About")),
            .init(t("摘要", "Hash")), .init(t("内容", "Content")),
        ]
    }

    /// - Parameters:
    ///   - files: the cases of the events.
    ///   - numbers: the numbers of what they are about, by its identity.
    private func rows(
        _ events: some Sequence<StoredEvent>, _ files: [ID<CaseFile>: CaseFile], _ names: [String: Bilingual],
        numbers: [String: String] = [:], _ t: Say
    ) -> [[HTML]] {
        events.map { event -> [HTML] in
            let file = event.caseID.flatMap { files[$0] }
            return [
                HTML(text: house.city.zone.clockText(event.at)), HTML(text: t(name(event, file, names))),
                HTML(text: t.actor(event.actorName)), about(event, file, numbers[event.subject], t),
                "<code>\(String(event.hash.prefix(16)))…</code>",
                """
                <details><summary>JSON</summary><code>\(event.kind) · \(event.subjectKind) \(event.subject)</code><br>\
                <code>\(event.content.canonicalText)</code></details>
                """,
            ]
        }
    }

    /// What happened, as the case's own procedure calls it.
    private func name(_ event: StoredEvent, _ file: CaseFile?, _ names: [String: Bilingual]) -> Bilingual {
        let steps = file.flatMap { try? house.procedures.definition(of: $0) }?.steps ?? []
        let own = steps.lazy.flatMap(\.actions).first { "case.\($0.id)" == event.kind }?.done
        return own ?? names[event.kind] ?? EventNames.name(event.kind)
    }

    /// What the event is about, with its case; an identity that says nothing to people stands beside the content.
    private func about(_ event: StoredEvent, _ file: CaseFile?, _ number: String?, _ t: Say) -> HTML {
        let sort = t(EventNames.subject(event.subjectKind))
        let isReadable = ["period", "key", "funder"].contains(event.subjectKind)
        // Who does something to their own account is named as who did it.
        let isOwn = event.subjectKind == "account" && event.subject == event.actor
        let which: String? = isReadable ? event.subject : isOwn ? t.actor(event.actorName) : number
        let link: HTML = file.map { "<a href=\"/cases/\($0.id.text)\">\($0.number)</a>" } ?? .empty
        return HTML.join([HTML(text: which.map { "\(sort) \($0)" } ?? sort), link], separator: " ")
    }

    /// The numbers of the meetings and incidents that events are about, by their identity; two queries.
    private static func numbers(_ events: [StoredEvent], _ tx: Tx) throws -> [String: String] {
        func subjects(_ kind: String) -> [String] { events.filter { $0.subjectKind == kind }.map(\.subject) }
        let meetings = try MeetingStore.numbers(Set(subjects("meeting").map { ID<Meeting>($0) }), tx)
        let incidents = try IncidentStore.numbers(Set(subjects("incident").map { ID<IncidentReport>($0) }), tx)
        var numbers: [String: String] = [:]
        for (id, number) in meetings { numbers[id.text] = number }
        for (id, number) in incidents { numbers[id.text] = number }
        return numbers
    }

    func events(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let before = visit.query("before")
        let kind = visit.query("kind").flatMap { $0.isEmpty ? nil : $0 }
        let (list, files, kinds, numbers) = try await house.db.read { tx in
            let list = try Record.page(kind: kind, before: before, limit: 51, tx)
            return (
                list, try CaseStore.find(Set(list.compactMap(\.caseID)), tx), try Record.kinds(tx),
                try Self.numbers(list, tx)
            )
        }
        let names = EventNames.actions(house.procedures.definitions)
        let options = kinds.map { kind -> (value: String, title: String) in
            let action = names[kind].map { t("办件：\($0.zh)", "Case: \($0.en)") }
            return (kind, action ?? t(EventNames.name(kind)))
        }
        let next: SafeURL? =
            list.count > 50 ? list.prefix(50).last.map { "/audit/events?kind=\(kind ?? "")&before=\($0.id)" } : nil
        let filter = Fields.select(
            .init("kind", t("事件类型", "Kind of event")), options.sorted { $0.title < $1.title }, value: kind,
            none: t("全部", "All"), t)
        let body: HTML = """
            <h1>\(t("全部记录", "All events"))</h1>\(Fields.filters("/audit/events", filter, t))\
            \(Parts.table(t("记录", "Events"), columns(t), rows(list.prefix(50), files, names, numbers: numbers, t), empty: "—"))\
            \(Parts.pager(next: next, first: before == nil ? nil : "/audit/events", t))
            """
        return .page(
            Page(
                title: Bilingual("全部记录", "All events"), trail: [.audit], width: .desk, body: body))
    }

    func chain(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let (file, events, faults) = try await house.db.read { tx in
            (try CaseStore.require(id, tx), try Record.events(of: id, tx), try Record.faults(inChainOf: id, tx))
        }
        let verdict: HTML =
            faults.isEmpty
            ? Parts.notice(
                .good, t("\(events.count) 个事件，记录链完整", "\(counted(events.count, "event")), the chain is unbroken"))
            : Parts.notice(
                .bad, t("记录链有问题", "The chain is broken"), "<ul>\(each: faults, { "<li>\(t($0))</li>" })</ul>")
        let body: HTML = """
            <h1>\(file.number)</h1>\(verdict)\
            \(Parts.table(t("记录", "Events"), columns(t), rows(events, [id: file], [:], t), empty: "—"))
            """
        return .page(
            Page(
                title: Bilingual("记录链", "Chain"), trail: [Crumb(Bilingual("全部办件", "All cases"), "/audit/cases")],
                width: .desk, body: body))
    }
}
