public import Kernel
import Review

extension CallContent {
    /// Everything that keeps the call from being published, in the order of its page.
    public func problems(opensOn: Day, closesOn: Day, budget: Money, left: Money) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
        }
        if title.zh.isEmpty { add("title.zh", "field.required", "请填写中文名称", "Give the Chinese title") }
        if title.en.isEmpty { add("title.en", "field.required", "请填写英文名称", "Give the English title") }
        if summary.zh.isEmpty { add("summary.zh", "field.required", "请填写中文简介", "Give the Chinese summary") }
        if summary.en.isEmpty { add("summary.en", "field.required", "请填写英文简介", "Give the English summary") }
        if hosts.isEmpty { add("hosts", "field.required", "请选择哪些单位可以申报", "Choose which hosts may apply") }
        if closesOn < opensOn {
            add("closesOn", "call.dates", "截止日早于开始日，请改正", "The last day is before the first; mend one of them")
        }
        if minimum.fen <= 0 { add("minimum", "call.amount", "最低资助额应大于零", "The least amount must be above zero") }
        if maximum < minimum {
            add("maximum", "call.amount", "最高资助额低于最低资助额，请改正", "The largest amount is below the least; mend one of them")
        }
        if budget < maximum {
            add(
                "budget", "call.budget", "本批预算低于单项最高资助额，请改正",
                "The call's budget is below the largest amount; mend one of them")
        }
        if left < budget {
            add(
                "budget", "call.over-budget", "超出专项本年度余额 \(left.yuanText) 元，请减少预算或先调整年度预算",
                "Above what the programme has left this year (RMB \(left.yuanText)); lower it or change the year's budget first"
            )
        }
        if !(1...120).contains(termMonths) {
            add("termMonths", "call.term", "项目期限应为 1 至 120 个月", "The term must be 1 to 120 months")
        }
        if !(1...9).contains(expertsEach) {
            add("expertsEach", "call.experts", "每项评审专家应为 1 至 9 人", "Between 1 and 9 experts for each application")
        }
        if tranches.isEmpty || tranches.map(\.perMille).reduce(0, +) != 1000 {
            add("tranches", "call.tranches", "各期拨款比例之和应为 100%", "The shares of the tranches must add up to 100 %")
        }
        found += sheet.problems.map { problem in
            FieldProblem(
                field: "sheet.\(problem.field)", code: problem.code, message: problem.message, basis: problem.basis)
        }
        found += form.lint().map { problem in
            FieldProblem(field: "form.\(problem.field)", code: problem.code, message: problem.message)
        }
        return found
    }
}
