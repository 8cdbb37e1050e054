import Kernel
import Store

/// Guards and effects of agreements, joint calls, visits, events and facilities.
struct CooperationHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["cooperation.sound"] = { context, tx in
            Self.sound(try values(context, tx), on: context.day, city.countries)
        }
        hooks.guards["cooperation.days"] = { context, tx in
            try Self.days(try values(context, tx), city.rules.law(on: context.day))
        }
        hooks.guards["cooperation.heads"] = { context, _ in
            Self.countries(context.answers, context.argument ?? "", city.countries)
        }
        hooks.guards["cooperation.within-support"] = { context, tx in
            let field = context.argument ?? ""
            return try Self.support(
                try values(context, tx), asked: context.answers[field] ?? values(context, tx)[field], field,
                city.rules.law(on: context.day))
        }
        hooks.guards["cooperation.within-event"] = { context, tx in
            let field = context.argument ?? ""
            return try Self.eventSupport(
                try values(context, tx), asked: context.answers[field], field, city.rules.law(on: context.day))
        }
        hooks.guards["cooperation.call-open"] = { context, tx in try callOpen(context, tx) }
        hooks.guards["cooperation.longer"] = { context, tx in try longer(context, tx) }
        hooks.guards["cooperation.sources"] = { context, tx in Self.sources(try values(context, tx)) }
        hooks.guards["cooperation.hours"] = { context, tx in Self.hours(try values(context, tx)) }
        hooks.guards["cooperation.next-phase"] = { context, tx in try nextPhase(context, tx) }
        hooks.effects["cooperation.money"] = { context, tx in
            let lines = ForeignMoney.read(try values(context, tx), on: context.day).lines
            for (side, name) in [(ForeignMoney.Side.ours, "ours"), (.partner, "theirs")] {
                guard let sum = ForeignMoney.sum(lines, of: side) else { continue }
                try CaseValues.set(context.file.id, name, .integer(sum.fen), tx)
            }
        }
        hooks.effects["cooperation.heads"] = { context, tx in
            let (all, foreign) = Self.heads(context.answers["attended"])
            try CaseValues.set(context.file.id, "people", .integer(all), tx)
            try CaseValues.set(context.file.id, "foreigners", .integer(foreign), tx)
        }
        hooks.effects["cooperation.note"] = { context, tx in
            let parts = (context.argument ?? "").split(separator: "=").map(String.init)
            guard parts.count == 2 else { return }
            try CaseValues.set(context.file.id, parts[0], .string(parts[1]), tx)
        }
        for definition in city.procedures where definition.duty == "cooperation" {
            hooks.letterValues[definition.id] = { context, _ in Self.letter(context) }
        }
    }

    private func values(_ context: ActionContext, _ tx: Tx) throws -> JSONValue {
        try CaseValues.all(of: context.file.id, tx)
    }

    private static func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        ComplianceHooks.problem(field, code, zh, en)
    }

    private static func letter(_ context: ActionContext) -> [String: Bilingual] {
        func same(_ name: String) -> Bilingual {
            let text = context.answers[name]?.string ?? ""
            return Bilingual(text, text)
        }
        return [
            "case": Bilingual(context.file.number, context.file.number), "title": context.file.title,
            "action": context.action.title, "reason": same("reason"), "defects": same("defects"),
            "day": Bilingual(context.day.text(.chinese), context.day.text(.english)),
        ]
    }

    // MARK: Checks

    /// What every form of the room must be: a term in order, countries that exist, money that can be read, and no
    /// prohibited technology.
    static func sound(_ values: JSONValue, on today: Day, _ countries: Countries) -> [FieldProblem] {
        var found = FlagFinder.barred(values)
        func day(_ name: String) -> Day? { values[name]?.string.flatMap { Day($0) } }
        for (from, to) in [("starts-on", "ends-on"), ("opens-on", "closes-on")] {
            if let first = day(from), let last = day(to), last < first {
                found.append(problem(to, "term.order", "止期不能早于起期", "The end lies before the beginning"))
            }
        }
        let single = [("country", values["country"]?.string)].compactMap { name, code in code.map { (name, $0) } }
        let several = (values["countries"]?.string ?? "").split(separator: " ").map { ("countries", String($0)) }
        for (field, code) in single + several where countries[code]?.alpha3 != code {
            found.append(
                problem(
                    field, "country.unknown", "「\(code)」不是国家（地区）的三字母代码，如 ISR",
                    "'\(code)' is no country of three letters such as ISR"))
        }
        for table in ["planned", "people"] { found += self.countries(values, table, countries) }
        for (index, row) in (values["milestones"]?.array ?? []).enumerated() {
            guard let due = row["due-on"]?.string.flatMap({ Day($0) }), let last = day("ends-on"), due > last else {
                continue
            }
            found.append(
                problem(
                    "milestones.\(index).due-on", "milestone.late", "里程碑不能晚于协议期限", "It lies after the agreement's end"))
        }
        return found + ForeignMoney.read(values, on: today).problems
    }

    /// Rows of a table whose country does not exist, or is there twice where heads are counted.
    static func countries(_ values: JSONValue, _ table: String, _ countries: Countries) -> [FieldProblem] {
        var seen: Set<String> = []
        return (values[table]?.array ?? []).enumerated().compactMap { index, row in
            guard let code = row["country"]?.string else { return nil }
            if countries[code]?.alpha3 != code {
                return problem(
                    "\(table).\(index).country", "country.unknown", "「\(code)」不是国家（地区）的三字母代码",
                    "'\(code)' is no country of three letters")
            }
            guard row["heads"] != nil, !seen.insert(code).inserted else { return nil }
            return problem("\(table).\(index).country", "country.double", "「\(code)」重复", "'\(code)' is there twice")
        }
    }

    /// All heads, and those from abroad: not from the mainland.
    static func heads(_ table: JSONValue?) -> (all: Int64, foreign: Int64) {
        let rows = table?.array ?? []
        func sum(_ rows: [JSONValue]) -> Int64 { rows.reduce(0) { $0 + ($1["heads"]?.integer ?? 0) } }
        return (sum(rows), sum(rows.filter { $0["country"]?.string != "CHN" }))
    }

    /// More days abroad than the rule has need a reason: its numbers are to be checked, so that it does not bar.
    static func days(_ values: JSONValue, _ law: Law) throws -> [FieldProblem] {
        var facts = VisitFacts()
        facts.countries = Set((values["countries"]?.string ?? "").split(separator: " ")).count
        facts.returnsOn = values["ends-on"]?.string.flatMap { Day($0) }
        if let from = values["starts-on"]?.string.flatMap({ Day($0) }), let to = facts.returnsOn {
            facts.days = to.number - from.number + 1
        }
        let rule = try VisitRule(law)
        guard rule.decide(facts).within == false, values["exception"]?.string ?? "" == "" else { return [] }
        let step = rule.ruling(facts, on: law.day).trace.first { $0.key == "within" }
        return [
            FieldProblem(
                field: "exception", code: "visit.days",
                message: Bilingual(
                    "天数超出规定，请说明理由：\(step?.sentence(.chinese) ?? "")",
                    "More days than the rule; give the reason: \(step?.sentence(.english) ?? "")"),
                basis: step?.law?.source.cited)
        ]
    }

    /// The most that the city gives to a joint project.
    static func support(
        _ values: JSONValue, asked: JSONValue?, _ field: String, _ law: Law
    ) throws -> [FieldProblem] {
        var facts = SupportFacts()
        facts.kind = values["scheme"]?.string.flatMap(SupportKind.init(rawValue:))
        facts.base = values["input"]?.integer.map(Money.init(fen:))
        return try above(facts, asked, field, law)
    }

    /// The most that an event gets, by its heads and cost.
    static func eventSupport(
        _ values: JSONValue, asked: JSONValue?, _ field: String, _ law: Law
    ) throws -> [FieldProblem] {
        var facts = SupportFacts()
        facts.kind = .event
        facts.base = values["spent"]?.integer.map(Money.init(fen:))
        facts.people = values["people"]?.integer.map(Int.init)
        facts.foreigners = values["foreigners"]?.integer.map(Int.init)
        return try above(facts, asked, field, law)
    }

    private static func above(
        _ facts: SupportFacts, _ asked: JSONValue?, _ field: String, _ law: Law
    ) throws -> [FieldProblem] {
        let rule = try SupportRule(law)
        guard let asked = asked?.integer, let most = rule.decide(facts).most, asked > most.fen else { return [] }
        let steps = rule.ruling(facts, on: law.day).trace
        let step = steps.first { $0.verdict == .unmet } ?? steps.last
        return [
            FieldProblem(
                field: field, code: "support.above",
                message: Bilingual(
                    "不得超过 \(most.text(.chinese))：\(step?.sentence(.chinese) ?? "")",
                    "At most \(most.text(.english)): \(step?.sentence(.english) ?? "")"), basis: step?.law?.source.cited
            )
        ]
    }
}

