import Kernel
import Store

/// Guards and effects of the recognition of high-tech enterprises.
struct RecognitionHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["innovation.gate"] = gate
        hooks.guards["innovation.sheets"] = sheets
        hooks.guards["innovation.paper-scores"] = paperScores
        hooks.guards["innovation.publicity-over"] = publicityOver
        hooks.guards["innovation.one-report"] = oneReport
        hooks.effects["innovation.gate"] = keepGate
        hooks.effects["innovation.score"] = score
        hooks.effects["innovation.publish"] = publish
        hooks.effects["innovation.certify"] = certify
        hooks.effects["innovation.report"] = report
        for procedure in ["innovation.recognition", "innovation.cancellation"] {
            hooks.letterValues[procedure] = letterValues
        }
    }

    private func answers(_ context: ActionContext, _ tx: Tx) throws -> RecognitionAnswers {
        RecognitionAnswers(values: try CaseValues.all(of: context.file.id, tx))
    }

    private func gateRuling(_ context: ActionContext, _ tx: Tx) throws -> Ruling {
        try RecognitionGateRule(city.rules.law(on: context.day)).ruling(
            answers(context, tx).gate(on: context.day), on: context.day)
    }

    /// Every condition that is not met, with its source.
    @Sendable private func gate(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let ruling = try gateRuling(context, tx)
        let unmet = ruling.trace.flatMap(\.flattened).filter { $0.verdict == .unmet }
        return unmet.map { step in
            FieldProblem(
                field: "", code: "recognition.gate.\(step.key)",
                message: Bilingual(step.sentence(.chinese), step.sentence(.english)), basis: step.law?.source.cited)
        }
    }

    @Sendable private func keepGate(_ context: ActionContext, _ tx: Tx) throws {
        try RulingStore.keep(
            try gateRuling(context, tx), of: context.file.id, by: context.actor, at: context.now, tx)
    }

    /// A whole panel has handed in its sheets.
    @Sendable private func sheets(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let all = try RecognitionSheet.list(context.file.id, tx)
        var found = try RecognitionPanel.problems(all.map(\.kind), city.rules.law(on: context.day))
        let open = all.filter { $0.points == nil }
        if !open.isEmpty {
            found.append(
                FieldProblem(
                    field: "", code: "recognition.open",
                    message: Bilingual(
                        "还有 \(open.count) 位专家未提交：\(open.map(\.name).joined(separator: "、"))",
                        "\(counted(open.count, "expert has", "experts have")) not handed in their sheets")))
        }
        return found
    }

    static func points(_ answers: JSONValue) -> [ScoreItem: Int] {
        var points: [ScoreItem: Int] = [:]
        for item in ScoreItem.allCases { points[item] = answers[item.field]?.integer.map(Int.init) }
        return points
    }

    /// Points of a meeting on paper lie in their bands, and its panel was whole.
    @Sendable private func paperScores(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let law = city.rules.law(on: context.day)
        let technical = context.answers["technical"]?.integer.map(Int.init) ?? 0
        let finance = context.answers["finance"]?.integer.map(Int.init) ?? 0
        let panel =
            [RecognitionSheet.Kind](repeating: .technical, count: min(max(technical, 0), 200))
            + [RecognitionSheet.Kind](repeating: .finance, count: min(max(finance, 0), 200))
        return try RecognitionPanel.problems(panel, law)
            + ScoreBands(answers(context, tx), law: law).problems(Self.points(context.answers))
    }

    /// Keeps the ruling on the points, and whether it passes.
    @Sendable private func score(_ context: ActionContext, _ tx: Tx) throws {
        let bands = try ScoreBands(answers(context, tx), law: city.rules.law(on: context.day))
        let points =
            context.action.id == "enter-scores"
            ? Self.points(context.answers)
            : RecognitionPanel.means(try RecognitionSheet.list(context.file.id, tx).compactMap(\.points))
        let ruling = bands.ruling(points)
        try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
        try CaseValues.set(context.file.id, "total", ruling.outcome["total"] ?? .null, tx)
        let passes = ruling.outcome["passes"]?.bool ?? false
        try CaseValues.set(context.file.id, "passes", .string(passes ? "yes" : "no"), tx)
    }

    @Sendable private func publish(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        let organisation = try context.file.organisation.flatMap { try Registry.organisation($0, tx) }
        let name = values["name"]?.string ?? ""
        let notice = try Publicity(calendar: city.calendar, zone: city.zone, rules: city.rules).open(
            title: Bilingual("拟认定高新技术企业公示", "Enterprises proposed for recognition"),
            intro: Bilingual("公示期内可实名提出异议。", "Objections may be raised under a real name."), about: "recognition",
            context.file.id.text,
            rows: [
                NoticeRow(
                    caseID: context.file.id, number: context.file.number, title: Bilingual(name, name),
                    organisation: organisation?.name ?? Bilingual(name, name), person: "", amount: nil)
            ], division: context.file.division, days: "recognition.after.publicity", by: context.actor, at: context.now,
            tx)
        try CaseValues.set(context.file.id, "notice", .string(notice.id.text), tx)
    }

    @Sendable private func publicityOver(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let id = try CaseValues.own(of: context.file.id, tx)["notice"]?.string else { return [] }
        let notice = ID<Notice>(id)
        let publicity = Publicity(calendar: city.calendar, zone: city.zone, rules: city.rules)
        func problem(_ code: String, _ zh: String, _ en: String) -> [FieldProblem] {
            [FieldProblem(field: "", code: "recognition.\(code)", message: Bilingual(zh, en))]
        }
        switch try publicity.mayTakeEffect(notice, at: context.now, tx) {
        case .open(let until):
            return problem(
                "publicity", "公示期至 \(until.text(.chinese)) 24:00",
                "The publicity runs to \(until.text(.english)), 24:00")
        case .objections(let count):
            return problem(
                "objections", "有 \(count) 件异议尚未答复",
                "\(counted(count, "objection is", "objections are")) not answered yet")
        case .yes: break
        }
        guard try Objections.upheld(notice, tx)[context.file.id] == nil else {
            return problem("upheld", "对该企业的异议成立", "An objection to the enterprise was upheld")
        }
        return []
    }

    /// The days of the certificate.
    @Sendable private func certify(_ context: ActionContext, _ tx: Tx) throws {
        let years = try city.rules.number("recognition.after.years", on: context.day)
        try CaseValues.set(context.file.id, "issued", .string(context.day.description), tx)
        try CaseValues.set(
            context.file.id, "expires", .string(context.day.adding(months: years * 12).description), tx)
        let organisation = try context.file.organisation.flatMap { try Registry.organisation($0, tx) }
        try CaseValues.set(context.file.id, "uscc", organisation.map { .string($0.uscc) } ?? .null, tx)
    }

    // MARK: Afterwards

    private func entry(_ context: ActionContext, _ tx: Tx) throws -> RegisterEntry {
        let number = try CaseValues.all(of: context.file.id, tx)["entry"]?.string ?? ""
        return try RegisterStore.require("innovation.high-tech", number, tx)
    }

    /// One report a year, and only by the enterprise itself.
    @Sendable private func oneReport(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let entry = try entry(context, tx)
        let year = try CaseValues.all(of: context.file.id, tx)["year"]?.plainText ?? ""
        var found: [FieldProblem] = []
        if let owner = entry.organisation, owner != context.file.organisation {
            found.append(
                FieldProblem(
                    field: "", code: "recognition.not-own",
                    message: Bilingual("只能填报本企业的年报", "An enterprise reports for itself alone")))
        }
        if try RegisterStore.figures(of: entry.id, tx)[year] != nil {
            found.append(
                FieldProblem(
                    field: "year", code: "recognition.reported",
                    message: Bilingual("\(year) 年度年报已报送", "The report of \(year) was handed in already")))
        }
        return found
    }

    @Sendable private func report(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        var figures: [String: JSONValue] = [:]
        for name in ["sales", "research", "high-tech-income", "staff"] { figures[name] = values[name] ?? .null }
        try RegisterStore.setFigures(
            entry(context, tx), of: city.registers.require("innovation.high-tech"),
            period: values["year"]?.plainText ?? "", .object(figures),
            RegisterAct(context), tx)
    }

    @Sendable private func letterValues(_ context: ActionContext, _ tx: Tx) throws -> [String: Bilingual] {
        let values = try CaseValues.all(of: context.file.id, tx)
        func plain(_ name: String) -> Bilingual {
            let text = context.answers[name]?.plainText ?? values[name]?.plainText ?? "—"
            return Bilingual(text, text)
        }
        return [
            "name": plain("name"), "number": Bilingual(context.file.number, context.file.number),
            "certificate": plain("issued-number"), "issued": plain("issued"), "expires": plain("expires"),
            "total": plain("total"), "reason": plain("reason"), "entry": plain("entry"),
        ]
    }
}
