import Funding
import Kernel
import Review
import Store

/// A meeting that is over, with its minutes signed, and one that is planned: their pages have something to show.
struct PanelCity: Sendable {
    let services: Services

    private var house: House { services.house }
    private var meetings: MeetingActions { MeetingHouse(house: house).actions }

    func play() async throws {
        let (officer, experts, cases) = try await house.db.read { tx -> (Actor?, [Actor], [CaseFile]) in
            let officer = try AccountStore.find(login: "officer", tx).map { try AccountStore.actor($0, tx) }
            let experts = try (1...5).compactMap { number in
                try AccountStore.find(login: "expert\(number)", tx).map { try AccountStore.actor($0, tx) }
            }
            return (officer, experts, try material(tx))
        }
        guard let officer, experts.count == 5, let division = cases.first?.division else { return }
        let own = Actor(
            account: officer.account, person: officer.person, name: officer.name, roles: officer.roles,
            memberships: officer.memberships, division: officer.division ?? division)
        try await hold(cases, experts, own)
        try await services.rememberClock()
        let next = try await plan("重点项目评审会 / Panel on key projects", experts, own, days: 7)
        for one in cases.prefix(3) {
            try await meetings.add(one.title, minutes: 20, cases: [one.id], to: next, by: own)
        }
        for expert in experts.prefix(2) { try await meetings.answer(next, accepts: true, reason: "", by: expert) }
    }

    /// Applications of the year before, or whatever else was told.
    private func material(_ tx: Tx) throws -> [CaseFile] {
        let ids = try tx.rows(
            """
            SELECT id FROM case_file WHERE procedure IN ('funding.application', 'key.demand', 'transfer.result')
            ORDER BY procedure, number LIMIT 5
            """
        ) { try $0["id"] as ID<CaseFile> }
        return try ids.compactMap { try CaseStore.find($0, tx) }
    }

    private func plan(_ title: String, _ experts: [Actor], _ officer: Actor, days: Int) async throws -> ID<Meeting> {
        let afternoon = house.city.zone.start(of: house.today.adding(days: days)).adding(seconds: 14 * 3_600)
        // One that is held at once begins in a quarter of an hour.
        let start = days == 0 ? house.clock.now().adding(seconds: 15 * 60) : afternoon
        return try await meetings.plan(
            MeetingActions.Plan(
                call: nil, title: title, division: officer.division ?? "",
                place: "市民中心 C2010 会议室 / Room C2010, Civic Center",
                startsAt: start,
                chair: experts[0].account, members: experts.compactMap(\.account)), by: officer)
    }

    private func pass(minutes: Int64) { services.clock.lead += minutes * 60_000_000 }

    /// Time goes on while it is held, and is not turned back: what follows happens after it.
    private func hold(_ cases: [CaseFile], _ experts: [Actor], _ officer: Actor) async throws {
        let meeting = try await plan("专项评审会 / Programme panel", experts, officer, days: 0)
        let first = try await meetings.add(cases[0].title, minutes: 30, cases: [cases[0].id], to: meeting, by: officer)
        var choice: ID<MeetingItem>?
        if cases.count > 2 {
            choice = try await meetings.add(
                Bilingual("推选两项优先支持", "Choose two for support first"), minutes: 40, cases: cases.map(\.id), to: meeting,
                by: officer)
        }
        pass(minutes: 12)
        for expert in experts {
            if let account = expert.account { try await meetings.arrive(account, meeting, by: officer) }
        }
        pass(minutes: 3)
        try await meetings.open(meeting, by: officer)
        try await meetings.openItem(first, by: officer)
        pass(minutes: 25)
        try await meetings.note(
            "委员认为技术路线清晰，建议补充测试数据。 / The members find the way clear and ask for more test data.", on: first,
            by: officer)
        try await vote(
            .init(kind: .approve, isSecret: true, question: "是否同意推荐 / Shall it be recommended?"), on: first, experts,
            officer
        ) { $0 == 0 ? ["abstain"] : ["yes"] }
        pass(minutes: 5)
        try await meetings.closeItem(first, by: officer)
        if let choice {
            try await meetings.openItem(choice, by: officer)
            pass(minutes: 35)
            let places = (1...cases.count).map(String.init)
            try await vote(
                .init(
                    kind: .choose, isSecret: true, question: "推选两项优先支持 / Choose two for support first", seats: 2),
                on: choice, experts, officer
            ) { number in Array(places[(number % 2)...]) + Array(places[..<(number % 2)]) }
            try await meetings.closeItem(choice, by: officer)
        }
        pass(minutes: 5)
        try await meetings.close(meeting, by: officer)
        try await meetings.sign(meeting, by: officer)
        try await meetings.sign(meeting, by: experts[0])
    }

    /// Everybody who may vote votes; without a quorum there is no vote.
    private func vote(
        _ ballot: MeetingActions.Ballot, on item: ID<MeetingItem>, _ experts: [Actor], _ officer: Actor,
        _ choice: (Int) -> [String]
    ) async throws {
        guard let vote = try? await meetings.openVote(ballot, on: item, by: officer) else { return }
        for (number, expert) in experts.enumerated() {
            do {
                _ = try await meetings.cast(choice(number), in: vote, by: expert)
            } catch MeetingError.recused {
                continue
            }
        }
        try await meetings.closeVote(vote, by: officer)
    }
}
