import Dispatch
import Synchronization

/// Lines in which writers of this process wait for each other without a connection, first come first served: one for
/// each lock, and one for those who lost against others again and again. The first of the latter may shut the door;
/// then whoever begins a transaction waits as well, until it is through.
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
    }

    /// Held by the first of those who lost, so that it does not meet those of another process either.
    static let losers = LockKey("losers")

    private let room: Int
    private let wait: Double
    private let state = Mutex(State())

    /// - Parameters:
    ///   - room: how many may wait for a lock inside PostgreSQL, where it is handed on at once.
    ///   - wait: how long somebody waits here, in seconds.
    init(room: Int, wait: Double) {
        self.room = room
        self.wait = wait
    }

    /// Writers that wait.
    var waitingCount: Int { state.withLock { $0.lines.values.reduce(0) { $0 + $1.waiting.count } } }

    /// Waits as long as the door is shut.
    /// - Throws: ``StoreError/busy`` when that takes too long.
    func pass() async throws {
        guard state.withLock(\.isShut) else { return }
        try await enter(PostgresLines.losers)
        leave(PostgresLines.losers)
    }

    /// Nobody else begins until the first of the losers has left.
    func shut() { state.withLock { $0.isShut = true } }

    /// Does something at the head of several lines. Everybody enters them in one order.
    func with<T: Sendable>(_ keys: [LockKey], _ body: () async throws -> T) async throws -> T {
        var entered: [LockKey] = []
        defer { for key in entered.reversed() { leave(key) } }
        for key in keys {
            try await enter(key)
            entered.append(key)
        }
        return try await body()
    }

    /// Waits for a place at the head of a line. Whoever has it must leave.
    /// - Throws: ``StoreError/busy`` when that takes too long.
    func enter(_ key: LockKey) async throws {
        let room = key == PostgresLines.losers ? 1 : room
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let hasRoom = state.withLock { state -> Bool? in
                    guard !Task.isCancelled else { return nil }
                    if state.lines[key, default: Line()].inside < room {
                        state.lines[key, default: Line()].inside += 1
                        return true
                    }
                    state.lines[key]?.waiting.append((number, waiter))
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
        let next = state.withLock { state -> Waiter? in
            if key == PostgresLines.losers { state.isShut = false }
            guard var line = state.lines[key] else { return nil }
            let next = line.waiting.isEmpty ? nil : line.waiting.removeFirst().waiter
            if next == nil { line.inside -= 1 }
            state.lines[key] = line.inside > 0 ? line : nil
            return next
        }
        next?.resume()
    }

    private func giveUp(_ number: Int, _ key: LockKey, _ error: any Error) {
        let waiter = state.withLock { state -> Waiter? in
            guard let place = state.lines[key]?.waiting.firstIndex(where: { $0.number == number }) else { return nil }
            return state.lines[key]?.waiting.remove(at: place).waiter
        }
        waiter?.resume(throwing: error)
    }
}
