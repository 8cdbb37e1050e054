internal import Foundation
public import Store

extension FileStore {
    /// Keeps the bytes of an attachment: sealed where its form field is marked as sensitive.
    /// - Returns: their SHA-256 in hexadecimal text, the same for both.
    @discardableResult
    public func keep(_ bytes: [UInt8], sealedBy vault: Vault?) throws -> String {
        guard let vault else { return try keep(bytes) }
        let hash = Digest.hex(Digest.sha256(bytes))
        let path = sealedPath(of: hash)
        let kept = FileManager.default.contents(atPath: path).flatMap { try? vault.open(bytes: Array($0)) }
        if kept != bytes {
            try scan(bytes)
            try write(try vault.seal(bytes: bytes), to: path)
        }
        return hash
    }

    /// The bytes of an attachment, opened where they are sealed.
    /// - Throws: ``DocumentError/missing``, ``DocumentError/changed``, ``AccessError/unreadableSecret``.
    public func bytes(of document: Document, vault: Vault) throws -> [UInt8] {
        guard document.isSealed else { return try bytes(of: document.hash) }
        guard let data = FileManager.default.contents(atPath: sealedPath(of: document.hash)) else {
            throw DocumentError.missing
        }
        let bytes = try vault.open(bytes: Array(data))
        guard Digest.hex(Digest.sha256(bytes)) == document.hash else { throw DocumentError.changed }
        return bytes
    }

    /// Where the sealed bytes of a file lie.
    public func sealedPath(of hash: String) -> String { "\(path(of: hash)).sealed" }

    /// Seals a file with the newest key.
    /// - Returns: whether it was sealed with another.
    func reseal(_ hash: String, _ vault: Vault) throws -> Bool {
        let path = sealedPath(of: hash)
        guard let data = FileManager.default.contents(atPath: path) else { return false }
        let sealed = Array(data)
        guard !vault.isCurrent(sealed) else { return false }
        try write(try vault.seal(bytes: try vault.open(bytes: sealed)), to: path)
        return true
    }

    func removeSealed(_ hash: String) throws {
        let path = sealedPath(of: hash)
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw DocumentError.storage("\(error)")
        }
    }
}

extension DocumentStore {
    /// Shows a sealed file to somebody who needs it, and logs the look. Who filed a paper sees it without a reason.
    /// - Throws: ``DocumentError/missing``, ``AccessError/forbidden(_:)``, ``PrivacyError/reasonMissing``,
    ///   ``PrivacyError/erased``.
    public static func reveal(
        _ id: ID<Document>, reason: String, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> Document {
        guard
            let row = try tx.first("SELECT * FROM document WHERE id = \(id)"),
            let file = try CaseStore.find(try row["case_id"], tx), Policy.maySee(actor, file)
        else { throw DocumentError.missing }
        let erased: Instant? = try row["erased_at"]
        guard erased == nil else { throw PrivacyError.erased }
        let document = try Document(row: row)
        guard document.isSealed else { return document }
        let owner = try file.applicant.flatMap { try AccountStore.find($0, tx)?.person }
        // Who filed a paper, and their organisation, know it already.
        let filed = actor.account != nil && actor.account?.text == document.uploadedBy
        let house = file.organisation.map { actor.belongs(to: $0, as: [.administrator, .sealHolder]) } ?? false
        let why = filed || house ? Personal.ownReason : try Personal.need(for: owner, reason, actor)
        try Personal.note(
            Personal.Look(
                person: owner ?? ID(""), name: file.title.zh, kind: "\(PersonalKind.papers.id):\(document.field)",
                content: id.text,
                reason: why, caseID: file.id), by: actor, at: now, tx)
        return document
    }

    /// Marks sealed files as erased: their bytes go once the transaction has been kept, unless another living paper
    /// has the same; the register keeps name, size and hash.
    static func erase(_ documents: [Document], why: String, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        guard !documents.isEmpty else { return }
        try tx.run("UPDATE document SET erased_at = \(now) WHERE id IN \(list: documents.map(\.id))")
        try tx.run(
            """
            INSERT INTO file_erased (hash) SELECT DISTINCT hash FROM document d
            WHERE d.id IN \(list: documents.map(\.id)) AND NOT EXISTS (
                SELECT 1 FROM document o WHERE o.hash = d.hash AND o.is_sealed AND o.erased_at IS NULL)
            ON CONFLICT (hash) DO NOTHING
            """)
        for document in documents {
            try Record.append(
                Event(
                    room: "privacy", kind: "document.erased", subjectKind: "document", subject: document.id.text,
                    actor: actor, at: now,
                    content: ["hash": .string(document.hash), "field": .string(document.field), "why": .string(why)]),
                tx)
        }
    }

    /// Removes the bytes of erased files from the disk; what fails is tried again in the next round.
    /// - Returns: how many were removed.
    @discardableResult
    static func sweep(_ db: Database, _ files: FileStore) async throws -> Int {
        let hashes = try await db.read { tx in
            try tx.rows("SELECT hash FROM file_erased ORDER BY hash LIMIT 500") { try $0["hash"] as String }
        }
        for hash in hashes {
            // The same paper may have been filed again since.
            let isNeeded: Bool = try await db.read { tx in
                try tx.first("SELECT 1 FROM document WHERE hash = \(hash) AND is_sealed AND erased_at IS NULL") != nil
            }
            if !isNeeded { try files.removeSealed(hash) }
            try await db.write { tx in try tx.run("DELETE FROM file_erased WHERE hash = \(hash)") }
        }
        return hashes.count
    }
}
