import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("Saving answers over those that are kept sealed")
struct CarriedAnswersTests {
    private static let id: ID<CaseFile> = ID("c1")
    private static let other = Vault(key: [UInt8](repeating: 4, count: 32))

    private static func answers() -> JSONValue {
        var members = SealingTests.answers(1).object ?? [:]
        members["birth"] = "1980-01-31"
        return .object(members)
    }

    /// The form as a later version has it: without telephone, birth and the mail addresses of people.
    private static func later() throws -> Form {
        var form = try SealingTests.form()
        form.sections[0].fields.removeAll { ["telephone", "birth"].contains($0.name) }
        for index in form.sections[0].fields.indices {
            form.sections[0].fields[index].columns?.removeAll { $0.name == "mail" }
        }
        return form
    }

    private static func drafts(_ house: PrivacyHouse, _ form: Form) -> Drafts {
        Drafts(
            db: house.db, clock: StandingClock(house.now), ids: SeededIDSource(seed: 1), files: house.files,
            vault: house.vault, form: { _, _, _, _ in form }, saved: { _, _, _ in })
    }

    private func kept(_ house: PrivacyHouse) async throws -> (content: JSONValue, revision: Int) {
        try await house.db.read { tx in try CaseStore.answers(Self.id, tx) }
    }

    /// Sends all answers as the API does.
    private func replace(_ answers: JSONValue, _ form: Form, _ house: PrivacyHouse) async throws {
        let revision = try await kept(house).revision
        _ = try await Self.drafts(house, form).replace(
            Self.id, answers: answers, expecting: revision, by: house.owner)
    }

    /// Types a section as a browser does.
    private func type(
        _ typed: [String: String], _ form: Form, _ house: PrivacyHouse
    ) async throws -> [FieldProblem] {
        let revision = try await kept(house).revision
        return try await Self.drafts(house, form).save(
            Self.id, section: "one", values: { name in typed[name].map { [$0] } ?? [] }, expecting: revision,
            by: house.owner
        ).problems
    }

    /// The fields that are refused as they look sealed.
    private func refused(_ answers: JSONValue, _ form: Form, _ house: PrivacyHouse) async throws -> [String] {
        do {
            try await replace(answers, form, house)
            return []
        } catch let problem as PlainProblem {
            #expect(problem.fields.allSatisfy { $0.code == "field.sealed" })
            return problem.fields.map(\.field)
        }
    }

    @Test(
        "What a later version of the form does not ask for stays sealed, by page and API, said again or changed",
        arguments: TestStore.engines)
    func unasked(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let sealed = try Self.answers().sealing(SealingTests.form(), by: house.vault)
        try await house.finishedCase("c1", answers: sealed, closed: house.now)
        let later = try Self.later()
        _ = try await type(["post": "manager", "people.0.name": "Lin"], later, house)
        let typed = try await kept(house).content
        #expect(typed["post"] == "manager" && typed["people"] == [["name": "Lin"]])
        #expect(typed["telephone"] == sealed["telephone"] && typed["birth"] == sealed["birth"])

        // A program sends what it was given, rows in another order; then it changes what nobody asks for.
        var members = Self.answers().object ?? [:]
        members["people"] = [["name": "Lin", "mail": "lin1@example.cn"], ["name": "Wang"]]
        try await replace(.object(members), try SealingTests.form(), house)
        let before = try await kept(house).content
        members["people"] = [["name": "Wang"], ["name": "Li", "mail": "lin1@example.cn"]]
        try await replace(.object(members), later, house)
        let sent = try await kept(house).content
        #expect(sent["telephone"] == before["telephone"] && sent["birth"] == before["birth"])
        #expect(sent["people"]?[0] == ["name": "Wang"] && sent["people"]?[1]?["mail"]?.isSealed == true)
        members["telephone"] = "0755-88009"
        try await replace(.object(members), later, house)
        let changed = try await kept(house).content
        #expect(changed["telephone"]?.isSealed == true && changed["telephone"] != sent["telephone"])
        #expect(try changed.unsealed(by: house.vault) == .object(members))
        #expect(try await house.db.places(of: SealingTests.words + ["1980-01-31"]) == [])
    }

