import Kernel
import Portal
import Store

/// One permit for those whom it concerns, and the public check of a permit.
struct PermitPages: Sendable {
    let permits: PermitRoom

    private var house: House { permits.house }

    var routes: [Route] {
        [
            Route(
                "permits.show", .get, "/permits/{id}", access: .signedIn, summary: Bilingual("一项许可", "A permit"),
                handler: show),
            Route(
                "permits.verify", .get, "/verify/permit", access: .everyone,
                summary: Bilingual("许可核验", "Verify a permit"), handler: verify),
        ]
    }

    /// Whom a permit concerns: the bureau, the employer's people, and the person.
    static func maySee(_ actor: Actor, _ permit: Permit, _ person: Foreigner?) -> Bool {
        if Policy.may(actor, .readPermits) { return true }
        if let account = actor.account, person?.account == account { return true }
        return actor.belongs(to: permit.organisation, as: [.administrator, .sealHolder, .handler])
    }

    private struct Model: Sendable {
        let permit: Permit
        let person: Foreigner?
        let employer: Organisation?
        let history: [PermitEntry]
        let filings: [Filing]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let id: ID<Permit> = try visit.id("id")
        let (actor, t) = (visit.actor, visit.say)
        let model = try await house.db.read { tx -> Model in
            let found = try PermitStore.find(id, tx)
            // Asked of what is not there as well, so that the time tells no more than the answer.
            let person = try ForeignerStore.find(found?.foreigner ?? ID(""), tx)
            guard let permit = found, PermitPages.maySee(actor, permit, person) else { throw PermitError.unknown }
            return Model(
                permit: permit, person: person, employer: try Registry.organisation(permit.organisation, tx),
                history: try PermitStore.history(of: id, tx), filings: try FilingStore.about(id, tx))
        }
        let permit = model.permit
        let entries = model.history.map { entry in
            (
                when: entry.on.description, what: t(entry.kind.title), who: "",
                detail: entry.content["to"]?.string.map { "<p>\(t("至", "until")) \($0)</p>" } ?? HTML.empty
            )
        }
        let link = "\(house.site)/verify/permit?code=\(permit.checkCode)"
        let code = QRCode.svg(link).map(HTML.raw(unchecked:)) ?? .empty
        let facts = try publicFacts(permit, model.person, model.employer, t)
        let body: HTML = """
            <div class="title-row"><h1>\(model.person?.name ?? "—")</h1>\(Parts.badge(t(permit.state.title), permit.state == .valid ? .good : .bad))</div>\
            \(Parts.card(t("电子工作许可", "Digital work permit"), """
                \(Parts.facts(facts))<div class="stamp">\(code)<p>\(t("验证码", "Check code")) <strong>\(permit.checkCode)</strong><br>\
                <span class="hint">\(t("2024 年 12 月 1 日起不再发实体证；任何人可凭验证码核验。", "No card is issued since 1 December 2024; anyone can verify it by the code."))</span></p></div>
                """))\(try whatNext(model, visit))\
            \(Parts.card(t("办件", "Filings"), FilingTable.html(model.filings, house, t)))\
            \(Parts.card(t("许可经过", "History"), Parts.timeline(entries)))
            """
        return .page(
            Page(
                title: Bilingual("工作许可", "Work permit"),
                trail: [Crumb(Bilingual("外国人工作许可", "Work permits"), "/permits")], width: .desk, body: body))
    }

    /// What anyone with the code may know: no passport, no birth date.
    private func publicFacts(
        _ permit: Permit, _ person: Foreigner?, _ employer: Organisation?, _ t: Say
    ) throws -> [(String, HTML)] {
        let basis =
            permit.basis == .deemed
            ? t("（逾期未决定，视为准予延续：行政许可法第五十条）", " (deemed extended: Administrative Licensing Law, article 50)") : ""
        return [
            (t("许可号", "Permit number"), HTML(text: person?.number ?? "—")),
            (t("姓名", "Name"), HTML(text: person?.name ?? "—")),
            (t("国籍", "Nationality"), HTML(text: house.city.countries[permit.nationality].map { t($0.name) } ?? "—")),
            (t("用人单位", "Employer"), HTML(text: employer.map { t($0.name) } ?? "—")),
            (t("类别", "Category"), HTML(text: t(permit.category.title))),
            (t("职务", "Post"), HTML(text: t(written: permit.post))),
            (
                t("有效期", "Valid"),
                HTML(text: "\(permit.startsOn.text(t.language)) – \(permit.endsOn.text(t.language))\(basis)")
            ),
        ]
    }

