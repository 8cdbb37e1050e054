import Kernel
import Ledger
import Store

/// What an order means for the books. Keys are made of what happens, so that nothing is entered twice.
enum PaymentBooks {
    /// Postings that reverse others go one after the other.
    static let locks = Ledger.locks([], earlier: true)

    private static func origin(_ order: PaymentOrder, _ event: String, _ entry: PaymentEntry) -> PostingOrigin {
        PostingOrigin(
            caseID: order.caseID, event: event, actor: entry.actor, rules: "treasury.payment@1", at: entry.now)
    }

    private static func station(_ kind: AccountKind, _ order: PaymentOrder) throws -> LedgerAccount {
        try LedgerAccount.project(kind, order.programme, year: order.year, order.project)
    }

    /// Takes back an order that was not sent.
    static func undo(_ order: PaymentOrder, _ event: String, _ entry: PaymentEntry, _ tx: Tx) throws {
        try Ledger.post(
            Posting(
                .reverse(order.posting), on: entry.day, "付款单 \(order.number) 撤回 / order \(order.number) taken back",
                key: "payment.\(order.id).undone", origin: origin(order, event, entry)), tx)
    }

    /// Enters what the bank said; the order has heard it already.
    /// - Parameter line: names the line of the answer, the same in every reading of it.
    static func enter(
        _ outcome: PaymentOutcome, _ sum: Money, _ order: PaymentOrder, line: String, _ event: String,
        _ entry: PaymentEntry, _ tx: Tx
    ) throws {
        let key = "payment.\(order.id).\(line)"
        switch outcome {
        case .paid: try pay(sum, order, "\(key).paid", event, entry, tx)
        case .rejected: try giveBack(sum, order, "\(key).rejected", event, entry, tx)
        default:
            try unpay(sum, order, "\(key).returned", event, entry, tx)
            try giveBack(sum, order, "\(key).returned", event, entry, tx)
        }
    }

    private static func pay(
        _ sum: Money, _ order: PaymentOrder, _ key: String, _ event: String, _ entry: PaymentEntry, _ tx: Tx
    ) throws {
        let posting = try Ledger.post(
            Posting(
                sum, from: try station(.order, order), to: try station(.paid, order), on: entry.day,
                "支付 \(order.number) / paid \(order.number)", key: key, origin: origin(order, event, entry)), tx)
        try tx.run(
            """
            INSERT INTO payment_posting (posting, payment, amount_fen) VALUES (\(posting.id), \(order.id), \(sum))
            """)
    }

    /// Reverses payments until so much is taken back; what was taken back too much is paid anew.
    private static func unpay(
        _ sum: Money, _ order: PaymentOrder, _ key: String, _ event: String, _ entry: PaymentEntry, _ tx: Tx
    ) throws {
        let payments = try tx.rows(
            "SELECT posting, amount_fen FROM payment_posting WHERE payment = \(order.id) ORDER BY posting DESC"
        ) { (id: try $0["posting"] as ID<StoredPosting>, amount: try $0["amount_fen"] as Money) }
        var (chosen, covered) = ([(id: ID<StoredPosting>, amount: Money)](), Money.zero)
        for payment in payments.sorted(by: { ($0.amount == sum ? 0 : 1) < ($1.amount == sum ? 0 : 1) })
        where covered < sum {
            chosen.append(payment)
            covered = covered + payment.amount
        }
        // What the awardee has accounted for already cannot be taken back by a file; a person has to look at it.
        guard try Balances.now(try station(.paid, order), tx)?.available ?? .zero >= covered else {
            throw TreasuryError.misfit(.books)
        }
        for payment in chosen {
            try Ledger.post(
                Posting(
                    .reverse(payment.id), on: entry.day, "款项退回 \(order.number) / returned \(order.number)",
                    key: "\(key).\(payment.id)", origin: origin(order, event, entry)), tx)
            try tx.run("DELETE FROM payment_posting WHERE posting = \(payment.id)")
        }
        if covered > sum { try pay(covered - sum, order, "\(key).kept", event, entry, tx) }
    }

    /// Gives what will not be paid back to where it was ordered from: by reversal where it is the whole order.
    private static func giveBack(
        _ sum: Money, _ order: PaymentOrder, _ key: String, _ event: String, _ entry: PaymentEntry, _ tx: Tx
    ) throws {
        let text = "未能支付 \(order.number) / not paid \(order.number)"
        let origin = origin(order, event, entry)
        if sum == order.amount {
            try Ledger.post(Posting(.reverse(order.posting), on: entry.day, text, key: key, origin: origin), tx)
        } else {
            try Ledger.post(
                Posting(
                    sum, from: try station(.order, order), to: order.source, on: entry.day, text, key: key,
                    origin: origin), tx)
        }
    }
}
