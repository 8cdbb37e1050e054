public import Kernel

/// Why a meeting cannot go on as asked.
public enum MeetingError: Problem, Hashable {
    case unknown
    case notMember
    case wrongState
    case noQuorum(present: Int, needed: Int, of: Int)
    case recused
    case absent
    case voteOpen
    case voteClosed
    case voted
    case notSigner
    /// Papers and the roll do not add up.
    case broken
    case incomplete([FieldProblem])

    public var kind: ProblemKind {
        switch self {
        case .unknown, .notMember: .notFound
        case .recused, .absent, .notSigner: .forbidden
        case .incomplete: .invalid
        case .broken: .broken
        default: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknown: "meeting.unknown"
        case .notMember: "meeting.not-member"
        case .wrongState: "meeting.wrong-state"
        case .noQuorum: "meeting.no-quorum"
        case .recused: "meeting.recused"
        case .absent: "meeting.absent"
        case .voteOpen: "meeting.vote-open"
        case .voteClosed: "meeting.vote-closed"
        case .voted: "meeting.voted"
        case .notSigner: "meeting.not-signer"
        case .broken: "meeting.broken"
        case .incomplete: "meeting.incomplete"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这次会议，或您无权查看。", "There is no such meeting, or it is not yours to see.")
        case .notMember: Bilingual("您不是这次会议的委员。", "You are not a member of this meeting.")
        case .wrongState: Bilingual("会议或议题的状态已变化，请刷新后查看。", "The meeting has moved on. Reload to see.")
        case .noQuorum(let present, let needed, let all):
            Bilingual(
                "到会 \(present) 人，未达到法定人数：有表决资格的 \(all) 人中至少须到 \(needed) 人。",
                "\(present) are present: no quorum. Of \(all) who may vote, at least \(needed) must be there.")
        case .recused:
            Bilingual("您须回避这项议题，不能查看材料或表决。", "You must keep out of this item: neither papers nor vote.")
        case .absent: Bilingual("您不在本次表决的名单上（表决开始时未到会）。", "You are not on the roll: you were not in the room.")
        case .voteOpen: Bilingual("表决正在进行，请先结束表决。", "A vote is open; close it first.")
        case .voteClosed: Bilingual("表决已经结束。", "The vote is closed.")
        case .voted: Bilingual("您已经投过票，不能再投。", "You have voted already and cannot vote again.")
        case .notSigner: Bilingual("会议纪要由主持人和秘书签字，每人一次。", "The chair and the secretary sign, once each.")
        case .broken: Bilingual("票数与投票名单不符，请报告系统管理员。", "Papers and roll do not add up. Tell the administrator.")
        case .incomplete: Bilingual("还有问题，请逐项改正。", "Some points are missing or wrong; mend each of them.")
        }
    }

    public var fields: [FieldProblem] { if case .incomplete(let problems) = self { problems } else { [] } }

    static func field(_ field: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: "meeting.\(field)", message: Bilingual(zh, en))
    }
}
