import Kernel
import Portal
import Store

/// The security keys of an account: added with the password, the factor that is on and a touch, removed with a code or
/// a key.
extension SecondFactorPages {
    static let trail = [
        Crumb(Bilingual("我的账号", "My account"), "/account"),
        Crumb(Bilingual("两步验证", "Second factor"), "/account/second-factor"),
    ]

    var keyRoutes: [Route] {
        [
            Route(
                "factor.key.begin", .post, "/account/second-factor/keys", access: .signedIn,
                summary: Bilingual("添加安全密钥", "Add a security key"), handler: beginKey),
            Route(
                "factor.key.add", .post, "/account/second-factor/keys/finish", access: .signedIn,
                summary: Bilingual("完成添加安全密钥", "Finish adding a security key"), handler: addKey),
            Route(
                "factor.key.show", .get, "/account/second-factor/keys/{key}", access: .signedIn,
                summary: Bilingual("移除安全密钥", "Remove a security key"), handler: showKey),
            Route(
                "factor.key.end", .post, "/account/second-factor/keys/{key}/end", access: .signedIn,
                summary: Bilingual("确认移除安全密钥", "Confirm the removal of a security key"), handler: endKey),
        ]
    }

    // MARK: Adding

    private func beginKey(_ visit: Visit) async throws -> Answer {
        let name = SecurityKey.name(visit.form["name"] ?? "")
        let addition = Addition(
            title: Bilingual("添加安全密钥", "Add a security key"), action: "/account/second-factor/keys",
            password: "password", fields: [("name", name ?? "")], problems: name == nil ? KeyError.noName.fields : [])
        return try await add(addition, visit) { proof in
            let question = try await factor.question(
                adding: name ?? "", to: try account(visit), showing: proof, session: visit.session,
                house: visit.text(house.city.bureau), at: house.clock.now())
            return touchPage(visit, question, name ?? "")
        }
    }

    private func touchPage(_ visit: Visit, _ question: KeyQuestion, _ name: String) -> Answer {
        let t = visit.say
        let form = ProofForms.key(
            question, "create", "/account/second-factor/keys/finish", t("继续", "Go on"), hidden: [("name", name)], visit)
        let body: HTML = """
            <h1>\(t("添加安全密钥", "Add a security key"))</h1>\
            \(Parts.card(name, "<p>\(t("请插入或靠近安全密钥，或准备好本机的指纹、面容识别，然后按浏览器的提示操作。", "Plug in your security key or hold it near, or get ready to unlock this device, and do what the browser says."))</p>\(form)"))\
            <p>\(Parts.button(t("取消", "Cancel"), to: "/account/second-factor", .secondary))</p>
            """
        return .page(Page(title: Bilingual("添加安全密钥", "Add a security key"), trail: Self.trail, body: body))
    }

    private func addKey(_ visit: Visit) async throws -> Answer {
        do {
            let codes = try await factor.add(
                visit.form["answer"] ?? "", to: visit.form["question"] ?? "", as: house.ids.make(), by: visit.actor,
                session: visit.session, at: house.clock.now())
            return turnedOn(visit, codes)
        } catch let problem as KeyError {
            return try await page(visit, problem)
        }
    }

    // MARK: Removing

    private func showKey(_ visit: Visit) async throws -> Answer { try await removal(visit, nil) }

    private func removal(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let account = try account(visit)
        let id: ID<SecurityKey> = try visit.id("key")
        let factors = try await house.db.read { tx in try SecondFactor.state(of: account, tx) }
        guard let key = factors.keys.first(where: { $0.id == id }) else { throw KeyError.unknownKey }
        let forms = ProofForms(
            action: "/account/second-factor/keys/\(id.text)/end", factors: factors,
            question: try factor.question(
                of: factors.keys, for: account, holder: visit.session ?? "", at: house.clock.now()),
            purpose: Bilingual("移除", "Remove"), kind: .danger)
        let last: HTML =
            factors.keys.count == 1 && !factors.hasCodes
            ? "<p>\(t("这是您唯一的第二步验证，移除后登录只需密码。", "It is your only second factor: without it the password alone opens your account."))</p>"
            : .empty
        let body: HTML = """
            <h1>\(t("移除安全密钥", "Remove a security key"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.card(key.name, "\(last)\(forms.html(visit))"))
            """
        return .page(
            Page(title: Bilingual("移除安全密钥", "Remove a security key"), trail: Self.trail, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func endKey(_ visit: Visit) async throws -> Answer {
        do {
            try await factor.remove(
                try visit.id("key"), showing: ProofForms.proof(visit.form), by: visit.actor, session: visit.session,
                at: house.clock.now())
            return .redirect("/account/second-factor")
        } catch let problem as AccessError {
            return try await removal(visit, problem)
        } catch let problem as KeyError {
            return try await removal(visit, problem)
        }
    }

    // MARK: The list

    /// The card of the page of one's own factors.
    func keysCard(_ visit: Visit, _ factors: FactorState, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        let table = factors.keys.isEmpty ? HTML.empty : keyTable(factors.keys, t)
        return Parts.card(
            t("安全密钥", "Security keys"),
            """
            <p>\(t("登录时除密码外，再触碰安全密钥，或用本机的指纹、面容识别（WebAuthn）。", "Besides the password you then touch a security key, or unlock this device by finger or face (WebAuthn)."))</p>\
            \(table)\(addition(visit, factors, problems))
            """)
    }

    private func addition(_ visit: Visit, _ factors: FactorState, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        guard factor.takesKeys else { return "<p class=\"hint\">\(t(KeyError.unavailable.message))</p>" }
        guard factors.keys.count < SecurityKey.most else {
            return "<p class=\"hint\">\(t(KeyError.tooMany.message))</p>"
        }
        let name = Fields.input(
            .init(
                "name", t("密钥名称", "Name of the key"),
                hint: t("便于自己辨认，例如“钥匙串上的”。", "For yourself, such as “on my key ring”.")),
            value: visit.form["name"] ?? "", problem: Fields.problem("name", problems, t), isWide: false, t)
        return Fields.form(
            "/account/second-factor/keys", token: visit.csrfToken, name + passwordField("password", problems, t),
            buttons: Fields.submit(t("添加安全密钥", "Add a security key"), .secondary))
    }

    private func keyTable(_ keys: [SecurityKey], _ t: Say) -> HTML {
        let zone = house.city.zone
        let rows = keys.map { key -> [HTML] in
            let state: HTML =
                key.refusedAt == nil
                ? .empty : " \(Parts.badge(t("已停用：计数器倒退", "refused: its counter went back"), .bad))"
            return [
                "\(key.name)\(state)", HTML(text: zone.clockText(key.addedAt)),
                HTML(text: key.usedAt.map { zone.clockText($0) } ?? "—"),
                Parts.button(
                    t("移除", "Remove"), to: "/account/second-factor/keys/\(key.id.text)", .secondary),
            ]
        }
        return Parts.table(
            t("安全密钥", "Security keys"),
            [
                .init(t("名称", "Name")), .init(t("添加", "Added")), .init(t("最近使用", "Last used")),
                .init(t("操作", "Do")),
            ], rows, empty: "—")
    }
}
