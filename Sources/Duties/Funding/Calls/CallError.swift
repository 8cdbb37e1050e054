public import Kernel

/// Why a call cannot be read or changed as asked.
public enum CallError: Problem, Hashable {
    case unknown
    case stale
    case notDraft
    case notProposed
    case incomplete([FieldProblem])
    case samePerson
    case belowPromised(Money)
    case notFinished
    case notOpen(opens: Day, closes: Day)

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .stale: .stale
        case .notDraft, .notProposed, .notOpen, .belowPromised, .notFinished: .conflict
        case .incomplete: .invalid
        case .samePerson: .forbidden
        }
    }

    public var code: String {
        switch self {
        case .unknown: "call.unknown"
        case .stale: "call.stale"
        case .notDraft: "call.not-draft"
        case .notProposed: "call.not-proposed"
        case .incomplete: "call.incomplete"
        case .samePerson: "call.same-person"
        case .belowPromised: "call.below-promised"
        case .notFinished: "call.not-finished"
        case .notOpen: "call.not-open"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这份申报指南。请从指南列表重新打开。", "There is no such call. Open it again from the list of calls.")
        case .stale:
            Bilingual(
                "您打开以后，别人改过这份指南。请重新打开，再改一次。",
                "Somebody changed this call after you opened it. Open it again and repeat your change.")
        case .notDraft:
            Bilingual("指南已提交发布或已发布，不能再改。", "The call has been proposed or published and can no longer be changed.")
        case .notProposed:
            Bilingual("指南还没有提交发布。请经办人先提交。", "The call has not been proposed yet. Its officer must propose it first.")
        case .incomplete: Bilingual("指南还有内容需要补正，见各项说明。", "The call needs mending; see each point.")
        case .samePerson: Bilingual("提交发布的人不能自己批准发布。", "Who proposed the call may not publish it.")
        case .belowPromised(let money):
            Bilingual(
                "各指南已列 \(money.yuanText) 元，年度预算不能低于此数。",
                "Calls take RMB \(money.yuanText) already; the budget cannot be lower.")
        case .notFinished:
            Bilingual(
                "指南还没有结束：申报尚未截止，或还有申请未办结。全部办结后再收回余额。",
                "The call is not finished: it is still open, or applications are still on their way. Free the rest when all are done."
            )
        case .notOpen(let opens, let closes):
            Bilingual(
                "申报时间为 \(opens) 至 \(closes) 24:00，现在不能提交。草稿仍然保存着。",
                "Applications are taken from \(opens) to \(closes) 24:00; it cannot be submitted now. Your draft is kept."
            )
        }
    }

    public var fields: [FieldProblem] {
        if case .incomplete(let problems) = self { problems } else { [] }
    }
}
