import Kernel
import Portal
import Store

/// Identities of other people's accounts, as administrators link and unlink them.
struct IdentityDesk: Sendable {
    let house: House
    let settings: ProviderSettings

    private var identities: Identities { Identities(db: house.db, ids: house.ids) }

    var routes: [Route] {
        let administrator: RouteAccess = .roles([.systemAdministrator])
        return [
            Route(
                "admin.identities", .get, "/admin/accounts/{id}/identities", access: administrator,
                summary: Bilingual("账号关联的身份", "Linked identities of an account"), handler: show),
            Route(
                "admin.identities.link", .post, "/admin/accounts/{id}/identities", access: administrator,
                summary: Bilingual("为账号关联身份", "Link an identity to an account"), handler: link),
            Route(
                "admin.identities.unlink", .post, "/admin/accounts/{id}/identities/{identity}/end",
                access: administrator, summary: Bilingual("解除账号的身份关联", "Unlink an identity of an account"),
                handler: unlink),
        ]
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id: ID<Account> = try visit.id("id")
        let (found, list) = try await house.db.read { tx in
            (try AccountStore.find(id, tx), try Identities.list(of: id, tx))
        }
        guard let card = found else { throw AccessError.unknownAccount }
        let rows = IdentityPages.rows(settings, list, visit, house.city.zone) {
            "/admin/accounts/\(id.text)/identities/\($0.text)/end"
        }
        let problems = problem?.fields ?? []
        let field = Fields.input(
            .init(
                "subject", t("身份标识", "Identifier"),
                hint: t("“\(settings.name.zh)”给此人的标识（sub）。", "What \(settings.name.en) calls the person (sub).")),
            value: visit.form["subject"] ?? "", problem: Fields.problem("subject", problems, t), t)
        let form = Fields.form(
            "/admin/accounts/\(id.text)/identities", token: visit.csrfToken, field,
            buttons: Fields.submit(t("关联", "Link")))
        let told: HTML =
            problems.isEmpty ? (problem.map { Parts.notice(.bad, t($0.message)) } ?? .empty) : Parts.errors(problems, t)
        let body: HTML = """
            <h1>\(t("关联的身份", "Linked identities"))</h1><p class="lead">\(card.name) <span class="hint">\(card.login)</span></p>\
            \(told)\(IdentityPages.table(rows, t))\(Parts.card(t("关联一个身份", "Link an identity"), form))
            """
        return .page(
            Page(
                title: Bilingual("关联的身份", "Linked identities"), trail: [Crumb(Bilingual("账号管理", "Accounts"), "/admin")],
                width: .desk, body: body), status: problem?.kind.status ?? 200)
    }

    private func link(_ visit: Visit) async throws -> Answer {
        let id: ID<Account> = try visit.id("id")
        let identity = ProviderIdentity(
            issuer: settings.issuer, subject: (visit.form["subject"] ?? "").trimmed)
        do {
            try await identities.link(identity, to: id, by: visit.actor, at: house.clock.now())
            return .redirect("/admin/accounts/\(id.text)/identities")
        } catch let problem as IdentityError {
            return try await page(visit, problem)
        } catch AccessError.samePerson {
            return try await page(visit, AccessError.samePerson)
        }
    }

    private func unlink(_ visit: Visit) async throws -> Answer {
        let id: ID<Account> = try visit.id("id")
        try await identities.unlink(
            try visit.id("identity"), of: id, by: visit.actor, at: house.clock.now())
        return .redirect("/admin/accounts/\(id.text)/identities")
    }
}
