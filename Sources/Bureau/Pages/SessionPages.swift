import Kernel
import Portal
import Store

/// Signing in and out, registering, and one's own account.
struct SessionPages: Sendable {
    let house: House
    let sessions: Sessions
    let accounts: Accounts
    /// Where people may sign in as well; nil where no provider is configured.
    var provider: ProviderSettings?

    /// What the form of a token calls the password: that of a new one is on the same page.
    static let tokenPassword = "token-password"

    private var factors: SecondFactorPages { SecondFactorPages(house: house, sessions: sessions) }

    var routes: [Route] {
        [
            Route(
                "session.form", .get, "/sign-in", access: .session, summary: Bilingual("登录", "Sign in"), handler: form),
            Route(
                "session.start", .post, "/sign-in", access: .session, summary: Bilingual("登录", "Sign in"),
                handler: signIn),
            Route(
                "session.end", .post, "/sign-out", access: .signedIn, summary: Bilingual("退出", "Sign out"),
                handler: signOut),
            Route(
                "accounts.form", .get, "/register", access: .session, summary: Bilingual("注册", "Register"),
                handler: registration),
            Route(
                "accounts.register", .post, "/register", access: .session, summary: Bilingual("注册", "Register"),
                handler: register),
            Route(
                "account.show", .get, "/account", access: .signedIn, summary: Bilingual("我的账号", "My account"),
                handler: account),
            Route(
                "account.password", .post, "/account/password", access: .signedIn,
                summary: Bilingual("修改密码", "Change the password"), handler: password),
            Route(
                "account.token", .post, "/account/tokens", access: .signedIn,
                summary: Bilingual("新建接口令牌", "Make an API token"), handler: token),
            Route(
                "account.token.end", .post, "/account/tokens/{token}/end", access: .signedIn,
                summary: Bilingual("停用接口令牌", "End an API token"), handler: endToken),
        ]
    }

    private func form(_ visit: Visit) async throws -> Answer { signInPage(visit, nil) }

    private func signInPage(_ visit: Visit, _ problem: (any Problem)?) -> Answer {
        let t = visit.say
        let fields: HTML = """
            \(Parts.hidden([("return", visit.returnPath(else: "/work"))]))\
            \(Fields.input(.init("login", t("账号", "Account name")), value: visit.form["login"] ?? "", autocomplete: "username", isWide: false, t))\
            \(Fields.input(.init("password", t("密码", "Password")), type: "password", autocomplete: "current-password", isWide: false, t))
            """
        let body: HTML = """
            <h1>\(t("登录", "Sign in"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(with: provider, { IdentityPages.door($0, visit) })\
            \(Parts.card(nil, Fields.form("/sign-in", token: visit.csrfToken, fields, buttons: Fields.submit(t("登录", "Sign in")))))\
            <p>\(t("还没有账号？", "No account yet?")) <a href="/register">\(t("注册", "Register"))</a></p>
            """
        return .page(Page(title: Bilingual("登录", "Sign in"), body: body), status: problem?.kind.status ?? 200)
    }

    private func signIn(_ visit: Visit) async throws -> Answer {
        do {
            let session = try await sessions.signIn(
                login: visit.form["login"] ?? "", password: visit.form["password"] ?? "", from: visit.origin,
                now: house.clock.now())
            switch session {
            case .open(let token, _):
                return Answer.redirect(visit.returnPath(else: "/work")).startingSession(token)
            case .code(let ticket):
                return try await factors.codePage(visit, ticket: ticket, nil)
            }
        } catch let problem as AccessError {
            return signInPage(visit, problem)
        }
    }

    private func signOut(_ visit: Visit) async throws -> Answer {
        if let session = visit.session { try await sessions.signOut(token: session) }
        return Answer.redirect("/").endingSession()
    }

    private func registration(_ visit: Visit) async throws -> Answer { registerPage(visit, [], nil) }

