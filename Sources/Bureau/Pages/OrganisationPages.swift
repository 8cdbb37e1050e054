import Kernel
import Portal
import Store

/// One's organisation: register it, its facts, its members.
struct OrganisationPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "organisations.form", .get, "/organisation/new", access: .signedIn,
                summary: Bilingual("登记单位", "Register an organisation"), handler: form),
            Route(
                "organisations.register", .post, "/organisation/new", access: .signedIn,
                summary: Bilingual("登记单位", "Register an organisation"), handler: register),
            Route(
                "organisations.show", .get, "/organisation", access: .signedIn,
                summary: Bilingual("我的单位", "My organisation"), handler: show),
            Route(
                "organisations.member", .post, "/organisation/{id}/members", access: .members([.administrator]),
                summary: Bilingual("设置成员", "Set a member"), handler: setMember),
        ]
    }

    private func form(_ visit: Visit) async throws -> Answer { page(visit, []) }

    private func page(_ visit: Visit, _ problems: [FieldProblem]) -> Answer {
        let t = visit.say
        let form = visit.form
        func input(_ name: String, _ label: String) -> HTML {
            Fields.input(.init(name, label), value: form[name] ?? "", problem: Fields.problem(name, problems, t), t)
        }
        let fields: HTML = """
            \(input("name-zh", t("名称（中文）", "Name in Chinese")))\(input("name-en", t("名称（英文）", "Name in English")))\
            \(input("uscc", t("统一社会信用代码", "Unified social credit code")))\
            \(Fields.select(.init("kind", t("类型", "Kind")), Organisation.Kind.allCases.map { ($0.rawValue, t($0.title)) }, value: form["kind"], problem: Fields.problem("kind", problems, t), t))\
            \(input("address", t("地址", "Address")))
            """
        let body: HTML = """
            <h1>\(t("登记单位", "Register an organisation"))</h1><p class="lead">\(t("登记后您是该单位的管理员，可以加入成员、推荐申报。", "You become its administrator: you add members and endorse applications."))</p>\(Parts.errors(problems, t))\
            \(Parts.card(nil, Fields.form("/organisation/new", token: visit.csrfToken, fields, buttons: Fields.submit(t("登记", "Register")))))
            """
        return .page(
            Page(title: Bilingual("登记单位", "Register an organisation"), body: body), status: problems.isEmpty ? 200 : 422
        )
    }

    private func register(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        var problems: [FieldProblem] = []
        for name in ["name-zh", "name-en", "address"] where (form[name] ?? "").isEmpty || (form[name] ?? "").count > 200
        {
            problems.append(
                FieldProblem(
                    field: name, code: "field.required",
                    message: Bilingual("请填写（不超过 200 字）", "Fill this in, at most 200 characters")))
        }
        var uscc = ""
        do {
            uscc = try USCC(parsing: form["uscc"] ?? "").text
        } catch {
            problems.append(FieldProblem(field: "uscc", code: error.code, message: error.message))
        }
        let kind = form["kind"].flatMap(Organisation.Kind.init(rawValue:))
        if kind == nil {
            problems.append(
                FieldProblem(field: "kind", code: "field.required", message: Bilingual("请选择类型", "Choose the kind")))
        }
        guard problems.isEmpty, let kind, let account = visit.actor.account else { return page(visit, problems) }
        let item = Organisation(
            id: house.ids.make(), name: Bilingual(form["name-zh"] ?? "", form["name-en"] ?? ""), uscc: uscc, kind: kind,
            address: form["address"] ?? "")
        let (actor, now, day) = (visit.actor, house.clock.now(), house.today)
        do {
            try await house.db.write { tx in
                try Registry.add(item, source: "self-declared", by: actor, at: now, on: day, tx)
                try Registry.setMember(
                    account, of: item.id, roles: [.administrator, .sealHolder, .handler], by: actor, at: now, tx)
            }
        } catch let problem as RegistryError {
            return page(visit, [FieldProblem(field: "uscc", code: problem.code, message: problem.message)])
        }
        return .redirect("/organisation")
    }

    private func show(_ visit: Visit) async throws -> Answer { try await organisationPage(visit, nil) }

    private func organisationPage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let day = house.today
        let found = try await house.db.read { tx in
            try Registry.organisations(actor.memberships.map(\.organisation), tx).values.sorted { $0.uscc < $1.uscc }
                .map {
                    (
                        $0, try Registry.members(of: $0.id, tx),
                        try Registry.history(of: $0.id.text, tx).filter { $0.from <= day }
                    )
                }
        }
        let roles: [(MembershipRole, String)] = [
            (.administrator, t("管理员", "administrator")), (.sealHolder, t("用章人", "seal holder")),
            (.handler, t("经办人", "handler")),
            (.member, t("成员", "member")),
        ]
        let problems = problem?.fields ?? []
        let parts = HTML(each: found) { organisation, members, facts in
            let administers = actor.belongs(to: organisation.id, as: [.administrator])
            let rows = members.map { member -> [HTML] in
                [
                    HTML(text: member.name), HTML(text: member.login),
                    HTML(text: roles.filter { member.roles.contains($0.0) }.map(\.1).joined(separator: t("、", ", "))),
                ]
            }
            let add: HTML =
                administers
                ? Fields.form(
                    "/organisation/\(organisation.id.text)/members", token: visit.csrfToken,
                    """
                    \(Fields.input(.init("login", t("对方的账号", "Their account name")), value: visit.form["login"] ?? "", problem: Fields.problem("login", problems, t), isWide: false, t))\
                    \(Fields.choices(.init("roles", t("角色（全不选即移出）", "Roles (none removes them)"), required: true), roles.map { ($0.0.rawValue, $0.1) }, chosen: visit.form.all("roles"), isMany: true, problem: Fields.problem("roles", problems, t), t))
                    """, buttons: Fields.submit(t("设置成员", "Set the member"), .secondary)) : .empty
            let known = facts.map { fact -> [HTML] in
                [
                    HTML(text: t(FactNames.name(fact.name))), HTML(text: FactNames.value(fact, t)),
                    HTML(text: fact.from.text(t.language)), HTML(text: t(Parts.source(fact.source))),
                ]
            }
            return """
                \(Parts.card(t(organisation.name), Parts.facts([
                    (t("统一社会信用代码", "Credit code"), HTML(text: organisation.uscc)), (t("类型", "Kind"), HTML(text: t(organisation.kind.title))), (t("地址", "Address"), HTML(text: t(written: organisation.address))),
                ])))\(Parts.card(t("成员", "Members"), "\(Parts.table(t("成员", "Members"), [.init(t("姓名", "Name")), .init(t("账号", "Account")), .init(t("角色", "Roles"))], rows, empty: "—"))\(add)"))\
                \(Parts.card(t("主体库中的信息（有来源、有日期）", "Facts on file, with source and date"), Parts.table(t("信息", "Facts"), [.init(t("项目", "Fact")), .init(t("内容", "Value")), .init(t("自", "From")), .init(t("来源", "Source"))], known, empty: "—")))
                """
        }
        let none: HTML =
            found.isEmpty
            ? "<p>\(Parts.button(t("登记单位", "Register an organisation"), to: "/organisation/new"))</p>" : .empty
        let body: HTML =
            "<h1>\(t("我的单位", "My organisation"))</h1><p><a href=\"/bank-accounts\">\(t("收款账户", "Bank accounts"))</a> · <a href=\"/permits\">\(t("外国人来华工作许可", "Work permits for foreigners"))</a></p>\(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\(none)\(parts)"
        return .page(
            Page(title: Bilingual("我的单位", "My organisation"), width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func setMember(_ visit: Visit) async throws -> Answer {
        let id: ID<OrganisationMark> = try visit.id("id")
        guard visit.actor.belongs(to: id, as: [.administrator]) else { throw RegistryError.unknown }
        let login = visit.form["login"] ?? ""
        let asked = visit.form.all("roles")
        let roles = Set(asked.compactMap(MembershipRole.init(rawValue:)))
        let (actor, now) = (visit.actor, house.clock.now())
        do {
            try await house.db.write { tx in
                var wrong: [FieldProblem] = []
                let account = try AccountStore.find(login: login, tx)
                if account == nil {
                    wrong.append(
                        FieldProblem(field: "login", code: "field.choice", message: AccessError.unknownAccount.message))
                }
                if roles.count < Set(asked).count {
                    wrong.append(
                        FieldProblem(
                            field: "roles", code: "field.choice",
                            message: Bilingual("请从所列角色中选择", "Choose among the roles shown")))
                }
                guard wrong.isEmpty, let account else { throw PlainProblem.incomplete(wrong) }
                try Registry.setMember(account.id, of: id, roles: roles, by: actor, at: now, tx)
                let members = try Registry.members(of: id, tx)
                guard members.contains(where: { $0.roles.contains(.administrator) }) else {
                    throw RegistryError.lastAdministrator
                }
            }
            return .redirect("/organisation")
        } catch let problem as PlainProblem {
            return try await organisationPage(visit, problem)
        } catch let problem as RegistryError {
            return try await organisationPage(visit, problem)
        }
    }
}

/// Words for what the registry holds.
enum FactNames {
    static func name(_ name: String) -> Bilingual {
        switch name {
        case "name": Bilingual("名称", "Name")
        case "uscc": Bilingual("统一社会信用代码", "Credit code")
        case "kind": Bilingual("类型", "Kind")
        case "address": Bilingual("地址", "Address")
        case "distinguished": Bilingual("优秀单位", "Distinguished")
        default:
            if let year = name.split(separator: ".").last, name.hasPrefix("research-spending.") {
                Bilingual("\(year) 年研发投入", "Research spending in \(year)")
            } else {
                Bilingual(name, name)
            }
        }
    }

    static func value(_ fact: Fact, _ t: Say) -> String {
        if fact.name == "kind", let kind = fact.value.string.flatMap(Organisation.Kind.init(rawValue:)) {
            return t(kind.title)
        }
        if let zh = fact.value["zh"]?.string { return t(zh, fact.value["en"]?.string ?? zh) }
        if let fen = fact.value.integer { return Money(fen: fen).text(t.language) }
        if let bool = fact.value.bool { return bool ? t("是", "Yes") : t("否", "No") }
        return fact.value.string ?? fact.value.canonicalText
    }
}
