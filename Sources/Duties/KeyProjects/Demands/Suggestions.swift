import Kernel
import Store

/// Which known demands a new one is like.
enum Suggestions {
    /// From here on a likeness is worth a look, in thousandths.
    static let worthALook = 300

    struct Match: Hashable, Sendable {
        let number: String
        let title: String
        let thousandths: Int
    }

    /// Demands on the register that are worked on, with what tells them apart; one query.
    static func known(_ tx: Tx) throws -> [(number: String, title: String, likeness: Likeness)] {
        try RegisterStore.list(DemandTrail.register, limit: 1_000, tx).filter { $0.state != "closed" }.map {
            ($0.number, $0.name, Likeness("\($0.name) \($0.content["problem"]?.string ?? "")"))
        }
    }

    /// The likest known demands, the likest first.
    static func matches(
        _ answers: JSONValue, _ known: [(number: String, title: String, likeness: Likeness)], most: Int = 3
    ) -> [Match] {
        let own = Likeness("\(answers["title"]?.string ?? "") \(answers["problem"]?.string ?? "")")
        let found = known.map { Match(number: $0.number, title: $0.title, thousandths: $0.likeness.thousandths(own)) }
        return Array(
            found.filter { $0.thousandths >= worthALook }
                .sorted { ($1.thousandths, $0.number) < ($0.thousandths, $1.number) }.prefix(most))
    }

    /// Cases that wait for the analysis, with their answers; one query.
    static func waiting(limit: Int, _ tx: Tx) throws -> [(file: CaseFile, answers: JSONValue)] {
        try tx.rows(
            """
            SELECT c.*, a.content FROM case_file c LEFT JOIN case_answers a ON a.case_id = c.id
            WHERE c.procedure = 'key.demand' AND c.step = 'analysis' ORDER BY c.due_key, c.id LIMIT \(limit)
            """
        ) { (try CaseFile(stored: $0), try ($0["content"] as JSONValue?) ?? [:]) }
    }
}

/// The register of demands counted by field, for the analysis of demand in key fields.
struct DemandCount: Hashable, Sendable {
    let field: String
    var count = 0
    var amount = Money.zero
    var urgent = 0
    /// Sum of the levels of readiness between what is and what is wanted.
    var gap = 0
    var solved = 0
    var byUrgency: [String: Int] = [:]

    /// Counts all demands that are not closed; one query of a register that holds some thousands at most.
    static func all(_ tx: Tx) throws -> [DemandCount] {
        var counts: [String: DemandCount] = [:]
        for entry in try RegisterStore.list(DemandTrail.register, limit: 5_000, tx) where entry.state != "closed" {
            let field = entry.content["field"]?.string ?? ""
            var count = counts[field] ?? DemandCount(field: field)
            count.count += 1
            count.amount = count.amount + Money(fen: entry.content["amount"]?.integer ?? 0)
            let urgency = entry.content["urgency"]?.string ?? ""
            count.byUrgency[urgency, default: 0] += 1
            if urgency == "now" { count.urgent += 1 }
            let now = entry.content["trl-now"]?.string.flatMap(Int.init) ?? 0
            let goal = entry.content["trl-goal"]?.string.flatMap(Int.init) ?? 0
            count.gap += max(0, goal - now)
            if entry.state == "solved" { count.solved += 1 }
            counts[field] = count
        }
        return counts.values.sorted { ($1.count, $0.field) < ($0.count, $1.field) }
    }
}