// MARK: Checks against registers

extension CooperationHooks {
    /// The call takes applications today.
    private func callOpen(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let number = try values(context, tx)["call"]?.string ?? ""
        guard let call = try RegisterStore.find("cooperation.joint-calls", number, tx) else { return [] }
        func day(_ name: String) -> Day? { call.content[name]?.string.flatMap { Day($0) } }
        let isOpen =
            call.state == "open" && (day("opens-on").map { $0 <= context.day } ?? true)
            && (day("closes-on").map { $0 >= context.day } ?? true)
        // A correction that was asked for may come after the close.
        guard !isOpen, context.file.step == "draft" else { return [] }
        return [
            Self.problem("call", "call.closed", "该征集现在不受理申请", "This call takes no applications now")
        ]
    }

    private func entry(_ context: ActionContext, _ register: String, _ tx: Tx) throws -> RegisterEntry? {
        let number = try CaseValues.own(of: context.file.id, tx)[RegisterHooks.entryField]?.string ?? ""
        return try RegisterStore.find(register, number, tx)
    }

    /// A renewed agreement ends later than before.
    private func longer(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let values = try values(context, tx)
        guard values["wanted"]?.string == "renew" else { return [] }
        let before = try entry(context, "cooperation.agreements", tx)?.content["ends-on"]?.string.flatMap { Day($0) }
        guard let after = values["ends-on"]?.string.flatMap({ Day($0) }) else {
            return [Self.problem("ends-on", "renewal.end", "续签须填写新的止期", "A renewal needs its new end")]
        }
        guard let before, after <= before else { return [] }
        return [
            Self.problem(
                "ends-on", "renewal.shorter", "新的止期须晚于 \(before.text(.chinese))",
                "The new end must lie after \(before.text(.english))")
        ]
    }

