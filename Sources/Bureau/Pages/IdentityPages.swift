import Kernel
import Portal
import Store

/// Signing in at an identity provider, and the identities of one's own account.
///
/// What the provider sends people back with arrives by GET, which writes nothing in this house: a form of one button
/// goes on from there, by itself where there are scripts.
struct IdentityPages: Sendable {
    let house: House
    let sessions: Sessions
    let provider: IdentityProvider

    private var settings: ProviderSettings { provider.settings }
    private var identities: Identities { Identities(db: house.db, ids: house.ids) }

    var routes: [Route] {
        [
            Route(
                "identity.start", .get, "/sign-in/provider", access: .session,
                summary: Bilingual("到认证服务登录", "Sign in at the identity provider"), handler: start),
            Route(
                "identity.arrive", .get, ProviderSettings.returnPath, access: .session,
                summary: Bilingual("从认证服务返回", "Back from the identity provider"), handler: arrive),
            Route(
                "identity.finish", .post, ProviderSettings.returnPath, access: .session,
                summary: Bilingual("完成认证登录", "Finish signing in"), handler: finish),
            Route(
                "identity.link.start", .get, "/account/identities/start", access: .signedIn,
                summary: Bilingual("关联身份", "Link an identity"), handler: startLink),
            Route(
                "identity.link", .post, "/account/identities", access: .signedIn,
                summary: Bilingual("确认关联身份", "Confirm the link"), handler: link),
            Route(
                "identity.unlink", .post, "/account/identities/{identity}/end", access: .signedIn,
                summary: Bilingual("解除身份关联", "Unlink an identity"), handler: unlink),
        ]
    }

    // MARK: There and back

    private func start(_ visit: Visit) async throws -> Answer {
        await leave(visit, .signIn, back: visit.returnPath(else: "/work"))
    }

    private func startLink(_ visit: Visit) async throws -> Answer { await leave(visit, .link, back: "/account") }

    private func leave(_ visit: Visit, _ purpose: Errand.Purpose, back: String) async -> Answer {
        do {
            // A cookie is short: who comes from a longer address is at their desk afterwards.
            let fits = back.utf8.count <= 300 && !back.utf8.contains(UInt8(ascii: "\""))
            let errand = try Errand(
                purpose, account: visit.actor.account, back: fits ? back : "/work", at: house.clock.now())
            let address = try await provider.address(for: errand)
            return Answer.leaving(to: address)
                .startingErrand(try errand.sealed(by: house.vault), seconds: Errand.seconds)
        } catch {
            let problem: any Problem = (error as? any Problem) ?? IdentityError.unreachable
            return failed(visit, problem, purpose, back)
        }
    }

    private func arrive(_ visit: Visit) async throws -> Answer {
        let known = errand(of: visit, state: visit.query("state"))
        let (purpose, back) = (known?.purpose ?? .signIn, known?.back ?? "/work")
        if visit.query("error") != nil { return failed(visit, IdentityError.refused, purpose, back) }
        let isOurs = visit.query("iss").map { $0 == settings.issuer } ?? true
        guard let errand = known, isOurs, let code = visit.query("code"), (1...4_000).contains(code.utf8.count) else {
            return failed(visit, IdentityError.strayed, purpose, back)
        }
        let t = visit.say
        let form = Fields.form(
            SafeURL(stringLiteral: ProviderSettings.returnPath), token: visit.csrfToken,
            Parts.hidden([("code", code), ("state", errand.state)]), buttons: Fields.submit(t("继续", "Go on")))
        let body: HTML = """
            <h1>\(t("登录", "Sign in"))</h1>\
            \(Parts.card(nil, "<p>\(t("您已从“\(settings.name.zh)”返回。", "You are back from \(settings.name.en)."))</p>\(form)", id: "go-on"))
            """
        return .page(Page(title: Bilingual("登录", "Sign in"), body: body))
    }

