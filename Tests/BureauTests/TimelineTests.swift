import BureauTestSupport
import Funding
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("What the house says of steps that were done")
struct TimelineTests {
    /// Titles that stay as they are because they state what was found or what came of it; a new one is put here, or its
    /// verb into the words for what was done.
    private static let findings: Set<String> = [
        "A solution exists, to matching", "Agreed", "Appeal decided", "Back to drafting", "Back to revision", "Chosen",
        "Did not appear", "Does not meet the conditions", "Evidence is complete", "File is complete",
        "Final evaluation", "Meets the conditions, to the review", "Mid-term evaluation", "More to do",
        "Opinions settled", "Passes", "Publicity over, to review", "Publicity over, to the decision",
        "Reconsideration asked for", "Refusal maintained", "Refusal revoked, examined anew", "Review finished",
        "Statement received", "Taken in", "Time is over", "Time to appeal is over", "Time to correct is over", "Upheld",
    ]

    /// With what a sentence about somebody or something begins, or about what did not happen.
    private static let sentences: Set<String> = [
        "An", "Deemed", "It", "No", "Nobody", "None", "Not", "The", "They",
    ]

    /// Verbs that are the same in the past.
    private static let alike: Set<String> = ["Put", "Set"]

    @Test("No action of a procedure is told as an order once it was done", arguments: ["Shenzhen", "Example"])
    func actions(city: String) throws {
        let actions = try Jurisdiction(folder: "\(TestHouse.root)/Jurisdictions/\(city)").procedures.flatMap(\.steps)
            .flatMap(\.actions)
        #expect(actions.count > 500)
        for action in actions where action.done.en == action.title.en {
            let title = action.title.en
            let first = title.split(whereSeparator: { " ,:".contains($0) }).first.map(String.init) ?? ""
            let isPast = first.hasSuffix("ed") && !first.hasSuffix("eed") || Self.alike.contains(first)
            #expect(
                isPast || Self.sentences.contains(first) || Self.findings.contains(title),
                "\(action.id): \(title) stands as an order, or is a finding that no list names")
        }
    }

    @Test("A case's timeline and messages speak of what happened, and of where it is", arguments: TestStore.engines)
    func timeline(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        try await house.act(item.id, "accept", try await house.actor("officer"))
        let applicant = try await house.actor("applicant")
        let page = text(try await house.visit("cases.show", applicant, values: ["id": item.id.text]))
        #expect(page.contains("Submitted to the organisation") && page.contains("Accepted for review"))
        let account = try #require(applicant.account)
        let messages = try await house.house.db.read { tx in try Messages.list(account, before: nil, limit: 10, tx) }
        let told = try #require(messages.first { $0.title.zh.hasSuffix("：已审查通过") })
        #expect(told.title.en.hasSuffix(": Accepted for review"))
        #expect(told.body.zh.contains("现处于「") && !told.body.zh.contains("登录"))
        #expect(told.body.en.contains("is now at '") && !told.body.en.contains("Sign in"))
    }

    @Test("The lines of a table of legal numbers are read by name")
    func tables() async throws {
        let house = try await TestHouse(.sqlite)
        let page = try await house.visit(
            "rules.parameter", try await house.actor("auditor"), values: ["id": "talent.points.education"],
            language: .chinese)
        #expect(text(page).contains("博士 → <strong>") && !text(page).contains("doctor"))
    }

    @Test("A number that no law gives is the bureau's, also where all cities have it")
    func levels() async throws {
        let house = try await TestHouse(.sqlite)
        let officer = try await house.actor("officer")
        func page(_ words: String) async throws -> String {
            text(try await house.visit("rules.list", officer, query: [("text", words)]))
        }
        let own = try await page("assignments.light.near-days")
        #expect(own.contains(">bureau<") && !own.contains(">nation<"))
        let law = try await page("talent.age.b-most")
        #expect(law.contains(">nation<") && !law.contains(">bureau<"))
    }
}
