public import Store

/// Filing cases of procedures that are wholly data: starting, filling in, finding out what keeps a case from going on.
public struct Filings: Sendable {
    let house: House
    /// Saving sections, attaching and taking off files.
    public let drafts: Drafts

    public init(_ house: House) {
        self.house = house
        let procedures = house.procedures
        drafts = Drafts(
            db: house.db, clock: house.clock, ids: house.ids, files: house.files, vault: house.vault,
            form: { id, _, actor, tx in try Filings.editable(id, actor, procedures, tx).form },
            saved: { id, answers, tx in try Filings.note(id, answers, procedures, tx) })
    }

    /// What a case is filed about, and for whom.
    public struct Start: Sendable {
        public var organisation: ID<OrganisationMark>?
        /// The number of the register's entry.
        public var entry: String
        /// The number of the case on which it is filed.
        public var parent: String

        public init(organisation: ID<OrganisationMark>? = nil, entry: String = "", parent: String = "") {
            self.organisation = organisation
            self.entry = entry
            self.parent = parent
        }
    }

    /// Opens a case as a draft.
    /// - Throws: ``ProcedureError/refused(_:)`` with everything that is missing, ``ProcedureError/notYours``.
    public func start(_ procedure: String, _ start: Start, by actor: Actor) async throws -> CaseFile {
        let (now, year) = (house.clock.now(), house.today.parts.year)
        let id: ID<CaseFile> = house.ids.make()
        let (procedures, registers, city) = (house.procedures, house.registers, house.city)
        return try await house.db.write(locking: [LockKey("filings")]) { tx in
            let definition = try procedures.newest(procedure)
            guard let filing = definition.filing else { throw ProcedureError.unknownProcedure(procedure) }
            let division = city.handling(filing.division)
            let whom = try Filings.filer(filing, start, division, actor)
            let entry = try Filings.entry(filing, start, registers, tx)
            let parent = try Filings.parent(filing, start, actor, procedures, tx)
            let problems = whom.problems + entry.problems + parent.problems
            guard problems.isEmpty else { throw ProcedureError.refused(problems) }
            let number = try NumberPattern.next(filing.number, series: "case.\(procedure)", year: year, tx)
            let subject = entry.found?.name ?? ""
            let file = CaseFile(
                id: id, procedure: procedure, number: number,
                title: Filings.title(definition, Bilingual(subject, subject)), organisation: whom.organisation,
                applicant: filing.by == .officer ? nil : actor.account, division: division,
                parent: parent.found?.id, openedAt: now)
            let opened = try procedures.open(file, as: actor, at: now, in: tx)
            if let entry = entry.found {
                try CaseValues.set(id, RegisterHooks.entryField, .string(entry.number), tx)
            }
            return opened
        }
    }

    /// The actions that hand a draft in, beside its withdrawal.
    public static func handingIn(_ step: StepDefinition) -> ActionDefinition? {
        step.actions.first { $0.kind == .primary && !$0.isSystem }
            ?? step.actions.first { $0.id != FilingSteps.withdrawal && !$0.isSystem }
    }

    /// The case and its form, if the actor may fill it in now.
    /// - Throws: ``ProcedureError``.
    public static func editable(
        _ id: ID<CaseFile>, _ actor: Actor, _ procedures: Procedures, _ tx: Tx
    ) throws -> (file: CaseFile, form: Form, definition: ProcedureDefinition) {
        let file = try CaseStore.require(id, tx)
        guard procedures.maySee(actor, file) else { throw ProcedureError.unknownCase }
        let definition = try procedures.definition(of: file)
        guard let form = definition.form, definition.filing != nil else { throw ProcedureError.unknownCase }
        let step = try procedures.step(of: file)
        guard FilingSteps.isDrafted(step.id), let action = handingIn(step),
            Procedures.holds(actor, step: step, action, file)
        else { throw ProcedureError.notYours }
        return (file, form, definition)
    }

    private static func note(
        _ id: ID<CaseFile>, _ answers: JSONValue, _ procedures: Procedures, _ tx: Tx
    ) throws {
        let file = try CaseStore.require(id, tx)
        let definition = try procedures.definition(of: file)
        try CaseValues.index(definition, answers, of: id, tx)
        guard let field = definition.filing?.subject, definition.form?.field(field)?.isSealed != true else { return }
        let subject = try named(answers[field]?.plainText ?? "", file, definition, procedures, tx)
        try CaseStore.setTitle(title(definition, subject), of: id, tx)
    }

