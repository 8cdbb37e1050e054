public import Kernel
import Store

extension ReviewActions {
    /// Keeps that an expert may be another person of the register, as an officer wrote it down; it waits to be
    /// confirmed, and conflicts follow from it at once.
    /// - Parameters:
    ///   - login: of the expert.
    ///   - orcid: of the other person.
    /// - Throws: ``ReviewError/incomplete(_:)`` with everything that is wrong.
    public func recordAlias(login: String, orcid: String, source: String, by actor: Actor) async throws {
        try Policy.require(actor, .runReviews)
        let shown = (try? ORCID(parsing: orcid))?.text ?? orcid
        let (expert, person) = try await db.read { tx -> (Expert?, ID<PersonMark>?) in
            let account = try AccountStore.find(login: login, tx)
            return (
                try account.flatMap { try ExpertStore.find(account: $0.id, tx) },
                try tx.value("SELECT id FROM person WHERE orcid = \(shown)")
            )
        }
        var problems: [FieldProblem] = []
        func miss(_ field: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "alias.\(field)", message: Bilingual(zh, en)))
        }
        if expert == nil { miss("login", "没有这位专家", "There is no such expert") }
        if person == nil { miss("orcid", "主体库里没有这个 ORCID", "Nobody is registered with this ORCID iD") }
        if let person, person == expert?.person { miss("orcid", "这就是专家本人", "That is the expert") }
        if source.allSatisfy(\.isWhitespace) { miss("source", "请写明来源", "Say where it is known from") }
        if source.count > 300 { miss("source", "来源最多 300 字", "The source takes at most 300 characters") }
        guard problems.isEmpty, let expert, let person else { throw ReviewError.incomplete(problems) }
        let known = try await db.read { tx in try TieStore.alias(expert.id, person, tx) }
        guard known == nil else { return }
        try await addAlias(person, to: expert.id, source: source, isVerified: false, by: actor)
    }

    /// Confirms an alias; whoever recorded it does not. It changes no conflict: an alias counts before as after.
    /// - Throws: ``ReviewError/unknown``, ``ReviewError/sameHand``.
    public func confirmAlias(_ expert: ID<Expert>, _ person: ID<PersonMark>, by actor: Actor) async throws {
        try Policy.require(actor, .runReviews)
        let now = clock.now()
        let me = actor.account?.text ?? "system"
        try await db.write { tx in
            guard let alias = try TieStore.alias(expert, person, tx) else { throw ReviewError.unknown }
            guard !alias.isVerified else { return }
            guard alias.author != me else { throw ReviewError.sameHand }
            try TieStore.verify(alias, by: me, at: now, tx)
            try Record.append(
                Event(
                    room: "review", kind: "expert.alias-confirmed", subjectKind: "expert", subject: expert.text,
                    actor: actor, at: now, content: ["person": .string(person.text)]), tx)
        }
    }
}
