internal import Foundation
public import Proof
public import Store

/// A signed statement of what the record held at one size.
public struct StoredCheckpoint: Sendable, Hashable {
    public let size: Int
    public let root: TreeHash
    /// The note with its signatures.
    public let note: String
    public let madeAt: Instant

    init(row: Row) throws {
        size = try row["size"]
        guard let root = TreeHash(base64: try row["root"]) else { throw RecordError.damagedTree }
        self.root = root
        note = try row["note"]
        madeAt = try row["made_at"]
    }
}

/// A checkpoint that bears our signature and does not agree with our record.
public struct RecordConflict: Sendable, Hashable {
    public let size: Int
    /// What the record holds at that size: a root in base64, or empty where it does not reach so far.
    public let ours: String
    /// The note that disagrees.
    public let theirs: String
    public let foundAt: Instant
}

/// Signs the record: keys, checkpoints, and what is found when a checkpoint does not agree. The secret keys lie in a
/// folder beside the house's others; a process that lacks them orders events and signs nothing.
public struct RecordKeeper: Sendable {
    let db: Database
    let clock: any Clock
    let folder: String
    let site: String

    /// Seconds after which new leaves are signed, even where nothing public is among them.
    public static let interval = 60

    /// - Parameters:
    ///   - folder: of the secret keys and of the last checkpoint, kept outside the database.
    ///   - site: the address of the house when the record begins; names the log for ever.
    public init(db: Database, clock: any Clock, folder: String, site: String) {
        self.db = db
        self.clock = clock
        self.folder = folder
        self.site = site
    }

    /// One round of the job: orders what waits, and signs when it is time.
    public func tick() async throws {
        while try await Record.sequence(in: db) == 1_000 {}
        let now = clock.now()
        let isDue = try await db.read { tx in
            let size = try Record.size(tx)
            guard let last = try RecordStore.latest(tx) else { return size > 0 }
            guard size > last.size else { return false }
            let age = now.microseconds - last.madeAt.microseconds
            if age < 0 || age >= Int64(RecordKeeper.interval) * 1_000_000 { return true }
            return try tx.first("SELECT 1 FROM record_leaf WHERE position >= \(last.size) AND is_public LIMIT 1") != nil
        }
        if isDue { try await sign() }
    }

    /// Signs the record as it stands, if it grew since the last checkpoint.
    /// - Returns: the newest checkpoint; nil where there is nothing to sign, or no key to sign with.
    @discardableResult
    public func sign() async throws -> StoredCheckpoint? {
        try await begin()
        while try await Record.sequence(in: db) == 1_000 {}
        let origin = try await origin()
        let (held, remembered, now) = (try KeyFolder(folder).signers(named: origin), remembered(), clock.now())
        let made = try await db.write(locking: [Record.sequencerLock]) { tx -> StoredCheckpoint? in
            try placeAll(tx)
            let active = try RecordStore.keys(tx).filter { $0.lastSize == nil }
            // A folder of another process may hold a key of the same number that the record does not know.
            guard let newest = active.last, held[newest.number]?.verifier == newest.key else { return nil }
            let last = try RecordStore.latest(tx)
            // What is found wrong becomes an event, and stands in this very checkpoint.
            for note in [remembered, try last.map { try SignedNote(parsing: $0.note) }].compactMap(\.self) {
                try compare(note, size: try Record.size(tx), at: now, tx)
            }
            try placeAll(tx)
            let size = try Record.size(tx)
            if let last, last.size >= size { return last }
            let root = try Record.root(of: size, tx)
            let signers = active.compactMap { key in held[key.number].flatMap { $0.verifier == key.key ? $0 : nil } }
            let note = try SignedNote(Checkpoint(origin: origin, size: size, root: root).text, by: signers).note
            try tx.run(
                """
                INSERT INTO record_checkpoint (size, root, note, made_at)
                VALUES (\(size), \(root.base64), \(note), \(now))
                """)
            // The first checkpoint with a new key carries the old ones too; then they have signed their last.
            try tx.run(
                "UPDATE record_key SET last_size = \(size) WHERE last_size IS NULL AND number < \(newest.number)")
            return try RecordStore.latest(tx)
        }
        if let made { remember(made.note) }
        return made
    }

    private func placeAll(_ tx: Tx) throws {
        while try Record.place(1_000, tx) == 1_000 {}
    }

    /// Adds a key, which signs from the next checkpoint on, together with the old one that once. The change is an
    /// event of the record.
    /// - Returns: the new public key.
    @discardableResult
    public func rotate(by actor: Actor) async throws -> NoteVerifier {
        try await begin()
        let next = try await db.read { tx in (try RecordStore.keys(tx).last?.number ?? 0) + 1 }
        return try await add(next, by: actor)
    }

    /// The first key, if there is none yet.
    public func begin() async throws {
        let (hasKey, site) = (try await db.read { tx in try RecordStore.keys(tx).last != nil }, site)
        guard !hasKey else { return }
        try await db.write { tx in
            guard try RecordStore.origin(tx) == nil else { return }
            let host = site.split(separator: "/").last.map(String.init) ?? site
            try Settings.set(RecordStore.originSetting, "\(host)/record", tx)
        }
        try await add(1, by: .system)
    }

