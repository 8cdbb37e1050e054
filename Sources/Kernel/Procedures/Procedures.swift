public import Store

/// What a guard or an effect is told of the action that it belongs to.
public struct ActionContext: Sendable {
    public let file: CaseFile
    public let action: ActionDefinition
    /// What was asked with the action.
    public let answers: JSONValue
    public let actor: Actor
    public let now: Instant
    /// The civil day of `now`.
    public let day: Day
    /// The engine, for effects that move another case in the same transaction.
    public let procedures: Procedures
    /// What the definition writes behind the name of the guard or effect, after a colon.
    public var argument: String? = nil
}

/// Looks before an action: everything that forbids it, all at once.
public typealias Guard = @Sendable (ActionContext, Tx) throws -> [FieldProblem]
/// Does what an action means in its room, in the same transaction.
public typealias Effect = @Sendable (ActionContext, Tx) throws -> Void

/// Guards, effects and letters that rooms register by name.
public struct ProcedureHooks: Sendable {
    public var guards: [String: Guard] = [:]
    public var effects: [String: Effect] = [:]
    /// What is wrong with how a definition names an effect, by the effect's name: told at the start, not when a case
    /// comes so far.
    public var effectFaults: [String: @Sendable (ProcedureDefinition, _ argument: String?) -> [String]] = [:]
    /// Values for the letters of a procedure, by procedure id.
    public var letterValues: [String: @Sendable (ActionContext, Tx) throws -> [String: Bilingual]] = [:]
    /// The forms that cases fill in, by procedure id, where the definition does not say it.
    public var forms: [String: @Sendable ([ID<CaseFile>], Tx) throws -> [ID<CaseFile>: Form]] = [:]
    /// When the telephones and mail addresses in answers are needed no more, by procedure id: SQL of a moment over the
    /// columns of `case_file` as `c`, null while they are. Without a line that is when the case is finished.
    public var contactEnds: [String: SQL] = [:]

    /// Under which personal answers are sealed; nil where no room has any.
    public let vault: Vault?

    public init(vault: Vault? = nil) { self.vault = vault }

    /// The name of a guard or effect as registered, and what is written behind it.
    static func split(_ written: String) -> (name: String, argument: String?) {
        guard let colon = written.firstIndex(of: ":") else { return (written, nil) }
        return (String(written[..<colon]), String(written[written.index(after: colon)...]))
    }
}

/// The engine of cases: one function opens them, one moves them.
public struct Procedures: Sendable {
    public let definitions: [ProcedureDefinition]
    public let calendar: WorkCalendar
    public let zone: CityZone
    public let rules: RuleBook
    public let letters: Letters
    let hooks: ProcedureHooks
    let byKey: [String: ProcedureDefinition]

    /// - Throws: ``ProcedureError/faultyDefinition(_:)`` where a definition names a guard, effect, letter or parameter
    ///   that does not exist, or an effect that cannot do what it is named for.
    public init(
        _ definitions: [ProcedureDefinition], hooks: ProcedureHooks, calendar: WorkCalendar, zone: CityZone,
        rules: RuleBook, letters: Letters
    ) throws(ProcedureError) {
        var faults: [String] = []
        var byKey: [String: ProcedureDefinition] = [:]
        for definition in definitions {
            byKey["\(definition.id)/\(definition.version)"] = definition
            for step in definition.steps {
                let named =
                    [step.clock?.parameter, step.clock?.promise, step.panel?.least]
                    + (step.clock?.variants ?? []).map(\.parameter)
                    + step.actions.flatMap { [$0.prolongs, $0.notBefore?.parameter] }
                for parameter in named.compactMap(\.self) where rules.parameters[parameter] == nil {
                    faults.append("\(definition.id): unknown parameter \(parameter)")
                }
                for action in step.actions {
                    faults += action.guards.filter { hooks.guards[ProcedureHooks.split($0).name] == nil }.map {
                        "\(definition.id): unknown guard \($0)"
                    }
                    for effect in action.effects {
                        let (name, argument) = ProcedureHooks.split(effect)
                        if hooks.effects[name] == nil { faults.append("\(definition.id): unknown effect \(effect)") }
                        faults += hooks.effectFaults[name]?(definition, argument) ?? []
                    }
                    if let letter = action.letter, letters.template(letter) == nil {
                        faults.append("\(definition.id): unknown letter \(letter)")
                    }
                }
            }
        }
        guard faults.isEmpty else { throw .faultyDefinition(faults) }
        self.definitions = definitions
        self.hooks = hooks
        self.calendar = calendar
        self.zone = zone
        self.rules = rules
        self.letters = letters
        self.byKey = byKey
    }

