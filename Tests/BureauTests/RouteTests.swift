import BureauTestSupport
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Addresses of the house")
struct RouteTests {
    @Test("Every address declares who may use it, and addresses that change anything ask for a session or a role")
    func access() async throws {
        let table = try await TestHouse(.sqlite, filled: false).services.routeTable()
        #expect(table.routes.count > 80)
        for route in table.routes where !route.isReading {
            #expect(route.access != .everyone, "\(route.id) changes something and takes no token")
            #expect(!route.summary.zh.isEmpty && !route.summary.en.isEmpty, "\(route.id) has no summary")
        }
        let desk = table.routes.filter { $0.path.hasPrefix("/desk") && $0.id != "desk.review.protocol" }
        for route in desk {
            guard case .roles(let roles) = route.access else {
                Issue.record("\(route.id) is open to more than the bureau")
                continue
            }
            #expect(!roles.contains(.applicant) && !roles.contains(.expert), "\(route.id)")
            if !route.isReading { #expect(!roles.contains(.auditor), "\(route.id): auditors change nothing") }
        }
        #expect(table.routes.filter(\.isAPI).allSatisfy { $0.api != nil })
    }

    /// Real identities for the names in path templates.
    private func values(_ route: Route, _ known: [String: String]) -> [String: String] {
        var values: [String: String] = [:]
        for name in PathTemplate(route.path)?.names ?? [] {
            values[name] =
                known["\(route.id).\(name)"] ?? known["\(route.path.split(separator: "/").first ?? "").\(name)"]
                ?? known[name] ?? "none"
        }
        return values
    }

    @Test("No page writes, each renders in both languages, and none fails", arguments: TestStore.engines)
    func reading(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try await house.submit(1, call: call)
        let table = try house.services.routeTable()
        let posting: String? = try await house.house.db.read { tx in
            try tx.value("SELECT id FROM ledger_posting WHERE kind = 'settle' ORDER BY id LIMIT 1")
        }
        let expert: String? = try await house.house.db.read { tx in
            try tx.value("SELECT id FROM expert ORDER BY id LIMIT 1")
        }
        let known: [String: String] = [
            "ledger.posting.id": try #require(posting), "desk.experts.show.id": try #require(expert),
            "ledger.account.account": "budget:natural-science:\(house.house.today.parts.year)",
            "number": call.number, "id": item.id.text, "desk.id": call.id.text, "section": "basics",
            "guides.id": "funding.application", "api.calls.show.number": call.number, "api.ranking.id": call.id.text,
        ]
        let logins = ["applicant", "organisation", "officer", "leader", "treasurer", "expert1", "auditor", "admin"]
        var actors = [Actor.everyone]
        for login in logins { actors.append(try await house.actor(login)) }
        let assets = Assets(SiteLayout.assets)
        let layout = SiteLayout(
            bureau: house.house.city.bureau, contact: house.house.city.contact, assets: assets, isDemonstration: true)
        var pages = 0
        for route in table.routes where route.isReading {
            for actor in actors where route.access.allows(actor) {
                for language in Language.allCases {
                    let visit = Visit(
                        actor: actor, language: language, method: .get, route: route.id, address: route.path,
                        values: values(route, known), now: house.house.clock.now(), csrfToken: "token")
                    do {
                        let answer = try await Database.$writesForbidden.withValue(true) {
                            try await route.handler(visit)
                        }
                        guard case .page(let page) = answer.content else { continue }
                        if ["/desk/", "/ledger", "/rules", "/audit/"].contains(where: { route.path.hasPrefix($0) }) {
                            #expect(!page.trail.isEmpty, "\(route.id) shows no way back to its list")
                        }
                        let frame = Frame(language: language, actor: actor, address: route.path, csrfToken: "token")
                        check(layout.render(page, frame).string, route, language)
                        pages += 1
                    } catch let problem as any Problem {
                        #expect(problem.kind != .broken, "\(route.id) as \(actor.name): \(problem.message.en)")
                    }
                }
            }
        }
        #expect(pages > 100)
    }

    /// Markup that closes what it opens, and no English page with Chinese labels of the house.
    private func check(_ html: String, _ route: Route, _ language: Language) {
        for tag in ["main", "table", "form", "section", "ul", "dl", "fieldset", "details"] {
            let opened = html.components(of: "<\(tag)>") + html.components(of: "<\(tag) ")
            #expect(opened == html.components(of: "</\(tag)>"), "\(route.id): <\(tag)>")
        }
        #expect(html.contains(language == .chinese ? "lang=\"zh-CN\"" : "lang=\"en\""))
        #expect(!html.contains("<title> "), "\(route.id) has no title in \(language)")
        #expect(!html.contains("Optional("), "\(route.id)")
        if language == .english {
            for word in ["提交", "保存", "状态", "编号", "请选择"] {
                #expect(!html.contains(">\(word)<"), "\(route.id) says \(word) in English")
            }
        }
    }

    @Test("Lists ask the same number of questions whatever their length", arguments: TestStore.engines)
    func constantQueries(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let table = try house.services.routeTable()
        let officer = try await house.actor("officer")
        let visits: [(String, [String: String])] = [
            ("calls.list", [:]), ("desk.applications", ["id": call.id.text]), ("work", [:]), ("desk.calls", [:]),
            ("desk.review", ["id": call.id.text]), ("projects.list", [:]), ("desk.experts", [:]), ("ledger.board", [:]),
            ("ledger.accounts", [:]), ("desk.programmes", [:]),
        ]
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for (id, values) in visits {
                let route = try #require(table.route(id))
                let visit = Visit(actor: officer, values: values, now: house.house.clock.now())
                counts.append(try await QueryCounter.count { _ = try await route.handler(visit) })
            }
            return counts
        }
        _ = try await house.submit(1, call: call)
        let few = try await counts()
        for number in 2...9 { _ = try await house.submit(number, call: call) }
        let many = try await counts()
        #expect(few == many)
        #expect(many.allSatisfy { $0 <= 12 })
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int { self.ranges(of: text).count }
}
