import Synchronization

/// Counts the statements that a piece of work sends: whether a page asks a constant number is seen by it.
public final class QueryCounter: Sendable {
    @TaskLocal static var current: QueryCounter?

    private let number = Mutex(0)

    init() {}

    func add() { number.withLock { $0 += 1 } }

    /// Runs the body and says how many statements it sent.
    public static func count(_ body: @Sendable () async throws -> Void) async throws -> Int {
        try await counting(body).statements
    }

    /// Runs the body and gives its value with how many statements it sent.
    public static func counting<T>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async rethrows -> (value: T, statements: Int) {
        let counter = QueryCounter()
        let value = try await $current.withValue(counter) { try await body() }
        return (value, counter.number.withLock { $0 })
    }
}
