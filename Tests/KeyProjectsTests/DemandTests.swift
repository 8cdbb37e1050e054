import Kernel
import Portal
import Store
import StoreTestSupport
import Testing

@testable import KeyProjects

@Suite("Technical demands")
struct DemandTests {
    private func listed(_ room: KeyHouse, _ title: String, _ problem: String) async throws -> String {
        let id = try await room.file("key.demand", KeyHouse.demand(title, problem), by: room.applicant)
        try await room.act(id, "submit", as: room.applicant)
        try await room.act(id, "accept")
        try await room.act(id, "list", ["solvers": "某大学电池研究所"])
        return try #require(try await room.value(id, "entry"))
    }

    @Test(
        "Likeness is full for the same words, none for others, and the same both ways",
        arguments: [
            ("固态电池界面稳定", "固态电池界面稳定", 1_000...1_000), ("固态电池界面稳定", "固态电池的界面稳定技术", 500...999),
            ("固态电池界面稳定", "海上风电运维", 0...0), ("", "", 0...0), ("Solid state battery", "SOLID-STATE Battery", 900...1_000),
        ] as [(String, String, ClosedRange<Int>)])
    func likeness(left: String, right: String, range: ClosedRange<Int>) {
        let (a, b) = (Likeness(left), Likeness(right))
        #expect(range.contains(a.thousandths(b)) && a.thousandths(b) == b.thousandths(a))
    }

