import BureauTestSupport
import Foundation
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// The pages of meetings: who sees them and how much they ask the database.
@Suite("Pages of panel meetings")
struct MeetingPageTests {
    private func visit(
        _ house: TestHouse, _ route: String, _ actor: Actor, _ id: String = "", form: [String: String] = [:],
        query: [String: String] = [:]
    ) async throws -> Answer {
        try await house.visit(
            route, actor, values: ["id": id], query: query.map { ($0.key, $0.value) },
            form: form.map { ($0.key, $0.value) })
    }

    private func refusal(_ body: () async throws -> Void) async throws -> MeetingError? {
        do {
            try await body()
            return nil
        } catch let problem as MeetingError {
            return problem
        }
    }

    /// A meeting of five experts on an application, called to order.
    private func meeting(_ engine: Engine) async throws -> (TestHouse, ID<Meeting>, Application, [Actor], Actor) {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try await house.submit(1, call: call)
        let officer = try await house.actor("officer")
        let (id, experts) = try await house.meeting(call, of: 5, on: [item.id])
        return (house, id, item, experts, officer)
    }

    @Test(
        "Who keeps out sees neither papers nor the vote nor the minutes; strangers see nothing",
        arguments: TestStore.engines)
    func boundaries(engine: Engine) async throws {
        let (house, id, file, experts, officer) = try await meeting(engine)
        let actions = MeetingHouse(house: house.house).actions
        let found = try await house.house.db.read { tx in
            (try MeetingStore.items(id, tx), try MeetingStore.recusals(id, tx))
        }
        let item = try #require(found.0.first)
        let out = Set(found.1.map(\.account))
        let inside = experts.filter { !out.contains($0.account ?? ID("")) }
        try #require(inside.count >= 3)
        let (reader, leaving) = (inside[1], inside[2])
        #expect(text(try await visit(house, "meetings.papers", reader, item.id.text)).contains(file.number))
        try await actions.recuse(from: item.id, reason: "师生关系", by: leaving)
        let papers = text(try await visit(house, "meetings.papers", leaving, item.id.text))
        #expect(papers.contains("You see no papers") && !papers.contains(file.number))
        try await actions.openItem(item.id, by: officer)
        let vote = try? await actions.openVote(
            .init(kind: .approve, isSecret: true, question: ""), on: item.id, by: officer)
        let stranger = try await house.actor("expert7")
        for route in ["meetings.show", "meetings.invitation"] {
            #expect(try await refusal { _ = try await visit(house, route, stranger, id.text) } == .unknown)
        }
        #expect(
            try await refusal { _ = try await visit(house, "meetings.papers", stranger, item.id.text) } == .unknown)
        if let vote {
            #expect(try await refusal { _ = try await visit(house, "votes.show", stranger, vote.text) } == .unknown)
            #expect(try await refusal { _ = try await visit(house, "votes.show", leaving, vote.text) } == .recused)
            let paper = text(try await visit(house, "votes.cast", reader, vote.text, form: ["choice": "yes"]))
            #expect(paper.contains("Your paper is in."))
            // While it is open the bureau sees how many voted, and no choice.
            let desk = text(try await visit(house, "votes.show", officer, vote.text))
            #expect(!desk.contains("For 1") && !desk.contains("<code>"))
            try await actions.closeVote(vote, by: officer)
        }
        try await actions.closeItem(item.id, by: officer)
        try await actions.close(id, by: officer)
        #expect(text(try await visit(house, "meetings.minutes", reader, id.text)).contains("Minutes of"))
        if leaving.account != experts[0].account {
            #expect(try await refusal { _ = try await visit(house, "meetings.minutes", leaving, id.text) } == .recused)
        }
    }

    @Test("Programs read the place in both languages, and whoever keeps a note is told how to write both")
    func bothLanguages() async throws {
        let (house, id, _, _, officer) = try await meeting(.sqlite)
        try await house.house.db.write { tx in
            try tx.run("UPDATE meeting SET place = '一号会议室 / Room One' WHERE id = \(id)")
        }
        let answer = try await visit(house, "api.meetings.show", officer, id.text)
        var bytes: [UInt8] = []
        switch answer.content {
        case .bytes(let known, _): bytes = known
        case .encoded(_, let make): bytes = try make()
        default: Issue.record("no JSON")
        }
        let place = try JSONValue(parsing: bytes)["place"]
        #expect(place?["zh"]?.string == "一号会议室" && place?["en"]?.string == "Room One")
        let items = try await house.house.db.read { tx in try MeetingStore.items(id, tx) }
        let item = try #require(items.first)
        try await MeetingHouse(house: house.house).actions.openItem(item.id, by: officer)
        // Once for the note, and once for what is voted on.
        let room = text(try await visit(house, "meetings.room", officer, id.text))
        #expect(room.components(separatedBy: "In both languages if you like").count == 3)
    }

    @Test("The pages ask as much for two items as for twelve, and lists leave as files", arguments: TestStore.engines)
    func constant(engine: Engine) async throws {
        let (house, id, file, experts, officer) = try await meeting(engine)
        let actions = MeetingHouse(house: house.house).actions
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for (route, actor, id) in [
                ("meetings.room", officer, id.text), ("meetings.show", experts[0], id.text),
                ("meetings.desk", officer, ""),
                ("meetings.mine", experts[0], ""),
            ] {
                counts.append(
                    try await QueryCounter.count {
                        let answer = try await visit(house, route, actor, id)
                        #expect(answer.status == 200 && !text(answer).isEmpty)
                    })
            }
            return counts
        }
        let few = try await counts()
        for number in 2...12 {
            try await actions.add(
                Bilingual("议题\(number)", "Item \(number)"), minutes: 5, cases: [file.id], to: id, by: officer)
        }
        #expect(try await counts() == few)
        #expect(few.allSatisfy { $0 <= 12 }, "\(few)")
        for format in ["csv", "xlsx"] {
            let answer = try await visit(house, "meetings.desk", officer, query: ["format": format])
            guard case .stream(_, let body) = answer.content else {
                Issue.record("no \(format)")
                continue
            }
            var writer = BodyWriter(nil)
            try await body(&writer)
            #expect(writer.count > 20)
        }
    }
}
