public import Kernel
public import Store

/// The books: double entry, append-only. There is one way to write into them, ``post(_:_:)-([Posting],_)``.
public enum Ledger {
    public static let migrations = LedgerTables.migrations

    /// Writes one posting inside the caller's transaction; asked again under the same key it answers with what was
    /// written then.
    /// - Throws: ``LedgerError``; nothing is written then.
    @discardableResult
    public static func post(_ posting: Posting, _ tx: Tx) throws -> StoredPosting {
        guard let result = try post([posting], tx).first else { throw LedgerError.tooFewLegs }
        return try result.get()
    }

    /// Writes postings in the order given, each for itself: one that is refused leaves no trace and does not hurt the
    /// others. The number of statements does not depend on their number, up to some hundreds.
    ///
    /// Writers that touch the same accounts at a time lose against each other and run again; who knows the accounts
    /// before the transaction begins gives ``locks(_:)`` to `Database.write(locking:)`, as ``LedgerDesk`` does.
    /// - Throws: errors of the store only.
    public static func post(
        _ postings: [Posting], _ tx: Tx
    ) throws -> [Result<StoredPosting, LedgerError>] {
        guard postings.count > block else { return try postTogether(postings, tx) }
        var results: [Result<StoredPosting, LedgerError>] = []
        for part in postings.blocks(of: block) { results += try postTogether(part, tx) }
        return results
    }

    /// Most postings that are judged together; SQLite takes no more values in one statement.
    private static let block = 500

    private static func postTogether(
        _ postings: [Posting], _ tx: Tx
    ) throws -> [Result<StoredPosting, LedgerError>] {
        let stored = try AtOnce(postings, as: newNames(for: postings), on: tx.engine)?.tryPost(tx)
        return try stored?.map { .success($0) } ?? judge(postings, tx)
    }

    static func newNames(for postings: [Posting]) -> [ID<StoredPosting>] {
        postings.map { ID(UUIDv7.make(at: $0.origin.at)) }
    }

    /// Writes what is accepted of at most ``block`` postings.
    static func judge(
        _ postings: [Posting], _ tx: Tx
    ) throws -> [Result<StoredPosting, LedgerError>] {
        let ids = newNames(for: postings)
        var results = [Result<StoredPosting, LedgerError>?](repeating: nil, count: postings.count)
        var firstOfKey: [String: Int] = [:]
        for (index, posting) in postings.enumerated() {
            do throws(LedgerError) {
                try Judgement.checkShape(posting)
                if firstOfKey[posting.key] == nil { firstOfKey[posting.key] = index }
            } catch {
                results[index] = .failure(error)
            }
        }
        let first = firstOfKey.values.sorted()
        let targets = try Judgement.targets(first.compactMap { postings[$0].target }, tx)
        let claim = try Claim.make(first.map { (postings[$0], ids[$0]) }, targets, tx)
        let known = claim.known
        let open = first.filter { known[postings[$0].key]?.posting == ids[$0] }
        var judgement = try Judgement.load(open.map { postings[$0] }, targets, claim, tx)
        for index in open {
            do throws(LedgerError) {
                results[index] = .success(try judgement.judge(postings[index], as: ids[index]))
            } catch {
                results[index] = .failure(error)
            }
        }
        try judgement.write(tx)
        let refused = open.filter { if case .failure = results[$0] { true } else { false } }
        try Claim.giveBack(refused.map { postings[$0].key }, tx)
        try judgement.forgetUntouched(tx)
        for (index, posting) in postings.enumerated() where results[index] == nil {
            results[index] = try repeated(
                posting, known[posting.key], first: firstOfKey[posting.key].map { (postings[$0], results[$0]) }, tx)
        }
        return results.compactMap { $0 }
    }

    /// The answer to a key that was used before, in the books or earlier in the same batch.
    private static func repeated(
        _ posting: Posting, _ known: Claim.Known?, first: (Posting, Result<StoredPosting, LedgerError>?)?, _ tx: Tx
    ) throws -> Result<StoredPosting, LedgerError> {
        if let first, let result = first.1 {
            return first.0.fingerprint == posting.fingerprint ? result : .failure(.keyReused(posting.key))
        }
        guard let known, known.fingerprint == posting.fingerprint,
            let stored = try PostingStore.find(known.posting, tx)
        else { return .failure(.keyReused(posting.key)) }
        return .success(stored)
    }

    /// Which postings keys stand for.
    public static func postings(keys: [String], _ tx: Tx) throws -> [String: ID<StoredPosting>] {
        var found: [String: ID<StoredPosting>] = [:]
        for part in keys.blocks() {
            for row in try tx.rows("SELECT key, posting FROM ledger_key WHERE key IN \(list: part)") {
                found[try row["key"]] = try row["posting"]
            }
        }
        return found
    }

    /// The locks to take before a transaction that writes postings.
    /// - Parameters:
    ///   - accounts: what the postings touch.
    ///   - earlier: whether one of them settles, releases or reverses an earlier posting. Those go one after the
    ///     other: they look for it among the newest postings, and PostgreSQL takes who looks there for a rival of
    ///     everybody who writes there and looks too.
    public static func locks(_ accounts: some Sequence<LedgerAccount>, earlier: Bool = false) -> [LockKey] {
        var keys = Set(accounts).map { LockKey("ledger.\($0.text)") }
        if earlier { keys.append(LockKey("ledger")) }
        return keys.sorted()
    }
}
