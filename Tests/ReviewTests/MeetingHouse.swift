import HouseTestSupport
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

/// A panel on a fresh database: experts, cases, and a meeting with its secretary.
struct MeetingCity {
    let db: Database
    let clock: StandingClock
    let meetings: MeetingActions
    let officer = Actor(account: ID("officer"), name: "秘书", roles: [.officer])
    let experts: Int

    static let firm: ID<OrganisationMark> = ID("firm")

    static func open(_ engine: Engine, experts: Int = 5) async throws -> MeetingCity {
        let city = try TestCity.shenzhen()
        let day = Day(year: 2026, month: 3, day: 2) ?? Day(number: 20_000)
        let clock = StandingClock(city.zone.start(of: day).adding(seconds: 9 * 3_600))
        let db = try await TestStore.open(engine, House.migrations + [ReviewTables.migrations])
        let now = clock.now()
        try await db.write { tx in
            for number in 0..<experts {
                let card = AccountCard(
                    id: ID("expert\(number)"), login: "expert\(number)", name: "委员\(number)", roles: [.expert])
                try AccountStore.insert(card, passwordHash: "", at: now, tx)
                try ExpertStore.add(
                    Expert(
                        id: ID("e\(number)"), account: ID("expert\(number)"), person: nil, name: "委员\(number)",
                        title: "", organisation: ID("house\(number)"), organisationName: "单位\(number)", fields: []),
                    at: now, tx)
            }
            try AccountStore.insert(
                AccountCard(id: ID("officer"), login: "officer", name: "秘书", roles: [.officer]), passwordHash: "",
                at: now, tx)
        }
        let meetings = MeetingActions(
            db: db, clock: clock, ids: UUIDv7Source(clock: clock), zone: city.zone, rules: city.rules,
            vault: Vault(key: [UInt8](repeating: 7, count: 32)))
        return MeetingCity(db: db, clock: clock, meetings: meetings, experts: experts)
    }

    func expert(_ number: Int) -> Actor {
        Actor(account: ID("expert\(number)"), name: "委员\(number)", roles: [.expert])
    }

    /// Cases of an organisation; number 0 of expert 0's employer where `conflicting`.
    func cases(_ count: Int, conflicting: Bool = false) async throws -> [ID<CaseFile>] {
        let now = clock.now()
        return try await db.write { tx in
            try (0..<count).map { number -> ID<CaseFile> in
                let id: ID<CaseFile> = ID("018f0000-0000-7000-8000-00000000000\(number)")
                let place = conflicting && number == 0 ? "house0" : "firm"
                try tx.run(
                    """
                    INSERT INTO case_file (id, procedure, version, number, title_zh, title_en, step, holder,
                        organisation, division, opened_at, step_since, due_key, revision)
                    VALUES (\(id), 'test', 1, \("T-\(number)"), \("项目\(number)"), \("Project \(number)"), 'review',
                        'officer', \(place), 'planning', \(now), \(now), '9999', 1)
                    """)
                return id
            }
        }
    }

    /// A planned meeting of all experts, the first in the chair.
    func planned() async throws -> ID<Meeting> {
        try await meetings.plan(
            MeetingActions.Plan(
                call: nil, title: "评审会", division: "planning", place: "一号会议室",
                startsAt: clock.now().adding(seconds: 3_600), chair: ID("expert0"),
                members: (0..<experts).map { ID("expert\($0)") }), by: officer)
    }

    /// A meeting in session with these members in the room, and an item that is called.
    func called(
        present: [Int], cases: [ID<CaseFile>] = []
    ) async throws -> (meeting: ID<Meeting>, item: ID<MeetingItem>) {
        let meeting = try await planned()
        let item = try await meetings.add(
            Bilingual("议题", "Item"), minutes: 20, cases: cases, to: meeting, by: officer)
        for number in present { try await meetings.arrive(ID("expert\(number)"), meeting, by: officer) }
        try await meetings.open(meeting, by: officer)
        try await meetings.openItem(item, by: officer)
        return (meeting, item)
    }

    func result(_ id: ID<MeetingVote>) async throws -> VoteResult {
        let vote = try await db.read { tx in try MeetingStore.vote(id, tx) }
        return try #require(vote.result)
    }

    func events(_ meeting: ID<Meeting>) async throws -> [StoredEvent] {
        try await db.read { tx in try Record.events(about: "meeting", meeting.text, tx) }
    }
}
