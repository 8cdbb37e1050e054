import Kernel
import Store
import StoreTestSupport
import Synchronization
import Testing

@testable import Bureau
@testable import Portal

/// The rooms beside the rounds of applications, and that no room is left out.
extension LeakTests {
    @Test("No secret of any room is in an answer to somebody who may not know it", arguments: TestStore.engines)
    func rooms(engine: Engine) async throws {
        let world = try await LeakRooms.open(engine)
        let knocker = try Knocker(world.services)
        let addresses = try await LeakRooms.addresses(engine)
        let all = addresses.list.flatMap { address in world.guests.map { Cell(address: address, guest: $0) } }
        let cells = Self.sample(all, engine == .sqlite ? 2_500 : 600) {
            engine == .sqlite ? "\($0.address.path)" : $0.address.route
        }
        Self.say(
            "\(engine): \(cells.count) of \(all.count) cells of all rooms (\(addresses.list.count) addresses, "
                + "\(world.guests.count) relations, \(world.secrets.count) secrets), seed \(Self.seed)")
        let seen = try await walk(cells, in: world, knocker)
        // A sample may miss the few places where one stands.
        for secret in world.secrets where Self.takesAll && !secret.knowers.isEmpty && !seen.contains(secret.name) {
            Issue.record("nobody found \(secret.name), who may know it: the matrix does not look where it stands")
        }
        let log = knocker.log.text.withLock { $0.lowercased() }
        for secret in world.secrets { #expect(!log.contains(secret.word), "the log holds \(secret.name)") }
    }

    @Test("Every route that reads answers somebody in these houses, but for those named", arguments: TestStore.engines)
    func reach(engine: Engine) async throws {
        let houses = [try await LeakWorlds.addresses(engine), try await LeakRooms.addresses(engine)]
        let readers = try Knocker(try await LeakRooms.open(engine).services).table.routes.filter(\.isReading).map(\.id)
        // A route that only one of the houses has is unreached where that one says so.
        let unreached = Set(readers).filter { id in
            houses[1].unreached.contains(id)
                && (houses[0].unreached.contains(id) || !houses[0].list.contains { $0.route == id })
        }
        let named = Set(LeakRooms.beyond.keys)
        let new = unreached.subtracting(named).sorted()
        #expect(new.isEmpty, "nobody is answered at these: play what they need, or name them with a reason: \(new)")
        let old = named.subtracting(unreached).sorted()
        #expect(old.isEmpty, "these answer somebody and need no name: \(old)")
    }

    @Test(
        "While a secret ballot is open nobody can tell how anybody voted, nor how many did so",
        arguments: TestStore.engines)
    func ballots(engine: Engine) async throws {
        let one = try await LeakRooms.open(engine)
        let other = try await LeakRooms.open(engine) { tx in
            let turned = try tx.run("UPDATE award_ballot_item SET in_favour = against, against = in_favour")
            let exchanged = try tx.run(
                """
                UPDATE meeting_paper SET sealed_choice = (
                    SELECT p.sealed_choice FROM meeting_paper p
                    WHERE p.vote = meeting_paper.vote AND p.code > meeting_paper.code ORDER BY p.code LIMIT 1)
                WHERE vote IN (SELECT id FROM meeting_vote WHERE state = 'open') AND EXISTS (
                    SELECT 1 FROM meeting_paper p
                    WHERE p.vote = meeting_paper.vote AND p.code > meeting_paper.code)
                """)
            try #require(turned == 1 && exchanged == 1)
        }
        let knockers = (try Knocker(one.services), try Knocker(other.services))
        let rooms = ["awards.", "meetings.", "votes.", "api.meetings.", "panels.", "cases.show", "desk.rooms", "work"]
        let addresses = try await LeakRooms.addresses(engine).list.filter { address in
            rooms.contains { address.route.hasPrefix($0) }
        }
        let all = addresses.flatMap { address in one.guests.map { Cell(address: address, guest: $0) } }
        let cells = Self.sample(all, engine == .sqlite ? 600 : 200) { "\($0.address.path)" }
        Self.say("\(engine): \(cells.count) of \(all.count) cells with other papers, seed \(Self.seed)")
        for cell in cells {
            let left = await knockers.0.get(cell.address.path, as: cell.guest.actor, cell.guest.name)
            let right = await knockers.1.get(cell.address.path, as: cell.guest.actor, cell.guest.name)
            if left != right {
                Issue.record(
                    """
                    \(cell.guest.name) can tell at \(cell.address.path) how somebody voted: \
                    \(LeakSearch.difference(left, right))
                    """)
            }
        }
    }
}
