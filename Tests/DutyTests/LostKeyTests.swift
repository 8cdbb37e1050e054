import BureauTestSupport
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// What people reach when what they gave cannot be opened any more, as after a restore without `keys/`.
@Suite("Pages where no key opens what is sealed")
struct LostKeyTests {
    private static let stranger = Vault(key: [UInt8](repeating: 3, count: 32))

    @Test("An account whose address is lost is shown, and everything of it exported", arguments: TestStore.engines)
    func account(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let actor = try await house.actor("applicant")
        try await house.house.db.write { tx in
            let mail = try SealedText("qzlost@example.cn", by: Self.stranger)
            try tx.run("UPDATE account SET mail = \(mail) WHERE login = 'applicant'")
        }
        let english = text(try await house.visit("account.show", actor))
        #expect(english.contains("(cannot be opened)") && english.contains("Change the password"))
        let chinese = text(try await house.visit("account.show", actor, language: .chinese))
        #expect(chinese.contains("（无法解密）") && chinese.contains("修改密码"))
        let answer = try await house.visit("privacy.export", actor)
        guard case .bytes(let bytes, _) = answer.content else {
            Issue.record("no export")
            return
        }
        let all = try JSONValue(parsing: String(decoding: bytes, as: UTF8.self), fractions: true)
        let mail: JSONValue = ["kind": "contact", "value": ["unreadable": true]]
        #expect(all["sealed"]?.array?.contains(mail) == true && all["account"]?["login"] == "applicant")
    }

    @Test(
        "A draft whose telephone is lost is filled in further, keeps it, and takes a new one",
        arguments: TestStore.engines)
    func draft(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let actor = try await house.actor("applicant")
        let call = try await house.call("natural-science")
        let id = try await house.funding.applications.start(
            call: call.number, organisation: actor.memberships[0].organisation, by: actor
        ).id
        var members = TestHouse.answers(1).object ?? [:]
        _ = try await house.funding.applications.replace(id, answers: .object(members), expecting: 0, by: actor)
        let lost: JSONValue = ["sealed": .string(Digest.hex(try Self.stranger.seal("\"0755-3333333\"")))]
        members["telephone"] = lost
        let content = JSONValue.object(members)
        try await house.house.db.write { tx in
            try tx.run("UPDATE case_answers SET content = \(content) WHERE case_id = \(id)")
        }
        func kept() async throws -> JSONValue? {
            try await house.house.db.read { tx in try CaseStore.answers(id, tx).content["telephone"] }
        }
        let place = ["id": id.text, "section": "team"]
        for route in ["applications.show", "applications.section", "applications.check"] {
            #expect(try await house.visit(route, actor, values: place).status == 200, "\(route)")
        }
        let section = text(try await house.visit("applications.section", actor, values: place))
        #expect(section.contains("Left empty, it is kept."))
        let check = text(try await house.visit("applications.check", actor, values: place))
        #expect(check.contains("(cannot be opened)") && check.contains("fill it in anew"))
        let empty = try await house.visit(
            "applications.save", actor, values: place, form: [("revision", "1"), ("telephone", "")])
        #expect(empty.status == 422 && text(empty).contains("fill it in anew"))
        #expect(try await kept() == lost)
        // Papers are looked for as ever.
        await #expect(throws: DocumentError.self) {
            try await house.funding.applications.drafts.detach(ID("none"), from: id, by: actor)
        }
        let anew = try await house.visit(
            "applications.save", actor, values: place, form: [("revision", "2"), ("telephone", "0755-4444444")])
        #expect(anew.status == 303)
        let telephone = try #require(try await kept())
        #expect(telephone.isSealed && telephone != lost)
    }
}
