public import Kernel
import Review

/// A call as a form that an officer fills in; the form of the application is a table of fields in it.
public enum CallForm {
    private static func text(_ name: String, _ zh: String, _ en: String, most: Int = 200) -> FormField {
        FormField(name: name, label: Bilingual(zh, en), kind: .text, atMost: most)
    }

    /// Kinds of field that an officer may put into an application.
    static let kinds: [FormField.Kind] = [.text, .longText, .number, .money, .day, .choice, .yesNo, .files]

    /// The kinds as one reads them in the table's hint.
    static let kindNames: [(FormField.Kind, Bilingual)] = [
        (.text, Bilingual("短文本", "short text")), (.longText, Bilingual("长文本", "long text")),
        (.number, Bilingual("整数", "whole number")), (.money, Bilingual("金额", "money")), (.day, Bilingual("日期", "date")),
        (.choice, Bilingual("单选", "choice")), (.yesNo, Bilingual("确认", "confirmation")),
        (.files, Bilingual("附件", "files")),
    ]

    public static let form = Form(sections: [
        FormSection(
            name: "basics", title: Bilingual("基本信息", "Basics"),
            fields: [
                text("title-zh", "名称（中文）", "Title in Chinese"), text("title-en", "名称（英文）", "Title in English"),
                FormField(
                    name: "summary-zh", label: Bilingual("简介（中文）", "Summary in Chinese"), kind: .longText, atMost: 2_000
                ),
                FormField(
                    name: "summary-en", label: Bilingual("简介（英文）", "Summary in English"), kind: .longText, atMost: 4_000
                ),
                FormField(
                    name: "field",
                    label: Bilingual("学科代码（GB/T 13745，三位）", "Discipline code (GB/T 13745, three digits)"),
                    hint: Bilingual("留空表示不限学科；专家按学科抽取。", "Empty means any; experts are drawn by it."), kind: .text,
                    required: false, atMost: 3),
                FormField(name: "opens-on", label: Bilingual("开始日期", "First day"), kind: .day),
                FormField(name: "closes-on", label: Bilingual("截止日期（当日 24:00）", "Last day (until 24:00)"), kind: .day),
                FormField(name: "budget", label: Bilingual("本批预算（元）", "Budget (yuan)"), kind: .money, minimum: 0),
                FormField(
                    name: "minimum", label: Bilingual("单项最低（元）", "Least for a project (yuan)"), kind: .money, minimum: 0
                ),
                FormField(
                    name: "maximum", label: Bilingual("单项最高（元）", "Most for a project (yuan)"), kind: .money, minimum: 0),
                FormField(
                    name: "term-months", label: Bilingual("最长期限（月）", "Longest term (months)"), kind: .number,
                    minimum: 1, maximum: 120),
            ]),
        FormSection(
            name: "conditions", title: Bilingual("申报条件", "Conditions"),
            fields: [
                FormField(
                    name: "hosts", label: Bilingual("可申报单位", "Who may apply"), kind: .choices,
                    options: LimitFacts.Host.allCases.map { host in
                        FormOption(
                            host.rawValue, Organisation.Kind(rawValue: host.rawValue)?.title ?? Bilingual("", ""))
                    }),
                FormField(
                    name: "limited", label: Bilingual("适用申报限项规定", "The limits on applications apply"), kind: .yesNo,
                    required: false),
                FormField(
                    name: "conditions", label: Bilingual("条件", "Conditions"), kind: .table, required: false, atMost: 20,
                    columns: [text("zh", "中文", "Chinese", most: 500), text("en", "英文", "English", most: 500)]),
            ]),
        FormSection(
            name: "form", title: Bilingual("申报表", "The application's form"),
            hint: Bilingual(
                "名称、摘要、金额、期限和成员每份申请都有；这里增加本指南的内容。类型：text 短文本、longText 长文本、number 整数、money 金额、day 日期、choice 单选（选项用分号隔开）、yesNo 确认、files 附件。",
                "Every application has title, abstract, amount, term and team; add what this call asks. Kinds: text, longText, number, money, day, choice (options separated by semicolons), yesNo, files."
            ),
            fields: [
                FormField(
                    name: "fields", label: Bilingual("字段", "Fields"), kind: .table, required: false, atMost: 40,
                    columns: [
                        text("name", "代号", "Name", most: 40), text("zh", "名称（中文）", "Label in Chinese"),
                        text("en", "名称（英文）", "Label in English"), text("kind", "类型", "Kind", most: 20),
                        FormField(
                            name: "most", label: Bilingual("上限", "At most"), kind: .number, required: false, minimum: 1),
                        FormField(
                            name: "options", label: Bilingual("选项", "Options"), kind: .text, required: false,
                            atMost: 1_000),
                        FormField(
                            name: "required", label: Bilingual("必填（是/否）", "Required (yes/no)"), kind: .text,
                            required: false, atMost: 5),
                    ]),
                FormField(
                    name: "headings", label: Bilingual("经费科目与上限", "Cost headings and caps"), kind: .table,
                    required: false, atMost: 20,
                    columns: [
                        text("name", "代号", "Name", most: 40), text("zh", "名称（中文）", "Label in Chinese"),
                        text("en", "名称（英文）", "Label in English"),
                        FormField(
                            name: "cap", label: Bilingual("上限（%）", "Cap (%)"), kind: .number, required: false,
                            minimum: 1, maximum: 100),
                    ]),
            ]),
        FormSection(
            name: "review", title: Bilingual("评审", "Review"),
            fields: [
                FormField(
                    name: "criteria", label: Bilingual("评审标准与权重", "Criteria and weights"), kind: .table, atMost: 12,
                    columns: [
                        text("name", "代号", "Name", most: 40), text("zh", "名称（中文）", "Title in Chinese"),
                        text("en", "名称（英文）", "Title in English"),
                        FormField(
                            name: "weight", label: Bilingual("权重（%）", "Weight (%)"), kind: .number, minimum: 1,
                            maximum: 100),
                    ]),
                FormField(
                    name: "experts-each", label: Bilingual("每项专家数", "Experts for each"), kind: .number, minimum: 1,
                    maximum: 9),
                FormField(
                    name: "disagreement",
                    label: Bilingual("分差超过多少分提请会议讨论", "Spread in points above which the panel looks"),
                    kind: .number, minimum: 1, maximum: 100),
                FormField(
                    name: "blindness", label: Bilingual("盲评方式", "Blind mode"), kind: .choice, required: false,
                    options: CallContent.Blindness.allCases.map { FormOption($0.rawValue, $0.title) }),
                FormField(
                    name: "review-language", label: Bilingual("评审语言", "Language of the review"),
                    hint: Bilingual("不选则不限；选定后只抽取、分配能读它的专家。", "Empty means any; else only experts who read it judge."),
                    kind: .choice, required: false,
                    options: ReviewLanguage.allCases.map { FormOption($0.rawValue, $0.title) }),
                FormField(
                    name: "criterion-comments", label: Bilingual("每条标准单独写意见", "A comment on each criterion"),
                    kind: .yesNo, required: false),
                FormField(
                    name: "grade", label: Bilingual("另给 A–D 等级", "A grade A to D as well"), kind: .yesNo,
                    required: false),
            ]),
        FormSection(
            name: "tranches", title: Bilingual("拨款", "Tranches"),
            fields: [
                FormField(
                    name: "tranches", label: Bilingual("各期拨款", "Tranches"), kind: .table, atMost: 10,
                    columns: [
                        FormField(
                            name: "share", label: Bilingual("比例（%）", "Share (%)"), kind: .number, minimum: 1,
                            maximum: 100),
                        text("zh", "条件（中文）", "Condition in Chinese", most: 300),
                        text("en", "条件（英文）", "Condition in English", most: 300),
                        FormField(
                            name: "after", label: Bilingual("开始后几个月", "Months after the start"), kind: .number,
                            minimum: 0, maximum: 120),
                    ])
            ]),
    ])