    private func registerPage(_ visit: Visit, _ problems: [FieldProblem], _ problem: (any Problem)?) -> Answer {
        let t = visit.say
        func field(
            _ name: String, _ label: String, type: String = "text", hint: String? = nil, required: Bool = true
        ) -> HTML {
            Fields.input(
                .init(name, label, hint: hint, required: required), type: type, value: visit.form[name] ?? "",
                problem: Fields.problem(name, problems, t), t)
        }
        let fields: HTML = """
            \(field("name", t("姓名", "Name")))\(field("name-en", t("英文姓名", "Name in English"), required: false))\
            \(field("number", t("证件号码（居民身份证或外国人永久居留身份证）", "Identity number (resident or foreign permanent resident)"), hint: t("加密保存，仅用于核对身份。", "Kept encrypted, used only to tell people apart.")))\
            \(field("orcid", t("ORCID", "ORCID"), required: false))\(field("mail", t("电子邮箱", "Mail address"), type: "email", required: false))\
            \(field("login", t("账号", "Account name"), hint: t("字母、数字、点和连字符，3–40 位", "Letters, digits, dots and hyphens, 3 to 40")))\
            \(field("password", t("密码", "Password"), type: "password", hint: t("至少 10 位", "At least 10 characters")))
            """
        let body: HTML = """
            <h1>\(t("注册", "Register"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\
            \(Parts.card(nil, Fields.form("/register", token: visit.csrfToken, fields, buttons: Fields.submit(t("注册", "Register")))))
            """
        return .page(
            Page(title: Bilingual("注册", "Register"), body: body),
            status: problem?.kind.status ?? (problems.isEmpty ? 200 : 422))
    }

    private func register(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        let draft = AccountDraft(
            name: form["name"] ?? "", nameEn: form["name-en"] ?? "", number: form["number"] ?? "",
            orcid: form["orcid"] ?? "", mail: form["mail"] ?? "", login: form["login"] ?? "",
            password: form["password"] ?? "", language: visit.language)
        do {
            try await accounts.register(draft)
            let session = try await sessions.signIn(
                login: draft.login, password: draft.password, from: visit.origin, now: house.clock.now())
            guard case .open(let token, _) = session else { throw AccessError.wrongLogin }
            return Answer.redirect("/work").startingSession(token)
        } catch let problem as AccessError {
            return registerPage(visit, problem.fields, problem)
        } catch let problem as ProcedureError {
            return registerPage(visit, problem.fields, nil)
        } catch let problem as RegistryError {
            return registerPage(
                visit, [FieldProblem(field: "number", code: problem.code, message: problem.message)], nil)
        }
    }

    private func account(_ visit: Visit) async throws -> Answer { try await accountPage(visit, nil, made: nil) }

