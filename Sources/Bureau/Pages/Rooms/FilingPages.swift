import Kernel
import Portal
import Store

/// Filing cases of procedures that are data: where it starts, and the pages on which the form is filled in.
struct FilingPages: Sendable {
    let house: House
    let filings: Filings

    init(house: House) {
        self.house = house
        filings = Filings(house)
    }

    var routes: [Route] {
        [
            Route(
                "filings.start", .get, "/procedures/{id}/start", access: .signedIn,
                summary: Bilingual("开始办理", "Start a case"), handler: start),
            Route(
                "filings.open", .post, "/procedures/{id}/cases", access: .signedIn,
                summary: Bilingual("新建办件", "Open a case"), handler: open),
        ] + pages.routes
    }

    private func definition(_ visit: Visit) throws -> (ProcedureDefinition, FilingDefinition) {
        let definition = try house.procedures.newest(visit.path("id"))
        guard let filing = definition.filing else { throw RequestProblem.nothingHere }
        return (definition, filing)
    }

    private func start(_ visit: Visit) async throws -> Answer { try await startPage(visit, nil) }

    private func startPage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let (definition, filing) = try definition(visit)
        let problems = problem?.fields ?? []
        func typed(_ name: String) -> String { visit.form[name] ?? visit.query(name) ?? "" }
        func wrong(_ name: String) -> String? { Fields.problem(name, problems, t) }
        var fields = HTML()
        if filing.by == .member {
            let own = visit.actor.memberships.map(\.organisation)
            let names = try await house.db.read { tx in
                try own.compactMap { id in try Registry.organisation(id, tx).map { (value: id.text, title: t($0.name)) }
                }
            }
            fields += Fields.select(
                .init("organisation", t("单位", "Organisation")), names,
                value: typed("organisation").isEmpty && names.count == 1 ? names.first?.value : typed("organisation"),
                problem: wrong("organisation"), t)
        }
        if let register = filing.about, let kept = house.registers[register] {
            fields += Fields.input(
                .init("entry", t("\(kept.title.zh)编号", "Number in the \(kept.title.en)")), value: typed("entry"),
                problem: wrong("entry"), t)
        }
        if let before = filing.after, let earlier = try? house.procedures.newest(before.procedure) {
            fields += Fields.input(
                .init("parent", t("所针对的办件编号（\(earlier.title.zh)）", "Number of the case (\(earlier.title.en))")),
                value: typed("parent"), problem: wrong("parent"), t)
        }
        let body: HTML = """
            <h1>\(t(definition.title))</h1><p class="lead">\(t(definition.summary))</p>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\(Fields.form("/procedures/\(definition.id)/cases", token: visit.csrfToken, fields, buttons: Fields.submit(t("开始填写", "Start"))))\
            \(if: definition.isPublic, "<p><a href=\"/guides/\(definition.id)\">\(t("查看办事指南", "See the service guide"))</a></p>")
            """
        let guides = Crumb(Bilingual("办事指南", "Service guides"), "/guides")
        let trail: [Crumb] =
            definition.isPublic ? [guides, Crumb(definition.title, "/guides/\(definition.id)")] : [.work]
        return .page(Page(title: definition.title, trail: trail, body: body), status: problem?.kind.status ?? 200)
    }

    private func open(_ visit: Visit) async throws -> Answer {
        let (definition, _) = try definition(visit)
        let form = visit.form
        let start = Filings.Start(
            organisation: form["organisation"].flatMap { $0.isEmpty ? nil : ID($0) }, entry: form["entry"] ?? "",
            parent: form["parent"] ?? "")
        do {
            let file = try await filings.start(definition.id, start, by: visit.actor)
            return .redirect("/drafts/\(file.id)")
        } catch let problem as ProcedureError where !problem.fields.isEmpty {
            return try await startPage(visit, problem)
        }
    }

    private var pages: DraftPages {
        DraftPages(
            base: "/drafts", name: "drafts", drafts: filings.drafts,
            words: .init(
                submit: Bilingual("确认并提交", "Confirm and submit"),
                warnings: Bilingual("办理时将提出（可先改正）", "This will be raised; you can mend it now"),
                declaration: Bilingual(
                    "提交即表示：所填内容和材料真实，并对此负责；申报项目、平台、奖励等，同时签署科研诚信承诺书。",
                    "By submitting you state that answers and papers are true and answer for them; with a filing for projects, platforms or awards you sign the pledge of integrity."
                )),
            load: { id, visit in try await load(id, visit) },
            check: { id, visit in
                DraftPages.Check(blocking: try await obstacles(id, visit.actor), warnings: [])
            })
    }

    private func load(_ id: ID<CaseFile>, _ visit: Visit) async throws -> DraftPages.Draft {
        let (vault, procedures, actor) = (house.vault, house.procedures, visit.actor)
        return try await house.db.read { tx in
            let (file, form, definition) = try Filings.editable(id, actor, procedures, tx)
            let answers = try Drafts.fillable(id, vault: vault, tx)
            return DraftPages.Draft(
                file: file, title: file.title, form: form, answers: answers.content, revision: answers.revision,
                files: try DocumentStore.list(of: id, tx), findings: try FindingStore.list(of: id, tx),
                lead: definition.summary, handingIn: Filings.handingIn(try procedures.step(of: file)))
        }
    }

    /// What keeps a draft from being handed in.
    private func obstacles(_ id: ID<CaseFile>, _ actor: Actor) async throws -> [FieldProblem] {
        let (procedures, now) = (house.procedures, house.clock.now())
        return try await house.db.read { tx in
            let file = try Filings.editable(id, actor, procedures, tx).file
            guard let action = Filings.handingIn(try procedures.step(of: file)) else { return [] }
            return try procedures.obstacles(file, action.id, as: actor, at: now, tx)
        }
    }
}
