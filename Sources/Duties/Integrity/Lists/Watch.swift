import Kernel
import Store

/// The bureau's three lists (超期未申请验收、超期未退款、验收不通过), kept by the events of the record: whoever files, pays
/// or fails leaves an event, and nobody writes these lists by hand. What auditors pass on comes the same way.
struct Watch: Sendable {
    static let acceptance = "integrity.overdue-acceptance"
    static let refund = "integrity.overdue-refund"
    static let failed = "integrity.failed-acceptance"

    private static let place = "integrity.watch"
    private static let kinds: Set<String> = [
        "project.term", "case.apply-acceptance", "case.return", "case.terminate", "recovery.claimed",
        "recovery.settled", "project.failed", Referrals.kind,
    ]

    let house: House

    /// Follows the events, then moves entries whose day has come. It bears being done again.
    func run() async throws {
        var isDone = false
        while !isDone {
            isDone = try await house.db.write { tx in
                let from = try Settings.get(Watch.place, tx).flatMap { Int($0) } ?? 0
                let (events, next) = try Record.ordered(Watch.kinds, from: from, limit: 2_000, tx)
                for event in events { try follow(event, tx) }
                if next > from { try Settings.set(Watch.place, String(next), tx) }
                return next < from + 2_000
            }
        }
        try await move()
    }

    private func follow(_ event: StoredEvent, _ tx: Tx) throws {
        let content = event.content
        func due(_ name: String) -> Day? { content[name]?.string.flatMap { Day($0) } }
        switch event.kind {
        case "project.term":
            if let day = due("due") { try set(event.subject, Watch.acceptance, event.subject, content, day, tx) }
        case "case.apply-acceptance", "case.terminate":
            try settle(event.subject, Watch.acceptance, true, tx)
        case "case.return" where content["to"]?.string == "running":
            try settle(event.subject, Watch.acceptance, false, tx)
        case "recovery.claimed":
            if let day = due("due"), let recovery = content["recovery"]?.string {
                try set(recovery, Watch.refund, event.subject, content, day, tx)
            }
        case "recovery.settled":
            try settle(content["recovery"]?.string ?? "", Watch.refund, true, tx)
        case "project.failed":
            // On the list from the day of the decision to the end of the bar.
            let day = house.city.zone.day(of: event.at)
            try set(event.subject, Watch.failed, event.subject, content, day.adding(days: -1), tx)
        case Referrals.kind: try Referrals.open(from: event, house, tx)
        default: break
        }
    }

    private func set(
        _ subject: String, _ list: String, _ caseID: String, _ content: JSONValue, _ due: Day, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO integrity_watch (subject, list, case_id, content, due_on, is_settled)
            VALUES (\(subject), \(list), \(caseID), \(content), \(due), \(false))
            ON CONFLICT (subject, list) DO UPDATE SET content = excluded.content, due_on = excluded.due_on
            """)
    }

    private func settle(_ subject: String, _ list: String, _ isSettled: Bool, _ tx: Tx) throws {
        try tx.run(
            "UPDATE integrity_watch SET is_settled = \(isSettled) WHERE subject = \(subject) AND list = \(list)")
    }

    private struct Item: Sendable {
        let subject: String
        let list: String
        let caseID: ID<CaseFile>
        let content: JSONValue
        let dueOn: Day
        let isSettled: Bool
        let entry: String?

        init(row: Row) throws {
            subject = try row["subject"]
            list = try row["list"]
            caseID = try row["case_id"]
            content = try row["content"]
            dueOn = try row["due_on"]
            isSettled = try row["is_settled"]
            entry = try row["entry"]
        }
    }

    /// Puts on a list what is overdue, and takes off what is settled or whose time is over.
    private func move() async throws {
        let (today, now) = (house.today, house.clock.now())
        let registers = house.registers
        try await house.db.write { tx in
            let late = try tx.rows(
                """
                SELECT * FROM integrity_watch WHERE is_settled = \(false) AND due_on < \(today) AND entry IS NULL
                ORDER BY due_on, subject LIMIT 200
                """, Item.init(row:))
            for item in late {
                let definition = try registers.require(item.list)
                let entry = try RegisterStore.add(
                    definition, Watch.values(item), id: ID(UUIDv7.make(at: now)),
                    organisation: item.content["organisation"]?.string.map { ID($0) },
                    RegisterAct(
                        by: .system, reason: Bilingual("期限届满", "The time is over"), caseID: item.caseID, at: now,
                        on: today), tx)
                try tx.run(
                    """
                    UPDATE integrity_watch SET entry = \(entry.number)
                    WHERE subject = \(item.subject) AND list = \(item.list)
                    """)
            }
            let listed = try tx.rows(
                """
                SELECT w.* FROM integrity_watch w JOIN register_entry e ON e.register = w.list AND e.number = w.entry
                WHERE e.state = 'listed'
                    AND (w.is_settled = \(true) OR w.list = \(Watch.failed) OR w.due_on >= \(today))
                ORDER BY w.subject LIMIT 1000
                """, Item.init(row:))
            for item in listed {
                let until = item.content["until"]?.string.flatMap { Day($0) }
                let isOver = item.isSettled || item.dueOn >= today || until.map { $0 < today } ?? false
                guard isOver, let number = item.entry else { continue }
                try RegisterStore.setState(
                    try RegisterStore.require(item.list, number, tx), of: try registers.require(item.list), "removed",
                    RegisterAct(
                        by: .system, reason: Bilingual("义务已履行或期限届满", "Fulfilled, or the time is over"),
                        caseID: item.caseID, at: now, on: today), tx)
                if item.list != Watch.failed {
                    // What becomes overdue again is a new entry.
                    try tx.run(
                        """
                        UPDATE integrity_watch SET entry = NULL
                        WHERE subject = \(item.subject) AND list = \(item.list)
                        """)
                }
            }
        }
    }

    private static func values(_ item: Item) -> JSONValue {
        let content = item.content
        var values: [String: JSONValue] = [
            "subject-name": content["title"] ?? "", "project-number": content["number"] ?? "",
            "organisation-name": content["organisationName"] ?? "", "investigator": content["investigator"] ?? "",
            "due": .string(item.dueOn.description),
        ]
        if let amount = content["amount"] { values["amount"] = amount }
        if item.list == failed {
            values["decided"] = .string(item.dueOn.adding(days: 1).description)
            values["until"] = content["until"] ?? .null
        }
        return .object(values)
    }
}
