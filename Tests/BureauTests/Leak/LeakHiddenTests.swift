import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// What is hidden shows neither when it is asked for nor by its absence.
extension LeakTests {
    /// What none of ``OtherWorld/unknowing`` may know to be there, by its identity.
    private static func hidden(in world: LeakWorld) async throws -> [(what: String, id: String)] {
        let rivals: SQL = """
            (SELECT case_id FROM application WHERE step = 'review'
                AND applicant = (SELECT id FROM account WHERE login = 'rival'))
            """
        let objections: SQL = "(SELECT id FROM case_file WHERE procedure = 'publicity.objection')"
        let places: [(String, SQL)] = [
            ("a tip", "SELECT id FROM case_file WHERE procedure = 'integrity.tip' LIMIT 1"),
            ("an objection", "SELECT id FROM case_file WHERE id IN \(objections) LIMIT 1"),
            ("a paper of an objection", "SELECT id FROM document WHERE case_id IN \(objections) LIMIT 1"),
            ("the rival's application", "SELECT case_id FROM application WHERE case_id IN \(rivals) LIMIT 1"),
            ("an event of the rival's", "SELECT id FROM event WHERE case_id IN \(rivals) ORDER BY id LIMIT 1"),
        ]
        let found = try await world.db.read { tx -> [(what: String, id: String)] in
            let row = try tx.first(
                """
                SELECT a.id, a.expert, e.account FROM review_assignment a JOIN expert e ON e.id = a.expert
                WHERE a.item IN (SELECT case_id FROM application WHERE step = 'review') ORDER BY a.id LIMIT 1
                """
            ) { [try $0["id"] as String, try $0["expert"] as String, try $0["account"] as String] }
            let judges = zip(["an assignment", "who judges", "the account of who judges"], row ?? [])
            return try judges.map { (what: $0, id: $1) }
                + places.compactMap { what, sql -> (what: String, id: String)? in
                    let id: String? = try tx.value(sql)
                    return id.map { (what: what, id: $0) }
                }
        }
        #expect(found.count == 8, "\(found.map { $0.what })")
        return found
    }

    /// Its neighbour in every order of identities, which nothing has.
    private static func neighbour(of id: String) -> String { "\(id.dropLast())\(id.hasSuffix("0") ? "1" : "0")" }

    @Test(
        "At an address, what is hidden is answered as what does not exist: the same bytes after as many questions",
        arguments: TestStore.engines)
    func existence(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        let knocker = try Knocker(world.services)
        let addresses = try await LeakWorlds.addresses(engine)
        struct Knock: Sendable {
            let route: Route
            let what: String
            let id: String
            let guest: LeakWorld.Guest
        }
        let guests = try OtherWorld.unknowing.map { try world.guest($0) }
        var all: [Knock] = []
        for (what, id) in try await Self.hidden(in: world) {
            for route in knocker.table.routes
            where route.isReading && PathTemplate(route.path)?.names.isEmpty == false {
                for guest in guests where route.access.allows(guest.actor) {
                    all.append(Knock(route: route, what: what, id: id, guest: guest))
                }
            }
        }
        let knocks = Self.sample(all, engine == .sqlite ? 900 : 250) {
            engine == .sqlite ? "\($0.route.id) \($0.what)" : $0.route.id
        }
        Self.say("\(engine): \(knocks.count) of \(all.count) addresses of what is hidden, seed \(Self.seed)")
        for knock in knocks {
            let left = await reply(knock.id, knock.route, addresses.values, knock.guest, knocker)
            let right = await reply(Self.neighbour(of: knock.id), knock.route, addresses.values, knock.guest, knocker)
            if left.text != right.text {
                Issue.record("\(knock.guest.name) learns at \(knock.route.id) that there is \(knock.what)")
            }
            if left.asked != right.asked {
                Issue.record(
                    """
                    \(knock.guest.name) can learn at \(knock.route.id) by the time that there is \(knock.what): \
                    \(left.asked) statements, \(right.asked) for what is not there
                    """)
            }
        }
    }

