import Kernel
import Review
import Store

/// What the funding line of a call is drawn from: the ranking of the applications that wait for a decision, the money
/// left, and the groups that may have to be kept in balance. A constant number of queries.
struct LineReading: Sendable {
    let call: Call
    let left: Money
    /// Of those that wait for a decision, by rank.
    let ranked: [RankedItem]
    let applications: [ApplicationID: Application]
    let groups: [LineGroup]
    /// What meetings of panels voted, where they did.
    let verdicts: [ApplicationID: PanelVerdict]

    /// - Throws: ``ReviewError/notDrawn`` where `isStrict` and the review is not closed; the page shows an empty line.
    static func read(_ id: ID<Call>, _ city: Jurisdiction, isStrict: Bool, _ tx: Tx) throws -> LineReading {
        let call = try CallStore.require(id, tx)
        let left = try FundingBooks.left(of: call, tx)
        guard let round = try RoundStore.find(subject: id.text, tx), round.state == .closed else {
            guard !isStrict else { throw ReviewError.notDrawn }
            return LineReading(call: call, left: left, ranked: [], applications: [:], groups: [], verdicts: [:])
        }
        let ranking = try RoundStore.ranking(round, disagreement: call.content.disagreementThousandths, tx)
        let all = try ApplicationStore.all(ranking.ranked.map(\.item), tx)
        let waiting = ranking.ranked.filter { all[$0.item]?.step == "decision" }
        let applications = all.filter { $0.value.step == "decision" }
        return LineReading(
            call: call, left: left, ranked: waiting, applications: applications,
            groups: try groups(call, Array(applications.values), city, tx),
            verdicts: try PanelVerdict.all(waiting.map(\.item), tx))
    }

    /// By discipline, kind of organisation, district of its address, and what the call's form asks as yes or no or as a
    /// choice, e.g. whether the investigator is young.
    private static func groups(
        _ call: Call, _ applications: [Application], _ city: Jurisdiction, _ tx: Tx
    ) throws -> [LineGroup] {
        var found: [String: (title: Bilingual, members: Set<ApplicationID>)] = [:]
        func add(_ key: String, _ title: Bilingual, _ id: ApplicationID) {
            found[key, default: (title, [])].members.insert(id)
        }
        let places = try Registry.organisations(Array(Set(applications.map(\.organisation))), tx)
        for item in applications {
            let field = String(item.field.prefix(3))
            add("field:\(field)", Disciplines.name(field), item.id)
            guard let place = places[item.organisation] else { continue }
            add("kind:\(place.kind.rawValue)", place.kind.title, item.id)
            for district in city.districts where place.address.contains(district.name.zh) {
                add("district:\(district.code)", district.name, item.id)
            }
        }
        let fields = call.content.form.sections.flatMap(\.fields).filter { [.yesNo, .choice].contains($0.kind) }
        guard !fields.isEmpty else { return sorted(found) }
        for (id, answers) in try answers(applications.map(\.id), tx) {
            for field in fields {
                if field.kind == .yesNo, answers[field.name] == .bool(true) {
                    add("form:\(field.name)", field.label, id)
                } else if let value = answers[field.name]?.string,
                    let option = field.options?.first(where: { $0.value == value })
                {
                    add(
                        "form:\(field.name)=\(value)",
                        Bilingual("\(field.label.zh)：\(option.label.zh)", "\(field.label.en): \(option.label.en)"), id)
                }
            }
        }
        return sorted(found)
    }

    private static func sorted(
        _ found: [String: (title: Bilingual, members: Set<ApplicationID>)]
    ) -> [LineGroup] {
        found.map { LineGroup(key: $0.key, title: $0.value.title, members: $0.value.members) }
            .sorted { $0.key < $1.key }
    }

    private static func answers(_ ids: [ApplicationID], _ tx: Tx) throws -> [ApplicationID: JSONValue] {
        var found: [ApplicationID: JSONValue] = [:]
        for block in stride(from: 0, to: ids.count, by: 500) {
            let part = Array(ids[block..<min(block + 500, ids.count)])
            try tx.forEach("SELECT case_id, content FROM case_answers WHERE case_id IN \(list: part)") { row in
                found[try row["case_id"]] = try row["content"]
            }
        }
        return found
    }

    /// What each application would get.
    func amounts(share: Int) -> [ApplicationID: Money] {
        applications.mapValues { DecisionDesk.amount($0.requested, share: share) }
    }
}
