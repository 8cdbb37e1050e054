import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Talent

@Suite("Work permits in time")
struct PermitTimeTests {
    @Test("An extension in time joins the contract and is granted", arguments: TestStore.engines)
    func extension_(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.permit(ending: 60)
        let id = try await city.draft(.extension, city.renewal(permit), permit: permit.id)
        try await city.act(id, "submit", city.employer)
        #expect(try await city.open(id).isEmpty)
        #expect(try await city.filing(id).deemAfter == permit.endsOn)
        try await city.act(id, "accept", city.officer)
        try await city.act(id, "approve", city.leader)
        let extended = try await city.permit(permit.id)
        #expect(extended.endsOn == permit.endsOn.adding(months: 12) && extended.basis == .decision)
        #expect(extended.checkCode == permit.checkCode)
        let history = try await city.house.house.db.read { tx in try PermitStore.history(of: permit.id, tx) }
        #expect(history.map(\.kind) == [.granted, .extended])
    }

    @Test("A class B permit is extended by at most its longest time", arguments: TestStore.engines)
    func longest(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.permit(ending: 60)
        let id = try await city.draft(.extension, city.renewal(permit, months: 60), permit: permit.id)
        try await city.act(id, "submit", city.employer)
        try await city.act(id, "accept", city.officer)
        try await city.act(id, "approve", city.leader)
        #expect(try await city.permit(permit.id).endsOn == permit.endsOn.adding(months: 24))
    }

    @Test("A timely extension that nobody decides counts as granted when the permit ends", arguments: TestStore.engines)
    func deemed(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.permit(ending: 35)
        let id = try await city.draft(.extension, city.renewal(permit), permit: permit.id)
        try await city.act(id, "submit", city.employer)
        city.house.move(days: 35)
        try await city.tick()
        #expect(try await city.permit(permit.id).endsOn == permit.endsOn, "on its last day it still can be decided")
        city.house.move(days: 1)
        try await city.tick()
        let extended = try await city.permit(permit.id)
        #expect(extended.endsOn == permit.endsOn.adding(months: 12) && extended.basis == .deemed)
        #expect(extended.state == .valid)
        #expect(try await city.filing(id).step == "granted")
        #expect(try await city.letters(id).last?.template == "talent-deemed-extension")
        try await city.tick()
        #expect(try await city.permit(permit.id) == extended, "a second round changes nothing")
    }

    @Test("A late extension is raised, never deemed, and the permit ends by itself", arguments: TestStore.engines)
    func late(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.permit(ending: 35)
        city.house.move(days: 6)
        let id = try await city.draft(.extension, city.renewal(permit), permit: permit.id)
        try await city.act(id, "submit", city.employer)
        #expect(try await city.open(id) == ["extension.late"])
        #expect(try await city.filing(id).deemAfter == nil)
        city.house.move(days: 30)
        try await city.tick()
        let ended = try await city.permit(permit.id)
        #expect(ended.state == .expired && ended.endsOn == permit.endsOn && ended.closedOn == permit.endsOn)
        #expect(try await city.letters(id).allSatisfy { $0.template != "talent-cancellation" })
    }

    @Test(
        "The window and the joined contract are raised with their days", arguments: TestStore.engines)
    func window(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.permit(ending: 300)
        var answers = city.renewal(permit)
        answers["contract-from"] = city.text(permit.endsOn.adding(days: 2))
        let id = try await city.draft(.extension, answers, permit: permit.id)
        try await city.act(id, "submit", city.employer)
        #expect(Set(try await city.open(id)) == ["extension.early", "contract.gap"])
        let early = try #require(try await city.findings(id).first { $0.draft.code == "extension.early" })
        #expect(early.draft.message.en.contains(permit.endsOn.adding(days: -120).description))
        await #expect(throws: PermitError.self, "one extension at a time") {
            try await city.permits.filings.start(
                .extension, organisation: city.organisation, permit: permit.id, by: city.employer)
        }
    }

    @Test(
        "After loss of contact: fifteen days, the newspaper, ten days, then without a signature",
        arguments: TestStore.engines)
    func contact(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.permit(ending: 300)
        var answers: [String: JSONValue] = [
            "cause": "contact", "happened-on": city.text(city.today.adding(days: -3)),
            "last-contact-on": city.text(city.today.adding(days: -20)),
            "notice-on": city.text(city.today.adding(days: -6)), "newspaper": "深圳特区报", "why": "无法联系",
        ]
        let id = try await city.draft(.cancellation, answers, permit: permit.id)
        try await city.act(id, "submit", city.employer)
        #expect(Set(try await city.open(id)) == ["contact.days", "notice.days"])
        try await city.act(id, "ask-correction", city.officer)
        answers["notice-on"] = city.text(city.today.adding(days: -5))
        city.house.move(days: 5)
        answers["happened-on"] = city.text(city.today.adding(days: -3))
        try await city.save(id, answers)
        try await city.act(id, "resubmit", city.employer)
        #expect(try await city.open(id).isEmpty)
        try await city.act(id, "accept", city.officer)
        try await city.act(id, "approve", city.leader)
        let closed = try await city.permit(permit.id)
        #expect(closed.state == .cancelled && closed.closedFor == "contact" && closed.closedOn == city.today)
    }

    @Test("A replaced code no longer verifies; the new one does", arguments: TestStore.engines)
    func reissue(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.permit(ending: 300)
        let id = try await city.draft(.reissue, ["cause": "loss", "why": "Code was photographed"], permit: permit.id)
        try await city.act(id, "submit", city.employer)
        try await city.act(id, "accept", city.officer)
        try await city.act(id, "approve", city.leader)
        let code = try await city.permit(permit.id).checkCode
        #expect(code != permit.checkCode)
        let (old, new) = try await city.house.house.db.read { tx in
            (try PermitStore.find(checkCode: permit.checkCode, tx), try PermitStore.find(checkCode: code, tx))
        }
        #expect(old == nil && new?.id == permit.id)
    }

    @Test("A correction that does not come is decided by a person, not by time", arguments: TestStore.engines)
    func unmended(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        var answers = city.answers()
        answers["issued-medical"] = .null
        let id = try await city.draft(.newAbroad, answers)
        try await city.act(id, "submit", city.employer)
        try await city.act(id, "ask-correction", city.officer)
        city.house.move(days: 40)
        try await city.tick()
        #expect(try await city.filing(id).step == "unmended")
        try await city.act(id, "not-accept", city.officer, PermitHouse.refusal)
        let letter = try #require(try await city.letters(id).last)
        #expect(letter.template == "talent-refusal" && letter.body.en.contains("reconsideration within sixty days"))
    }
}