    /// The newest version of every procedure, in the order of the files.
    public var current: [ProcedureDefinition] {
        definitions.filter { item in !definitions.contains { $0.id == item.id && $0.version > item.version } }
    }

    /// The newest version of a procedure.
    public func newest(_ id: String) throws(ProcedureError) -> ProcedureDefinition {
        guard let found = definitions.filter({ $0.id == id }).max(by: { $0.version < $1.version }) else {
            throw .unknownProcedure(id)
        }
        return found
    }

    /// The version under which a case runs.
    public func definition(of file: CaseFile) throws(ProcedureError) -> ProcedureDefinition {
        guard let found = byKey["\(file.procedure)/\(file.version)"] else { throw .unknownProcedure(file.procedure) }
        return found
    }

    /// The step at which a case stands.
    public func step(of file: CaseFile) throws(ProcedureError) -> StepDefinition {
        guard let step = try definition(of: file).step(file.step) else { throw .unknownProcedure(file.procedure) }
        return step
    }

    /// Opens a case at the first step of the newest version.
    @discardableResult
    public func open(_ draft: CaseFile, as actor: Actor, at now: Instant, in tx: Tx) throws -> CaseFile {
        let definition = try newest(draft.procedure)
        guard let first = definition.steps.first else { throw ProcedureError.unknownProcedure(draft.procedure) }
        var file = CaseFile(
            id: draft.id, procedure: draft.procedure, number: draft.number, title: draft.title,
            organisation: draft.organisation, applicant: draft.applicant, division: draft.division,
            parent: draft.parent, version: definition.version, openedAt: now)
        file.step = first.id
        file.holder = first.holder
        file.revision = 1
        let bars = try Bars.problems(file, definition.activity, on: zone.day(of: now), to: actor, tx)
        guard bars.isEmpty else { throw ProcedureError.refused(bars) }
        let clocks = try clocks(of: first, from: zone.day(of: now), [:])
        file.dueOn = try clocks.last.flatMap { try due($0.clock) }
        try CaseStore.insert(file, tx)
        for clock in clocks { try CaseStore.startClock(clock, of: file.id, tx) }
        try record("opened", file, from: nil, [:], actor, now, tx)
        return file
    }

    /// Whether the actor may see a case: files of confidential procedures are for those who filed them, the division
    /// that handles them, leaders and auditors.
    public func maySee(_ actor: Actor, _ file: CaseFile) -> Bool {
        guard Policy.maySee(actor, file) else { return false }
        guard let definition = try? definition(of: file), definition.filing != nil, definition.isConfidential else {
            return true
        }
        // Where the divisions are named, the policy has looked at them already.
        return file.audience != nil || actor.isSystem || Policy.isOwn(actor, file) || Policy.handles(actor, file)
            || !actor.roles.isDisjoint(with: [.leader, .auditor])
    }

    /// Whether the actor may open the files of a case.
    public func maySeeFiles(_ actor: Actor, _ file: CaseFile) -> Bool {
        guard maySee(actor, file) else { return false }
        guard let definition = try? definition(of: file), definition.isConfidential else { return true }
        return actor.isSystem || Policy.handles(actor, file)
            || (actor.account != nil && actor.account == file.applicant)
    }

    /// What the actor may do with a case now, as far as roles and two-people rules go.
    public func available(_ file: CaseFile, to actor: Actor, _ tx: Tx) throws -> [ActionDefinition] {
        let step = try step(of: file)
        let values = try step.actions.contains { !$0.when.isEmpty } ? CaseValues.all(of: file.id, tx) : [:]
        return try step.actions.filter { action in
            guard Procedures.holds(actor, step: step, action, file) else { return false }
            guard action.when.allSatisfy({ $0.holds(of: values) }) else { return false }
            guard let other = action.otherThan, let account = actor.account else { return true }
            return try CaseStore.lastActor(other, of: file.id, tx) != account
        }
    }

    /// Whether the file is in the actor's hands for an action.
    static func holds(_ actor: Actor, step: StepDefinition, _ action: ActionDefinition, _ file: CaseFile) -> Bool {
        if actor.isSystem { return true }
        if action.isSystem { return false }
        switch step.holder {
        case .applicant: return actor.account != nil && actor.account == file.applicant
        case .organisation:
            guard let organisation = file.organisation else { return false }
            return actor.belongs(to: organisation, as: [.administrator, .sealHolder])
        case .officer: return Policy.handles(actor, file)
        case .leader: return actor.roles.contains(.leader) && !Policy.isOwn(actor, file)
        case .treasurer: return actor.roles.contains(.treasurer) && !Policy.isOwn(actor, file)
        case .system, .nobody: return false
        }
    }

