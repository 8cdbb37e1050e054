package import Funding
package import Kernel
package import Review

@testable import Bureau

extension TestHouse {
    /// A panel of the demonstration's first experts on a call, called to order with everybody there.
    /// - Parameter cases: of the one item on its agenda; none for an empty agenda.
    package func meeting(
        _ call: Call, of count: Int, on cases: [ID<CaseFile>] = []
    ) async throws -> (id: ID<Meeting>, experts: [Actor]) {
        let officer = try await actor("officer")
        var experts: [Actor] = []
        for number in 1...count { experts.append(try await actor("expert\(number)")) }
        let accounts = experts.compactMap(\.account)
        let actions = MeetingHouse(house: house).actions
        let id = try await actions.plan(
            MeetingActions.Plan(
                call: call.id.text, title: "评审会", division: call.division, place: "一号会议室",
                startsAt: house.clock.now().adding(seconds: 3_600), chair: accounts.first, members: accounts),
            by: officer)
        if !cases.isEmpty {
            try await actions.add(Bilingual("审议", "Judge"), minutes: 20, cases: cases, to: id, by: officer)
        }
        for account in accounts { try await actions.arrive(account, id, by: officer) }
        try await actions.open(id, by: officer)
        return (id, experts)
    }
}
