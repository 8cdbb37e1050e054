import Kernel
import Review
import Store

/// A kept conflict with names instead of identities.
struct ConflictLine: Sendable {
    let kept: KeptConflict
    /// Number of the application; empty for all of them.
    let number: String
    let expert: Bilingual?
    let subject: Bilingual?

    /// Four queries, whatever the length.
    static func lines(_ list: [KeptConflict], _ tx: Tx) throws -> [ConflictLine] {
        let items = try ApplicationStore.all(Array(Set(list.compactMap(\.finding.item))), tx)
        let experts = try ExpertStore.all(Array(Set(list.map(\.finding.expert))), tx)
        let names = try Registry.called(Array(Set(list.map(\.finding.subject))), tx)
        return list.map { kept in
            let finding = kept.finding
            return ConflictLine(
                kept: kept, number: finding.item.flatMap { items[$0]?.number } ?? "",
                expert: experts[finding.expert]?.introduced, subject: names[finding.subject])
        }
    }

    /// Where the next page begins.
    var place: [String] {
        let finding = kept.finding
        return [finding.item?.text ?? "", finding.expert.text, finding.kind.rawValue, finding.subject]
    }
}

/// The cases behind contests about a protected fact, as far as somebody of Integrity may see them anyway.
enum ContestedFacts {
    /// Five queries, whatever the length, and none without such a contest.
    static func cases(
        behind contests: [Contest], for actor: Actor, _ procedures: Procedures, _ tx: Tx
    ) throws -> [ID<Contest>: [CaseFile]] {
        guard Watch.mayRead(actor) else { return [:] }
        let sources = try ProtectedFacts.sources(behind: contests, tx)
        let ids = Set(sources.values.joined())
        guard !ids.isEmpty else { return [:] }
        let files = try tx.rows(
            "SELECT * FROM case_file WHERE id IN \(list: Array(ids)) ORDER BY number", CaseFile.init(stored:)
        ).filter { procedures.maySee(actor, $0) }
        return sources.mapValues { own in files.filter { own.contains($0.id) } }
    }
}

extension CallReview {
    /// Rules on a contest of a call's review: an officer of its division, or Integrity where it is about a protected
    /// fact.
    /// - Throws: ``AccessError/forbidden(_:)``; ``ReviewError``, as the rulings of ``ReviewActions``.
    func rule(_ id: ID<Contest>, of call: ID<Call>, lifts: Bool, ruling: String, by actor: Actor) async throws {
        if Watch.mayRead(actor), try await db.read({ tx in try Contest.isProtected(id, of: call.text, tx) }) {
            return try await review.ruleProtected(id, lifts: lifts, ruling: ruling, by: actor)
        }
        try await review.rule(
            id, in: try await round(call, by: actor).id, lifts: lifts, ruling: ruling, by: actor)
    }

    /// A relation between an expert and the investigator of an application, as somebody wrote it down.
    struct WrittenTie: Sendable {
        var login = ""
        /// Of ``TieKind``.
        var tie = ""
        /// Number of the application.
        var number = ""
        /// Days as `YYYY-MM-DD`; empty where they are not known.
        var from = ""
        var to = ""
        var source = ""
    }

    /// Keeps a relation that the bureau learned of.
    /// - Throws: ``ReviewError/incomplete(_:)`` with everything that is wrong.
    func record(_ written: WrittenTie, in round: Round, by actor: Actor) async throws {
        var problems: [FieldProblem] = []
        func miss(_ field: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "tie.\(field)", message: Bilingual(zh, en)))
        }
        let found = try await db.read { tx -> (Expert?, ItemFacts?) in
            let account = try AccountStore.find(login: written.login, tx)
            let application = try ApplicationStore.find(number: written.number, in: ID(round.subject), tx)
            return (
                try account.flatMap { try ExpertStore.find(account: $0.id, tx) },
                try application.flatMap { try RoundStore.item(round.id, $0.id, tx) }
            )
        }
        let kind = TieKind(rawValue: written.tie)
        if found.0 == nil { miss("login", "没有这位专家", "There is no such expert") }
        if found.1 == nil { miss("number", "本批次没有这项申请", "The round has no such application") }
        if kind == nil { miss("tie", "请选择关系", "Choose the relation") }
        for (name, text) in [("from", written.from), ("to", written.to)] where !text.isEmpty && Day(text) == nil {
            miss(name, "日期不对", "This is no date")
        }
        problems += Words.problems(written.source, "source", Bilingual("来源", "Source"), most: 300)
        guard problems.isEmpty, let expert = found.0, let item = found.1, let kind else {
            throw ReviewError.incomplete(problems)
        }
        let tie = Tie(
            kind, item.investigator.text, from: Day(written.from), to: Day(written.to), source: written.source)
        try await review.addTie(tie, to: expert.id, by: actor)
    }
}
