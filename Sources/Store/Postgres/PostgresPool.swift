import Dispatch
import Synchronization

/// Which connections are free, and who waits: a pure state machine; the pool around it opens and closes.
struct PoolState<Connection> {
    enum Decision {
        case use(Connection)
        case open
        case wait
        /// Too many wait already.
        case refuse
    }

    let limit: Int
    let waitingLimit: Int
    private(set) var idle: [Connection] = []
    private(set) var open = 0
    private(set) var waiting: [Int] = []

    init(limit: Int, waitingLimit: Int) {
        self.limit = limit
        self.waitingLimit = waitingLimit
    }

    /// Somebody wants a connection.
    mutating func acquire(waiter: Int) -> Decision {
        if let connection = idle.popLast() { return .use(connection) }
        if open < limit {
            open += 1
            return .open
        }
        guard waiting.count < waitingLimit else { return .refuse }
        waiting.append(waiter)
        return .wait
    }

    /// A connection comes back whole.
    /// - Returns: the waiter that gets it, first come first served.
    mutating func release(_ connection: Connection) -> Int? {
        guard !waiting.isEmpty else {
            idle.append(connection)
            return nil
        }
        return waiting.removeFirst()
    }

    /// A connection was lost, or could not be opened.
    /// - Returns: the waiter that may open one in its place.
    mutating func lose() -> Int? {
        guard !waiting.isEmpty else {
            open -= 1
            return nil
        }
        return waiting.removeFirst()
    }

    /// Somebody does not want to wait any longer.
    /// - Returns: whether they were still waiting.
    mutating func giveUp(_ waiter: Int) -> Bool {
        guard let index = waiting.firstIndex(of: waiter) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// All idle connections, to be closed.
    mutating func drain() -> [Connection] {
        open -= idle.count
        defer { idle = [] }
        return idle
    }
}

/// Connections to one PostgreSQL, opened when needed, at most so many.
final class PostgresPool: Sendable {
    /// What a waiter is told: a connection, or that it may open one.
    private typealias Waiter = CheckedContinuation<PostgresConnection?, any Error>

    private struct State {
        var pool: PoolState<PostgresConnection>
        var waiters: [Int: Waiter] = [:]
        var next = 0
    }

    let address: PostgresAddress
    private let wait: Double
    private let state: Mutex<State>

    /// Callers that may wait at once; more are refused without waiting, since they would hardly be served in time.
    private static let mostWaiting = 1_000

    /// Opens the first connection, so that a wrong address is told at once.
    init(_ address: String, _ options: DatabaseOptions) throws(StoreError) {
        self.address = try PostgresAddress(address, waitSeconds: options.waitSeconds)
        wait = options.waitSeconds
        let pool = PoolState<PostgresConnection>(
            limit: max(1, options.connections), waitingLimit: PostgresPool.mostWaiting)
        state = Mutex(State(pool: pool))
        let first = try PostgresConnection.open(self.address)
        state.withLock { state in
            _ = state.pool.acquire(waiter: -1)
            _ = state.pool.release(first)
        }
    }

    /// Runs on a connection's own queue and gives the connection back; a lost one is dropped.
    func with<T: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> T) async throws -> T {
        let connection = try await acquire()
        let counter = QueryCounter.current
        let outcome: Result<T, any Error> = await withCheckedContinuation { continuation in
            connection.queue.async {
                continuation.resume(
                    returning: QueryCounter.$current.withValue(counter) { Result { try body(connection) } })
            }
        }
        release(connection)
        return try outcome.get()
    }

    private func acquire() async throws -> PostgresConnection {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let given = try await withTaskCancellationHandler {
            try await waitForTurn(id)
        } onCancel: {
            stopWaiting(id, CancellationError())
        }
        if let given { return given }
        return try await open()
    }

    /// - Returns: a connection, or nil when the caller may open one.
    private func waitForTurn(_ id: Int) async throws -> PostgresConnection? {
        try await withCheckedThrowingContinuation { (continuation: Waiter) in
            // Deciding and starting to wait are one step, and so is the look whether the caller is cancelled: a
            // cancellation after it finds the caller among those who wait.
            let decision = state.withLock { state -> PoolState<PostgresConnection>.Decision? in
                guard !Task.isCancelled else { return nil }
                let decision = state.pool.acquire(waiter: id)
                if case .wait = decision { state.waiters[id] = continuation }
                return decision
            }
            switch decision {
            case .use(let connection): continuation.resume(returning: connection)
            case .open: continuation.resume(returning: nil)
            case .refuse: continuation.resume(throwing: StoreError.poolExhausted)
            case .wait:
                DispatchQueue.global().asyncAfter(deadline: .now() + wait) {
                    self.stopWaiting(id, StoreError.poolExhausted)
                }
            case nil: continuation.resume(throwing: CancellationError())
            }
        }
    }

    private func open() async throws -> PostgresConnection {
        let address = address
        let outcome: Result<PostgresConnection, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { try PostgresConnection.open(address) })
            }
        }
        switch outcome {
        case .success(let connection): return connection
        case .failure(let error):
            lose()
            if case StoreError.cannotOpen(let reason) = error { throw StoreError.connectionLost(reason) }
            throw error
        }
    }

    private func stopWaiting(_ id: Int, _ error: any Error) {
        let waiter = state.withLock { state in state.pool.giveUp(id) ? state.waiters.removeValue(forKey: id) : nil }
        waiter?.resume(throwing: error)
    }

    private func release(_ connection: PostgresConnection) {
        guard connection.isUsable else { return lose() }
        let waiter = state.withLock { state in
            state.pool.release(connection).flatMap { state.waiters.removeValue(forKey: $0) }
        }
        waiter?.resume(returning: connection)
    }

    private func lose() {
        let waiter = state.withLock { state in
            state.pool.lose().flatMap { state.waiters.removeValue(forKey: $0) }
        }
        waiter?.resume(returning: nil)
    }

    func close() { state.withLock { _ = $0.pool.drain() } }
}
