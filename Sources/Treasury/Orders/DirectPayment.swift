public import Kernel
import Ledger
import Store

/// A payment out of a programme's budget that an officer orders directly: a voucher, a prize, a stage of a key project.
public struct DirectPayment: Hashable, Sendable {
    /// What is paid, by the number under which the bureau knows it; one number is paid once.
    public let reference: String
    public let programme: String
    public let year: Int
    public let payee: Payee
    public let amount: Money
    public let purpose: String
    public let caseID: ID<CaseFile>?

    public init(
        reference: String, programme: String, year: Int, payee: Payee, amount: Money, purpose: String,
        caseID: ID<CaseFile>? = nil
    ) {
        self.reference = reference.trimmed
        self.programme = programme
        self.year = year
        self.payee = payee
        self.amount = amount
        self.purpose = purpose.trimmed
        self.caseID = caseID
    }

    /// The kind of subject under which such payments are ordered.
    static let subject = "direct"

    /// Everything that is wrong with it by itself.
    public var problems: [FieldProblem] {
        var problems: [FieldProblem] = []
        func check(_ field: String, _ isGood: Bool, _ zh: String, _ en: String) {
            if !isGood {
                problems.append(FieldProblem(field: field, code: "payment.\(field)", message: Bilingual(zh, en)))
            }
        }
        check(
            "reference", (1...60).contains(reference.count), "「事由编号」必填，最多 60 字",
            "Number of what is paid: required, at most 60 characters")
        check("amount", amount > .zero, "「金额」须大于零", "Amount: must be above zero")
        check(
            "purpose", (1...140).contains(purpose.count), "「用途」必填，最多 140 字", "Purpose: required, at most 140 characters"
        )
        check("year", (2000...2100).contains(year), "「预算年度」无效", "Budget year: is not one")
        return problems
    }
}

extension PaymentOrders {
    /// Orders a payment directly.
    /// - Throws: ``TreasuryError/faulty(_:)``; ``TreasuryError/alreadyOrdered`` where the number was paid or is under
    ///   way; an error of the books where the budget has less.
    public func order(_ payment: DirectPayment, by actor: Actor) async throws -> PaymentOrder {
        try Policy.require(actor, .orderPayments)
        guard payment.problems.isEmpty else { throw TreasuryError.faulty(payment.problems) }
        guard !payment.payee.isOwn(actor) else { throw TreasuryError.ownMoney }
        let now = clock.now()
        let entry = PaymentEntry(actor: actor, day: zone.day(of: now), now: now)
        return try await db.write { tx in
            let paid = try PaymentStore.settled(DirectPayment.subject, payment.reference, tx)
            guard paid == .zero else { throw TreasuryError.alreadyOrdered }
            if let file = try payment.caseID.map({ try CaseStore.require($0, tx) }), Policy.isOwn(actor, file) {
                throw TreasuryError.ownMoney
            }
            return try PaymentOrders.place(
                PaymentDraft(
                    DirectPayment.subject, payment.reference, caseID: payment.caseID, payee: payment.payee,
                    amount: payment.amount, purpose: payment.purpose,
                    from: .budget(payment.programme, year: payment.year), programme: payment.programme,
                    year: payment.year, project: payment.reference), entry, tx)
        }
    }
}
