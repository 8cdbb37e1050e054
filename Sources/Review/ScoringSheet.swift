public import Kernel

/// What experts are asked about each application: criteria with weights, and a verdict.
public struct ScoringSheet: Codable, Hashable, Sendable {
    /// One criterion, scored from 0 to 100 points.
    public struct Criterion: Codable, Hashable, Sendable {
        public var id: String
        public var title: Bilingual
        public var hint: Bilingual?
        /// Share of the total in thousandths.
        public var weight: Int

        public init(id: String, title: Bilingual, hint: Bilingual? = nil, weight: Int) {
            self.id = id
            self.title = title
            self.hint = hint
            self.weight = weight
        }

        /// The weight in per cent, exactly: `30`, `12.5`.
        public var share: String {
            weight.isMultiple(of: 10) ? String(weight / 10) : "\(weight / 10).\(weight % 10)"
        }
    }

    public var criteria: [Criterion]
    /// What the expert may say overall, e.g. fund or do not fund.
    public var verdicts: [FormOption]
    /// Fewest characters of the overall comment.
    public var commentLength: Int
    /// Whether each criterion takes a comment of its own; nil for no.
    public var hasCriterionComments: Bool?
    /// Whether the expert gives a grade A to D beside the scores; nil for no.
    public var hasGrade: Bool?

    /// The grades of a sheet that has them.
    public static let grades = [
        FormOption("A", Bilingual("A 优", "A excellent")), FormOption("B", Bilingual("B 良", "B good")),
        FormOption("C", Bilingual("C 中", "C fair")), FormOption("D", Bilingual("D 差", "D poor")),
    ]

    public init(
        criteria: [Criterion], verdicts: [FormOption], commentLength: Int = 10, hasCriterionComments: Bool? = nil,
        hasGrade: Bool? = nil
    ) {
        self.criteria = criteria
        self.verdicts = verdicts
        self.commentLength = commentLength
        self.hasCriterionComments = hasCriterionComments
        self.hasGrade = hasGrade
    }

    /// What is wrong with the definition itself.
    public var problems: [FieldProblem] {
        var found: [FieldProblem] = []
        if criteria.isEmpty {
            found.append(
                FieldProblem(
                    field: "criteria", code: "sheet.empty",
                    message: Bilingual("请至少列出一条评审标准", "List at least one criterion")))
        } else if criteria.map(\.weight).reduce(0, +) != 1_000 || criteria.contains(where: { $0.weight <= 0 }) {
            found.append(
                FieldProblem(
                    field: "criteria", code: "sheet.weights",
                    message: Bilingual("各项权重应大于零且合计 100%", "Weights must be above zero and add up to 100 %")))
        }
        if Set(criteria.map(\.id)).count != criteria.count {
            found.append(
                FieldProblem(
                    field: "criteria", code: "sheet.double",
                    message: Bilingual("评审标准的代码重复", "Two criteria have the same code")))
        }
        if criteria.contains(where: { $0.title.zh.isEmpty || $0.title.en.isEmpty }) {
            found.append(
                FieldProblem(
                    field: "criteria", code: "sheet.title",
                    message: Bilingual("评审标准须有中英文名称", "Each criterion needs its title in both languages")))
        }
        if verdicts.count < 2 {
            found.append(
                FieldProblem(
                    field: "verdicts", code: "sheet.verdicts",
                    message: Bilingual("请至少列出两种总体意见", "List at least two verdicts")))
        }
        return found
    }

    /// The sheet as a form: the same checks while drafting and at submission.
    public var form: Form {
        let scores = criteria.flatMap { criterion -> [FormField] in
            let score = FormField(
                name: "score-\(criterion.id)", label: criterion.title,
                hint: criterion.hint
                    ?? Bilingual("0–100 分，权重 \(criterion.share)%", "0 to 100, weight \(criterion.share) %"),
                kind: .number, minimum: 0, maximum: 100)
            guard hasCriterionComments ?? false else { return [score] }
            let comment = FormField(
                name: "comment-\(criterion.id)",
                label: Bilingual("「\(criterion.title.zh)」的意见", "Comment on \(criterion.title.en)"), kind: .longText,
                atMost: 1_000, atLeast: 4)
            return [score, comment]
        }
        return Form(sections: [
            FormSection(name: "scores", title: Bilingual("评分", "Scores"), fields: scores),
            FormSection(name: "opinion", title: Bilingual("评审意见", "Opinion"), fields: opinion),
        ])
    }

    private var opinion: [FormField] {
        let grade = FormField(
            name: "grade", label: Bilingual("综合评价等级", "Grade"), kind: .choice, options: ScoringSheet.grades)
        return ((hasGrade ?? false) ? [grade] : []) + [
            FormField(name: "verdict", label: Bilingual("总体意见", "Verdict"), kind: .choice, options: verdicts),
            FormField(
                name: "comment",
                label: Bilingual("评审意见（将反馈申请人，不含专家姓名）", "Comment, shown to the applicant without your name"),
                kind: .longText, atMost: 4_000, atLeast: commentLength),
        ]
    }

    /// The weighted total in thousandths of a point, 0 to 100,000; exact, since scores and weights are whole numbers.
    /// Nil while a score is missing.
    public func total(_ answers: JSONValue) -> Int? {
        var total = 0
        for criterion in criteria {
            guard let score = answers["score-\(criterion.id)"]?.integer, (0...100).contains(score) else { return nil }
            total += Int(score) * criterion.weight
        }
        return total
    }
}
