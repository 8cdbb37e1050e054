import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Bad input")
struct NonsenseTests {
    private static let long = String(repeating: "长", count: 20_000)
    private static let names = [
        "amount", "answer", "budget", "call", "code", "contact", "days", "due", "floor", "load", "login", "message-zh",
        "method",
        "name", "name-zh", "new", "note", "number", "old", "organisation", "password", "programme", "reason", "reasons",
        "revision", "roles", "row", "seed", "share", "state", "statement", "title-zh", "uscc", "year",
    ]

    /// Forms with nothing, nonsense, and far too much in every field.
    private static var forms: [FormBody] {
        ["", "不是这个", "-1", "99999999999999999999", "\u{202E}<script>'\"&", long].map { value in
            FormBody(fields: names.map { FormBody.Field(name: $0, value: value) })
        } + [FormBody()]
    }

    private static let bodies = [
        "", "{", "[]", "{}", "null", "{\"call\":1}", "{\"reason\":null}", "{\"method\":\"x\",\"floor\":1}",
    ]

    private func names(_ route: Route, _ known: [String: String]) -> [String: String] {
        var values: [String: String] = [:]
        for name in PathTemplate(route.path)?.names ?? [] { values[name] = known[name] ?? "none" }
        return values
    }

    @Test(
        "Whatever is sent to whatever takes input, the answer says what to mend in both languages",
        arguments: TestStore.engines)
    func nonsense(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try await house.submit(1, call: call)
        let table = try house.services.routeTable()
        var actors = [Actor.everyone]
        for login in ["applicant", "organisation", "officer", "leader", "treasurer", "expert1", "admin"] {
            actors.append(try await house.actor(login))
        }
        var refusals = 0
        for route in table.routes where !route.isReading {
            for id in [item.id.text, call.id.text, "0fffffff-ffff-7000-8000-000000000000", "nonsense"] {
                let known = [
                    "id": id, "number": call.number, "section": "basics", "field": "attachments", "document": id,
                    "action": "accept", "code": "natural-science",
                ]
                guard let actor = actors.last(where: { route.access.allows($0) }) else { continue }
                let inputs =
                    route.isAPI ? Self.bodies.map { (FormBody(), Array($0.utf8)) } : Self.forms.map { ($0, []) }
                for (form, body) in inputs {
                    let visit = Visit(
                        actor: actor, method: route.method, route: route.id, values: names(route, known), form: form,
                        body: body, now: house.house.clock.now(), csrfToken: "t", ifMatch: "0")
                    do {
                        let answer = try await route.handler(visit)
                        if answer.status >= 400 { refusals += 1 }
                        #expect(answer.status < 500, "\(route.id)")
                    } catch let problem as any Problem {
                        refusals += 1
                        #expect(problem.kind != .broken, "\(route.id): \(problem.message.en)")
                        #expect(!problem.message.zh.isEmpty && !problem.message.en.isEmpty, "\(route.id)")
                        #expect(
                            problem.fields.allSatisfy { !$0.message.zh.isEmpty && !$0.message.en.isEmpty },
                            "\(route.id)")
                    } catch {
                        Issue.record("\(route.id) answers nonsense with \(error)")
                    }
                }
            }
        }
        #expect(refusals > 300)
        let after = try await house.house.db.read { tx in try CaseStore.require(item.id, tx) }
        #expect(after.step == "formal-check" || after.step == "review", "nonsense moved the case to \(after.step)")
        let faults = try await house.house.db.read { tx in try Record.faults(inChainOf: item.id, tx) }
        #expect(faults.isEmpty)
    }
}
