import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("Second factor")
struct SecondFactorTests {
    private let origin = Sessions.Origin(client: "192.0.2.1", agent: "A browser")

    private func sessions(_ house: TestHouse, required: Set<Role> = []) -> Sessions {
        Sessions(db: house.house.db, vault: house.house.vault, required: required)
    }

    /// Turns the factor on for an account.
    /// - Returns: its secret and its recovery codes.
    private func enrol(
        _ house: TestHouse, _ login: String, session: String? = nil
    ) async throws -> (secret: [UInt8], codes: [String]) {
        let actor = try await house.actor(login)
        let factor = sessions(house).factor
        let now = house.house.clock.now()
        let setUp = try await factor.begin(
            showing: nil, by: try #require(actor.account), session: session, at: now)
        let code = OneTimeCode.code(setUp.secret, step: OneTimeCode.step(at: now))
        let codes = try await factor.confirm(code, of: setUp.sealed, by: actor, session: session, at: now)
        return (setUp.secret, codes)
    }

    private func password(_ house: TestHouse, _ login: String, _ sessions: Sessions) async throws -> Sessions.Outcome {
        try await sessions.signIn(
            login: login, password: DemonstrationCity.password, from: origin, now: house.house.clock.now())
    }

    private func open(
        _ house: TestHouse, _ sessions: Sessions, _ ticket: String, _ code: String
    ) async throws -> String {
        let opened = try await sessions.signIn(
            ticket: ticket, showing: .code(code), from: origin, now: house.house.clock.now())
        return opened.token
    }

    private func code(_ secret: [UInt8], _ house: TestHouse, _ steps: Int64 = 0) -> String {
        OneTimeCode.code(secret, step: OneTimeCode.step(at: house.house.clock.now()) + steps)
    }

    @Test("After the password a code is needed, each code opens one session only", arguments: TestStore.engines)
    func signingIn(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let sessions = sessions(house)
        guard case .open(let old, _) = try await password(house, "treasurer", sessions) else {
            Issue.record("a code was asked for without a factor")
            return
        }
        let (secret, codes) = try await enrol(house, "treasurer")
        #expect(codes.count == SecondFactor.recoveryCodes && Set(codes).count == codes.count)
        let now = house.house.clock.now()
        #expect(try await sessions.actor(token: old, now: now) == nil, "sessions of before the factor go on")
        guard case .code(let ticket) = try await password(house, "treasurer", sessions) else {
            Issue.record("the password alone is enough")
            return
        }
        #expect(try await sessions.actor(token: ticket, now: now) == nil)
        // The code that turned the factor on is used up.
        let used = code(secret, house)
        await #expect(throws: AccessError.wrongCode) { _ = try await open(house, sessions, ticket, used) }
        let token = try await open(house, sessions, ticket, code(secret, house, 1))
        #expect(try await sessions.actor(token: token, now: now)?.roles == [.treasurer])
        await #expect(throws: AccessError.wrongCode) { _ = try await open(house, sessions, ticket, codes[0]) }
        for (index, code) in [codes[0], codes[1].lowercased().replacing("-", with: " ")].enumerated() {
            guard case .code(let ticket) = try await password(house, "treasurer", sessions) else { return }
            _ = try await open(house, sessions, ticket, code)
            guard case .code(let again) = try await password(house, "treasurer", sessions) else { return }
            await #expect(throws: AccessError.wrongCode, "\(index)") {
                _ = try await open(house, sessions, again, code)
            }
        }
        let account = try #require(try await house.actor("treasurer").account)
        let left = try await house.house.db.read { tx in try SecondFactor.codesLeft(account, tx) }
        #expect(left == 8)
        guard case .code(let late) = try await password(house, "treasurer", sessions) else { return }
        house.services.clock.lead += 301_000_000
        await #expect(throws: AccessError.wrongCode) { _ = try await open(house, sessions, late, codes[2]) }
    }

