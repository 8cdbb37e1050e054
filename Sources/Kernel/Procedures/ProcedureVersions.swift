public import Store

/// How the cases of an earlier version go on under a later one, as the later version writes it.
public struct Replacement: Codable, Hashable, Sendable {
    /// Steps of the earlier version and where their cases go; a step of the same name needs no line.
    public let steps: [String: String]
}

/// What would become of a running case under the newest version of its procedure.
public struct CasePassage: Codable, Hashable, Sendable {
    public let file: CaseFile
    /// The step at which it would stand; nil where there is none, and the case stays as it is.
    public let step: String?
    /// Fields of the new form that lack an answer.
    public let missing: [String]
}

/// Running cases and new versions of their procedures: compare, look first, then move case by case.
public struct ProcedureVersions: Sendable {
    let procedures: Procedures

    public init(_ procedures: Procedures) { self.procedures = procedures }

    /// All versions of a procedure, oldest first.
    public func versions(_ id: String) -> [ProcedureDefinition] {
        procedures.definitions.filter { $0.id == id }.sorted { $0.version < $1.version }
    }

    /// What differs between two versions, in words.
    public static func differences(_ old: ProcedureDefinition, _ new: ProcedureDefinition) -> [Bilingual] {
        var found: [Bilingual] = []
        let before = Dictionary(old.steps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for step in new.steps where before[step.id] == nil {
            found.append(Bilingual("新增环节「\(step.title.zh)」", "New step '\(step.title.en)'"))
        }
        for step in old.steps {
            guard let later = new.step(step.id) else {
                found.append(Bilingual("取消环节「\(step.title.zh)」", "Step '\(step.title.en)' is gone"))
                continue
            }
            found += differences(step, later)
        }
        let fields = Set(old.form?.fields.map(\.name) ?? [])
        let later = Set(new.form?.fields.map(\.name) ?? [])
        for field in new.form?.fields ?? [] where !fields.contains(field.name) {
            found.append(Bilingual("表单新增「\(field.label.zh)」", "New field '\(field.label.en)'"))
        }
        for field in old.form?.fields ?? [] {
            guard later.contains(field.name) else {
                found.append(Bilingual("表单取消「\(field.label.zh)」", "Field '\(field.label.en)' is gone"))
                continue
            }
            if new.form?.field(field.name) != field {
                found.append(Bilingual("表单修改「\(field.label.zh)」", "Field '\(field.label.en)' changed"))
            }
        }
        return found
    }

    private static func differences(_ old: StepDefinition, _ new: StepDefinition) -> [Bilingual] {
        var found: [Bilingual] = []
        func add(_ zh: String, _ en: String) {
            found.append(Bilingual("环节「\(new.title.zh)」\(zh)", "Step '\(new.title.en)': \(en)"))
        }
        if old.holder != new.holder {
            add("改由\(new.holder.title.zh)办理", "now held by \(new.holder.title.en)")
        }
        if old.clock != new.clock { add("时限变化", "its clock changed") }
        if old.waitsFor != new.waitsFor {
            add("改为等待\(new.holderTitle.zh)", "now waits for \(new.holderTitle.en)")
        }
        for action in new.actions where old.action(action.id) == nil {
            add("新增操作「\(action.title.zh)」", "new action '\(action.title.en)'")
        }
        for action in old.actions {
            guard let later = new.action(action.id) else {
                add("取消操作「\(action.title.zh)」", "action '\(action.title.en)' is gone")
                continue
            }
            if later != action { add("修改操作「\(later.title.zh)」", "action '\(later.title.en)' changed") }
        }
        return found
    }

    /// What would become of running cases of earlier versions; nothing is changed.
    /// - Parameter after: the last case of the page before.
    public func passages(
        _ id: String, after: ID<CaseFile>? = nil, limit: Int, _ tx: Tx
    ) throws -> [CasePassage] {
        let newest = try procedures.newest(id)
        let edge: SQL = after.map { "id > \($0)" } ?? "1 = 1"
        let files = try tx.rows(
            """
            SELECT * FROM case_file WHERE procedure = \(id) AND version < \(newest.version) AND \(edge)
                AND holder <> 'nobody' ORDER BY id LIMIT \(limit)
            """, CaseFile.init(row:))
        return try files.map { try passage($0, to: newest, tx) }
    }

    private func passage(_ file: CaseFile, to newest: ProcedureDefinition, _ tx: Tx) throws -> CasePassage {
        let target = newest.replaces?.steps[file.step] ?? file.step
        let step = newest.step(target)
        var missing: [String] = []
        if !FilingSteps.isDrafted(target), let form = newest.form {
            let old = Set(try procedures.definition(of: file).form?.fields.map(\.name) ?? [])
            missing = form.fields.filter { $0.required && !old.contains($0.name) }.map(\.name)
        }
        return CasePassage(file: file, step: step?.isFinal == false ? step?.id : nil, missing: missing)
    }

    /// Moves one case to the newest version. Its clock runs on where the step's clock is the same; otherwise the new
    /// one counts from the day on which the case came to its step.
    /// - Throws: ``ProcedureError/refused(_:)`` where the newest version has no step for it.
    @discardableResult
    public func migrate(_ id: ID<CaseFile>, as actor: Actor, at now: Instant, _ tx: Tx) throws -> CaseFile {
        var file = try CaseStore.require(id, tx)
        let old = try procedures.definition(of: file)
        let newest = try procedures.newest(file.procedure)
        let passage = try passage(file, to: newest, tx)
        guard file.version < newest.version, let stepID = passage.step, let step = newest.step(stepID) else {
            throw ProcedureError.refused([
                FieldProblem(
                    field: "", code: "case.no-passage",
                    message: Bilingual(
                        "新版本没有与「\(old.step(file.step)?.title.zh ?? file.step)」对应的环节",
                        "The new version has no step for '\(old.step(file.step)?.title.en ?? file.step)'"))
            ])
        }
        let (from, before) = (file.step, file.revision)
        let keepsClock = old.step(from)?.clock == step.clock
        file.step = step.id
        file.holder = step.holder
        file.revision += 1
        if !keepsClock {
            try CaseStore.stopClocks(of: id, on: procedures.zone.day(of: now), tx)
            let clocks = try procedures.clocks(
                of: step, from: procedures.zone.day(of: file.stepSince), try procedures.clockValues(step, id, tx))
            file.dueOn = try clocks.last.flatMap { try procedures.due($0.clock) }
            for clock in clocks { try CaseStore.startClock(clock, of: id, tx) }
        }
        try CaseStore.update(file, expecting: before, isTimed: !keepsClock, tx)
        try tx.run("UPDATE case_file SET version = \(newest.version) WHERE id = \(id)")
        if let vault = procedures.hooks.vault, let form = newest.form {
            let kept = try CaseStore.answers(id, tx).content
            let sealed = try kept.sealing(form, by: vault, contacts: vault.sealsContacts(at: now))
            if sealed != kept { _ = try SealedAnswers.save(sealed, over: kept, of: id, tx) }
        }
        try CaseValues.forgetSealed(newest, of: [id], tx)
        try Record.append(
            Event(
                room: "procedures", kind: "case.migrated", subjectKind: "case", subject: id.text, caseID: id,
                actor: actor, at: now,
                content: [
                    "number": .string(file.number), "procedure": .string(file.procedure),
                    "fromVersion": .integer(Int64(old.version)), "toVersion": .integer(Int64(newest.version)),
                    "from": .string(from), "to": .string(step.id),
                ]), tx)
        return try CaseStore.require(id, tx)
    }

    /// How many running cases each version of each procedure has.
    public static func running(_ tx: Tx) throws -> [(procedure: String, version: Int, count: Int)] {
        try tx.rows(
            """
            SELECT procedure, version, COUNT(*) AS total FROM case_file WHERE holder <> 'nobody'
            GROUP BY procedure, version ORDER BY procedure, version
            """
        ) { (procedure: try $0["procedure"], version: try $0["version"], count: try $0["total"]) }
    }
}
