import Kernel
import Portal
import Store

/// The second factor of an account, and the list of its sessions; its security keys are in `SecurityKeyPages.swift`,
/// what adding to it takes is in `FactorAddition.swift`.
struct SecondFactorPages: Sendable {
    let house: House
    let sessions: Sessions

    var factor: SecondFactor { sessions.factor }

    var routes: [Route] { codeRoutes + keyRoutes }

    private var codeRoutes: [Route] {
        [
            Route(
                "session.code", .post, "/sign-in/code", access: .session,
                summary: Bilingual("登录第二步", "The code or key after the password"), handler: code),
            Route(
                "factor.show", .get, "/account/second-factor", access: .signedIn,
                summary: Bilingual("两步验证", "Second factor"), handler: show),
            Route(
                "factor.begin", .post, "/account/second-factor/begin", access: .signedIn,
                summary: Bilingual("设置两步验证", "Set up a second factor"), handler: begin),
            Route(
                "factor.confirm", .post, "/account/second-factor/confirm", access: .signedIn,
                summary: Bilingual("启用验证码", "Turn codes on"), handler: confirm),
            Route(
                "factor.end", .post, "/account/second-factor/end", access: .signedIn,
                summary: Bilingual("停用验证码", "Turn codes off"), handler: end),
            Route(
                "account.session.end", .post, "/account/sessions/{session}/end", access: .signedIn,
                summary: Bilingual("结束会话", "End a session"), handler: endSession),
            Route(
                "admin.factor.reset", .post, "/admin/accounts/{id}/second-factor/reset",
                access: .roles([.systemAdministrator]),
                summary: Bilingual("重置两步验证", "Take the second factor off an account"), handler: reset),
        ]
    }

    /// What follows the right password of an account with a second factor, or the word of an identity provider.
    /// - Parameter back: where to go afterwards; nil where the form says it.
    func codePage(
        _ visit: Visit, ticket: String, back: String? = nil, _ problem: (any Problem)?
    ) async throws -> Answer {
        let t = visit.say
        let now = house.clock.now()
        let owner = try await sessions.owner(ofTicket: ticket, now: now)
        let question = try owner.flatMap { owner in
            try factor.question(of: owner.factors.keys, for: owner.account, holder: ticket, at: now)
        }
        let forms = ProofForms(
            action: "/sign-in/code", factors: owner?.factors, question: question,
            hidden: [("ticket", ticket), ("return", back ?? visit.returnPath(else: "/work"))],
            purpose: Bilingual("登录", "Sign in"))
        let body: HTML = """
            <h1>\(t("两步验证", "Second step"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.card(nil, forms.html(visit)))
            <p><a href="/sign-in">\(t("换一个账号登录", "Sign in with another account"))</a></p>
            """
        return .page(Page(title: Bilingual("两步验证", "Second step"), body: body), status: problem?.kind.status ?? 200)
    }

