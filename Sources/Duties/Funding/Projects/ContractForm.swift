public import Kernel

/// What a contract, an application for acceptance and a change request ask.
public enum ContractForm {
    /// The contract: term, indicators, and how the awarded amount is spent.
    public static func contract(_ call: CallContent) -> Form {
        var fields = [
            FormField(name: "starts-on", label: Bilingual("项目开始日期", "First day of the project"), kind: .day),
            FormField(
                name: "term-months", label: Bilingual("项目期限（月）", "Term in months"), kind: .number, minimum: 1,
                maximum: Int64(call.termMonths)),
            FormField(
                name: "indicators", label: Bilingual("考核指标", "Indicators"),
                hint: Bilingual("验收时逐项对照。", "Acceptance looks at each of them."), kind: .table, atMost: 30, atLeast: 1,
                columns: [
                    FormField(name: "name", label: Bilingual("指标", "Indicator"), kind: .text, atMost: 120),
                    FormField(name: "target", label: Bilingual("目标值", "Target"), kind: .text, atMost: 120),
                    FormField(name: "evidence", label: Bilingual("证明方式", "Evidence"), kind: .text, atMost: 120),
                ]),
            FormField(name: "amount", label: Bilingual("立项金额（元）", "Amount awarded (yuan)"), kind: .money),
        ]
        if let budget = call.form.fields.first(where: { $0.kind == .budget }) {
            fields.append(
                FormField(
                    name: "money-mode", label: Bilingual("经费管理方式", "How the money is held"),
                    hint: Bilingual(
                        "不填为预算制；包干制不分科目，只用于规定的计划。",
                        "Empty means a budget by headings; a lump sum has none, and is for some programmes only."),
                    kind: .choice, required: false,
                    options: ContractBudget.Mode.allCases.map { FormOption($0.rawValue, $0.title) }))
            fields.append(
                FormField(
                    name: "budget", label: Bilingual("经费预算", "Budget"), kind: .budget, options: budget.options,
                    caps: budget.caps, equals: "amount"))
        }
        return Form(sections: [
            FormSection(name: "contract", title: Bilingual("项目合同书", "Contract"), fields: fields)
        ])
    }

    /// A contract's answers as they are read: a way of holding the money that was left empty is a budget by headings.
    static func readable(_ answers: JSONValue) -> JSONValue {
        guard var members = answers.object, (members["money-mode"] ?? .null) == .null else { return answers }
        members["money-mode"] = .string(ContractBudget.Mode.budget.rawValue)
        return .object(members)
    }

    /// The acceptance file: what was reached and what was spent.
    public static let acceptance = Form(sections: [
        FormSection(
            name: "acceptance", title: Bilingual("验收申请", "Application for acceptance"),
            fields: [
                FormField(
                    name: "summary-report", label: Bilingual("项目总结", "Summary report"), kind: .longText,
                    atMost: 8_000, atLeast: 20),
                FormField(
                    name: "results", label: Bilingual("指标完成情况", "Indicators reached"), kind: .table, atMost: 30,
                    atLeast: 1,
                    columns: [
                        FormField(name: "name", label: Bilingual("指标", "Indicator"), kind: .text, atMost: 120),
                        FormField(name: "reached", label: Bilingual("完成值", "Reached"), kind: .text, atMost: 120),
                        FormField(name: "evidence", label: Bilingual("证明材料", "Evidence"), kind: .text, atMost: 120),
                    ]),
                FormField(
                    name: "spent", label: Bilingual("累计支出（元）", "Spent in total (yuan)"), kind: .money, minimum: 0),
            ])
    ])

    /// A change of a running project; fields left empty do not change.
    public static let change = Form(sections: [
        FormSection(
            name: "change", title: Bilingual("变更内容", "What changes"),
            hint: Bilingual("不变更的项目留空。", "Leave empty what does not change."),
            fields: [
                FormField(
                    name: "new-end", label: Bilingual("延期至", "New last day"), kind: .day, required: false),
                FormField(
                    name: "new-investigator", label: Bilingual("新负责人 ORCID", "New investigator's ORCID"), kind: .orcid,
                    required: false),
                FormField(
                    name: "other", label: Bilingual("其他变更（预算、指标等）", "Other changes, such as budget or indicators"),
                    kind: .longText, required: false, atMost: 4_000),
                FormField(
                    name: "reason", label: Bilingual("变更理由", "Reason"), kind: .longText, atMost: 4_000, atLeast: 10),
            ])
    ])

    /// The first draft of a contract, filled with what the application said already.
    static func begin(from application: JSONValue, amount: Money) -> JSONValue {
        var answers: [String: JSONValue] = ["amount": .integer(amount.fen)]
        if let term = application["term-months"] { answers["term-months"] = term }
        if application["budget"] != nil { answers["money-mode"] = .string(ContractBudget.Mode.budget.rawValue) }
        if application["requested"]?.integer == amount.fen, let budget = application["budget"] {
            answers["budget"] = budget
        }
        return .object(answers)
    }
}
