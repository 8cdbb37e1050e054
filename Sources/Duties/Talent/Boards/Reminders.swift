import Kernel
import Store

/// Reminds employers, and experts with an account, of permits that end: one message a day and employer, however many
/// permits it has.
struct Reminders: Sendable {
    static let migrations = Migrations(
        room: "talent-boards",
        steps: [
            Migration(
                id: "2026-11-26-talent-reminders",
                statements: [
                    // days is the reminder's place before the end: each is sent once for each end of a permit.
                    """
                    CREATE TABLE permit_reminder (
                        permit TEXT NOT NULL, ends_on TEXT NOT NULL, days BIGINT NOT NULL, sent_at BIGINT NOT NULL,
                        PRIMARY KEY (permit, ends_on, days)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX permit_category_starts ON permit (category, starts_on)",
                    "CREATE INDEX permit_starts ON permit (starts_on)",
                ])
        ])

    let house: House
    /// Employers of one transaction.
    var batch = 50

    init(_ house: House) { self.house = house }

    /// What is due for one permit: the nearest reminder that has been reached.
    private struct Due: Sendable {
        let permit: BoardPermit
        let days: Int
        let account: ID<Account>?
    }

    /// The days before an end on which a reminder goes out, largest first.
    func offsets(on day: Day) -> [Int] {
        ((try? house.city.rules.codes("talent.reminder.days", on: day)) ?? []).compactMap(Int.init).filter { $0 > 0 }
            .sorted(by: >)
    }

    /// How many days before its end a permit begins to end soon, for messages and lists alike: those of the first
    /// reminder.
    func horizon(on day: Day) -> Int { offsets(on: day).first ?? Reminders.usual }

    /// Where the city reminds of nothing.
    private static let usual = 90

    /// Sends what is due today; done again it sends nothing.
    /// - Returns: how many permits were told of.
    @discardableResult
    func run() async throws -> Int {
        let (today, now) = (house.today, house.clock.now())
        let offsets = offsets(on: today)
        guard let widest = offsets.first else { return 0 }
        var told = 0
        var after: String? = ""
        while let edge = after {
            let batch = batch
            let step = try await house.db.write { tx -> (told: Int, last: String?) in
                let places = try employers(
                    after: edge, from: today, through: today.adding(days: widest), limit: batch, tx)
                var told = 0
                for place in places {
                    let due = try due(at: ID(place), today, offsets, tx)
                    try tell(ID(place), due, today, now, tx)
                    told += due.count
                }
                return (told, places.count < batch ? nil : places.last)
            }
            told += step.told
            after = step.last
        }
        return told
    }

    private func employers(after edge: String, from: Day, through: Day, limit: Int, _ tx: Tx) throws -> [String] {
        try tx.rows(
            """
            SELECT DISTINCT organisation FROM permit
            WHERE state = 'valid' AND ends_on >= \(from) AND ends_on <= \(through) AND organisation > \(edge)
            ORDER BY organisation LIMIT \(limit)
            """
        ) { try $0["organisation"] }
    }

    private func due(
        at organisation: ID<OrganisationMark>, _ today: Day, _ offsets: [Int], _ tx: Tx
    ) throws -> [Due] {
        let permits = try BoardStore.ending(
            from: today, through: today.adding(days: offsets[0]), organisation: organisation, limit: 10_000, tx)
        let sent = Set(
            try tx.rows(
                """
                SELECT r.permit, r.ends_on, r.days FROM permit_reminder r JOIN permit p ON p.id = r.permit
                WHERE p.organisation = \(organisation) AND p.state = 'valid' AND p.ends_on = r.ends_on
                """
            ) { "\(try $0["permit"] as String) \(try $0["ends_on"] as String) \(try $0["days"] as Int)" })
        let accounts = try tx.rows(
            """
            SELECT DISTINCT f.id, f.account FROM foreigner f JOIN permit p ON p.foreigner = f.id
            WHERE p.organisation = \(organisation) AND p.state = 'valid' AND f.account IS NOT NULL
            """
        ) { (try $0["id"] as String, try $0["account"] as ID<Account>) }
        let account = Dictionary(accounts, uniquingKeysWith: { first, _ in first })
        return permits.compactMap { permit in
            let left = permit.endsOn.number - today.number
            guard let days = offsets.last(where: { $0 >= left }),
                !sent.contains("\(permit.id) \(permit.endsOn) \(days)")
            else { return nil }
            return Due(permit: permit, days: days, account: account[permit.foreigner])
        }
    }

    private func tell(
        _ organisation: ID<OrganisationMark>, _ due: [Due], _ today: Day, _ now: Instant, _ tx: Tx
    ) throws {
        guard let first = due.first else { return }
        for item in due {
            try tx.run(
                """
                INSERT INTO permit_reminder (permit, ends_on, days, sent_at)
                VALUES (\(item.permit.id), \(item.permit.endsOn), \(item.days), \(now))
                """)
            guard let account = item.account else { continue }
            let end = item.permit.endsOn
            try Messages.tell(
                account, Bilingual("您的工作许可将于 \(end) 到期", "Your work permit ends on \(end)"),
                Bilingual("请与用人单位确认延期安排。", "Ask your employer about its extension."), at: "/talent/me", now: now, tx)
        }
        let lines = due.prefix(20).map(\.permit)
        let title = Bilingual(
            "\(due.count) 件工作许可即将到期", "\(counted(due.count, "work permit ends", "work permits end")) soon")
        let zh = lines.map { "\($0.name) \($0.endsOn)" }.joined(separator: "；")
        let en = lines.map { "\($0.name) \($0.endsOn)" }.joined(separator: "; ")
        let body = Bilingual(
            "最早到期：\(first.permit.endsOn)。\(zh)", "The first ends on \(first.permit.endsOn). \(en)")
        for member in try Registry.members(of: organisation, tx)
        where !member.roles.isDisjoint(with: [.administrator, .handler]) {
            try Messages.tell(
                member.account, title, body, at: "/talent/employers/\(organisation)", now: now, tx)
        }
    }
}
