public import Kernel

/// A ruling as people read it: the outcome, what is missing, and each step with its source.
public enum RulingView {
    /// The whole explanation.
    /// - Parameter labels: words for the names of missing facts.
    public static func show(_ ruling: Ruling, labels: [FactDescription] = [], _ t: Say) -> HTML {
        let missing = ruling.missing.map { name in labels.first { $0.name == name }.map { t($0.label) } ?? name }
        return """
            <p><strong>\(t(ruling.words))</strong></p>\
            \(if: !missing.isEmpty, "<p>\(t("还需要：", "Still needed: "))\(missing.joined(separator: t("；", "; ")))</p>")\
            <ul class="trace">\(each: ruling.trace, { step($0, t) })</ul>\
            <p class="hint">\(t("规则 \(ruling.rule) 第 \(ruling.version) 版，适用 \(ruling.day.text(.chinese)) 的数值", "Rule \(ruling.rule), version \(ruling.version), with the numbers of \(ruling.day.text(.english))"))</p>
            """
    }

    /// One step with its source and the steps below it.
    public static func step(_ step: TraceStep, _ t: Say) -> HTML {
        let inner: HTML = step.steps.isEmpty ? .empty : "<ul>\(each: step.steps, { self.step($0, t) })</ul>"
        let verdict = Parts.badge(t(step.verdict.title), tone(step.verdict))
        return """
            <li>\(verdict) \(step.sentence(t.language))\(with: step.law, { law in
                """
                 <span class="basis">\(t(law.source.cited))\(t("，自 \(law.from) 起", ", from \(law.from)"))\
                \(if: law.source.confidence.needsChecking, " \(Parts.toBeChecked(t))")</span>
                """
            })\(inner)</li>
            """
    }

    private static func tone(_ verdict: TraceStep.Verdict) -> Parts.Tone {
        switch verdict {
        case .met: .good
        case .unmet: .bad
        case .unknown, .warning: .warning
        case .given: .neutral
        }
    }
}

/// A form made of the facts that a rule may be told; nothing typed is lost, and nothing typed is unknown.
public enum FactForm {
    /// The fields of a form.
    /// - Parameter typed: what stands in each field.
    public static func fields(
        _ facts: [FactDescription], typed: (String) -> String?, problems: [FieldProblem] = [], _ t: Say
    ) -> HTML {
        HTML(each: facts) { fact in
            let field = Fields.Field(fact.name, t(fact.label), hint: fact.hint.map { t($0) }, required: false)
            let problem = Fields.problem(fact.name, problems, t)
            let value = typed(fact.name) ?? ""
            switch fact.kind {
            case .yesNo:
                return Fields.select(
                    field, [("yes", t("是", "Yes")), ("no", t("否", "No"))], value: value, problem: problem, t)
            case .choice(let options):
                return Fields.select(field, options.map { ($0.value, t($0.label)) }, value: value, problem: problem, t)
            case .day: return Fields.input(field, type: "date", value: value, problem: problem, isWide: false, t)
            case .number, .yuan, .fen, .code:
                return Fields.input(field, value: value, problem: problem, isWide: false, t)
            }
        }
    }

    /// The facts as JSON; empty fields are left out, and what cannot be read stays as text, so that the rule names it.
    public static func json(_ facts: [FactDescription], typed: (String) -> String?) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for fact in facts {
            guard let text = typed(fact.name), !text.isEmpty else { continue }
            members[fact.name] = value(text, fact.kind)
        }
        return .object(members)
    }

    private static func value(_ text: String, _ kind: FactKind) -> JSONValue {
        switch kind {
        case .yesNo: text == "yes" ? true : text == "no" ? false : .string(text)
        case .yuan, .fen:
            if let money = try? Money(parsing: text) {
                kind == .fen
                    ? .integer(money.fen / 100)
                    : DecimalNumber(units: money.fen, places: 2).map { yuan in
                        yuan.whole.map { .integer($0) } ?? .decimal(yuan)
                    } ?? .string(text)
            } else {
                .string(text)
            }
        case .number: Int64(text).map { .integer($0) } ?? .string(text)
        case .choice, .day, .code: .string(text)
        }
    }
}
