import HouseTestSupport
import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("Adding to a second factor")
struct FactorAdditionTests {
    private let lin: ID<Account> = ID("lin")

    private func code(_ secret: [UInt8], _ house: KeyHouse, _ steps: Int64 = 0) -> String {
        OneTimeCode.code(secret, step: OneTimeCode.step(at: house.now) + steps)
    }

    /// Turns codes on for somebody who has no factor.
    /// - Returns: their secret and the recovery codes.
    private func enrol(_ house: KeyHouse) async throws -> (secret: [UInt8], codes: [String]) {
        let setUp = try await house.factor.begin(showing: nil, by: lin, session: "session", at: house.now)
        let codes = try await house.factor.confirm(
            code(setUp.secret, house), of: setUp.sealed, by: try await house.actor("lin"), session: "session",
            at: house.now)
        return (setUp.secret, codes)
    }

    // MARK: What the version before makes of it

    /// A row as the version before reads it, which knows no keys.
    private struct Former: Hashable {
        /// It asks for a code after the password.
        let isOn: Bool
        let secret: [UInt8]
        let lastStep: Int64
    }

    private func former(_ house: KeyHouse) async throws -> Former? {
        let vault = house.factor.vault
        return try await house.db.read { [lin] tx in
            try tx.first("SELECT sealed_secret, confirmed_at, last_step FROM account_factor WHERE account = \(lin)") {
                row in
                let confirmed: Instant? = try row["confirmed_at"]
                return Former(
                    isOn: confirmed != nil, secret: try vault.open(bytes: try row["sealed_secret"]),
                    lastStep: try row["last_step"])
            }
        }
    }

    /// Leaves what the version before does where somebody begins to set codes up.
    private func leaveWaiting(_ house: KeyHouse) async throws {
        let sealed = try house.factor.vault.seal(bytes: [UInt8](repeating: 1, count: OneTimeCode.secretLength))
        let now = house.now
        try await house.db.write { [lin] tx in
            try tx.run(
                """
                INSERT INTO account_factor (account, sealed_secret, made_at, last_step)
                VALUES (\(lin), \(sealed), \(now), 0)
                """)
        }
    }

    @Test(
        "With a key alone the version before asks for a code as well, and takes none but those of recovery",
        arguments: TestStore.engines, [false, true])
    func standIn(engine: Engine, hasBegun: Bool) async throws {
        let house = try await KeyHouse(engine)
        if hasBegun { try await leaveWaiting(house) }
        let key = try SoftKey()
        let codes = try await house.add(key, to: "lin")
        #expect(codes.count == SecondFactor.recoveryCodes, "the recovery codes are what opens the account there")
        func standsIn() async throws {
            let row = try #require(try await former(house))
            #expect(row.isOn)
            for step: Int64 in [-1, 0, 1] {
                let taken = OneTimeCode.accepted(
                    code(row.secret, house, step), row.secret, at: house.now, after: row.lastStep)
                #expect(taken == nil, "the version before takes a code")
            }
            let state = try await house.state("lin")
            #expect(state.isOn && !state.hasCodes, "it is no authenticator")
        }
        try await standsIn()
        let first = try #require(try await former(house)).secret
        try await house.add(try SoftKey(), to: "lin", showing: try await house.proof(key, of: "lin", counter: 0))
        #expect(try await former(house)?.secret == first)
        // Its codes open nothing here either.
        let ticket = try await house.ticket("lin")
        await #expect(throws: AccessError.wrongCode) { try await house.open(ticket, .code(code(first, house))) }
        _ = try await house.open(ticket, .code(codes[0]))

        // Codes take its place, and it takes theirs.
        let actor = try await house.actor("lin")
        let setUp = try await house.factor.begin(
            showing: try await house.proof(key, of: "lin", counter: 0), by: lin, session: "session", at: house.now)
        #expect(try await former(house)?.secret == first, "what is not confirmed took its place")
        _ = try await house.factor.confirm(
            code(setUp.secret, house), of: setUp.sealed, by: actor, session: "session", at: house.now)
        #expect(try await former(house)?.secret == setUp.secret)
        #expect(try await house.state("lin").hasCodes)
        try await house.factor.end(showing: .code(codes[1]), by: actor, session: "session", at: house.now)
        try await standsIn()
        #expect(try await house.state("lin").codesLeft == codes.count - 2)

        // It goes with the last key.
        for (number, one) in try await house.state("lin").keys.enumerated() {
            try await house.factor.remove(
                one.id, showing: .code(codes[number + 2]), by: actor, session: "session", at: house.now)
        }
        #expect(try await former(house) == nil)
        guard
            case .open = try await house.sessions.signIn(
                login: "lin", password: KeyHouse.password, from: house.visitor, now: house.now)
        else {
            Issue.record("something stayed on")
            return
        }
    }

    // MARK: Agreeing

