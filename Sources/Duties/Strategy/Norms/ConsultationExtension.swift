public import Kernel
import Portal
public import Store

extension Strategy {
    /// Consultations whose last day an outage touched are open longer.
    public func extend(for outage: Outage, _ law: OutageLaw, at now: Instant, _ tx: Tx) throws -> [NoticeRow] {
        guard let days = law.touched(by: outage, house.city.zone) else { return [] }
        let touched = try tx.rows(
            """
            SELECT * FROM norm_consultation WHERE closes_on >= \(days.lowerBound) AND closes_on <= \(days.upperBound)
            ORDER BY closes_on, case_id, round
            """, Consultation.init(row:))
        return try touched.map { item in
            let until = law.moved(item.closesOn, by: outage, house.city.calendar)
            try tx.run(
                """
                UPDATE norm_consultation SET closes_on = \(until) WHERE case_id = \(item.caseID)
                    AND round = \(item.round)
                """)
            try CaseValues.set(item.caseID, "consultation-closes", .string(until.description), tx)
            try Record.append(
                Event(
                    room: "strategy", kind: "consultation.extended", subjectKind: "case", subject: item.caseID.text,
                    caseID: item.caseID, actor: .system, at: now,
                    content: [
                        "round": .integer(Int64(item.round)), "outage": .string(outage.id.text),
                        "from": .string(item.closesOn.description), "to": .string(until.description),
                    ]), tx)
            return NoticeRow(
                caseID: nil, number: item.number,
                title: Bilingual(
                    "\(item.title)：征求意见由 \(item.closesOn) 顺延至 \(until) 24:00",
                    "\(item.title): comments until \(until), 24:00, instead of \(item.closesOn)"),
                organisation: house.city.bureau, person: "", amount: nil)
        }
    }
}