    /// Kinds and names that the table cannot check by itself.
    static func problems(_ answers: JSONValue) -> [FieldProblem] {
        var found: [FieldProblem] = []
        for (index, row) in (answers["fields"]?.array ?? []).enumerated() {
            let kind = row["kind"]?.string ?? ""
            if !kinds.map(\.rawValue).contains(kind) {
                found.append(
                    FieldProblem(
                        field: "fields.\(index).kind", code: "call.kind",
                        message: Bilingual("没有类型「\(kind)」", "There is no kind '\(kind)'")))
            }
        }
        return found
    }

    /// The call as the form shows it.
    public static func answers(_ call: Call) -> JSONValue {
        let content = call.content
        func rows(_ items: [JSONValue]) -> JSONValue { .array(items) }
        func whole(_ number: Int) -> JSONValue { .integer(Int64(number)) }
        let own = content.form.fields.filter { $0.kind != .budget }
        let budget = content.form.fields.first { $0.kind == .budget }
        let language: JSONValue = content.language.map { .string($0.rawValue) } ?? .null
        return [
            "title-zh": .string(content.title.zh), "title-en": .string(content.title.en),
            "summary-zh": .string(content.summary.zh), "summary-en": .string(content.summary.en),
            "field": content.field.isEmpty ? .null : .string(content.field),
            "opens-on": .string(call.opensOn.description), "closes-on": .string(call.closesOn.description),
            "budget": .integer(call.budget.fen), "minimum": .integer(content.minimum.fen),
            "maximum": .integer(content.maximum.fen), "term-months": whole(content.termMonths),
            "hosts": rows(content.hosts.map { .string($0.rawValue) }), "limited": .bool(content.limited),
            "conditions": rows(content.conditions.map { ["zh": .string($0.zh), "en": .string($0.en)] }),
            "fields": rows(own.map(row)),
            "headings": rows(
                (budget?.options ?? []).map { option in
                    var row: [String: JSONValue] = [
                        "name": .string(option.value), "zh": .string(option.label.zh), "en": .string(option.label.en),
                    ]
                    if let cap = budget?.caps?[option.value] { row["cap"] = whole(cap / 10) }
                    return .object(row)
                }),
            "criteria": rows(
                content.sheet.criteria.map {
                    [
                        "name": .string($0.id), "zh": .string($0.title.zh), "en": .string($0.title.en),
                        "weight": whole($0.weight / 10),
                    ]
                }),
            "experts-each": whole(content.expertsEach), "disagreement": whole(content.disagreementThousandths / 1_000),
            "blindness": .string((content.blindness ?? .single).rawValue),
            "review-language": language,
            "criterion-comments": .bool(content.sheet.hasCriterionComments ?? false),
            "grade": .bool(content.sheet.hasGrade ?? false),
            "tranches": rows(
                content.tranches.map {
                    [
                        "share": whole($0.perMille / 10), "zh": .string($0.condition.zh),
                        "en": .string($0.condition.en), "after": whole($0.afterMonths),
                    ]
                }),
        ]
    }

