public import Kernel
public import Ledger
public import Store

/// Placing, checking and approving payment orders.
public struct PaymentOrders: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let rules: RuleBook
    let listeners: [String: PaymentListener]

    /// The amount above which a leader approves.
    public static let level = "treasury.approval-level"
    /// The locks for a transaction that takes orders back.
    public static let locks = PaymentBooks.locks

    // MARK: By duties, inside their transactions

    /// Places an order and enters it in the books. The duty has asked whether the actor may.
    /// - Throws: ``TreasuryError/alreadyOrdered``; ``LedgerError/overdraft(_:available:on:)`` where less is there.
    @discardableResult
    public static func place(_ draft: PaymentDraft, _ entry: PaymentEntry, _ tx: Tx) throws -> PaymentOrder {
        guard draft.amount > .zero else { throw TreasuryError.orderState }
        let open = try PaymentStore.list(draft.subjectKind, draft.subject, tx).contains { $0.state.isOpen }
        guard !open else { throw TreasuryError.alreadyOrdered }
        let id = ID<PaymentOrder>(UUIDv7.make(at: entry.now))
        let year = entry.day.parts.year
        let number = "FK\(year)-\(padded(try NumberSeries.next("payment.\(year)", tx), 6))"
        let event = try append("payment.ordered", id, number, draft.amount, draft.caseID, entry, tx)
        let posting = try Ledger.post(
            Posting(
                draft.amount, from: draft.source,
                to: try LedgerAccount.project(.order, draft.programme, year: draft.year, draft.project), on: entry.day,
                "付款单 \(number) / payment order \(number)", key: "payment.\(id).ordered",
                origin: PostingOrigin(
                    caseID: draft.caseID, event: event, actor: entry.actor, rules: "treasury.payment@1", at: entry.now)),
            tx)
        let order = PaymentOrder(id: id, number: number, draft, posting: posting.id, by: entry.actor, at: entry.now)
        try PaymentStore.insert(order, tx)
        return order
    }

    /// Takes over an order that a duty had placed, by a posting of its own, before there was this room.
    public static func takeOver(
        _ draft: PaymentDraft, posting: ID<StoredPosting>, orderedBy: String?, _ entry: PaymentEntry, _ tx: Tx
    ) throws {
        let id = ID<PaymentOrder>(UUIDv7.make(at: entry.now))
        let year = entry.day.parts.year
        let number = "FK\(year)-\(padded(try NumberSeries.next("payment.\(year)", tx), 6))"
        _ = try append("payment.ordered", id, number, draft.amount, draft.caseID, entry, tx)
        let name = try orderedBy.flatMap { try AccountStore.find(ID($0), tx)?.name } ?? entry.actor.name
        let orderer = Actor(account: orderedBy.map { ID($0) }, name: name, roles: [])
        try PaymentStore.insert(
            PaymentOrder(id: id, number: number, draft, posting: posting, by: orderer, at: entry.now), tx)
    }

    /// Takes back what a duty ordered for something, as far as it has not gone to the bank.
    /// - Returns: whether nothing of it is under way any more.
    @discardableResult
    public static func cancel(
        _ subjectKind: String, _ subject: String, reason: String, _ entry: PaymentEntry, _ tx: Tx
    ) throws -> Bool {
        guard var order = try PaymentStore.list(subjectKind, subject, tx).first(where: { $0.state.isOpen }) else {
            return true
        }
        guard order.state.isInside else { return false }
        try end(&order, as: .cancelled, "payment.cancelled", reason, entry, tx)
        return true
    }

    // MARK: By people

    /// Checks an order. Up to the level it is ready then; above it, a leader approves.
    /// - Throws: ``TreasuryError/noAccount(_:from:)``, ``TreasuryError/samePerson``, ``TreasuryError/ownMoney``.
    public func check(_ id: ID<PaymentOrder>, by actor: Actor) async throws -> PaymentOrder {
        try Policy.require(actor, .checkPayments)
        let entry = entry(actor)
        let level = try rules.money(PaymentOrders.level, on: entry.day)
        return try await db.write { tx in
            var order = try PaymentOrders.require(id, in: [.ordered], actor, tx)
            order.account = try PayeeAccountStore.inForce(of: order.payee, on: entry.day, tx).id
            order.state = order.amount > level ? .checked : .ready
            (order.checkedBy, order.checkedName, order.checkedAt) = (actor.account?.text, actor.name, entry.now)
            try PaymentStore.save(order, was: .ordered, tx)
            _ = try PaymentOrders.append("payment.checked", order, entry, tx)
            return order
        }
    }

    /// Approves an order above the level.
    public func approve(_ id: ID<PaymentOrder>, by actor: Actor) async throws -> PaymentOrder {
        try Policy.require(actor, .approvePayments)
        let entry = entry(actor)
        return try await db.write { tx in
            var order = try PaymentOrders.require(id, in: [.checked], actor, tx)
            order.state = .ready
            (order.approvedBy, order.approvedName, order.approvedAt) = (actor.account?.text, actor.name, entry.now)
            try PaymentStore.save(order, was: .checked, tx)
            _ = try PaymentOrders.append("payment.approved", order, entry, tx)
            return order
        }
    }

    /// Sends an order that is not in a run back to the duty, with a reason.
    public func sendBack(_ id: ID<PaymentOrder>, reason: String, by actor: Actor) async throws -> PaymentOrder {
        let mayAny = Policy.may(actor, .checkPayments)
        if !mayAny { try Policy.require(actor, .approvePayments) }
        try Words.check(reason, "reason", Bilingual("退回原因", "Reason to return"))
        let (entry, listeners) = (entry(actor), listeners)
        return try await db.write(locking: PaymentBooks.locks) { tx in
            var order = try PaymentStore.require(id, tx)
            guard order.state.isInside, mayAny || order.state == .checked else { throw TreasuryError.orderState }
            guard !order.payee.isOwn(actor) else { throw TreasuryError.ownMoney }
            try PaymentOrders.end(&order, as: .sentBack, "payment.sent-back", reason, entry, tx)
            try listeners[order.subjectKind]?(order, .sentBack(reason: reason), entry, tx)
            try PaymentOrders.tell(
                order, Bilingual("付款单 \(order.number) 已退回", "Payment order \(order.number) was sent back"),
                Bilingual(reason, reason), entry, tx)
            return order
        }
    }

    private func entry(_ actor: Actor) -> PaymentEntry {
        let now = clock.now()
        return PaymentEntry(actor: actor, day: zone.day(of: now), now: now)
    }

    /// The order, where the actor is none of those who handled it and none of its payee's people.
    private static func require(
        _ id: ID<PaymentOrder>, in states: [PaymentOrder.State], _ actor: Actor, _ tx: Tx
    ) throws -> PaymentOrder {
        let order = try PaymentStore.require(id, tx)
        guard states.contains(order.state) else { throw TreasuryError.orderState }
        guard let account = actor.account?.text, ![order.orderedBy, order.checkedBy].contains(account) else {
            throw TreasuryError.samePerson
        }
        let file = try order.caseID.flatMap { try CaseStore.find($0, tx) }
        guard !order.payee.isOwn(actor), file.map({ !Policy.isOwn(actor, $0) }) ?? true else {
            throw TreasuryError.ownMoney
        }
        return order
    }

    private static func end(
        _ order: inout PaymentOrder, as state: PaymentOrder.State, _ kind: String, _ reason: String,
        _ entry: PaymentEntry, _ tx: Tx
    ) throws {
        let before = order.state
        order.state = state
        order.closedAt = entry.now
        order.reason = reason
        try PaymentStore.save(order, was: before, tx)
        try PaymentBooks.undo(order, try append(kind, order, entry, tx, ["reason": .string(reason)]), entry, tx)
    }

    // MARK: Telling

    static func append(
        _ kind: String, _ order: PaymentOrder, _ entry: PaymentEntry, _ tx: Tx, _ more: [String: JSONValue] = [:]
    ) throws -> String {
        try append(kind, order.id, order.number, order.amount, order.caseID, entry, tx, more)
    }

    private static func append(
        _ kind: String, _ id: ID<PaymentOrder>, _ number: String, _ amount: Money, _ caseID: ID<CaseFile>?,
        _ entry: PaymentEntry, _ tx: Tx, _ more: [String: JSONValue] = [:]
    ) throws -> String {
        var content: [String: JSONValue] = ["number": .string(number), "amountFen": .integer(amount.fen)]
        content.merge(more) { _, new in new }
        return try Record.append(
            Event(
                room: "treasury", kind: kind, subjectKind: "payment", subject: id.text, caseID: caseID,
                actor: entry.actor, at: entry.now, content: .object(content)), tx)
    }

    /// Tells who ordered it.
    static func tell(
        _ order: PaymentOrder, _ title: Bilingual, _ body: Bilingual, _ entry: PaymentEntry, _ tx: Tx
    ) throws {
        guard let orderer = order.orderedBy, orderer != entry.actor.account?.text else { return }
        try Messages.tell(ID(orderer), title, body, at: "/desk/treasury/orders/\(order.id)", now: entry.now, tx)
    }
}
