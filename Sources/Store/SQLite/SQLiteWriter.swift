internal import GRDB
import Synchronization

/// The one writer of a SQLite file. Writers that wait are taken together: each runs in a savepoint of its own, all of
/// them are made durable by one commit, and nobody is told of success before that commit.
final class SQLiteWriter: Sendable {
    private struct Job: Sendable {
        let work: @Sendable (GRDB.Database) throws -> Void
        let done: @Sendable ((any Error)?) -> Void
    }

    private struct State {
        var waiting: [Job] = []
        var isDraining = false
    }

    /// Most writers that share a commit.
    private static let batch = 128

    let pool: any DatabaseWriter
    private let state = Mutex(State())

    init(_ pool: any DatabaseWriter) { self.pool = pool }

    /// Writers that wait for the next commit.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func write<T: Sendable>(_ body: @escaping @Sendable (Tx) throws -> T) async throws -> T {
        let result = Mutex<T?>(nil)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let counter = QueryCounter.current
            let job = Job(
                work: { db in
                    let value = try QueryCounter.$current.withValue(counter) { try SQLiteSession.run(db, body) }
                    result.withLock { $0 = value }
                },
                done: { error in
                    if let error { continuation.resume(throwing: error) } else { continuation.resume() }
                })
            let starts = state.withLock { state in
                state.waiting.append(job)
                defer { state.isDraining = true }
                return !state.isDraining
            }
            if starts { pool.asyncWriteWithoutTransaction { db in self.drain(db) } }
        }
        guard let value = result.withLock({ $0 }) else { throw StoreError.sql("no result") }
        return value
    }

    private func drain(_ db: GRDB.Database) {
        while true {
            let jobs = state.withLock { state -> [Job] in
                let taken = Array(state.waiting.prefix(SQLiteWriter.batch))
                state.waiting.removeFirst(taken.count)
                if taken.isEmpty { state.isDraining = false }
                return taken
            }
            guard !jobs.isEmpty else { return }
            let outcomes = commit(jobs, db)
            for (job, outcome) in zip(jobs, outcomes) { job.done(outcome) }
        }
    }

    /// Runs jobs in one transaction. A job that fails leaves nothing behind and does not hurt the others.
    private func commit(_ jobs: [Job], _ db: GRDB.Database) -> [(any Error)?] {
        var outcomes: [(any Error)?] = []
        do {
            try db.beginTransaction(.immediate)
            for job in jobs {
                outcomes.append(run(job, db))
                // A full disk makes SQLite roll back everything; a savepoint would now be a transaction by itself.
                guard db.isInsideTransaction else { throw outcomes.last.flatMap { $0 } ?? StoreError.busy }
            }
            try db.commit()
            return outcomes
        } catch {
            if db.isInsideTransaction { try? db.rollback() }
            // A constraint that is checked at the commit only must hurt nobody but its own job: each for itself then.
            if jobs.count > 1, outcomes.count == jobs.count, isConstraint(error) {
                return jobs.flatMap { commit([$0], db) }
            }
            let typed = SQLiteErrors.typed(error)
            return jobs.map { _ in typed }
        }
    }

    private func run(_ job: Job, _ db: GRDB.Database) -> (any Error)? {
        do {
            try db.inSavepoint {
                try job.work(db)
                return .commit
            }
            return nil
        } catch {
            return SQLiteErrors.typed(error)
        }
    }

    private func isConstraint(_ error: any Error) -> Bool {
        (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
    }
}

extension SQLiteErrors {
    static func typed(_ error: any Error) -> any Error { (error as? DatabaseError).map(translate) ?? error }

    /// An error in the words of the library, without its query.
    static func words(_ error: any Error) -> String { (error as? DatabaseError)?.message ?? "\(error)" }
}
