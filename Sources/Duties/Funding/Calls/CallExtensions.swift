public import Kernel
import Portal
public import Store

/// A call that is open longer than it was announced, because the house was down near its end.
public struct CallExtension: Hashable, Sendable {
    public let call: ID<Call>
    public let outage: ID<Outage>
    public let from: Day
    public let to: Day
}

/// Reads and writes extensions of calls.
public enum CallExtensions {
    static let migration = Migration(
        id: "2026-11-26-funding-call-extensions",
        statements: [
            """
            CREATE TABLE call_extension (
                call TEXT NOT NULL REFERENCES funding_call (id), outage TEXT NOT NULL, from_day TEXT NOT NULL,
                to_day TEXT NOT NULL, made_at BIGINT NOT NULL, PRIMARY KEY (call, outage)
            ) \(SQL.strict)
            """
        ])

    /// Extensions of a call with their outages, the latest first.
    static func of(_ call: ID<Call>, _ tx: Tx) throws -> [(change: CallExtension, outage: Outage)] {
        try tx.rows(
            """
            SELECT e.call, e.outage, e.from_day, e.to_day, o.* FROM call_extension e JOIN outage o ON o.id = e.outage
            WHERE e.call = \(call) ORDER BY e.made_at DESC, e.outage DESC LIMIT 20
            """
        ) { row in
            (
                CallExtension(
                    call: try row["call"], outage: try row["outage"], from: try row["from_day"], to: try row["to_day"]),
                try Outage(row: row)
            )
        }
    }

    /// Moves the last day of a published call; it stands in the record, and drafts learn of it.
    static func extend(_ call: Call, until day: Day, for outage: Outage, at now: Instant, _ tx: Tx) throws {
        var moved = call
        moved.closesOn = day
        let saved = try CallStore.update(moved, tx)
        try tx.run(
            """
            INSERT INTO call_extension (call, outage, from_day, to_day, made_at)
            VALUES (\(call.id), \(outage.id), \(call.closesOn), \(day), \(now))
            """)
        let underWay = try tx.rows(
            "SELECT case_id FROM application WHERE call = \(call.id) AND step IN ('draft', 'endorsement')"
        ) { try $0["case_id"] as ApplicationID }
        for id in underWay { try CaseValues.set(id, "closes-on", .string(day.description), tx) }
        try Record.append(
            Event(
                room: "funding", kind: "call.extended", subjectKind: "call", subject: call.id.text, actor: .system,
                at: now,
                content: [
                    "number": .string(call.number), "revision": .integer(Int64(saved.revision)),
                    "outage": .string(outage.id.text), "from": .string(call.closesOn.description),
                    "to": .string(day.description),
                ], isPublic: true), tx)
    }
}

extension Funding {
    /// Calls whose last day an outage touched are open longer.
    public func extend(for outage: Outage, _ law: OutageLaw, at now: Instant, _ tx: Tx) throws -> [NoticeRow] {
        guard let days = law.touched(by: outage, house.city.zone) else { return [] }
        let calls = try CallStore.closing(in: days, tx).filter { $0.opensOn <= house.city.zone.day(of: outage.until) }
        return try calls.map { call in
            let until = law.moved(call.closesOn, by: outage, house.city.calendar)
            try CallExtensions.extend(call, until: until, for: outage, at: now, tx)
            return NoticeRow(
                caseID: nil, number: call.number,
                title: Bilingual(
                    "\(call.title.zh)：申报截止由 \(call.closesOn) 顺延至 \(until) 24:00",
                    "\(call.title.en): closes \(until), 24:00, instead of \(call.closesOn)"),
                organisation: house.city.bureau, person: "", amount: nil)
        }
    }
}
