public import Kernel
import Store

extension Strategy {
    /// Plans that were issued, and consultations.
    public var searchSources: [SearchSource] {
        let zone = house.city.zone
        let plans = SearchSource(
            { after, limit, tx in
                try tx.rows(
                    """
                    SELECT p.*, c.step_since FROM plan p JOIN case_file c ON c.id = p.case_id
                    WHERE p.case_id > \(after ?? "") ORDER BY p.case_id LIMIT \(limit)
                    """
                ) { (plan: try Plan(row: $0), day: zone.day(of: try $0["step_since"] as Instant)) }
            },
            place: { $0.plan.caseID.text }, entry: { $0.plan.searchEntry(on: $0.day) })
        // A place is a case and a round; the rounds of one case are few and are read together.
        let consultations = SearchSource(
            { after, limit, tx in
                let cases: [ID<CaseFile>] = try tx.rows(
                    """
                    SELECT DISTINCT case_id FROM norm_consultation WHERE case_id > \(after ?? "")
                    ORDER BY case_id LIMIT \(limit)
                    """
                ) { try $0["case_id"] }
                return try tx.rows(
                    "SELECT * FROM norm_consultation WHERE case_id IN \(list: cases) ORDER BY case_id, round",
                    Consultation.init(row:))
            },
            place: \.caseID.text, entry: \.searchEntry)
        return [plans, consultations]
    }
}

extension Plan {
    /// How the plan is found by searching.
    func searchEntry(on day: Day) -> SearchEntry {
        SearchEntry(
            kind: .notice, subject: "plan.\(caseID)", address: "/plans/\(number)", title: Bilingual(name, name),
            text: summary, day: day)
    }
}

extension Consultation {
    /// How the consultation is found by searching.
    var searchEntry: SearchEntry {
        SearchEntry(
            kind: .notice, subject: "consultation.\(caseID).\(round)", address: "/consultations/\(number)",
            title: Bilingual("征求意见：\(title)", "Consultation: \(title)"), text: explanation, day: opensOn)
    }
}
