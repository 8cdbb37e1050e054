public import Kernel
public import Store

/// Watches those who judge, for Integrity: what is asked of all rounds of the last years that are over.
public struct Watch: Sendable {
    /// How far back it looks.
    static let days = 1_100
    static let mark = "review.watch"
    /// The division that reads it.
    public static let division = "integrity"

    let db: Database
    let clock: any Clock

    public init(db: Database, clock: any Clock) {
        self.db = db
        self.clock = clock
    }

    /// The questions with their definitions.
    public static let kinds = WatchQuestions.kinds

    /// Whether somebody reads what is asked of judges: officers of Integrity, and those who act for all divisions.
    public static func mayRead(_ actor: Actor) -> Bool {
        actor.isSystem || (actor.roles.contains(.officer) && [nil, division].contains(actor.division))
    }

    /// - Throws: ``AccessError/forbidden(_:)``.
    public static func require(_ actor: Actor) throws(AccessError) {
        guard mayRead(actor) else { throw .forbidden(Bilingual("查看评审监督", "watch those who judge")) }
    }

    /// Asks all questions where something changed since the last time.
    public func tend() async throws {
        let (state, known) = try await db.read { tx in
            let rounds: Int = try tx.value("SELECT COUNT(*) FROM review_round WHERE state = 'closed'") ?? 0
            let objections: String = try tx.value("SELECT MAX(case_id) FROM objection") ?? ""
            return ("\(rounds) \(objections)", try Settings.get(Watch.mark, tx) ?? "")
        }
        guard state != known else { return }
        try await run()
        try await db.write { tx in try Settings.set(Watch.mark, state, tx) }
    }

    /// Asks all questions.
    /// - Returns: how many are new.
    @discardableResult
    public func run() async throws -> Int {
        let now = clock.now()
        let since = now.adding(seconds: -Watch.days * 86_400)
        let facts = try await db.read { tx in try WatchFacts.load(since: since, tx) }
        let drafts = WatchQuestions.all(facts)
        return try await db.write { tx in
            try Questions.ask(drafts, .watch, subject: "", division: Watch.division, at: now, tx)
        }
    }

    /// Keeps what Integrity made of a question.
    /// - Throws: ``ReviewError/unknown``.
    public func look(
        _ id: ID<Question>, _ disposition: Question.Disposition, reason: String, by actor: Actor
    ) async throws {
        try Watch.require(actor)
        let now = clock.now()
        try await db.write { tx in
            guard let question = try Questions.find(id, tx), question.desk == .watch else { throw ReviewError.unknown }
            try Questions.look(question, disposition, reason: reason, by: actor, at: now, tx)
        }
    }
}
