import Synchronization

/// Counts the statements that a piece of work sends, so that tests can show that a page asks a constant number.
public final class QueryCounter: Sendable {
    @TaskLocal static var current: QueryCounter?

    private let number = Mutex(0)

    init() {}

    func add() { number.withLock { $0 += 1 } }

    /// Runs the body and says how many statements it sent.
    public static func count(_ body: @Sendable () async throws -> Void) async throws -> Int {
        let counter = QueryCounter()
        try await $current.withValue(counter) { try await body() }
        return counter.number.withLock { $0 }
    }
}
