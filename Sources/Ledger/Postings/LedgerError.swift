public import Kernel

/// Why a posting, or something else about the books, is refused. Where several hold, the first in this order is told.
public enum LedgerError: Problem, Hashable {
    case accountName(String)
    case noKey
    case noOrigin
    case tooFewLegs
    case zeroLeg(LedgerAccount)
    case accountTwice(LedgerAccount)
    case legTooLarge(LedgerAccount)
    /// The legs add up to this instead of zero.
    case unbalanced(Money)
    case keyReused(String)
    case periodClosed(Month)
    case unknownPosting(String)
    case notReserved(String)
    case notReversible(String)
    case alreadyReversed(String)
    case alreadyEnded(String)
    case expired(Day)
    /// A day before that of the posting that it is about.
    case beforeTarget(Day)
    case aboveReserved(LedgerAccount, reserved: Money)
    case overflow(LedgerAccount)
    /// Not enough is left. With a day: not enough was left at the end of that day.
    case overdraft(LedgerAccount, available: Money, on: Day?)
    case aboveCap(LedgerAccount, cap: Money, on: Day?)
    case unknownAccount(String)
    case capBelowBalance(LedgerAccount, balance: Money)
    case periodRunning(Month)
    case periodState(Month)
    case samePerson

    public var kind: ProblemKind {
        switch self {
        case .accountName, .noKey, .noOrigin, .tooFewLegs, .zeroLeg, .accountTwice, .legTooLarge, .unbalanced: .invalid
        case .unknownPosting, .unknownAccount: .notFound
        case .samePerson: .forbidden
        default: .conflict
        }
    }

    public var code: String {
        switch self {
        case .accountName: "ledger.account-name"
        case .noKey: "ledger.no-key"
        case .noOrigin: "ledger.no-origin"
        case .tooFewLegs: "ledger.too-few-legs"
        case .zeroLeg: "ledger.zero-leg"
        case .accountTwice: "ledger.account-twice"
        case .legTooLarge: "ledger.leg-too-large"
        case .unbalanced: "ledger.unbalanced"
        case .keyReused: "ledger.key-reused"
        case .periodClosed: "ledger.period-closed"
        case .unknownPosting: "ledger.unknown-posting"
        case .notReserved: "ledger.not-reserved"
        case .notReversible: "ledger.not-reversible"
        case .alreadyReversed: "ledger.already-reversed"
        case .alreadyEnded: "ledger.already-ended"
        case .expired: "ledger.expired"
        case .beforeTarget: "ledger.before-target"
        case .aboveReserved: "ledger.above-reserved"
        case .overflow: "ledger.overflow"
        case .overdraft: "ledger.overdraft"
        case .aboveCap: "ledger.above-cap"
        case .unknownAccount: "ledger.unknown-account"
        case .capBelowBalance: "ledger.cap-below-balance"
        case .periodRunning: "ledger.period-running"
        case .periodState: "ledger.period-state"
        case .samePerson: "ledger.same-person"
        }
    }
}

extension LedgerError {
    public var message: Bilingual {
        switch self {
        case .accountName(let text):
            Bilingual(
                "「\(text)」不是科目名称，应形如 budget:natural-science:2026。",
                "'\(text)' names no account; write it like budget:natural-science:2026.")
        case .noKey: Bilingual("记账缺少幂等键。", "The posting has no key.")
        case .noOrigin: Bilingual("记账须注明事件和规则版本。", "A posting needs its event and the version of the rules.")
        case .tooFewLegs: Bilingual("一笔记账至少有两条分录。", "A posting has at least two legs.")
        case .zeroLeg(let account): Bilingual("\(account) 的分录金额为零。", "The leg of \(account) is zero.")
        case .accountTwice(let account):
            Bilingual("\(account) 在同一笔中出现两次，请合并。", "\(account) stands twice in one posting; add the legs up.")
        case .legTooLarge(let account): Bilingual("\(account) 的分录金额过大。", "The leg of \(account) is too large.")
        case .unbalanced(let sum):
            Bilingual("分录不平，相差 \(sum.yuanText) 元。", "The legs do not balance: they add up to RMB \(sum.yuanText).")
        case .keyReused(let key):
            Bilingual("幂等键 \(key) 已用于另一笔记账。", "The key \(key) was used for another posting.")
        case .periodClosed(let month):
            Bilingual(
                "\(month) 已结账。请记入未结账的月份，或由两人办理反结账。",
                "\(month) is closed. Post into an open month, or have two people reopen it.")
        case .unknownPosting(let id): Bilingual("没有记账 \(id)。", "There is no posting \(id).")
        case .notReserved(let id): Bilingual("记账 \(id) 不是预留。", "The posting \(id) is no reservation.")
        case .notReversible(let id):
            Bilingual(
                "记账 \(id) 不能冲销：只有记账和预留结转可以。",
                "The posting \(id) cannot be reversed: only moves and settlements can.")
        case .alreadyReversed(let id): Bilingual("记账 \(id) 已冲销过。", "The posting \(id) was reversed already.")
        case .alreadyEnded(let id):
            Bilingual("预留 \(id) 已结转或释放。", "The reservation \(id) was settled or released already.")
        case .expired(let day): Bilingual("预留已于 \(day) 到期。", "The reservation ended on \(day).")
        case .beforeTarget(let day):
            Bilingual("日期不能早于原记账日 \(day)。", "The day cannot be before that of the first posting, \(day).")
        default: limitMessage
        }
    }

    private var limitMessage: Bilingual {
        switch self {
        case .aboveReserved(let account, let reserved):
            Bilingual(
                "\(account) 超过预留的 \(reserved.yuanText) 元。",
                "\(account) is above the RMB \(reserved.yuanText) reserved.")
        case .overflow(let account): Bilingual("\(account) 的累计金额过大。", "The turnover of \(account) is too large.")
        case .overdraft(let account, let available, let day):
            Bilingual(
                "\(account)\(day.map { "在 \($0) " } ?? "")可用余额只有 \(available.yuanText) 元。",
                "\(account) has only RMB \(available.yuanText) left\(day.map { " on \($0)" } ?? "").")
        case .aboveCap(let account, let cap, let day):
            Bilingual(
                "\(account)\(day.map { "在 \($0) " } ?? "")将超过上限 \(cap.yuanText) 元。",
                "\(account) would be above its cap of RMB \(cap.yuanText)\(day.map { " on \($0)" } ?? "").")
        case .unknownAccount(let text): Bilingual("账上没有科目 \(text)。", "The books have no account \(text).")
        case .capBelowBalance(let account, let balance):
            Bilingual(
                "\(account) 的余额已有 \(balance.yuanText) 元，上限不能更低。",
                "\(account) holds RMB \(balance.yuanText) already; its cap cannot be lower.")
        case .periodRunning(let month): Bilingual("\(month) 还没有结束，不能结账。", "\(month) is not over yet.")
        case .periodState(let month):
            Bilingual("\(month) 的结账状态已变化，请刷新。", "The state of \(month) is not the one this needs; reload.")
        default: Bilingual("提出和批准须为两人。", "Who proposed it may not decide it.")
        }
    }
}
