import BureauTestSupport
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// The pages of spending: who sees them, how much they ask the database, what they export.
@Suite("Pages of spending")
struct SpendingPageTests {
    @Test("Pages ask as much whether there are two vouchers or sixty, and export them", arguments: TestStore.engines)
    func constant(engine: Engine) async throws {
        let (house, project) = try await TestHouse.paidProject(engine)
        let report = try await house.report(project)
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let number = ["number": project.number]
        let pages: [(String, [String: String], Actor)] = [
            ("money.project", number, applicant), ("money.project", number, officer),
            ("money.vouchers", number, applicant),
            ("spending.report", ["id": report.id.text], applicant), ("desk.spending", [:], officer),
            ("desk.spending.programmes", [:], officer), ("desk.recoveries", [:], officer),
            ("cofunding.show", number, applicant),
        ]
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for (route, values, actor) in pages {
                counts.append(
                    try await QueryCounter.count {
                        let answer = try await house.visit(route, actor, values: values)
                        #expect(!text(answer).isEmpty && answer.status == 200, "\(route)")
                    })
            }
            return counts
        }
        func enter(_ numbers: ClosedRange<Int>) async throws {
            for number in numbers {
                try await house.funding.spending.enter(
                    house.voucher("P-\(number)", Int64(100 + number)), into: report.id, by: applicant)
            }
        }
        try await enter(1...2)
        let few = try await counts()
        try await enter(3...60)
        #expect(try await counts() == few)
        #expect(few.allSatisfy { $0 <= 16 })
        for (route, values, actor) in pages where !["money.project"].contains(route) {
            for format in ["csv", "xlsx"] {
                let answer = try await house.visit(route, actor, values: values, query: [("format", format)])
                guard case .stream(_, let body) = answer.content else {
                    Issue.record("\(route) has no \(format)")
                    continue
                }
                var writer = BodyWriter(nil)
                try await body(&writer)
                #expect(writer.count > 20)
            }
        }
    }

    @Test("Strangers see nothing of a project's money, and what is typed comes back with what is wrong")
    func strangers() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let report = try await house.report(project)
        let stranger = try await house.actor("expert1")
        for (route, values) in [
            ("money.project", ["number": project.number]), ("money.vouchers", ["number": project.number]),
            ("spending.report", ["id": report.id.text]), ("cofunding.show", ["number": project.number]),
        ] {
            await #expect(throws: (any Error).self) { try await house.visit(route, stranger, values: values) }
        }
        let applicant = try await house.actor("applicant")
        let answer = try await house.visit(
            "spending.enter", applicant, values: ["id": report.id.text],
            form: [("number", "<b>7</b>"), ("day", "tomorrow"), ("heading", "operations"), ("amount", "1,2")])
        #expect(answer.status == 422)
        #expect(text(answer).contains("&lt;b&gt;7") && !text(answer).contains("<b>7"))
        #expect(text(answer).contains("Write the date as"))
        let opened = try await house.visit(
            "money.report", applicant, values: ["number": project.number], form: [("from", "x")])
        #expect(opened.status == 422)
    }

    @Test("Slow spending is found by money and time", arguments: TestStore.engines)
    func slow(engine: Engine) async throws {
        let (house, project) = try await TestHouse.paidProject(engine)
        let officer = try await house.actor("officer")
        func isListed() async throws -> Bool {
            text(try await house.visit("desk.spending", officer, query: [("slow", "yes")])).contains(project.number)
        }
        let number = ["number": project.number]
        func isWarned() async throws -> Bool {
            text(try await house.visit("money.project", officer, values: number)).contains("Slow spending: ")
        }
        #expect(try await !isListed())
        #expect(try await !isWarned())
        house.move(days: 200)
        #expect(try await isListed())
        #expect(try await isWarned())
        // 24 months, 210 days gone: 28 % of what is paid, of which half would be enough.
        let applicant = try await house.actor("applicant")
        let report = try await house.report(project, days: 205)
        var draft = house.voucher("F-1", 0)
        draft.day = report.from
        draft.amount = Money(fen: try await house.paid(project).fen / 6)
        draft.reason = "合同"
        try await house.funding.spending.enter(draft, into: report.id, by: applicant)
        #expect(try await isListed())
        try await house.accept(report)
        #expect(try await !isListed())
        #expect(try await !isWarned())
    }

    @Test("Partners promise and pay with evidence; a foreign sum keeps its rate")
    func partners() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let applicant = try await house.actor("applicant")
        let spending = house.funding.spending
        try await spending.promise("某跨国公司", Money(fen: 100_000_00), to: project.id, by: applicant)
        let partner = try await house.house.db.read { tx in try PartnerStore.list(project: project.id, tx) }[0]
        let rate = try #require(DecimalNumber("7.05"))
        let pdf = Array("%PDF-1.4 slip".utf8)
        await #expect(throws: DocumentError.self) {
            try await spending.receive(
                Money(fen: 1), from: partner.id, of: project.id, on: house.house.today, note: "", evidence: ("a", []),
                by: applicant)
        }
        try await spending.receive(
            Money(fen: 7_050_00),
            foreign: ForeignSum(currency: "USD", cents: 1_000_00, rate: rate, rateDay: house.house.today),
            from: partner.id, of: project.id, on: house.house.today, note: "第一笔", evidence: ("slip.pdf", pdf),
            by: applicant)
        let page = text(
            try await house.visit("cofunding.show", applicant, values: ["number": project.number], language: .chinese))
        #expect(page.contains("7,050.00") && page.contains("USD 1,000.00 × 7.05") && page.contains("第一笔"))
        await #expect(throws: ProjectError.unknown) {
            try await spending.promise(
                "x", Money(fen: 1), to: project.id, by: try await house.actor("expert1"))
        }
    }
}