    @Test(
        "What a later version asks for openly comes into the open when it is changed, and not before",
        arguments: TestStore.engines)
    func opened(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let sealed = try Self.answers().sealing(SealingTests.form(), by: house.vault)
        try await house.finishedCase("c1", answers: sealed, closed: house.now)
        var open = try SealingTests.form()
        for index in open.sections[0].fields.indices where open.sections[0].fields[index].name == "birth" {
            open.sections[0].fields[index].personal = nil
        }
        #expect(open.field("birth")?.isSealed == false)
        try await replace(Self.answers(), open, house)
        #expect(try await kept(house).content == sealed)
        _ = try await type(["birth": "1980-01-30", "telephone": "0755-88001"], open, house)
        let typed = try await kept(house).content
        #expect(typed["birth"] == "1980-01-30" && typed["telephone"] == sealed["telephone"])
    }

    /// Answers of which no key opens the telephone and a mail address, and the day of birth was erased.
    private func spoiled(_ house: PrivacyHouse) async throws -> JSONValue {
        let form = try SealingTests.form()
        var members = try Self.answers().sealing(form, by: Self.other).object ?? [:]
        let erased = try Self.answers().sealing(form, by: house.vault).erasing({ $0 == "birth" }, house.vault)
        members["birth"] = erased["birth"]
        let content = JSONValue.object(members)
        try await house.finishedCase("c1", answers: content, closed: house.now)
        return content
    }

    @Test(
        "On a page what no key opens or what was erased is kept until something is typed in its place",
        arguments: TestStore.engines)
    func lost(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let (form, before) = (try SealingTests.form(), try await spoiled(house))
        let rows = ["people.0.name": "Lin", "people.1.name": "Wang"]
        let problems = try await type(rows.merging(["post": "engineer"]) { first, _ in first }, form, house)
        #expect(problems.map(\.field) == ["telephone", "birth", "people.0.mail"])
        #expect(problems.allSatisfy { $0.code == "field.lost" })
        #expect(try await kept(house).content == before)
        // A row that is taken away takes what nobody saw of it along; other rows keep theirs.
        _ = try await type(["people.1.name": "Wang", "telephone": "0755-88002"], form, house)
        let typed = try await kept(house).content
        #expect(typed["people"] == [["name": "Wang"]] && typed["birth"] == before["birth"])
        #expect(typed["telephone"]?.isSealed == true)
        #expect(typed.readable(by: house.vault, or: .data)["telephone"] == "0755-88002")
        #expect(try await house.db.places(of: SealingTests.words) == [])
    }

    @Test(
        "What the API gives in place of an answer is taken for what is kept there, and for nothing elsewhere",
        arguments: TestStore.engines)
    func placeholders(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let (form, before) = (try SealingTests.form(), try await spoiled(house))
        let own = before.readable(by: house.vault, or: .data)
        #expect(own["telephone"] == ["unreadable": true] && own["birth"] == ["erased": true])
        for given in [own, before.readable(form, by: house.vault, or: .data), before.withheld(form, or: .data)] {
            try await replace(given, form, house)
            #expect(try await kept(house).content == before)
        }
        var members = own.object ?? [:]
        // A row that moved is known by what it says.
        members["people"] = [["name": "Wang"], ["name": "Lin", "mail": ["unreadable": true]]]
        try await replace(.object(members), form, house)
        #expect(try await kept(house).content["people"]?[1] == before["people"]?[0])
        members["people"] = [["name": "Wang"], ["name": "Li", "mail": ["unreadable": true]]]
        #expect(try await refused(.object(members), form, house) == ["people"])
        members["people"] = [["name": "Li", "mail": "li@example.cn"]]
        for placeholder in [Withheld.data.sealed, Withheld.data.unreadable, Withheld.data.erased] {
            members["post"] = placeholder
            #expect(try await refused(.object(members), form, house) == ["post"])
        }
        members["post"] = before["telephone"]
        #expect(try await refused(.object(members), form, house) == ["post"], "the cipher of another field")
        members["post"] = "manager"
        try await replace(.object(members), form, house)
        let sent = try await kept(house).content
        #expect(sent["telephone"] == before["telephone"] && sent["birth"] == before["birth"])
        // The key comes back.
        #expect(sent.readable(by: Self.other, or: .data)["telephone"] == "0755-88001")
    }
}