    private func origin() async throws -> String {
        guard let origin = try await db.read({ tx in try RecordStore.origin(tx) }) else {
            throw RecordError.damagedTree
        }
        return origin
    }

    @discardableResult
    private func add(_ number: Int, by actor: Actor) async throws -> NoteVerifier {
        let key = try KeyFolder(folder).make(number, named: try await origin()).verifier
        let now = clock.now()
        try await db.write(locking: [Record.sequencerLock]) { tx in
            let known = try RecordStore.keys(tx)
            guard !known.contains(where: { $0.number == number }) else { return }
            let event = try Record.append(
                Event(
                    room: "record", kind: "record.key-added", subjectKind: "key", subject: key.number, actor: actor,
                    at: now,
                    content: [
                        "key": .string(key.text), "number": .integer(Int64(number)),
                        "before": known.last.map { .string($0.key.text) } ?? .null,
                    ], isPublic: true), tx)
            try tx.run(
                """
                INSERT INTO record_key (number, key, event, made_at) VALUES (\(number), \(key.text), \(event), \(now))
                """)
        }
        return key
    }

    // MARK: - Checkpoints that come back

    /// What a checkpoint that somebody holds says of our record.
    public enum Verdict: Sendable, Hashable {
        case agrees(Int)
        /// It bears our signature, and our record says something else at that size.
        case disagrees(Int)
        /// None of our keys signed it.
        case notOurs
    }

    /// Compares a checkpoint that somebody brings with the record. One that bears our signature and disagrees is kept
    /// for all to see.
    /// - Throws: ``RecordError/malformed(_:)``.
    public func check(_ text: String) async throws -> Verdict {
        let note: SignedNote
        let checkpoint: Checkpoint
        do {
            note = try SignedNote(parsing: text.hasSuffix("\n") ? text : text + "\n")
            checkpoint = try Checkpoint(parsing: note.text)
        } catch {
            throw RecordError.malformed(error.reason)
        }
        let now = clock.now()
        return try await db.write(locking: [Record.sequencerLock]) { tx in
            let keys = try RecordStore.keys(tx).map(\.key)
            guard let signers = try? note.verified(by: keys), !signers.isEmpty else { return .notOurs }
            let agrees = try compare(note, size: try Record.size(tx), at: now, tx)
            return agrees ? .agrees(checkpoint.size) : .disagrees(checkpoint.size)
        }
    }

    /// - Returns: whether the note agrees with the record.
    @discardableResult
    private func compare(_ note: SignedNote, size: Int, at now: Instant, _ tx: Tx) throws -> Bool {
        let theirs = try Checkpoint(parsing: note.text)
        let ours = theirs.size <= size ? try Record.root(of: theirs.size, tx) : nil
        let origin = try RecordStore.origin(tx)
        if ours == theirs.root, theirs.origin == origin { return true }
        let id = Digest.hex(Digest.sha256(Array(note.text.utf8)))
        guard try tx.first("SELECT 1 FROM record_conflict WHERE id = \(id)") == nil else { return false }
        try tx.run(
            """
            INSERT INTO record_conflict (id, size, ours, theirs, found_at)
            VALUES (\(id), \(theirs.size), \(ours?.base64 ?? ""), \(note.note), \(now))
            """)
        try Record.append(
            Event(
                room: "record", kind: "record.conflict-found", subjectKind: "checkpoint", subject: id, actor: .system,
                at: now,
                content: [
                    "size": .integer(Int64(theirs.size)), "theirs": .string(theirs.root.base64),
                    "ours": ours.map { .string($0.base64) } ?? .null,
                ], isPublic: true), tx)
        return false
    }

    // MARK: - What is remembered outside the database

    private var memory: String { "\(folder)/latest-checkpoint" }

    /// The last checkpoint that this process signed: a database that was put back to an earlier state shows by it.
    private func remembered() -> SignedNote? {
        guard let data = FileManager.default.contents(atPath: memory) else { return nil }
        return try? SignedNote(parsing: String(decoding: data, as: UTF8.self))
    }

    private func remember(_ note: String) {
        // A full disk must not stop the record: then the next comparison is with an older checkpoint.
        try? Data(note.utf8).write(to: URL(fileURLWithPath: memory), options: .atomic)
    }
}

extension NoteError: Problem {
    public var kind: ProblemKind { .malformed }
    public var code: String { "record.note" }
    public var message: Bilingual { Bilingual("检查点或公钥无法使用：\(reason)", "A checkpoint or key cannot be used: \(reason)") }

    /// What is wrong, in a few English words.
    public var reason: String {
        switch self {
        case .malformed(let reason): reason
        case .badSignature(let key): "the signature is not by the key \(key)"
        case .unusableKey: "the key cannot be used"
        }
    }
}
