public import Kernel
public import Store

/// Reservations whose day is over give their money back by themselves.
public enum Expiry {
    /// Releases everything that is over, in a transaction of its own where there is anything.
    public static func run(in db: Database, before day: Day, at now: Instant) async throws {
        let isDue = try await db.read { tx in try !PostingStore.expired(on: day, limit: 1, tx).isEmpty }
        guard isDue else { return }
        try await db.write(locking: Ledger.locks([], earlier: true)) { tx in _ = try run(before: day, at: now, tx) }
    }

    /// Releases reservations whose last day is before a day.
    /// - Returns: how many were released.
    @discardableResult
    public static func run(before day: Day, at now: Instant, limit: Int = 200, _ tx: Tx) throws -> Int {
        let expired = try PostingStore.expired(on: day, limit: limit, tx)
        var postings: [Posting] = []
        for item in expired {
            let event = try Record.append(
                Event(
                    room: "ledger", kind: "reservation.expired", subjectKind: "posting", subject: item.id.text,
                    caseID: item.caseID, actor: .system, at: now), tx)
            postings.append(
                Posting(
                    .release(item.id), on: max(day, item.day), "预留到期 / expired", key: "expiry:\(item.id)",
                    origin: PostingOrigin(
                        caseID: item.caseID, event: event, actor: .system, rules: item.rules, at: now)))
        }
        for result in try Ledger.post(postings, tx) { _ = try result.get() }
        return expired.count
    }
}
