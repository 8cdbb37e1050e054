public import Kernel
import Store

/// When experts cannot judge, told by themselves or by officers, and in which languages they can.
extension ReviewActions {
    /// Keeps a time in which an expert cannot judge. What is in hand stays there: the expert declines, or an officer
    /// replaces. The record tells that a time was told, not which, since times are personal.
    /// - Parameter expert: whose; nil for the actor's own.
    /// - Throws: ``ReviewError/incomplete(_:)`` with everything that is wrong, ``ReviewError/unknown`` for who is no
    ///   expert.
    public func addAbsence(_ typed: AbsenceEntry, to expert: ID<Expert>? = nil, by actor: Actor) async throws {
        if expert != nil { try Policy.require(actor, .runReviews) }
        let now = clock.now()
        let today = zone.day(of: now)
        let id: ID<Absence> = ids.make()
        try await db.write { tx in
            let whose = try expert.map { try known($0, tx) } ?? own(actor, tx)
            let problems = typed.problems(try AbsenceStore.list(of: whose, tx), on: today)
            guard problems.isEmpty, let days = typed.days else { throw ReviewError.incomplete(problems) }
            try tx.run(
                """
                INSERT INTO expert_absence (id, expert, from_day, to_day, note, told_by, told_at)
                VALUES (\(id), \(whose), \(days.lowerBound), \(days.upperBound), \(typed.note),
                    \(actor.account?.text ?? "system"), \(now))
                """)
            try record("absence-added", ["absence": .string(id.text)], whose, actor, now, tx)
        }
    }

    /// Takes a time away off.
    /// - Parameter expert: whose; nil for the actor's own.
    /// - Throws: ``ReviewError/unknown`` where the expert has no such time.
    public func removeAbsence(_ id: ID<Absence>, of expert: ID<Expert>? = nil, by actor: Actor) async throws {
        if expert != nil { try Policy.require(actor, .runReviews) }
        let now = clock.now()
        try await db.write { tx in
            let whose = try expert.map { try known($0, tx) } ?? own(actor, tx)
            let gone = try tx.run("DELETE FROM expert_absence WHERE id = \(id) AND expert = \(whose)")
            guard gone == 1 else { throw ReviewError.unknown }
            try record("absence-removed", ["absence": .string(id.text)], whose, actor, now, tx)
        }
    }

    /// Replaces the languages in which an expert can judge; experts change their own with the rest of their entry.
    /// - Throws: ``ReviewError/incomplete(_:)`` where there is none, or one that is not on the list.
    public func setLanguages(_ codes: [String], of expert: ID<Expert>, by actor: Actor) async throws {
        try Policy.require(actor, .runReviews)
        let found = codes.compactMap { ReviewLanguage(rawValue: $0) }
        guard !found.isEmpty, found.count == codes.count else {
            throw ReviewError.incomplete([ReviewLanguage.problem])
        }
        let kept = ReviewLanguage.kept(found)
        let now = clock.now()
        try await db.write { tx in
            let whose = try known(expert, tx)
            let changed = try tx.run(
                "UPDATE expert SET languages = \(kept) WHERE id = \(whose) AND languages <> \(kept)")
            guard changed == 1 else { return }
            try record("languages-changed", ["languages": .string(kept)], whose, actor, now, tx)
        }
    }

    private func known(_ expert: ID<Expert>, _ tx: Tx) throws -> ID<Expert> {
        guard try ExpertStore.all([expert], tx)[expert] != nil else { throw ReviewError.unknown }
        return expert
    }

    private func record(
        _ kind: String, _ content: JSONValue, _ expert: ID<Expert>, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "review", kind: "expert.\(kind)", subjectKind: "expert", subject: expert.text, actor: actor,
                at: now, content: content), tx)
    }
}
