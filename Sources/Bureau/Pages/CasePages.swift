import Kernel
import Portal
import Store

/// The page of any case: who, what, state and clock; what can be done now; its content; its timeline.
struct CasePages: Sendable {
    let house: House
    let panels: [String: CasePanel]

    var routes: [Route] {
        [
            Route(
                "cases.show", .get, "/cases/{id}", access: .signedIn, summary: Bilingual("办件", "A case"), handler: show),
            Route(
                "cases.act", .post, "/cases/{id}/actions/{action}", access: .signedIn,
                summary: Bilingual("办理一步", "Do an action on a case"), handler: act),
            Route(
                "cases.package", .get, "/cases/{id}/package", access: .roles(DownloadPages.packagers),
                summary: Bilingual("办件包", "A case as one package"), handler: package),
        ]
    }

    /// What the page reads.
    private struct Model: Sendable {
        let file: CaseFile
        let step: StepDefinition
        let definition: ProcedureDefinition
        let actions: [ActionDefinition]
        let clocks: [CaseClock]
        let events: [StoredEvent]
        let letters: [Letter]
        let rulings: [RulingStore.Stored]
        let panel: HTML
        /// In force against the applicant or the organisation; for the bureau alone.
        let bars: [Bar]
    }

    private func load(_ visit: Visit) async throws -> Model {
        let id: ID<CaseFile> = try visit.id("id")
        let actor = visit.actor
        let t = visit.say
        let token = visit.csrfToken
        let procedures = house.procedures
        let panels = panels
        let answers = AnswersPanel(house: house)
        let panel = PanelPages(house: house)
        return try await house.db.read { tx in
            let file = try CaseStore.require(id, tx)
            guard procedures.maySee(actor, file) else { throw ProcedureError.unknownCase }
            return Model(
                file: file, step: try procedures.step(of: file), definition: try procedures.definition(of: file),
                actions: try procedures.available(file, to: actor, tx), clocks: try CaseStore.clocks(id, tx),
                events: try Record.events(of: id, tx), letters: try Letters.list(of: id, tx),
                rulings: try RulingStore.list(of: id, tx),
                panel: try panel.link(file, actor, t) + answers.show(file, actor, t, token, tx)
                    + (panels[file.procedure]?(file, actor, t, token, tx) ?? .empty)
                    + TreasuryParts.payments(of: file, actor, t, tx),
                bars: BarView.isShown(to: actor) ? try Bars.inForce(against: file, on: house.today, tx) : [])
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        page(visit, try await load(visit), typed: nil, problem: nil)
    }

    private func page(
        _ visit: Visit, _ model: Model, typed: (action: String, answers: JSONValue)?, problem: (any Problem)?
    ) -> Answer {
        let t = visit.say
        let file = model.file
        let today = house.today
        let running = model.clocks.last { $0.stoppedOn == nil }
        let end = running.flatMap { (try? house.procedures.due($0.clock)) ?? nil }
        // A last day of the case's own, which comes before the end of the clock.
        let own = file.dueOn.flatMap { day in running == nil || end.map { day < $0 } == true ? day : nil }
        let left: Int? =
            if let own {
                try? house.city.calendar.workingDays(after: today, through: own)
            } else {
                running.flatMap { try? $0.clock.left(on: today, house.city.calendar) }
            }
        let unit: Bilingual =
            if own != nil {
                Bilingual("个工作日", "working days")
            } else if case .workingDays? = running?.clock.period { Bilingual("个工作日", "working days") } else {
                Bilingual("天", "days")
            }
        let holder = house.holder(of: file, at: model.step)
        let clock = Parts.clock(due: file.dueOn, left: left, unit: unit, holder: t(holder), t)
        let body: HTML = """
            <div class="title-row"><h1>\(t(file.title))</h1>\(Parts.badge(t(model.step.title), model.step.isFinal ? .neutral : .info))</div>\
            <p>\(t(model.definition.title)) · \(file.number) · \(clock)</p>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\
            \(BarView.notice(model.bars, t))<div class="beside"><div>\(actions(visit, model, typed, problem?.fields ?? []))\(model.panel)</div>\
            <div>\(clocks(model, t))\(letters(model, t))\(rulings(model, t))\(Parts.card(t("办理经过", "What happened"), timeline(model, visit)))</div></div>
            """
        return .page(
            Page(title: file.title, trail: [.work], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func actions(
        _ visit: Visit, _ model: Model, _ typed: (action: String, answers: JSONValue)?, _ problems: [FieldProblem]
    ) -> HTML {
        guard !model.actions.isEmpty else { return .empty }
        let t = visit.say
        let id = model.file.id.text
        let revision = String(model.file.revision)
        let next = model.actions.first { $0.kind == .primary }
        // The next step alone stands out; what else may be done has its place beside it.
        func kind(_ action: ActionDefinition) -> Parts.ButtonKind {
            if action.kind == .danger { return .danger }
            return action.id == next?.id ? .primary : .secondary
        }
        let simple = model.actions.filter(\.asks.isEmpty)
        let buttons = HTML(each: simple) { action in
            Parts.post(
                "/cases/\(id)/actions/\(action.id)", t(action.title), token: visit.csrfToken, kind(action),
                fields: [("revision", revision)])
        }
        let forms = HTML(each: model.actions.filter { !$0.asks.isEmpty }) { action in
            let mine = typed?.action == action.id
            let fields = HTML(each: action.asks) { field in
                FormView.edit(
                    field.named("\(action.id)-\(field.name)"), mine ? typed?.answers[field.name] ?? .null : .null,
                    mine ? problems : [], t)
            }
            let form = Fields.form(
                "/cases/\(id)/actions/\(action.id)", token: visit.csrfToken,
                "\(Parts.hidden([("revision", revision)]))\(fields)",
                buttons: Fields.submit(t(action.title), kind(action)))
            return """
                <details\(attribute: "open", if: mine || model.actions.count == 1)><summary>\(t(action.title))</summary>\(form)</details>
                """
        }
        return Parts.card(
            t("现在可以办理", "What you can do now"),
            "\(if: !buttons.isEmpty, "<div class=\"buttons\">\(buttons)</div>")\(forms)")
    }

    private func clocks(_ model: Model, _ t: Say) -> HTML {
        guard !model.clocks.isEmpty else { return .empty }
        let (calendar, today) = (house.city.calendar, house.today)
        let items = HTML(each: model.clocks) { clock in
            let due = (try? house.procedures.due(clock.clock)) ?? nil
            let notes = (try? clock.clock.explanation(calendar)) ?? []
            let moved = HTML(each: notes) { "<li>\($0.day.text(t.language))\(t.colon)\(t($0.reason))</li>" }
            let state =
                clock.stoppedOn.map {
                    Parts.badge(t("\($0.text(.chinese))办结", "Done on \($0.text(.english))"), .good)
                }
                ?? (clock.clock.start > today
                    ? Parts.badge(t("尚未起算", "Not begun"), .neutral) : Parts.badge(t("办理中", "Running"), .info))
            let (period, from) = (clock.clock.period.text, clock.clock.start.text(t.language))
            let runs =
                due.map { until in
                    t(
                        "\(period.zh)，自\(from)起，至\(until.text(.chinese)) 24:00",
                        "\(period.en) from \(from) until \(until.text(.english)), 24:00")
                } ?? t("\(period.zh)，自\(from)起", "\(period.en) from \(from)")
            return """
                <div class="legal-clock"><p><strong>\(t(clock.title))</strong> \(state)</p>\
                <p>\(runs)</p>\
                <p class="basis">\(with: clock.basis, { "\(t($0)) " })\(if: clock.needsChecking, Parts.toBeChecked(t))</p>\
                \(if: !notes.isEmpty, "<details><summary>\(t("\(notes.count) 天不计入", "Days not counted: \(notes.count)"))</summary><ul>\(moved)</ul></details>")</div>
                """
        }
        return Parts.card(t("办理时限", "Clocks"), items)
    }

    /// What the rules of law said of the case, each with its reasoning.
    private func rulings(_ model: Model, _ t: Say) -> HTML {
        guard !model.rulings.isEmpty else { return .empty }
        let items = HTML(each: model.rulings) { stored in
            let entry = try? house.rules.entry(stored.ruling.rule)
            let title = entry.map { t($0.title) } ?? stored.ruling.rule
            let shown = RulingView.show(stored.ruling, labels: entry?.facts ?? [], t)
            return "<details><summary>\(title)\(t.colon)\(t(stored.ruling.words))</summary>\(shown)</details>"
        }
        return Parts.card(t("规则判定", "Rulings"), items)
    }

    private func letters(_ model: Model, _ t: Say) -> HTML {
        guard !model.letters.isEmpty else { return .empty }
        let items = HTML(each: model.letters) { letter in
            "<li><a href=\"/letters/\(letter.id.text)\">\(t(letter.title))</a> <span class=\"hint\">\(letter.number)</span></li>"
        }
        return Parts.card(t("函件", "Letters"), "<ul>\(items)</ul>")
    }

    private func timeline(_ model: Model, _ visit: Visit) -> HTML {
        let t = visit.say
        let names = Dictionary(
            model.definition.steps.flatMap(\.actions).map { ("case.\($0.id)", $0.done) },
            uniquingKeysWith: { first, _ in first })
        // The names of officers are shown to the bureau; everybody else sees who holds the file.
        let isStaff = !visit.actor.roles.isDisjoint(with: [.officer, .leader, .auditor, .treasurer])
        // Work that catches up is kept after what happened since: the page goes by time, within a moment as kept.
        let events = model.events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        return Parts.timeline(
            events.map { _, event in
                let what = names[event.kind] ?? EventNames.name(event.kind)
                let own = event.actor != nil && event.actor == visit.actor.account?.text
                let who = isStaff || own ? t.actor(event.actorName) : ""
                let reason = (event.content["answers"]?["reason"] ?? event.content["reason"])?.string
                return (
                    when: house.city.zone.clockText(event.at), what: t(what), who: who,
                    detail: """
                    \(with: reason, { "<p>\($0)</p>" })<p class="hint"><a href="/receipts/\(event.id)">\(t("存证回执", "Receipt"))</a></p>
                    """
                )
            })
    }

    private func act(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let action = visit.path("action")
        let form = visit.form
        let actor = visit.actor
        let now = house.clock.now()
        let procedures = house.procedures
        let before = try await load(visit)
        let asked = before.step.action(action)?.asks ?? []
        let answers = Form(sections: [FormSection(name: "asked", title: Bilingual("", ""), fields: asked)]).read(
            section: nil, from: { form.all("\(action)-\($0)") })
        do {
            try await house.db.write(locking: [Letters.lock]) { tx in
                try procedures.act(
                    id, action, answers: answers, revision: form["revision"].flatMap(Int.init), as: actor, at: now,
                    in: tx)
            }
            return .redirect("/cases/\(id)")
        } catch let problem as ProcedureError where problem != .unknownCase {
            // On the page each action's fields stand under its name.
            let told = PlainProblem(
                problem.kind, problem.code, problem.message,
                fields: problem.fields.map { $0.field.isEmpty ? $0 : $0.moved(to: "\(action)-\($0.field)") })
            return page(visit, try await load(visit), typed: (action, answers), problem: told)
        }
    }

    func package(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        return try await CasePages.package(of: id, for: visit.actor, house, named: visit.requestID)
    }

    /// The package of a case as an answer.
    /// - Parameter request: names its temporary file.
    static func package(
        of id: ID<CaseFile>, for actor: Actor, _ house: House, named request: String
    ) async throws -> Answer {
        let entries = try await CasePackage.entries(id, for: actor, house)
        let path = "\(house.files.spool)/package-\(request).zip"
        try Package.write(entries.files, to: path)
        let bytes = try FileStore.take(path)
        return .bytes(bytes, type: "application/zip", name: "\(entries.number).zip")
    }
}

extension FormField {
    /// The same field under another name.
    func named(_ name: String) -> FormField {
        var field = self
        field.name = name
        return field
    }
}

extension FieldProblem {
    /// The same problem of another field.
    func moved(to field: String) -> FieldProblem {
        FieldProblem(field: field, code: code, message: message, basis: basis)
    }
}
