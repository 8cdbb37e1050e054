import Kernel
import Portal
import Review
import Store

/// Meetings for programs: the list, one with its votes, and a member's paper.
struct MeetingAPI: Sendable {
    let house: House

    private var shared: MeetingHouse { MeetingHouse(house: house) }

    private struct Shown: Encodable {
        struct Vote: Encodable {
            let id: ID<MeetingVote>
            let round: Int
            let kind: MeetingVote.Kind
            let isSecret: Bool
            let state: MeetingVote.State
            let members: Int
            let present: Int
            let quorum: Int
            let result: VoteResult?
        }

        struct Item: Encodable {
            let id: ID<MeetingItem>
            let position: Int
            let title: Bilingual
            let state: MeetingItem.State
            let cases: [String]
            let votes: [Vote]
        }

        let id: ID<Meeting>
        let number: String
        let title: Bilingual
        let state: Meeting.State
        let startsAt: Instant
        let place: Bilingual
        let members: [String]
        let items: [Item]
    }

    private struct Row: Encodable {
        let id: ID<Meeting>
        let number: String
        let title: Bilingual
        let state: Meeting.State
        let startsAt: Instant
    }

    private struct Paper: Decodable { let choice: [String] }

    var routes: [Route] {
        [
            Route(
                "api.meetings.list", .get, "/api/v1/meetings", access: MeetingHouse.staff,
                summary: Bilingual("评审会议列表", "Panel meetings"),
                api: APIDescription(
                    tag: "meetings", scope: "desk:read", query: APIDescription.Parameter.paging, answer: .listing(.any))
            ) { visit in
                let paging = try visit.paging(values: 1)
                let before = paging.after?.values[0].string.map { ID<Meeting>($0) }
                let rows = try await house.db.read { tx in
                    try MeetingStore.list(state: nil, before: before, limit: paging.limit + 1, tx)
                }
                return .json(
                    Listing(rows, paging, cursor: { Cursor([.string($0.id.text)]) }) {
                        Row(id: $0.id, number: $0.number, title: $0.title, state: $0.state, startsAt: $0.startsAt)
                    })
            },
            Route(
                "api.meetings.show", .get, "/api/v1/meetings/{id}", access: MeetingHouse.staff,
                summary: Bilingual("一次评审会议", "A panel meeting"),
                api: APIDescription(tag: "meetings", scope: "desk:read", answer: .any)
            ) { visit in
                let id: ID<Meeting> = try visit.id("id")
                return .json(try await house.db.read { tx in try MeetingAPI.shown(id, tx) })
            },
            Route(
                "api.votes.cast", .post, "/api/v1/votes/{id}/papers", access: .roles([.expert]),
                summary: Bilingual("投票", "Vote"),
                api: APIDescription(
                    tag: "meetings", scope: "reviews:write", body: .object(["choice": .array(.text())]),
                    answer: .object(["code": .text()]))
            ) { visit in
                let paper = try visit.json(as: Paper.self)
                return .json([
                    "code": try await shared.actions.cast(paper.choice, in: try visit.id("id"), by: visit.actor)
                ])
            },
        ]
    }

    private static func shown(_ id: ID<Meeting>, _ tx: Tx) throws -> Shown {
        let meeting = try MeetingStore.require(id, tx)
        let votes = Dictionary(grouping: try MeetingStore.votes(id, tx), by: \.item)
        let items = try MeetingStore.items(id, tx).map { item in
            Shown.Item(
                id: item.id, position: item.position, title: item.title, state: item.state,
                cases: item.cases.map(\.number),
                votes: (votes[item.id] ?? []).map {
                    Shown.Vote(
                        id: $0.id, round: $0.round, kind: $0.kind, isSecret: $0.isSecret, state: $0.state,
                        members: $0.members, present: $0.present, quorum: $0.quorum, result: $0.result)
                })
        }
        return Shown(
            id: id, number: meeting.number, title: meeting.title, state: meeting.state, startsAt: meeting.startsAt,
            place: meeting.venue, members: try MeetingStore.members(id, tx).map(\.name), items: items)
    }
}