    /// What names a case. Of a code: what it stands for in the predecessor, or what the predecessor itself is called
    /// where it knows no such code, and the code behind that.
    private static func named(
        _ text: String, _ file: CaseFile, _ definition: ProcedureDefinition, _ procedures: Procedures, _ tx: Tx
    ) throws -> Bilingual {
        guard let tables = definition.filing?.subjectRows, !text.isEmpty, let parent = file.parent else {
            return Bilingual(text, text)
        }
        let answers = try CaseStore.answers(parent, tx).content
        let row = tables.lazy.flatMap { answers[$0]?.array ?? [] }.first { $0["code"]?.string == text }
        let own = try procedures.definition(of: try CaseStore.require(parent, tx)).filing?.subject
        let name = (row?["name"] ?? row?["title"])?.string ?? own.flatMap { answers[$0]?.string }
        return name.map { Bilingual("\($0)（\(text)）", "\($0) (\(text))") } ?? Bilingual(text, text)
    }

    private static func title(_ definition: ProcedureDefinition, _ subject: Bilingual) -> Bilingual {
        guard !subject.zh.isEmpty else { return definition.title }
        return Bilingual(
            "\(definition.title.zh)：\(subject.zh.prefix(120))", "\(definition.title.en): \(subject.en.prefix(120))")
    }

    private static func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> [FieldProblem] {
        [FieldProblem(field: field, code: code, message: Bilingual(zh, en))]
    }

    private static func filer(
        _ filing: FilingDefinition, _ start: Start, _ division: String, _ actor: Actor
    ) throws -> (organisation: ID<OrganisationMark>?, problems: [FieldProblem]) {
        switch filing.by {
        case .signedIn:
            guard actor.account != nil else { throw ProcedureError.notYours }
            return (nil, [])
        case .officer:
            guard actor.isSystem || actor.roles.contains(.officer),
                actor.isSystem || actor.division == nil || actor.division == division
            else { throw ProcedureError.notYours }
            return (nil, [])
        case .member:
            let own = actor.memberships.filter {
                !$0.roles.isDisjoint(with: [.administrator, .sealHolder, .handler])
            }.map(\.organisation)
            let chosen = start.organisation ?? (own.count == 1 ? own.first : nil)
            guard let chosen else {
                return (
                    nil,
                    problem(
                        "organisation", "filing.organisation", own.isEmpty ? "您还不是任何单位的成员" : "请选择单位",
                        own.isEmpty ? "You are not a member of any organisation" : "Choose the organisation")
                )
            }
            guard own.contains(chosen) else { throw ProcedureError.notYours }
            return (chosen, [])
        }
    }

    private static func entry(
        _ filing: FilingDefinition, _ start: Start, _ registers: Registers, _ tx: Tx
    ) throws -> (found: RegisterEntry?, problems: [FieldProblem]) {
        guard let register = filing.about else { return (nil, []) }
        _ = try registers.require(register)
        guard let entry = try RegisterStore.find(register, start.entry, tx) else {
            return (
                nil,
                problem(
                    "entry", "register.no-entry", start.entry.isEmpty ? "请填写名册编号" : "名册中没有编号 \(start.entry)",
                    start.entry.isEmpty
                        ? "Give the number in the register" : "The register has no number \(start.entry)")
            )
        }
        return (entry, [])
    }

    private static func parent(
        _ filing: FilingDefinition, _ start: Start, _ actor: Actor, _ procedures: Procedures, _ tx: Tx
    ) throws -> (found: CaseFile?, problems: [FieldProblem]) {
        guard let before = filing.after else { return (nil, []) }
        let found = try CaseStore.find(procedure: before.procedure, number: start.parent, tx)
        guard let found, procedures.maySee(actor, found) else {
            return (
                nil, problem("parent", "filing.no-case", "没有这个办件编号，或您无权查看", "No such case number, or not yours to see")
            )
        }
        if let steps = before.steps, !steps.contains(found.step) {
            let names = steps.compactMap { try? procedures.definition(of: found).step($0)?.title }
            return (
                nil,
                problem(
                    "parent", "filing.case-step", "该办件须处于：\(names.map(\.zh).joined(separator: "、"))",
                    "That case must be at: \(names.map(\.en).joined(separator: ", "))")
            )
        }
        return (found, [])
    }
}
