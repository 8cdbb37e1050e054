public import Store

/// A case while its form is filled in: sections saved as typed, files attached and taken off, nothing lost.
///
/// Answers to fields that are personal, telephones and mail addresses are kept sealed under the vault's key.
public struct Drafts: Sendable {
    /// The form of a case as its answers make it.
    /// - Throws: where there is no such draft, or the actor may not change it now.
    public typealias FormOf = @Sendable (_ id: ID<CaseFile>, _ answers: JSONValue, Actor, Tx) throws -> Form
    /// What a room keeps beside the answers, such as the titles of its lists; what is kept sealed comes sealed.
    public typealias Saved = @Sendable (_ id: ID<CaseFile>, _ answers: JSONValue, Tx) throws -> Void
    /// Looks into a file before it is kept.
    /// - Throws: a problem of the field.
    public typealias Inspect = @Sendable (FormField, _ type: String, [UInt8]) throws -> Void

    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let files: FileStore
    let vault: Vault
    let form: FormOf
    let saved: Saved
    let inspect: Inspect

    public init(
        db: Database, clock: any Clock, ids: any IDSource, files: FileStore, vault: Vault, form: @escaping FormOf,
        saved: @escaping Saved, inspect: @escaping Inspect = { _, _, _ in }
    ) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.files = files
        self.vault = vault
        self.form = form
        self.saved = saved
        self.inspect = inspect
    }

    /// The answers of a case as they were typed, and their revision: for who must have all.
    /// - Throws: ``AccessError/unreadableSecret``.
    public static func answers(
        _ id: ID<CaseFile>, vault: Vault, _ tx: Tx
    ) throws -> (content: JSONValue, revision: Int) {
        let kept = try CaseStore.answers(id, tx)
        return (try kept.content.unsealed(by: vault), kept.revision)
    }

    /// The answers of a case for whoever goes on filling them in, and their revision: what no key opens and what was
    /// erased stays as it lies there. Forms show none of it, and keep it until something is typed in its place.
    public static func fillable(
        _ id: ID<CaseFile>, vault: Vault, _ tx: Tx
    ) throws -> (content: JSONValue, revision: Int) {
        let kept = try CaseStore.answers(id, tx)
        return (kept.content.opening(by: vault), kept.revision)
    }

    /// Saves one section as typed.
    /// - Parameter values: all values of a browser field, in order.
    /// - Returns: the new revision and what does not fit so far.
    /// - Throws: ``ProcedureError/stale`` where somebody saved in between.
    public func save(
        _ id: ID<CaseFile>, section: String, values: @escaping @Sendable (String) -> [String],
        expecting revision: Int, by actor: Actor
    ) async throws -> (revision: Int, problems: [FieldProblem]) {
        let now = clock.now()
        return try await db.write { tx in
            let kept = try CaseStore.answers(id, tx).content
            let before = kept.opening(by: vault)
            let shape = try form(id, before, actor, tx)
            let answers = shape.read(section: section, from: values, over: before)
            let next = try keep(answers, over: kept, shape, of: id, expecting: revision, by: actor, at: now, tx)
            return (next, shape.problems(answers, complete: false, section: section))
        }
    }

    /// Saves all answers at once, as the API sends them. What stands in them for an answer that is not given keeps it.
    /// - Throws: ``PlainProblem`` naming the fields that hold what looks sealed.
    public func replace(
        _ id: ID<CaseFile>, answers: JSONValue, expecting revision: Int, by actor: Actor
    ) async throws -> Int {
        let now = clock.now()
        return try await db.write { tx in
            let shape = try form(id, answers, actor, tx)
            let kept = try CaseStore.answers(id, tx).content
            return try keep(answers, over: kept, shape, of: id, expecting: revision, by: actor, at: now, tx)
        }
    }

    private func keep(
        _ answers: JSONValue, over kept: JSONValue, _ shape: Form, of id: ID<CaseFile>, expecting revision: Int,
        by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> Int {
        let carried = CarriedAnswers(answers, over: kept, by: vault)
        let (content, forged) = carried.answers
        guard forged.isEmpty else {
            throw PlainProblem.incomplete(
                forged.map { name in
                    FieldProblem(
                        field: name, code: "field.sealed",
                        message: Bilingual("「\(name)」的内容不能这样填写", "'\(name)' cannot be filled in like this"))
                })
        }
        let sealed = try carried.sealing(content, unaskedBy: shape, by: vault).sealing(
            shape, by: vault, contacts: vault.sealsContacts(at: now))
        let next = try CaseStore.saveAnswers(sealed, of: id, expecting: revision, by: actor, at: now, tx)
        try saved(id, sealed, tx)
        return next
    }

    /// Attaches a file to a field of the form. The bytes are kept before the register knows of them.
    /// - Throws: ``DocumentError`` where it is empty, too large or not of an accepted type.
    public func attach(
        _ id: ID<CaseFile>, field: String, name: String, bytes: [UInt8], by actor: Actor
    ) async throws -> Document {
        let now = clock.now()
        let document: ID<Document> = ids.make()
        guard bytes.count <= DocumentStore.largest else {
            throw DocumentError.tooLarge(field: field, limit: DocumentStore.largest)
        }
        let type = FileStore.sniff(bytes)
        let vault = vault
        // Papers of a field marked as personal are sealed on disk.
        let isPersonal = try await db.read { tx in
            try form(id, try Drafts.fillable(id, vault: vault, tx).content, actor, tx).field(field)?.personal ?? false
        }
        let hash = try files.keep(bytes, sealedBy: isPersonal ? vault : nil)
        return try await db.write { tx in
            let shape = try form(id, try Drafts.fillable(id, vault: vault, tx).content, actor, tx)
            guard let definition = shape.field(field), definition.kind == .files else { throw DocumentError.missing }
            try inspect(definition, type, bytes)
            let item = Document(
                id: document, caseID: id, field: field, name: name, size: bytes.count, hash: hash, type: type,
                uploadedBy: actor.account?.text ?? "", uploadedAt: now, isSealed: isPersonal)
            try DocumentStore.add(item, accepting: definition.accepts, tx)
            return item
        }
    }

    /// Takes an attached file off again.
    public func detach(_ document: ID<Document>, from id: ID<CaseFile>, by actor: Actor) async throws {
        let now = clock.now()
        try await db.write { tx in
            _ = try form(id, try Drafts.fillable(id, vault: vault, tx).content, actor, tx)
            guard try DocumentStore.find(document, tx)?.caseID == id else { throw DocumentError.missing }
            try DocumentStore.remove(document, at: now, tx)
        }
    }
}
