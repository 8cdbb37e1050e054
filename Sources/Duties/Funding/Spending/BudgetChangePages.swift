public import Kernel
import Portal
import Store

extension ProjectActions {
    /// Starts a change of the budget of a running project, or gives the one that is being written.
    public func openBudgetChange(_ id: ID<CaseFile>, by actor: Actor) async throws -> CaseFile {
        let now = clock.now()
        let file = try await openChild(
            of: id, "funding.budget-change", Bilingual("预算调剂", "Change of budget"), by: actor
        ) { parent in
            guard let account = actor.account, account == parent.applicant else { throw ProcedureError.notYours }
        }
        return try await db.write { tx in
            guard try CaseStore.answers(file.id, tx).revision == 0 else { return file }
            let project = try ProjectStore.require(id, tx)
            try CaseStore.saveAnswers(
                BudgetChange.begin(try ContractBudget.current(project, tx), project), of: file.id, expecting: 0,
                by: actor, at: now, tx)
            return file
        }
    }

    /// Saves a change of the budget as typed, and finds who has to approve it.
    public func saveBudgetChange(
        _ id: ID<CaseFile>, values: @escaping @Sendable (String) -> [String], expecting revision: Int, by actor: Actor
    ) async throws -> (revision: Int, problems: [FieldProblem]) {
        let now = clock.now()
        return try await db.write { tx in
            let file = try CaseStore.require(id, tx)
            guard file.procedure == "funding.budget-change", file.step == "draft", actor.account != nil,
                actor.account == file.applicant, let parent = file.parent
            else { throw ProcedureError.notYours }
            let project = try ProjectStore.require(parent, tx)
            let budget = try ContractBudget.current(project, tx)
            let form = BudgetChange.form(budget)
            let saved = try CaseStore.answers(id, tx)
            let answers = form.read(section: nil, from: values, over: saved.content)
            let next = try CaseStore.saveAnswers(answers, of: id, expecting: revision, by: actor, at: now, tx)
            let kind = BudgetChange.kind(answers, budget, project)
            try CaseValues.set(id, "change-kind", kind.map { .string($0.rawValue) } ?? .null, tx)
            return (next, form.problems(answers, complete: false))
        }
    }
}

