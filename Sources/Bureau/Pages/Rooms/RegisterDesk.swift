import Kernel
import Portal
import Store

/// Officers keep registers by hand: add, change, set a state, give figures; each with a reason.
struct RegisterDesk: Sendable {
    let house: House

    private static let officers: RouteAccess = .roles([.officer])

    var routes: [Route] {
        [
            Route(
                "desk.registers.new", .get, "/desk/registers/{id}/new", access: Self.officers,
                summary: Bilingual("新增条目", "Add an entry"), handler: new),
            Route(
                "desk.registers.add", .post, "/desk/registers/{id}", access: Self.officers,
                summary: Bilingual("保存新条目", "Save a new entry"), handler: add),
            Route(
                "desk.registers.edit", .get, "/desk/registers/{id}/{number}/edit", access: Self.officers,
                summary: Bilingual("修改条目", "Change an entry"), handler: edit),
            Route(
                "desk.registers.save", .post, "/desk/registers/{id}/{number}", access: Self.officers,
                summary: Bilingual("保存条目", "Save an entry"), handler: save),
            Route(
                "desk.registers.state", .post, "/desk/registers/{id}/{number}/state", access: Self.officers,
                summary: Bilingual("变更状态", "Set the state of an entry"), handler: setState),
            Route(
                "desk.registers.figures", .post, "/desk/registers/{id}/{number}/figures", access: Self.officers,
                summary: Bilingual("填报数据", "Give figures"), handler: setFigures),
        ]
    }

    /// The register, if the officer keeps it by hand.
    private func kept(_ visit: Visit) throws -> RegisterDefinition {
        let definition = try house.registers.require(visit.path("id"))
        guard definition.editing == .officer else { throw RegisterError.keptByCases }
        guard visit.actor.division == nil || visit.actor.division == house.city.handling(definition.division) else {
            throw AccessError.otherDivision
        }
        return definition
    }

    /// The form without files, with the reason at its end.
    private static func form(_ definition: RegisterDefinition) -> Form {
        var form = definition.form
        for index in form.sections.indices { form.sections[index].fields.removeAll { $0.kind == .files } }
        form.sections.append(FormSection(name: "why", title: Bilingual("理由", "Reason"), fields: [reason]))
        return form
    }

    private static let reason = FormField(
        name: "reason", label: Bilingual("理由和依据", "Reason and source"), kind: .text, atMost: 200)

    private func act(_ visit: Visit, _ answers: JSONValue) -> RegisterAct {
        RegisterAct(
            by: visit.actor, reason: answers["reason"]?.string ?? "", at: house.clock.now(), on: house.today)
    }

    // MARK: Adding

    private func new(_ visit: Visit) async throws -> Answer {
        let definition = try kept(visit)
        return formPage(visit, definition, nil, [:], nil)
    }

    private func add(_ visit: Visit) async throws -> Answer {
        let definition = try kept(visit)
        let form = Self.form(definition)
        let answers = form.read(section: nil, from: { visit.form.all($0) })
        let act = act(visit, answers)
        let id: ID<RegisterMark> = house.ids.make()
        do {
            let entry = try await house.db.write { tx in
                try RegisterStore.add(definition, answers, id: id, found: Self.problems(reason: act), act, tx)
            }
            return .redirect("/registers/\(definition.id)/\(SafeURL.encode(entry.number))")
        } catch let problem as ProcedureError {
            return formPage(visit, definition, nil, answers, problem)
        }
    }

    /// What is wrong with the reason of an act, to be told with all else.
    private static func problems(reason act: RegisterAct) -> [FieldProblem] {
        Words.problems(act.reason.zh, reason.name, reason.label, most: 200)
    }

    // MARK: Changing

    private func entry(_ visit: Visit, _ definition: RegisterDefinition) async throws -> RegisterEntry {
        let number = visit.path("number")
        return try await house.db.read { tx in try RegisterStore.require(definition.id, number, tx) }
    }

    private func edit(_ visit: Visit) async throws -> Answer {
        let definition = try kept(visit)
        let entry = try await entry(visit, definition)
        return formPage(visit, definition, entry, entry.content, nil)
    }

    private func save(_ visit: Visit) async throws -> Answer {
        let definition = try kept(visit)
        let entry = try await entry(visit, definition)
        let answers = Self.form(definition).read(section: nil, from: { visit.form.all($0) }, over: entry.content)
        let act = act(visit, answers)
        let revision = visit.form["revision"].flatMap(Int.init) ?? -1
        do {
            try await house.db.write { tx in
                let entry = try RegisterStore.require(definition.id, entry.number, tx)
                try RegisterStore.change(
                    entry, of: definition, answers, revision: revision, found: Self.problems(reason: act), act, tx)
            }
        } catch let problem as any Problem where problem.kind == .invalid || problem.kind == .stale {
            return formPage(visit, definition, entry, answers, problem)
        }
        return .redirect("/registers/\(definition.id)/\(SafeURL.encode(entry.number))")
    }

