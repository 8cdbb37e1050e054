import HouseTestSupport
import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("API tokens of an account that is made safe")
struct TokenEndTests {
    /// What cuts off who came in by what opens the account no more.
    enum Act: CaseIterable {
        case key, codes, reset, unlink, administrator, password, closing
    }

    private let lin: ID<Account> = ID("lin")

    private func token(
        _ house: KeyHouse, of login: String = "lin", showing proof: SecondFactor.Proof? = nil
    ) async throws -> String {
        try await house.sessions.makeToken(
            for: ID(login), label: "reports", scopes: ["*"], ends: house.now.adding(seconds: 600), showing: proof,
            session: "session", now: house.now)
    }

    private func owner(_ token: String, _ house: KeyHouse) async throws -> ID<Account>? {
        try await house.sessions.bearer(token: token, now: house.now)?.actor.account
    }

    private func perform(_ act: Act, _ house: KeyHouse) async throws {
        let (lin, now) = (lin, house.now)
        let (actor, admin) = (try await house.actor("lin"), try await house.actor("admin"))
        let identities = Identities(db: house.db, ids: UUIDv7Source(clock: SystemClock()))
        switch act {
        case .key: try await house.add(try SoftKey(), to: "lin")
        case .codes:
            let setUp = try await house.factor.begin(showing: nil, by: lin, session: "session", at: now)
            let code = OneTimeCode.code(setUp.secret, step: OneTimeCode.step(at: now))
            _ = try await house.factor.confirm(code, of: setUp.sealed, by: actor, session: "session", at: now)
        case .reset: try await house.factor.reset(lin, by: admin, at: now)
        case .unlink: try await identities.unlink(ID("link"), by: actor, session: "session", at: now)
        case .administrator: try await identities.unlink(ID("link"), of: lin, by: admin, at: now)
        case .password: try await house.db.write { tx in try AccountStore.setPassword(hash: "other", of: lin, tx) }
        case .closing:
            // Whoever comes back has none of before.
            for state: AccountCard.State in [.closed, .active] {
                try await house.db.write { tx in try AccountStore.setState(state, of: lin, tx) }
            }
        }
    }

    @Test(
        "They end with what may have let somebody in, and nobody else's do", arguments: TestStore.engines,
        Act.allCases)
    func ending(engine: Engine, act: Act) async throws {
        let house = try await KeyHouse(engine)
        let now = house.now
        try await house.db.write { tx in
            try tx.run(
                """
                INSERT INTO account_identity (id, issuer, subject, account, linked_at)
                VALUES ('link', 'https://id.example.cn', 'u-1', 'lin', \(now))
                """)
        }
        let (mine, other) = (try await token(house), try await token(house, of: "officer"))
        #expect(try await owner(mine, house) == lin)
        try await perform(act, house)
        #expect(try await owner(mine, house) == nil, "who had nothing but the password goes on by the API")
        #expect(try await house.sessions.tokens(of: lin, now: now).isEmpty)
        #expect(try await owner(other, house) == ID("officer"))
    }

    @Test("Where there is a second factor a token takes it", arguments: TestStore.engines)
    func factor(engine: Engine) async throws {
        let house = try await KeyHouse(engine)
        let (key, strange) = (try SoftKey(), try SoftKey())
        let codes = try await house.add(key, to: "lin")
        await #expect(throws: AccessError.wrongCode) { try await token(house) }
        await #expect(throws: AccessError.wrongCode) { try await token(house, showing: .code("000000")) }
        let forged = try await house.proof(key, of: "lin", counter: 1) { $0.signer = strange }
        await #expect(throws: KeyError.fault(.signature)) { try await token(house, showing: forged) }
        let elsewhere = try await house.proof(key, of: "lin", for: "another", counter: 1)
        await #expect(throws: KeyError.strayed) { try await token(house, showing: elsewhere) }
        #expect(try await house.sessions.tokens(of: lin, now: house.now).isEmpty)
        let first = try await token(house, showing: .code(codes[0]))
        let second = try await token(house, showing: try await house.proof(key, of: "lin", counter: 1))
        for made in [first, second] { #expect(try await owner(made, house) == lin) }
        #expect(try await house.state("lin").codesLeft == codes.count - 1)
    }
}