    @Test(
        "Who has a key sets codes up with it alone, and who has codes adds a key with one: a session and the password are too little",
        arguments: TestStore.engines)
    func agreeing(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (key, strange, lin, now) = (try SoftKey(), try SoftKey(), lin, house.now)
        let codes = try await house.add(key, to: "lin")
        func begin(_ proof: SecondFactor.Proof?) async throws -> CodeSetUp {
            try await house.factor.begin(showing: proof, by: lin, session: "session", at: now)
        }
        await #expect(throws: AccessError.wrongCode) { try await begin(nil) }
        await #expect(throws: AccessError.wrongCode) { try await begin(.code("000000")) }
        await #expect(throws: AccessError.wrongCode) { try await house.question("lin") }
        let forged = try await house.proof(key, of: "lin", counter: 1) { $0.signer = strange }
        await #expect(throws: KeyError.fault(.signature)) { try await begin(forged) }
        let elsewhere = try await house.proof(key, of: "lin", for: "another", counter: 1)
        await #expect(throws: KeyError.strayed) { try await begin(elsewhere) }
        let setUp = try await begin(try await house.proof(key, of: "lin", counter: 1))
        let actor = try await house.actor("lin")
        #expect(
            try await house.factor.confirm(
                code(setUp.secret, house), of: setUp.sealed, by: actor, session: "session", at: now
            ).isEmpty)
        await #expect(throws: AccessError.factorIsOn) { try await begin(.code(codes[0])) }

        await #expect(throws: AccessError.wrongCode) { try await house.question("lin") }
        // That code turned them on.
        let used = code(setUp.secret, house)
        await #expect(throws: AccessError.wrongCode) { try await house.question("lin", showing: .code(used)) }
        _ = try await house.add(strange, to: "lin", showing: .code(code(setUp.secret, house, 1)))
        #expect(try await house.state("lin").keys.count == 2)
        #expect(try await house.state("lin").codesLeft == codes.count)
    }

    @Test("Guessing the factor that is on, to add to it, is slowed down", arguments: TestStore.engines)
    func guessing(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (_, codes) = try await enrol(house)
        var blocked: Int?
        for attempt in 0..<20 where blocked == nil {
            do {
                _ = try await house.question("lin", showing: .code("000000"))
            } catch AccessError.blocked { blocked = attempt } catch AccessError.wrongCode {}
        }
        #expect(blocked == 6)
        await #expect(throws: AccessError.self) { try await house.question("lin", showing: .code(codes[0])) }
    }

    // MARK: Setting up

    @Test(
        "A secret counts in the session that was shown it, for as long as it takes, and none that was not proven does",
        arguments: TestStore.engines)
    func settingUp(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        try await leaveWaiting(house)
        let (factor, lin, now) = (house.factor, lin, house.now)
        let (actor, officer) = (try await house.actor("lin"), try await house.actor("officer"))
        let setUp = try await factor.begin(showing: nil, by: lin, session: "session", at: now)
        // Another tab begins in between.
        let other = try await factor.begin(showing: nil, by: lin, session: "session", at: now)
        let right = code(setUp.secret, house)
        func confirm(
            _ code: String, _ sealed: String, by actor: Actor, session: String? = "session", seconds: Int = 0
        ) async throws -> [String] {
            try await factor.confirm(
                code, of: sealed, by: actor, session: session, at: now.adding(seconds: seconds))
        }
        await #expect(throws: AccessError.setUpOver) { try await confirm(right, setUp.sealed, by: officer) }
        for session in ["another", nil] {
            await #expect(throws: AccessError.setUpOver, "\(session ?? "none")") {
                try await confirm(right, setUp.sealed, by: actor, session: session)
            }
        }
        await #expect(throws: AccessError.setUpOver) {
            try await confirm(right, setUp.sealed, by: actor, seconds: FactorPermit.seconds)
        }
        // That the password was given is no secret to confirm, and a secret no word about the password.
        let permit = try factor.permit(for: lin, session: "session", at: now)
        for text in ["", "x", permit] {
            await #expect(throws: AccessError.setUpOver, "\(text.prefix(20))") {
                try await confirm(right, text, by: actor)
            }
        }
        #expect(factor.isPermitted(permit, for: lin, session: "session", at: now))
        #expect(!factor.isPermitted(permit, for: lin, session: "another", at: now))
        #expect(!factor.isPermitted(permit, for: ID("officer"), session: "session", at: now))
        #expect(!factor.isPermitted(setUp.sealed, for: lin, session: "session", at: now))
        let over = now.adding(seconds: FactorPermit.seconds)
        #expect(!factor.isPermitted(permit, for: lin, session: "session", at: over))

        await #expect(throws: AccessError.wrongCode) { try await confirm(right, other.sealed, by: actor) }
        #expect(try await !house.state("lin").isOn)
        #expect(try await confirm(right, setUp.sealed, by: actor).count == SecondFactor.recoveryCodes)
        #expect(try await former(house)?.secret == setUp.secret, "a secret counts of which no code was given")
        let second = code(other.secret, house)
        await #expect(throws: AccessError.factorIsOn) { try await confirm(second, other.sealed, by: actor) }
        #expect(try await former(house)?.secret == setUp.secret)
    }

    @Test("Codes that are not on are not turned off, and the record tells of nothing", arguments: TestStore.engines)
    func endingNothing(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let codes = try await house.add(try SoftKey(), to: "lin")
        let actor = try await house.actor("lin")
        for proof in [SecondFactor.Proof.code(codes[0]), .code("000000")] {
            await #expect(throws: AccessError.wrongCode) {
                try await house.factor.end(showing: proof, by: actor, session: "session", at: house.now)
            }
        }
        let state = try await house.state("lin")
        #expect(state.isOn && state.codesLeft == codes.count)
        #expect(try await former(house)?.isOn == true)
        #expect(try await house.events().kinds == ["access.key-added"])
    }
}
