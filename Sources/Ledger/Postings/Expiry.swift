public import Kernel
public import Store

/// Reservations whose day is over give their money back by themselves.
public enum Expiry {
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
                    .release(item.id), on: day, "预留到期 expired", key: "expiry:\(item.id)",
                    origin: PostingOrigin(
                        caseID: item.caseID, event: event, actor: .system, rules: item.rules, at: now)))
        }
        for result in try Ledger.post(postings, tx) { _ = try result.get() }
        return expired.count
    }
}
