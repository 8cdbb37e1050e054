import Kernel
import Review
import Store

/// What follows from the sheets of a call: questions about them, fees of experts, feedback to applicants.
extension CallReview {
    /// Proposes the fees of a call's closed round.
    func proposeFees(
        _ id: ID<Call>, perSheet: [ExpertFeeFacts.Rank: Money], _ fees: ExpertFeeActions, by actor: Actor
    ) async throws {
        try await fees.propose(try await round(id, by: actor).id, perSheet: perSheet, by: actor)
    }

    /// Approves or sends back the fees of a call's round.
    func decideFees(
        _ id: ID<Call>, approve: Bool, reason: String, _ fees: ExpertFeeActions, by actor: Actor
    ) async throws {
        let found = try await db.read { tx in try RoundStore.find(subject: id.text, tx) }
        guard let round = found else { throw ReviewError.notDrawn }
        try await fees.decide(round.id, approve: approve, reason: reason, by: actor)
    }

    /// Keeps what an applicant shall read in place of an expert's words.
    func mend(
        _ id: ID<Assignment>, in call: ID<Call>, values: @escaping @Sendable (String) -> String?, by actor: Actor
    ) async throws {
        let round = try await round(call, by: actor)
        let one = try await db.read { tx in try RoundStore.assignment(id, tx) }
        guard one?.round == round.id else { throw ReviewError.unknown }
        try await review.mend(id, values: values, by: actor)
    }

    /// Keeps what an officer made of a question about a sheet.
    func look(
        _ id: ID<Question>, in call: ID<Call>, _ disposition: Question.Disposition, reason: String, by actor: Actor
    ) async throws {
        let round = try await round(call, by: actor)
        let now = clock.now()
        try await db.write { tx in
            guard let question = try Questions.find(id, tx), question.desk == .sheets,
                question.subject == round.id.text
            else { throw ReviewError.unknown }
            try Questions.look(question, disposition, reason: reason, by: actor, at: now, tx)
        }
    }

    /// Looks over the sheets of a call's round.
    /// - Returns: how many questions are new.
    @discardableResult
    func checkSheets(_ id: ID<Call>, by actor: Actor) async throws -> Int {
        let round = try await round(id, by: actor)
        return try await checkSheets(round)
    }

    private func checkSheets(_ round: Round) async throws -> Int {
        let division = try await db.read { tx in try CallStore.require(ID(round.subject), tx).division }
        return try await SheetCheck.run(
            round, division: division, zone: procedures.zone, at: clock.now(), in: db)
    }

    /// Looks over the sheets that came in since the last time, round by round.
    func tendSheets() async throws {
        for round in try await db.read({ tx in try SheetCheck.due(limit: 20, tx) }) { _ = try await checkSheets(round) }
    }
}
