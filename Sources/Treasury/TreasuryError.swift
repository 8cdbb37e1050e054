public import Kernel

/// Why the treasury refuses something.
public enum TreasuryError: Problem, Hashable {
    case unknownPayee
    case unknownOrder
    case unknownRun
    case unknownAnswer
    case unknownLine
    case unknownAccount
    /// The order is not where this needs it.
    case orderState
    case samePerson
    case ownMoney
    /// No bank account of the payee is in force; with a day: one will be on that day.
    case noAccount(Bilingual, from: Day?)
    case accountState
    case accountOpen
    case accountDiffers
    case accountFaulty([FieldProblem])
    case faulty([FieldProblem])
    case nothingReady
    case noPayer
    case alreadyOrdered
    /// The file was read before, as this answer, by somebody, on a day.
    case duplicate(answer: String, by: String, on: Day)
    case badFile([FieldProblem])
    case lineSettled
    /// What the bank says does not fit the order.
    case misfit(Misfit)

    /// Why a line of an answer does not fit.
    public enum Misfit: String, Codable, Sendable, CaseIterable {
        case unknownNumber, noAccount, otherAccount, tooMuch, notSent, nothingPaid, ambiguous, books
    }

    public var kind: ProblemKind {
        switch self {
        case .unknownPayee, .unknownOrder, .unknownRun, .unknownAnswer, .unknownLine, .unknownAccount: .notFound
        case .samePerson, .ownMoney: .forbidden
        case .accountFaulty, .faulty, .badFile, .accountDiffers: .invalid
        default: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknownPayee: "treasury.payee"
        case .unknownOrder: "treasury.order"
        case .unknownRun: "treasury.run"
        case .unknownAnswer: "treasury.answer"
        case .unknownLine: "treasury.line"
        case .unknownAccount: "treasury.account"
        case .orderState: "treasury.order-state"
        case .samePerson: "treasury.same-person"
        case .ownMoney: "treasury.own-money"
        case .noAccount: "treasury.no-account"
        case .accountState: "treasury.account-state"
        case .accountOpen: "treasury.account-open"
        case .accountDiffers: "treasury.account-differs"
        case .accountFaulty: "treasury.account-faulty"
        case .faulty: "treasury.payment-faulty"
        case .nothingReady: "treasury.nothing-ready"
        case .noPayer: "treasury.no-payer"
        case .alreadyOrdered: "treasury.already-ordered"
        case .duplicate: "treasury.duplicate"
        case .badFile: "treasury.bad-file"
        case .lineSettled: "treasury.line-settled"
        case .misfit(let why): "treasury.misfit.\(why.rawValue)"
        }
    }

    public var fields: [FieldProblem] {
        switch self {
        case .accountFaulty(let problems), .faulty(let problems), .badFile(let problems): problems
        case .accountDiffers: [FieldProblem(field: "number", code: code, message: message)]
        default: []
        }
    }
}

extension TreasuryError {
    public var message: Bilingual {
        switch self {
        case .unknownPayee: Bilingual("主体库中没有这个收款人。", "The registry has no such payee.")
        case .unknownOrder: Bilingual("没有这张付款单。", "There is no such payment order.")
        case .unknownRun: Bilingual("没有这个支付批次。", "There is no such payment run.")
        case .unknownAnswer: Bilingual("没有这份银行回单。", "There is no such answer of the bank.")
        case .unknownLine: Bilingual("没有这条回单明细。", "There is no such line of an answer.")
        case .unknownAccount: Bilingual("没有这个收款账户，或您无权查看。", "There is no such bank account, or it is not yours to see.")
        case .orderState: Bilingual("付款单的状态已变化。请刷新后再办。", "The payment order has moved on. Reload and try again.")
        case .samePerson:
            Bilingual(
                "开单、复核、审批须由不同的人办理。请由另一人办理。",
                "Who ordered, checked or approved it may do only that one of the three. Another person must do this.")
        case .ownMoney:
            Bilingual("不得经办付给自己或本单位的款项。", "Nobody handles a payment to themselves or to their own organisation.")
        case .faulty: Bilingual("付款单填写有误。", "The payment order cannot be taken like this.")
        case .alreadyOrdered:
            Bilingual("这笔款项已有在办或已支付的付款单。", "This is paid, or under way to be paid, already.")
        case .nothingReady: Bilingual("没有待支付的付款单。", "No payment order is ready for a run.")
        case .noPayer:
            Bilingual("尚未设置付款账户（city.yaml 的 payer）。", "The account that pays is not set (payer in city.yaml).")
        default: accountMessage ?? fileMessage
        }
    }

    private var accountMessage: Bilingual? {
        switch self {
        case .noAccount(let name, nil):
            Bilingual(
                "「\(name.zh)」没有生效的收款账户。请其管理员登记，由财务确认。",
                "\(name.en) has no bank account in force. Its administrator must enter one, and a treasurer confirm it."
            )
        case .noAccount(let name, let day?):
            Bilingual(
                "「\(name.zh)」的收款账户 \(day.text(.chinese)) 起生效，此前不能支付。",
                "The bank account of \(name.en) is in force from \(day.text(.english)); nothing is paid before.")
        case .accountState:
            Bilingual("这个账户已经处理过。请刷新。", "This bank account was decided on already. Reload the page.")
        case .accountOpen:
            Bilingual(
                "已有一个待确认的账户。请等财务确认或退回后再登记。", "An account waits to be confirmed. Wait for that before entering another.")
        case .accountDiffers:
            Bilingual(
                "账号与登记的不一致。请按单位盖章的账户资料逐位核对后再录入。",
                "The number is not the one that was entered. Type it from the stamped paper, digit by digit.")
        case .accountFaulty: Bilingual("账户资料有误。", "The bank account cannot be taken like this.")
        default: nil
        }
    }

    private var fileMessage: Bilingual {
        switch self {
        case .duplicate(_, let by, let day):
            Bilingual(
                "这份回单已于 \(day.text(.chinese)) 由 \(by) 录入，没有再次记账。",
                "This answer was read on \(day.text(.english)) by \(by); nothing was entered again.")
        case .badFile(let problems):
            Bilingual(
                "文件有 \(problems.count) 处错误，没有录入任何内容。",
                "The file has \(counted(problems.count, "fault")); nothing of it was taken."
            )
        case .lineSettled: Bilingual("这条明细已经处理过。请刷新。", "This line was dealt with already. Reload the page.")
        case .misfit(let why): why.message
        default: Bilingual("不能这样办理。", "This cannot be done.")
        }
    }
}

extension TreasuryError.Misfit {
    public var message: Bilingual {
        switch self {
        case .unknownNumber: Bilingual("没有这个编号的付款单", "no payment order has this number")
        case .noAccount: Bilingual("回单没有收款账号，无法核对", "the line names no account to compare")
        case .otherAccount: Bilingual("收款账号与付款单不一致", "the account is not the one of the order")
        case .tooMuch: Bilingual("金额超过未付金额", "the amount is above what is open")
        case .notSent: Bilingual("付款单没有送银行，或已经结束", "the order was not sent to the bank, or is closed")
        case .nothingPaid: Bilingual("退回的金额超过已付金额", "more comes back than was paid")
        case .ambiguous: Bilingual("既可能是未付部分退票，也可能是已付部分退回", "it may be the open part refused or the paid part returned")
        case .books: Bilingual("账上不能这样记", "the books do not allow it")
        }
    }
}
