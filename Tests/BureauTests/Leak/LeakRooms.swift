import BureauTestSupport
import Kernel
import Store
import StoreTestSupport

@testable import Bureau

/// A second house, for what no round of applications shows: the demonstration city with the stories of all rooms, in
/// which people judge, vote, meet, pay, file and sign in. What is secret among it is a word that occurs nowhere else.
enum LeakRooms {
    /// Logins by the names of the guests, who stand to the secrets in every relation.
    static let logins = [
        ("applicant", "applicant"), ("organisation", "organisation"), ("enterprise", "enterprise"),
        ("enterprise's head", "enterprise-head"), ("foreign expert", "foreign-expert"), ("judge", "expert2"),
        ("second judge", "expert3"), ("outside expert", "expert11"), ("officer", "officer"),
        ("other officer", "officer2"), ("leader", "leader"), ("other leader", "leader2"), ("treasurer", "treasurer"),
        ("auditor", "auditor"), ("administrator", "admin"),
    ]

    private static let bureau: Set<String> = ["officer", "other officer", "leader", "other leader", "auditor"]
    private static let judges: Set<String> = ["judge", "second judge"]

    /// Who may know what, in words of the guests' names.
    static let secrets = [
        LeakWorld.Secret(
            name: "the name of a judge", word: "qzjudge",
            knowers: bureau.union(judges).union(["treasurer", "administrator"])),
        LeakWorld.Secret(
            name: "an opinion of a panel before its release", word: "qzpanelopinion", knowers: bureau.union(["judge"])),
        LeakWorld.Secret(
            name: "an opinion on an enterprise before its release", word: "qzsheetopinion",
            knowers: bureau.union(["judge"])),
        LeakWorld.Secret(name: "the minutes of a meeting", word: "qzminutes", knowers: bureau.union(judges)),
        LeakWorld.Secret(
            name: "a nominator's contact", word: "0755-26730000",
            knowers: bureau.union(judges).union(["applicant", "organisation", "treasurer"])),
        LeakWorld.Secret(
            name: "a mail address", word: "qzmail@example.cn", knowers: ["enterprise", "administrator"]),
        LeakWorld.Secret(
            name: "an identity at the provider", word: "qzsubject", knowers: ["applicant", "administrator"]),
    ]

    /// Routes of which nobody is answered in the two houses, each with the reason.
    static let beyond = [
        "letters.pdf": "print takes seconds; the document of which it is made is looked at by itself",
        "receipts.pdf": "print takes seconds; the document of which it is made is looked at by itself",
        "meetings.minutes.pdf": "print takes seconds; the document of which it is made is looked at by itself",
        "api.assignment.try": "no call here waits for its plan; what it gives is on the page of the plan",
        "factor.key.show": "names a key of the account's own, and only a browser adds one",
        "metrics": "for operators alone, whom a proxy on the machine or a token makes known",
        "identity.arrive": "answers a browser that comes back with what the provider and the house gave it",
    ]

    struct Template: Sendable {
        let address: String
        let folder: String
        let now: Instant
        let guests: [LeakWorld.Guest]
        let secrets: [LeakWorld.Secret]
        /// Addresses to which no page leads.
        let doors: [String]
    }

    private static let made = Once<Engine, Template>()
    private static let found = Once<Engine, LeakAddresses>()

    private static func template(_ engine: Engine) async throws -> Template {
        try await made.value(engine) {
            let house = try await TestHouse(engine, told: true, standing: true)
            let (guests, secrets, doors) = try await LeakRoomsMaker(house: house).make()
            let now = house.house.clock.now()
            await house.house.db.close()
            return Template(
                address: house.address, folder: house.folder, now: now, guests: guests, secrets: secrets, doors: doors)
        }
    }

    /// A copy of the house with the time standing still.
    static func open(
        _ engine: Engine, changing: @escaping @Sendable (Tx) throws -> Void = { _ in }
    ) async throws -> LeakWorld {
        let made = try await template(engine)
        let address = try await TestStore.copy(of: made.address, engine)
        let services = try await TestHouse.services(
            on: address, folder: made.folder, clock: MovableClock(base: StandingClock(made.now)),
            isDemonstration: false, provider: IdentityPagesTests.provider())
        try await services.house.db.write { tx in try changing(tx) }
        return LeakWorld(services: services, guests: made.guests, secrets: made.secrets)
    }

    /// The addresses of the house.
    static func addresses(_ engine: Engine) async throws -> LeakAddresses {
        try await found.value(engine) {
            let world = try await open(engine)
            let guides = try [
                "everyone", "applicant", "organisation", "enterprise", "foreign expert", "judge", "second judge",
                "officer", "leader", "treasurer", "auditor", "administrator",
            ].map { try world.guest($0) }
            return try await LeakAddresses.find(
                try Knocker(world.services), guides: guides, doors: try await template(engine).doors, most: 3,
                tries: 20)
        }
    }
}
