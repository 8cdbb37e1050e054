import Kernel

/// What the law of the natural science fund asks of a call of its programme: NSFC Regulation 15 and 20.
struct FundLaw: Sendable {
    /// Least experts drawn for each application.
    let experts: Int
    /// Most reviewers whom an applicant may name as unsuitable.
    let unsuitable: Int
    private let basis: Bilingual

    /// Nil for programmes that are no basic research, and before the regulation.
    init?(_ programme: Programme, _ rules: RuleBook, on day: Day) throws {
        guard programme.kind == "basic-research", rules.parameters["basic.fund.experts"]?.value(on: day) != nil else {
            return nil
        }
        experts = try rules.number("basic.fund.experts", on: day)
        unsuitable = try rules.number("basic.fund.unsuitable", on: day)
        basis = try rules.dated("basic.fund.experts", on: day).source.cited
    }

    /// What keeps a call of the fund from being published.
    func problems(_ content: CallContent) -> [FieldProblem] {
        guard content.expertsEach < experts else { return [] }
        return [
            FieldProblem(
                field: "expertsEach", code: "call.fund-experts",
                message: Bilingual(
                    "自然科学基金每项评审专家不少于 \(experts) 人", "The natural science fund draws at least \(experts) experts each"),
                basis: basis)
        ]
    }
}
