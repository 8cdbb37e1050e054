import Kernel
import Portal
import Store

/// An employer's view: registration, the people and their permits, filings, and starting a new one.
struct EmployerPages: Sendable {
    let permits: PermitRoom

    private var house: House { permits.house }

    var routes: [Route] {
        [
            Route(
                "permits.home", .get, "/permits", access: .signedIn,
                summary: Bilingual("外国人工作许可", "Work permits"), handler: home),
            Route(
                "permits.start", .post, "/permits/filings", access: .signedIn,
                summary: Bilingual("新建办件", "Start a filing"), handler: start),
        ]
    }

    /// What the page reads.
    private struct Model: Sendable {
        let organisations: [Organisation]
        let employer: Employer?
        let staff: [Permit]
        let people: [ID<Foreigner>: Foreigner]
        let filings: [Filing]
        let own: [Permit]
    }

    private static let roles: Set<MembershipRole> = [.administrator, .sealHolder, .handler]

    private func load(_ visit: Visit) async throws -> (Model, ID<OrganisationMark>?) {
        let actor = visit.actor
        let memberships = actor.memberships.filter { !$0.roles.isDisjoint(with: Self.roles) }.map(\.organisation)
        let wanted = visit.query("organisation").map { ID<OrganisationMark>($0) }
        let chosen = wanted.flatMap { memberships.contains($0) ? $0 : nil } ?? memberships.min { $0.text < $1.text }
        let after = visit.query("after").flatMap { cursor -> (Day, String)? in
            let parts = cursor.split(separator: "~").map(String.init)
            guard parts.count == 2, let day = Day(parts[0]) else { return nil }
            return (day, parts[1])
        }
        let before = visit.query("before")
        let model = try await house.db.read { tx -> Model in
            let staff =
                try chosen.map { try PermitStore.list(of: $0, state: .valid, after: after, limit: 51, tx) } ?? []
            let own = try actor.account.map { try PermitStore.list(holder: $0, tx) } ?? []
            return Model(
                organisations: try Registry.organisations(memberships, tx).values.sorted { $0.uscc < $1.uscc },
                employer: try chosen.flatMap { try EmployerStore.find($0, tx) }, staff: staff,
                people: try ForeignerStore.list((staff + own).map(\.foreigner), tx),
                filings: try chosen.map { try FilingStore.list(of: [$0], before: before, limit: 21, tx) } ?? [],
                own: own)
        }
        return (model, chosen)
    }

