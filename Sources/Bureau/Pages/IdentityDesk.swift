import Kernel
import Portal
import Store

/// Identities of other people's accounts, as administrators see and unlink them. Only owners link.
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
                "admin.identities.unlink", .post, "/admin/accounts/{id}/identities/{identity}/end",
                access: administrator, summary: Bilingual("解除账号的身份关联", "Unlink an identity of an account"),
                handler: unlink),
        ]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<Account> = try visit.id("id")
        let (found, list) = try await house.db.read { tx in
            (try AccountStore.find(id, tx), try Identities.list(of: id, tx))
        }
        guard let card = found else { throw AccessError.unknownAccount }
        let rows = IdentityPages.rows(settings, list, visit, house.city.zone) {
            "/admin/accounts/\(id.text)/identities/\($0.text)/end"
        }
        let body: HTML = """
            <h1>\(t("关联的身份", "Linked identities"))</h1><p class="lead">\(card.name) <span class="hint">\(card.login)</span></p>\
            \(IdentityPages.table(rows, t))
            """
        return .page(
            Page(
                title: Bilingual("关联的身份", "Linked identities"), trail: [Crumb(Bilingual("账号管理", "Accounts"), "/admin")],
                width: .desk, body: body))
    }

    private func unlink(_ visit: Visit) async throws -> Answer {
        let id: ID<Account> = try visit.id("id")
        try await identities.unlink(
            try visit.id("identity"), of: id, by: visit.actor, at: house.clock.now())
        return .redirect("/admin/accounts/\(id.text)/identities")
    }
}
