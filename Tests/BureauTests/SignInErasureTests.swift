import BureauTestSupport
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Identities and keys on the page of personal content")
struct SignInErasureTests {
    private static let site = "https://house.test"

    @Test(
        "They are in one's export; a request to erase takes identities, and keys where the account is closed alone",
        arguments: TestStore.engines, [false, true])
    func erasure(engine: Engine, isClosed: Bool) async throws {
        let house = try await TestHouse(engine, standing: true, site: Self.site)
        let expert = try await house.actor("expert1")
        let (account, factor) = (try #require(expert.account), house.services.sessions.factor)
        let (now, ids) = (house.house.clock.now(), house.house.ids)
        let question = try await factor.question(
            adding: "Qzkeyname", to: account, showing: nil, session: nil, house: "局", at: now)
        _ = try await factor.add(
            try SoftKey().create(question.options, at: Self.site), to: question.sealed, as: ids.make(), by: expert,
            session: nil, at: now)
        let link: String = ids.next()
        try await house.house.db.write { tx in
            try tx.run(
                """
                INSERT INTO account_identity (id, issuer, subject, account, linked_at)
                VALUES (\(link), 'https://id.example.cn', 'Qzsubject', \(account), \(now))
                """)
        }
        func export(_ actor: Actor) async throws -> String {
            let answer = try await house.visit("privacy.export", actor)
            guard case .bytes(let bytes, _) = answer.content else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
        let given = try await export(expert)
        #expect(given.contains("Qzkeyname") && given.contains("Qzsubject") && given.contains("\"kind\":\"sign-in\""))
        let theirs = try await export(try await house.actor("expert2"))
        #expect(!theirs.isEmpty && !theirs.contains("Qzkeyname") && !theirs.contains("Qzsubject"))

        let mine = text(try await house.visit("privacy.mine", expert))
        #expect(mine.contains(Erasures.title(of: .signIn).en), "it is not said that keys stay")
        let answer = try await house.visit("privacy.erase", expert, form: [("kinds", "sign-in"), ("why", "")])
        guard case .redirect(let path) = answer.content else {
            Issue.record("not filed")
            return
        }
        let id: ID<CaseFile> = ID(String(path.split(separator: "/").last ?? ""))
        if isClosed { try await set(.closed, account, house) }
        try await house.act(id, "propose", try await house.actor("officer"))
        try await house.act(id, "erase", try await house.actor("leader"))
        if isClosed { try await set(.active, account, house) }
        let after = try await export(expert)
        #expect(!after.isEmpty && !after.contains("Qzsubject"))
        #expect(after.contains("Qzkeyname") != isClosed)
        let state = try await house.house.db.read { tx in try SecondFactor.state(of: account, tx) }
        #expect(state.isOn != isClosed && state.codesLeft == (isClosed ? 0 : SecondFactor.recoveryCodes))
        let rows: Int? = try await house.house.db.read { tx in
            try tx.value("SELECT COUNT(*) FROM account_factor WHERE account = \(account)")
        }
        #expect(rows == (isClosed ? 0 : 1))
        let outcome = try await house.services.sessions.signIn(
            login: "expert1", password: DemonstrationCity.password, from: Sessions.Origin(client: "192.0.2.1"),
            now: now)
        switch outcome {
        case .open: #expect(isClosed, "who asks for erasure takes the second factor off without showing it")
        case .code: #expect(!isClosed, "a factor is asked for that nobody has")
        }
    }

    private func set(_ state: AccountCard.State, _ account: ID<Account>, _ house: TestHouse) async throws {
        try await house.house.db.write { tx in try AccountStore.setState(state, of: account, tx) }
    }
}