    /// Does an action on a case: checks who, what and whether; runs guards, the move and its effects; stops and
    /// starts clocks; sends the letter; writes the event. All in the caller's transaction.
    /// - Parameter revision: what the person saw; nil where nobody looked at a page.
    /// - Returns: the case as it stands afterwards.
    /// - Throws: ``ProcedureError`` and what guards and effects throw.
    @discardableResult
    public func act(
        _ id: ID<CaseFile>, _ actionID: String, answers: JSONValue = [:], revision: Int? = nil, as actor: Actor,
        at now: Instant, in tx: Tx
    ) throws -> CaseFile {
        let file = try CaseStore.require(id, tx)
        guard actor.isSystem || maySee(actor, file) else { throw ProcedureError.unknownCase }
        let definition = try definition(of: file)
        let step = try step(of: file)
        guard let action = step.action(actionID), let next = definition.step(action.to) else {
            throw ProcedureError.unknownAction(action: actionID, step: step.title)
        }
        guard Procedures.holds(actor, step: step, action, file) else { throw ProcedureError.notYours }
        if !action.when.isEmpty {
            let values = try CaseValues.all(of: id, tx)
            guard action.when.allSatisfy({ $0.holds(of: values) }) else {
                throw ProcedureError.unknownAction(action: actionID, step: step.title)
            }
        }
        if let other = action.otherThan, let account = actor.account,
            try CaseStore.lastActor(other, of: id, tx) == account
        {
            throw ProcedureError.samePerson
        }
        if let revision, revision != file.revision { throw ProcedureError.stale }
        let day = zone.day(of: now)
        let context = ActionContext(
            file: file, action: action, answers: Procedures.asked(action, answers, actor), actor: actor, now: now,
            day: day, procedures: self)
        let problems = try problems(context, definition, tx)
        guard problems.isEmpty else { throw ProcedureError.refused(problems) }
        let moved = try move(context, to: next, tx)
        try CaseValues.note(actionID, context.answers, of: id, at: now, tx)
        for written in action.effects {
            let (name, argument) = ProcedureHooks.split(written)
            var told = context
            told.argument = argument
            try hooks.effects[name]?(told, tx)
        }
        if let activity = definition.activity, Procedures.isHandedIn(context) {
            try Pledges.sign(context, activity, letters, tx)
        }
        if let letter = action.letter {
            let values = try hooks.letterValues[file.procedure]?(context, tx) ?? [:]
            try letters.write(letter, caseID: id, values: values, at: now, zone: zone, tx)
        }
        return moved
    }

    /// What the action asks for of what was sent: nothing else reaches the record or a letter. The house itself may
    /// say more, such as the reasons of a decision.
    private static func asked(_ action: ActionDefinition, _ answers: JSONValue, _ actor: Actor) -> JSONValue {
        guard !actor.isSystem, let members = answers.object else { return answers }
        let names = Set(action.asks.map(\.name))
        return .object(members.filter { names.contains($0.key) })
    }

    /// Everything that keeps an action from being done: what it asks, the form where it is handed in, the least stay,
    /// and what the guards find.
    private func problems(
        _ context: ActionContext, _ definition: ProcedureDefinition, _ tx: Tx
    ) throws -> [FieldProblem] {
        let asked = Form(sections: [
            FormSection(name: "action", title: context.action.title, fields: context.action.asks)
        ])
        return asked.problems(context.answers, complete: true) + (try formProblems(context, definition, tx))
            + (try guardProblems(context, tx)) + (try barred(context, definition, tx))
    }

    /// What is wrong with the filed form where an action hands it in, and where it comes too early.
    private func formProblems(
        _ context: ActionContext, _ definition: ProcedureDefinition, _ tx: Tx
    ) throws -> [FieldProblem] {
        var found: [FieldProblem] = []
        let action = context.action
        if definition.filing != nil, let form = definition.form, FilingSteps.isDrafted(context.file.step),
            action.id != FilingSteps.withdrawal, !action.isSystem
        {
            found += try FilingSteps.problems(form, of: context.file.id, vault: hooks.vault, tx)
        }
        if let stay = action.notBefore, let earliest = try earliest(stay, since: context.file.stepSince, context.day),
            context.day < earliest.day
        {
            found.append(
                FieldProblem(
                    field: "", code: "case.too-early",
                    message: Bilingual(
                        "须满\(earliest.period.text.zh)，最早于 \(earliest.day.text(.chinese)) 办理",
                        "This takes \(earliest.period.text.en); it can be done from \(earliest.day.text(.english))"),
                    basis: earliest.basis))
        }
        return found
    }

