import Kernel
import Review
import Store

/// Guards and effects of tips, investigations and decisions.
struct CaseHooks: Sendable {
    let city: Jurisdiction

    private var rules: RuleBook { city.rules }

    func register(in hooks: inout ProcedureHooks) {
        guards(&hooks)
        hooks.effects["integrity.reported"] = { context, tx in try Reports.reported(context, tx) }
        hooks.effects["integrity.subject-known"] = { context, tx in try Reports.subjectKnown(context, tx) }
        hooks.effects["integrity.open-case"] = { context, tx in try openCase(context, tx) }
        hooks.effects["integrity.open-defence"] = { context, tx in try openDefence(context, tx) }
        hooks.effects["integrity.statement"] = { context, tx in try move(context.file.parent, "statement", context, tx)
        }
        hooks.effects["integrity.no-statement"] = { context, tx in
            try move(context.file.parent, "no-statement", context, tx)
        }
        hooks.effects["integrity.proposed"] = { context, tx in
            let values = try CaseValues.all(of: context.file.id, tx)
            let decision = try Decision.of(context.file.id, tx)
            let facts = decision.facts(part: values["role"]?.string ?? "")
            let ruling = try SanctionRule(rules.law(on: context.day)).ruling(facts, on: context.day)
            try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
        }
        hooks.effects["integrity.serve"] = { context, tx in try serve(context, tx) }
        hooks.effects["integrity.final"] = { context, tx in
            if try Bars.imposed(by: context.file.id, tx).isEmpty {
                try context.procedures.act(context.file.id, "end", as: .system, at: context.now, in: tx)
            }
        }
        hooks.effects["integrity.dropped"] = { context, tx in
            guard let defence = try CaseHooks.defence(of: context.file.id, tx), defence.step == "considered" else {
                return
            }
            try context.procedures.act(defence.id, "drop", as: .system, at: context.now, in: tx)
        }
    }

    private func guards(_ hooks: inout ProcedureHooks) {
        hooks.guards["integrity.outsider"] = { context, tx in
            try Outsiders.problems(context.actor, on: context.file, tx)
        }
        hooks.guards["integrity.subject"] = { context, tx in
            let values = try CaseValues.all(of: context.file.id, tx)
            guard try Subject.of(values, tx) == nil else { return [] }
            let isPlace = values["subject-kind"]?.string == "organisation"
            return [
                FieldProblem(
                    field: isPlace ? "subject-uscc" : "subject-orcid", code: "integrity.subject",
                    message: isPlace
                        ? Bilingual("请填写主体库中单位的统一社会信用代码", "Give the credit code of an organisation on file")
                        : Bilingual("请填写主体库中人员的 ORCID", "Give the ORCID of a person on file"))
            ]
        }
        hooks.guards["integrity.team"] = { context, tx in
            try teamProblems(Team(context.answers["members"]), isNew: true, context, tx)
        }
        hooks.guards["integrity.appointed"] = { context, tx in
            let asked = try CaseValues.asked("appoint", of: context.file.id, tx)
            guard asked["members"] != nil else {
                return [Outsiders.problem("", Bilingual("请先组成调查组", "Appoint the team first"))]
            }
            return try teamProblems(Team(asked["members"]), isNew: false, context, tx)
        }
        hooks.guards["integrity.no-account"] = { context, tx in
            guard let defence = try CaseHooks.defence(of: context.file.id, tx), defence.step == "draft" else {
                return []
            }
            return [
                Outsiders.problem(
                    "",
                    Bilingual(
                        "当事人可以在线陈述（\(defence.number)），请等其提交或期满",
                        "The subject answers online (\(defence.number)); wait for it"))
            ]
        }
        hooks.guards["integrity.length"] = { context, tx in
            let values = try CaseValues.all(of: context.file.id, tx)
            return try Decision(context.answers).problems(
                part: values["role"]?.string ?? "", rules.law(on: context.day))
        }
        hooks.guards["integrity.service-day"] = { context, _ in
            guard let day = context.answers["served-on"]?.string.flatMap({ Day($0) }) else { return [] }
            let decided = city.zone.day(of: context.file.stepSince)
            guard day > context.day || day < decided else { return [] }
            return [
                FieldProblem(
                    field: "served-on", code: "integrity.service-day",
                    message: Bilingual(
                        "送达日期应在决定之日（\(decided)）至今天之间",
                        "The day of service lies between the decision, \(decided), and today"))
            ]
        }
    }

    private func teamProblems(
        _ team: Team, isNew: Bool, _ context: ActionContext, _ tx: Tx
    ) throws -> [FieldProblem] {
        try team.problems(
            for: context.file, least: try rules.number("integrity.team.least", on: context.day),
            .known(rules, on: context.day), isNew: isNew, on: context.day, tx)
    }

