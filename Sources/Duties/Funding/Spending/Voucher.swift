public import Kernel
public import Ledger
public import Store

/// One expenditure of a project as its organisation accounts for it (支出凭证).
public struct Voucher: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        /// Typed or imported; in a report that is not accepted yet.
        case entered
        /// In the books under its heading.
        case accepted
        /// Accepted, and its organisation asks to take it back.
        case withdrawing
        /// Taken back, in the books by reversal.
        case withdrawn

        public var title: Bilingual {
            switch self {
            case .entered: Bilingual("待审核", "To be checked")
            case .accepted: Bilingual("已入账", "In the books")
            case .withdrawing: Bilingual("申请撤回", "Withdrawal asked")
            case .withdrawn: Bilingual("已撤回", "Withdrawn")
            }
        }
    }

    public let id: ID<Voucher>
    public let project: ID<CaseFile>
    public let report: ID<CaseFile>
    public let draft: VoucherDraft
    /// Codes of the warnings that the reason answers.
    public let warnings: [String]
    /// What the bureau's officer noted about it.
    public let remark: String
    public let state: State
    /// The posting that booked it.
    public let posting: ID<StoredPosting>?
    public let enteredAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        project = try row["project"]
        report = try row["report"]
        draft = try VoucherDraft(row: row)
        warnings = try (row["warnings"] as String).split(separator: " ").map(String.init)
        remark = try row["remark"]
        state = try row["state"]
        posting = try row["posting"]
        enteredAt = try row["entered_at"]
    }
}

/// What people write about an expenditure.
public struct VoucherDraft: Codable, Hashable, Sendable {
    public var number: String
    public var day: Day
    /// Cost heading of the contract's budget, e.g. `equipment`.
    public var heading: String
    public var payee: String
    /// The payee's unified social credit code; empty where unknown or a person.
    public var payeeCode: String
    /// In RMB; of a foreign sum, at its rate.
    public var amount: Money
    public var foreign: ForeignSum?
    public var purpose: String
    /// For a fee of experts: rank, form and count, as the rule on fees asks.
    public var expert: ExpertFee?
    public var file: ID<Document>?
    /// SHA-256 of the file in hexadecimal text.
    public var hash: String?
    /// Why a warning does not stand against it; empty without warnings.
    public var reason: String

    public init(
        number: String, day: Day, heading: String, payee: String, payeeCode: String = "", amount: Money,
        foreign: ForeignSum? = nil, purpose: String, expert: ExpertFee? = nil, reason: String = ""
    ) {
        self.number = number
        self.day = day
        self.heading = heading
        self.payee = payee
        self.payeeCode = payeeCode
        self.amount = amount
        self.foreign = foreign
        self.purpose = purpose
        self.expert = expert
        self.reason = reason
    }

    init(row: Row) throws {
        number = try row["number"]
        day = try row["day"]
        heading = try row["heading"]
        payee = try row["payee"]
        payeeCode = try row["payee_code"]
        amount = try row["amount_fen"]
        foreign = try ForeignSum(row: row)
        purpose = try row["purpose"]
        expert = ExpertFee(try row["expert"])
        file = try row["file"]
        hash = try row["hash"]
        reason = try row["reason"]
    }

    /// The number as it is compared.
    var numberKey: String { FilledTable.key(number) }
    /// The payee as compared: by code where there is one.
    var payeeKey: String { FilledTable.key(payeeCode.isEmpty ? payee : payeeCode) }

}

/// A sum in another currency with the rate and the day of the rate at which it was counted.
public struct ForeignSum: Codable, Hashable, Sendable {
    /// Three letters of ISO 4217.
    public let currency: String
    /// Hundredths of the currency's unit.
    public let cents: Int64
    /// RMB for one unit.
    public let rate: DecimalNumber
    public let rateDay: Day

    public init(currency: String, cents: Int64, rate: DecimalNumber, rateDay: Day) {
        self.currency = currency
        self.cents = cents
        self.rate = rate
        self.rateDay = rateDay
    }

    init?(row: Row) throws {
        guard let rate = (try row["rate"] as String?).flatMap(DecimalNumber.init), let day: Day = try row["rate_day"],
            let cents: Int64 = try row["foreign_cents"]
        else { return nil }
        self.init(currency: try row["currency"], cents: cents, rate: rate, rateDay: day)
    }

    /// In RMB, half a fen counted up; nil where it is too large.
    public var amount: Money? {
        var scale: Int64 = 1
        for _ in 0..<rate.places { scale *= 10 }
        let (product, overflow) = cents.multipliedReportingOverflow(by: rate.units)
        guard !overflow, product >= 0, product / scale <= Money.largest.fen else { return nil }
        return Money(fen: product / scale + (product % scale * 2 >= scale ? 1 : 0))
    }

    /// As a person reads it: `USD 1,200.00 × 7.1`.
    public var text: String { "\(currency) \(Money(fen: cents).yuanText) × \(rate) (\(rateDay))" }
}

/// For what an expert is paid.
public struct ExpertFee: Codable, Hashable, Sendable {
    public let rank: String
    public let form: String
    /// Days of a meeting, or remote reviews.
    public let count: Int

    public init(rank: String, form: String, count: Int) {
        self.rank = rank
        self.form = form
        self.count = count
    }

    /// Reads `senior meeting 3`; nil for anything else.
    public init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, let count = Int(words[2]), (1...365).contains(count) else { return nil }
        self.init(rank: String(words[0]), form: String(words[1]), count: count)
    }

    var text: String { "\(rank) \(form) \(count)" }
}

/// One report on what a project spent in a period (支出报告); its case is of `funding.spending`.
public struct SpendingReport: Codable, Hashable, Sendable {
    public let id: ID<CaseFile>
    public let project: ID<CaseFile>
    public let number: String
    public let from: Day
    public let to: Day
    /// Mirrors the case's step.
    public let step: String
    /// The officer's remarks when it was sent back.
    public let remark: String

    init(row: Row) throws {
        id = try row["case_id"]
        project = try row["project"]
        number = try row["number"]
        from = try row["from_day"]
        to = try row["to_day"]
        step = try row["step"]
        remark = try row["remark"]
    }

    /// Whether vouchers may be entered and taken out.
    public var isOpen: Bool { step == "draft" }
}
