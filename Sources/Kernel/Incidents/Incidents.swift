import Store

extension Permission {
    /// To tell of incidents, and to keep who must be told.
    public static let reportIncidents = Permission(Bilingual("发布事件通报", "report incidents"), [.systemAdministrator])
}

/// Opening incidents and following them; every step is an event of the record.
public struct Incidents: Sendable {
    let house: House

    public init(_ house: House) { self.house = house }

    /// Opens an incident. Where data are touched, the law asks to tell the authority and the people without delay
    /// (个人信息保护法第五十七条), so both are put on the list of who must be told, due the same day. The same draft again
    /// gives the incident that it opened: none can be taken away.
    /// - Throws: ``PlainProblem/incomplete(_:)`` with everything that is wrong, ``AccessError/forbidden(_:)``.
    public func open(_ draft: IncidentDraft, by actor: Actor) async throws -> IncidentReport {
        try Policy.require(actor, .reportIncidents)
        let (now, zone, ids) = (house.clock.now(), house.city.zone, house.ids)
        let today = zone.day(of: now)
        let problems = draft.problems(zone, now: now)
        guard problems.isEmpty, let kind = IncidentReport.Kind(rawValue: draft.kind), let began = draft.began(zone),
            let state = IncidentReport.State(rawValue: draft.word.state)
        else { throw PlainProblem.incomplete(problems) }
        let id: ID<IncidentReport> = ids.make()
        let whom: [IncidentTelling.Whom] = kind == .data ? [.authority, .people] : []
        let told = whom.map { (whom: $0, id: ids.make(IncidentTelling.self)) }
        let text = Bilingual(draft.word.zh, draft.word.en)
        return try await house.db.write(locking: [LockKey("incidents")]) { tx in
            if let known = try IncidentStore.same(draft, kind, began: began, by: actor, tx) { return known }
            let year = today.parts.year
            let number = "TB-\(year)-\(padded(try NumberSeries.next("incident.\(year)", tx), 4))"
            let opened = OpenedIncident(
                id: id, number: number, kind: kind, title: Bilingual(draft.titleZh, draft.titleEn), began: began)
            try IncidentStore.insert(opened, by: actor, at: now, tx)
            try IncidentStore.say(text, state, of: id, position: 1, by: actor, at: now, tx)
            try Incidents.record(
                "incident.opened", id,
                [
                    "number": .string(number), "kind": .string(kind.rawValue), "state": .string(state.rawValue),
                    "began": .integer(began.microseconds), "title": try JSONValue(encoding: opened.title),
                    "text": try JSONValue(encoding: text),
                ], isPublic: true, by: actor, at: now, tx)
            for one in told {
                try IncidentTellingStore.add(
                    one.id, of: id, one.whom, note: "", dueOn: today, by: actor, at: now, tx)
            }
            guard let kept = try IncidentStore.find(id, tx) else { throw IncidentError.unknown }
            return kept
        }
    }

    /// Says how far an incident has come.
    /// - Parameter seen: how many updates its page had; nil refuses.
    /// - Throws: ``PlainProblem/incomplete(_:)`` with everything that is wrong, ``IncidentError``,
    ///   ``AccessError/forbidden(_:)``.
    public func follow(
        _ id: ID<IncidentReport>, with word: IncidentWord, seen: Int?, by actor: Actor
    ) async throws {
        try Policy.require(actor, .reportIncidents)
        let problems = word.problems()
        guard problems.isEmpty, let state = IncidentReport.State(rawValue: word.state) else {
            throw PlainProblem.incomplete(problems)
        }
        let (now, text) = (house.clock.now(), Bilingual(word.zh, word.en))
        try await house.db.write { tx in
            guard let known = try IncidentStore.find(id, tx) else { throw IncidentError.unknown }
            guard seen == known.updates.count else { throw IncidentError.stale }
            let position = known.updates.count + 1
            try IncidentStore.say(text, state, of: id, position: position, by: actor, at: now, tx)
            try Incidents.record(
                "incident.updated", id,
                [
                    "number": .string(known.number), "position": .integer(Int64(position)),
                    "state": .string(state.rawValue), "text": try JSONValue(encoding: text),
                ], isPublic: true, by: actor, at: now, tx)
        }
    }

    static func record(
        _ kind: String, _ id: ID<IncidentReport>, _ content: JSONValue, isPublic: Bool = false, by actor: Actor,
        at now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "incidents", kind: kind, subjectKind: "incident", subject: id.text, actor: actor, at: now,
                content: content, isPublic: isPublic), tx)
    }
}
