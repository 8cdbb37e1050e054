/// Why a case cannot be read or moved as asked.
public enum ProcedureError: Problem, Hashable {
    case unknownCase
    case unknownProcedure(String)
    case unknownAction(action: String, step: Bilingual)
    case notYours
    case samePerson
    case stale
    case refused([FieldProblem])
    case faultyDefinition([String])

    public var kind: ProblemKind {
        switch self {
        case .unknownCase, .unknownProcedure: .notFound
        case .unknownAction: .conflict
        case .notYours, .samePerson: .forbidden
        case .stale: .stale
        case .refused: .invalid
        case .faultyDefinition: .broken
        }
    }

    public var code: String {
        switch self {
        case .unknownCase: "case.unknown"
        case .unknownProcedure: "procedure.unknown"
        case .unknownAction: "case.action-not-open"
        case .notYours: "case.not-yours"
        case .samePerson: "case.same-person"
        case .stale: "case.stale"
        case .refused: "case.refused"
        case .faultyDefinition: "procedure.faulty"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknownCase: Bilingual("没有这个办件，或您无权查看。", "There is no such case, or it is not yours to see.")
        case .unknownProcedure(let id): Bilingual("没有事项 \(id)。", "There is no procedure \(id).")
        case .unknownAction(_, let step):
            Bilingual(
                "该办件现在处于「\(step.zh)」环节，不能进行这一操作。请刷新页面查看。",
                "The case is now at '\(step.en)', where this cannot be done. Reload the page to see.")
        case .notYours: Bilingual("这一步由他人办理，您不能操作。", "This step is with somebody else; you cannot act on it.")
        case .samePerson:
            Bilingual("经办与审批须为不同的人，您已办理前一步。", "Two different people are needed, and you did the step before.")
        case .stale:
            Bilingual(
                "您打开以后，内容已被修改。您填写的内容仍在页面上，请核对后重新提交。",
                "It was changed after you opened it. What you typed is still on the page; compare and send it again.")
        case .refused: Bilingual("还不能办理，请逐项改正。", "This cannot be done yet; mend each point.")
        case .faultyDefinition(let faults):
            Bilingual("事项定义有误：\(faults.joined(separator: "；"))", "Faulty procedures: \(faults.joined(separator: "; "))")
        }
    }

    public var fields: [FieldProblem] { if case .refused(let problems) = self { problems } else { [] } }
}
