import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// What is hidden shows neither when it is asked for nor by its absence.
extension LeakTests {
    @Test(
        "Failure 3: asking for what is hidden by its identity gives what asking for nothing gives",
        arguments: TestStore.engines)
    func identities(engine: Engine) async throws {
        let world = try await LeakWorld.open(engine)
        let knocker = try Knocker(world.services)
        let addresses = try await LeakWorlds.addresses(engine)
        let hidden = try await world.db.read { tx in
            let row = try tx.first(
                """
                SELECT a.id, a.expert, e.account FROM review_assignment a JOIN expert e ON e.id = a.expert
                WHERE a.item IN (SELECT case_id FROM application WHERE step = 'review') ORDER BY a.id LIMIT 1
                """
            ) { [try $0["id"] as String, try $0["expert"] as String, try $0["account"] as String] }
            var found = Array(zip(["an assignment", "who judges", "the account of who judges"], row ?? []))
            let files: [(String, SQL)] = [
                ("a tip", "SELECT id FROM case_file WHERE procedure = 'integrity.tip' LIMIT 1"),
                ("an objection", "SELECT id FROM case_file WHERE procedure = 'publicity.objection' LIMIT 1"),
                (
                    "the rival's application",
                    """
                    SELECT case_id FROM application WHERE step = 'review'
                        AND applicant = (SELECT id FROM account WHERE login = 'rival') LIMIT 1
                    """
                ),
            ]
            for (what, sql) in files {
                let id: String? = try tx.value(sql)
                if let id { found.append((what, id)) }
            }
            return found
        }
        #expect(hidden.count == 6)
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
            // Its neighbour in every order of identities, which nothing has.
            let nothing = "\(question.id.dropLast())\(question.id.hasSuffix("0") ? "1" : "0")"
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
