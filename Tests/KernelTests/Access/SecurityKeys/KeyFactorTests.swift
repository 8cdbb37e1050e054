import HouseTestSupport
import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("Security keys as a second factor")
struct KeyFactorTests {
    @Test(
        "After the password a key is asked, it opens one session, and no answer is taken twice",
        arguments: TestStore.engines)
    func signingIn(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (key, other) = (try SoftKey(), try SoftKey(.edDSA))
        guard
            case .open(let old, _) = try await house.sessions.signIn(
                login: "lin", password: KeyHouse.password, from: house.visitor, now: house.now)
        else {
            Issue.record("a second factor was asked for without one")
            return
        }
        let codes = try await house.add(key, to: "lin")
        #expect(codes.count == SecondFactor.recoveryCodes && Set(codes).count == codes.count)
        #expect(try await house.sessions.actor(token: old, now: house.now) == nil, "sessions of before the key go on")
        // A second key brings no other codes.
        #expect(try await house.add(other, to: "lin", "red", showing: .code(codes[9])).isEmpty)
        let state = try await house.state("lin")
        #expect(state.isOn && !state.hasCodes && state.codesLeft == codes.count - 1)
        #expect(state.keys.map(\.name) == ["blue", "red"] && state.keys.allSatisfy { $0.usedAt == nil })

        let first = try await house.ticket("lin")
        #expect(try await house.sessions.actor(token: first, now: house.now) == nil)
        let proof = try await house.proof(key, of: "lin", for: first, counter: 1)
        let token = try await house.open(first, proof)
        #expect(try await house.sessions.actor(token: token, now: house.now)?.account == ID("lin"))
        #expect(try await house.state("lin").keys.first?.usedAt == house.now)
        await #expect(throws: AccessError.wrongCode) { try await house.open(first, proof) }
        // At another sign-in it is the answer to another question.
        let second = try await house.ticket("lin")
        await #expect(throws: KeyError.strayed) { try await house.open(second, proof) }
        // A question is used up, also by a wrong answer.
        let keys = state.keys
        let asked = try #require(
            try house.factor.question(of: keys, for: ID("lin"), holder: second, at: house.now))
        let wrong = try other.get(asked.options, at: KeyHouse.origin, counter: 0) { $0.signer = key }
        await #expect(throws: KeyError.fault(.signature)) {
            try await house.open(second, .key(answer: wrong, question: asked.sealed))
        }
        let right = try other.get(asked.options, at: KeyHouse.origin, counter: 0)
        await #expect(throws: KeyError.strayed) {
            try await house.open(second, .key(answer: right, question: asked.sealed))
        }
        // The other key opens as well, and so does a recovery code, once.
        _ = try await house.open(second, try await house.proof(other, of: "lin", for: second, counter: 0))
        _ = try await house.open(try await house.ticket("lin"), .code(codes[0]))
        let third = try await house.ticket("lin")
        await #expect(throws: AccessError.wrongCode) { try await house.open(third, .code(codes[0])) }
    }

    @Test("Only a key of the account answers, for the question of its own sign-in", arguments: TestStore.engines)
    func strangers(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (mine, yours) = (try SoftKey(), try SoftKey())
        try await house.add(mine, to: "lin")
        try await house.add(yours, to: "officer")
        let ticket = try await house.ticket("lin")
        await #expect(throws: KeyError.fault(.unknown)) {
            try await house.open(ticket, try await house.proof(yours, of: "lin", for: ticket, counter: 1))
        }
        // Asked for somebody else's sign-in, or in a session.
        for (login, holder) in [("officer", ticket), ("lin", "session"), ("lin", "")] {
            let proof = try await house.proof(login == "lin" ? mine : yours, of: login, for: holder, counter: 1)
            await #expect(throws: KeyError.strayed, "\(login) \(holder)") { try await house.open(ticket, proof) }
        }
        await #expect(throws: KeyError.strayed) { try await house.open(ticket, .key(answer: "", question: "")) }
        #expect(try await house.events().kinds == ["access.key-added", "access.key-added"])
    }

    @Test("A role that asks for a second factor rests until there is a key", arguments: TestStore.engines)
    func required(engine: Engine) async throws {
        let house = try await KeyHouse(engine, required: [.officer])
        guard
            case .open(let token, _) = try await house.sessions.signIn(
                login: "officer", password: KeyHouse.password, from: house.visitor, now: house.now)
        else {
            Issue.record("a second factor was asked for without one")
            return
        }
        #expect(try await house.sessions.actor(token: token, now: house.now)?.roles == [])
        try await house.add(try SoftKey(), to: "officer", session: token)
        #expect(try await house.sessions.actor(token: token, now: house.now)?.roles == [.officer])
    }

    @Test("A key is taken once, in the session that asked for it, and an account has ten", arguments: TestStore.engines)
    func adding(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let key = try SoftKey()
        let lin = try await house.actor("lin")
        let asked = try await house.question("lin")
        let answer = try key.create(asked.options, at: KeyHouse.origin)
        func shown() async throws -> SecondFactor.Proof { try await house.proof(key, of: "lin", counter: 0) }
        func add(_ actor: Actor, session: String?, seconds: Int = 0) async throws {
            _ = try await house.factor.add(
                answer, to: asked.sealed, as: ID("k-\(seconds)"), by: actor, session: session,
                at: house.now.adding(seconds: seconds))
        }
        await #expect(throws: KeyError.strayed) { try await add(lin, session: "another") }
        await #expect(throws: KeyError.strayed) { try await add(lin, session: nil) }
        let officer = try await house.actor("officer")
        await #expect(throws: KeyError.strayed) { try await add(officer, session: "session") }
        await #expect(throws: KeyError.late) { try await add(lin, session: "session", seconds: 300) }
        try await add(lin, session: "session")
        await #expect(throws: KeyError.strayed) { try await add(lin, session: "session") }
        await #expect(throws: KeyError.known) { try await house.add(key, to: "lin", showing: try await shown()) }
        await #expect(throws: KeyError.known) { try await house.add(key, to: "officer") }
        #expect(try await !house.state("officer").isOn)
        await #expect(throws: KeyError.fault(.presence)) {
            let question = try await house.question("lin", showing: try await shown())
            let absent = try SoftKey().create(question.options, at: KeyHouse.origin) { $0.flags = 0x40 }
            _ = try await house.factor.add(
                absent, to: question.sealed, as: ID("k"), by: lin, session: "session", at: house.now)
        }

        // Two pages ask for the tenth; the browser is told of those that there are.
        for _ in 2..<SecurityKey.most { try await house.add(try SoftKey(), to: "lin", showing: try await shown()) }
        let last = try await house.question("lin", showing: try await shown())
        #expect(last.options.contains(Base64URL.text(key.credential)))
        try await house.add(try SoftKey(), to: "lin", showing: try await shown())
        await #expect(throws: KeyError.tooMany) { try await house.question("lin") }
        await #expect(throws: KeyError.tooMany) {
            _ = try await house.factor.add(
                try SoftKey().create(last.options, at: KeyHouse.origin), to: last.sealed, as: ID("k-last"), by: lin,
                session: "session", at: house.now)
        }
        #expect(try await house.state("lin").keys.count == SecurityKey.most)
    }

    @Test(
        "A key whose counter goes back opens nothing any more, the record tells, and the password alone stays too little",
        arguments: TestStore.engines)
    func counters(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (key, other) = (try SoftKey(), try SoftKey())
        let codes = try await house.add(key, to: "lin", "林的密钥")
        let first = try await house.ticket("lin")
        _ = try await house.open(first, try await house.proof(key, of: "lin", for: first, counter: 7))
        let ticket = try await house.ticket("lin")
        // Nobody makes the key of somebody else refused: what is not signed tells nothing.
        let forged = try await house.proof(key, of: "lin", for: ticket, counter: 1) { $0.signer = other }
        await #expect(throws: KeyError.fault(.signature)) { try await house.open(ticket, forged) }
        #expect(try await house.state("lin").keys.first?.refusedAt == nil)

        let copied = try await house.proof(key, of: "lin", for: ticket, counter: 7)
        let asked = try await house.proof(key, of: "lin", for: ticket, counter: 8)
        await #expect(throws: KeyError.fault(.counter)) { try await house.open(ticket, copied) }
        let state = try await house.state("lin")
        #expect(state.isOn && state.keys.first?.refusedAt == house.now)
        #expect(try await house.events().kinds == ["access.key-added", "access.key-refused"])
        // The page asks it no more; whoever asked before gets nowhere.
        #expect(try house.factor.question(of: state.keys, for: ID("lin"), holder: ticket, at: house.now) == nil)
        await #expect(throws: KeyError.fault(.counter)) { try await house.open(ticket, asked) }
        #expect(try await house.events().kinds.count == 2)
        _ = try await house.open(ticket, .code(codes[0]))
        #expect(try await !house.events().contents.contains("林的密钥"))
    }

    @Test(
        "Wrong answers of keys are slowed down with wrong codes, from wherever they come", arguments: TestStore.engines)
    func guessing(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (key, other) = (try SoftKey(), try SoftKey())
        let codes = try await house.add(key, to: "lin")
        let ticket = try await house.ticket("lin")
        var blocked: Int?
        for attempt in 0..<20 where blocked == nil {
            let wrong = try await house.proof(key, of: "lin", for: ticket, counter: 1) { $0.signer = other }
            do {
                _ = try await house.sessions.signIn(
                    ticket: ticket, showing: wrong, from: .init(client: "192.0.2.\(attempt)"), now: house.now)
            } catch AccessError.blocked { blocked = attempt } catch KeyError.fault(.signature) {}
        }
        #expect(blocked == 6)
        await #expect(throws: AccessError.self) { try await house.open(ticket, .code(codes[0])) }
    }

    @Test(
        "A page that lay open for too long is told so, and is no guess: the account does not wait",
        arguments: TestStore.engines)
    func late(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let key = try SoftKey()
        let codes = try await house.add(key, to: "lin")
        let (lin, factor, id) = (
            try await house.actor("lin"), house.factor, try #require(try await house.state("lin").keys.first).id
        )
        let later = house.now.adding(seconds: KeyChallenge.seconds)
        for attempt in 0..<20 {
            let old = try await house.proof(key, of: "lin", counter: UInt32(attempt + 1))
            await #expect(throws: KeyError.late, "\(attempt)") {
                try await factor.remove(id, showing: old, by: lin, session: "session", at: later)
            }
        }
        // Somebody else's question is a guess, however old.
        let others = try await house.proof(key, of: "lin", for: "another", counter: 1)
        await #expect(throws: KeyError.strayed) {
            try await factor.remove(id, showing: others, by: lin, session: "session", at: later)
        }
        try await factor.remove(id, showing: .code(codes[0]), by: lin, session: "session", at: later)
        #expect(try await !house.state("lin").isOn)
    }

    @Test(
        "Removing a key takes a code or a key; recovery codes go with the last factor",
        arguments: TestStore.engines)
    func removing(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (blue, red) = (try SoftKey(), try SoftKey(.rs256))
        let lin = try await house.actor("lin")
        let codes = try await house.add(blue, to: "lin", "blue")
        try await house.add(red, to: "lin", "red", showing: try await house.proof(blue, of: "lin", counter: 0))
        try await house.add(try SoftKey(), to: "officer")
        let keys = try await house.state("lin").keys
        func remove(_ number: Int, _ proof: SecondFactor.Proof) async throws {
            try await house.factor.remove(
                keys[number].id, showing: proof, by: lin, session: "session", at: house.now)
        }
        await #expect(throws: AccessError.wrongCode) { try await remove(0, .code("")) }
        let elsewhere = try await house.proof(red, of: "lin", for: "another", counter: 1)
        await #expect(throws: KeyError.strayed) { try await remove(0, elsewhere) }
        // Nobody removes another's, and what is not removed uses no code up.
        let others = try await house.state("officer").keys[0].id
        await #expect(throws: KeyError.unknownKey) {
            try await house.factor.remove(others, showing: .code(codes[0]), by: lin, session: "session", at: house.now)
        }
        #expect(try await house.state("lin").codesLeft == codes.count)

        try await remove(0, try await house.proof(red, of: "lin", counter: 1))
        let left = try await house.state("lin")
        #expect(left.keys.map(\.name) == ["red"] && left.codesLeft == codes.count)
        // Codes beside the key, which it agrees to and which bring no recovery codes of their own; then the key proves
        // that they may go.
        let setUp = try await house.factor.begin(
            showing: try await house.proof(red, of: "lin", counter: 2), by: ID("lin"), session: "session",
            at: house.now)
        let confirmed = try await house.factor.confirm(
            OneTimeCode.code(setUp.secret, step: OneTimeCode.step(at: house.now)), of: setUp.sealed, by: lin,
            session: "session", at: house.now)
        #expect(confirmed.isEmpty)
        try await house.factor.end(
            showing: try await house.proof(red, of: "lin", counter: 3), by: lin, session: "session", at: house.now)
        #expect(try await house.state("lin").codesLeft == codes.count)
        try await remove(1, .code(codes[3]))
        let end = try await house.state("lin")
        #expect(!end.isOn && end.codesLeft == 0)
        #expect(
            try await house.events().kinds == [
                "access.key-added", "access.key-added", "access.key-added", "access.key-removed",
                "access.second-factor-on", "access.second-factor-off", "access.key-removed",
            ])
        #expect(try await house.state("officer").isOn)
    }

    @Test(
        "An administrator who takes the second factor off an account takes its keys off", arguments: TestStore.engines)
    func resetting(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let key = try SoftKey()
        try await house.add(key, to: "officer")
        try await house.factor.reset(ID("officer"), by: try await house.actor("admin"), at: house.now)
        let state = try await house.state("officer")
        #expect(!state.isOn && state.codesLeft == 0)
        guard
            case .open = try await house.sessions.signIn(
                login: "officer", password: KeyHouse.password, from: house.visitor, now: house.now)
        else {
            Issue.record("the key was not taken off")
            return
        }
        // It may be added again, to whomever.
        #expect(try await house.add(key, to: "lin").count == SecondFactor.recoveryCodes)
    }

    @Test(
        "A question is taken once, by whichever process, and forgotten when it is too old", arguments: TestStore.engines
    )
    func questions(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (factor, now) = (house.factor, house.now)
        let challenge = try KeyChallenge(.prove, for: ID("lin"), holder: "session", at: now)
        let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        try await factor.take(challenge, at: now)
                        return true
                    } catch KeyError.strayed {
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 1)
        let later = now.adding(seconds: KeyChallenge.seconds + 1)
        try await factor.take(try KeyChallenge(.add, for: ID("lin"), holder: "", at: later), at: later)
        let kept: Int? = try await house.db.read { tx in try tx.value("SELECT COUNT(*) FROM key_challenge") }
        #expect(kept == 1)
    }

    @Test("Where browsers ask no key, none is added and none is asked", arguments: TestStore.engines)
    func nowhere(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let codes = try await house.add(try SoftKey(), to: "lin")
        let keys = try await house.state("lin").keys
        let moved = Sessions(db: house.db, vault: Vault(key: [UInt8](repeating: 5, count: 32)))
        #expect(!moved.factor.takesKeys && house.factor.takesKeys)
        #expect(try moved.factor.question(of: keys, for: ID("lin"), holder: "", at: house.now) == nil)
        await #expect(throws: KeyError.unavailable) {
            try await moved.factor.question(
                adding: "n", to: ID("lin"), showing: nil, session: nil, house: "局", at: house.now)
        }
        // The account is not open for that: a recovery code is needed.
        let ticket = try await house.ticket("lin")
        _ = try await moved.signIn(ticket: ticket, showing: .code(codes[0]), from: house.visitor, now: house.now)
    }
}