    /// The answer where an identity stands in the first place of a path, without it, and the statements that it took.
    private func reply(
        _ id: String, _ route: Route, _ values: [String: Set<String>], _ guest: LeakWorld.Guest, _ knocker: Knocker
    ) async -> (text: String, asked: Int) {
        var (path, word, isGiven) = ("", "", false)
        for segment in PathTemplate(route.path)?.segments ?? [] {
            switch segment {
            case .fixed(let text):
                word = text
                path += "/\(text)"
            case .value:
                path += "/\(isGiven ? values[word]?.sorted().first ?? "none" : id)"
                isGiven = true
            }
        }
        let address = path
        let (reply, asked) = await QueryCounter.counting { await knocker.get(address, as: guest.actor, guest.name) }
        #expect(reply.status < 500, "\(address) as \(guest.name)")
        return ("\(reply.status)\(reply.text.replacing(id, with: "…"))", asked)
    }

    @Test(
        "Failure 3: asking for what is hidden by its identity gives what asking for nothing gives",
        arguments: TestStore.engines)
    func identities(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        let knocker = try Knocker(world.services)
        let addresses = try await LeakWorlds.addresses(engine)
        let hidden = try await Self.hidden(in: world)
        struct Question: Sendable {
            let path: String
            let field: String
            let what: String
            let id: String
            let guest: LeakWorld.Guest
        }
        let guests = try OtherWorld.unknowing.map { try world.guest($0) }
        var all: [Question] = []
        for (path, names) in addresses.fields {
            for field in names {
                for (what, id) in hidden {
                    for guest in guests {
                        all.append(Question(path: path, field: field, what: what, id: id, guest: guest))
                    }
                }
            }
        }
        let questions = Self.sample(all, engine == .sqlite ? 500 : 150) {
            engine == .sqlite ? "\($0.path) \($0.field)" : $0.field
        }
        Self.say("\(engine): \(questions.count) of \(all.count) questions by identity, seed \(Self.seed)")
        for question in questions {
            let nothing = Self.neighbour(of: question.id)
            let left = await ask(question.path, question.field, question.id, question.guest, knocker)
            let right = await ask(question.path, question.field, nothing, question.guest, knocker)
            if left != right {
                Issue.record(
                    "\(question.guest.name) learns of \(question.what) by \(question.field) at \(question.path)")
            }
        }
    }

    @Test(
        "Failure 2: to whom it concerns every page is the same whether anybody judges an application or nobody",
        arguments: TestStore.engines)
    func nobodyAssigned(engine: Engine) async throws {
        let one = try await LeakWorld.open(engine)
        let other = try await LeakWorld.open(engine) { tx in try OtherWorld.unassign(tx) }
        let knockers = (try Knocker(one.services), try Knocker(other.services))
        let addresses = try await LeakWorlds.addresses(engine)
        let guests = try (OtherWorld.unknowing + ["rival", "rival's organisation"]).map { try one.guest($0) }
        let all = addresses.list.flatMap { address in guests.map { Cell(address: address, guest: $0) } }
        let cells = Self.sample(all, engine == .sqlite ? 500 : 150) { $0.address.route }
        Self.say("\(engine): \(cells.count) of \(all.count) cells with judges and without, seed \(Self.seed)")
        for cell in cells {
            let left = await knockers.0.get(cell.address.path, as: cell.guest.actor, cell.guest.name)
            let right = await knockers.1.get(cell.address.path, as: cell.guest.actor, cell.guest.name)
            if left != right {
                Issue.record(
                    """
                    \(cell.guest.name) sees at \(cell.address.path) whether anybody judges: \
                    \(LeakSearch.difference(left, right))
                    """)
            }
        }
        // Whoever may know sees it.
        let officer = try one.guest("officer")
        let desks = addresses.list.filter { $0.route == "desk.review" }
        var differing = 0
        for address in desks {
            let left = await knockers.0.get(address.path, as: officer.actor, officer.name)
            if left != (await knockers.1.get(address.path, as: officer.actor, officer.name)) { differing += 1 }
        }
        #expect(differing > 0, "\(desks)")
    }
}
