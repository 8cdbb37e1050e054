import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("Identities that open accounts")
struct IdentityTests {
    private static let now = Instant(microseconds: 1_795_000_000_000_000)
    private let origin = Sessions.Origin(client: "192.0.2.1", agent: "A browser")
    private let mine = ProviderIdentity(issuer: "https://id.example.cn", subject: "u-1", name: "林")
    private var now: Instant { Self.now }

    /// A house of three accounts, whose passwords are all the same.
    private struct Small {
        let db: Database
        let identities: Identities
        let sessions: Sessions
        let vault = Vault(key: [UInt8](repeating: 5, count: 32))

        init(_ engine: Engine, required: Set<Role> = []) async throws {
            db = try await TestStore.open(engine, House.migrations)
            identities = Identities(db: db, ids: UUIDv7Source(clock: SystemClock()))
            sessions = Sessions(db: db, vault: vault, required: required)
            let hash = try Passwords.hash("a long password", cost: .init(logN: 4))
            let sealer = vault
            try await db.write { tx in
                let roles: [(String, Role)] = [
                    ("lin", .applicant), ("officer", .officer), ("admin", .systemAdministrator),
                ]
                for (login, role) in roles {
                    try AccountStore.insert(
                        AccountCard(
                            id: ID(login), login: login, name: login,
                            mail: try SealedText("\(login)@example.cn", by: sealer), roles: [role]),
                        passwordHash: hash, at: IdentityTests.now, tx)
                }
            }
        }

        func actor(_ login: String) async throws -> Actor {
            try await db.read { tx in
                try AccountStore.actor(try #require(try AccountStore.find(login: login, tx)), tx)
            }
        }

        /// Links as whoever has just come back from the provider does it.
        func link(_ identity: ProviderIdentity, by actor: Actor, at now: Instant) async throws {
            let account = try #require(actor.account)
            let proof = try ProvenIdentity.seal(identity, for: account, at: now, by: vault)
            let proven = try ProvenIdentity.open(proof, for: account, at: now, by: vault)
            try await identities.link(proven, by: actor, at: now)
        }

        func links(_ login: String) async throws -> [LinkedIdentity] {
            try await db.read { tx in try Identities.list(of: ID(login), tx) }
        }

        /// The titles of somebody's messages.
        func told(_ login: String) async throws -> [String] {
            try await db.read { tx in
                try tx.rows("SELECT title_en FROM message WHERE account = \(login)") { try $0["title_en"] as String }
            }
        }

        func events() async throws -> [String] {
            try await db.read { tx in
                try tx.rows("SELECT kind FROM event ORDER BY kind") { try $0["kind"] as String }
            }
        }
    }

    @Test(
        "Nobody comes in by an identity that is not linked, whatever its name or mail",
        arguments: TestStore.engines)
    func unlinked(engine: Engine) async throws {
        let house = try await Small(engine)
        for subject in ["u-1", "lin", "lin@example.cn"] {
            let identity = ProviderIdentity(issuer: mine.issuer, subject: subject, name: "lin@example.cn")
            await #expect(throws: IdentityError.unlinked(subject: subject)) {
                try await house.sessions.signIn(identity, from: origin, now: now)
            }
        }
        #expect(try await house.events().isEmpty)
    }