    /// What the employer or the person can ask for now, with the window of an extension.
    private func whatNext(_ model: Model, _ visit: Visit) throws -> HTML {
        let (permit, t, actor) = (model.permit, visit.say, visit.actor)
        guard permit.state == .valid else { return .empty }
        let isEmployer = actor.belongs(to: permit.organisation, as: [.administrator, .sealHolder, .handler])
        let isPerson = actor.account != nil && model.person?.account == actor.account
        guard isEmployer || isPerson else { return .empty }
        let kinds: [FilingKind] = isEmployer ? [.extension, .change, .reissue, .cancellation] : [.cancellation]
        let buttons = HTML(each: kinds) { kind in
            let title = (try? house.procedures.newest(kind.rawValue).title) ?? Bilingual("", "")
            return Parts.post(
                "/permits/filings", t(title), token: visit.csrfToken, kind == .extension ? .primary : .secondary,
                fields: [
                    ("kind", kind.rawValue), ("organisation", permit.organisation.text), ("permit", permit.id.text),
                ])
        }
        let window = try ExtensionWindow(end: permit.endsOn, PermitNumbers(house.city.rules, on: house.today))
        let words: HTML = """
            <p>\(t("延期申请期：\(window.opens.text(.chinese)) 至 \(window.closes.text(.chinese))", "An extension may be asked for from \(window.opens.text(.english)) to \(window.closes.text(.english))")) \
            <span class="basis">\(t(window.closesBasis))</span></p>
            """
        return Parts.card(
            t("可以办理", "What you can ask for"),
            "\(if: permit.term == .long, words)<div class=\"buttons\">\(buttons)</div>")
    }

    private func verify(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let code = visit.query("code") ?? ""
        let found = try await house.db.read { tx -> (Permit, Foreigner?, Organisation?)? in
            guard let permit = try PermitStore.find(checkCode: code, tx) else { return nil }
            return (
                permit, try ForeignerStore.find(permit.foreigner, tx),
                try Registry.organisation(permit.organisation, tx)
            )
        }
        let result: HTML
        if let (permit, person, employer) = found {
            let isNow = permit.state == .valid && permit.startsOn <= house.today
            let title =
                isNow
                ? t("许可有效", "The permit is valid")
                : permit.state == .valid
                    ? t("许可尚未生效", "The permit is not in force yet")
                    : t("许可已失效：\(permit.state.title.zh)", "The permit is over: \(permit.state.title.en)")
            result = Parts.notice(
                isNow ? .good : .bad, title, Parts.facts(try publicFacts(permit, person, employer, t)))
        } else if !code.isEmpty {
            result = Parts.notice(
                .bad,
                t(
                    "没有这个验证码，或已换发新码。请核对 16 位验证码。",
                    "There is no such code, or it was replaced. Compare the sixteen characters."))
        } else {
            result = .empty
        }
        let body: HTML = """
            <h1>\(t("工作许可核验", "Verify a work permit"))</h1><p class="lead">\(t("输入电子许可上的验证码。", "Enter the check code of the digital permit."))</p>\(result)\
            \(Fields.filters("/verify/permit", Fields.input(.init("code", t("验证码", "Check code")), value: code, t), ask: Bilingual("核验", "Verify"), t))
            """
        return .page(
            Page(title: Bilingual("工作许可核验", "Verify a work permit"), body: body),
            status: found == nil && !code.isEmpty ? 404 : 200)
    }
}
