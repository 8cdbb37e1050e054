import BureauTestSupport
import Foundation
import Funding
import HouseTestSupport
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau

/// A house in which every secret is a word that occurs nowhere else, with people who stand to it in every relation.
///
/// One call is decided and in its publicity; another is under review, with scores handed in and not released; a third
/// has its draw committed and not drawn. In each there are two applicants, and beside them drafts that nobody handed
/// in. A tip, an objection and the stories of all rooms are there too.
struct LeakWorld: Sendable {
    let services: Services
    let guests: [Guest]
    let secrets: [Secret]

    /// Somebody with their relation to the cases.
    struct Guest: Sendable {
        let name: String
        let actor: Actor
    }

    /// A word and who may come to know it.
    struct Secret: Sendable {
        let name: String
        /// Lower-case; occurs nowhere but in the secret.
        let word: String
        let knowers: Set<String>
    }

    static let staff: Set<String> = ["officer", "other officer", "leader", "treasurer", "auditor"]

    /// Who may know what, in words of the guests' names.
    static let secrets: [Secret] = {
        let owner: Set<String> = ["owner", "owner's organisation"]
        let rival: Set<String> = ["rival", "rival's organisation"]
        let reviewers: Set<String> = ["reviewer", "second reviewer"]
        func of(_ name: String, _ word: String, _ knowers: Set<String>) -> Secret {
            Secret(name: name, word: word, knowers: knowers)
        }
        return [
            of("the owner's plan", "qzownerplan", owner.union(staff).union(reviewers)),
            of("the owner's telephone", "0755-80112233", owner.union(staff)),
            of("the rival's name", "qzrivalname", rival.union(staff).union(reviewers).union(["administrator"])),
            of("the rival's plan", "qzrivalplan", rival.union(staff).union(reviewers)),
            of("the rival's telephone", "0755-80445566", rival.union(staff)),
            of("the rival's draft", "qzrivaldraft", rival.union(staff)),
            of("a reviewer's name", "qzreviewer", staff.union(reviewers).union(["administrator"])),
            of("a reviewer's opinion before its release", "qzopinion", ["reviewer", "officer", "leader", "auditor"]),
            of("a reviewer's total before its release", "68.88", staff.union(["reviewer"])),
            of("a reviewer's total in the API before its release", "\"total\":68875", staff.union(["reviewer"])),
            of("a reviewer's draft", "qzunsentopinion", ["second reviewer"]),
            of("a tip's author", "qztipauthor", ["tipper", "officer", "leader", "auditor", "administrator"]),
            of("a tip's contact", "qztipcontact", ["tipper"]),
            of("a tip's facts", "qztipfacts", ["tipper", "officer", "leader", "auditor"]),
            of("an objector's name", "qzobjector", ["officer"]),
            of("an objector's contact", "qzobjecontact", ["officer"]),
            of("the rival's identity number", "440305197001018010", []),
            of("the house's half of a seed", "", []),
        ]
    }()

    func guest(_ name: String) throws -> Guest { try #require(guests.first { $0.name == name }) }

    /// The tables of the world, to be changed by a test of its own copy.
    var db: Database { services.house.db }

    /// A copy of the world with the time standing still.
    static func open(
        _ engine: Engine, changing: @escaping @Sendable (Tx) throws -> Void = { _ in }
    ) async throws -> LeakWorld {
        let made = try await LeakWorlds.template(engine)
        let address = try await TestStore.copy(of: made.address, engine)
        let services = try await TestHouse.services(
            on: address, folder: made.folder, clock: MovableClock(base: StandingClock(made.now)),
            isDemonstration: false)
        try await services.house.db.write { tx in try changing(tx) }
        return LeakWorld(services: services, guests: made.guests, secrets: made.secrets)
    }
}

/// The world is made once for each engine; tests look at copies.
enum LeakWorlds {
    struct Template: Sendable {
        let address: String
        let folder: String
        let now: Instant
        let guests: [LeakWorld.Guest]
        let secrets: [LeakWorld.Secret]
    }

    private static let made = Once<Engine, Template>()
    private static let found = Once<Engine, LeakAddresses>()

    /// The addresses of the world.
    static func addresses(_ engine: Engine) async throws -> LeakAddresses {
        try await found.value(engine) {
            let world = try await LeakWorld.open(engine)
            let guides = try [
                "everyone", "owner", "rival", "reviewer", "second reviewer", "tipper", "officer", "leader",
                "treasurer", "auditor", "administrator",
            ].map { try world.guest($0) }
            return try await LeakAddresses.find(try Knocker(world.services), guides: guides)
        }
    }

    static func template(_ engine: Engine) async throws -> Template {
        try await made.value(engine) {
            let house = try await TestHouse(engine)
            for (_, file) in StoryTests.files { try await Storyteller(house.services).seed(file.registers ?? []) }
            let (guests, secrets) = try await LeakWorldMaker(house: house).make()
            let now = house.house.clock.now()
            await house.house.db.close()
            return Template(
                address: house.address, folder: house.folder, now: now, guests: guests, secrets: secrets)
        }
    }
}