    private func setState(_ visit: Visit) async throws -> Answer {
        let definition = try kept(visit)
        let entry = try await entry(visit, definition)
        let act = act(visit, ["reason": .string(visit.form["reason"] ?? "")])
        let state = visit.form["state"] ?? ""
        var problems = Self.problems(reason: act)
        if definition.state(state) == nil {
            problems.append(
                FieldProblem(
                    field: "state", code: "field.choice",
                    message: Bilingual("没有这种状态，请从列表中选择", "There is no such state; choose one of the list")))
        }
        do {
            guard problems.isEmpty else { throw ProcedureError.refused(problems) }
            try await house.db.write { tx in
                try RegisterStore.setState(entry, of: definition, state, act, tx)
            }
        } catch let problem as any Problem where problem.kind == .invalid {
            return formPage(visit, definition, entry, entry.content, problem)
        }
        return .redirect("/registers/\(definition.id)/\(SafeURL.encode(entry.number))")
    }

    private func setFigures(_ visit: Visit) async throws -> Answer {
        let definition = try kept(visit)
        let entry = try await entry(visit, definition)
        let period = visit.form["period"] ?? ""
        let fields = Self.figureFields(definition)
        let section = FormSection(name: "figures", title: Bilingual("数据", "Figures"), fields: fields)
        let answers = Form(sections: [section]).read(section: nil, from: { visit.form.all($0) })
        let act = act(visit, ["reason": .string(visit.form["reason"] ?? "")])
        do {
            try await house.db.write { tx in
                try RegisterStore.setFigures(
                    entry, of: definition, period: period, answers, found: Self.problems(reason: act), act, tx)
            }
        } catch let problem as any Problem where problem.kind == .invalid {
            return formPage(visit, definition, entry, entry.content, problem, figures: answers)
        }
        return .redirect("/registers/\(definition.id)/\(SafeURL.encode(entry.number))")
    }

    private static func figureFields(_ definition: RegisterDefinition) -> [FormField] {
        (definition.figures?.fields ?? []).map { field in
            FormField(
                name: field.name, label: field.label, hint: field.unit, kind: field.kind == .money ? .money : .number,
                required: false)
        }
    }

    // MARK: The page

    private func formPage(
        _ visit: Visit, _ definition: RegisterDefinition, _ entry: RegisterEntry?, _ answers: JSONValue,
        _ problem: (any Problem)?, figures: JSONValue = .null
    ) -> Answer {
        let t = visit.say
        let problems = problem?.fields ?? []
        let address: SafeURL =
            entry.map { "/desk/registers/\(definition.id)/\($0.number)" } ?? "/desk/registers/\(definition.id)"
        let sections = HTML(each: Self.form(definition).sections) { section in
            "<h2>\(t(section.title))</h2>\(FormView.edit(section, answers, problems, t))"
        }
        let hidden = Parts.hidden(entry.map { [("revision", String($0.revision))] } ?? [])
        let title =
            entry.map { Bilingual("修改 \($0.number)", "Change \($0.number)") } ?? Bilingual("新增条目", "Add an entry")
        let body: HTML = """
            <h1>\(t(title))</h1><p class="lead">\(t(definition.title))</p>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\(Parts.card(nil, Fields.form(address, token: visit.csrfToken, "\(hidden)\(sections)", buttons: Fields.submit(t("保存", "Save")))))\
            \(with: entry, { self.more(visit, definition, $0, figures, problems, t) })
            """
        return .page(
            Page(
                title: title, trail: [Crumb(definition.title, "/registers/\(definition.id)")], body: body),
            status: problem?.kind.status ?? 200)
    }

    private func more(
        _ visit: Visit, _ definition: RegisterDefinition, _ entry: RegisterEntry, _ given: JSONValue,
        _ problems: [FieldProblem], _ t: Say
    ) -> HTML {
        let token = visit.csrfToken
        let reason = Fields.input(
            .init("reason", t(Self.reason.label)), value: visit.form["reason"] ?? "",
            problem: Fields.problem("reason", problems, t), t)
        let states = Fields.select(
            .init("state", t("状态", "State")), definition.states.map { ($0.id, t($0.title)) },
            value: visit.form["state"] ?? entry.state, problem: Fields.problem("state", problems, t), t)
        let state = Parts.card(
            t("变更状态", "Set the state"),
            Fields.form(
                "/desk/registers/\(definition.id)/\(entry.number)/state", token: token, "\(states)\(reason)",
                buttons: Fields.submit(t("变更状态", "Set the state"), .secondary)))
        guard let figures = definition.figures else { return state }
        let period = Fields.input(
            .init(
                "period", t("期间", "Period"), hint: t("如 \(figures.period.example)", "such as \(figures.period.example)")
            ),
            value: visit.form["period"] ?? "", problem: Fields.problem("period", problems, t), isWide: false, t)
        let fields = HTML(each: Self.figureFields(definition)) { FormView.edit($0, given, problems, t) }
        return """
            \(state)\(Parts.card(t("填报数据", "Give figures"), Fields.form("/desk/registers/\(definition.id)/\(entry.number)/figures", token: token, "\(period)\(fields)\(reason)", buttons: Fields.submit(t("保存数据", "Save the figures"), .secondary))))
            """
    }
}