    private func finish(_ visit: Visit) async throws -> Answer {
        let now = house.clock.now()
        let known = errand(of: visit, state: visit.form["state"])
        let (purpose, back) = (known?.purpose ?? .signIn, known?.back ?? "/work")
        do {
            try await sessions.allow(visit.origin, now: now)
            guard let errand = known, let code = visit.form["code"], (1...4_000).contains(code.utf8.count),
                // Whoever has signed in as somebody else meanwhile links nothing to them.
                purpose == .signIn || visit.actor.account == errand.account
            else { throw IdentityError.strayed }
            try await identities.take(errand, at: now)
            let identity = try await provider.identity(code: code, for: errand)
            switch purpose {
            case .signIn: return try await enter(visit, identity, back, now).endingErrand()
            case .link:
                let proof = try visit.actor.account.map {
                    try ProvenIdentity.seal(identity, for: $0, at: now, by: house.vault)
                }
                return confirmation(visit, identity, proof: proof ?? "", nil).endingErrand()
            }
        } catch let problem as IdentityError {
            if problem.isSuspicious { try await sessions.noteFailure(from: visit.origin, now: now) }
            return failed(visit, problem, purpose, back).endingErrand()
        } catch let problem as AccessError {
            return failed(visit, problem, purpose, back)
        }
    }

    /// What the browser brings back; nil where it is not the sign-in that the answer belongs to.
    private func errand(of visit: Visit, state: String?) -> Errand? {
        guard let text = visit.errand, let state,
            let errand = Errand(opening: text, by: house.vault, at: house.clock.now()), errand.accepts(state: state)
        else { return nil }
        return errand
    }

    private func enter(
        _ visit: Visit, _ identity: ProviderIdentity, _ back: String, _ now: Instant
    ) async throws -> Answer {
        switch try await sessions.signIn(identity, from: visit.origin, now: now) {
        case .open(let token, _): return Answer.redirect(back).startingSession(token)
        case .code(let ticket):
            return try await SecondFactorPages(house: house, sessions: sessions).codePage(
                visit, ticket: ticket, back: back, nil)
        }
    }

    // MARK: The own account

    private func link(_ visit: Visit) async throws -> Answer {
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        let now = house.clock.now()
        let proof = visit.form["proof"] ?? ""
        do {
            let proven = try ProvenIdentity.open(proof, for: account, at: now, by: house.vault)
            do {
                try await sessions.confirm(
                    password: visit.form["password"] ?? "", of: account, from: visit.origin, now: now)
            } catch let problem as any Problem {
                return confirmation(visit, proven.identity, proof: proof, problem)
            }
            try await identities.link(proven, by: visit.actor, at: now)
            return .redirect("/account")
        } catch let problem as IdentityError {
            return failed(visit, problem, .link, "/account")
        }
    }

