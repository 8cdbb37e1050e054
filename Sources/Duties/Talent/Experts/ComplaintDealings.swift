import Kernel
import Store

/// Keeps that a foreign expert complained of an employer: whoever did does not judge it, and nobody who judges learns
/// why.
enum ComplaintDealings {
    static func keep(
        _ complaint: ID<CaseFile>, of expert: ForeignExpert, about employer: ID<OrganisationMark>, on day: Day, _ tx: Tx
    ) throws {
        try Dealings.set(
            [Dealing(.protected, expert.person.text, employer.text, from: day, to: day)], of: complaint.text, tx)
    }

    /// Keeps what was complained of before dealings were kept; once.
    static func carryOver(_ house: House) async throws {
        let topics = ExpertTopic.ofEmployers.sorted()
        try await Dealings.carryOver("talent.dealings", in: house.db) { after, tx in
            let cases = try tx.rows(
                """
                SELECT * FROM expert_case WHERE kind = 'complaint' AND topic IN \(list: topics) AND case_id > \(after)
                ORDER BY case_id LIMIT 100
                """, ExpertCase.init(row:))
            for one in cases where try !Dealings.isKnown(one.caseID.text, tx) {
                guard let expert = try one.expert.flatMap({ try ForeignExpertStore.find($0, tx) }),
                    let employer = try employerThen(of: expert, on: one.filedOn, tx)
                else { continue }
                try keep(one.caseID, of: expert, about: employer, on: one.filedOn, tx)
            }
            return cases.last?.caseID.text
        }
    }

    /// The employer on a day, as far as it is known: today's, where the registry had the same name then, or whoever
    /// held the expert's work permit.
    private static func employerThen(
        of expert: ForeignExpert, on day: Day, _ tx: Tx
    ) throws -> ID<OrganisationMark>? {
        let name = try Registry.fact("talent.employer", of: expert.person.text, on: day, tx)?.value
        if name == JSONValue.string(expert.employer) { return expert.organisation }
        guard let foreigner = expert.foreigner else { return nil }
        return try tx.value(
            """
            SELECT organisation FROM permit WHERE foreigner = \(foreigner) AND starts_on <= \(day)
                AND ends_on >= \(day) ORDER BY starts_on DESC, id DESC LIMIT 1
            """)
    }
}