    /// The file in which the subject answers and is served.
    static func defence(of id: ID<CaseFile>, _ tx: Tx) throws -> CaseFile? {
        try CaseStore.children(of: id, tx).last { $0.procedure == "integrity.defence" }
    }

    private func move(_ id: ID<CaseFile>?, _ action: String, _ context: ActionContext, _ tx: Tx) throws {
        guard let id else { return }
        try context.procedures.act(id, action, as: .system, at: context.now, in: tx)
    }

    /// Opens an investigation out of a tip, with what the tip says.
    private func openCase(_ context: ActionContext, _ tx: Tx) throws {
        let tip = try CaseValues.all(of: context.file.id, tx)
        var answers: [String: JSONValue] = ["source": "tip"]
        for name in ["subject-name", "subject-uscc", "kind", "facts"] { answers[name] = tip[name] ?? .null }
        try CaseHooks.openCase(
            answers, parent: context.file, context.procedures, at: context.now, on: context.day, tx)
    }

    /// Opens an investigation of the division for somebody to complete.
    static func openCase(
        _ answers: [String: JSONValue], parent: CaseFile?, _ procedures: Procedures, at now: Instant, on day: Day,
        _ tx: Tx
    ) throws {
        let name = answers["subject-name"]?.string ?? ""
        let number = try NumberPattern.next(
            "DC-{year}-{n:4}", series: "case.integrity.case", year: day.parts.year, tx)
        let file = try procedures.open(
            CaseFile(
                id: ID(UUIDv7.make(at: now)), procedure: "integrity.case", number: number,
                title: Bilingual("科研失信与违规调查处理：\(name)", "Investigation of misconduct: \(name)"),
                organisation: nil, applicant: nil, division: "integrity", parent: parent?.id, openedAt: now),
            as: .system, at: now, in: tx)
        try CaseStore.saveAnswers(.object(answers), of: file.id, expecting: 0, by: .system, at: now, tx)
        for field in ["kind", "source"] { try CaseValues.set(file.id, field, answers[field] ?? .null, tx) }
    }

    /// Lets the subject read what is intended and answer it.
    private func openDefence(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        guard let subject = try Subject.of(values, tx), let account = try subject.account(tx) else { return }
        let number = try NumberPattern.next(
            "CS-{year}-{n:4}", series: "case.integrity.defence", year: context.day.parts.year, tx)
        let file = try context.procedures.open(
            CaseFile(
                id: ID(UUIDv7.make(at: context.now)), procedure: "integrity.defence", number: number,
                title: Bilingual("陈述申辩与处理决定：\(subject.name)", "Statement, and the decision served: \(subject.name)"),
                organisation: subject.organisation, applicant: account, division: "integrity",
                parent: context.file.id, openedAt: context.now),
            as: .system, at: context.now, in: tx)
        try Messages.tell(
            account, Bilingual("请陈述申辩：\(number)", "Please answer: \(number)"),
            Bilingual(
                "本局拟作出科研诚信处理，请在期限内查阅并陈述申辩。",
                "The bureau intends a decision on research integrity. Read it and answer in time."),
            at: "/cases/\(file.id)", now: context.now, tx)
    }

    /// From service on the measures hold: the bar, the register, the subject's file with its letter.
    private func serve(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        let decision = try Decision.of(context.file.id, tx)
        guard let subject = try Subject.of(values, tx) else { throw RegistryError.unknown }
        let day = context.answers["served-on"]?.string.flatMap { Day($0) } ?? context.day
        let until = decision.until(from: day)
        if decision.hasBar,
            let bar = decision.bar(on: subject, from: day, until: until, of: context.file, at: context.now)
        {
            try Bars.impose(bar, by: context.actor, at: context.now, tx)
        }
        var entry = values.object ?? [:]
        entry["from"] = .string(day.description)
        entry["until"] = until.map { .string($0.description) } ?? .null
        entry["case-number"] = .string(context.file.number)
        let registers = city.registers
        let added = try RegisterStore.add(
            try registers.require("integrity.sanctions"), .object(entry), id: ID(UUIDv7.make(at: context.now)),
            organisation: subject.organisation,
            RegisterAct(context), tx)
        try CaseValues.set(context.file.id, RegisterHooks.entryField, .string(added.number), tx)
        guard let defence = try CaseHooks.defence(of: context.file.id, tx), defence.step == "considered" else { return }
        try context.procedures.act(defence.id, "serve", as: .system, at: context.now, in: tx)
        guard let account = defence.applicant else { return }
        try Messages.tell(
            account, Bilingual("处理决定已送达：\(defence.number)", "A decision was served: \(defence.number)"),
            Bilingual("处理决定书载明复核途径和期限，请及时查阅。", "It says how and until when to appeal; please read it in time."),
            at: "/cases/\(defence.id)", now: context.now, tx)
    }
}
