import Dispatch
import Synchronization

/// How many writers of a process run at once. PostgreSQL sees a conflict wherever two touch the same page of an index,
/// and rows that are made together lie together, so on a busy day writers mostly undo each other: each that loses
/// halves their number, each that is kept lets a little more in again.
struct WritersRoom {
    let most: Int
    private var room: Double

    init(most: Int) {
        self.most = most
        room = Double(most)
    }

    var count: Int { Int(room) }

    mutating func won() { room = min(Double(most), room + 1 / (4 * room)) }

    /// Two are left, so that one that takes long does not keep all others from writing.
    mutating func lost() { room = max(min(2, Double(most)), room / 2) }
}

/// Lines in which writers of this process wait for each other without a connection, first come first served: one for
/// each lock, one for those who lost against others again and again, and one before all work (``writing(_:)``). The
/// first of the losers may shut the door; then whoever begins a transaction waits as well, until it is through.
final class PostgresLines: Sendable {
    private typealias Waiter = CheckedContinuation<Void, any Error>

    private struct Line {
        var inside = 0
        var waiting: [(number: Int, waiter: Waiter)] = []
    }

    private struct State {
        var lines: [LockKey: Line] = [:]
        var isShut = false
        var next = 0
        var writers: WritersRoom
        let room: Int

        /// How many may be at the head of a line.
        func room(of key: LockKey) -> Int {
            switch key {
            case PostgresLines.losers: 1
            case PostgresLines.door: isShut ? 0 : .max
            case PostgresLines.locks: max(1, writers.count - 1)
            case PostgresLines.writers: isShut ? 0 : writers.count
            case PostgresLines.end: (lines[PostgresLines.writers]?.inside ?? 0) > 0 ? 0 : .max
            default: room
            }
        }

        /// Takes as many to the head of a line as there is room for.
        mutating func admit(_ key: LockKey) -> [Waiter] {
            guard var line = lines[key] else { return [] }
            var next: [Waiter] = []
            while line.inside < room(of: key), !line.waiting.isEmpty {
                next.append(line.waiting.removeFirst().waiter)
                line.inside += 1
            }
            lines[key] = line.inside > 0 || !line.waiting.isEmpty ? line : nil
            return next
        }
    }

    /// Held by the first of those who lost, so that it does not meet those of another process either.
    static let losers = LockKey("losers")
    /// Entered by who locks something, so that those who wait for other processes never take all places of writers.
    private static let locks = LockKey("locks")
    private static let door = LockKey("door")
    private static let writers = LockKey("writers")
    /// Where whoever shut the door waits for those who had begun before.
    private static let end = LockKey("end")

    private let wait: Double
    private let state: Mutex<State>

    /// - Parameters:
    ///   - room: how many may wait for a lock inside PostgreSQL, where it is handed on at once.
    ///   - writers: how many may write at once.
    ///   - wait: how long somebody waits here, in seconds.
    init(room: Int, writers: Int, wait: Double) {
        self.wait = wait
        state = Mutex(State(writers: WritersRoom(most: writers), room: room))
    }

    /// Writers that wait.
    var waitingCount: Int { state.withLock { $0.lines.values.reduce(0) { $0 + $1.waiting.count } } }

    /// Waits as long as the door is shut.
    /// - Throws: ``StoreError/busy`` when that takes too long.
    func pass() async throws {
        guard state.withLock(\.isShut) else { return }
        try await enter(PostgresLines.door)
        leave(PostgresLines.door)
    }

    /// Nobody else begins until the first of the losers has left.
    func shut() { state.withLock { $0.isShut = true } }

    /// Waits, behind a shut door, until all have ended who began before.
    /// - Throws: ``StoreError/busy`` when that takes too long.
    func alone() async throws {
        try await enter(PostgresLines.end)
        leave(PostgresLines.end)
    }

    /// Does something at the head of the lines of locks, and of the one of all who lock. Everybody enters them in one
    /// order.
    func with<T: Sendable>(_ keys: [LockKey], _ body: () async throws -> T) async throws -> T {
        var entered: [LockKey] = []
        defer { for key in entered.reversed() { leave(key) } }
        for key in keys + (keys.isEmpty ? [] : [PostgresLines.locks]) {
            try await enter(key)
            entered.append(key)
        }
        return try await body()
    }

    /// Does something as one of the writers that run at once, and learns from how it ends.
    func writing<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        try await enter(PostgresLines.writers)
        defer { leave(PostgresLines.writers) }
        do {
            let value = try await body()
            state.withLock { $0.writers.won() }
            return value
        } catch StoreError.serialization {
            state.withLock { $0.writers.lost() }
            throw StoreError.serialization
        }
    }

    /// Waits for a place at the head of a line. Whoever has it must leave.
    /// - Throws: ``StoreError/busy`` when that takes too long.
    func enter(_ key: LockKey) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let hasRoom = state.withLock { state -> Bool? in
                    guard !Task.isCancelled else { return nil }
                    if state.lines[key, default: Line()].inside < state.room(of: key) {
                        state.lines[key, default: Line()].inside += 1
                        return true
                    }
                    state.lines[key, default: Line()].waiting.append((number, waiter))
                    return false
                }
                switch hasRoom {
                case true?: waiter.resume()
                case false?:
                    DispatchQueue.global().asyncAfter(deadline: .now() + wait) {
                        self.giveUp(number, key, StoreError.busy)
                    }
                case nil: waiter.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            giveUp(number, key, CancellationError())
        }
    }

    /// Lets the next one of a line to its head; behind the first of the losers the door opens.
    func leave(_ key: LockKey) {
        let next = state.withLock { state -> [Waiter] in
            state.lines[key]?.inside -= 1
            if key == PostgresLines.writers { return state.admit(key) + state.admit(PostgresLines.end) }
            guard key == PostgresLines.losers else { return state.admit(key) }
            state.isShut = false
            return state.admit(key) + state.admit(PostgresLines.door) + state.admit(PostgresLines.writers)
        }
        for waiter in next { waiter.resume() }
    }

    private func giveUp(_ number: Int, _ key: LockKey, _ error: any Error) {
        let waiter = state.withLock { state -> Waiter? in
            guard let place = state.lines[key]?.waiting.firstIndex(where: { $0.number == number }) else { return nil }
            return state.lines[key]?.waiting.remove(at: place).waiter
        }
        waiter?.resume(throwing: error)
    }
}
