import BureauTestSupport
import Funding
import HTTPTypes
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// Plans and conflicts of a call, as programs use them, over the house's own way from a request to its answer.
@Suite("API of judging")
struct AssignmentAPITests {
    /// A house whose call has closed with one application at review.
    private struct World {
        let house: TestHouse
        let knocker: Knocker
        let call: Call
        let officer: Actor

        init(_ engine: Engine) async throws {
            let closed = try await TestHouse.closed(engine)
            house = closed.house
            call = closed.call
            knocker = try Knocker(
                house.services, idempotency: IdempotencyStore.keys(house.house.db, vault: house.house.vault))
            officer = try await house.actor("officer")
        }

        var base: String { "/api/v1/calls/\(call.id)" }

        func ask(
            _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, as actor: Actor? = nil,
            key: String? = nil
        ) async throws -> (status: Int, json: JSONValue) {
            let text = body.map { String(decoding: $0.canonicalBytes, as: UTF8.self) } ?? ""
            return try await send(method, path, text, as: actor, key: key)
        }

        func send(
            _ method: HTTPRequest.Method, _ path: String, _ text: String, as actor: Actor? = nil, key: String? = nil
        ) async throws -> (status: Int, json: JSONValue) {
            let reply = await knocker.api(method, base + path, text, as: actor ?? officer, key: key)
            return (reply.status, reply.body.isEmpty ? .null : try JSONValue(parsing: reply.body))
        }

        func fields(_ json: JSONValue) -> Set<String> {
            Set(json["fields"]?.array?.compactMap { $0["field"]?.string } ?? [])
        }

        var due: JSONValue { .string(house.house.today.adding(days: 14).description) }

        /// Tries an assignment and fixes it.
        func fixed() async throws -> JSONValue {
            let trial = try await ask(.get, "/assignment/trial?mode=best&seats=2").json
            let body: JSONValue = [
                "options": try #require(trial["options"]), "due": due, "commitment": try #require(trial["commitment"]),
            ]
            #expect(try await ask(.post, "/assignment", body).status == 201)
            return trial
        }
    }

    @Test("A plan is tried, fixed as it was seen, and run once", arguments: TestStore.engines)
    func plan(engine: Engine) async throws {
        let world = try await World(engine)
        #expect(try await world.ask(.get, "/assignment").json["code"]?.string == "review.not-drawn")
        let trial = try await world.ask(.get, "/assignment/trial?mode=best&seats=2")
        #expect(trial.status == 200)
        let pairs = try #require(trial.json["items"]?.array?.first?["experts"]?.array)
        #expect(pairs.count == 2 && pairs.allSatisfy { $0["name"]?.string?.isEmpty == false })
        #expect(trial.json["proof"]?["isProved"] == true && trial.json["missing"] == 0)
        let options = try #require(trial.json["options"])
        let hash = try #require(trial.json["commitment"])
        // Nothing is kept by trying.
        #expect(try await world.ask(.get, "/assignment").status == 409)

        let moved: JSONValue = ["options": options, "due": world.due, "commitment": "0123"]
        #expect(try await world.ask(.post, "/assignment", moved).status == 412)
        let right: JSONValue = ["options": options, "due": world.due, "commitment": hash]
        let first = try await world.ask(.post, "/assignment", right, key: "fix-1")
        let again = try await world.ask(.post, "/assignment", right, key: "fix-1")
        #expect(first.status == 201 && again.status == 201 && first.json == again.json)
        #expect(first.json["commitment"] == hash)
        #expect(try await world.ask(.post, "/assignment", right).status == 409)
        #expect(try await world.ask(.get, "/assignment/trial?mode=best").json["code"]?.string == "review.already-open")

        let shown = try await world.ask(.get, "/assignment").json
        #expect(shown["commitment"] == hash && shown["items"] == trial.json["items"] && shown["state"] == "committed")
        #expect(try await world.ask(.post, "/assignment/run", ["commitment": "0123"]).status == 412)
        let run = try await world.ask(.post, "/assignment/run", ["commitment": hash], key: "run-1")
        #expect(run.status == 200 && run.json["invited"] == 2)
        #expect(try await world.ask(.post, "/assignment/run", ["commitment": hash], key: "run-1").json == run.json)
        #expect(try await world.ask(.post, "/assignment/run", ["commitment": hash]).status == 409)
        let rounds = await world.knocker.api(.get, "/api/v1/rounds?limit=1", as: world.officer)
        let row = try JSONValue(parsing: rounds.body)["items"]?.array?.first
        #expect(row?["commitment"] == hash && row?["mode"] == "best" && row?["state"] == "drawn")
    }