    @Test("A demand like a known one is suggested, merged by the officer, and followed", arguments: TestStore.engines)
    func merging(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let first = try await listed(room, "固态电池界面稳定", "高比能固态电池循环中界面不稳定，寿命短。")
        _ = try await listed(room, "海上风电叶片检测", "叶片内部缺陷难以在线发现。")
        let id = try await room.file(
            "key.demand", KeyHouse.demand("固态电池界面稳定性提升", "固态电池循环中界面不稳定导致寿命短。"), by: room.applicant)
        try await room.act(id, "submit", as: room.applicant)
        try await room.act(id, "accept")
        let (waiting, known) = try await room.house.db.read { tx in
            (try Suggestions.waiting(limit: 10, tx), try Suggestions.known(tx))
        }
        #expect(waiting.map(\.file.id) == [id])
        #expect(Suggestions.matches(waiting[0].answers, known).map(\.number) == [first])
        #expect(
            try await room.refusals(id, "merge", ["into": "XQ-2026-9999", "reason": "相同"]).contains(
                "key.demand.unknown"))
        try await room.act(id, "merge", ["into": .string(first), "reason": "同一技术问题"])
        #expect(try await room.step(id) == "merged")
        let links = try await room.house.db.read { tx in try DemandTrail.list(first, tx) }
        #expect(links.map(\.kind) == [.demand, .demand])
        let letters = try await room.house.db.read { tx in try Letters.list(of: id, tx) }
        #expect(letters.count == 1 && letters[0].body.zh.contains(first))
    }

    @Test("From demand to benefit on one page; a link never takes the demand back", arguments: TestStore.engines)
    func trail(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let number = try await listed(room, "固态电池界面稳定", "高比能固态电池循环中界面不稳定。")
        let steps: [(String, String, String)] = [
            ("call", "ZN-2026-0003", "called"), ("project", "KJ-2026-0101", "project"), ("result", "CG-1", "solved"),
            ("contract", "2026440300000001", "solved"), ("call", "ZN-2027-0001", "solved"),
            ("benefit", "B-1", "solved"),
        ]
        for (kind, reference, state) in steps {
            _ = try await room.visit(
                "key.demands.link", as: room.officer, values: ["number": number],
                form: [
                    ("kind", kind), ("reference", reference), ("title", "名称"), ("amount", "12,000,000"),
                    ("day", "2026-05-01"),
                ])
            let entry = try await room.house.db.read { tx in try RegisterStore.require("key.demands", number, tx) }
            #expect(entry.state == state)
        }
        let links = try await room.house.db.read { tx in try DemandTrail.list(number, tx) }
        #expect(links.count == 7 && links.last?.amount == Money(fen: 1_200_000_000))
        for actor in [Actor.everyone, room.officer] {
            _ = try await room.visit("key.demands.follow", as: actor, values: ["number": number])
        }
    }

    @Test(
        "Who is called about a demand lies sealed in its case alone, until a year after it was solved",
        arguments: TestStore.engines)
    func contact(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let number = try await listed(room, "固态电池界面稳定", "高比能固态电池循环中界面不稳定。")
        let entry = try await room.house.db.read { tx in try RegisterStore.require("key.demands", number, tx) }
        #expect(entry.content["title"] == "固态电池界面稳定" && entry.content["enterprise-contact"] == nil)
        #expect(try await room.house.db.places(of: ["13800000000"]) == [])
        let id = try #require(entry.caseID)
        let merged = try await room.file("key.demand", KeyHouse.demand("电池界面", "循环中界面不稳定，寿命很短。"), by: room.applicant)
        try await room.act(merged, "submit", as: room.applicant)
        try await room.act(merged, "accept")
        try await room.act(merged, "merge", ["into": .string(number), "reason": "同一技术问题"])
        func contact(of id: ID<CaseFile>, after years: Int, days: Int = 0) async throws -> JSONValue? {
            let today = room.house.today.adding(years: years).adding(days: days)
            try await Retention(room.house, columns: []).run(today: today, now: room.clock.now())
            let vault = room.house.vault
            return try await room.house.db.read { tx in
                try CaseStore.answers(id, tx).content.readable(by: vault, or: .data)["enterprise-contact"]
            }
        }
        for id in [id, merged] { #expect(try await contact(of: id, after: 3) == "张三 13800000000") }
        _ = try await room.visit(
            "key.demands.link", as: room.officer, values: ["number": number],
            form: [("kind", "result"), ("reference", "CG-1"), ("title", "成果"), ("amount", ""), ("day", "2026-05-01")])
        for id in [id, merged] { #expect(try await contact(of: id, after: 1) == "张三 13800000000") }
        for id in [id, merged] { #expect(try await contact(of: id, after: 1, days: 1) == ["erased": true]) }
    }

    @Test("What still lies in the clear while an upgrade goes on enters no register", arguments: TestStore.engines)
    func contactMeanwhile(engine: Engine) async throws {
        let room = try await KeyHouse(engine, contactsLater: true)
        let number = try await listed(room, "固态电池界面稳定", "高比能固态电池循环中界面不稳定。")
        let entry = try await room.house.db.read { tx in try RegisterStore.require("key.demands", number, tx) }
        let id = try #require(entry.caseID)
        let content = try await room.house.db.read { tx in try CaseStore.answers(id, tx).content }
        #expect(content["enterprise-contact"] == "张三 13800000000")
        #expect(entry.content["enterprise"] == "甲公司" && entry.content["enterprise-contact"] == nil)
        #expect(try await room.house.db.places(of: ["13800000000"]) == ["case_answers: 13800000000"])
    }

    @Test("A link that is wrong is refused whole, and nothing is kept", arguments: TestStore.engines)
    func wrongLinks(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let number = try await listed(room, "固态电池界面稳定", "高比能固态电池循环中界面不稳定。")
        let forms: [[(String, String)]] = [
            [], [("kind", "demand"), ("reference", "x"), ("title", "x"), ("day", "2026-05-01")],
            [
                ("kind", "call"), ("reference", String(repeating: "长", count: 61)), ("title", "x"),
                ("day", "2026-05-01"),
            ],
            [("kind", "call"), ("reference", "x"), ("title", "x"), ("day", "2026-13-01")],
            [("kind", "call"), ("reference", "x"), ("title", "x"), ("day", "2026-05-01"), ("amount", "许多")],
        ]
        for form in forms {
            _ = try await room.visit("key.demands.link", as: room.officer, values: ["number": number], form: form)
        }
        let links = try await room.house.db.read { tx in try DemandTrail.list(number, tx) }
        #expect(links.count == 1)
    }

    @Test("Counts by field, and means in whole numbers", arguments: TestStore.engines)
    func analysis(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        _ = try await listed(room, "一", "第一个要解决的技术问题。")
        _ = try await listed(room, "二", "第二个要解决的技术问题。")
        let counts = try await room.house.db.read { tx in try DemandCount.all(tx) }
        #expect(counts.count == 1 && counts[0].count == 2 && counts[0].gap == 8 && counts[0].urgent == 2)
        #expect(counts[0].amount == Money(fen: 600_000_000))
        #expect(DemandPages.mean(8, 2) == "4.0" && DemandPages.mean(1, 3) == "0.3" && DemandPages.mean(5, 3) == "1.7")
        #expect(DemandPages.mean(0, 0) == "—")
        for page in ["key.demands.analysis", "key.demands.merging", "key.chains", "key.alignment"] {
            _ = try await room.visit(page, as: room.leader)
        }
    }
}

@Suite("Co-funding of national and provincial projects")
struct CofundTests {
    private func project(_ room: KeyHouse) async throws -> String {
        try await room.add(
            "key.upper-projects",
            [
                "title": "国家重点研发计划项目", "level": "national", "programme": "新能源汽车", "upper-number": "2025YFB0001",
                "field": "energy", "unit": "甲公司", "grant": 1_000_000_000, "starts": "2025-10-01", "ends": "2028-09-30",
                "cofund-due": 500_000_000, "cofund-basis": "配套承诺函",
            ]
        ).number
    }

    private func request(_ room: KeyHouse, _ entry: String, _ amount: Int64) async throws -> ID<CaseFile> {
        try await room.file(
            "key.cofund", ["year": 2026, "granted": 300_000_000, "amount": .integer(amount)], entry: entry,
            files: ["proof"], by: room.applicant)
    }

    @Test("Paid by two people up to the duty and not beyond, what is on its way counted", arguments: TestStore.engines)
    func limit(engine: Engine) async throws {
        let room = try await KeyHouse(engine)
        let entry = try await project(room)
        let first = try await request(room, entry, 300_000_000)
        try await room.act(first, "submit", as: room.applicant)
        try await room.act(first, "endorse", as: room.seal)
        let second = try await request(room, entry, 200_000_001)
        #expect(try await room.refusals(second, "submit", as: room.applicant) == ["key.cofund.over"])
        try await room.act(first, "accept")
        try await room.act(first, "approve", as: room.leader)
        try await room.act(first, "order")
        try await room.act(first, "confirm", as: room.treasurer)
        #expect(try await room.step(first) == "paid")
        #expect(try await room.refusals(second, "submit", as: room.applicant) == ["key.cofund.over"])
        let duties = try await room.house.db.read { tx in try AlignmentPages.duties(tx) }
        #expect(duties.map(\.left) == [Money(fen: 200_000_000)])
    }
}
