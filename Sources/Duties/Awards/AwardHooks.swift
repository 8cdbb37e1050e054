import Kernel
import Store

/// Guards and effects of the room's procedures.
struct AwardHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["awards.window"] = window
        hooks.guards["awards.entitled"] = entitled
        hooks.guards["awards.nominee"] = nominee
        hooks.guards["awards.lists"] = lists
        hooks.guards["awards.quota"] = quota
        hooks.guards["awards.limits"] = limits
        hooks.guards["awards.ballot"] = ballot
        hooks.guards["awards.publicity-over"] = publicityOver
        hooks.guards["awards.order"] = order
        hooks.effects["awards.publish"] = publish
        hooks.effects["awards.money"] = money
        hooks.effects["awards.rulings"] = keepRulings
        hooks.effects["awards.submitted"] = { context, tx in
            // Under a name of its own, so that a form that comes back may still change.
            let level = try Nomination.read(context.file.id, tx).level.rawValue
            try CaseValues.set(context.file.id, "upper-level", .string(level), tx)
        }
        hooks.letterValues["awards.nomination"] = letterValues
        hooks.letterValues["awards.upper"] = letterValues
        hooks.letterValues["awards.revocation"] = letterValues
    }

    private func problem(
        _ field: String, _ code: String, _ zh: String, _ en: String, _ basis: Bilingual? = nil
    )
        -> FieldProblem
    {
        FieldProblem(field: field, code: "awards.\(code)", message: Bilingual(zh, en), basis: basis)
    }

    /// The year must be open, and today within its days.
    @Sendable private func window(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let values = try CaseValues.all(of: context.file.id, tx)
        guard let number = values["year"]?.string,
            let year = try RegisterStore.find(AwardRegister.years, number, tx)
        else { return [] }
        let opens = year.content["opens"]?.string.flatMap { Day($0) }
        let closes = year.content["closes"]?.string.flatMap { Day($0) }
        guard year.state == "open", let opens, let closes, opens <= context.day, context.day <= closes else {
            return [
                problem(
                    "year", "window",
                    "「\(year.name)」现在不接受提名（\(opens?.text(.chinese) ?? "—")至\(closes?.text(.chinese) ?? "—")）",
                    "\(year.name) takes no nominations now (\(opens?.text(.english) ?? "—") to \(closes?.text(.english) ?? "—"))"
                )
            ]
        }
        return []
    }

    /// Only those on the register of nominators nominate, and only for the prizes that they may.
    @Sendable private func entitled(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let basis = Bilingual(
            "国家科学技术奖励条例第十四条；深府〔2016〕87号", "Regulation on National Awards, article 14; No. 2016-87 of Shenzhen")
        guard let organisation = try nominator(context.file, tx) else {
            return [problem("", "entitled", "须由有资格的单位提名", "Only an entitled organisation nominates", basis)]
        }
        let entries = try RegisterStore.list(
            AwardRegister.nominators, RegisterFilter(state: "entitled", fields: ["uscc": organisation.uscc]),
            limit: 5, tx)
        let prize = try Nomination.read(context.file.id, tx).prize?.rawValue ?? ""
        let prizes = entries.flatMap { $0.content["prizes"]?.array ?? [] }.compactMap(\.string)
        guard prizes.contains(prize) else {
            return [
                problem(
                    "prize", "entitled", "\(organisation.name.zh)不在该奖种的提名者名册内，不能提名",
                    "\(organisation.name.en) is not on the register of nominators for this prize and may not nominate",
                    basis)
            ]
        }
        return []
    }

    private func nominator(_ file: CaseFile, _ tx: Tx) throws -> Organisation? {
        try file.organisation.flatMap { try Registry.organisation($0, tx) }
    }

    private func nomineeRuling(_ context: ActionContext, _ tx: Tx) throws -> Ruling {
        let nomination = try Nomination.read(context.file.id, tx)
        // Upwards it is the city that nominates; who fills in the form may well be among the nominees.
        let isOwn = nomination.level == .municipal
        let facts = nomination.facts(
            nominator: isOwn ? try nominator(context.file, tx) : nil, person: isOwn ? context.actor.name : nil,
            on: context.day)
        return try NomineeRule(city.rules.law(on: context.day)).ruling(facts, on: context.day)
    }

    @Sendable private func nominee(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        Self.problems(try nomineeRuling(context, tx))
    }

    /// What a ruling holds against a case: each condition that is not met with its source, and facts that are missing.
    static func problems(_ ruling: Ruling) -> [FieldProblem] {
        let unmet = ruling.trace.flatMap(\.flattened).filter { $0.verdict == .unmet }.map { step in
            FieldProblem(
                field: "", code: "\(ruling.rule).\(step.key)",
                message: Bilingual(step.sentence(.chinese), step.sentence(.english)), basis: step.law?.source.cited)
        }
        guard unmet.isEmpty, !ruling.missing.isEmpty else { return unmet }
        let names = ruling.missing.listed
        return [
            FieldProblem(
                field: "", code: "\(ruling.rule).missing",
                message: Bilingual("还缺少判断所需的内容：\(names.zh)", "Facts are missing: \(names.en)"))
        ]
    }

    @Sendable private func lists(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        try CrossCheck.problems(
            Nomination.read(context.file.id, tx), cleared: context.answers["namesakes"]?.string ?? "",
            on: context.day, tx)
    }

    /// A nomination for a national prize must be within the organisation's quota.
    @Sendable private func quota(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let nomination = try Nomination.read(context.file.id, tx)
        guard nomination.level == .national, let organisation = context.file.organisation else { return [] }
        let facts = try UpperQuota.facts(nomination, organisation, except: context.file.id, tx)
        return Self.problems(
            try UpperQuotaRule(city.rules.law(on: context.day)).ruling(facts, on: context.day))
    }

    /// The prizes of the year with this one stay within the law's limits and the year's plan.
    @Sendable private func limits(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let nomination = try Nomination.read(context.file.id, tx)
        guard let prize = nomination.prize, let grade = nomination.grade else { return [] }
        let year = nomination.values["year"]?.string ?? ""
        var counts = try AwardCount.of(year, tx)
        counts.add(prize, grade)
        let ruling = try AwardLimitsRule(city.rules.law(on: context.day)).ruling(counts.facts, on: context.day)
        var found = Self.problems(ruling)
        if let most = try AwardCount.plan(year, prize, grade, tx), counts[prize, grade] > most {
            found.append(
                problem(
                    "", "plan", "本年度\(prize.title.zh)\(grade.title.zh)计划 \(most) 项，已满",
                    "This year's plan has \(most) of \(prize.title.en), \(grade.title.en), and they are all given"))
        }
        return found
    }

    /// The counted votes carry the nomination, or do not, as the action says.
    @Sendable private func ballot(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard !context.actor.isSystem else { return [] }
        let nomination = try Nomination.read(context.file.id, tx)
        var facts = BallotFacts()
        facts.stage = context.answers["stage"]?.string.flatMap(BallotFacts.Stage.init(rawValue:))
        (facts.prize, facts.grade) = (nomination.prize, nomination.grade)
        facts.members = context.answers["members"]?.integer.map(Int.init)
        facts.recused = context.answers["recused"]?.integer.map(Int.init)
        facts.cast = context.answers["cast"]?.integer.map(Int.init)
        facts.inFavour = context.answers["in-favour"]?.integer.map(Int.init)
        let ruling = try BallotRule(city.rules.law(on: context.day)).ruling(facts, on: context.day)
        let isCarried = ruling.outcome["holds"]?.bool
        let problems = Self.problems(ruling)
        if context.action.id == "carry" { return problems }
        // Numbers that do not fit each other decide nothing, in neither direction.
        let misfit = problems.filter { $0.code.hasSuffix(".counts") || $0.code.hasSuffix(".missing") }
        guard misfit.isEmpty, isCarried == true else { return misfit }
        return [problem("in-favour", "carried", "按票数该项已通过", "By these votes the item is carried")]
    }

    /// The notice that announced the case at this point has closed, and objections to it are answered.
    @Sendable private func publicityOver(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let point = context.argument ?? ""
        guard let notice = try AwardNotice.last(of: context.file.id, at: point, tx) else {
            return [problem("", "unpublished", "尚未公示", "It has not been published")]
        }
        let publicity = Publicity(calendar: city.calendar, zone: city.zone, rules: city.rules)
        switch try publicity.mayTakeEffect(notice, at: context.now, tx) {
        case .yes: break
        case .open(let until):
            return [
                problem(
                    "", "publicity", "公示期至 \(until.text(.chinese)) 24:00，期满方可办理",
                    "The publicity runs to \(until.text(.english)), 24:00; this must wait for its end")
            ]
        case .objections(let count):
            return [
                problem(
                    "", "objections", "有 \(count) 件异议尚未答复",
                    "\(counted(count, "objection is", "objections are")) not answered yet")
            ]
        }
        if try Objections.upheld(notice, tx)[context.file.id] != nil {
            return [problem("", "upheld", "对该项的异议成立，不得继续", "An objection to it was upheld; it may not go on")]
        }
        return []
    }

    /// The money ordered is the prize's, where the rule knows it.
    @Sendable private func order(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let right = try CaseValues.own(of: context.file.id, tx)["prize-money"]?.integer,
            let asked = context.answers["amount"]?.integer, asked != right
        else { return [] }
        return [
            problem(
                "amount", "amount", "该奖奖金为 \(Money(fen: right).yuanText) 元",
                "The money of this prize is RMB \(Money(fen: right).yuanText)"
            )
        ]
    }

    /// Announces the case; where many are announced together, the page has opened the notice already.
    @Sendable private func publish(_ context: ActionContext, _ tx: Tx) throws {
        let point = context.argument ?? ""
        if let notice = context.answers["notice-id"]?.string {
            return try AwardNotice.keep(ID(notice), of: context.file.id, at: point, tx)
        }
        try AwardNotice.open([context.file], at: point, city, by: context.actor, at: context.now, tx)
    }

    /// Keeps the money of the prize beside the case, as the rule of the day gives it.
    @Sendable private func money(_ context: ActionContext, _ tx: Tx) throws {
        let nomination = try Nomination.read(context.file.id, tx)
        // Only the city's own prizes are paid by the city.
        if nomination.level == .municipal {
            var facts = AwardMoneyFacts()
            (facts.prize, facts.grade) = (nomination.prize, nomination.grade)
            facts.welfare = nomination.values["welfare"]?.bool ?? false
            let ruling = try AwardMoneyRule(city.rules.law(on: context.day)).ruling(facts, on: context.day)
            try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
            if let amount = ruling.outcome["amount"], amount != .null {
                try CaseValues.set(context.file.id, "prize-money", amount, tx)
            }
        }
        try CaseValues.set(context.file.id, "level", .string(nomination.level.rawValue), tx)
        let names = nomination.people.joined(separator: "、")
        try CaseValues.set(context.file.id, "winners", .string(names.isEmpty ? "—" : names), tx)
        let code = nomination.units.first?.uscc ?? ""
        try CaseValues.set(context.file.id, "unit-code", code.isEmpty ? .null : .string(code), tx)
        let units = nomination.units.map(\.name).joined(separator: "、")
        try CaseValues.set(context.file.id, "winning-units", .string(units.isEmpty ? "—" : units), tx)
    }

    @Sendable private func keepRulings(_ context: ActionContext, _ tx: Tx) throws {
        try RulingStore.keep(
            try nomineeRuling(context, tx), of: context.file.id, by: context.actor, at: context.now, tx)
    }

    @Sendable private func letterValues(_ context: ActionContext, _ tx: Tx) throws -> [String: Bilingual] {
        let values = try CaseValues.all(of: context.file.id, tx)
        func plain(_ name: String) -> Bilingual {
            let text = context.answers[name]?.plainText ?? values[name]?.plainText ?? "—"
            return Bilingual(text, text)
        }
        let nomination = Nomination(values)
        let amount = values["prize-money"]?.integer.map { Money(fen: $0).yuanText } ?? "—"
        return [
            "number": Bilingual(context.file.number, context.file.number), "title": context.file.title,
            "name": plain("title"), "prize": nomination.prize?.title ?? Bilingual("—", "—"),
            "grade": nomination.grade?.title ?? Bilingual("—", "—"), "level": nomination.level.title,
            "winners": plain("winners"), "units": plain("winning-units"), "amount": Bilingual(amount, amount),
            "certificate": plain("issued-number"), "reason": plain("reason"), "entry": plain("entry"),
            "day": Bilingual(context.day.text(.chinese), context.day.text(.english)),
        ]
    }
}
