import Kernel
public import Store
import Synchronization

/// Where postings from many sides come together: those that wait are written in one transaction, each for itself, and
/// nobody is told of success before that transaction is durable. Accounts are locked before it begins where somebody
/// beside the desk has lately written to them.
public final class LedgerDesk: Sendable {
    private typealias Outcome = Result<StoredPosting, any Error>
    private typealias Waiting = (posting: Posting, turn: CheckedContinuation<Turn, Never>)

    /// What a caller is woken up with.
    private enum Turn: Sendable {
        case done(Outcome)
        /// Write your own posting together with those of these mates.
        case lead([Waiting])
    }

    private struct State {
        var waiting: [Waiting] = []
        var isWriting = false
        /// For so many more transactions locks are taken from the start, since somebody else writes too.
        var careful = 0
    }

    /// Most postings that share a transaction.
    private static let batch = 64
    /// How often the desk lets others run before it hands over.
    private static let turns = 16

    /// How many transactions lock from the start after one has lost against somebody else.
    private static let care = 100

    private let db: Database
    private let state = Mutex(State())

    public init(db: Database) { self.db = db }

    /// Writes a posting; returns when it is durable.
    /// - Throws: ``LedgerError``, or an error of the store.
    public func post(_ posting: Posting) async throws -> StoredPosting {
        // Whoever may not write must not come to lead others either.
        guard !Database.writesForbidden else { throw StoreError.writeForbidden }
        let turn = await withCheckedContinuation { (turn: CheckedContinuation<Turn, Never>) in
            let leads = state.withLock { state -> Bool in
                if state.isWriting {
                    state.waiting.append((posting, turn))
                    return false
                }
                state.isWriting = true
                return true
            }
            if leads { turn.resume(returning: .lead([])) }
        }
        switch turn {
        case .done(let outcome): return try outcome.get()
        case .lead(let mates):
            let outcomes = await write([posting] + mates.map(\.posting))
            for (mate, outcome) in zip(mates, outcomes.dropFirst()) { mate.turn.resume(returning: .done(outcome)) }
            if mates.isEmpty {
                handOver()
            } else {
                // Who was just served often comes again at once; the next transaction takes them along.
                Task { await gather(mates.count + 1) }
            }
            return try outcomes[0].get()
        }
    }

    /// Lets others run until as many wait as before, or for some turns, and hands over.
    private func gather(_ count: Int) async {
        for _ in 0..<LedgerDesk.turns where state.withLock({ $0.waiting.count }) < count { await Task.yield() }
        handOver()
    }

    /// The next one who waits leads, and takes along whoever else waits by then.
    private func handOver() {
        let next = state.withLock { state -> (leader: Waiting, mates: [Waiting])? in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            let leader = state.waiting.removeFirst()
            let mates = Array(state.waiting.prefix(LedgerDesk.batch - 1))
            state.waiting.removeFirst(mates.count)
            return (leader, mates)
        }
        if let next { next.leader.turn.resume(returning: .lead(next.mates)) }
    }

    private func write(_ postings: [Posting]) async -> [Outcome] {
        do {
            let locks = Ledger.locks(
                try await accounts(of: postings), earlier: postings.contains { $0.target != nil })
            if let trusted = AtOnce(postings, as: Ledger.newNames(for: postings), on: db.engine) {
                do {
                    _ = try await counting { careful, count in
                        try await db.write(
                            locking: locks, atOnce: careful,
                            alone: {
                                count()
                                return trusted.statement
                            })
                    }
                    return trusted.accepted.map { .success($0) }
                } catch  where AtOnce.asksForJudgement(error) {
                } catch StoreError.outcomeUnknown {
                    // Judged again under the same keys, what was written is found and the rest is written.
                }
            }
            return try await counting { careful, count in
                try await db.write(locking: locks, atOnce: careful) { tx in
                    count()
                    return try Ledger.judge(postings, tx)
                }
            }.map { result in
                result.mapError { $0 }
            }
        } catch {
            return postings.map { _ in .failure(error) }
        }
    }

    /// Runs a transaction, which is told whether to lock from the start and says when it is tried.
    private func counting<T: Sendable>(
        _ body: (_ careful: Bool, _ count: @escaping @Sendable () -> Void) async throws -> T
    ) async throws -> T {
        let isCareful = state.withLock { $0.careful > 0 }
        let tries = Mutex(0)
        let value = try await body(isCareful) { tries.withLock { $0 += 1 } }
        let lost = tries.withLock(\.self) > 1
        state.withLock { $0.careful = lost ? LedgerDesk.care : max(0, $0.careful - 1) }
        return value
    }

    /// The accounts that postings touch; those of earlier postings that they settle or reverse never change.
    private func accounts(of postings: [Posting]) async throws -> Set<LedgerAccount> {
        let own = Set(postings.flatMap { $0.legs ?? [] }.map(\.account))
        let targets = postings.compactMap(\.target)
        guard !targets.isEmpty else { return own }
        return own.union(
            try await db.read { tx in
                try tx.rows("SELECT DISTINCT account FROM ledger_leg WHERE posting IN \(list: targets)") {
                    try $0["account"] as LedgerAccount
                }
            })
    }
}
