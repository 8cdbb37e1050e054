import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("In which languages experts can judge")
struct LanguageTests {
    private static let place = "91440300708461136T"

    /// Three experts of a registered employer.
    private func city(_ engine: Engine) async throws -> ReviewCity {
        let city = try await ReviewCity.open(experts: 3, engine: engine)
        try await city.db.write { tx in
            try tx.run(
                """
                INSERT INTO organisation (id, name_zh, name_en, uscc, kind, address, created_at)
                VALUES ('university', '某校', 'A place', \(LanguageTests.place), 'university', '', 0)
                """)
        }
        return city
    }

    private func languages(_ city: ReviewCity) async throws -> [[ReviewLanguage]] {
        try await city.db.read { tx in
            try ExpertStore.all(city.experts.map(\.id), tx).values.sorted { $0.id.text < $1.id.text }.map(\.languages)
        }
    }

    private func codes(_ body: () async throws -> Void) async throws -> [String] {
        do {
            try await body()
            return []
        } catch ReviewError.incomplete(let problems) { return problems.map(\.code) }
    }

    @Test("A language goes by its code or either name, and all codes are of ISO 639-1")
    func names() {
        #expect(ReviewLanguage(typed: " EN") == .english && ReviewLanguage(typed: "英文") == .english)
        #expect(ReviewLanguage(typed: "japanese") == .japanese)
        #expect(ReviewLanguage(typed: "") == nil && ReviewLanguage(typed: "xx") == nil)
        for language in ReviewLanguage.allCases {
            #expect(language.rawValue.count == 2 && language.rawValue == language.rawValue.lowercased())
        }
        let kept = ReviewLanguage.kept([.german, .chinese, .german])
        #expect(kept == "zh de" && ReviewLanguage.read(kept) == [.chinese, .german])
    }

    @Test(
        "A file may name languages; without the column they stay, and new experts judge in Chinese",
        arguments: TestStore.engines)
    func file(_ engine: Engine) async throws {
        let city = try await city(engine)
        let head = "login,title,employer,fields"
        func take(_ head: String, _ rows: [String]) async throws -> PoolImport {
            try await city.review.importExperts(
                Array(([head] + rows).joined(separator: "\n").utf8), name: "e.csv", isDry: false, by: city.officer)
        }
        #expect(try await languages(city) == [[.chinese], [.chinese], [.chinese]])
        let rows = (100...102).map { "account\($0),Professor,\(Self.place),520" }
        let first = try await take(
            "\(head),评审语言", ["\(rows[0]),en；中文", "\(rows[1]),Japanese", "\(rows[2]),"])
        #expect(first.isWritten && first.count(.imported) == 3)
        let told: [[ReviewLanguage]] = [[.chinese, .english], [.japanese], [.chinese]]
        #expect(try await languages(city) == told)
        let again = try await take(head, rows)
        #expect(again.count(.known) == 3)
        #expect(try await languages(city) == told)
        let wrong = try await take("\(head),languages", ["\(rows[0]),en xx", "\(rows[1]),ja"])
        #expect(!wrong.isWritten && wrong.lines.map { $0.problems.map(\.code) } == [["expert.languages"], []])
        #expect(try await languages(city) == told)
        let changed = try await take("\(head),languages", ["\(rows[1]),ja en"])
        #expect(changed.isWritten)
        #expect(try await languages(city)[1] == [.english, .japanese])
    }

    @Test("A person names at least one, and changing them waits for an officer", arguments: TestStore.engines)
    func entry(_ engine: Engine) async throws {
        let city = try await city(engine)
        let care = PoolCare(months: 12, noticeDays: 30)
        let me = try city.actor(city.experts[0].id)
        var entry = ExpertEntry()
        (entry.title, entry.employer, entry.fields) = ("Professor", Self.place, ["520"])
        for languages in [[], ["zh", "tlh"]] {
            entry.languages = languages
            let refused = entry
            let told = try await codes { _ = try await city.review.register(refused, care, by: me) }
            #expect(told == ["expert.languages"])
        }
        entry.languages = ["fr", "zh"]
        #expect(try await city.review.register(entry, care, by: me) == .asked)
        let asked = try await city.db.read { tx in try WaitingExpert.list(limit: 2, tx) }
        let waiting = try #require(asked.first)
        #expect(waiting.request.entry.languages == ["fr", "zh"] && waiting.held?.languages == [.chinese])
        try await city.review.decide(waiting.request.id, admits: true, reason: "", care, by: city.officer)
        #expect(try await languages(city)[0] == [.chinese, .french])
        let held = try await city.db.read { tx in
            try ExpertEntry.held(of: try #require(try ExpertStore.find(account: city.experts[0].account, tx)), tx)
        }
        #expect(held.languages == ["zh", "fr"])
        // What has not changed confirms.
        guard case .confirmed = try await city.review.register(held, care, by: me) else {
            Issue.record("the entry has changed")
            return
        }
    }

    @Test("An officer sets them, and the pool is listed by one of them", arguments: TestStore.engines)
    func officer(_ engine: Engine) async throws {
        let city = try await city(engine)
        let expert = city.experts[1].id
        for codes in [[], ["xx"], ["en", "xx"]] {
            #expect(
                try await self.codes { try await city.review.setLanguages(codes, of: expert, by: city.officer) }
                    == ["expert.languages"])
        }
        await #expect(throws: AccessError.self) {
            try await city.review.setLanguages(["en"], of: expert, by: try city.actor(expert))
        }
        await #expect(throws: ReviewError.unknown) {
            try await city.review.setLanguages(["en"], of: ID("nobody"), by: city.officer)
        }
        for _ in 0..<2 { try await city.review.setLanguages(["ja", "en"], of: expert, by: city.officer) }
        #expect(try await languages(city) == [[.chinese], [.english, .japanese], [.chinese]])
        let (events, listed, all) = try await city.db.read { tx in
            (
                try Record.events(about: "expert", expert.text, tx),
                try ReviewLanguage.allCases.map { language in
                    try ExpertStore.list(reading: language, limit: 10, tx).map(\.id)
                }, try ExpertStore.list(limit: 10, tx).count
            )
        }
        #expect(events.map(\.kind) == ["expert.languages-changed"])
        #expect(events.first?.content["languages"]?.string == "en ja")
        #expect(all == 3 && listed.map(\.count) == [2, 1, 1, 0, 0, 0, 0, 0, 0, 0] && listed[2] == [expert])
    }
}
