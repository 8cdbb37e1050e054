public import Kernel
public import Store

/// Names the experts of a panel and takes their sheets in.
public struct PanelActions: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let procedures: Procedures

    public init(db: Database, clock: any Clock, zone: CityZone, procedures: Procedures) {
        self.db = db
        self.clock = clock
        self.zone = zone
        self.procedures = procedures
    }

    /// The panel that judges a case where it stands.
    public static func panel(of file: CaseFile, _ procedures: Procedures) -> PanelDefinition? {
        (try? procedures.step(of: file))?.panel
    }

    /// Names the experts of the step at which a case stands; those who answered stay, those not named any more go.
    /// - Throws: ``PanelError`` with everything wrong: who is in conflict with the case, or may get no new work, is
    ///   named with why.
    public func name(_ accounts: [ID<Account>], of id: ID<CaseFile>, by actor: Actor) async throws {
        try Policy.require(actor, .runReviews)
        let now = clock.now()
        try await db.write { tx in
            let file = try CaseStore.require(id, tx)
            guard Policy.handles(actor, file), let panel = Self.panel(of: file, procedures) else {
                throw ProcedureError.notYours
            }
            let day = zone.day(of: now)
            let least = try procedures.rules.number(panel.least, on: day)
            let experts = try ExpertStore.find(accounts: Array(Set(accounts)), tx)
            let named = Set(try PanelSheet.list(id, at: file.step, tx).map(\.account))
            var problems: [FieldProblem] = []
            if experts.count != Set(accounts).count {
                problems.append(Self.problem("unknown", "请从专家库中选择", "Choose experts of the pool"))
            }
            if experts.count < Int(least) {
                problems.append(
                    Self.problem(
                        "few", "专家不少于 \(least) 人", "At least \(counted(least, "expert is", "experts are")) needed"))
            }
            problems += PanelConflicts.obstacles(experts.filter { !named.contains($0.account) }, on: day)
            let windows = ConflictWindows.known(procedures.rules, on: day)
            problems += try PanelConflicts.problems(experts, file, on: day, windows, tx)
            guard problems.isEmpty else { throw PanelError.incomplete(problems) }
            try tx.run("DELETE FROM panel_sheet WHERE case_id = \(id) AND step = \(file.step) AND state = 'open'")
            for expert in experts {
                try tx.run(
                    """
                    INSERT INTO panel_sheet (case_id, step, account, name, state, answers, reason, named_at)
                    VALUES (\(id), \(file.step), \(expert.account), \(expert.name), 'open', \(JSONValue.object([:])),
                        '', \(now)) ON CONFLICT (case_id, step, account) DO NOTHING
                    """)
                try Messages.tell(
                    expert.account, Bilingual("请评审", "Please review"), file.title, at: "/panels/\(id.text)",
                    now: now, tx)
            }
            try log("panel.named", file, ["experts": .integer(Int64(experts.count))], actor, now, tx)
        }
    }

    /// Takes an expert's sheet, once and whole.
    /// - Throws: ``PanelError``.
    public func fill(_ id: ID<CaseFile>, _ answers: JSONValue, by actor: Actor) async throws {
        let now = clock.now()
        try await db.write { tx in
            let (file, panel) = try mine(id, actor, tx)
            let sheet = ScoringSheet(panel)
            let problems = sheet.form.problems(answers, complete: true)
            guard problems.isEmpty, let total = sheet.total(answers) else { throw PanelError.incomplete(problems) }
            try tx.run(
                """
                UPDATE panel_sheet SET state = 'filled', answers = \(answers), total = \(total), closed_at = \(now)
                WHERE case_id = \(id) AND step = \(file.step) AND account = \(actor.account)
                """)
            try log("panel.filled", file, ["total": .integer(Int64(total))], actor, now, tx)
        }
    }

    /// Withdraws an expert from a case, with the reason.
    /// - Throws: ``PanelError``.
    public func recuse(_ id: ID<CaseFile>, reason: String, by actor: Actor) async throws {
        let now = clock.now()
        guard !reason.allSatisfy(\.isWhitespace), reason.count <= 1_000 else {
            throw PanelError.incomplete([
                Self.problem("reason", "请说明回避理由（不超过 1000 字）", "Say why, in at most 1,000 characters", field: "reason")
            ])
        }
        try await db.write { tx in
            let (file, _) = try mine(id, actor, tx)
            try tx.run(
                """
                UPDATE panel_sheet SET state = 'recused', reason = \(reason), closed_at = \(now)
                WHERE case_id = \(id) AND step = \(file.step) AND account = \(actor.account)
                """)
            try log("panel.recused", file, [:], actor, now, tx)
        }
    }

    /// A case on which the actor has an open sheet.
    private func mine(_ id: ID<CaseFile>, _ actor: Actor, _ tx: Tx) throws -> (file: CaseFile, panel: PanelDefinition) {
        guard let file = try CaseStore.find(id, tx) else { throw PanelError.unknown }
        guard let account = actor.account,
            let sheet = try PanelSheet.list(id, at: file.step, tx).first(where: { $0.account == account }),
            let panel = Self.panel(of: file, procedures)
        else { throw PanelError.unknown }
        guard sheet.state == .open else { throw PanelError.closed }
        return (file, panel)
    }

    static func problem(_ code: String, _ zh: String, _ en: String, field: String = "experts") -> FieldProblem {
        FieldProblem(field: field, code: "panel.\(code)", message: Bilingual(zh, en))
    }

    private func log(
        _ kind: String, _ file: CaseFile, _ content: JSONValue, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "review", kind: kind, subjectKind: "case", subject: file.id.text, caseID: file.id, actor: actor,
                at: now, content: content), tx)
    }
}

/// What procedures of any room may do with panels, by name alone.
public enum PanelHooks {
    /// The field under which a case keeps the mean of its panel, in points with two decimals.
    public static let scoreField = "panel-score"

    /// Names the guard `panel.complete` and the effect `panel.score`.
    public static func register(in hooks: inout ProcedureHooks, _ rules: RuleBook) {
        hooks.guards["panel.complete"] = { context, tx in
            guard let panel = PanelActions.panel(of: context.file, context.procedures) else { return [] }
            let sheets = try PanelSheet.list(context.file.id, at: context.file.step, tx)
            let least = try rules.number(panel.least, on: context.day)
            let open = sheets.filter { $0.state == .open }
            var problems: [FieldProblem] = []
            if !open.isEmpty {
                let names = open.map(\.name).listed
                problems.append(
                    PanelActions.problem(
                        "open", "还有 \(open.count) 位专家未提交：\(names.zh)",
                        "\(counted(open.count, "expert has", "experts have")) not handed in: \(names.en)"
                    ))
            }
            if sheets.count(where: { $0.state == .filled }) < Int(least) {
                problems.append(
                    PanelActions.problem(
                        "few", "提交评分的专家不足 \(least) 人",
                        "Fewer than \(counted(least, "expert has", "experts have")) handed in a sheet"))
            }
            return problems
        }
        hooks.effects["panel.score"] = { context, tx in
            let sheets = try PanelSheet.list(context.file.id, at: context.file.step, tx)
            guard let mean = PanelSheet.mean(sheets) else { return }
            let text = "\(mean / 100).\(String(mean % 100 + 100).dropFirst())"
            try CaseValues.set(context.file.id, scoreField, .string(text), tx)
        }
    }
}
