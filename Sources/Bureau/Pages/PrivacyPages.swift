import Kernel
import Portal
import Store

/// My personal content, showing what is masked to those who need it, and the auditors' log of looks.
struct PrivacyPages: Sendable {
    let house: House
    let columns: [SealedColumn]
    let rows: [PersonalRows]

    var routes: [Route] {
        [
            Route(
                "privacy.mine", .get, "/privacy", access: .signedIn,
                summary: Bilingual("我的个人信息", "My personal content"), handler: mine),
            Route(
                "privacy.export", .post, "/privacy/export", access: .signedIn,
                summary: Bilingual("导出我的个人信息", "Export my personal content"), handler: export),
            Route(
                "privacy.erase", .post, "/privacy/erasures", access: .signedIn,
                summary: Bilingual("请求删除个人信息", "Ask for erasure"), handler: askErasure),
            Route(
                "privacy.ask", .get, "/privacy/contents/{id}", access: .signedIn,
                summary: Bilingual("查看一项个人信息", "See a personal content"), handler: ask),
            Route(
                "privacy.reveal", .post, "/privacy/contents/{id}", access: .signedIn,
                summary: Bilingual("写明理由后查看", "See it, with a reason"), handler: reveal),
            Route(
                "privacy.looks", .get, "/audit/looks", access: .roles([.auditor]),
                summary: Bilingual("个人信息查看记录", "Looks at personal content"), handler: looks),
            Route(
                "privacy.kinds", .get, "/audit/privacy", access: .roles([.auditor, .leader, .officer]),
                summary: Bilingual("个人信息保存期限", "How long personal content is kept"), handler: kinds),
        ]
    }

    // MARK: Mine

    private func mine(_ visit: Visit) async throws -> Answer { try await minePage(visit, nil) }