    /// The first day after a stay: the period must have passed whole.
    private func earliest(
        _ stay: ShortestStay, since: Instant, _ day: Day
    ) throws -> (day: Day, period: Period, basis: Bilingual?)? {
        let start = zone.day(of: since)
        if let period = stay.period { return (try period.end(after: start, calendar), period, nil) }
        guard let parameter = stay.parameter else { return nil }
        let period = try rules.period(parameter, on: day)
        return (try period.end(after: start, calendar), period, try rules.dated(parameter, on: day).source.cited)
    }

    private func guardProblems(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        try context.action.guards.flatMap { written -> [FieldProblem] in
            let (name, argument) = ProcedureHooks.split(written)
            var told = context
            told.argument = argument
            return try hooks.guards[name]?(told, tx) ?? []
        }
    }

    /// What would keep the actor from an action that asks nothing, without doing it.
    /// - Throws: ``ProcedureError`` where there is no such action.
    public func obstacles(
        _ file: CaseFile, _ actionID: String, as actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> [FieldProblem] {
        let step = try step(of: file)
        guard let action = step.action(actionID) else {
            throw ProcedureError.unknownAction(action: actionID, step: step.title)
        }
        let context = ActionContext(
            file: file, action: action, answers: [:], actor: actor, now: now, day: zone.day(of: now), procedures: self)
        return try formProblems(context, try definition(of: file), tx) + guardProblems(context, tx)
    }

    /// A bar stands against filing, against an award and against a signature, not against what ends a case otherwise.
    private func barred(
        _ context: ActionContext, _ definition: ProcedureDefinition, _ tx: Tx
    ) throws -> [FieldProblem] {
        let action = context.action
        guard Procedures.isHandedIn(context) || action.isBarrable else { return [] }
        return try Bars.problems(context.file, definition.activity, on: context.day, to: context.actor, tx)
    }

    /// Whether an action hands in what was filled in.
    private static func isHandedIn(_ context: ActionContext) -> Bool {
        let action = context.action
        return FilingSteps.isDrafted(context.file.step) && action.kind != .danger && !action.isSystem
            && action.id != FilingSteps.withdrawal
    }

    private func move(_ context: ActionContext, to next: StepDefinition, _ tx: Tx) throws -> CaseFile {
        var file = context.file
        let before = file
        file.revision += 1
        var isTimed = false
        if next.id != file.step {
            isTimed = true
            file.step = next.id
            file.holder = next.holder
            file.stepSince = context.now
            try CaseStore.stopClocks(of: file.id, on: context.day, tx)
            let since = try CaseStore.lastTime(of: context.action.countsFrom, on: file.id, tx).map(zone.day(of:))
            let clocks = try clocks(of: next, from: since ?? context.day, try clockValues(next, file.id, tx))
            file.dueOn = try clocks.last.flatMap { try due($0.clock) }
            for clock in clocks { try CaseStore.startClock(clock, of: file.id, tx) }
        } else if let parameter = context.action.prolongs {
            let more = try rules.period(parameter, on: context.day)
            if let last = try CaseStore.prolongClock(of: file.id, by: more, tx).flatMap({ try due($0) }) {
                isTimed = true
                file.dueOn = last
            }
        }
        try CaseStore.update(file, expecting: before.revision, isTimed: isTimed, tx)
        try CaseStore.noteAction(context.action.id, by: context.actor, of: file.id, at: context.now, tx)
        try record(context.action.id, file, from: before.step, context.answers, context.actor, context.now, tx)
        return file
    }

    private func record(
        _ kind: String, _ file: CaseFile, from: String?, _ answers: JSONValue, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        var content: [String: JSONValue] = [
            "number": .string(file.number), "procedure": .string(file.procedure),
            "version": .integer(Int64(file.version)), "to": .string(file.step),
        ]
        if let from { content["from"] = .string(from) }
        if answers != [:] { content["answers"] = answers }
        if let due = file.dueOn { content["due"] = .string(due.description) }
        try Record.append(
            Event(
                room: "procedures", kind: "case.\(kind)", subjectKind: "case", subject: file.id.text, caseID: file.id,
                actor: actor, at: now, content: .object(content)), tx)
    }
}
