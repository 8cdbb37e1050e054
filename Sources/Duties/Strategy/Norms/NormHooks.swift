import Kernel
import Store

/// What the steps of drafting check and do.
enum NormHooks {
    static func register(in hooks: inout ProcedureHooks, _ city: Jurisdiction) {
        NormTexts.register(in: &hooks)
        NormComments.register(in: &hooks)
        hooks.guards["strategy.consultation"] = { context, tx in try opening(context, tx) }
        hooks.guards["strategy.consultation-over"] = { context, tx in try over(context, tx) }
        hooks.guards["strategy.revised"] = { context, tx in try revised(context, tx) }
        hooks.guards["strategy.competition"] = { context, _ in
            try NormReviews.competitionProblems(context)
        }
        hooks.guards["strategy.discussion"] = { context, tx in try NormReviews.discussionProblems(context, tx) }
        hooks.guards["strategy.validity"] = { context, tx in try NormIssue.problems(context, city, tx) }
        hooks.effects["strategy.planned"] = { context, tx in
            try NormStore.put(context.file, CaseStore.answers(context.file.id, tx).content, tx)
        }
        hooks.effects["strategy.consult"] = { context, tx in try consult(context, tx) }
        hooks.effects["strategy.competition"] = { context, tx in
            try NormReviews.keepCompetition(context, tx)
        }
        hooks.effects["strategy.meeting"] = { context, tx in
            let norm = try NormStore.require(context.file.id, tx)
            try NormStore.setSession(norm.session + 1, of: norm.caseID, tx)
        }
        hooks.effects["strategy.discussion"] = { context, tx in try NormReviews.keepDiscussion(context, tx) }
        hooks.effects["strategy.issue"] = { context, tx in try NormIssue.issue(context, city, tx) }
        hooks.guards["strategy.renewal"] = { context, tx in try NormRenewal.problems(context, city, tx) }
        hooks.effects["strategy.renew"] = { context, tx in try NormRenewal.renew(context, city, tx) }
    }

    static func problem(
        _ code: String, _ zh: String, _ en: String, field: String = "", basis: Bilingual? = nil
    ) -> FieldProblem {
        FieldProblem(field: field, code: code, message: Bilingual(zh, en), basis: basis)
    }

    static func law(_ context: ActionContext) -> Law { context.procedures.rules.law(on: context.day) }

    // MARK: Consultation

    private static func facts(_ context: ActionContext, _ norm: Norm) -> ConsultationFacts {
        var facts = ConsultationFacts()
        facts.kind = norm.kind
        facts.major = norm.isMajor
        facts.days = context.answers["days"]?.integer.flatMap { Int(exactly: $0) }
        facts.reasoned = !(context.answers["short-reason"]?.string ?? "").allSatisfy(\.isWhitespace)
        return facts
    }

    /// Whether the window may be opened as proposed.
    private static func opening(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let norm = try NormStore.require(context.file.id, tx)
        let facts = facts(context, norm)
        // A missing number is named by the field itself.
        guard facts.days != nil else { return [] }
        let rule = try ConsultationRule(law(context))
        let outcome = rule.decide(facts)
        var found: [FieldProblem] = []
        if outcome.verdict == .tooShort {
            let least = rule.least(norm.kind, major: norm.isMajor)
            let reasons =
                norm.kind.isRule
                ? Bilingual("", "") : Bilingual("；确需缩短的，须说明理由", ", unless reasons for a shorter time are stated")
            found.append(
                problem(
                    "consultation.short", "公开征求意见期限不少于 \(least.value) 日\(reasons.zh)",
                    "The consultation takes at least \(least.value) days\(reasons.en)", field: "days",
                    basis: least.reference.source.cited))
        }
        if let text = context.answers["hearing-on"]?.string, let hearing = Day(text) {
            let notice = try law(context).number("strategy.hearing.notice.days")
            if hearing.number - context.day.number < Int(notice.value) {
                found.append(
                    problem(
                        "consultation.hearing", "听证会须提前 \(notice.value) 日公告",
                        "A hearing is announced \(counted(notice.value, "day")) before", field: "hearing-on",
                        basis: notice.reference.source.cited))
            }
            if (context.answers["hearing-place"]?.string ?? "").isEmpty {
                found.append(
                    problem(
                        "consultation.hearing-place", "请填写听证会地点", "Say where the hearing is", field: "hearing-place"))
            }
        }
        return found
    }

