/// Transactions on PostgreSQL: reads see one snapshot, writes are serializable; both run again when they lose. A writer
/// that lost again and again is tried while no other begins, so that it does not lose for ever.
///
/// Locks are held by the session, so the address must lead to PostgreSQL itself or to a pooler in session mode.
struct PostgresTransactions: Sendable {
    let pool: PostgresPool
    /// Where writers wait for each other.
    let lines: PostgresLines

    /// How often a transaction is tried.
    private static let tries = 10
    /// After so many tries a writer waits for others who lost as often, and is then tried while nobody else begins: at
    /// once where it is quick, for that costs others less than its losing again, and after so many where it is slow.
    private static let triesAmongAll = 2
    private static let triesOfSlow = 5
    private static let quick: Duration = .milliseconds(250)

    init(pool: PostgresPool, _ options: DatabaseOptions) {
        self.pool = pool
        // Something is left for those who need no lock. Whoever keeps nobody from a connection may wait longer.
        lines = PostgresLines(
            room: max(1, min(3, options.connections - 1)), writers: max(1, options.connections),
            wait: 3 * options.waitSeconds)
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Tx) throws -> T) async throws -> T {
        try await run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", []) { connection in
            try body(Tx(link: .postgres(connection)))
        }
    }

    func write<T: Sendable>(
        locking keys: [LockKey], atOnce: Bool, _ body: @escaping @Sendable (Tx) throws -> T
    ) async throws -> T {
        try await run(Self.serializable, keys, atOnce: atOnce) { connection in
            try body(Tx(link: .postgres(connection)))
        }
    }

    /// Writes one statement as a whole transaction, in one round trip.
    func write(
        locking keys: [LockKey], atOnce: Bool, alone statement: @escaping @Sendable () throws -> SQL
    ) async throws -> [Row] {
        try await run(Self.serializable, keys, atOnce: atOnce, doubts: false) { connection in
            try connection.alone(try statement())
        }
    }

    private static let serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE"

    private func run<T: Sendable>(
        _ command: String, _ keys: [LockKey], atOnce: Bool = true, doubts: Bool = true,
        _ body: @escaping @Sendable (PostgresConnection) throws -> T
    ) async throws -> T {
        // Everybody takes locks in one order, so that no two wait for each other.
        let keys = Set(keys).sorted()
        var tried = 1
        var isFirst = false
        var isSlow = false
        var isDoubted = false
        defer { if isFirst { lines.leave(PostgresLines.losers) } }
        while true {
            if command == Self.serializable { isFirst = try await waitForTurn(tried, isFirst, isSlow && !isDoubted) }
            if isFirst, isDoubted { try await lines.alone() }
            let mine = atOnce || tried > 1 ? keys : []
            let locks = (isFirst ? [PostgresLines.losers] : []) + mine
            do {
                // The first of the losers waits in no line: those before it may wait for the door that it shut.
                guard command == Self.serializable, !isFirst else { return try await attempt(command, locks, body) }
                return try await lines.with(mine) {
                    try await lines.writing {
                        let begun = ContinuousClock.now
                        defer { isSlow = begun.duration(to: .now) > Self.quick }
                        return try await attempt(command, locks, body)
                    }
                }
            } catch let error as StoreError where tried < Self.tries(after: error, doubts) {
                isDoubted = error != .serialization
                // Losers wait a little, each another while, so that they do not meet again; the first of those who lost
                // too often, for whom others wait, does so only where it goes on losing against other processes.
                if !isFirst || tried > Self.triesOfSlow {
                    let longest = UInt64(2_000_000) << UInt64(min(tried, 6))
                    var random = SystemRandomNumberGenerator()
                    try await Task.sleep(nanoseconds: UInt64.random(in: 0...longest, using: &random))
                }
                tried += 1
            }
        }
    }

    /// How often a transaction is tried that failed. Who read that something is not there, and adds it just after
    /// another, is told that it is there already, where PostgreSQL looks at the index before it looks at who read what;
    /// that is believed where it was tried alone, and where nothing was read before.
    private static func tries(after error: StoreError, _ doubts: Bool) -> Int {
        switch error {
        case .serialization: tries
        case .unique where doubts: triesAmongAll + 1
        default: 0
        }
    }

    /// Waits, without a connection, until a writer may try.
    /// - Returns: whether the writer is the first of those who lost too often.
    private func waitForTurn(_ tried: Int, _ isFirst: Bool, _ isSlow: Bool) async throws -> Bool {
        guard tried > Self.triesAmongAll else {
            try await lines.pass()
            return false
        }
        if !isFirst { try await lines.enter(PostgresLines.losers) }
        if !isSlow || tried > Self.triesOfSlow { lines.shut() }
        return true
    }

    private func attempt<T: Sendable>(
        _ command: String, _ locks: [LockKey], _ body: @escaping @Sendable (PostgresConnection) throws -> T
    ) async throws -> T {
        try await reconnecting {
            try await pool.with { connection in try Self.once(command, locks, connection, body) }
        }
    }

    /// A connection that died while it was idle is found out before anything was done with it; one that leads to a
    /// standby can do nothing that is kept.
    private struct NotBegun: Error {}

    private static func once<T>(
        _ command: String, _ keys: [LockKey], _ connection: PostgresConnection,
        _ body: (PostgresConnection) throws -> T
    ) throws -> T {
        defer { connection.unlock() }
        do {
            try connection.begin(command, writes: command == serializable, locking: keys)
            let value = try body(connection)
            try connection.commit()
            return value
        } catch StoreError.connectionLost where !connection.hasBegun {
            throw NotBegun()
        } catch {
            connection.rollback()
            // A server that takes no writes has kept nothing: another one is asked.
            if command == serializable, error as? StoreError == .writeForbidden || connection.isStandby {
                connection.refusesWrites = true
                throw NotBegun()
            }
            throw error
        }
    }

    /// Tries again with another connection as long as idle ones turn out to be dead.
    private func reconnecting<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        var attempts = 0
        while true {
            do {
                return try await body()
            } catch is NotBegun {
                attempts += 1
                guard attempts < 32 else {
                    throw StoreError.connectionLost("the database closes every connection, or takes no writes")
                }
            }
        }
    }
}
