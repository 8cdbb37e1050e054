import BureauTestSupport
import Foundation
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// Every address that takes input is sent every kind of bad input. The addresses come from the table of routes, the
/// names of fields from the forms of all pages, so that a new form is covered without being named here.
@Suite("Bad input")
struct NonsenseTests {
    private static let long = String(repeating: "长", count: 20_000)

    /// Missing, malformed, oversized, at the edges of numbers, and hostile.
    private static let values = [
        "", "不是这个", "-1", "1e5", "2026-13-45", "99999999999999999999", "9223372036854775807", "-9223372036854775808",
        "0fffffff-ffff-7000-8000-000000000000", "\u{202E}<script>'\"&", long,
    ]

    private static let bodies: [[UInt8]] =
        [
            "", "{", "[]", "{}", "null", "{\"call\":1}", "{\"reason\":null}", "{\"reason\":\"\"}",
            "{\"method\":\"x\",\"floor\":1}", "{\"load\":9223372036854775807,\"due\":\"2026-13-45\"}",
            "{\"method\":\"strict\",\"floor\":9223372036854775807,\"share\":-1,\"reasons\":\"r\"}",
            "{\"amountFen\":9223372036854775807}", "{\"a\":1,\"a\":2}", "{\"requested\":1.5}",
        ].map { Array($0.utf8) } + [[0xFF, 0xFE], [0x22, 0xC3, 0x28, 0x22]]

    private func forms(_ names: [String]) -> [FormBody] {
        let filled = Self.values.map { value in
            FormBody(fields: names.map { FormBody.Field(name: $0, value: value) })
        }
        // The same field twice, with different values.
        let doubled = FormBody(
            fields: names.flatMap { name in ["1", "2"].map { FormBody.Field(name: name, value: $0) } })
        return filled + [doubled, FormBody()]
    }

    private func fill(_ route: Route, _ known: [String: String]) -> [String: String] {
        var values: [String: String] = [:]
        for name in PathTemplate(route.path)?.names ?? [] { values[name] = known[name] ?? "none" }
        return values
    }

    /// The names of all fields on all pages that anybody can open now.
    private func fields(
        _ house: TestHouse, _ table: RouteTable, _ known: [[String: String]]
    ) async throws -> Set<String> {
        var names: Set<String> = []
        for login in ["applicant", "organisation", "officer", "leader", "treasurer", "expert1", "auditor", "admin"] {
            let actor = try await house.actor(login)
            for route in table.routes where route.isReading && !route.isAPI && route.access.allows(actor) {
                for values in known {
                    let visit = Visit(
                        actor: actor, route: route.id, values: fill(route, values), now: house.house.clock.now(),
                        csrfToken: "t")
                    guard let answer = try? await route.handler(visit), case .page(let page) = answer.content else {
                        continue
                    }
                    for match in page.body.string.matches(of: /name="([a-z][a-z0-9.-]*)"/) {
                        names.insert(String(match.1))
                    }
                }
            }
        }
        return names
    }

    /// The names for which handlers ask in what a form sent, also of forms that are not open now.
    private static func asked() throws -> Set<String> {
        var names: Set<String> = []
        for folder in ["Sources/Bureau", "Sources/Duties"] {
            let root = "\(TestHouse.root)/\(folder)"
            for case let path as String in FileManager.default.enumerator(atPath: root)
                ?? FileManager.DirectoryEnumerator()
            where path.hasSuffix(".swift") {
                let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
                for match in text.matches(of: /(?:form|body)(?:\.all|\.file)?[\[(]"([a-z][a-z-]*)"[\])]/) {
                    names.insert(String(match.1))
                }
            }
        }
        return names
    }

    private func events(_ house: TestHouse) async throws -> Int {
        try await house.house.db.read { tx in try tx.value("SELECT COUNT(*) FROM event") ?? 0 }
    }