    /// - Parameters:
    ///   - problems: of the fields of the form that makes a token.
    ///   - made: a token that was just made.
    private func accountPage(
        _ visit: Visit, _ problem: (any Problem)?, problems: [FieldProblem] = [], made: String?
    ) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let (card, organisations, identities) = try await house.db.read { tx in
            (
                try actor.account.flatMap { try AccountStore.find($0, tx) },
                try Registry.organisations(actor.memberships.map(\.organisation), tx),
                try actor.account.map { try Identities.list(of: $0, tx) } ?? []
            )
        }
        let now = house.clock.now()
        let tokens: [TokenCard] =
            if let account = actor.account { try await sessions.tokens(of: account, now: now) } else { [] }
        let list: [SessionCard] =
            if let account = actor.account { try await sessions.list(of: account, now: now) } else { [] }
        let names = organisations.values.map { t($0.name) }.sorted().joined(separator: t("、", ", "))
        let mail = card?.mail.shown(by: house.vault, in: t.language) ?? ""
        var facts: [(String, HTML)] = [
            (t("账号", "Account name"), HTML(text: card?.login ?? "")), (t("姓名", "Name"), HTML(text: card?.name ?? "")),
            (t("电子邮箱", "Mail"), HTML(text: mail.isEmpty ? "—" : mail)),
        ]
        // The bureau's own people belong to a division of it, and rarely to an organisation.
        if let division = actor.division {
            facts.append((t("处室", "Division"), HTML(text: t(house.city.division(division)))))
        }
        if !names.isEmpty || actor.roles.isDisjoint(with: Role.staff) {
            facts.append((t("单位", "Organisations"), HTML(text: names.isEmpty ? "—" : names)))
        }
        let token = visit.csrfToken
        let pool: HTML =
            actor.roles.isDisjoint(with: Role.staff)
            ? """
            <p><a href="/reviews/registration">\(t("评审专家入库与确认", "Be an expert of the bureau's reviews"))</a></p>
            """ : .empty
        let body: HTML = """
            <h1>\(t("我的账号", "My account"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\(with: made, { Parts.notice(.good, t("接口令牌（只显示一次）", "API token, shown once"), "<p><code>\($0)</code></p>") })\
            \(Parts.card(nil, """
                \(Parts.facts(facts))\(pool)
                """))\(with: provider, { IdentityPages.card($0, identities, visit, house.city.zone) })\
            \(SecondFactorPages.sessionCard(list, visit, house.city.zone))\(Parts.card(t("修改密码", "Change the password"), Fields.form("/account/password", token: token, """
                \(Fields.input(.init("old", t("现在的密码", "Present password")), type: "password", autocomplete: "current-password", isWide: false, t))\
                \(Fields.input(.init("new", t("新密码", "New password")), type: "password", problem: Fields.problem("password", problem?.fields ?? [], t), autocomplete: "new-password", isWide: false, t))
                """, buttons: Fields.submit(t("修改", "Change"), .secondary))))\
            \(tokenCard(tokens, visit, problems, isMade: made != nil))
            """
        return .page(
            Page(title: Bilingual("我的账号", "My account"), body: body),
            status: problem?.kind.status ?? (problems.isEmpty ? 200 : 422))
    }

    private func password(_ visit: Visit) async throws -> Answer {
        do {
            try await accounts.changePassword(
                of: visit.actor, old: visit.form["old"] ?? "", new: visit.form["new"] ?? "", from: visit.origin)
            return .redirect("/sign-in")
        } catch let problem as AccessError {
            return try await accountPage(visit, problem, made: nil)
        }
    }

    private func token(_ visit: Visit) async throws -> Answer {
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        let label = visit.form["label"] ?? ""
        let addition = SecondFactorPages.Addition(
            title: Bilingual("新建接口令牌", "Make an API token"), action: "/account/tokens",
            password: Self.tokenPassword, fields: [("label", label)],
            problems: (1...100).contains(label.count) ? [] : AccessError.noLabel.fields,
            place: SecondFactorPages.Place(
                address: "/account", trail: [Crumb(Bilingual("我的账号", "My account"), "/account")],
                show: { problem, problems in
                    try await accountPage(visit, problem, problems: problems, made: nil)
                }))
        return try await factors.add(addition, visit) { proof in
            let now = house.clock.now()
            let token = try await sessions.makeToken(
                for: account, label: label, scopes: ["*"], ends: now.adding(seconds: 90 * 86_400), showing: proof,
                session: visit.session, now: now)
            return try await accountPage(visit, nil, made: token)
        }
    }

    private func endToken(_ visit: Visit) async throws -> Answer {
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        try await sessions.endToken(visit.path("token"), of: account)
        return .redirect("/account")
    }

    private func tokenCard(
        _ tokens: [TokenCard], _ visit: Visit, _ problems: [FieldProblem], isMade: Bool
    ) -> HTML {
        let t = visit.say
        let label = Fields.input(
            .init(
                "label", t("用途", "What for"),
                hint: t(
                    "令牌 90 天后失效，可随时停用；修改密码、增加两步验证或解除身份关联时一并停用。",
                    "A token ends after 90 days, or when you end it; also when you change your password, add a second "
                        + "factor or unlink an identity.")),
            value: isMade ? "" : visit.form["label"] ?? "", problem: Fields.problem("label", problems, t),
            isWide: false, t)
        let form = Fields.form(
            "/account/tokens", token: visit.csrfToken, label + factors.passwordField(Self.tokenPassword, problems, t),
            buttons: Fields.submit(t("新建令牌", "Make a token"), .secondary))
        return Parts.card(t("接口令牌", "API tokens"), "\(tokenTable(tokens, visit, t))\(form)")
    }

    private func tokenTable(_ tokens: [TokenCard], _ visit: Visit, _ t: Say) -> HTML {
        guard !tokens.isEmpty else { return .empty }
        let zone = house.city.zone
        let rows = tokens.map { one -> [HTML] in
            [
                HTML(text: one.label), HTML(text: zone.clockText(one.madeAt)), HTML(text: zone.clockText(one.endsAt)),
                Parts.post("/account/tokens/\(one.id)/end", t("停用", "End"), token: visit.csrfToken, .danger),
            ]
        }
        return Parts.table(
            t("接口令牌", "API tokens"),
            [.init(t("用途", "What for")), .init(t("建立", "Made")), .init(t("失效", "Ends")), .init(t("操作", "Do"))], rows,
            empty: "—")
    }
}

extension Visit {
    /// From where somebody signs in.
    var origin: Sessions.Origin { Sessions.Origin(client: client, agent: agent) }
}
