public import Kernel
public import Store

/// Reads postings.
public enum PostingStore {
    /// A posting with its legs.
    public static func find(_ id: ID<StoredPosting>, _ tx: Tx) throws -> StoredPosting? { try all([id], tx).first }

    /// - Throws: ``LedgerError/unknownPosting(_:)``.
    public static func require(_ id: ID<StoredPosting>, _ tx: Tx) throws -> StoredPosting {
        guard let posting = try find(id, tx) else { throw LedgerError.unknownPosting(id.text) }
        return posting
    }

    /// Postings with their legs, in two queries, oldest first.
    public static func all(_ ids: [ID<StoredPosting>], _ tx: Tx) throws -> [StoredPosting] {
        let postings = try tx.rows(
            "SELECT * FROM ledger_posting WHERE id IN \(list: ids) ORDER BY id", StoredPosting.init(row:))
        var legs: [ID<StoredPosting>: [StoredLeg]] = [:]
        for row in try tx.rows(
            "SELECT * FROM ledger_leg WHERE posting IN \(list: ids) ORDER BY posting, position")
        {
            legs[try row["posting"], default: []].append(try StoredLeg(row: row))
        }
        return postings.map { posting in
            var posting = posting
            posting.legs = legs[posting.id] ?? []
            return posting
        }
    }

    /// What settled, released or reversed a posting.
    public static func answer(to id: ID<StoredPosting>, _ tx: Tx) throws -> StoredPosting? {
        let found: ID<StoredPosting>? = try tx.value("SELECT id FROM ledger_posting WHERE target = \(id)")
        return try found.flatMap { try find($0, tx) }
    }

    /// Postings of a case, newest first, before a posting.
    public static func list(
        of caseID: ID<CaseFile>, before: ID<StoredPosting>? = nil, limit: Int, _ tx: Tx
    ) throws -> [StoredPosting] {
        let rest: SQL = before.map { "AND id < \($0)" } ?? ""
        let ids = try tx.rows(
            "SELECT id FROM ledger_posting WHERE case_id = \(caseID) \(rest) ORDER BY id DESC LIMIT \(limit)"
        ) { try $0["id"] as ID<StoredPosting> }
        return try all(ids, tx).reversed()
    }

    /// Reservations whose last day is over, soonest first.
    public static func expired(on day: Day, limit: Int, _ tx: Tx) throws -> [StoredPosting] {
        let ids = try tx.rows(
            "SELECT posting FROM ledger_hold WHERE until < \(day) ORDER BY until, posting LIMIT \(limit)"
        ) { try $0["posting"] as ID<StoredPosting> }
        return try all(ids, tx)
    }
}