    /// Asks whether it is they, and for the password: whoever sits at a browser that somebody left open links nothing.
    private func confirmation(
        _ visit: Visit, _ identity: ProviderIdentity, proof: String, _ problem: (any Problem)?
    ) -> Answer {
        let t = visit.say
        let facts: [(String, HTML)] = [
            (t("认证服务", "Identity provider"), HTML(text: t(settings.name))),
            (t("姓名", "Name"), HTML(text: identity.name)),
            (t("身份标识", "Identifier"), "<code>\(identity.subject)</code>"),
            (t("本系统账号", "Account here"), HTML(text: visit.actor.name)),
        ]
        let password = Fields.input(
            .init("password", t("本系统账号的密码", "Password of your account here")), type: "password",
            problem: Fields.problem("password", problem?.fields ?? [], t), autocomplete: "current-password",
            isWide: false, t)
        let form = Fields.form(
            "/account/identities", token: visit.csrfToken, Parts.hidden([("proof", proof)]) + password,
            buttons: Fields.submit(t("关联", "Link")))
        let body: HTML = """
            <h1>\(t("关联身份", "Link an identity"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.card(nil, "\(Parts.facts(facts))<p>\(t("关联后，此身份可以登录您的账号。", "Once linked, this identity opens your account."))</p>\(form)"))
            """
        let trail = [Crumb(Bilingual("我的账号", "My account"), "/account")]
        return .page(
            Page(title: Bilingual("关联身份", "Link an identity"), trail: trail, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func unlink(_ visit: Visit) async throws -> Answer {
        try await identities.unlink(
            try visit.id("identity"), by: visit.actor, session: visit.session, at: house.clock.now())
        return .redirect("/account")
    }
}

extension IdentityPages {
    /// What a page says where it did not work: why, and how to go on.
    private func failed(_ visit: Visit, _ problem: any Problem, _ purpose: Errand.Purpose, _ back: String) -> Answer {
        let t = visit.say
        var help = HTML.empty
        if case .unlinked(let subject)? = problem as? IdentityError {
            help = """
                <p>\(t("身份标识：", "Its identifier:")) <code>\(subject)</code></p>\
                <p>\(t("本系统不按电子邮箱或姓名认人。请先由本人关联一次：用密码登录，在「我的账号」中点「关联」。", "This house knows nobody by a mail address or a name. Its owner links it once: sign in with your password, and choose \u{201C}Link\u{201D} on \u{201C}My account\u{201D}."))</p>
                """
        }
        let again: SafeURL =
            purpose == .link ? "/account/identities/start" : "/sign-in/provider?return=\(back)"
        let other: HTML =
            purpose == .link
            ? Parts.button(t("我的账号", "My account"), to: "/account", .secondary)
            : Parts.button(t("用密码登录", "Sign in with a password"), to: "/sign-in?return=\(back)", .secondary)
        let body: HTML = """
            <h1>\(t("登录", "Sign in"))</h1>\(Parts.notice(.bad, t(problem.message), help))\
            <div class="buttons">\(other)\(Parts.button(t("再试一次", "Try again"), to: again, .secondary))</div>
            """
        return .page(Page(title: Bilingual("登录", "Sign in"), body: body), status: problem.kind.status)
    }

    /// The way to the provider, on the page for signing in.
    static func door(_ settings: ProviderSettings, _ visit: Visit) -> HTML {
        let t = visit.say
        let back = visit.returnPath(else: "/work")
        let words = t("用“\(settings.name.zh)”登录", "Sign in with \(settings.name.en)")
        return Parts.card(
            nil, "<p>\(Parts.button(words, to: "/sign-in/provider?return=\(back)", .secondary))</p>")
    }

    /// The card of the account page: which identities open the account.
    static func card(
        _ settings: ProviderSettings, _ list: [LinkedIdentity], _ visit: Visit, _ zone: CityZone
    ) -> HTML {
        let t = visit.say
        let lines = rows(settings, list, visit, zone) { "/account/identities/\($0.text)/end" }
        let body: HTML = """
            <p>\(t("关联后，也可以用“\(settings.name.zh)”登录。解除关联时，其他设备上的登录一并退出。", "Once linked, you may sign in with \(settings.name.en) as well. Unlinking signs you out on other devices."))</p>\
            \(table(lines, t))\
            <p>\(Parts.button(t("关联", "Link"), to: "/account/identities/start", .secondary))</p>
            """
        return Parts.card(t("关联的身份", "Linked identities"), body)
    }

    static func rows(
        _ settings: ProviderSettings, _ list: [LinkedIdentity], _ visit: Visit, _ zone: CityZone,
        ending: (ID<LinkedIdentity>) -> SafeURL
    ) -> [[HTML]] {
        let t = visit.say
        return list.map { one -> [HTML] in
            [
                HTML(text: one.issuer == settings.issuer ? t(settings.name) : one.issuer),
                "<code>\(one.subject)</code>", HTML(text: zone.clockText(one.linkedAt)),
                Parts.post(ending(one.id), t("解除关联", "Unlink"), token: visit.csrfToken, .danger),
            ]
        }
    }

    static func table(_ rows: [[HTML]], _ t: Say) -> HTML {
        Parts.table(
            t("关联的身份", "Linked identities"),
            [
                .init(t("认证服务", "Identity provider")), .init(t("身份标识", "Identifier")),
                .init(t("关联时间", "Linked at")), .init(t("操作", "Do")),
            ], rows, empty: "—")
    }
}