    /// Whether the answer refuses; checks on the way that it says what to mend.
    private func refuses(_ route: Route, _ visit: Visit) async -> Bool {
        do {
            let answer = try await route.handler(visit)
            #expect(answer.status < 500, "\(route.id)")
            guard answer.status >= 400 else { return false }
            if case .page(let page) = answer.content {
                let html = page.body.string
                #expect(html.contains("notice bad") || html.contains("class=\"error\""), "\(route.id) does not say why")
            }
            return true
        } catch let problem as any Problem {
            #expect(problem.kind != .broken, "\(route.id): \(problem.message.en)")
            #expect(!problem.message.zh.isEmpty && !problem.message.en.isEmpty, "\(route.id)")
            #expect(
                problem.fields.allSatisfy { !$0.message.zh.isEmpty && !$0.message.en.isEmpty }, "\(route.id)")
            return true
        } catch {
            Issue.record("\(route.id) answers nonsense with \(error)")
            return true
        }
    }

    @Test(
        "Whatever is sent to whatever takes input, the answer says what to mend in both languages, and a refusal leaves no trace",
        arguments: TestStore.engines)
    func nonsense(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try await house.submit(1, call: call)
        let applicant = try await house.actor("applicant")
        let draft = try await house.funding.applications.start(
            call: call.number, organisation: item.organisation, by: applicant)
        let table = try house.services.routeTable()
        let ids = [
            item.id.text, draft.id.text, call.id.text, item.organisation.text, "0fffffff-ffff-7000-8000-000000000000",
            "nonsense",
        ]
        let known = ids.map { id in
            [
                "id": id, "number": call.number, "section": "basics", "field": "attachments", "document": id,
                "action": "accept", "code": "natural-science", "year": "2026", "token": id,
            ]
        }
        let shown = try await fields(house, table, known)
        #expect(shown.isSuperset(of: ["login", "title-zh", "message-zh", "parent", "load", "month"]))
        let names = shown.union(try Self.asked()).sorted()
        #expect(names.count > 50 && Set(names).isSuperset(of: ["seed", "statement", "reasons"]))
        let shapes = forms(names)
        var actors = [Actor.everyone]
        for login in ["applicant", "organisation", "officer", "leader", "treasurer", "expert1", "auditor", "admin"] {
            actors.append(try await house.actor(login))
        }
        var refusals = 0
        for route in table.routes where !route.isReading {
            guard let actor = actors.last(where: { route.access.allows($0) }) else {
                Issue.record("nobody may use \(route.id)")
                continue
            }
            for values in known where PathTemplate(route.path)?.names.isEmpty == false || values == known.first {
                let inputs = route.isAPI ? Self.bodies.map { (FormBody(), $0) } : shapes.map { ($0, []) }
                for (form, body) in inputs {
                    let visit = Visit(
                        actor: actor, method: route.method, route: route.id, values: fill(route, values), form: form,
                        body: body, now: house.house.clock.now(), csrfToken: "t", ifMatch: "0")
                    let before = try await events(house)
                    guard await refuses(route, visit) else { continue }
                    refusals += 1
                    #expect(try await events(house) == before, "\(route.id) refused and yet wrote")
                }
            }
        }
        #expect(refusals > 1_000)
        let after = try await house.house.db.read { tx in try CaseStore.require(item.id, tx) }
        #expect(after.step == "formal-check" || after.step == "review", "nonsense moved the case to \(after.step)")
        let faults = try await house.house.db.read { tx in try Record.faults(inChainOf: item.id, tx) }
        #expect(faults.isEmpty)
        // What was kept of the nonsense does not break the pages on which it is shown.
        for actor in actors {
            for route in table.routes where route.isReading && route.access.allows(actor) {
                for values in known {
                    let visit = Visit(
                        actor: actor, route: route.id, values: fill(route, values), now: house.house.clock.now())
                    do { _ = try await route.handler(visit) } catch let problem as any Problem {
                        #expect(problem.kind != .broken, "\(route.id): \(problem.message.en)")
                    }
                }
            }
        }
    }

    @Test("A stranger changes nothing of somebody else's, wherever they knock")
    func strangers() async throws {
        let house = try await TestHouse(.sqlite)
        let call = try await house.call("natural-science")
        let item = try await house.submit(1, call: call)
        let applicant = try await house.actor("applicant")
        let draft = try await house.funding.applications.start(
            call: call.number, organisation: item.organisation, by: applicant)
        let table = try house.services.routeTable()
        let stranger = Actor(
            account: ID("0190aaaa-0000-7000-8000-000000000002"), person: ID("0190aaaa-0000-7000-8000-000000000003"),
            name: "S", roles: [.applicant, .expert],
            memberships: [
                Membership(organisation: ID("0190aaaa-0000-7000-8000-000000000004"), roles: [.administrator])
            ])
        let names = try await fields(house, table, []).sorted() + ["reason", "answer", "organisation", "login"]
        let form = FormBody(fields: names.map { FormBody.Field(name: $0, value: "1") })
        var doors = 0
        for route in table.routes where !route.isReading && route.access.allows(stranger) {
            let own = Set(PathTemplate(route.path)?.names ?? [])
            guard own.contains("id") || own.contains("document") || own.contains("token") else { continue }
            for id in [item.id.text, draft.id.text, call.id.text, item.organisation.text] {
                for action in ["accept", "endorse", "submit", "withdraw", "send-back"] {
                    let values = fill(
                        route,
                        [
                            "id": id, "number": call.number, "section": "basics", "field": "attachments",
                            "document": id, "action": action, "token": id,
                        ])
                    let visit = Visit(
                        actor: stranger, method: route.method, route: route.id, values: values, form: form,
                        body: Array("{\"reason\":\"r\",\"answer\":\"accept\",\"title-zh\":\"x\"}".utf8),
                        now: house.house.clock.now(), csrfToken: "t", ifMatch: "0")
                    #expect(await refuses(route, visit), "\(route.id) let a stranger in")
                    doors += 1
                }
            }
        }
        #expect(doors > 300)
    }
}
