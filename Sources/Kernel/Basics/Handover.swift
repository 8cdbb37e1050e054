public import Store

/// Brings into the form of this version what the version before wrote, and goes on to write: in an upgrade that nobody
/// notices its processes serve beside those of this one, so that going through everything once would miss what they
/// write afterwards. A step of the schema does not do it either: it would keep them from their tables meanwhile.
public enum Handover {
    /// Seconds between two runs.
    static let pause = 3_600
    /// Seconds after its beginning in which an upgrade is over, and no process of the version before is left.
    static let length = 86_400

    private static let over = "over"

    /// Runs at once, then every hour for a day, and then never again; whatever calls it does so in each round of the
    /// house's jobs. One that fails is run again with the next call.
    /// - Parameters:
    ///   - name: of what is handed over; once only, for all versions.
    ///   - body: may run in several processes at once, and must bear being done again.
    public static func run(
        _ name: String, in db: Database, at now: Instant, _ body: () async throws -> Void
    ) async throws {
        let setting = "handover.\(name)"
        let state = try await db.read { tx in try Settings.get(setting, tx) }
        guard state != over else { return }
        let times = times(state ?? "")
        let began = times.first ?? now
        if let last = times.last, now < last.adding(seconds: pause) { return }
        try await body()
        let next = now < began.adding(seconds: length) ? "\(began.microseconds) \(now.microseconds)" : over
        try await db.write { tx in try Settings.set(setting, next, tx) }
    }

    /// Begins with the first process of this version that serves a house of the version before; in a new house there is
    /// nothing to hand over. For what the version before cannot read, and is written only when none of it is left.
    /// - Parameters:
    ///   - name: of what waits; once only, for all versions, and no name of ``run(_:in:at:_:)``.
    ///   - isNew: whether nobody has used the house yet.
    ///   - serves: whether it begins; commands, which may run long before the servers are replaced, only look.
    /// - Returns: the moment from which no process of the version before is left; nil where there never was one.
    public static func begin(
        _ name: String, isNew: Bool, serves: Bool, at now: Instant, _ tx: Tx
    ) throws -> Instant? {
        let setting = "handover.\(name)"
        guard let state = try Settings.get(setting, tx) else {
            guard isNew || serves else { return now.adding(seconds: length) }
            try Settings.set(setting, isNew ? over : "\(now.microseconds)", tx)
            return isNew ? nil : now.adding(seconds: length)
        }
        return times(state).first?.adding(seconds: length)
    }

    /// When it began, and when it ran last.
    private static func times(_ state: String) -> [Instant] {
        state.split(separator: " ").compactMap { Int64($0) }.map(Instant.init(microseconds:))
    }
}
