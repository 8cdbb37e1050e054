import Judgement
import Kernel
import Store

/// What the watch knows of rounds that are over: who judged whom, and how.
struct WatchFacts: Sendable {
    /// One sheet, with how far it lies above what others gave the same item when both experts' habits are taken off.
    struct Sheet: Hashable, Sendable {
        let round: ID<Round>
        let id: ID<Assignment>
        let item: ID<CaseFile>
        let expert: ID<Expert>
        /// In points; nil where nobody else judged the item.
        var favour: Double?
        let comment: String
    }

    struct Person: Hashable, Sendable {
        let expert: ID<Expert>
        let person: ID<PersonMark>?
        let organisation: ID<OrganisationMark>
        let name: String
    }

    /// One expert's habit in one round, in thousandths of a point.
    struct Habit: Hashable, Sendable {
        let round: ID<Round>
        let habit: ExpertHabit
    }

    /// A text of somebody outside that came in after the sheets.
    struct Outside: Hashable, Sendable {
        let id: String
        let text: String
    }

    var sheets: [Sheet] = []
    var experts: [ID<Expert>: Person] = [:]
    /// Who takes part in an item.
    var people: [ID<CaseFile>: Set<ID<PersonMark>>] = [:]
    var organisations: [ID<CaseFile>: Set<ID<OrganisationMark>>] = [:]
    var habits: [Habit] = []
    /// Standard deviation of chance over all rounds, in points.
    var sigma = 0.0
    var outside: [Outside] = []
    /// Who gave items up after having accepted them, by expert.
    var left: [ID<Expert>: [ID<Assignment>]] = [:]

    /// Adds a round with its sheets: favours and habits follow from its scores.
    mutating func add(_ round: ID<Round>, _ scores: [(sheet: Sheet, total: Int)]) {
        guard !scores.isEmpty else { return }
        let result = RoundScores(
            scores.map { SheetScore(item: $0.sheet.item, expert: $0.sheet.expert, total: $0.total) }, line: nil)
        habits += result.experts.map { Habit(round: round, habit: $0) }
        let bias = Dictionary(
            result.experts.map { ($0.expert, Double($0.bias) / 1_000) }, uniquingKeysWith: { first, _ in first })
        let free = scores.map { Double($0.total) / 1_000 - (bias[$0.sheet.expert] ?? 0) }
        var sums: [ID<CaseFile>: (sum: Double, count: Double)] = [:]
        for (one, value) in zip(scores, free) {
            let before = sums[one.sheet.item] ?? (0, 0)
            sums[one.sheet.item] = (before.sum + value, before.count + 1)
        }
        var squares = 0.0
        var count = 0.0
        for (one, value) in zip(scores, free) {
            var sheet = one.sheet
            if let all = sums[sheet.item], all.count > 1 {
                let favour = value - (all.sum - value) / (all.count - 1)
                sheet.favour = favour
                squares += favour * favour
                count += 1
            }
            sheets.append(sheet)
        }
        // Rounds are weighed by their sheets.
        let known = Double(sheets.count) - count
        let variance = (sigma * sigma * max(0, known) + squares) / max(1, known + count)
        sigma = variance.squareRoot()
    }
}

extension WatchFacts {
    /// Reads the rounds that closed since a moment: a constant number of queries for each.
    static func load(since: Instant, _ tx: Tx) throws -> WatchFacts {
        var facts = WatchFacts()
        let rounds = try tx.rows(
            "SELECT * FROM review_round WHERE state = 'closed' AND closed_at >= \(since) ORDER BY id", Round.init(row:))
        for round in rounds {
            let scores = try tx.rows(
                """
                SELECT id, item, expert, total, answers FROM review_assignment
                WHERE round = \(round.id) AND state = 'submitted' ORDER BY item, id
                """
            ) { row -> (sheet: Sheet, total: Int) in
                let answers: JSONValue = try row["answers"]
                let sheet = Sheet(
                    round: round.id, id: try row["id"], item: try row["item"], expert: try row["expert"], favour: nil,
                    comment: round.sheet.comments(in: answers))
                return (sheet, try row["total"])
            }
            facts.add(round.id, scores)
            for item in try RoundStore.items(round.id, tx) {
                facts.people[item.item] = item.people.union([item.investigator])
                facts.organisations[item.item] = item.organisations.union([item.organisation])
            }
            try facts.addLeavers(round.id, tx)
        }
        let all = Array(Set(facts.sheets.map(\.expert)).union(facts.left.keys))
        for part in all.blocks() {
            for expert in try ExpertStore.all(part, tx).values {
                facts.experts[expert.id] = Person(
                    expert: expert.id, person: expert.person, organisation: expert.organisation, name: expert.name)
            }
        }
        facts.outside = try tx.rows(
            "SELECT case_id, statement FROM objection WHERE filed_at >= \(since) ORDER BY case_id"
        ) { Outside(id: try $0["case_id"], text: try $0["statement"]) }
        return facts
    }

    /// Who accepted and then gave up, from the record.
    private mutating func addLeavers(_ round: ID<Round>, _ tx: Tx) throws {
        let marks = try tx.rows(
            """
            SELECT kind, content FROM event WHERE subject_kind = 'round' AND subject = \(round)
                AND kind IN ('review.accepted', 'review.declined', 'review.recused') ORDER BY id
            """
        ) { (kind: try $0["kind"] as String, content: try $0["content"] as JSONValue) }
        var accepted: Set<String> = []
        var gone: [ID<Assignment>] = []
        for mark in marks {
            guard let id = mark.content["assignment"]?.string else { continue }
            if mark.kind == "review.accepted" {
                accepted.insert(id)
            } else if accepted.contains(id) {
                gone.append(ID(id))
            }
        }
        for one in try RoundStore.assignments(ids: gone, tx).values { left[one.expert, default: []].append(one.id) }
    }
}