    @Test(
        "A linked identity opens its account and no other, until it is unlinked; the record tells of it without naming it",
        arguments: TestStore.engines)
    func linked(engine: Engine) async throws {
        let house = try await Small(engine)
        let lin = try await house.actor("lin")
        try await house.link(mine, by: lin, at: now)
        // Again, it changes nothing.
        try await house.link(mine, by: lin, at: now)
        let second = ProviderIdentity(issuer: mine.issuer, subject: "u-2")
        try await house.link(second, by: lin, at: now.adding(seconds: 1))
        #expect(try await house.links("lin").map(\.subject) == ["u-1", "u-2"])
        await #expect(throws: IdentityError.linkedElsewhere) {
            try await house.link(mine, by: try await house.actor("officer"), at: now)
        }
        guard case .open(let token, let actor) = try await house.sessions.signIn(mine, from: origin, now: now) else {
            Issue.record("a code was asked for without a factor")
            return
        }
        #expect(actor.account == lin.account)
        #expect(try await house.sessions.actor(token: token, now: now)?.account == lin.account)
        // The same name at another provider is somebody else.
        let stranger = ProviderIdentity(issuer: "https://id.example.com", subject: "u-1")
        await #expect(throws: IdentityError.unlinked(subject: "u-1")) {
            try await house.sessions.signIn(stranger, from: origin, now: now)
        }
        let link = try #require(try await house.links("lin").first)
        await #expect(throws: IdentityError.unknownLink) {
            try await house.identities.unlink(link.id, by: try await house.actor("officer"), session: nil, at: now)
        }
        try await house.identities.unlink(link.id, by: lin, session: nil, at: now)
        await #expect(throws: IdentityError.unlinked(subject: "u-1")) {
            try await house.sessions.signIn(mine, from: origin, now: now)
        }
        #expect(
            try await house.events() == [
                "access.identity-confirmed", "access.identity-linked", "access.identity-linked",
                "access.identity-unlinked", "access.signed-in",
            ])
        let contents = try await house.db.read { tx in
            try tx.rows("SELECT content FROM event") { try $0["content"] as String }.joined()
        }
        #expect(contents.contains(mine.issuer) && !contents.contains("u-1"))
    }

    @Test(
        "Who unlinks their own identity keeps this session alone, as it may have let in another",
        arguments: TestStore.engines)
    func intruders(engine: Engine) async throws {
        let house = try await Small(engine)
        let (lin, officer) = (try await house.actor("lin"), try await house.actor("officer"))
        try await house.link(mine, by: lin, at: now)
        let other = ProviderIdentity(issuer: mine.issuer, subject: "u-2")
        try await house.link(other, by: officer, at: now)
        guard case .open(let intruder, _) = try await house.sessions.signIn(mine, from: origin, now: now),
            case .open(let stranger, _) = try await house.sessions.signIn(other, from: origin, now: now),
            case .open(let own, _) = try await house.sessions.signIn(
                login: "lin", password: "a long password", from: origin, now: now)
        else {
            Issue.record("a code was asked for without a factor")
            return
        }
        let link = try #require(try await house.links("lin").first)
        try await house.identities.unlink(link.id, by: lin, session: own, at: now)
        #expect(try await house.sessions.actor(token: intruder, now: now) == nil)
        #expect(try await house.sessions.actor(token: own, now: now) != nil)
        #expect(try await house.sessions.actor(token: stranger, now: now) != nil)
        #expect(try await house.told("lin").isEmpty, "somebody is told what they did")
    }

    @Test("What was proven is linked once", arguments: TestStore.engines)
    func proofs(engine: Engine) async throws {
        let house = try await Small(engine)
        let lin = try await house.actor("lin")
        let proof = try ProvenIdentity.seal(mine, for: ID("lin"), at: now, by: house.vault)
        let proven = try ProvenIdentity.open(proof, for: ID("lin"), at: now, by: house.vault)
        try await house.identities.link(proven, by: lin, at: now)
        let link = try #require(try await house.links("lin").first)
        try await house.identities.unlink(link.id, by: lin, session: nil, at: now)
        await #expect(throws: IdentityError.strayed) {
            try await house.identities.link(proven, by: lin, at: now)
        }
        #expect(try await house.links("lin").isEmpty)
    }

    @Test(
        "An administrator unlinks for others and never for themselves, nobody else does, and the owner is told",
        arguments: TestStore.engines)
    func administrators(engine: Engine) async throws {
        let house = try await Small(engine)
        let (admin, officer) = (try await house.actor("admin"), try await house.actor("officer"))
        try await house.link(mine, by: try await house.actor("lin"), at: now)
        let own = ProviderIdentity(issuer: mine.issuer, subject: "u-2")
        try await house.link(own, by: admin, at: now)
        let linkOfAdmin = try #require(try await house.links("admin").first)
        await #expect(throws: AccessError.samePerson) {
            try await house.identities.unlink(linkOfAdmin.id, of: ID("admin"), by: admin, at: now)
        }
        guard case .open(let token, _) = try await house.sessions.signIn(mine, from: origin, now: now) else {
            Issue.record("a code was asked for without a factor")
            return
        }
        let link = try #require(try await house.links("lin").first)
        await #expect(throws: AccessError.self) {
            try await house.identities.unlink(link.id, of: ID("lin"), by: officer, at: now)
        }
        await #expect(throws: IdentityError.unknownLink) {
            try await house.identities.unlink(link.id, of: ID("officer"), by: admin, at: now)
        }
        try await house.identities.unlink(link.id, of: ID("lin"), by: admin, at: now)
        #expect(try await house.links("lin").isEmpty)
        #expect(try await house.sessions.actor(token: token, now: now) == nil, "what the identity opened stays open")
        #expect(try await house.told("lin") == ["An administrator unlinked an identity of your account"])
    }

    @Test(
        "The second factor of the house is asked for all the same, a closed account stays closed, and a role rests",
        arguments: TestStore.engines)
    func limits(engine: Engine) async throws {
        let house = try await Small(engine, required: [.officer])
        let officer = try await house.actor("officer")
        let account = try #require(officer.account)
        try await house.link(mine, by: officer, at: now)
        guard case .open(let token, _) = try await house.sessions.signIn(mine, from: origin, now: now) else {
            Issue.record("a code was asked for without a factor")
            return
        }
        #expect(try await house.sessions.actor(token: token, now: now)?.roles == [])
        let factor = house.sessions.factor
        let setUp = try await factor.begin(showing: nil, by: account, session: nil, at: now)
        let code = OneTimeCode.code(setUp.secret, step: OneTimeCode.step(at: now))
        _ = try await factor.confirm(code, of: setUp.sealed, by: officer, session: nil, at: now)
        guard case .code(let ticket) = try await house.sessions.signIn(mine, from: origin, now: now) else {
            Issue.record("the provider stood in for the second factor")
            return
        }
        let next = OneTimeCode.code(setUp.secret, step: OneTimeCode.step(at: now) + 1)
        let opened = try await house.sessions.signIn(
            ticket: ticket, showing: .code(next), from: origin, now: now)
        #expect(try await house.sessions.actor(token: opened.token, now: now)?.roles == [.officer])
        try await house.db.write { tx in try AccountStore.setState(.closed, of: account, tx) }
        await #expect(throws: AccessError.closed) {
            try await house.sessions.signIn(mine, from: origin, now: now)
        }
    }

    @Test("An errand comes back once, to whichever process", arguments: TestStore.engines)
    func errands(engine: Engine) async throws {
        let house = try await Small(engine)
        let identities = house.identities
        let errand = try Errand(.signIn, back: "/work", at: now)
        let moment = now
        let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        try await identities.take(errand, at: moment)
                        return true
                    } catch IdentityError.strayed {
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 1)
        try await identities.take(try Errand(.signIn, back: "/work", at: now), at: now)
        // Those that nobody could bring back any more are forgotten.
        let later = now.adding(seconds: 601)
        try await identities.take(try Errand(.link, back: "/work", at: later), at: later)
        let kept: Int? = try await house.db.read { tx in try tx.value("SELECT COUNT(*) FROM identity_errand") }
        #expect(kept == 1)
    }

    @Test("The password that links is asked for as seldom as at the door", arguments: TestStore.engines)
    func passwords(engine: Engine) async throws {
        let house = try await Small(engine)
        try await house.sessions.confirm(password: "a long password", of: ID("lin"), from: origin, now: now)
        var blocked: Int?
        for attempt in 0..<20 where blocked == nil {
            do {
                try await house.sessions.confirm(
                    password: "wrong", of: ID("lin"), from: .init(client: "192.0.2.\(attempt)"), now: now)
            } catch AccessError.blocked { blocked = attempt } catch IdentityError.wrongPassword {}
        }
        #expect(blocked == 6)
        await #expect(throws: AccessError.self) {
            try await house.sessions.confirm(password: "a long password", of: ID("lin"), from: origin, now: now)
        }
        // Answers that belong to no sign-in count against where they come from.
        for _ in 0..<51 { try await house.sessions.noteFailure(from: .init(client: "198.51.100.1"), now: now) }
        await #expect(throws: AccessError.blocked(seconds: 31)) {
            try await house.sessions.allow(.init(client: "198.51.100.1"), now: now)
        }
        try await house.sessions.allow(.init(client: "198.51.100.2"), now: now)
    }
}
