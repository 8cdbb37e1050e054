public import Kernel
import Store

/// Making runs: what is ready goes to the bank in one file, each order once.
public struct PaymentRuns: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let calendar: WorkCalendar
    let vault: Vault
    let payer: Jurisdiction.Payer?

    /// Most orders of a run; what is left waits for the next.
    public static let most = 2_000

    /// Puts all orders that are ready into a run; none that the actor ordered or that pays the actor.
    /// - Throws: ``TreasuryError/nothingReady``, ``TreasuryError/noPayer``.
    public func make(by actor: Actor) async throws -> PaymentRun {
        try Policy.require(actor, .runPayments)
        guard let payer else { throw TreasuryError.noPayer }
        let now = clock.now()
        let today = zone.day(of: now)
        let execution = try calendar.firstWorking(onOrAfter: today)
        let entry = PaymentEntry(actor: actor, day: today, now: now)
        return try await db.write(locking: PaymentBooks.locks) { tx in
            let orders = try PaymentStore.list(state: .ready, limit: PaymentRuns.most, tx).filter {
                $0.orderedBy != actor.account?.text && !$0.payee.isOwn(actor)
            }
            guard !orders.isEmpty else { throw TreasuryError.nothingReady }
            let year = today.parts.year
            let number = "ZF\(year)-\(padded(try NumberSeries.next("payment-run.\(year)", tx), 5))"
            let run = try PaymentRun(
                id: ID(UUIDv7.make(at: now)), number: number, by: actor, at: now, executionOn: execution,
                try transfers(orders, tx), payer: payer, zone: zone)
            try PaymentRunStore.insert(run, tx)
            for var order in orders {
                order.state = .sent
                order.run = run.id
                try PaymentStore.save(order, was: .ready, tx)
                _ = try PaymentOrders.append("payment.sent", order, entry, tx, ["run": .string(number)])
            }
            try Record.append(
                Event(
                    room: "treasury", kind: "payment-run.made", subjectKind: "payment-run", subject: run.id.text,
                    actor: actor, at: now,
                    content: [
                        "number": .string(number), "orders": .integer(Int64(run.count)),
                        "totalFen": .integer(run.total.fen), "xml": .string(run.xmlHash), "csv": .string(run.csvHash),
                    ]), tx)
            return run
        }
    }

    /// The run as ISO 20022 pain.001.001.09.
    public func xml(_ id: ID<PaymentRun>, by actor: Actor) async throws -> (run: PaymentRun, bytes: [UInt8]) {
        let (run, transfers) = try await contents(id, by: actor)
        let head = PaymentFile.Head(
            number: run.number, createdAt: PaymentFile.moment(run.madeAt, zone), executionOn: run.executionOn,
            payer: run.payer)
        return (run, PaymentFile.pain001(head, transfers))
    }

    /// The run as CSV.
    public func csv(_ id: ID<PaymentRun>, by actor: Actor) async throws -> (run: PaymentRun, bytes: [UInt8]) {
        let (run, transfers) = try await contents(id, by: actor)
        return (run, PaymentFile.csv(transfers))
    }

    private func contents(_ id: ID<PaymentRun>, by actor: Actor) async throws -> (PaymentRun, [Transfer]) {
        try Policy.require(actor, .takePaymentFiles)
        return try await db.read { tx in
            let run = try PaymentRunStore.require(id, tx)
            return (run, try transfers(try PaymentStore.list(run: id, limit: PaymentRuns.most, tx), tx))
        }
    }

    private func transfers(_ orders: [PaymentOrder], _ tx: Tx) throws -> [Transfer] {
        let accounts = try PayeeAccountStore.all(Array(Set(orders.compactMap(\.account))), tx)
        return try orders.map { order in
            guard let account = order.account.flatMap({ accounts[$0] }) else { throw TreasuryError.unknownAccount }
            return Transfer(
                number: order.number, amount: order.amount, holder: account.holder, bank: account.bank,
                branch: account.branch, cnaps: account.cnaps, account: try account.number(vault),
                purpose: order.purpose)
        }
    }
}
