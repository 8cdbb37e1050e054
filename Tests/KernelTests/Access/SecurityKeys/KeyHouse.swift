import HouseTestSupport
import Store
import StoreTestSupport
import Testing

@testable import Kernel

/// A house of three accounts, whose passwords are all the same, at an address where browsers ask keys.
struct KeyHouse {
    static let origin = "https://house.example.cn"
    static let password = "a long password"

    let db: Database
    let sessions: Sessions
    let now = Instant(microseconds: 1_795_000_000_000_000)
    let visitor = Sessions.Origin(client: "192.0.2.1", agent: "A browser")
    private let ids = UUIDv7Source(clock: SystemClock())

    var factor: SecondFactor { sessions.factor }

    init(_ engine: Engine, required: Set<Role> = []) async throws {
        db = try await TestStore.open(engine, House.migrations)
        sessions = Sessions(
            db: db, vault: Vault(key: [UInt8](repeating: 5, count: 32)), required: required,
            party: RelyingParty(site: Self.origin))
        let (hash, now) = (try Passwords.hash(Self.password, cost: .init(logN: 4)), now)
        try await db.write { tx in
            let roles: [(String, Role)] = [("lin", .applicant), ("officer", .officer), ("admin", .systemAdministrator)]
            for (login, role) in roles {
                try AccountStore.insert(
                    AccountCard(id: ID(login), login: login, name: login, roles: [role]), passwordHash: hash, at: now,
                    tx)
            }
        }
    }

    func actor(_ login: String) async throws -> Actor {
        try await db.read { tx in
            try AccountStore.actor(try #require(try AccountStore.find(login: login, tx)), tx)
        }
    }

    func state(_ login: String) async throws -> FactorState {
        try await db.read { tx in try SecondFactor.state(of: ID(login), tx) }
    }

    /// Asks for a new key as the page of somebody's session does.
    /// - Parameter proof: of the factor that is on.
    func question(
        _ login: String, _ name: String = "blue", session: String = "session", showing proof: SecondFactor.Proof? = nil
    ) async throws -> KeyQuestion {
        try await factor.question(
            adding: name, to: ID(login), showing: proof, session: session, house: "局", at: now)
    }

    /// Gives somebody a key.
    /// - Returns: the recovery codes that came with it.
    @discardableResult
    func add(
        _ key: SoftKey, to login: String, _ name: String = "blue", session: String = "session",
        showing proof: SecondFactor.Proof? = nil
    ) async throws -> [String] {
        let question = try await question(login, name, session: session, showing: proof)
        return try await factor.add(
            try key.create(question.options, at: Self.origin), to: question.sealed, as: ids.make(),
            by: try await actor(login), session: session, at: now)
    }

    /// What a key answers when somebody's keys are asked.
    func proof(
        _ key: SoftKey, of login: String, for holder: String = "session", counter: UInt32,
        _ change: (inout SoftSaying) -> Void = { _ in }
    ) async throws -> SecondFactor.Proof {
        let keys = try await state(login).keys
        let asked = try #require(try factor.question(of: keys, for: ID(login), holder: holder, at: now))
        return .key(
            answer: try key.get(asked.options, at: Self.origin, counter: counter, change), question: asked.sealed)
    }

    /// What the right password leads to when there is a second factor.
    func ticket(_ login: String) async throws -> String {
        let outcome = try await sessions.signIn(login: login, password: Self.password, from: visitor, now: now)
        guard case .code(let ticket) = outcome else { throw AccessError.wrongLogin }
        return ticket
    }

    func open(_ ticket: String, _ proof: SecondFactor.Proof) async throws -> String {
        try await sessions.signIn(ticket: ticket, showing: proof, from: visitor, now: now).token
    }

    /// The kinds of events about keys and codes, in their order, and everything that they say.
    func events() async throws -> (kinds: [String], contents: String) {
        try await db.read { tx in
            let rows = try tx.rows("SELECT kind, content FROM event ORDER BY id") {
                (try $0["kind"] as String, try $0["content"] as String)
            }
            let kinds = rows.map { $0.0 }.filter { $0.contains("key") || $0.contains("factor") }
            return (kinds, rows.map { $0.1 }.joined())
        }
    }
}