    private static func row(_ field: FormField) -> JSONValue {
        var row: [String: JSONValue] = [
            "name": .string(field.name), "zh": .string(field.label.zh), "en": .string(field.label.en),
            "kind": .string(field.kind.rawValue), "required": .string(field.required ? "是" : "否"),
        ]
        if let most = field.atMost { row["most"] = .integer(Int64(most)) }
        if let options = field.options {
            row["options"] = .string(options.map { "\($0.value)=\($0.label.zh)/\($0.label.en)" }.joined(separator: "；"))
        }
        return .object(row)
    }

    /// Writes the answers into the call.
    static func apply(_ answers: JSONValue, to call: inout Call) {
        func string(_ name: String) -> String { answers[name]?.string ?? "" }
        func whole(_ name: String) -> Int { number(answers[name]) }
        func table(_ name: String) -> [JSONValue] { answers[name]?.array ?? [] }
        func both(_ row: JSONValue) -> Bilingual { Bilingual(row["zh"]?.string ?? "", row["en"]?.string ?? "") }
        if let day = Day(string("opens-on")) { call.opensOn = day }
        if let day = Day(string("closes-on")) { call.closesOn = day }
        call.budget = Money(fen: answers["budget"]?.integer ?? 0)
        call.content.title = Bilingual(string("title-zh"), string("title-en"))
        call.content.summary = Bilingual(string("summary-zh"), string("summary-en"))
        call.content.field = string("field")
        call.content.minimum = Money(fen: answers["minimum"]?.integer ?? 0)
        call.content.maximum = Money(fen: answers["maximum"]?.integer ?? 0)
        call.content.termMonths = whole("term-months")
        call.content.hosts = table("hosts").compactMap { $0.string.flatMap(LimitFacts.Host.init(rawValue:)) }
        call.content.limited = answers["limited"]?.bool ?? false
        call.content.conditions = table("conditions").map(both)
        call.content.form = Form(sections: sections(table("fields"), table("headings")))
        call.content.sheet.criteria = table("criteria").map { row in
            ScoringSheet.Criterion(
                id: row["name"]?.string ?? "", title: both(row), weight: number(row["weight"]) * 10)
        }
        call.content.expertsEach = whole("experts-each")
        call.content.disagreementThousandths = whole("disagreement") * 1_000
        call.content.blindness = CallContent.Blindness(rawValue: string("blindness"))
        call.content.language = ReviewLanguage(rawValue: string("review-language"))
        call.content.sheet.hasCriterionComments = answers["criterion-comments"]?.bool ?? false
        call.content.sheet.hasGrade = answers["grade"]?.bool ?? false
        call.content.tranches = table("tranches").map { row in
            CallContent.TranchePlan(
                perMille: number(row["share"]) * 10, condition: both(row),
                afterMonths: number(row["after"]))
        }
    }

