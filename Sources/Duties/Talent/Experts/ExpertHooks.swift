import Kernel
import Store

/// What the steps of requests, complaints and notices do.
enum ExpertHooks {
    static func register(in hooks: inout ProcedureHooks) {
        hooks.effects["talent.answered"] = { context, tx in try settle(context, "done", tx) }
        hooks.effects["talent.refused"] = { context, tx in try settle(context, "refused", tx) }
        hooks.effects["talent.moved"] = { context, tx in
            try move(context, tx)
            try settle(context, "done", tx)
        }
        for procedure in Set(ExpertCase.Kind.allCases.map(\.procedure)) {
            hooks.letterValues[procedure] = { context, tx in try values(context, tx) }
        }
    }

    private static func values(_ context: ActionContext, _ tx: Tx) throws -> [String: Bilingual] {
        let row = try ExpertCaseStore.find(context.file.id, tx)
        let topic = row.map { ExpertTopic.title($0.kind, $0.topic) } ?? Bilingual("", "")
        let zh = (context.answers["reason-zh"] ?? context.answers["reason"])?.string ?? ""
        let en = (context.answers["reason-en"] ?? context.answers["reason"])?.string ?? zh
        return [
            "number": Bilingual(context.file.number, context.file.number), "topic": topic,
            "title": context.file.title, "answer": Bilingual(zh, en),
        ]
    }

    private static func settle(_ context: ActionContext, _ state: String, _ tx: Tx) throws {
        try ExpertCaseStore.setState(state, of: context.file.id, tx)
        guard let account = context.file.applicant else { return }
        try Messages.tell(
            account,
            Bilingual("\(context.file.number) 已办理", "\(context.file.number) has been handled"),
            Bilingual(
                "\(context.file.title.zh)：\(context.action.done.zh)。",
                "\(context.file.title.en): \(context.action.done.en)."),
            at: "/cases/\(context.file.id)", now: context.now, tx)
    }

    /// Takes a notice over into the register: who works where, since when, or no longer.
    private static func move(_ context: ActionContext, _ tx: Tx) throws {
        guard let row = try ExpertCaseStore.find(context.file.id, tx),
            var expert = try row.expert.flatMap({ try ForeignExpertStore.find($0, tx) })
        else { return }
        let text = try CaseStore.answers(context.file.id, tx).content["day"]?.string ?? ""
        let day = Day(text) ?? context.day
        let before = expert
        if row.kind == .arrival {
            expert.state = .present
            expert.organisation = row.organisation
            expert.employer = try row.organisation.flatMap { try Registry.organisation($0, tx) }?.name.zh ?? ""
            if expert.since == nil { expert.since = day }
        } else {
            expert.state = .left
            // What is kept of the person is needed until the day of leaving.
            try Personal.need(expert.person, until: day, tx)
        }
        try ForeignExpertStore.update(expert, tx)
        let old = Dictionary(before.facts.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let history = try Registry.history(of: expert.person.text, tx)
        for fact in expert.facts where old[fact.name] != fact.value {
            // A notice that comes late does not fall behind what was stated of a later day.
            let latest = history.last { $0.name == fact.name }?.from ?? day
            try Registry.state(
                Fact(
                    subject: expert.person.text, name: fact.name, value: fact.value, source: context.file.number,
                    from: max(day, latest), recordedBy: context.actor.account?.text ?? "system", recordedAt: context.now
                ), tx)
        }
    }
}
