public import Kernel
public import Store

/// What applicants do with an application before it is submitted: start it, fill it in, attach files, check it.
public struct ApplicationActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let procedures: Procedures
    /// Saving, attaching and taking off, as all rooms do it.
    public let drafts: Drafts

    public init(
        db: Database, clock: any Clock, ids: any IDSource, procedures: Procedures, files: FileStore, vault: Vault
    ) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.procedures = procedures
        drafts = Drafts(
            db: db, clock: clock, ids: ids, files: files, vault: vault,
            form: { id, _, actor, tx in try ApplicationActions.draftable(id, actor, tx).wholeForm },
            saved: ApplicationActions.rename)
    }

    /// Whether applying is for somebody: for members of an organisation, and for whoever may still become one, the
    /// public included; not for the bureau's own people.
    public static func isOpen(to actor: Actor) -> Bool {
        !actor.memberships.isEmpty || actor.roles.isDisjoint(with: Role.staff)
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
        // The numbers of a call follow each other: who starts at once would take the same.
        return try await db.write(locking: [LockKey("applications")]) { tx in
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
            // By these the clocks of a programme's own law are found.
            let kind = try ProgrammeStore.find(call.programme, tx)?.kind
            try CaseValues.set(id, "programme-kind", kind.map { .string($0) } ?? .null, tx)
            try CaseValues.set(id, "closes-on", .string(call.closesOn.description), tx)
            return application
        }
    }

    /// Saves all answers at once, as the API sends them.
    public func replace(
        _ id: ApplicationID, answers: JSONValue, expecting revision: Int, by actor: Actor
    ) async throws -> Int { try await drafts.replace(id, answers: answers, expecting: revision, by: actor) }

    /// The application and its call, if the actor may change it now.
    private static func draftable(_ id: ApplicationID, _ actor: Actor, _ tx: Tx) throws -> CallContent {
        let application = try ApplicationStore.require(id, tx)
        guard actor.account == application.applicant else { throw ApplicationError.unknown }
        guard ["draft", "correction"].contains(application.step) else { throw ProcedureError.notYours }
        return try CallStore.require(application.call, tx).content
    }

    /// Keeps the titles of lists beside the answers.
    private static func rename(_ id: ApplicationID, _ answers: JSONValue, _ tx: Tx) throws {
        let application = try ApplicationStore.require(id, tx)
        let zh = answers["title-zh"]?.string ?? ""
        let en = answers["title-en"]?.string ?? zh
        guard !zh.isEmpty, Bilingual(zh, en) != application.title else { return }
        var renamed = application
        renamed.title = Bilingual(zh, en)
        try ApplicationStore.save(renamed, tx)
        try CaseStore.setTitle(renamed.title, of: application.id, tx)
    }
}