    private func code(_ visit: Visit) async throws -> Answer {
        let ticket = visit.form["ticket"] ?? ""
        do {
            let session = try await sessions.signIn(
                ticket: ticket, showing: ProofForms.proof(visit.form), from: visit.origin, now: house.clock.now())
            return Answer.redirect(visit.returnPath(else: "/work")).startingSession(session.token)
        } catch let problem as AccessError {
            return try await codePage(visit, ticket: ticket, problem)
        } catch let problem as KeyError {
            return try await codePage(visit, ticket: ticket, problem)
        }
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    func account(_ visit: Visit) throws -> ID<Account> {
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        return account
    }

    /// The page of one's own factors.
    /// - Parameters:
    ///   - problems: of the fields of the forms that add something.
    ///   - setUp: waits for its first code.
    func page(
        _ visit: Visit, _ problem: (any Problem)?, problems: [FieldProblem] = [], setUp: CodeSetUp? = nil
    ) async throws -> Answer {
        let t = visit.say
        let account = try account(visit)
        let (factors, card) = try await house.db.read { tx in
            (try SecondFactor.state(of: account, tx), try AccountStore.find(account, tx))
        }
        let isAsked = card.map { !$0.roles.isDisjoint(with: sessions.required) } ?? false
        let rests: HTML =
            isAsked && !factors.isOn
            ? Parts.notice(
                .warning, t("您的角色要求两步验证", "Your role asks for a second factor"),
                "<p>\(t("启用之前，您的工作权限暂不生效。", "Until it is on, what your role may do rests."))</p>") : .empty
        let isOn: HTML =
            factors.isOn
            ? Parts.notice(
                .good, t("两步验证已启用", "The second factor is on"),
                "<p>\(t("还剩 \(factors.codesLeft) 个恢复码", "\(counted(factors.codesLeft, "recovery code is", "recovery codes are")) left"))</p>"
            ) : .empty
        let codes = try codesCard(visit, factors, setUp, card?.login ?? "", problems)
        let body: HTML = """
            <h1>\(t("两步验证", "Second factor"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\(rests)\(isOn)\(codes)\(keysCard(visit, factors, problems))
            """
        return .page(
            Page(
                title: Bilingual("两步验证", "Second factor"), trail: [Crumb(Bilingual("我的账号", "My account"), "/account")],
                body: body), status: problem?.kind.status ?? (problems.isEmpty ? 200 : 422))
    }

    private func codesCard(
        _ visit: Visit, _ factors: FactorState, _ setUp: CodeSetUp?, _ login: String, _ problems: [FieldProblem]
    ) throws -> HTML {
        let t = visit.say
        if factors.hasCodes {
            let question = try factor.question(
                of: factors.keys, for: try account(visit), holder: visit.session ?? "", at: house.clock.now())
            let forms = ProofForms(
                action: "/account/second-factor/end", factors: factors, question: question,
                purpose: Bilingual("停用验证码", "Turn codes off"), kind: .danger)
            return Parts.card(t("停用身份验证器", "Do without the authenticator"), forms.html(visit))
        }
        if let setUp { return codeCard(visit, setUp, login, t) }
        let form = Fields.form(
            "/account/second-factor/begin", token: visit.csrfToken,
            passwordField(Self.codesPassword, problems, t), buttons: Fields.submit(t("开始设置", "Set up"), .secondary))
        return Parts.card(
            t("身份验证器", "Authenticator"),
            """
            <p>\(t("登录时除密码外，再输入手机身份验证器（支持 TOTP 的任何程序）显示的 6 位数字。", "Besides the password you then enter six digits that an authenticator on your phone shows, any program that knows TOTP."))</p>\(form)
            """)
    }

    private func codeCard(_ visit: Visit, _ setUp: CodeSetUp, _ login: String, _ t: Say) -> HTML {
        let address = OneTimeCode.address(setUp.secret, issuer: t(house.city.bureau), account: login)
        let code = QRCode.svg(address).map(HTML.raw(unchecked:)) ?? .empty
        let field = Fields.input(
            .init("code", t("验证码", "Code"), hint: t("身份验证器现在显示的 6 位数字", "The six digits that it shows now")),
            autocomplete: "one-time-code", isWide: false, t)
        let hidden = Parts.hidden([("set-up", setUp.sealed)])
        return Parts.card(
            t("用身份验证器扫描", "Scan this with your authenticator"),
            """
            \(code)<p>\(t("不能扫描时，手工输入密钥：", "If you cannot scan, enter the key by hand:")) <code>\(OneTimeCode.base32(setUp.secret))</code></p>\
            \(Fields.form("/account/second-factor/confirm", token: visit.csrfToken, hidden + field, buttons: Fields.submit(t("启用", "Turn on"))))
            """)
    }

    private func begin(_ visit: Visit) async throws -> Answer {
        let addition = Addition(
            title: Bilingual("设置身份验证器", "Set up an authenticator"), action: "/account/second-factor/begin",
            password: Self.codesPassword)
        return try await add(addition, visit) { proof in
            let setUp = try await factor.begin(
                showing: proof, by: try account(visit), session: visit.session, at: house.clock.now())
            return try await page(visit, nil, setUp: setUp)
        }
    }

    private func confirm(_ visit: Visit) async throws -> Answer {
        let (given, now) = (visit.form["set-up"] ?? "", house.clock.now())
        do {
            let codes = try await factor.confirm(
                visit.form["code"] ?? "", of: given, by: visit.actor, session: visit.session, at: now)
            return turnedOn(visit, codes)
        } catch let problem as AccessError {
            let setUp = try? factor.setUp(given, of: try account(visit), session: visit.session, at: now)
            return try await page(visit, problem, setUp: setUp)
        }
    }

    /// What follows when a factor was added: the recovery codes that came with the first.
    func turnedOn(_ visit: Visit, _ codes: [String]) -> Answer {
        guard !codes.isEmpty else { return .redirect("/account/second-factor") }
        let t = visit.say
        let list = HTML(each: codes) { "<li><code>\($0)</code></li>" }
        let body: HTML = """
            <h1>\(t("两步验证已启用", "The second factor is on"))</h1>\
            \(Parts.card(t("恢复码（只显示一次）", "Recovery codes, shown once"), "<p>\(t("每个只能用一次。请抄写或打印，放在安全的地方：手机或密钥丢失时用它登录。", "Each is good once. Write them down or print them and keep them safe: with one you sign in when the phone or the key is lost."))</p><ul>\(list)</ul>"))\
            <p>\(Parts.button(t("完成", "Done"), to: "/account"))</p>
            """
        return .page(Page(title: Bilingual("恢复码", "Recovery codes"), body: body))
    }

    private func end(_ visit: Visit) async throws -> Answer {
        do {
            try await factor.end(
                showing: ProofForms.proof(visit.form), by: visit.actor, session: visit.session, at: house.clock.now())
            return .redirect("/account/second-factor")
        } catch let problem as AccessError {
            return try await page(visit, problem)
        } catch let problem as KeyError {
            return try await page(visit, problem)
        }
    }

    private func endSession(_ visit: Visit) async throws -> Answer {
        let id = visit.path("session")
        try await sessions.end(id, by: visit.actor, now: house.clock.now())
        guard let own = visit.session, Sessions.id(of: own) == id else { return .redirect("/account") }
        return Answer.redirect("/sign-in").endingSession()
    }

    private func reset(_ visit: Visit) async throws -> Answer {
        try await factor.reset(try visit.id("id"), by: visit.actor, at: house.clock.now())
        return .redirect("/admin")
    }

    /// The card of the account page: where the account is signed in.
    static func sessionCard(_ list: [SessionCard], _ visit: Visit, _ zone: CityZone) -> HTML {
        let t = visit.say
        let own = visit.session.map(Sessions.id(of:))
        let rows = list.map { one -> [HTML] in
            let what: HTML = one.id == own ? Parts.badge(t("当前", "this one"), .good) : .empty
            return [
                "<span title=\"\(one.agent)\">\(t(BrowserName.words(one.agent)))</span> \(what)",
                HTML(text: one.client.isEmpty ? "—" : one.client),
                HTML(text: zone.clockText(one.openedAt)), HTML(text: zone.clockText(one.endsAt)),
                Parts.post("/account/sessions/\(one.id)/end", t("结束", "End"), token: visit.csrfToken, .danger),
            ]
        }
        let table = Parts.table(
            t("登录的设备", "Devices"),
            [
                .init(t("设备", "Device")), .init(t("网络地址", "Address")), .init(t("登录", "Signed in")),
                .init(t("失效", "Ends")), .init(t("操作", "Do")),
            ], rows, empty: "—")
        return Parts.card(
            t("登录的设备", "Devices"),
            "\(table)<p><a href=\"/account/second-factor\">\(t("两步验证", "Second factor"))</a></p>")
    }
}
