import Kernel
import Store

/// Warns the division of agreements that end soon, and marks those that have ended.
struct Renewals: Sendable {
    static let register = "cooperation.agreements"

    let house: House

    /// The days before an end on which it is warned of, largest first.
    func offsets(on day: Day) -> [Int] {
        ((try? house.city.rules.codes("cooperation.agreement.warning", on: day)) ?? []).compactMap(Int.init)
            .filter { $0 > 0 }.sorted(by: >)
    }

    /// Gives the warnings of today; done again it gives none.
    /// - Returns: how many agreements were warned of.
    @discardableResult
    func run() async throws -> Int {
        let definition = try house.registers.require(Self.register)
        let (today, now, offsets) = (house.today, house.clock.now(), offsets(on: house.today))
        var warned = 0
        var before: String?
        repeat {
            let edge = before
            let step = try await house.db.write { tx -> (told: Int, last: String?) in
                let page = try RegisterStore.list(
                    Self.register, RegisterFilter(state: "in-force"), before: edge, limit: 100, tx)
                var told = 0
                for entry in page {
                    guard let end = entry.content["ends-on"]?.string.flatMap({ Day($0) }) else { continue }
                    if end < today {
                        let act = RegisterAct(
                            by: .system, reason: Bilingual("协议期限届满", "The agreement has ended"), at: now, on: today)
                        try RegisterStore.setState(entry, of: definition, "expired", act, tx)
                    } else if try warn(entry, end, today, offsets, now, definition.division, tx) {
                        told += 1
                    }
                }
                return (told, page.count < 100 ? nil : page.last?.number)
            }
            warned += step.told
            before = step.last
        } while before != nil
        return warned
    }

    /// Warns once for each of the days that have been reached.
    private func warn(
        _ entry: RegisterEntry, _ end: Day, _ today: Day, _ offsets: [Int], _ now: Instant, _ division: String, _ tx: Tx
    ) throws -> Bool {
        let left = end.number - today.number
        guard let days = offsets.last(where: { $0 >= left }) else { return false }
        let sent: Int =
            try tx.value(
                """
                SELECT COUNT(*) FROM cooperation_warning WHERE entry = \(entry.id) AND ends_on = \(end)
                    AND days = \(days)
                """) ?? 0
        guard sent == 0 else { return false }
        try tx.run(
            """
            INSERT INTO cooperation_warning (entry, ends_on, days, sent_at)
            VALUES (\(entry.id), \(end), \(days), \(now))
            """)
        for officer in try AccountStore.holding(.officer, tx)
        where officer.division == nil || officer.division == division {
            try Messages.tell(
                officer.id,
                Bilingual("协议「\(entry.name)」还有 \(left) 天到期", "\(entry.name) ends in \(counted(left, "day"))"),
                Bilingual("请评估执行情况并办理续签或终止。", "Judge how it was carried out, and renew or end it."),
                at: "/desk/cooperation/agreements", now: now, tx)
        }
        return true
    }
}
