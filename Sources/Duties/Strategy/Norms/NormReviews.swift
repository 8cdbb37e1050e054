import Kernel
import Store

/// The reviews that a text goes through: fair competition, and the collective discussion.
enum NormReviews {
    // MARK: Fair competition

    /// Reads the review as it was filled in. The end of an exception is there or it is not; nobody states it.
    static func competitionFacts(_ answers: JSONValue) -> CompetitionFacts {
        func flag(_ name: String) -> Bool? {
            switch answers[name]?.string {
            case "yes": true
            case "no": false
            default: nil
            }
        }
        func isWritten(_ name: String) -> Bool {
            !(answers[name]?.string ?? "").allSatisfy(\.isWhitespace)
        }
        var facts = CompetitionFacts()
        facts.applies = flag("applies")
        facts.entry = flag("entry")
        facts.flow = flag("flow")
        facts.costs = flag("costs")
        facts.conduct = flag("conduct")
        facts.heard = flag("heard")
        facts.ground = CompetitionFacts.Ground(rawValue: answers["ground"]?.string ?? "none")
        facts.necessary = flag("necessary") ?? false
        facts.limited = isWritten("ends-on") || isWritten("end-condition")
        return facts
    }

    static func competitionProblems(_ context: ActionContext) throws -> [FieldProblem] {
        let facts = competitionFacts(context.answers)
        let rule = try CompetitionRule(NormHooks.law(context))
        let (outcome, missing, _) = rule.explain(facts)
        let basis = rule.grounds.reference.source.document
        if outcome.verdict == .unknown {
            return missing.map {
                NormHooks.problem(
                    "competition.missing", "公平竞争审查：此项必填", "Fair-competition review: this is needed", field: $0,
                    basis: basis)
            }
        }
        func told(_ field: String, _ zh: String, _ en: String, _ article: String) -> FieldProblem {
            NormHooks.problem(
                "competition.refused", zh, en, field: field, basis: Bilingual("\(basis.zh) \(article)", basis.en))
        }
        var found: [FieldProblem] = []
        if facts.applies == true, facts.heard != true {
            found.append(told("heard", "须听取利害关系人意见", "Stakeholders must be heard", "第十六条"))
        }
        guard !outcome.found.isEmpty else { return found }
        if facts.ground == nil || facts.ground == CompetitionFacts.Ground.none {
            found.append(
                told("ground", "含有四类禁止内容且不适用例外的，不得出台", "Banned content without an exception may not be issued", "第十二条"))
            return found
        }
        if facts.necessary != true {
            found.append(
                told(
                    "necessary", "例外须没有对公平竞争影响更小的替代方案", "An exception needs that no less restrictive way exists", "第十二条"
                ))
        }
        if facts.limited != true {
            found.append(
                told("ends-on", "例外须写明实施期限或者终止条件", "An exception needs its time limit or end condition", "第十二条"))
        }
        if (context.answers["ground-reason"]?.string ?? "").isEmpty {
            found.append(told("ground-reason", "请写明适用例外的理由", "Give the reasons of the exception", "第十八条"))
        }
        return found
    }

    static func keepCompetition(_ context: ActionContext, _ tx: Tx) throws {
        let facts = competitionFacts(context.answers)
        let rule = try CompetitionRule(NormHooks.law(context))
        let ruling = rule.ruling(facts, on: context.day)
        try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
        let verdict = rule.decide(facts).verdict
        try CaseValues.set(context.file.id, "competition", .string(verdict.rawValue), tx)
        let ends = verdict == .exception ? context.answers["ends-on"]?.string : nil
        try CaseValues.set(context.file.id, "exception-until", ends.map { .string($0) } ?? .null, tx)
    }

    // MARK: Discussion

    private static func facts(_ context: ActionContext, _ tx: Tx) throws -> DiscussionFacts {
        let norm = try NormStore.require(context.file.id, tx)
        let opinions = try OpinionStore.list(of: norm.caseID, session: norm.session, tx)
        let decision = DiscussionFacts.Decision(rawValue: context.argument ?? "") ?? .postpone
        let isReasoned = !(context.answers["reason"]?.string ?? "").allSatisfy(\.isWhitespace)
        return opinions.facts(deciding: decision, reasoned: isReasoned)
    }

    static func discussionProblems(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let rule = try DiscussionRule(NormHooks.law(context))
        let outcome = rule.decide(try facts(context, tx))
        guard outcome.verdict != .valid else { return [] }
        let basis = Bilingual("\(rule.source.source.document.zh) 第三十条", rule.source.source.document.en)
        return [
            NormHooks.problem(
                "discussion.\(outcome.verdict.rawValue)", outcome.words.zh, outcome.words.en,
                field: outcome.verdict == .unreasoned ? "reason" : "", basis: basis)
        ]
    }

    static func keepDiscussion(_ context: ActionContext, _ tx: Tx) throws {
        let rule = try DiscussionRule(NormHooks.law(context))
        try RulingStore.keep(
            rule.ruling(try facts(context, tx), on: context.day), of: context.file.id, by: context.actor,
            at: context.now, tx)
    }
}
