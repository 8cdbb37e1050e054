import Kernel
import Store

/// A text that is drafted: a local law, a rule, a normative document.
struct Norm: Hashable, Sendable {
    let caseID: ID<CaseFile>
    let number: String
    let title: String
    let kind: NormKind
    let isMajor: Bool
    /// The last consultation, from 1; 0 before the first.
    let round: Int
    /// The last meeting, from 1; 0 before the first.
    let session: Int

    init(row: Row) throws {
        caseID = try row["case_id"]
        number = try row["number"]
        title = try row["title"]
        kind = NormKind(rawValue: try row["kind"]) ?? .departmentDocument
        isMajor = try row["is_major"]
        round = try row["round"]
        session = try row["session"]
    }
}

/// One saved version of a text; versions are never changed.
struct NormVersion: Hashable, Sendable {
    let caseID: ID<CaseFile>
    let version: Int
    let text: String
    let hash: String
    let note: String
    let savedBy: String
    let savedAt: Instant

    var clauses: [Clause] { ClauseReader.read(text) }

    init(row: Row) throws {
        caseID = try row["case_id"]
        version = try row["version"]
        text = try row["text"]
        hash = try row["hash"]
        note = try row["note"]
        savedBy = try row["saved_by"]
        savedAt = try row["saved_at"]
    }
}

/// Reads and writes texts and their versions.
enum NormStore {
    static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> Norm? {
        try tx.first("SELECT * FROM norm WHERE case_id = \(id)", Norm.init(row:))
    }

    /// - Throws: ``ProcedureError/unknownCase``.
    static func require(_ id: ID<CaseFile>, _ tx: Tx) throws -> Norm {
        guard let norm = try find(id, tx) else { throw ProcedureError.unknownCase }
        return norm
    }

    static func find(number: String, _ tx: Tx) throws -> Norm? {
        try tx.first("SELECT * FROM norm WHERE number = \(number)", Norm.init(row:))
    }

    /// Takes a project into the list of what is drafted; done again it takes over what was mended.
    static func put(_ file: CaseFile, _ answers: JSONValue, _ tx: Tx) throws {
        let kind = NormKind(rawValue: answers["kind"]?.string ?? "") ?? .departmentDocument
        let title = answers["name"]?.string ?? file.title.zh
        let isMajor = answers["major"]?.string == "yes"
        try tx.run(
            """
            INSERT INTO norm (case_id, number, title, kind, is_major, round, session)
            VALUES (\(file.id), \(file.number), \(title), \(kind.rawValue), \(isMajor), 0, 0)
            ON CONFLICT (case_id) DO UPDATE SET title = excluded.title, kind = excluded.kind,
                is_major = excluded.is_major
            """)
    }

    static func setRound(_ round: Int, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE norm SET round = \(round) WHERE case_id = \(id)")
    }

    static func setSession(_ session: Int, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE norm SET session = \(session) WHERE case_id = \(id)")
    }

    // MARK: Versions

    /// The versions of a text, first to last.
    static func versions(of id: ID<CaseFile>, _ tx: Tx) throws -> [NormVersion] {
        try tx.rows(
            "SELECT * FROM norm_version WHERE case_id = \(id) ORDER BY version LIMIT 200", NormVersion.init(row:))
    }

    static func version(_ version: Int, of id: ID<CaseFile>, _ tx: Tx) throws -> NormVersion? {
        try tx.first(
            "SELECT * FROM norm_version WHERE case_id = \(id) AND version = \(version)", NormVersion.init(row:))
    }

    static func latest(of id: ID<CaseFile>, _ tx: Tx) throws -> NormVersion? {
        try tx.first(
            "SELECT * FROM norm_version WHERE case_id = \(id) ORDER BY version DESC LIMIT 1", NormVersion.init(row:))
    }

    /// Keeps a new version.
    static func add(
        _ text: String, note: String, to norm: Norm, after last: Int, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        let hash = Digest.hex(Digest.sha256(Array(text.utf8)))
        try tx.run(
            """
            INSERT INTO norm_version (case_id, version, text, hash, note, saved_by, saved_at)
            VALUES (\(norm.caseID), \(last + 1), \(text), \(hash), \(note), \(actor.name), \(now))
            """)
        try Record.append(
            Event(
                room: "strategy", kind: "norm.version", subjectKind: "case", subject: norm.caseID.text,
                caseID: norm.caseID, actor: actor, at: now,
                content: ["version": .integer(Int64(last + 1)), "hash": .string(hash), "note": .string(note)]), tx)
    }
}
