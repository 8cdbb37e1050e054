public import Store

extension Publicity {
    /// Notices whose last day for objections an outage touched are open longer.
    /// - Returns: a line for each, as the notice of the extension shows it.
    public func extend(for outage: Outage, _ law: OutageLaw, at now: Instant, _ tx: Tx) throws -> [NoticeRow] {
        guard let days = law.touched(by: outage, zone) else { return [] }
        let touched = try tx.rows(
            """
            SELECT * FROM notice WHERE closes_on >= \(days.lowerBound) AND closes_on <= \(days.upperBound)
            ORDER BY closes_on, id
            """, Notice.init(row:))
        return try touched.map { notice in
            let until = law.moved(notice.closesOn, by: outage, calendar)
            try tx.run("UPDATE notice SET closes_on = \(until) WHERE id = \(notice.id)")
            try Record.append(
                Event(
                    room: "publicity", kind: "notice.extended", subjectKind: "notice", subject: notice.id.text,
                    actor: .system, at: now,
                    content: [
                        "number": .string(notice.number), "outage": .string(outage.id.text),
                        "from": .string(notice.closesOn.description), "to": .string(until.description),
                    ], isPublic: true), tx)
            return NoticeRow(
                caseID: nil, number: notice.number,
                title: Bilingual(
                    "\(notice.title.zh)：公示期由 \(notice.closesOn) 顺延至 \(until) 24:00",
                    "\(notice.title.en): objections until \(until), 24:00, instead of \(notice.closesOn)"),
                organisation: Bilingual("", ""), person: "", amount: nil)
        }
    }
}
