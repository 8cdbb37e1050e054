import Kernel
import Review
import Store

/// The team of an investigation: at least so many people, each free of conflict with the subject.
struct Team: Sendable {
    let logins: [String]
    let declared: [Bool]

    init(_ members: JSONValue?) {
        let rows = members?.array ?? []
        logins = rows.map { $0["login"]?.string ?? "" }
        declared = rows.map { $0["conflict"]?.string == "none" }
    }

    /// Everything wrong with the team on a day.
    func problems(for file: CaseFile, least: Int, lookbackYears: Int, on day: Day, _ tx: Tx) throws -> [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ zh: String, _ en: String) {
            found.append(Outsiders.problem("members", Bilingual(zh, en)))
        }
        if Set(logins).count < least {
            add("调查组至少 \(least) 人", "The team needs at least \(least) different people")
        }
        for (login, isDeclared) in zip(logins, declared) {
            guard let card = try AccountStore.find(login: login, tx), card.state == .active else {
                add("没有账号 \(login)", "There is no account \(login)")
                continue
            }
            if !isDeclared { add("\(card.name) 未声明无利害关系", "\(card.name) has not declared to be free of conflict") }
            let actor = try AccountStore.actor(card, tx)
            if !(try Outsiders.problems(actor, on: file, tx)).isEmpty {
                add("\(card.name) 是举报人、当事人或其成员，须回避", "\(card.name) reported it or belongs to the subject")
                continue
            }
            let conflicts = try Team.conflicts(card, file, lookbackYears, day, tx)
            if !conflicts.isEmpty {
                let why = conflicts.map(\.text)
                add(
                    "\(card.name) 须回避：\(why.map(\.zh).joined(separator: "、"))",
                    "\(card.name) must stand aside: \(why.map(\.en).joined(separator: ", "))")
            }
        }
        return found
    }

    /// The conflicts of a member who is in the expert pool, as in a review.
    private static func conflicts(
        _ card: AccountCard, _ file: CaseFile, _ years: Int, _ day: Day, _ tx: Tx
    ) throws -> [Conflict] {
        guard let expert = try ExpertStore.find(account: card.id, tx),
            let subject = try Subject.of(CaseValues.all(of: file.id, tx), tx)
        else { return [] }
        let places = [expert.organisation, subject.organisation].compactMap(\.self)
        let above = try Registry.ancestors(of: places, on: day, tx)
        let facts = ExpertFacts(
            expert: expert.id, person: expert.person, employers: [expert.organisation],
            employments: try ExpertStore.employments(of: [expert.id], tx)[expert.id],
            parents: above[expert.organisation],
            declared: try ExpertStore.relations(of: [expert.id], tx)[expert.id] ?? [])
        let item = ItemFacts(
            item: file.id, title: file.title, field: "", investigator: subject.person ?? ID("-"),
            organisation: subject.organisation ?? ID("-"), people: [], organisations: [],
            parents: subject.organisation.flatMap { above[$0] })
        return Conflicts.between(expert: facts, item: item, on: day, lookbackYears: years)
    }
}
