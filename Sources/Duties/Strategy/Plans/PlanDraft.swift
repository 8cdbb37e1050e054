import Kernel

/// A plan as its form holds it.
struct PlanDraft: Sendable {
    struct IndicatorRow: Sendable {
        let code: String
        let objective: String
        let name: String
        let unit: String
        let baseline: Int
        let baselineYear: Int
        let source: String
        let rises: Bool
    }

    struct TargetRow: Sendable {
        let code: String
        let year: Int
        let value: Int
    }

    struct MeasureRow: Sendable {
        let code: String
        let objective: String
        let title: String
        let division: String
        let dueOn: Day
    }

    let name: String
    let kind: String
    let fromYear: Int
    let toYear: Int
    let lead: String
    let summary: String
    /// Titles by code.
    let objectives: [String: String]
    let indicators: [IndicatorRow]
    let targets: [TargetRow]
    let measures: [MeasureRow]

    init(_ answers: JSONValue) {
        func text(_ name: String) -> String { answers[name]?.string ?? "" }
        func rows(_ name: String) -> [JSONValue] { answers[name]?.array ?? [] }
        name = text("name")
        kind = text("kind")
        fromYear = Self.number(answers["from-year"])
        toYear = Self.number(answers["to-year"])
        lead = text("lead")
        summary = text("summary")
        objectives = Dictionary(
            rows("objectives").map { (Self.text($0, "code"), Self.text($0, "title")) },
            uniquingKeysWith: { first, _ in first })
        indicators = rows("indicators").map { row in
            IndicatorRow(
                code: Self.text(row, "code"), objective: Self.text(row, "objective"), name: Self.text(row, "name"),
                unit: Self.text(row, "unit"), baseline: Self.number(row["baseline"]),
                baselineYear: Self.number(row["baseline-year"]), source: Self.text(row, "source"),
                rises: Self.text(row, "direction") != "down")
        }
        targets = rows("targets").map { row in
            TargetRow(
                code: Self.text(row, "indicator"), year: Self.number(row["year"]), value: Self.number(row["value"]))
        }
        measures = rows("measures").map { row in
            MeasureRow(
                code: Self.text(row, "code"), objective: Self.text(row, "objective"), title: Self.text(row, "title"),
                division: Self.text(row, "division"),
                dueOn: Day(Self.text(row, "due-on")) ?? Day(number: 0))
        }
    }

    private static func text(_ row: JSONValue, _ name: String) -> String { row[name]?.string ?? "" }
    private static func number(_ value: JSONValue?) -> Int { value?.integer.flatMap { Int(exactly: $0) } ?? 0 }

    /// What does not hang together: every indicator has its objective and a target for each year, every measure its
    /// objective, and no code is used twice.
    var problems: [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
        }
        if toYear < fromYear || toYear - fromYear > 20 {
            add("to-year", "plan.years", "规划期应为 1 至 21 年，且结束年不早于开始年", "A plan runs from 1 to 21 years")
        }
        for (field, codes) in [("indicators", indicators.map(\.code)), ("measures", measures.map(\.code))] {
            for (index, code) in codes.enumerated() where codes[..<index].contains(code) {
                add("\(field).\(index).code", "plan.double", "代码 \(code) 重复", "The code \(code) is used twice")
            }
        }
        for (index, item) in indicators.enumerated() {
            if objectives[item.objective] == nil {
                add(
                    "indicators.\(index).objective", "plan.objective", "没有目标 \(item.objective)",
                    "There is no objective \(item.objective)")
            }
            guard toYear >= fromYear, toYear - fromYear <= 20 else { continue }
            let years = Set(targets.filter { $0.code == item.code }.map(\.year))
            let missing = (fromYear...toYear).filter { !years.contains($0) }
            if !missing.isEmpty {
                let list = missing.map(String.init).listed
                add(
                    "targets", "plan.targets", "指标「\(item.name)」缺少以下年度的目标值：\(list.zh)",
                    "The indicator '\(item.name)' lacks targets of \(list.en)")
            }
        }
        for (index, item) in targets.enumerated() {
            if !indicators.contains(where: { $0.code == item.code }) {
                add(
                    "targets.\(index).indicator", "plan.indicator", "没有指标 \(item.code)",
                    "There is no indicator \(item.code)")
            }
            if !(fromYear...max(fromYear, toYear)).contains(item.year) {
                add("targets.\(index).year", "plan.year", "\(item.year) 年不在规划期内", "\(item.year) is outside the plan")
            }
            if targets[..<index].contains(where: { $0.code == item.code && $0.year == item.year }) {
                add(
                    "targets.\(index).year", "plan.double", "\(item.code) 的 \(item.year) 年目标重复",
                    "This target is given twice")
            }
        }
        for (index, item) in measures.enumerated() where objectives[item.objective] == nil {
            add(
                "measures.\(index).objective", "plan.objective", "没有目标 \(item.objective)",
                "There is no objective \(item.objective)")
        }
        let used = Set(indicators.map(\.objective)).union(measures.map(\.objective))
        for code in objectives.keys.sorted() where !used.contains(code) {
            add(
                "objectives", "plan.empty", "目标 \(code) 没有指标和任务",
                "The objective \(code) has neither indicator nor measure")
        }
        return found
    }
}

/// A report on an indicator or a measure, as its form holds it.
struct PlanReport: Sendable {
    let target: String
    let code: String
    /// Zero for a measure, of which the last report counts.
    let year: Int
    let value: Int?
    let state: String?
    let note: String
    let evidence: String

    init(_ answers: JSONValue) {
        func text(_ name: String) -> String { answers[name]?.string ?? "" }
        let isMeasure = text("target") == "measure"
        target = text("target")
        code = text("code")
        year = isMeasure ? 0 : answers["year"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        value = isMeasure ? nil : answers["value"]?.integer.flatMap { Int(exactly: $0) }
        state = isMeasure ? text("state") : nil
        note = text("note")
        evidence = text("evidence")
    }

    /// What does not fit the plan.
    func problems(_ whole: PlanWhole, by actor: Actor, today: Day) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
        }
        guard actor.isSystem || actor.roles.contains(.officer) else {
            add("", "report.officer", "进展由责任处室填报", "Progress is reported by the responsible division")
            return found
        }
        if target == "measure" {
            guard let measure = whole.measures.first(where: { $0.code == code }) else {
                add("code", "report.code", "该规划没有任务 \(code)", "The plan has no measure \(code)")
                return found
            }
            if let division = actor.division, division != measure.division {
                add("code", "report.division", "该任务由其他处室负责", "Another division answers for this measure")
            }
            if Measure.State(rawValue: state ?? "") == nil || state == "late" {
                add("state", "report.state", "请选择任务状态", "Choose the state of the measure")
            }
            return found
        }
        guard let indicator = whole.indicators.first(where: { $0.code == code }) else {
            add("code", "report.code", "该规划没有指标 \(code)", "The plan has no indicator \(code)")
            return found
        }
        if let division = actor.division, division != whole.plan.lead {
            add("code", "report.division", "指标由规划牵头处室填报", "The leading division reports indicators")
        }
        if value == nil { add("value", "field.required", "请填写指标值", "Give the value") }
        if year < indicator.baselineYear || year > whole.plan.toYear {
            add("year", "report.year", "年度应在基期和规划期内", "The year must lie between baseline and end of the plan")
        } else if year > today.parts.year {
            add("year", "report.future", "不能填报尚未到来的年度", "That year has not come yet")
        }
        return found
    }
}
