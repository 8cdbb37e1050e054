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
    @Test("No action of a procedure is told as an order once it was done")
    func actions() throws {
        let orders: Set<String> = [
            "Accept", "Approve", "Ask", "Close", "Confirm", "Decide", "Enter", "Forward", "Give", "Hand", "Propose",
            "Publish", "Refuse", "Report", "Return", "Send", "Sign", "Submit", "Withdraw",
        ]
        let actions = try TestCity.shenzhen().procedures.flatMap(\.steps).flatMap(\.actions)
        #expect(actions.count > 500)
        for action in actions {
            let first = action.done.en.split(whereSeparator: { " ,:".contains($0) }).first.map(String.init) ?? ""
            #expect(!orders.contains(first), "\(action.title.en)")
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