    private func home(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let (model, chosen) = try await load(visit)
        let trouble: HTML = problem.map { Parts.notice(.bad, t($0.message)) } ?? .empty
        let choice: HTML =
            model.organisations.count > 1
            ? Fields.filters(
                "/permits",
                Fields.select(
                    .init("organisation", t("单位", "Organisation")),
                    model.organisations.map { ($0.id.text, t($0.name)) }, value: chosen?.text, t), t) : .empty
        let none: HTML =
            chosen == nil && model.own.isEmpty
            ? Parts.notice(
                .info, t("您还不是任何单位的经办人", "You do not act for any organisation yet"),
                "<p>\(Parts.button(t("登记单位", "Register an organisation"), to: "/organisation/new"))</p>") : .empty
        let employer = chosen.map { registration($0, model, visit) } ?? .empty
        let body: HTML = """
            <h1>\(t("外国人来华工作许可", "Work permits for foreigners"))</h1>\(trouble)\(choice)\(none)\(employer)\
            \(chosen.map { staff($0, model, visit) } ?? .empty)\(chosen.map { filings($0, model, visit) } ?? .empty)\
            \(if: !model.own.isEmpty, Parts.card(t("我的许可", "My own permits"), PermitTable.html(model.own, model.people, today: house.today, t)))\
            <p><a href="/verify/permit">\(t("核验一张许可", "Verify a permit"))</a></p>
            """
        return .page(
            Page(title: Bilingual("外国人工作许可", "Work permits"), trail: [.work], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func button(
        _ kind: FilingKind, _ organisation: ID<OrganisationMark>, _ visit: Visit, _ look: Parts.ButtonKind = .secondary
    ) -> HTML {
        let t = visit.say
        let title = (try? house.procedures.newest(kind.rawValue).title) ?? Bilingual("", "")
        return Parts.post(
            "/permits/filings", t(title), token: visit.csrfToken, look,
            fields: [("kind", kind.rawValue), ("organisation", organisation.text)])
    }

    private func registration(_ organisation: ID<OrganisationMark>, _ model: Model, _ visit: Visit) -> HTML {
        let t = visit.say
        guard let employer = model.employer else {
            return Parts.card(
                t("用人单位登记", "Registration as employer"),
                """
                <p>\(t("登记后才能为外国人申请工作许可。", "Register before you ask for permits."))</p>\(button(.employer, organisation, visit, .primary))
                """)
        }
        let buttons = HTML(each: FilingKind.fresh) { kind in
            button(kind, organisation, visit, kind == .newAbroad ? .primary : .secondary)
        }
        let state =
            employer.state == .active
            ? Parts.badge(t("已登记", "Registered"), .good) : Parts.badge(t("已暂停", "Suspended"), .bad)
        return Parts.card(t("新的申请", "A new filing"), "<p>\(state)</p><div class=\"buttons\">\(buttons)</div>")
    }

    private func staff(_ organisation: ID<OrganisationMark>, _ model: Model, _ visit: Visit) -> HTML {
        let t = visit.say
        let shown = Array(model.staff.prefix(50))
        let next: SafeURL? =
            model.staff.count > 50
            ? shown.last.map {
                "/permits?organisation=\(organisation.text)&after=\($0.endsOn.description)~\($0.id.text)"
            }
            : nil
        return Parts.card(
            t("在职外国人", "Foreign staff"),
            "\(PermitTable.html(shown, model.people, today: house.today, t))\(Parts.pager(next: next, first: visit.query("after") == nil ? nil : "/permits?organisation=\(organisation.text)", t))"
        )
    }

    private func filings(_ organisation: ID<OrganisationMark>, _ model: Model, _ visit: Visit) -> HTML {
        let t = visit.say
        let shown = Array(model.filings.prefix(20))
        let next: SafeURL? =
            model.filings.count > 20
            ? shown.last.map { "/permits?organisation=\(organisation.text)&before=\($0.caseID.text)" } : nil
        return Parts.card(
            t("办件", "Filings"),
            "\(FilingTable.html(shown, house, t))\(Parts.pager(next: next, first: visit.query("before") == nil ? nil : "/permits?organisation=\(organisation.text)", t))"
        )
    }

    private func start(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        guard let kind = form["kind"].flatMap(FilingKind.init(rawValue:)) else { throw PermitError.unknown }
        func id<Of>(_ name: String, _ of: Of.Type) -> ID<Of>? { form[name].flatMap { $0.isEmpty ? nil : ID($0) } }
        do {
            let filing = try await permits.filings.start(
                kind, organisation: ID(form["organisation"] ?? ""), permit: id("permit", Permit.self),
                parent: id("parent", CaseFile.self), by: visit.actor)
            return .redirect("/permits/filings/\(filing.caseID)")
        } catch let problem as PermitError {
            return try await page(visit, problem)
        }
    }
}

/// Permits in a table.
enum PermitTable {
    static func html(_ permits: [Permit], _ people: [ID<Foreigner>: Foreigner], today: Day, _ t: Say) -> HTML {
        let rows = permits.map { permit -> [HTML] in
            let left = permit.endsOn.number - today.number
            let tone: Parts.Tone = permit.state != .valid ? .neutral : left < 30 ? .bad : left < 120 ? .warning : .good
            return [
                "<a href=\"/permits/\(permit.id.text)\">\(people[permit.foreigner]?.name ?? "—")</a>",
                HTML(text: people[permit.foreigner]?.number ?? "—"), HTML(text: permit.category.rawValue),
                HTML(text: t(written: permit.post)),
                "\(permit.endsOn.text(t.language)) \(Parts.badge(permit.state == .valid ? t("剩 \(left) 天", "\(counted(left, "day")) left") : t(permit.state.title), tone))",
            ]
        }
        return Parts.table(
            t("许可", "Permits"),
            [
                .init(t("姓名", "Name")), .init(t("许可号", "Permit number")), .init(t("类别", "Category")),
                .init(t("职务", "Post")), .init(t("有效期至", "Valid until")),
            ], rows, empty: "<p>\(t("没有有效许可。", "No valid permits."))</p>")
    }
}

/// Filings in a table.
enum FilingTable {
    static func html(_ filings: [Filing], _ house: House, _ t: Say) -> HTML {
        let rows = filings.map { filing -> [HTML] in
            let definition = try? house.procedures.newest(filing.kind.rawValue)
            let step = definition?.step(filing.step)
            let tone: Parts.Tone =
                switch filing.step {
                case "granted": .good
                case "refused", "upheld": .bad
                case "correction", "unmended": .warning
                case "draft", "withdrawn": .neutral
                default: .info
                }
            return [
                "<a href=\"/cases/\(filing.caseID.text)\">\(filing.number)</a>",
                HTML(text: definition.map { t($0.title) } ?? ""), HTML(text: filing.name.isEmpty ? "—" : filing.name),
                HTML(text: filing.category.isEmpty ? "—" : filing.category),
                Parts.badge(step.map { t($0.title) } ?? filing.step, tone),
                HTML(text: filing.filedOn?.text(t.language) ?? "—"),
            ]
        }
        return Parts.table(
            t("办件", "Filings"),
            [
                .init(t("编号", "Number")), .init(t("事项", "Procedure")), .init(t("姓名", "Name")),
                .init(t("类别", "Category")), .init(t("环节", "Step")), .init(t("收到日期", "Received on")),
            ], rows, empty: "<p>\(t("没有办件。", "No filings."))</p>")
    }
}
