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
    /// - Parameter isNew: whether it is appointed now. Experts of the pool who are away get no new work, and go on with
    ///   what is in hand; of whoever left the pool nothing is asked but to be free of conflict, as of every member.
    func problems(
        for file: CaseFile, least: Int, _ windows: ConflictWindows, isNew: Bool, on day: Day, _ tx: Tx
    ) throws -> [FieldProblem] {
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
            guard let expert = try ExpertStore.find(account: card.id, tx) else { continue }
            if isNew, expert.holds(on: day), let why = expert.obstacle(on: day) {
                add("\(card.name)：\(why.zh)，不能新安排工作", "\(card.name) \(why.en), and gets no new work")
            }
            let conflicts = try Team.conflicts(expert, file, windows, day, tx)
            if !conflicts.isEmpty {
                let why = conflicts.map(\.text)
                add(
                    "\(card.name) 须回避：\(why.map(\.zh).joined(separator: "、"))",
                    "\(card.name) must stand aside: \(why.map(\.en).joined(separator: ", "))")
            }
        }
        return found
    }

    /// The conflicts of a member who is or was in the expert pool, as in a review: with ties, other identities and what
    /// the city's own records say.
    private static func conflicts(
        _ expert: Expert, _ file: CaseFile, _ windows: ConflictWindows, _ day: Day, _ tx: Tx
    ) throws -> [Conflict] {
        guard let subject = try Subject.of(CaseValues.all(of: file.id, tx), tx) else { return [] }
        let item = ItemFacts(
            item: file.id, title: file.title, field: "", investigator: subject.person ?? ID("-"),
            organisation: subject.organisation ?? ID("-"), people: [], organisations: [])
        return try PanelConflicts.between(expert.id, item, on: day, windows, tx)
    }
}
