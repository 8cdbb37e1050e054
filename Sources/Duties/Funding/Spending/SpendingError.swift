public import Kernel

/// Why a report of spending or a voucher cannot be moved as asked.
public enum SpendingError: Problem, Hashable {
    case unknownReport
    case unknownVoucher
    case closed
    case state
    case period(Day, Day)
    case overlap(String)
    /// What is wrong with the voucher, all of it.
    case refused([FieldProblem])

    public var kind: ProblemKind {
        switch self {
        case .unknownReport, .unknownVoucher: .notFound
        case .period, .refused: .invalid
        default: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknownReport: "spending.unknown-report"
        case .unknownVoucher: "spending.unknown-voucher"
        case .closed: "spending.closed"
        case .state: "spending.state"
        case .period: "spending.period"
        case .overlap: "spending.overlap"
        case .refused: "spending.refused"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknownReport:
            Bilingual("没有这份支出报告，或您无权查看。", "There is no such report of spending, or it is not yours to see.")
        case .unknownVoucher: Bilingual("没有这张凭证，或您无权查看。", "There is no such voucher, or it is not yours to see.")
        case .closed: Bilingual("支出报告已提交，不能再改。", "The report has been submitted and takes no more changes.")
        case .state: Bilingual("这张凭证的状态已变化。请刷新后再办。", "The voucher has moved on. Reload and try again.")
        case .period(let from, let to):
            Bilingual(
                "报告期应在合同期内（\(from) 至 \(to)），且起始日不晚于截止日。",
                "The period must lie within the term of the contract, \(from) to \(to), and end no earlier than it begins."
            )
        case .overlap(let number):
            Bilingual("报告期与 \(number) 重叠。", "The period overlaps that of \(number).")
        case .refused(let problems):
            Bilingual(
                "有 \(problems.count) 处需要改正或说明。", "\(counted(problems.count, "thing")) must be mended or explained.")
        }
    }

    public var fields: [FieldProblem] {
        if case .refused(let problems) = self { problems } else { [] }
    }
}
