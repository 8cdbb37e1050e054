import Kernel
import Store

/// Guards, effects and letters of the permit procedures.
struct PermitHooks: Sendable {
    let city: Jurisdiction
    let vault: Vault

    private var grants: PermitGrants { PermitGrants(city: city, vault: vault) }

    func register(in hooks: inout ProcedureHooks) {
        registerGuards(in: &hooks)
        hooks.effects["talent.step"] = { context, tx in try move(context, tx) { _ in } }
        hooks.effects["talent.submitted"] = { context, tx in try submitted(context, tx) }
        hooks.effects["talent.resubmitted"] = { context, tx in try submitted(context, tx) }
        hooks.effects["talent.accepted"] = { context, tx in try move(context, tx) { $0.acceptedOn = context.day } }
        hooks.effects["talent.deemed-accepted"] = { context, tx in
            let received = try CaseStore.lastTime(of: ["submit", "resubmit"], on: context.file.id, tx)
            try move(context, tx) {
                $0.acceptedOn = received.map(city.zone.day(of:)) ?? $0.filedOn
                $0.isDeemedAccepted = true
            }
        }
        hooks.effects["talent.granted"] = { context, tx in
            let answers = try Drafts.answers(context.file.id, vault: vault, tx).content
            let granted = try grants.grant(try FilingStore.require(context.file.id, tx), answers, context, tx)
            try FilingStore.save(granted, tx)
            try move(context, tx) { $0.decidedOn = context.day }
        }
        hooks.effects["talent.deemed-extended"] = { context, tx in
            let filing = try FilingStore.require(context.file.id, tx)
            let answers = try Drafts.answers(context.file.id, vault: vault, tx).content
            try grants.extend(filing, answers, as: .deemed, context, tx)
            try move(context, tx) { $0.decidedOn = context.day }
        }
        hooks.effects["talent.refused"] = { context, tx in
            try move(context, tx) {
                $0.decidedOn = context.day
                $0.outcome = "refused"
            }
        }
        hooks.effects["talent.reopened"] = { context, tx in
            try move(context, tx) {
                $0.decidedOn = nil
                $0.outcome = nil
            }
        }
        registerAppeals(in: &hooks)
        let letters = PermitLetters(city: city, vault: vault)
        for kind in FilingKind.allCases { hooks.letterValues[kind.rawValue] = letters.values }
        // A registration lasts until its organisation registers anew; what is reconsidered is not over.
        hooks.contactEnds[FilingKind.employer.rawValue] = """
            CASE c.step WHEN 'under-appeal' THEN NULL WHEN 'granted' THEN (
                SELECT MIN(n.step_since) FROM case_file n
                WHERE n.procedure = c.procedure AND n.organisation = c.organisation AND n.step = 'granted'
                    AND (n.step_since, n.id) > (c.step_since, c.id))
            ELSE c.step_since END
            """
    }

    private func registerGuards(in hooks: inout ProcedureHooks) {
        hooks.guards["talent.complete"] = { context, tx in try check(context, tx).blocking }
        hooks.guards["talent.no-open-finding"] = { context, tx in
            try FindingStore.openCount(of: context.file.id, tx) == 0 ? [] : [FindingError.open.problem]
        }
        hooks.guards["talent.has-open-finding"] = { context, tx in
            try FindingStore.openCount(of: context.file.id, tx) > 0 ? [] : [FindingError.nothing.problem]
        }
        // Acceptance is about the papers; whether the conditions are met is decided afterwards.
        hooks.guards["talent.no-open-defect"] = { context, tx in
            let open = try FindingStore.list(of: context.file.id, tx).filter { $0.state == .open }
            return open.contains { Defect.isFormal($0.draft.code) } ? [FindingError.open.problem] : []
        }
        hooks.guards["talent.one-list"] = { context, tx in
            guard let sent = try CaseStore.lastTime(of: ["ask-correction"], on: context.file.id, tx) else { return [] }
            let open = try FindingStore.list(of: context.file.id, tx).filter { $0.state == .open }
            return open.contains { $0.madeAt <= sent || $0.isAutomatic } ? [] : [Defect.secondList]
        }
        hooks.guards["talent.grantable"] = { context, tx in try grantable(context, tx) }
        hooks.guards["talent.not-prolonged"] = { context, tx in
            let since = try CaseStore.lastTime(of: ["accept", "deem-accept", "reopen"], on: context.file.id, tx)
            guard let done = try CaseStore.lastTime(of: ["prolong"], on: context.file.id, tx) else { return [] }
            return since.map { done >= $0 } ?? true ? [Defect.prolongedOnce] : []
        }
    }

    private func registerAppeals(in hooks: inout ProcedureHooks) {
        hooks.guards["talent.appeal-open"] = { context, tx in
            let parent = try context.file.parent.flatMap { try FilingStore.find($0, tx) }
            return parent?.step == "refused" ? [] : [Defect.problem(.nothingToAppeal)]
        }
        hooks.guards["talent.other-decider"] = { context, tx in
            guard let parent = context.file.parent, let account = context.actor.account else { return [] }
            let deciders = try ["refuse", "not-accept"].map { try CaseStore.lastActor($0, of: parent, tx) }
            return deciders.contains(account) ? [Defect.sameDecider] : []
        }
        hooks.effects["talent.appealed"] = { context, tx in
            try submitted(context, tx)
            try movesParent(context, "appeal", tx)
        }
        hooks.effects["talent.appeal-upheld"] = { context, tx in
            try move(context, tx) { $0.decidedOn = context.day }
            try movesParent(context, "uphold", tx)
        }
        hooks.effects["talent.appeal-revoked"] = { context, tx in
            try move(context, tx) { $0.decidedOn = context.day }
            try movesParent(context, "reopen", tx)
        }
    }

