public import Kernel
public import Store

/// What applicants do with an application before it is submitted: start it, fill it in, attach files, check it.
public struct ApplicationActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let procedures: Procedures
    let files: FileStore

    public init(db: Database, clock: any Clock, ids: any IDSource, procedures: Procedures, files: FileStore) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.procedures = procedures
        self.files = files
    }

    /// Starts a draft under an open call, for an organisation of which the actor is a member.
    /// - Returns: the new application; or the actor's draft for the call and organisation, where there is one.
    /// - Throws: ``CallError/notOpen(opens:closes:)``, ``ApplicationError/notAMember``.
    public func start(
        call number: String, organisation: ID<OrganisationMark>, by actor: Actor
    ) async throws -> Application {
        let now = clock.now()
        let day = procedures.zone.day(of: now)
        let id: ApplicationID = ids.make()
        return try await db.write { tx in
            guard let call = try CallStore.find(number: number, tx), call.state == .published else {
                throw CallError.unknown
            }
            guard call.isOpen(on: day) else { throw CallError.notOpen(opens: call.opensOn, closes: call.closesOn) }
            guard let account = actor.account, let person = actor.person,
                actor.memberships.contains(where: { $0.organisation == organisation })
            else { throw ApplicationError.notAMember }
            if let draft = try ApplicationStore.draft(call: call.id, organisation, account, tx) { return draft }
            let serial = try NumberSeries.next("application.\(call.number)", tx)
            let application = Application(
                id: id, number: "\(call.number)-\(padded(serial, 5))", call: call, organisation: organisation,
                applicant: account, investigator: person, investigatorName: actor.name)
            try procedures.open(
                CaseFile(
                    id: id, procedure: "funding.application", number: application.number, title: call.title,
                    organisation: organisation, applicant: account, division: call.division, openedAt: now),
                as: actor, at: now, in: tx)
            try ApplicationStore.save(application, tx)
            return application
        }
    }

    /// Saves one section as typed.
    /// - Parameter values: all values of a browser field, in order.
    /// - Returns: the new revision and what does not fit so far; nothing typed is lost.
    /// - Throws: ``ProcedureError/stale`` where somebody saved in between.
    public func save(
        _ id: ApplicationID, section: String, values: @escaping @Sendable (String) -> [String], expecting revision: Int,
        by actor: Actor
    ) async throws -> (revision: Int, problems: [FieldProblem]) {
        let now = clock.now()
        return try await db.write { tx in
            let (application, content) = try draftable(id, actor, tx)
            let form = content.wholeForm
            let saved = try CaseStore.answers(id, tx)
            let answers = form.read(section: section, from: values, over: saved.content)
            let next = try CaseStore.saveAnswers(answers, of: id, expecting: revision, by: actor, at: now, tx)
            try rename(application, answers, tx)
            return (next, form.problems(answers, complete: false, section: section))
        }
    }

    /// Saves all answers at once, as the API sends them.
    public func replace(
        _ id: ApplicationID, answers: JSONValue, expecting revision: Int, by actor: Actor
    ) async throws -> Int {
        let now = clock.now()
        return try await db.write { tx in
            let (application, _) = try draftable(id, actor, tx)
            let next = try CaseStore.saveAnswers(answers, of: id, expecting: revision, by: actor, at: now, tx)
            try rename(application, answers, tx)
            return next
        }
    }

    /// Attaches a file to a field of the form. The bytes are kept before the register knows of them.
    /// - Throws: ``DocumentError`` where it is empty, too large or not of an accepted type.
    public func attach(
        _ id: ApplicationID, field: String, name: String, bytes: [UInt8], by actor: Actor
    ) async throws -> Document {
        let now = clock.now()
        let document: ID<Document> = ids.make()
        guard bytes.count <= DocumentStore.largest else {
            throw DocumentError.tooLarge(field: field, limit: DocumentStore.largest)
        }
        let type = FileStore.sniff(bytes)
        let hash = try files.keep(bytes)
        return try await db.write { tx in
            let (_, content) = try draftable(id, actor, tx)
            guard let definition = content.wholeForm.field(field), definition.kind == .files else {
                throw DocumentError.missing
            }
            let item = Document(
                id: document, caseID: id, field: field, name: name, size: bytes.count, hash: hash, type: type,
                uploadedBy: actor.account?.text ?? "", uploadedAt: now)
            try DocumentStore.add(item, accepting: definition.accepts, tx)
            return item
        }
    }

    /// Takes an attached file off again.
    public func detach(_ document: ID<Document>, from id: ApplicationID, by actor: Actor) async throws {
        let now = clock.now()
        try await db.write { tx in
            _ = try draftable(id, actor, tx)
            guard try DocumentStore.find(document, tx)?.caseID == id else { throw DocumentError.missing }
            try DocumentStore.remove(document, at: now, tx)
        }
    }

    /// The application and its call, if the actor may change it now.
    private func draftable(_ id: ApplicationID, _ actor: Actor, _ tx: Tx) throws -> (Application, CallContent) {
        let application = try ApplicationStore.require(id, tx)
        guard actor.account == application.applicant else { throw ApplicationError.unknown }
        guard ["draft", "correction"].contains(application.step) else { throw ProcedureError.notYours }
        return (application, try CallStore.require(application.call, tx).content)
    }

    /// Keeps the titles of lists beside the answers.
    private func rename(_ application: Application, _ answers: JSONValue, _ tx: Tx) throws {
        let zh = answers["title-zh"]?.string ?? ""
        let en = answers["title-en"]?.string ?? zh
        guard !zh.isEmpty, Bilingual(zh, en) != application.title else { return }
        var renamed = application
        renamed.title = Bilingual(zh, en)
        try ApplicationStore.save(renamed, tx)
        try CaseStore.setTitle(renamed.title, of: application.id, tx)
    }
}
