public import Kernel

/// What every application asks, whatever its call: the call adds its own sections after these.
extension CallContent {
    /// The common sections and those of the call, as one form.
    public var wholeForm: Form { Form(sections: [basics, team] + [unsuitable].compactMap(\.self) + form.sections) }

    /// The form as reviewers read it: not whom the applicant would rather not have.
    var reviewForm: Form { Form(sections: [basics, team] + form.sections) }

    private var unsuitable: FormSection? {
        guard let most = unsuitableMost, most > 0 else { return nil }
        return FormSection(
            name: "unsuitable", title: Bilingual("不宜评审的专家", "Unsuitable reviewers"),
            hint: Bilingual(
                "可以提名最多 \(most) 名，抽取专家时排除；评审专家看不到。",
                "You may name up to \(most); they are not drawn, and no reviewer sees this."),
            fields: [
                FormField(
                    name: "unsuitable", label: Bilingual("不宜评审的专家", "Unsuitable reviewers"), kind: .table,
                    required: false, atMost: most,
                    columns: [
                        FormField(name: "name", label: Bilingual("姓名", "Name"), kind: .text, atMost: 60),
                        FormField(
                            name: "organisation", label: Bilingual("单位名称", "Organisation"), kind: .text, atMost: 120),
                    ])
            ])
    }

    private var basics: FormSection {
        FormSection(
            name: "basics", title: Bilingual("基本信息", "The project"),
            hint: Bilingual("项目名称、申请金额和期限。", "Title, amount and term."),
            fields: [
                FormField(
                    name: "title-zh", label: Bilingual("项目名称（中文）", "Title in Chinese"), kind: .text, atMost: 80,
                    atLeast: 4),
                FormField(
                    name: "title-en", label: Bilingual("项目名称（英文）", "Title in English"), kind: .text, atMost: 240,
                    atLeast: 4),
                FormField(
                    name: "abstract", label: Bilingual("项目摘要", "Abstract"),
                    hint: Bilingual("要解决什么问题，怎样解决，预期成果。", "The problem, the way to solve it, the results expected."),
                    kind: .longText, atMost: 2_000, atLeast: 20),
                FormField(
                    name: "keywords", label: Bilingual("关键词", "Keywords"),
                    hint: Bilingual(
                        "中文或英文，用分号隔开；用于匹配评审专家。",
                        "In Chinese or English, with semicolons between; they help to find experts who know the subject."
                    ),
                    kind: .text, required: false, atMost: 200),
            ] + discipline + [
                FormField(
                    name: "requested", label: Bilingual("申请金额（元）", "Amount asked for (yuan)"),
                    hint: Bilingual(
                        "\(minimum.yuanText) 元至 \(maximum.yuanText) 元",
                        "RMB \(minimum.yuanText) to RMB \(maximum.yuanText)"),
                    kind: .money, minimum: minimum.fen, maximum: maximum.fen),
                FormField(
                    name: "term-months", label: Bilingual("项目期限（月）", "Term in months"), kind: .number, minimum: 1,
                    maximum: Int64(termMonths)),
            ])
    }

    /// Only where the call is open to every discipline.
    private var discipline: [FormField] {
        guard field.isEmpty else { return [] }
        return [
            FormField(
                name: "discipline", label: Bilingual("学科（GB/T 13745）", "Discipline (GB/T 13745)"),
                hint: Bilingual(
                    "专家按学科抽取；可由题目、关键词和摘要推荐。", "Experts are drawn by it; title, keywords and abstract suggest one."),
                kind: .choice, required: false, options: Disciplines.options)
        ]
    }

    private var team: FormSection {
        FormSection(
            name: "team", title: Bilingual("项目组成员", "The team"),
            hint: Bilingual(
                "负责人已从主体库带入，这里填写其他主要参与人。",
                "The investigator comes from the registry; list the other main participants here."),
            fields: [
                FormField(
                    name: "telephone", label: Bilingual("负责人联系电话", "Investigator's telephone"), kind: .telephone),
                FormField(
                    name: "participants", label: Bilingual("主要参与人", "Main participants"), kind: .table,
                    required: false, atMost: 20,
                    columns: [
                        FormField(name: "name", label: Bilingual("姓名", "Name"), kind: .text, atMost: 60),
                        FormField(
                            name: "organisation", label: Bilingual("单位统一社会信用代码", "Credit code of the organisation"),
                            kind: .uscc),
                        FormField(name: "orcid", label: Bilingual("ORCID", "ORCID"), kind: .orcid, required: false),
                        FormField(name: "role", label: Bilingual("分工", "Part in the project"), kind: .text, atMost: 60),
                    ]),
            ])
    }
}