    static let phases = ["proposal", "design", "construction", "commissioning", "operation", "upgrade"]

    /// Phases follow each other; an upgrade leads back to construction.
    private func nextPhase(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let now = try entry(context, "cooperation.facilities", tx)?.content["phase"]?.string
        return Self.phase(from: now, to: try values(context, tx)["phase"]?.string)
    }

    static func phase(from: String?, to: String?) -> [FieldProblem] {
        guard let before = from.flatMap({ phases.firstIndex(of: $0) }),
            let after = to.flatMap({ phases.firstIndex(of: $0) })
        else { return [] }
        let isNext = after == before + 1 || (from == "upgrade" && to == "construction")
        return isNext
            ? [] : [problem("phase", "phase.order", "须转入紧接的下一阶段", "Only the phase that follows can be entered")]
    }

    /// The sources of a facility make its whole investment.
    static func sources(_ values: JSONValue) -> [FieldProblem] {
        let sum = (values["sources"]?.array ?? []).reduce(Int64(0)) { total, row in
            total.addingReportingOverflow(row["amount"]?.integer ?? 0).partialValue
        }
        guard let whole = values["investment"]?.integer, sum != whole else { return [] }
        return [
            problem(
                "sources", "sources.sum", "各来源合计 \(Money(fen: sum).text(.chinese))，应等于总投资",
                "The sources make \(Money(fen: sum).text(.english)), not the whole investment")
        ]
    }

    /// No more hours are open to others than were used.
    static func hours(_ values: JSONValue) -> [FieldProblem] {
        guard let used = values["used-hours"]?.integer, let open = values["open-hours"]?.integer, open > used else {
            return []
        }
        return [problem("open-hours", "hours.open", "开放机时不能超过使用机时", "More hours are open than were used")]
    }
}
