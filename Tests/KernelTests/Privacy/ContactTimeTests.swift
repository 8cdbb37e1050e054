import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("How long telephones and mail addresses in answers are kept, and what is left of them")
struct ContactTimeTests {
    private static let zone = CityZone(name: "Asia/Shanghai")!

    private static func rules() throws -> RuleBook {
        func days(_ kind: PersonalKind, _ number: Int) -> Parameter {
            Parameter(
                id: kind.parameter, title: kind.title, unit: .calendarDays,
                values: [
                    DatedValue(
                        value: .days(number), from: Day(year: 2020, month: 1, day: 1)!, to: nil,
                        source: RuleSource(
                            document: Bilingual("由市局设定", "Set by the bureau"), article: "", confidence: .chosen))
                ])
        }
        return try RuleBook([days(.contact, 30), days(.papers, 10)])
    }

    /// Cases of one procedure; the telephone of one of them is needed for ever.
    private func retention(_ house: PrivacyHouse) throws -> Retention {
        var hooks = ProcedureHooks(vault: house.vault)
        hooks.contactEnds["x"] = "CASE WHEN c.id = 'needed' THEN NULL ELSE c.step_since END"
        let rules = try Self.rules()
        let procedures = try Procedures(
            [SealingTests.definition()], hooks: hooks, calendar: try TestCity.calendar(), zone: Self.zone,
            rules: rules, letters: Letters([]))
        return Retention(
            db: house.db, files: house.files, rules: rules, procedures: procedures, columns: [], batch: 2)
    }

    private static func answers(_ number: Int) -> JSONValue {
        var members = SealingTests.answers(number).object ?? [:]
        members["birth"] = "1980-01-31"
        return .object(members)
    }

    private func content(_ id: String, _ house: PrivacyHouse) async throws -> JSONValue {
        try await house.db.read { tx in try CaseStore.answers(ID(id), tx).content }
    }

    /// What is erased in the answers of a case.
    private func erased(_ id: String, _ house: PrivacyHouse) async throws -> [String] {
        let content = try await content(id, house)
        let mail = content["people"]?[0]?["mail"]
        return [("birth", content["birth"]), ("mail", mail), ("telephone", content["telephone"])].compactMap {
            name, value in value?.isErased == true ? name : nil
        }
    }

    @Test(
        "They go when nobody needs them any more, personal answers when their case is over: each at its own time",
        arguments: TestStore.engines)
    func times(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let closed = ["going": 400, "needed": 400, "new": 5, "old": 40, "recent": 20]
        var before: [String: JSONValue] = [:]
        for (index, (id, days)) in closed.sorted(by: { $0.key < $1.key }).enumerated() {
            let sealed = try Self.answers(index).sealing(SealingTests.form(), by: house.vault)
            before[id] = try sealed.marked(by: house.vault)
            try await house.finishedCase(id, answers: sealed, closed: house.now.adding(seconds: -days * 86_400))
        }
        try await house.db.write { tx in try tx.run("UPDATE case_file SET holder = 'officer' WHERE id = 'going'") }
        let retention = try retention(house)
        let today = Self.zone.day(of: house.now)
        #expect(try await retention.run(today: today, now: house.now).contents == 4)
        let all = ["birth", "mail", "telephone"]
        let left: [String: [String]] = [
            "going": [], "needed": ["birth"], "new": [], "old": all, "recent": ["birth"],
        ]
        for (id, names) in left { #expect(try await erased(id, house) == names, "\(id)") }
        // The digest of what was handed in can still be worked out, the values not.
        for id in closed.keys.sorted() {
            #expect(try await content(id, house).marked(by: house.vault) == before[id], "\(id)")
        }
        #expect(try await !content("old", house).holds(\.isSealed))
        let kinds = try await house.db.read { tx in
            try ["needed", "old"].map { id in
                try Record.events(about: "case", id, tx).map { $0.content["kind"]?.string ?? $0.kind }
            }
        }
        #expect(kinds == [["papers"], ["papers", "contact"]])
        #expect(try await retention.run(today: today, now: house.now).contents == 0)
        // The last day of thirty is kept whole.
        let end = today.adding(days: 10)
        #expect(try await retention.run(today: end, now: house.now).contents == 1, "birth of the newest")
        #expect(try await retention.run(today: end.adding(days: 1), now: house.now).contents == 1)
        #expect(try await erased("recent", house) == all)
    }

    @Test("What was erased is told as such, and gives its mark to nobody")
    func told() throws {
        let vault = Vault(key: PrivacyHouse.key)
        let form = try SealingTests.form()
        let sealed = try Self.answers(1).sealing(form, by: vault)
        let erased = sealed.erasing({ $0 != "birth" }, vault)
        #expect(erased["telephone"]?.isErased == true && erased["telephone"]?["mark"] != nil)
        #expect(erased["birth"] == sealed["birth"] && erased["post"] == "engineer")
        #expect(try erased.sealing(form, by: vault) == erased)
        #expect(try erased.unsealed(by: vault)["telephone"] == erased["telephone"])
        let words = Withheld(sealed: "hidden", unreadable: "lost", erased: "gone")
        let readings = [
            erased.readable(by: vault, or: words), erased.readable(form, by: vault, or: words),
            erased.withheld(form, or: words), erased.withheld(nil, or: words),
        ]
        for read in readings {
            #expect(read["telephone"] == "gone" && read["people"]?[0] == ["name": "Lin", "mail": "gone"])
        }
        #expect(readings.compactMap { $0["birth"] } == ["1980-01-31", "hidden", "hidden", "hidden"])
        let data = erased.readable(by: vault, or: .data)
        #expect(data["telephone"] == ["erased": true] && !data.holds { $0["mark"] != nil })
        // Nobody is told to mend what was erased; what was typed wrongly is told.
        #expect(data.lacks("telephone") && data.lacks("people.0.mail"))
        #expect(!data.lacks("people.1.mail") && !data.lacks("post") && !data.lacks("people.9.mail"))
    }

    @Test("What no key opens is told as such, and the rest is read; only who must have all is refused")
    func lost() throws {
        let (vault, other) = (Vault(key: PrivacyHouse.key), Vault(key: [UInt8](repeating: 4, count: 32)))
        let form = try SealingTests.form()
        var members = try Self.answers(1).sealing(form, by: vault).object ?? [:]
        members["telephone"] = try Self.answers(1).sealing(form, by: other)["telephone"]
        let mixed = JSONValue.object(members)
        let words = Withheld(sealed: "hidden", unreadable: "lost", erased: "gone")
        let own = mixed.readable(by: vault, or: words)
        #expect(own["telephone"] == "lost" && own["birth"] == "1980-01-31" && own["post"] == "engineer")
        let seen = mixed.readable(form, by: vault, or: words)
        #expect(seen["telephone"] == "lost" && seen["people"]?[0]?["mail"] == "lin1@example.cn")
        #expect(seen["birth"] == "hidden" && mixed.withheld(form, or: words)["telephone"] == "hidden")
        #expect(mixed.readable(by: vault, or: .data).lacks("telephone"))
        #expect(throws: AccessError.unreadableSecret) { try mixed.unsealed(by: vault) }
        #expect(throws: AccessError.unreadableSecret) { try mixed.marked(by: vault) }
        // It can be erased all the same; its mark is lost with its key.
        let erased = mixed.erasing({ _ in true }, vault)
        #expect(erased["telephone"] == ["erased": true] && erased["birth"]?["mark"] != nil)
    }
}