    @Test("Guessing codes is slowed down, from wherever it comes", arguments: TestStore.engines)
    func guessing(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let sessions = sessions(house)
        let (secret, _) = try await enrol(house, "leader")
        guard case .code(let ticket) = try await password(house, "leader", sessions) else { return }
        var blocked: Int?
        for attempt in 0..<20 where blocked == nil {
            do {
                _ = try await sessions.signIn(
                    ticket: ticket, showing: .code("000000"), from: .init(client: "192.0.2.\(attempt)"),
                    now: house.house.clock.now())
            } catch AccessError.blocked { blocked = attempt } catch AccessError.wrongCode {}
        }
        #expect(blocked == 6)
        // The right code does not help whoever guessed, until the time is over.
        await #expect(throws: AccessError.self) {
            _ = try await sessions.signIn(
                ticket: ticket, showing: .code(code(secret, house, 1)), from: origin, now: house.house.clock.now())
        }
        house.services.clock.lead += 60_000_000
        _ = try await sessions.signIn(
            ticket: ticket, showing: .code(code(secret, house)), from: origin, now: house.house.clock.now())
    }

    @Test(
        "A role that asks for a factor rests until there is one, for sessions and for tokens",
        arguments: TestStore.engines)
    func required(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let sessions = sessions(house, required: [.treasurer, .leader, .systemAdministrator])
        let now = house.house.clock.now()
        guard case .open(let token, _) = try await password(house, "treasurer", sessions) else { return }
        #expect(try await sessions.actor(token: token, now: now)?.roles == [])
        let account = try #require(try await house.actor("treasurer").account)
        let bearer = try await sessions.makeToken(
            for: account, label: "t", scopes: ["*"], ends: now.adding(seconds: 600), now: now)
        #expect(try await sessions.bearer(token: bearer, now: now)?.actor.roles == [])
        guard case .open(let other, _) = try await password(house, "officer", sessions) else { return }
        #expect(try await sessions.actor(token: other, now: now)?.roles == [.officer])
        let (_, codes) = try await enrol(house, "treasurer", session: token)
        #expect(try await sessions.actor(token: token, now: now)?.roles == [.treasurer])
        // Who made that one had shown no factor.
        #expect(try await sessions.bearer(token: bearer, now: now)?.actor == nil)
        let next = try await sessions.makeToken(
            for: account, label: "t", scopes: ["*"], ends: now.adding(seconds: 600), showing: .code(codes[0]),
            session: token, now: now)
        #expect(try await sessions.bearer(token: next, now: now)?.actor.roles == [.treasurer])
    }

    @Test(
        "The secret is sealed and goes with a rotation of keys; the record tells of it without it",
        arguments: TestStore.engines)
    func sealed(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let (secret, codes) = try await enrol(house, "officer")
        let rotated = Vault(key: [UInt8](repeating: 9, count: 32), earlier: [[UInt8](repeating: 7, count: 32)])
        _ = try await KeyRotation(
            db: house.house.db, vault: rotated, files: house.house.files, columns: Services.sealed
        ).run()
        let stored: [UInt8] = try await house.house.db.read { tx in
            try #require(
                try tx.first("SELECT sealed_secret FROM account_factor") { try $0["sealed_secret"] as [UInt8] })
        }
        #expect(rotated.isCurrent(stored))
        #expect(try rotated.open(bytes: stored) == secret)
        let text = try await house.house.db.read { tx in
            try tx.rows("SELECT content FROM event WHERE kind LIKE 'access.%'") { try $0["content"] as String }.joined()
                + tx.rows("SELECT code_hash FROM account_recovery") { try $0["code_hash"] as String }.joined()
        }
        #expect(!text.contains(OneTimeCode.base32(secret)) && codes.allSatisfy { !text.contains($0) })
    }

    @Test("Turning it off takes a code; an administrator takes it off others, never off themselves")
    func ending() async throws {
        let house = try await TestHouse(.sqlite, standing: true)
        let factor = sessions(house).factor
        let (secret, codes) = try await enrol(house, "admin")
        let (admin, officer) = (try await house.actor("admin"), try await house.actor("officer"))
        let now = house.house.clock.now()
        await #expect(throws: AccessError.wrongCode) {
            try await factor.end(showing: .code("123"), by: admin, session: nil, at: now)
        }
        await #expect(throws: AccessError.samePerson) {
            try await factor.reset(admin.account ?? ID(""), by: admin, at: now)
        }
        _ = try await enrol(house, "officer")
        await #expect(throws: AccessError.self) {
            try await factor.reset(admin.account ?? ID(""), by: officer, at: now)
        }
        let account = try #require(officer.account)
        try await factor.reset(account, by: admin, at: now)
        let told = try await house.house.db.read { tx in try Messages.list(account, before: nil, limit: 100, tx) }
        #expect(told.contains { $0.title.en == "An administrator reset your second factor" })
        guard case .open = try await password(house, "officer", sessions(house)) else {
            Issue.record("the factor was not taken off")
            return
        }
        _ = (secret, codes)
        try await factor.end(showing: .code(codes[3]), by: admin, session: nil, at: now)
        guard case .open = try await password(house, "admin", sessions(house)) else {
            Issue.record("the factor was not turned off")
            return
        }
    }

    @Test("Everybody sees and ends their own sessions, and nobody else's", arguments: TestStore.engines)
    func devices(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let sessions = sessions(house)
        let now = house.house.clock.now()
        guard case .open(let first, let officer) = try await password(house, "officer", sessions),
            case .open(let second, _) = try await password(house, "officer", sessions),
            case .open(let other, let leader) = try await password(house, "leader", sessions)
        else { return }
        let account = try #require(officer.account)
        let list = try await sessions.list(of: account, now: now)
        #expect(Set(list.map(\.id)) == [Sessions.id(of: first), Sessions.id(of: second)])
        #expect(list.allSatisfy { $0.client == "192.0.2.1" && $0.agent == "A browser" })
        await #expect(throws: AccessError.unknownToken) {
            try await sessions.end(Sessions.id(of: first), by: leader, now: now)
        }
        try await sessions.end(Sessions.id(of: first), by: officer, now: now)
        #expect(try await sessions.actor(token: first, now: now) == nil)
        #expect(try await sessions.actor(token: second, now: now) != nil)
        #expect(try await sessions.actor(token: other, now: now) != nil)
    }
}
