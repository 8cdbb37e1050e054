/// What takes long to make, is made by the first test that asks for it and used by all: by what tells it apart.
public actor Once<Key: Hashable & Sendable, Value: Sendable> {
    private var made: [Key: Task<Value, any Error>] = [:]

    public init() {}

    /// - Throws: what the making threw, to each that asks.
    public func value(_ key: Key, make: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = made[key] ?? Task { try await make() }
        made[key] = task
        return try await task.value
    }
}
