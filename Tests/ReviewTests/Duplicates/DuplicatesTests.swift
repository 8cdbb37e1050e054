import Judgement
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("Near-duplicates in the house")
struct DuplicatesTests {
    /// Texts that lie in a table of the test alone.
    struct Shelf: ComparedTexts {
        static let migrations = Migrations(
            room: "shelf",
            steps: [
                Migration(
                    id: "2026-11-26-test-shelf",
                    statements: [
                        """
                        CREATE TABLE shelf (id TEXT PRIMARY KEY, family TEXT NOT NULL, division TEXT NOT NULL,
                            text TEXT NOT NULL, told BIGINT NOT NULL) \(SQL.strict)
                        """
                    ])
            ])

        func texts(_ ids: [ID<CaseFile>], _ tx: Tx) throws -> [ComparedText] {
            try tx.rows("SELECT * FROM shelf WHERE id IN \(list: ids) ORDER BY id") { row in
                let id: ID<CaseFile> = try row["id"]
                return ComparedText(
                    caseID: id, kind: "application", family: try row["family"], number: id.text,
                    title: Bilingual(id.text, id.text), division: try row["division"], text: try row["text"])
            }
        }

        func all(after: ID<CaseFile>?, limit: Int, _ tx: Tx) throws -> [ID<CaseFile>] {
            try tx.rows("SELECT id FROM shelf WHERE id > \(after?.text ?? "") ORDER BY id LIMIT \(limit)") {
                try $0["id"]
            }
        }

        func found(_ count: Int, of text: ComparedText, at now: Instant, _ tx: Tx) throws {
            try tx.run("UPDATE shelf SET told = told + \(count) WHERE id = \(text.caseID)")
        }
    }

    let clock = StandingClock(Instant(microseconds: 1_780_000_000_000_000))

    func open(_ engine: Engine) async throws -> (db: Database, duplicates: Duplicates) {
        let db = try await TestStore.open(
            engine,
            [
                NumberSeries.migrations, Record.migrations, AccountStore.migrations, Registry.migrations,
                CaseStore.migrations, Messages.migrations, Settings.migrations, ReviewTables.migrations,
                Shelf.migrations,
            ])
        return (db, Duplicates(db: db, clock: clock, source: Shelf()))
    }

    func put(
        _ id: String, _ text: String, family: String? = nil, division: String = "planning", _ db: Database
    )
        async throws
    {
        let now = clock.now()
        try await db.write { tx in
            try tx.run(
                """
                INSERT INTO shelf (id, family, division, text, told)
                VALUES (\(id), \(family ?? id), \(division), \(text), 0)
                ON CONFLICT (id) DO UPDATE SET text = excluded.text
                """)
            try Duplicates.want(ID(id), at: now, tx)
        }
    }