/// The form of a change of the budget, and what the case page shows of it.
struct BudgetChangePages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "budget-changes.open", .post, "/projects/{number}/budget-changes", access: .signedIn,
                summary: Bilingual("发起预算调剂", "Begin a change of budget"), handler: open),
            Route(
                "budget-changes.form", .get, "/budget-changes/{id}", access: .signedIn,
                summary: Bilingual("预算调剂", "A change of budget"), handler: form),
            Route(
                "budget-changes.save", .post, "/budget-changes/{id}", access: .signedIn,
                summary: Bilingual("保存预算调剂", "Save a change of budget"), handler: save),
        ]
    }

    private func open(_ visit: Visit) async throws -> Answer {
        let number = visit.path("number")
        let project = try await house.db.read { tx in try ProjectStore.find(number: number, tx) }
        guard let project else { throw ProjectError.unknown }
        let child = try await funding.projects.openBudgetChange(project.id, by: visit.actor)
        return .redirect("/budget-changes/\(child.id)")
    }

    private func form(_ visit: Visit) async throws -> Answer { try await page(visit, nil, [], nil) }

    private func read(_ visit: Visit) async throws -> (CaseFile, ContractBudget, JSONValue, Int) {
        let id: ID<CaseFile> = try visit.id("id")
        let account = visit.actor.account
        let (file, budget, answers) = try await house.db.read { tx in
            guard let file = try CaseStore.find(id, tx), file.procedure == "funding.budget-change",
                let account, account == file.applicant, let parent = file.parent
            else { throw ProjectError.unknown }
            return (
                file, try ContractBudget.current(try ProjectStore.require(parent, tx), tx),
                try CaseStore.answers(id, tx)
            )
        }
        return (file, budget, answers.content, answers.revision)
    }

    private func page(
        _ visit: Visit, _ typed: JSONValue?, _ problems: [FieldProblem], _ problem: (any Problem)?
    ) async throws -> Answer {
        let t = visit.say
        let (file, budget, answers, revision) = try await read(visit)
        guard file.step == "draft", let section = BudgetChange.form(budget).sections.first else {
            return .redirect("/cases/\(file.id)")
        }
        let body: HTML = """
            <h1>\(t(section.title))</h1><p class="lead">\(t(file.title))</p>\(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\
            \(Parts.card(t("设备费由单位审批，其他科目由项目负责人决定，总额由市局审批", "Equipment is approved by the organisation, other headings by the investigator, the sum by the bureau"), Fields.form(
                "/budget-changes/\(file.id.text)", token: visit.csrfToken,
                "\(Parts.hidden([("revision", String(revision))]))\(FormView.edit(section, typed ?? answers, problems, t))",
                buttons: "\(Fields.submit(t("保存", "Save")))\(Parts.button(t("返回办件", "Back to the case"), to: "/cases/\(file.id.text)", .secondary))")))
            """
        return .page(
            Page(
                title: section.title, trail: [Crumb(Bilingual(file.number, file.number), "/cases/\(file.id)")],
                body: body),
            status: problem?.kind.status ?? (problems.isEmpty || visit.method == .get ? 200 : 422))
    }

    private func save(_ visit: Visit) async throws -> Answer {
        let (file, budget, _, _) = try await read(visit)
        let body = visit.form
        let typed = BudgetChange.form(budget).read(section: nil, from: { body.all($0) })
        do {
            let saved = try await funding.projects.saveBudgetChange(
                file.id, values: { body.all($0) }, expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor)
            guard saved.problems.isEmpty else { return try await page(visit, typed, saved.problems, nil) }
            return .redirect("/cases/\(file.id)")
        } catch let problem as ProcedureError {
            return try await page(visit, typed, problem.fields, problem)
        }
    }

    /// The change on the case page: before and after, and who approves.
    var panel: CasePanel {
        { file, actor, t, _, tx in
            guard let parent = file.parent else { return .empty }
            let project = try ProjectStore.require(parent, tx)
            let answers = try CaseStore.answers(file.id, tx).content
            let budget = try ContractBudget.current(project, tx)
            let wanted = ContractBudget.amounts(answers["budget"] ?? .null)
            let kind = try CaseValues.all(of: file.id, tx)["change-kind"]?.string.flatMap(BudgetChange.Kind.init)
            let rows = budget.headings.map { heading -> [HTML] in
                let (old, new) = (budget.amounts[heading.value] ?? .zero, wanted[heading.value] ?? .zero)
                return [
                    HTML(text: t(heading.label)), HTML(text: old.yuanText), HTML(text: new.yuanText),
                    old == new ? "—" : HTML(text: (new - old).yuanText),
                ]
            }
            let edit: HTML =
                actor.account != nil && actor.account == file.applicant && file.step == "draft"
                ? "<p>\(Parts.button(t("填写预算调剂", "Write the change"), to: "/budget-changes/\(file.id.text)"))</p>"
                : .empty
            return """
                \(edit)<p><a href="/cases/\(parent.text)">\(t("返回项目", "Back to the project"))</a> \(with: kind, { Parts.badge(t($0.title), .info) })</p>\
                \(Parts.card(t("预算调剂", "Change of the budget"), """
                    \(Parts.table(t("预算调剂", "Change of the budget"), [
                        .init(t("科目", "Heading")), .init(t("现预算（元）", "Now (yuan)"), numeric: true), .init(t("调整为（元）", "To be (yuan)"), numeric: true), .init(t("增减（元）", "Change (yuan)"), numeric: true),
                    ], rows, empty: "—"))<p>\(t("总额：", "Sum: "))\(Money(fen: answers["amount"]?.integer ?? 0).text(t.language))</p>\
                    <p>\(answers["reason"]?.string ?? "")</p>
                    """))
                """
        }
    }
}
