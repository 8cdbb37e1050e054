public import Kernel
import Ledger
public import Store

/// Opening projects out of awards, and what is written into their contracts.
public struct ProjectActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let procedures: Procedures

    public init(db: Database, clock: any Clock, ids: any IDSource, procedures: Procedures) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.procedures = procedures
    }

    /// Makes a project out of an award: the application ends as awarded, the contract begins.
    func open(_ item: DecisionItem, call: Call, actor: Actor, at now: Instant, _ tx: Tx) throws -> Project {
        var application = try ApplicationStore.require(item.application, tx)
        application.awarded = item.amount
        try ApplicationStore.save(application, tx)
        let serial = try NumberSeries.next("project.\(call.year)", tx)
        let organisation = try Registry.organisation(application.organisation, tx)
        let project = Project(
            id: ids.make(), number: "KJ\(call.year)-\(padded(serial, 5))", application: application,
            amount: item.amount, organisationName: organisation?.name ?? Bilingual("", ""))
        try procedures.open(
            CaseFile(
                id: project.id, procedure: "funding.project", number: project.number, title: project.title,
                organisation: project.organisation, applicant: application.applicant, division: call.division,
                parent: application.id, openedAt: now),
            as: .system, at: now, in: tx)
        try ProjectStore.save(project, tx)
        let kind = try ProgrammeStore.find(call.programme, tx)?.kind
        try CaseValues.set(project.id, "programme-kind", kind.map { .string($0) } ?? .null, tx)
        try procedures.renewClocks(of: project.id, tx)
        let answers = try CaseStore.answers(item.application, tx).content
        try CaseStore.saveAnswers(
            ContractForm.begin(from: answers, amount: item.amount), of: project.id, expecting: 0, by: .system, at: now,
            tx)
        try Search.index(project.searchEntry(on: procedures.zone.day(of: now)), tx)
        // The letter of award names the project and the day by which its contract is to be written.
        try procedures.act(item.application, "award", as: .system, at: now, in: tx)
        return project
    }

    /// Saves the contract, or the acceptance file while the project runs, as typed.
    public func save(
        _ id: ID<CaseFile>, values: @escaping @Sendable (String) -> [String], expecting revision: Int, by actor: Actor
    ) async throws -> (revision: Int, problems: [FieldProblem]) {
        let now = clock.now()
        return try await db.write { tx in
            let file = try CaseStore.require(id, tx)
            guard actor.account != nil, actor.account == file.applicant else { throw ProjectError.unknown }
            let call = try CallStore.require(try ProjectStore.require(id, tx).call, tx)
            let form = try ProjectActions.form(at: file.step, call)
            let saved = try CaseStore.answers(id, tx)
            let answers = form.read(section: nil, from: values, over: saved.content)
            let next = try CaseStore.saveAnswers(answers, of: id, expecting: revision, by: actor, at: now, tx)
            return (next, form.problems(answers, complete: false))
        }
    }

    /// The form that is filled in at a step.
    /// - Throws: ``ProcedureError/notYours`` at other steps.
    public static func form(at step: String, _ call: Call) throws(ProcedureError) -> Form {
        switch step {
        case "contract": ContractForm.contract(call.content)
        case "running": ContractForm.acceptance
        default: throw .notYours
        }
    }

    /// Opens a mid-term check on a running project, or gives the one that is open.
    public func openMidterm(_ id: ID<CaseFile>, by actor: Actor) async throws -> CaseFile {
        try await openChild(of: id, "funding.midterm", Bilingual("中期检查", "Mid-term check"), by: actor) { parent in
            guard Policy.handles(actor, parent) else { throw ProcedureError.notYours }
        }
    }

    /// Starts a request to change a running project, or gives the one that is being written.
    public func openChange(_ id: ID<CaseFile>, by actor: Actor) async throws -> CaseFile {
        try await openChild(of: id, "funding.change", Bilingual("变更申请", "Change request"), by: actor) { parent in
            guard let account = actor.account, account == parent.applicant else { throw ProcedureError.notYours }
        }
    }

    func openChild(
        of id: ID<CaseFile>, _ procedure: String, _ name: Bilingual, by actor: Actor,
        allowed: @escaping @Sendable (CaseFile) throws -> Void
    ) async throws -> CaseFile {
        let now = clock.now()
        let child: ID<CaseFile> = ids.make()
        return try await db.write { tx in
            let parent = try CaseStore.require(id, tx)
            guard Policy.maySee(actor, parent) else { throw ProjectError.unknown }
            try allowed(parent)
            let project = try ProjectStore.require(id, tx)
            guard project.step == "running" else { throw ProjectError.notRunning }
            // Pressing twice opens one.
            let first = try procedures.newest(procedure).steps.first?.id
            let begun = try CaseStore.children(of: id, tx).first { $0.procedure == procedure && $0.step == first }
            if let begun { return begun }
            let serial = try NumberSeries.next("\(procedure).\(project.number)", tx)
            let suffix = ["funding.change": "B", "funding.budget-change": "T"][procedure] ?? "Z"
            return try procedures.open(
                CaseFile(
                    id: child, procedure: procedure, number: "\(project.number)-\(suffix)\(serial)",
                    title: Bilingual("\(name.zh)：\(project.title.zh)", "\(name.en): \(project.title.en)"),
                    organisation: parent.organisation, applicant: parent.applicant, division: parent.division,
                    parent: id, openedAt: now),
                as: actor, at: now, in: tx)
        }
    }

    /// Saves a change request as typed.
    public func saveChange(
        _ id: ID<CaseFile>, values: @escaping @Sendable (String) -> [String], expecting revision: Int, by actor: Actor
    ) async throws -> (revision: Int, problems: [FieldProblem]) {
        let now = clock.now()
        return try await db.write { tx in
            let file = try CaseStore.require(id, tx)
            guard file.procedure == "funding.change", file.step == "draft", actor.account != nil,
                actor.account == file.applicant
            else { throw ProcedureError.notYours }
            let saved = try CaseStore.answers(id, tx)
            let answers = ContractForm.change.read(section: nil, from: values, over: saved.content)
            let next = try CaseStore.saveAnswers(answers, of: id, expecting: revision, by: actor, at: now, tx)
            return (next, ContractForm.change.problems(answers, complete: false))
        }
    }

    /// Settles money that was to come back.
    public func settle(_ recovery: String, by actor: Actor) async throws {
        try Policy.require(actor, .confirmTranches)
        let now = clock.now()
        try await db.write(locking: FundingBooks.locks) { tx in
            guard let item = try RecoveryStore.find(recovery, tx), !item.isSettled else { throw ProjectError.unknown }
            guard try RecoveryStore.parts(recovery, tx).isEmpty else { throw RecoveryError.inParts }
            let entry = try BookEntry.of(
                item.project, rules: "funding.recovery@1", actor, on: procedures.zone.day(of: now), at: now, tx)
            try RecoveryActions.settle(
                item, try ProjectStore.require(item.project, tx), actor, now, entry, tx)
        }
    }
}
