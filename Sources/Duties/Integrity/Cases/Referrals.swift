import Kernel
import Store

/// What auditors pass on of the books: each becomes a case of the division, which decides whether to investigate.
enum Referrals {
    static let kind = "flag.passed-on"

    /// Opens the case, once: whoever follows events passes each by once.
    static func open(from event: StoredEvent, _ house: House, _ tx: Tx) throws {
        let content = event.content
        guard let project = content["case"]?.string, let file = try CaseStore.find(ID(project), tx),
            let place = try file.organisation.flatMap({ try Registry.organisation($0, tx) })
        else { return }
        let facts = """
            审计移送 Passed on by the auditor
            \(content["title"]?.string ?? "") (\(content["flag"]?.string ?? ""))
            项目 Project: \(file.number)
            事项 Subject: \(content["subject"]?.string ?? "")
            意见 Opinion: \(content["reason"]?.string ?? "")
            """
        let answers: [String: JSONValue] = [
            "source": "audit", "subject-kind": "organisation", "subject-name": .string(place.name.zh),
            "subject-uscc": .string(place.uscc), "role": "host", "facts": .string(facts),
        ]
        let now = house.clock.now()
        try CaseHooks.openCase(answers, parent: nil, house.procedures, at: now, on: house.city.zone.day(of: now), tx)
    }
}
