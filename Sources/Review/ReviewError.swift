public import Kernel

/// Why a review cannot go on as asked.
public enum ReviewError: Problem, Hashable {
    case unknown
    case alreadyOpen
    case notYours
    case wrongState
    case notDrawn
    case conflicted([Conflict])
    case stale
    case incomplete([FieldProblem])
    case tooFewExperts(Int)
    case unfinished(Int)
    case noReserve
    /// The stored plan is not the one whose hash was published.
    case planChanged
    /// The plan that would be fixed or run is not the one that was looked at.
    case planMoved
    /// No signed checkpoint covers the published hash of the plan yet.
    case unsigned
    /// The protocol would tell who judges what while they judge.
    case sealed
    /// Whoever filed, declared or is judged does not rule.
    case sameHand
    /// Some conflicts no ruling lifts.
    case neverLifted

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .notYours, .conflicted, .sealed, .sameHand: .forbidden
        case .stale, .planMoved: .stale
        case .incomplete: .invalid
        case .alreadyOpen, .wrongState, .notDrawn, .tooFewExperts, .unfinished, .noReserve, .neverLifted, .unsigned:
            .conflict
        case .planChanged: .broken
        }
    }

    public var code: String {
        switch self {
        case .unknown: "review.unknown"
        case .alreadyOpen: "review.already-open"
        case .notYours: "review.not-yours"
        case .wrongState: "review.wrong-state"
        case .notDrawn: "review.not-drawn"
        case .conflicted: "review.conflicted"
        case .stale: "review.stale"
        case .incomplete: "review.incomplete"
        case .tooFewExperts: "review.too-few-experts"
        case .unfinished: "review.unfinished"
        case .noReserve: "review.no-reserve"
        case .planChanged: "review.plan-changed"
        case .planMoved: "review.plan-moved"
        case .unsigned: "review.unsigned"
        case .sealed: "review.sealed"
        case .sameHand: "review.same-hand"
        case .neverLifted: "review.never-lifted"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这个评审任务，或您无权查看。", "There is no such review, or it is not yours to see.")
        case .alreadyOpen: Bilingual("本批次的评审已经开始。", "The review of this call has begun already.")
        case .notYours: Bilingual("这份评审表属于另一位专家。", "This sheet belongs to another expert.")
        case .wrongState: Bilingual("评审任务的状态已变化，请刷新后查看。", "The review has moved on. Reload to see.")
        case .notDrawn: Bilingual("尚未抽取专家。", "Experts have not been drawn yet.")
        case .conflicted(let conflicts):
            // The expert reads this.
            Bilingual(
                "须回避：\(conflicts.told.map(\.zh).joined(separator: "；"))。",
                "You must recuse yourself: \(conflicts.told.map(\.en).joined(separator: "; ")).")
        case .stale:
            Bilingual(
                "您在另一处保存过这份评审表，请刷新后继续，已填内容仍在页面上。",
                "You saved this sheet elsewhere. Reload and go on; what you typed is still on the page.")
        case .incomplete: Bilingual("填写内容还有问题，请逐项改正。", "Some points are missing or wrong; mend each of them.")
        case .tooFewExperts(let count):
            Bilingual(
                "有 \(count) 项申请可用专家不足，请先补充专家库。",
                "For \(counted(count, "application")) there are too few experts; add to the pool first.")
        case .unfinished(let count):
            Bilingual(
                "还有 \(count) 项申请的评审意见不足，不能结束评审。",
                "\(counted(count, "application still lacks", "applications still lack")) opinions; the review cannot be closed."
            )
        case .noReserve: Bilingual("没有候补专家可更换，请补充专家库。", "No reserve is left; add to the pool.")
        case .planChanged:
            Bilingual(
                "保存的抽签方案与已公布的摘要不符，不能抽签，请报告系统管理员。",
                "The stored plan does not match the published hash, so nothing is drawn. Tell the administrator.")
        case .planMoved:
            Bilingual(
                "试算之后专家库、回避情形、申请或评审截止日期有变化，方案已不是您看过的那一份。请重新查看后再确认。",
                "The pool, the conflicts, the applications or the due day have changed since you looked, and so has "
                    + "the plan. Look again, then confirm.")
        case .unsigned:
            Bilingual(
                "方案的摘要还没有进入已签名的检查点，现在不能抽取。请一分钟后再试。",
                "No signed checkpoint covers the hash of the plan yet, so nothing is drawn now. Try again in a minute.")
        case .sameHand:
            Bilingual(
                "提出异议的人、申报该关系的人和专家本人不能裁定，请由另一位经办人裁定。",
                "Whoever contested or declared the conflict, and the expert, do not rule; another officer must.")
        case .neverLifted:
            Bilingual(
                "本人即申请人、同批申报和限制在期的回避不能以裁定解除；登记有误的，请更正登记。",
                "Being the applicant, applying in the round and a bar are not lifted by a ruling; correct the register "
                    + "if it is wrong.")
        case .sealed:
            Bilingual(
                "抽签记录在评审结束后公布；其摘要已写入存证日志。",
                "The protocol is published when the review is over; its hash is in the record already.")
        }
    }

    static func required(_ field: String, _ message: Bilingual) -> ReviewError {
        .incomplete([FieldProblem(field: field, code: "field.required", message: message)])
    }

    public var fields: [FieldProblem] { if case .incomplete(let problems) = self { problems } else { [] } }
}
