public import Kernel
public import Ledger
public import Store

/// An order to pay somebody once: ordered by a duty, checked, approved where it is large, sent to the bank in a run,
/// and ended by what the bank answers.
public struct PaymentOrder: Hashable, Codable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        /// Waits for the treasurer's check.
        case ordered
        /// Checked, waits for a leader.
        case checked
        /// May go into a run.
        case ready
        /// In a file for the bank, not answered yet.
        case sent
        /// A part is paid, the rest open.
        case partial
        /// Ended: all that is not refused or came back is with the payee.
        case paid
        /// Ended: the bank paid nothing.
        case rejected
        /// Ended: paid, and all of it came back.
        case returned
        /// Ended before it was sent: returned to the duty by a treasurer or leader.
        case sentBack = "sent-back"
        /// Ended before it was sent: taken back by the duty.
        case cancelled

        /// Whether it may still be paid.
        public var isOpen: Bool { isInside || isAtBank }
        /// Whether it has not left the house.
        public var isInside: Bool { [.ordered, .checked, .ready].contains(self) }
        /// Whether the bank has still to answer.
        public var isAtBank: Bool { self == .sent || self == .partial }

        public var name: Bilingual {
            switch self {
            case .ordered: Bilingual("待复核", "To be checked")
            case .checked: Bilingual("待领导审批", "To be approved")
            case .ready: Bilingual("待支付", "Ready for a run")
            case .sent: Bilingual("已送银行", "At the bank")
            case .partial: Bilingual("部分支付", "Paid in part")
            case .paid: Bilingual("已支付", "Paid")
            case .rejected: Bilingual("银行退票", "Rejected by the bank")
            case .returned: Bilingual("款项退回", "Money came back")
            case .sentBack: Bilingual("已退回开单人", "Sent back")
            case .cancelled: Bilingual("已撤销", "Cancelled")
            }
        }
    }

    public let id: ID<PaymentOrder>
    /// Goes to the bank as the end-to-end identification.
    public let number: String
    /// What it pays, as the duty that ordered it knows it.
    public let subjectKind: String
    public let subject: String
    public let caseID: ID<CaseFile>?
    public let payee: Payee
    /// Where the money lay when it was ordered.
    public let source: LedgerAccount
    public let programme: String
    public let year: Int
    public let project: String
    public let amount: Money
    /// All that the bank said it paid.
    public private(set) var paid: Money
    /// All that the bank said it will not pay.
    public private(set) var rejected: Money
    /// What came back after it was paid.
    public private(set) var returned: Money
    public let purpose: String
    public let note: String
    public internal(set) var state: State
    /// The posting that ordered it.
    public let posting: ID<StoredPosting>
    public internal(set) var account: ID<PayeeAccount>?
    public internal(set) var run: ID<PaymentRun>?
    public let orderedBy: String?
    public let orderedName: String
    public let orderedAt: Instant
    public internal(set) var checkedBy: String?
    public internal(set) var checkedName: String?
    public internal(set) var checkedAt: Instant?
    public internal(set) var approvedBy: String?
    public internal(set) var approvedName: String?
    public internal(set) var approvedAt: Instant?
    public internal(set) var closedAt: Instant?
    public internal(set) var reason: String?

    /// What the payee has of it now.
    public var settled: Money { paid - returned }
    /// What the bank has still to say something about; zero where it is ended.
    public var open: Money { state.isOpen ? amount - paid - rejected : .zero }

    init(row: Row) throws {
        id = try row["id"]
        number = try row["number"]
        subjectKind = try row["subject_kind"]
        subject = try row["subject"]
        caseID = try row["case_id"]
        payee = try Payee(row: row)
        source = try row["source"]
        programme = try row["programme"]
        year = try row["year"]
        project = try row["project"]
        amount = try row["amount_fen"]
        paid = try row["paid_fen"]
        rejected = try row["rejected_fen"]
        returned = try row["returned_fen"]
        purpose = try row["purpose"]
        note = try row["note"]
        state = try row["state"]
        posting = try row["posting"]
        account = try row["account"]
        run = try row["run"]
        orderedBy = try row["ordered_by"]
        orderedName = try row["ordered_name"]
        orderedAt = try row["ordered_at"]
        checkedBy = try row["checked_by"]
        checkedName = try row["checked_name"]
        checkedAt = try row["checked_at"]
        approvedBy = try row["approved_by"]
        approvedName = try row["approved_name"]
        approvedAt = try row["approved_at"]
        closedAt = try row["closed_at"]
        reason = try row["reason"]
    }

    init(
        id: ID<PaymentOrder>, number: String, _ draft: PaymentDraft, posting: ID<StoredPosting>, by actor: Actor,
        at now: Instant
    ) {
        self.id = id
        self.number = number
        subjectKind = draft.subjectKind
        subject = draft.subject
        caseID = draft.caseID
        payee = draft.payee
        source = draft.source
        programme = draft.programme
        year = draft.year
        project = draft.project
        amount = draft.amount
        (paid, rejected, returned) = (.zero, .zero, .zero)
        purpose = draft.purpose
        note = draft.note
        state = .ordered
        self.posting = posting
        orderedBy = actor.account?.text
        orderedName = actor.name
        orderedAt = now
    }
}