    private func minePage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let (person, vault) = (visit.actor.person, house.vault)
        let (contents, looks) = try await house.db.read { tx -> ([(PersonalContent, String)], [PersonalLook]) in
            guard let person else { return ([], []) }
            let contents = try Personal.list(of: person, tx).map { ($0, try $0.masked(vault)) }
            return (contents, try Personal.looks(person: person, limit: 50, tx))
        }
        let rows = contents.map { content, masked -> [HTML] in
            let kind = PersonalKind.named(content.kind)
            return [
                HTML(text: t(kind.title)), HTML(text: masked), HTML(text: t(Parts.source(content.source))),
                HTML(text: content.from.text(t.language)), state(content, t),
            ]
        }
        let seen = looks.map { look -> [HTML] in
            [
                HTML(text: house.city.zone.clockText(look.at)), HTML(text: look.accountName),
                HTML(text: t(PersonalKind.named(look.kind).title)), HTML(text: look.reason),
            ]
        }
        let choices = PersonalKind.all.map { ($0.id, t(Erasures.title(of: $0))) }
        let fields: HTML = """
            \(Fields.choices(.init("kinds", t("删除哪些信息", "What should be erased")), choices, chosen: visit.form.all("kinds"), isMany: true, problem: Fields.problem("kinds", problem?.fields ?? [], t), t))\
            \(Fields.textarea(.init("why", t("说明", "Remarks"), required: false), value: visit.form["why"] ?? "", rows: 3, problem: Fields.problem("why", problem?.fields ?? [], t), t))
            """
        let body: HTML = """
            <h1>\(t("我的个人信息", "My personal content"))</h1><p class="lead">\(t("这里列出本局单独加密保存的您的个人信息、来源和保存期限，以及谁看过。", "What the bureau keeps of you sealed and apart, where it came from, how long it is kept, and who has looked at it."))</p>\
            <p>\(t("姓名、账号、所在单位和登录设备见", "Your name, account, organisations and devices are at")) <a href="/account">\(t("我的账号", "My account"))</a>\(t("。", "."))</p>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\
            \(Parts.card(t("保存的内容", "What is kept"), Parts.table(t("保存的内容", "What is kept"), [
                .init(t("种类", "Kind")), .init(t("内容", "Content")), .init(t("来源", "Source")), .init(t("起", "From")), .init(t("保存", "Kept")),
            ], rows, empty: "<p>\(t("除账号信息外，没有单独保存的个人信息。", "Nothing is kept apart from your account."))</p>")))\
            \(Parts.card(t("谁看过", "Who looked"), Parts.table(t("查看记录", "Looks"), lookColumns(t), seen, empty: "<p>\(t("没有人看过。", "Nobody has looked."))</p>")))\
            <p>\(Parts.post("/privacy/export", t("导出全部（JSON）", "Export everything (JSON)"), token: visit.csrfToken))</p>\
            \(Parts.card(t("请求删除", "Ask for erasure"), Fields.form("/privacy/erasures", token: visit.csrfToken, fields, buttons: Fields.submit(t("提出删除请求", "Ask for erasure")))))
            """
        return .page(
            Page(title: Bilingual("我的个人信息", "My personal content"), trail: [.work], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func state(_ content: PersonalContent, _ t: Say) -> HTML {
        if let why = content.erasedWhy {
            return Parts.badge(why == "retention" ? t("期满已删除", "Erased, time over") : t("已删除 \(why)", "Erased, \(why)"))
        }
        let period = try? house.city.rules.period(PersonalKind.named(content.kind).parameter, on: house.today)
        let until = content.neededUntil.text(t.language)
        return HTML(text: period.map { t("\(until)后 \($0.text.zh)", "\($0.text.en) after \(until)") } ?? until)
    }

    private func lookColumns(_ t: Say) -> [Parts.Column] {
        [
            .init(t("时间", "When")), .init(t("谁", "Who")), .init(t("内容", "What")), .init(t("理由", "Why")),
        ]
    }

    private func export(_ visit: Visit) async throws -> Answer {
        let (actor, now, columns, rows, vault) = (visit.actor, house.clock.now(), columns, rows, house.vault)
        let all = try await house.db.write { tx in
            try Holdings.export(columns: columns, rows: rows, vault: vault, by: actor, at: now, tx)
        }
        return .bytes(all.canonicalBytes, type: "application/json", name: "kechuang-\(house.today).json")
    }

    private func askErasure(_ visit: Visit) async throws -> Answer {
        let (actor, now, form) = (visit.actor, house.clock.now(), visit.form)
        let id: ID<CaseFile> = house.ids.make()
        let erasures = Erasures(procedures: house.procedures, division: house.city.objectionsDivision)
        do {
            try await house.db.write { tx in
                try erasures.file(
                    form.all("kinds"), why: form["why"] ?? "", as: id, by: actor, at: now, tx)
            }
            return .redirect("/cases/\(id)")
        } catch let problem as PrivacyError {
            return try await minePage(visit, problem)
        } catch let problem as PlainProblem {
            return try await minePage(visit, problem)
        }
    }

    /// What the case page shows of a request.
    func panel(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        let kinds = try Erasures.kinds(of: file.id, tx)
        let why = try CaseStore.answers(file.id, tx).content["why"]?.string ?? ""
        return Parts.card(
            t("请求删除的信息", "What should be erased"),
            "<ul>\(each: kinds, { "<li>\(t(Erasures.title(of: $0)))</li>" })</ul>\(Parts.paragraphs(why))")
    }

    // MARK: Looks

    private func ask(_ visit: Visit) async throws -> Answer { try await askPage(visit, shown: nil, nil) }

    private func askPage(_ visit: Visit, shown: String?, _ problem: (any Problem)?) async throws -> Answer {
        let id: ID<PersonalContent> = try visit.id("id")
        let (actor, t, vault) = (visit.actor, visit.say, house.vault)
        let (content, masked, person) = try await house.db.read { tx -> (PersonalContent, String, Person?) in
            guard let content = try Personal.find(id, tx),
                content.person == actor.person || Policy.may(actor, .lookAtPrivateContent)
            else { throw PrivacyError.unknown }
            return (content, try content.masked(vault), try Registry.person(content.person, tx))
        }
        let title = PersonalKind.named(content.kind).title
        let form = PrivacyPages.reasonForm("/privacy/contents/\(id.text)", visit, problem)
        let isOwn = content.person == actor.person
        let body: HTML = """
            <h1>\(t(title))</h1>\(Parts.facts([
                (t("谁", "Whose"), HTML(text: person?.name ?? "")), (t("内容", "Content"), shown.map { "<strong>\($0)</strong>" } ?? HTML(text: masked)),
                (t("来源", "Source"), HTML(text: t(Parts.source(content.source)))), (t("起", "From"), HTML(text: content.from.text(t.language))),
                (t("保存", "Kept"), state(content, t)), (t("登记摘要", "Commitment in the record"), "<code>\(content.commitment)</code>"),
            ]))\(if: shown == nil && content.erasedAt == nil && !isOwn, form)\
            \(if: shown == nil && content.erasedAt == nil && isOwn, Parts.post("/privacy/contents/\(id.text)", t("查看", "Show it"), token: visit.csrfToken))
            """
        return .page(Page(title: title, trail: [.work], body: body), status: problem?.kind.status ?? 200)
    }

    /// The form in which somebody says why they need to see something.
    static func reasonForm(_ url: SafeURL, _ visit: Visit, _ problem: (any Problem)?) -> HTML {
        let t = visit.say
        let field = Fields.input(
            .init(
                "reason", t("查看理由", "Why you need to see it"),
                hint: t("查看会被记录，本人和审计人员可以看到。", "The look is logged; the person and the auditors can see it.")),
            value: visit.form["reason"] ?? "", problem: Fields.problem("reason", problem?.fields ?? [], t), t)
        return Fields.form(
            url, token: visit.csrfToken, field, buttons: Fields.submit(t("记录并查看", "Log it and show")))
    }

    private func reveal(_ visit: Visit) async throws -> Answer {
        let id: ID<PersonalContent> = try visit.id("id")
        let (actor, now, vault, reason) = (visit.actor, house.clock.now(), house.vault, visit.form["reason"] ?? "")
        do {
            let value = try await house.db.write { tx in
                try Personal.reveal(id, reason: reason, vault: vault, by: actor, at: now, tx)
            }
            return try await askPage(visit, shown: value, nil)
        } catch let problem as PrivacyError where problem != .unknown {
            return try await askPage(visit, shown: nil, problem)
        }
    }

    private func looks(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let db = house.db
        let zone = house.city.zone
        let columns: [ExportColumn<PersonalLook>] = [
            ExportColumn(Bilingual("时间", "When"), text: { zone.clockText($0.at) }),
            ExportColumn(Bilingual("谁看的", "Who looked"), text: \.accountName),
            ExportColumn(Bilingual("看谁的", "At whom"), text: \.personName),
            ExportColumn(Bilingual("内容", "What"), text: { PrivacyPages.title($0.kind)[visit.language] }),
            ExportColumn(Bilingual("理由", "Why"), text: \.reason),
        ]
        let file = try visit.export(Bilingual("个人信息查看记录", "Looks at personal content"), columns) { last, limit in
            try await db.read { tx in try Personal.looks(before: last?.id, limit: limit, tx) }
        }
        if let file { return file }
        let before = visit.query("before")
        let list = try await db.read { tx in try Personal.looks(before: before, limit: 51, tx) }
        let rows = list.prefix(50).map { look -> [HTML] in
            [
                HTML(text: zone.clockText(look.at)), HTML(text: look.accountName), HTML(text: look.personName),
                HTML(text: t(PrivacyPages.title(look.kind))), HTML(text: look.reason),
                look.caseID.map { "<a href=\"/cases/\($0.text)\">\(t("办件", "Case"))</a>" } ?? "—",
            ]
        }
        let next: SafeURL? = list.count > 50 ? list.prefix(50).last.map { "/audit/looks?before=\($0.id)" } : nil
        let body: HTML = """
            <h1>\(t("个人信息查看记录", "Looks at personal content"))</h1>\(visit.exports)\(Parts.table(t("查看记录", "Looks"), [
                .init(t("时间", "When")), .init(t("谁看的", "Who looked")), .init(t("看谁的", "At whom")), .init(t("内容", "What")),
                .init(t("理由", "Why")), .init(t("办件", "Case")),
            ], Array(rows), empty: "<p>\(t("还没有人查看过。", "Nobody has looked yet."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/audit/looks", t))
            """
        return .page(
            Page(
                title: Bilingual("个人信息查看记录", "Looks at personal content"),
                trail: [.audit], width: .desk, body: body))
    }

    /// The name of what was looked at: a kind, or a kind and the field of a paper.
    static func title(_ word: String) -> Bilingual {
        if word == "export" { return Bilingual("导出全部", "Export of everything") }
        if word == "answers" { return Bilingual("申报表中的个人信息", "Personal answers of a filing") }
        let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
        let kind = PersonalKind.named(parts.first ?? word).title
        return parts.count == 2 ? Bilingual("\(kind.zh) \(parts[1])", "\(kind.en) \(parts[1])") : kind
    }

    private func kinds(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (rules, today) = (house.city.rules, house.today)
        let rows = PersonalKind.all.map { kind -> [HTML] in
            let dated = try? rules.dated(kind.parameter, on: today)
            let period = try? rules.period(kind.parameter, on: today)
            return [
                HTML(text: t(kind.title)), HTML(text: kind.masked("1234567890")),
                HTML(text: period.map { t($0.text) } ?? t("未设定，一直保存", "not set, kept")),
                "\(dated.map { t($0.source.cited) } ?? "")\(if: dated?.source.confidence.needsChecking ?? true, Parts.toBeChecked(t))",
            ]
        }
        let body: HTML = """
            <h1>\(t("个人信息保存期限", "How long personal content is kept"))</h1><p class="lead">\(t("期限从不再需要之日起算；期满由系统删除，记录里只留下可供核验的摘要。", "The time starts when content is no longer needed. When it is over the system erases it; the record keeps a digest that can be checked."))</p>\
            \(Parts.table(t("保存期限", "Times"), [.init(t("种类", "Kind")), .init(t("遮盖样式", "Masked as")), .init(t("期限", "Time")), .init(t("依据", "Basis"))], rows, empty: "—"))
            """
        return .page(
            Page(
                title: Bilingual("个人信息保存期限", "How long personal content is kept"),
                trail: [visit.mayOpen("/audit") ? .audit : .desk], width: .desk, body: body))
    }
}