    static func text(_ seed: UInt64, length: Int = 300) -> String {
        var random = SeededRandom(seed: seed)
        return String(
            String.UnicodeScalarView(
                (0..<length).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0x4E00..<0x5E00, using: &random)) }))
    }

    /// A copy with some of its letters replaced.
    static func edited(_ text: String, every: Int) -> String {
        String(text.enumerated().map { $0.offset % every == every - 1 ? "改" : $0.element })
    }

    func pairs(_ db: Database, _ filter: QuestionFilter = QuestionFilter(.duplicates)) async throws -> [Question] {
        try await db.read { tx in try Questions.list(filter, limit: 100, tx) }
    }

    @Test(
        "A text is compared with all that came before, once, and its pair is told to both divisions",
        arguments: TestStore.engines)
    func oneAgainstAll(engine: Engine) async throws {
        let (db, duplicates) = try await open(engine)
        let first = Self.text(1)
        try await put("case1", first, division: "biology", db)
        for number in 2...20 { try await put("case\(number + 100)", Self.text(UInt64(number)), db) }
        #expect(try await duplicates.tend() == 0)
        try await put("case900", Self.edited(first, every: 15), db)
        try await put("case901", first, family: "case1", db)
        #expect(
            try await duplicates.tend() == 2, "case900 with case1 and with its child, and never a family with itself")
        let found = try await pairs(db)
        #expect(Set(found.map(\.place)) == ["case1|case900", "case900|case901"])
        let pair = try #require(found.first { $0.place == "case1|case900" })
        #expect(pair.subject == "case900" && pair.other == "case1")
        #expect(pair.division == "planning" && pair.otherDivision == "biology")
        #expect((pair.figures["similarity"]?.integer ?? 0) > 300)
        for (division, count) in [("biology", 1), ("planning", 2), ("talent", 0)] {
            #expect(try await pairs(db, QuestionFilter(.duplicates, division: division)).count == count)
        }
        #expect(try await duplicates.tend() == 0)
        #expect(try await pairs(db).count == 2)
        let told: Int? = try await db.read { tx in try tx.value("SELECT told FROM shelf WHERE id = 'case900'") }
        #expect(told == 1)
    }

    @Test("After a restart the sketches are there without any text being read again", arguments: TestStore.engines)
    func restart(engine: Engine) async throws {
        let (db, before) = try await open(engine)
        for number in 1...30 { try await put("case\(number + 100)", Self.text(UInt64(number)), db) }
        try await before.tend()
        let kept = try await db.read { tx in
            try tx.rows("SELECT sketch FROM review_text ORDER BY id") { SketchText.read(try $0["sketch"]) }
        }
        var sketcher = Sketcher()
        #expect(kept == (1...30).map { sketcher.sketch(Self.text(UInt64($0))) })
        let after = Duplicates(db: db, clock: clock, source: Shelf())
        try await put("case999", Self.edited(Self.text(7), every: 12), db)
        #expect(try await after.tend() == 1)
        #expect(after.memory.count == 30)
        // A changed text is compared anew, under a sketch of its own; an unchanged one is not.
        try await put("case999", Self.edited(Self.text(8), every: 12), db)
        #expect(try await after.tend() == 1)
        try await put("case999", Self.edited(Self.text(8), every: 12), db)
        #expect(try await after.tend() == 0)
        #expect(Set(try await pairs(db).map(\.place)) == ["case107|case999", "case108|case999"])
    }

    @Test("The batch finds seeded edits and pasted passages among unlike texts, and no other pair")
    func batch() async throws {
        let (db, duplicates) = try await open(.sqlite)
        for number in 1...40 { try await put("case\(number + 100)", Self.text(UInt64(number)), db) }
        for number in 1...10 {
            try await put("copy\(number + 100)", Self.edited(Self.text(UInt64(number)), every: 22 - number), db)
        }
        try await put("paste", Self.text(500) + Self.text(20).prefix(60) + Self.text(501), db)
        let report = try await duplicates.batch()
        let places = Set(try await pairs(db).map(\.place))
        let wanted = Set((1...10).map { "case\($0 + 100)|copy\($0 + 100)" } + ["case120|paste"])
        print("batch over \(report.texts) texts: \(places.intersection(wanted).count) of \(wanted.count) found")
        #expect(places == wanted, "missing \(wanted.subtracting(places)), beside them \(places.subtracting(wanted))")
        #expect(report.texts == 51 && report.new == 11)
        #expect(try await duplicates.batch().new == 0)
        let waiting: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM review_text_queue") }
        #expect(waiting == 0)
    }

    @Test("Side by side, every letter of both texts is shown, and equal passages have equal numbers")
    func sideBySide() {
        let (left, right) = (Self.text(1), Self.text(2).prefix(50) + Self.text(1).prefix(120) + Self.text(3).prefix(80))
        let sides = SideBySide(left, String(right))
        #expect(sides.left.map(\.text).joined() == left && sides.right.map(\.text).joined() == String(right))
        let shared = sides.left.filter { $0.passage != nil }
        #expect(shared.count == 1 && shared[0].text == String(left.prefix(120)))
        #expect(sides.right.first { $0.passage == 1 }?.text == shared[0].text)
        let apart = SideBySide(left, Self.text(9))
        #expect(apart.left.allSatisfy { $0.passage == nil } && apart.similarity == 0)
    }

    @Test("What is compared are long answers in the order of their names, names and choices left out")
    func answers() {
        let answers: JSONValue = [
            "b": "第二段文字，说明研究内容和方法。", "a": "第一段文字，说明研究意义和背景。", "phone": "0755-12345678 转 1", "kind": "fund",
            "team": [["role": "负责算法设计与系统集成工作的人员"]],
        ]
        #expect(
            ComparedText.text(of: answers) == "第一段文字，说明研究意义和背景。\n第二段文字，说明研究内容和方法。\n负责算法设计与系统集成工作的人员")
    }

    @Test("With thousands of sketches kept, a restart reads no text, and one text is compared at once")
    func size() async throws {
        let (db, _) = try await open(.sqlite)
        let now = clock.now()
        let count = 4_000
        for block in stride(from: 0, to: count, by: 500) {
            try await db.write { tx in
                var sketcher = Sketcher()
                for number in block..<min(block + 500, count) {
                    let text = Self.text(UInt64(number), length: 200)
                    let one = ComparedText(
                        caseID: ID("case\(number + 100_000)"), kind: "application", family: "", number: "",
                        title: Bilingual("", ""), division: "", text: text)
                    try tx.run(
                        """
                        INSERT INTO shelf (id, family, division, text, told)
                        VALUES (\(one.caseID), \(one.caseID), 'planning', \(text), 0)
                        """)
                    try SketchStore.keep(one, sketcher.sketch(text), at: now, tx)
                }
            }
        }
        let duplicates = Duplicates(db: db, clock: clock, source: Shelf())
        let start = try await ContinuousClock().measure { try await db.read { try duplicates.memory.catchUp($0) } }
        #expect(duplicates.memory.count == count)
        var times: [Duration] = []
        for number in 0..<20 {
            try await put("new\(number)", Self.edited(Self.text(UInt64(number * 190), length: 200), every: 15), db)
            var found = 0
            times.append(
                try await ContinuousClock().measure { found = try await duplicates.compare(ID("new\(number)")) })
            #expect(found == 1)
        }
        times.sort()
        print("restart with \(count) sketches \(start); one against all, kept and asked: median \(times[10])")
    }
}