/// What the bank says of an order.
public enum PaymentOutcome: String, Codable, Sendable, CaseIterable, SQLConvertible {
    /// So much reached the payee: all that is open, or a part.
    case paid
    /// What is open will not be paid: a wrong account, a closed one.
    case rejected
    /// What was paid came back.
    case returned
    /// Money came back; which of the two it is, the order tells.
    case back
    /// Not booked yet; nothing follows from it.
    case pending

    public var name: Bilingual {
        switch self {
        case .paid: Bilingual("已付", "Paid")
        case .rejected: Bilingual("退票", "Rejected")
        case .returned: Bilingual("付后退回", "Returned")
        case .back: Bilingual("退款", "Money back")
        case .pending: Bilingual("处理中", "Pending")
        }
    }
}

extension PaymentOrder {
    /// Moves on by what the bank says; what is not possible changes nothing. Without database or books, so that every
    /// history can be tried.
    /// - Returns: what it was taken for: never `back` or `pending`.
    /// - Throws: ``TreasuryError/misfit(_:)``.
    mutating func hear(_ outcome: PaymentOutcome, _ sum: Money) throws(TreasuryError) -> PaymentOutcome {
        guard sum > .zero, run != nil else { throw .misfit(.notSent) }
        let outcome = try meaning(of: outcome, sum)
        switch outcome {
        case .paid:
            guard state.isAtBank else { throw .misfit(.notSent) }
            guard sum <= open else { throw .misfit(.tooMuch) }
            paid = paid + sum
        case .rejected:
            guard state.isAtBank else { throw .misfit(.notSent) }
            // A refusal ends the order: it is about all that is open.
            guard sum == open else { throw .misfit(.tooMuch) }
            rejected = rejected + sum
        default:
            guard sum <= settled else { throw .misfit(.nothingPaid) }
            returned = returned + sum
        }
        state = next
        return outcome
    }

    private func meaning(of outcome: PaymentOutcome, _ sum: Money) throws(TreasuryError) -> PaymentOutcome {
        guard outcome == .back || outcome == .pending else { return outcome }
        let (mayReject, mayReturn) = (state.isAtBank && sum == open, sum <= settled)
        if mayReject, mayReturn { throw .misfit(.ambiguous) }
        if mayReject { return .rejected }
        if mayReturn { return .returned }
        throw .misfit(.nothingPaid)
    }

    private var next: State {
        guard paid + rejected == amount else { return paid == .zero ? .sent : .partial }
        if paid == .zero { return .rejected }
        return settled == .zero ? .returned : .paid
    }
}

/// What a duty wants to be paid.
public struct PaymentDraft: Hashable, Sendable {
    public let subjectKind: String
    public let subject: String
    public let caseID: ID<CaseFile>?
    public let payee: Payee
    public let amount: Money
    /// What for, as the payee reads it on the statement.
    public let purpose: String
    public let note: String
    public let source: LedgerAccount
    public let programme: String
    public let year: Int
    public let project: String

    /// - Parameters:
    ///   - subjectKind: what the duty pays, e.g. `tranche`; its listener hears of the order under this word.
    ///   - source: where the money lies: a project's contract, a programme's budget.
    ///   - project: the number under which the books keep order and payment.
    public init(
        _ subjectKind: String, _ subject: String, caseID: ID<CaseFile>?, payee: Payee, amount: Money, purpose: String,
        note: String = "", from source: LedgerAccount, programme: String, year: Int, project: String
    ) {
        self.subjectKind = subjectKind
        self.subject = subject
        self.caseID = caseID
        self.payee = payee
        self.amount = amount
        self.purpose = purpose
        self.note = note
        self.source = source
        self.programme = programme
        self.year = year
        self.project = project
    }
}

/// On whose behalf and when something is done in the treasury.
public struct PaymentEntry: Sendable {
    public let actor: Actor
    public let day: Day
    public let now: Instant

    public init(actor: Actor, day: Day, now: Instant) {
        self.actor = actor
        self.day = day
        self.now = now
    }
}

/// What a duty is told of an order that it placed.
public enum PaymentNews: Hashable, Sendable {
    /// The bank paid so much.
    case paid(Money)
    /// The bank will not pay so much.
    case rejected(Money, reason: String)
    /// So much came back.
    case returned(Money, reason: String)
    /// A treasurer or leader sent it back before it was paid.
    case sentBack(reason: String)
}

/// Hears, in the transaction in which it happens, what became of the orders of a duty.
public typealias PaymentListener = @Sendable (PaymentOrder, PaymentNews, PaymentEntry, Tx) throws -> Void
