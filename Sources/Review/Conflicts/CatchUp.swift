import Kernel
import Store

/// Looking again where nobody told of a change: before the first invitations, and after payments and contracts.
extension ReviewActions {
    /// Looks again at everybody whom a plan chose, before anybody is invited: what has come to be known since the plan
    /// was fixed is kept, and its pairs go to reserves.
    /// - Returns: what is new.
    func catchUp(_ round: Round, _ experts: Set<ID<Expert>>, _ now: Instant, _ tx: Tx) throws -> [ConflictFinding] {
        let day = zone.day(of: now)
        let engine = ConflictEngine(try ConflictStore.parties(of: round.id, tx), on: day, round.windows)
        var new: [ConflictFinding] = []
        try compare(experts.sorted { $0.text < $1.text }, on: day, tx) { facts in
            let known = try ConflictStore.known(Array(facts.keys), in: round.id, tx)
            for one in facts.values.sorted(by: { $0.expert.text < $1.expert.text }) {
                let keys = known[one.expert] ?? []
                new += engine.findings(of: one).filter { !keys.contains($0.key) }
            }
        }
        try ConflictStore.keep(new, of: round.id, at: now, tx)
        return new
    }

    /// Looks again, in every round under way, at the experts whose payments and contracts, or those of whose
    /// employers, changed since the last time: one party after the other, each in a transaction of its own. One that
    /// fails stays for the next time and holds up nobody else.
    /// - Throws: the first failure, when all were looked at.
    public func followDealings() async throws {
        var failure: (any Error)?
        var last = ""
        while true {
            let from = last
            let parties = try await db.read { tx in try Dealings.changed(after: from, limit: 100, tx) }
            for party in parties {
                do {
                    try await follow(party)
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    failure = failure ?? error
                }
            }
            guard let end = parties.last else { break }
            last = end
        }
        if let failure { throw failure }
    }

    private func follow(_ party: String) async throws {
        let now = clock.now()
        try await db.write { tx in
            guard try Dealings.takeChanged(party, tx) else { return }
            try recuseConflicted(try ExpertStore.behind([party], tx), .system, now, tx)
        }
    }
}
