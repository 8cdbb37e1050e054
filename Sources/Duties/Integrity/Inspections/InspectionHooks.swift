import Kernel
import Review
import Store

/// Guards and effects of double-random inspections. Both draws run by the rules of docs/draw.md: in the first the
/// inspection is the one item and every object an entrant; in the second the objects are the items.
struct InspectionHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["integrity.uncommitted"] = { context, tx in
            guard let stage = stage(context), try InspectionStore.draw(of: context.file.id, stage, tx) == nil else {
                return [problem(Bilingual("方案的摘要已经公布，不能更改", "The hash of the plan is published; it stays"))]
            }
            let plan = try plan(stage, context, tx)
            guard !plan.items.isEmpty, try DrawProtocol(plan, seed: "").short.isEmpty else {
                return [
                    problem(
                        Bilingual(
                            "对象或无利害关系的检查人员不足，请调整方案或补充名录库",
                            "Too few objects, or inspectors free of conflict: change the plan, or add inspectors"))
                ]
            }
            return []
        }
        hooks.guards["integrity.committed"] = { context, tx in
            guard let stage = stage(context), try InspectionStore.draw(of: context.file.id, stage, tx) != nil else {
                return [problem(Bilingual("请先公布抽取方案的摘要", "Publish the hash of the plan first"))]
            }
            // The house signs what is public within seconds; nobody can have chosen the plan by the seed.
            let isSigned = try RecordStore.isSigned("review.committed", about: stage.subject, context.file.id.text, tx)
            return isSigned ? [] : [problem(ReviewError.unsigned.message)]
        }
        hooks.effects["integrity.commit"] = { context, tx in try commit(context, tx) }
        hooks.effects["integrity.draw"] = { context, tx in try draw(context, tx) }
        hooks.effects["integrity.open-checks"] = { context, tx in try openChecks(context, tx) }
        hooks.guards["integrity.checked"] = { context, tx in
            let open = try CaseStore.children(of: context.file.id, tx).filter { $0.step != "done" }.count
            guard open > 0 else { return [] }
            return [
                problem(Bilingual("还有 \(open) 个对象未检查完", "\(counted(open, "object is", "objects are")) not checked yet"))
            ]
        }
        hooks.effects["integrity.check-done"] = { context, tx in
            guard context.answers["result"]?.string == "misconduct" else { return }
            let values = try CaseValues.all(of: context.file.id, tx)
            try CaseHooks.openCase(
                [
                    "subject-name": .string(values["object"]?.string ?? context.file.title.zh), "source": "inspection",
                    "kind": "other", "facts": context.answers["findings"] ?? "",
                ], parent: context.file, context.procedures, at: context.now, on: context.day, tx)
        }
    }

    private func problem(_ message: Bilingual) -> FieldProblem {
        FieldProblem(field: "", code: "integrity.draw", message: message)
    }

    private func stage(_ context: ActionContext) -> InspectionDraw.Stage? {
        context.argument.flatMap(InspectionDraw.Stage.init(rawValue:))
    }

    private func plan(_ stage: InspectionDraw.Stage, _ context: ActionContext, _ tx: Tx) throws -> DrawPlan {
        let values = try CaseValues.all(of: context.file.id, tx)
        func number(_ name: String) -> Int { Int(values[name]?.integer ?? 1) }
        switch stage {
        case .objects:
            let pool = try InspectionStore.pool(values["pool"]?.string ?? "", tx)
            let ids = pool.map { ID<Expert>($0.id) }
            return DrawPlan(
                eligible: [context.file.id: ids],
                entrants: ids.map { DrawPlan.Entrant(expert: $0, employer: "", load: 1) }, wanted: number("objects"),
                reserves: 0)
        case .inspectors:
            let objects = try InspectionStore.objects(of: context.file.id, drawn: true, limit: 1_000, tx)
            let places = try Registry.organisations(objects.compactMap(\.organisation), tx)
            let pool = try InspectionStore.inspectors(tx)
            // The inspection's number is in it, so that no other inspection of the same objects has the same plan.
            let numbers = Dictionary(
                Set(pool.map(\.employer)).sorted().enumerated().map { ($1, "\(context.file.number)/\($0 + 1)") },
                uniquingKeysWith: { first, _ in first })
            let eligible = objects.map { object -> (ID<CaseFile>, [ID<Expert>]) in
                let place = object.organisation.flatMap { places[$0] }
                let able = pool.filter { place == nil || ($0.uscc != place?.uscc && $0.employer != place?.name.zh) }
                return (ID(object.id), able.map { ID($0.number) })
            }
            return DrawPlan(
                eligible: Dictionary(eligible, uniquingKeysWith: { first, _ in first }),
                entrants: pool.map {
                    DrawPlan.Entrant(expert: ID($0.number), employer: numbers[$0.employer] ?? "", load: number("load"))
                }, wanted: number("inspectors"), reserves: 0)
        }
    }

    /// Fixes the plan and publishes its hash and that of the house's half of the seed.
    private func commit(_ context: ActionContext, _ tx: Tx) throws {
        guard let stage = stage(context) else { return }
        let plan = try plan(stage, context, tx)
        if stage == .objects {
            let pool = try CaseValues.all(of: context.file.id, tx)["pool"]?.string ?? ""
            try InspectionStore.keep(try InspectionStore.pool(pool, tx), of: context.file.id, tx)
        }
        let commitment = try plan.commitment()
        let secret = SeedSecret(UUIDv7Source(clock: SystemClock()))
        try tx.run(
            """
            INSERT INTO integrity_draw (case_id, stage, plan, commitment, secret, committed_at)
            VALUES (\(context.file.id), \(stage), \(try JSONValue(encoding: plan)), \(commitment), \(secret.text),
                \(context.now))
            """)
        try log(
            "review.committed", stage,
            [
                "commitment": .string(commitment), "seedCommitment": .string(secret.commitment),
                "subject": .string(context.file.number), "items": .integer(Int64(plan.items.count)),
                "wanted": .integer(Int64(plan.wanted)),
            ], context, tx)
    }

    /// Draws by public chance and the house's half of the seed.
    private func draw(_ context: ActionContext, _ tx: Tx) throws {
        guard let stage = stage(context), let kept = try InspectionStore.draw(of: context.file.id, stage, tx),
            let secret = SeedSecret(inSeed: "- \(kept.secret)")
        else { return }
        let name = stage == .objects ? "seed" : "inspectors-seed"
        let seed = secret.joined(to: context.answers[name]?.string ?? "")
        let outcome = try DrawProtocol(try kept.plan.decode(DrawPlan.self), seed: seed)
        guard outcome.commitment == kept.commitment else { throw ReviewError.planChanged }
        let stored = try JSONValue(encoding: outcome)
        try tx.run(
            """
            UPDATE integrity_draw SET seed = \(seed), protocol = \(stored), drawn_at = \(context.now)
            WHERE case_id = \(context.file.id) AND stage = \(stage)
            """)
        if stage == .objects {
            let drawn = outcome.results.flatMap(\.drawn).map(\.text)
            try tx.run(
                """
                UPDATE integrity_object SET is_drawn = \(true)
                WHERE case_id = \(context.file.id) AND object IN \(list: drawn)
                """)
        }
        try log(
            "review.drawn", stage,
            [
                "commitment": .string(kept.commitment), "seed": .string(seed),
                "protocol": .string(Digest.hex(Digest.sha256(stored.canonicalBytes))),
            ], context, tx)
    }

    private func log(
        _ kind: String, _ stage: InspectionDraw.Stage, _ content: JSONValue, _ context: ActionContext, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "integrity", kind: kind, subjectKind: stage.subject, subject: context.file.id.text,
                actor: context.actor, at: context.now, content: content, isPublic: true), tx)
    }

    /// Opens a check for every object that was drawn, with its inspectors.
    private func openChecks(_ context: ActionContext, _ tx: Tx) throws {
        guard let draw = try InspectionStore.draw(of: context.file.id, .inspectors, tx), let outcome = draw.outcome
        else {
            return
        }
        let results = try outcome["results"]?.decode([DrawProtocol.Result].self) ?? []
        let names = Dictionary(
            try InspectionStore.inspectors(tx).map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
        let objects = try InspectionStore.objects(of: context.file.id, drawn: true, limit: 1_000, tx)
        for (index, object) in objects.enumerated() {
            let drawn = results.first { $0.item.text == object.id }?.drawn.map { names[$0.text] ?? $0.text } ?? []
            let check = try context.procedures.open(
                CaseFile(
                    id: ID(UUIDv7.make(at: context.now)), procedure: "integrity.check",
                    number: "\(context.file.number)-\(index + 1)",
                    title: Bilingual("现场检查：\(object.title.zh)", "Inspection on site: \(object.title.en)"),
                    organisation: object.organisation, applicant: nil, division: context.file.division,
                    parent: context.file.id, openedAt: context.now),
                as: .system, at: context.now, in: tx)
            try CaseValues.set(check.id, "inspectors", .string(drawn.joined(separator: "、")), tx)
            try CaseValues.set(check.id, "object", .string(object.title.zh), tx)
            try tx.run(
                """
                UPDATE integrity_object SET check_case = \(check.id)
                WHERE case_id = \(context.file.id) AND object = \(object.id)
                """)
        }
    }
}
