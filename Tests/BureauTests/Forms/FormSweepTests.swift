import BureauTestSupport
import Foundation
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// Every form of the house is sent with every kind of bad input by ``FormSweeper``: those that a page of the
/// demonstration city shows, where meetings, permits, payments and contracts go on, are found by following links, so
/// that a new one is covered without being named here; those that stand only while something goes on are looked at
/// then. No form of the house is left out.
@Suite("Every form, field by field")
struct FormSweepTests {
    /// Looked at while a round, a meeting or a story goes on.
    static let passing: Set<String> = rounds.union(rooms).union(money).union(people).union(files)

    /// A script sends what the form of the same page sends.
    private static func isScripted(_ route: Route) -> Bool { route.id.hasSuffix(".autosave") }

    @Test("A field that is missing, too long, no choice or no text is refused by name and leaves no trace")
    func city() async throws {
        let house = try await TestHouse(.sqlite, told: true, standing: true)
        var guests = [LeakWorld.Guest(name: "everyone", actor: .everyone)]
        for account in DemonstrationCity.accounts + TalentCity.accounts {
            guests.append(LeakWorld.Guest(name: account.login, actor: try await house.actor(account.login)))
        }
        var sweeper = try FormSweeper(house)
        try await sweeper.walk(guests)
        sweeper.expect([], "the city")
        #expect(sweeper.met.count > 80)
        for route in sweeper.table.routes where !route.isReading && !route.isAPI && !Self.isScripted(route) {
            #expect(
                sweeper.met.contains(route.id) || Self.passing.contains(route.id),
                "nobody sends \(route.id) anything wrong")
        }
    }
}