    private static func sections(_ fields: [JSONValue], _ headings: [JSONValue]) -> [FormSection] {
        var sections: [FormSection] = []
        let own = fields.map(field)
        if !own.isEmpty {
            sections.append(FormSection(name: "content", title: Bilingual("申报内容", "Content"), fields: own))
        }
        if !headings.isEmpty { sections.append(budget(headings)) }
        return sections
    }

    private static func budget(_ headings: [JSONValue]) -> FormSection {
        let options = headings.map { row in
            FormOption(row["name"]?.string ?? "", Bilingual(row["zh"]?.string ?? "", row["en"]?.string ?? ""))
        }
        var caps: [String: Int] = [:]
        for row in headings {
            if let name = row["name"]?.string, row["cap"]?.integer != nil { caps[name] = number(row["cap"]) * 10 }
        }
        return FormSection(
            name: "budget-section", title: Bilingual("经费预算", "Budget"),
            fields: [
                FormField(
                    name: "budget", label: Bilingual("经费预算", "Budget"), kind: .budget, options: options, caps: caps,
                    equals: "requested")
            ])
    }

    /// A count that a call may hold. What is far outside is kept at the edge, where the check refuses it and no sum of
    /// such numbers overflows.
    private static func number(_ value: JSONValue?) -> Int {
        Int(min(1_000_000, max(-1_000_000, value?.integer ?? 0)))
    }

    private static func field(_ row: JSONValue) -> FormField {
        let kind = row["kind"]?.string.flatMap(FormField.Kind.init(rawValue:)) ?? .text
        let options = (row["options"]?.string ?? "").split { "；;".contains($0) }.enumerated().map { index, text in
            option(String(text), index)
        }
        let isRequired = !["否", "no", "n", "0"].contains((row["required"]?.string ?? "").lowercased())
        return FormField(
            name: row["name"]?.string ?? "",
            label: Bilingual(row["zh"]?.string ?? "", row["en"]?.string ?? ""), kind: kind, required: isRequired,
            atMost: row["most"]?.integer == nil ? nil : number(row["most"]), options: options.isEmpty ? nil : options,
            accepts: kind == .files ? DocumentStore.usualTypes : nil)
    }

    /// `value=中文/English`, or a text that is both.
    private static func option(_ text: String, _ index: Int) -> FormOption {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let value = parts.count == 2 ? parts[0] : "option-\(index + 1)"
        let labels = (parts.last ?? text).split(separator: "/", maxSplits: 1).map(String.init)
        return FormOption(value, Bilingual(labels.first ?? text, labels.last ?? text))
    }
}

extension CallContent {
    /// What a new call starts from.
    public static func standard(title: Bilingual) -> CallContent {
        CallContent(
            title: title, summary: Bilingual("", ""), field: "", hosts: LimitFacts.Host.allCases, conditions: [],
            limited: true, minimum: Money(fen: 10_000_000), maximum: Money(fen: 100_000_000), termMonths: 36,
            form: Form(sections: []),
            sheet: ScoringSheet(
                criteria: [
                    .init(id: "novelty", title: Bilingual("创新性", "Novelty"), weight: 400),
                    .init(id: "feasibility", title: Bilingual("可行性", "Feasibility"), weight: 300),
                    .init(id: "benefit", title: Bilingual("预期效益", "Expected benefit"), weight: 300),
                ],
                verdicts: [
                    FormOption("fund", Bilingual("建议资助", "Fund")),
                    FormOption("maybe", Bilingual("可资助可不资助", "May be funded")),
                    FormOption("refuse", Bilingual("不建议资助", "Do not fund")),
                ]),
            expertsEach: 3, disagreementThousandths: 25_000,
            tranches: [
                .init(perMille: 500, condition: Bilingual("合同签订后", "After the contract is signed"), afterMonths: 0),
                .init(perMille: 500, condition: Bilingual("中期检查合格后", "After the mid-term check"), afterMonths: 12),
            ])
    }
}