    private static func consult(_ context: ActionContext, _ tx: Tx) throws {
        let norm = try NormStore.require(context.file.id, tx)
        guard let latest = try NormStore.latest(of: norm.caseID, tx) else { throw ProcedureError.unknownCase }
        let facts = facts(context, norm)
        let rule = try ConsultationRule(law(context))
        try RulingStore.keep(
            rule.ruling(facts, on: context.day), of: norm.caseID, by: context.actor, at: context.now, tx)
        let closes = try Period.calendarDays(facts.days ?? 0).end(after: context.day, context.procedures.calendar)
        let source = rule.least(norm.kind, major: norm.isMajor).reference.source
        func text(_ name: String) -> String { context.answers[name]?.string ?? "" }
        let item = Consultation(
            of: norm, round: norm.round + 1, version: latest.version, explanation: text("explanation"),
            opensOn: context.day, closesOn: closes, basis: source.cited, shortReason: text("short-reason"),
            hearingOn: Day(text("hearing-on")), hearingPlace: text("hearing-place"))
        try ConsultationStore.insert(item, tx)
        try NormStore.setRound(item.round, of: norm.caseID, tx)
        try CaseValues.set(norm.caseID, "consultation-closes", .string(closes.description), tx)
        try Record.append(
            Event(
                room: "strategy", kind: "consultation.opened", subjectKind: "case", subject: norm.caseID.text,
                caseID: norm.caseID, actor: context.actor, at: context.now,
                content: [
                    "number": .string(norm.number), "version": .integer(Int64(latest.version)),
                    "hash": .string(latest.hash), "closes": .string(closes.description),
                ], isPublic: true), tx)
        try Search.index(item.searchEntry, tx)
    }

    /// Whether the window is over and every comment answered.
    private static func over(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let norm = try NormStore.require(context.file.id, tx)
        guard let item = try ConsultationStore.find(norm.caseID, round: norm.round, tx) else {
            return [problem("consultation.none", "还没有公开征求意见", "There was no public consultation")]
        }
        var found: [FieldProblem] = []
        if context.day <= item.closesOn {
            found.append(
                problem(
                    "consultation.open", "征求意见至 \(item.closesOn.text(.chinese)) 24:00，期满方可办理",
                    "The consultation runs until \(item.closesOn.text(.english)), 24:00", basis: item.basis))
        }
        if let hearing = item.hearingOn, context.day <= hearing {
            found.append(
                problem(
                    "consultation.hearing-ahead", "听证会定于 \(hearing.text(.chinese)) 举行",
                    "The hearing is on \(hearing.text(.english))"))
        }
        let open = try ConsultationStore.counts(of: norm.caseID, round: norm.round, tx).open
        if open > 0 {
            found.append(
                problem(
                    "consultation.unanswered", "还有 \(open) 条意见没有答复",
                    "\(counted(open, "comment is", "comments are")) not answered yet"))
        }
        return found
    }

    /// Whether the text took over what was promised, and what a major decision needs is there.
    private static func revised(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let norm = try NormStore.require(context.file.id, tx)
        let item = try ConsultationStore.find(norm.caseID, round: norm.round, tx)
        let latest = try NormStore.latest(of: norm.caseID, tx)?.version ?? 0
        let answered = try ConsultationStore.counts(of: norm.caseID, round: norm.round, tx).answered
        let taken = (answered[.taken] ?? 0) + (answered[.partly] ?? 0)
        var found: [FieldProblem] = []
        if taken > 0, latest <= item?.version ?? 0 {
            found.append(
                problem(
                    "norm.not-revised", "有 \(taken) 条意见已采纳或部分采纳，请先保存修改后的文本",
                    "\(counted(taken, "comment was", "comments were")) taken; save the changed text first"))
        }
        if context.answers["substantive"]?.string == "yes" {
            found.append(
                problem(
                    "norm.substantive", "有实质性修改的，须再次公开征求意见", "A change of substance goes to the public again",
                    field: "substantive"))
        }
        guard norm.isMajor else { return found }
        for (name, zh, en) in [
            ("expert-opinion", "专家论证意见", "Opinion of experts"), ("risk-note", "风险评估结论", "Conclusion on risks"),
        ] where (context.answers[name]?.string ?? "").isEmpty {
            found.append(
                problem(
                    "norm.major", "重大行政决策须填写「\(zh)」", "\(en): a major decision needs it", field: name,
                    basis: try law(context).number("strategy.legality.days").reference.source.document))
        }
        return found
    }
}
