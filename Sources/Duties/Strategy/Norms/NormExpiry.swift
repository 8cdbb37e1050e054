import Kernel
import Portal
import Store

/// The clock of texts in force: the drafting division is warned before the end of a text or of its exception from fair
/// competition; a text whose time is over is no longer in force.
struct NormExpiry: Sendable {
    let house: House

    /// Done once a day; done again it does nothing.
    func run() async throws {
        let today = house.today
        try await expire(today)
        try await warn(today)
    }

    private static func due(_ field: String, through day: Day, limit: Int = 500, _ tx: Tx) throws -> [(String, Day)] {
        try tx.rows(
            """
            SELECT e.number, v.value FROM register_value v JOIN register_entry e ON e.id = v.entry
            WHERE v.register = \(NormIssue.register) AND v.field = \(field) AND v.value > '' AND v.value <= \(day)
                AND e.state = 'in-force'
            ORDER BY v.value, e.number LIMIT \(limit)
            """
        ) { (try $0["number"] as String, try $0["value"] as Day) }
    }

    private func expire(_ today: Day) async throws {
        let (now, registers) = (house.clock.now(), house.registers)
        try await house.db.write { tx in
            let definition = try registers.require(NormIssue.register)
            for (number, _) in try Self.due("expires-on", through: today.adding(days: -1), tx) {
                let entry = try RegisterStore.require(definition.id, number, tx)
                let act = RegisterAct(
                    by: .system, reason: Bilingual("有效期届满", "Its validity has ended"), at: now, on: today)
                try RegisterStore.setState(entry, of: definition, "expired", act, tx)
            }
        }
    }

    private func warn(_ today: Day) async throws {
        let offsets = ((try? house.city.rules.codes("strategy.expiry.warning-days", on: today)) ?? [])
            .compactMap(Int.init).filter { $0 > 0 }.sorted(by: >)
        guard let widest = offsets.first else { return }
        let (now, division) = (house.clock.now(), Strategy.room?.division)
        try await house.db.write { tx in
            let officers = try AccountStore.holding(.officer, tx).filter {
                $0.division == nil || $0.division == division
            }
            for field in ["expires-on", "exception-until"] {
                for (number, end) in try Self.due(field, through: today.adding(days: widest), tx) where end >= today {
                    let left = end.number - today.number
                    guard let days = offsets.last(where: { $0 >= left }) else { continue }
                    // The exception has its own warnings beside those of the text.
                    let name = field == "expires-on" ? number : "\(number)/exception"
                    let isNew = try tx.run(
                        """
                        INSERT INTO norm_warning (entry, expires_on, days, sent_at)
                        VALUES (\(name), \(end), \(days), \(now)) ON CONFLICT (entry, expires_on, days) DO NOTHING
                        """)
                    guard isNew == 1 else { continue }
                    let entry = try RegisterStore.require(NormIssue.register, number, tx)
                    for officer in officers { try tell(officer.id, entry, field, end, now, tx) }
                }
            }
        }
    }

    private func tell(
        _ account: ID<Account>, _ entry: RegisterEntry, _ field: String, _ end: Day, _ now: Instant, _ tx: Tx
    ) throws {
        let what =
            field == "expires-on"
            ? Bilingual("有效期", "validity") : Bilingual("公平竞争审查例外期限", "exception from fair competition")
        try Messages.tell(
            account,
            Bilingual(
                "《\(entry.name)》\(what.zh)将于 \(end.text(.chinese)) 届满", "\(entry.name): its \(what.en) ends on \(end)"),
            Bilingual(
                "请开展实施评估，提出续期、修订或者废止的意见。",
                "Evaluate it and propose to renew, amend or repeal it."),
            at: "/registers/\(entry.register)/\(entry.number)", now: now, tx)
    }
}