    @Test("Everything that is wrong with a plan is said at once, and nothing is kept", arguments: TestStore.engines)
    func malformedPlans(engine: Engine) async throws {
        let world = try await World(engine)
        let bad = try await world.ask(
            .get, "/assignment/trial?mode=draw&seats=x&load=900&leastAffinity=-1&apart=maybe&capPercent=0")
        #expect(bad.status == 422)
        #expect(world.fields(bad.json) == ["mode", "seats", "load", "leastAffinity", "apart", "capPercent"])
        #expect(try await world.ask(.get, "/assignment/trial").status == 422)
        #expect(try await world.ask(.get, "/assignment/trial?mode=best&after=%21").status == 422)
        for text in ["", "{", "[]", "null", "{}", #"{"options":{"mode":"best"},"due":"2026-13-01","commitment":1}"#] {
            let found = try await world.send(.post, "/assignment", text)
            #expect([400, 422].contains(found.status), "\(text): \(found)")
        }
        let trial = try await world.ask(.get, "/assignment/trial?mode=best&seats=2").json
        var options = try #require(trial["options"]?.object)
        options["mode"] = "draw"
        let drawn = try await world.ask(
            .post, "/assignment",
            ["options": .object(options), "due": world.due, "commitment": try #require(trial["commitment"])])
        #expect(drawn.status == 422 && world.fields(drawn.json) == ["mode"])
        let late = try await world.ask(
            .post, "/assignment",
            [
                "options": try #require(trial["options"]), "due": "2020-01-01",
                "commitment": try #require(trial["commitment"]),
            ])
        #expect(late.status == 422 && world.fields(late.json) == ["due"])
        #expect(try await world.ask(.get, "/assignment").json["code"]?.string == "review.not-drawn")
        let nowhere = await world.knocker.api(.get, "/api/v1/calls/none/assignment", as: world.officer)
        #expect(nowhere.status == 404)
    }

    @Test(
        "Quotas, spreading and chosen pairs go through the API, with reasons in their order",
        arguments: TestStore.engines)
    func conditions(engine: Engine) async throws {
        let world = try await World(engine)
        let plain = try await world.ask(.get, "/assignment/trial?mode=best&seats=2")
        let item = try #require(plain.json["items"]?.array?.first)
        let application = try #require(item["application"]?.string)
        let expert = try #require(item["experts"]?.array?.first?["expert"]?.string)
        let pair: JSONValue = ["item": .string(application), "expert": .string(expert), "isForced": true]
        let query = "mode=perturbed&seats=2&capPercent=80&strengthPercent=30&quotas=region:*/0/2"
        let trial = try await world.ask(
            .get, "/assignment/trial?\(query)&pairs=force/\(application)/\(expert)")
        #expect(trial.status == 200 && trial.json["isSample"] == true)
        let options = try #require(trial.json["options"])
        #expect(options["quotas"] == [["group": "region:*", "least": 0, "most": 2]])
        #expect(options["pairs"] == [pair])
        #expect(plain.json["options"]?["pairs"] == nil && plain.json["options"]?["strengthPercent"] == nil)
        var body: [String: JSONValue] = [
            "options": options, "due": world.due, "commitment": try #require(trial.json["commitment"]),
        ]
        let silent = try await world.ask(.post, "/assignment", .object(body))
        #expect(silent.status == 422 && world.fields(silent.json) == ["reasons.0"])
        body["reasons"] = ["唯一熟悉该装置的专家"]
        #expect(try await world.ask(.post, "/assignment", .object(body)).status == 201)
        let shown = try await world.ask(.get, "/assignment").json
        #expect(shown["reasons"]?.array?.first?["reason"] == "唯一熟悉该装置的专家")
        let hash = try #require(shown["commitment"])
        #expect(try await world.ask(.post, "/assignment/run", ["commitment": hash]).status == 422)
        let run = try await world.ask(.post, "/assignment/run", ["commitment": hash, "seed": "chance"])
        #expect(run.status == 200 && run.json["invited"] == 2)
    }

    @Test("Quotas and pairs that are wrong are named by their line", arguments: TestStore.engines)
    func malformedConditions(engine: Engine) async throws {
        let world = try await World(engine)
        let unread = try await world.ask(
            .get, "/assignment/trial?mode=best&quotas=region/1,field:520/x&pairs=maybe/a/b&strengthPercent=x")
        #expect(unread.status == 422 && world.fields(unread.json) == ["quotas", "pairs", "strengthPercent"])
        let conditions = "mode=perturbed&seats=2&strengthPercent=900&quotas=region:*/0/0,field:own/1"
        let wrong = try await world.ask(.get, "/assignment/trial?\(conditions)&pairs=force/a/b,forbid/a/b")
        #expect(wrong.status == 422)
        #expect(
            world.fields(wrong.json) == ["strengthPercent", "quotas.0.most", "quotas.1.group", "pairs.1.expert"])
        let nobody = try await world.ask(.get, "/assignment/trial?mode=best&seats=2&pairs=force/a/b")
        #expect(nobody.status == 422 && world.fields(nobody.json) == ["pairs.0.item", "pairs.0.expert"])
        let groups = "quotas=region:440305/0/1,region:4403/0/2"
        let city = try await world.ask(.get, "/assignment/trial?mode=best&seats=2&\(groups)")
        #expect(city.status == 422 && world.fields(city.json) == ["quotas.0.group"])
        let field = try await world.ask(.get, "/assignment/trial?mode=best&seats=2&apart=false&quotas=field:999/0/1")
        #expect(field.status == 422 && world.fields(field.json) == ["quotas.0.group"])
    }

    @Test(
        "A forbidden pair is refused where it names a login or nobody, tried or fixed", arguments: TestStore.engines)
    func forbidden(engine: Engine) async throws {
        let world = try await World(engine)
        let plain = try await world.ask(.get, "/assignment/trial?mode=best&seats=2").json
        let application = try #require(plain["items"]?.array?.first?["application"]?.string)
        let base = "/assignment/trial?mode=best&seats=2&pairs=forbid/\(application)"
        for expert in ["expert1", "0190aaaa-0000-7000-8000-000000000009"] {
            let tried = try await world.ask(.get, "\(base)/\(expert)")
            #expect(tried.status == 422 && world.fields(tried.json) == ["pairs.0.expert"], "\(expert)")
            var options = try #require(plain["options"]?.object)
            options["pairs"] = [["item": .string(application), "expert": .string(expert), "isForced": false]]
            let body: JSONValue = [
                "options": .object(options), "due": world.due, "commitment": try #require(plain["commitment"]),
                "reasons": ["本人提出不宜评审"],
            ]
            let fixed = try await world.ask(.post, "/assignment", body)
            #expect(fixed.status == 422 && world.fields(fixed.json) == ["pairs.0.expert"], "\(expert)")
        }
        #expect(try await world.ask(.get, "/assignment").json["code"]?.string == "review.not-drawn")
        let known = try #require(plain["items"]?.array?.first?["experts"]?.array?.first?["expert"]?.string)
        #expect(try await world.ask(.get, "\(base)/\(known)").status == 200)
    }

    @Test("A plan is tried for a due day", arguments: TestStore.engines)
    func dueDay(engine: Engine) async throws {
        let world = try await World(engine)
        for day in ["soon", "2020-01-01"] {
            let wrong = try await world.ask(.get, "/assignment/trial?mode=best&seats=x&due=\(day)")
            #expect(wrong.status == 422 && world.fields(wrong.json) == ["seats", "due"], "\(day)")
        }
        let plain = try await world.ask(.get, "/assignment/trial?mode=best&seats=2").json
        let expert = try #require(plain["items"]?.array?.first?["experts"]?.array?.first?["expert"]?.string)
        let today = world.house.house.today
        let time = AbsenceEntry(
            from: today.adding(days: 1).description, to: today.adding(days: 14).description, note: "")
        try await world.house.funding.review.actions.addAbsence(time, to: ID(expert), by: world.officer)
        let due = try #require(world.due.string)
        let tried = try await world.ask(.get, "/assignment/trial?mode=best&seats=2&due=\(due)").json
        let (old, new) = (try #require(plain["commitment"]), try #require(tried["commitment"]))
        #expect(old != new)
        func fix(_ hash: JSONValue) async throws -> Int {
            try await world.ask(
                .post, "/assignment",
                ["options": try #require(plain["options"]), "due": world.due, "commitment": hash]
            ).status
        }
        #expect(try await fix(old) == 412)
        #expect(try await fix(new) == 201)
    }

    @Test(
        "Conflicts are listed with reason, window and source, and ruled by another officer",
        arguments: TestStore.engines)
    func conflicts(engine: Engine) async throws {
        let world = try await World(engine)
        #expect(try await world.ask(.get, "/conflicts").status == 409)
        let trial = try await world.fixed()
        let item = try #require(trial["items"]?.array?.first)
        let number = try #require(item["number"]), application = try #require(item["application"]?.string)
        let tie: JSONValue = [
            "login": "expert1", "tie": "adviser", "number": number, "from": "2019-09-01", "source": "毕业论文",
        ]
        #expect(try await world.ask(.post, "/conflicts/ties", tie).status == 204)
        let path = "/conflicts?application=\(application)&kind=adviser&state=stands"
        let list = try await world.ask(.get, path)
        let found = try #require(list.json["items"]?.array?.first)
        #expect(list.json["items"]?.array?.count == 1 && list.json["next"] == nil)
        #expect(found["from"] == "2019-09-01" && found["until"] == nil && found["note"] == "毕业论文")
        #expect(found["source"] == "declared" && found["reason"]?["en"]?.string?.contains("adviser") == true)
        let expert = try #require(found["expert"]?.string)
        let own = try await world.ask(.get, "/conflicts?expert=\(expert)&limit=200").json["items"]?.array ?? []
        #expect(own.contains(found) && own.allSatisfy { $0["expert"]?.string == expert })
        var pages: [JSONValue] = []
        var address = "/conflicts?expert=\(expert)&limit=1"
        while pages.count <= own.count {
            let page = try await world.ask(.get, address).json
            pages += page["items"]?.array ?? []
            guard let next = page["next"]?.string else { break }
            address = "/conflicts?expert=\(expert)&limit=1&after=\(next)"
        }
        #expect(pages == own)

        let contest: JSONValue = [
            "expert": .string(expert), "application": .string(application), "kind": "adviser",
            "subject": try #require(found["subject"]), "statement": "同名不同人",
        ]
        let filed = try await world.ask(.post, "/conflicts/contests", contest, key: "contest-1")
        #expect(filed.status == 201)
        #expect(try await world.ask(.post, "/conflicts/contests", contest, key: "contest-1").json == filed.json)
        #expect(try await world.ask(.post, "/conflicts/contests", contest).status == 409)
        let id = try #require(filed.json["id"]?.string)
        let ruling: JSONValue = ["lifts": true, "ruling": "核对证件"]
        let mine = try await world.ask(.post, "/conflicts/contests/\(id)/ruling", ruling)
        #expect(mine.status == 403 && mine.json["code"]?.string == "review.same-hand")
        let other = try await world.house.actor("officer2")
        #expect(try await world.ask(.post, "/conflicts/contests/\(id)/ruling", ruling, as: other).status == 204)
        #expect(try await world.ask(.post, "/conflicts/contests/\(id)/ruling", ruling, as: other).status == 409)
        #expect(try await world.ask(.get, path).json["items"]?.array?.isEmpty == true)
        let contests = try await world.ask(.get, "/conflicts/contests").json["items"]?.array
        #expect(contests?.count == 1 && contests?.first?["state"] == "lifted")
        #expect(contests?.first?["ruling"] == "核对证件")
    }

    @Test("What is wrong with a relation, a contest or a filter is named", arguments: TestStore.engines)
    func malformedConflicts(engine: Engine) async throws {
        let world = try await World(engine)
        _ = try await world.fixed()
        let tie: JSONValue = [
            "login": "nobody", "tie": "friend", "number": "none", "from": "yesterday", "to": "2020-02-30",
            "source": "x",
        ]
        let found = try await world.ask(.post, "/conflicts/ties", tie)
        #expect(found.status == 422 && world.fields(found.json) == ["login", "tie", "number", "from", "to"])
        for path in ["/conflicts?kind=friend", "/conflicts?state=open", "/conflicts?limit=0", "/conflicts?after=eA"] {
            #expect(try await world.ask(.get, path).status == 422, "\(path)")
        }
        #expect(try await world.ask(.get, "/conflicts?expert=none").json["items"]?.array?.isEmpty == true)
        for text in ["{", "{}", #"{"expert":1}"#, #"{"expert":"a","kind":"friend","subject":"b","statement":"c"}"#] {
            #expect([400, 422].contains(try await world.send(.post, "/conflicts/contests", text).status), "\(text)")
        }
        let unknown: JSONValue = ["expert": "a", "kind": "adviser", "subject": "b", "statement": "c"]
        #expect(try await world.ask(.post, "/conflicts/contests", unknown).status == 404)
        let empty: JSONValue = ["expert": "a", "kind": "adviser", "subject": "b", "statement": " "]
        #expect(try await world.ask(.post, "/conflicts/contests", empty).status == 422)
        let nowhere = "/conflicts/contests/00000000-0000-7000-8000-000000000001/ruling"
        #expect(try await world.ask(.post, nowhere, ["lifts": true, "ruling": "x"]).status == 404)
        #expect(try await world.ask(.post, nowhere, ["lifts": "yes", "ruling": "x"]).status == 422)
    }

    @Test(
        "Plans and conflicts are for the bureau alone, and an officer rules in the own division's calls only",
        arguments: TestStore.engines)
    func rights(engine: Engine) async throws {
        let world = try await World(engine)
        let trial = try await world.fixed()
        let hash = try #require(trial["commitment"])
        let item = try #require(trial["items"]?.array?.first)
        let expert = try #require(item["experts"]?.array?.first?["expert"])
        let reading = ["/assignment", "/assignment/trial?mode=best", "/conflicts", "/conflicts/contests"]
        let writing: [(String, JSONValue)] = [
            ("/assignment", ["options": try #require(trial["options"]), "due": world.due, "commitment": hash]),
            ("/assignment/run", ["commitment": hash]),
            ("/conflicts/contests", ["expert": expert, "kind": "adviser", "subject": "b", "statement": "c"]),
            ("/conflicts/contests/00000000-0000-7000-8000-000000000001/ruling", ["lifts": true, "ruling": "x"]),
            (
                "/conflicts/ties",
                ["login": "expert1", "tie": "adviser", "number": try #require(item["number"]), "source": "x"]
            ),
        ]
        for path in reading {
            #expect(try await world.ask(.get, path, as: .everyone).status == 401, "\(path)")
            for login in ["applicant", "organisation", "expert1"] {
                let seen = try await world.ask(.get, path, as: try await world.house.actor(login))
                #expect(seen.status == 403, "\(login) \(path)")
            }
            let auditor = try await world.ask(.get, path, as: try await world.house.actor("auditor"))
            #expect(auditor.status == (path.contains("trial") ? 409 : 200), "\(path)")
        }
        let stranger = Actor(
            account: ID("0190aaaa-0000-7000-8000-000000000001"), name: "O", roles: [.officer],
            division: "talent")
        for (path, body) in writing {
            #expect(try await world.ask(.post, path, body, as: .everyone).status == 401, "\(path)")
            for login in ["applicant", "organisation", "expert1", "auditor", "leader"] {
                let seen = try await world.ask(.post, path, body, as: try await world.house.actor(login))
                #expect(seen.status == 403, "\(login) \(path)")
            }
            #expect(try await world.ask(.post, path, body, as: stranger).status == 403, "another division, \(path)")
        }
        let state = try await world.ask(.get, "/assignment").json["state"]
        #expect(state == "committed")
    }
}
