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
    /// The number of the case that it belongs to; empty where there is none.
    public let caseNumber: String

    public init(
        reference: String, programme: String, year: Int, payee: Payee, amount: Money, purpose: String,
        caseNumber: String = ""
    ) {
        self.reference = reference.trimmed
        self.programme = programme
        self.year = year
        self.payee = payee
        self.amount = amount
        self.purpose = purpose.trimmed
        self.caseNumber = caseNumber.trimmed
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
            var file: CaseFile?
            if !payment.caseNumber.isEmpty {
                let id: ID<CaseFile>? = try tx.value("SELECT id FROM case_file WHERE number = \(payment.caseNumber)")
                guard let id else { throw TreasuryError.faulty([DirectPayment.noCase]) }
                let found = try CaseStore.require(id, tx)
                guard !Policy.isOwn(actor, found) else { throw TreasuryError.ownMoney }
                file = found
            }
            return try PaymentOrders.place(
                PaymentDraft(
                    DirectPayment.subject, payment.reference, caseID: file?.id, payee: payment.payee,
                    amount: payment.amount, purpose: payment.purpose,
                    from: .budget(payment.programme, year: payment.year), programme: payment.programme,
                    year: payment.year, project: payment.reference), entry, tx)
        }
    }
}

extension DirectPayment {
    fileprivate static let noCase = FieldProblem(
        field: "case", code: "payment.case", message: Bilingual("没有这个编号的办件", "No case has this number"))
}