    private func movesParent(_ context: ActionContext, _ action: String, _ tx: Tx) throws {
        guard let parent = context.file.parent else { throw PermitError.nothingToAppeal }
        try context.procedures.act(parent, action, as: .system, at: context.now, in: tx)
    }

    private func check(_ context: ActionContext, _ tx: Tx) throws -> FilingCheck {
        try FilingCheck(try facts(context, tx))
    }

    private func facts(_ context: ActionContext, _ tx: Tx) throws -> FilingFacts {
        try FilingFacts.gather(
            try FilingStore.require(context.file.id, tx), Drafts.answers(context.file.id, vault: vault, tx).content,
            context.procedures.definition(of: context.file), on: context.day, city: city, vault: vault, tx)
    }

    /// Freezes the content by its hash, lists what the machine finds and keeps the ruling on the category.
    private func submitted(_ context: ActionContext, _ tx: Tx) throws {
        let facts = try facts(context, tx)
        let answers = try CaseStore.answers(context.file.id, tx).content
        let form = try context.procedures.definition(of: context.file).form
        let content: JSONValue = [
            "answers": try form.map { try answers.marked($0, by: vault) } ?? answers.marked(by: vault),
            "files": .array(
                try DocumentStore.list(of: context.file.id, tx).map {
                    ["field": .string($0.field), "hash": .string($0.hash)]
                }),
        ]
        try FindingStore.renew(try FilingCheck(facts).findings, of: context.file.id, at: context.now, tx)
        if let judged = facts.judged {
            try RulingStore.keep(judged.ruling, of: context.file.id, by: context.actor, at: context.now, tx)
        }
        let timely = try facts.permit.map { permit in
            let window = try ExtensionWindow(end: permit.endsOn, facts.numbers)
            return permit.state == .valid && context.day <= window.closes
        }
        try move(context, tx) {
            $0.contentHash = Digest.hex(Digest.sha256(content.canonicalBytes))
            $0.filedOn = $0.filedOn ?? context.day
            if $0.kind == .extension, timely == true { $0.deemAfter = facts.permit?.endsOn }
        }
    }

    /// Whether an approval would have an effect today.
    private func grantable(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let filing = try FilingStore.require(context.file.id, tx)
        let answers = try Drafts.answers(context.file.id, vault: vault, tx).content
        switch filing.kind {
        case .newAbroad, .newDomestic, .shortTerm:
            guard let term = try grants.term(filing.kind, answers, on: context.day), term.from <= term.to else {
                return [Defect.nothingLeft]
            }
        case .extension:
            let end = try filing.permit.map { try PermitStore.require($0, tx).endsOn }
            guard let end, let to = answers["contract-to"]?.string.flatMap({ Day($0) }), to > end else {
                return [Defect.nothingLeft]
            }
        default: break
        }
        return []
    }

    /// Keeps the row beside the case in step, and tells the applicant what somebody else did.
    private func move(_ context: ActionContext, _ tx: Tx, _ edit: (inout Filing) -> Void) throws {
        var filing = try FilingStore.require(context.file.id, tx)
        filing.step = context.action.to
        if let step = try context.procedures.definition(of: context.file).step(context.action.to), step.isFinal {
            filing.outcome = step.id
        }
        edit(&filing)
        try FilingStore.save(filing, tx)
        guard filing.applicant != context.actor.account else { return }
        try Messages.tell(
            filing.applicant,
            Bilingual(
                "\(filing.number)：\(context.action.done.zh)", "\(filing.number): \(context.action.done.en)"),
            context.news(Bilingual("您的办件《\(context.file.title.zh)》", "Your case '\(context.file.title.en)'")),
            at: "/cases/\(context.file.id)", now: context.now, tx)
    }
}

/// Problems that permit guards give.
enum Defect {
    /// Codes that concern papers and how the form is filled in; the others concern the conditions.
    static func isFormal(_ code: String) -> Bool {
        ["paper.", "passport.", "name.", "cv.", "degree.", "criminal.", "officer.", "contract.order", "stay.order"]
            .contains { code.hasPrefix($0) }
    }

    static func problem(_ error: PermitError) -> FieldProblem {
        FieldProblem(field: "", code: error.code, message: error.message)
    }

    private static func plain(_ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: "", code: code, message: Bilingual(zh, en))
    }

    static let secondList = plain(
        "permit.second-list", "已一次性告知过补正内容，不得再提出新的补正要求；请受理或不予受理。",
        "The one list was sent; nothing new may be asked for. Accept, or refuse to accept.")
    static let prolongedOnce = plain(
        "permit.prolonged-once", "期限只能延长一次。", "The time can be prolonged only once.")
    static let sameDecider = plain(
        "permit.same-decider", "作出不予许可决定的人不得办理复议决定。", "Whoever refused may not enter the decision on the appeal.")
    static let nothingLeft = plain(
        "permit.nothing-left", "合同或任务期限已过，批准后没有有效期。", "The contract or task is over; nothing would be left to permit.")
}
