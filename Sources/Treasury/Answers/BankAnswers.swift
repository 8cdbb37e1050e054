public import Kernel
import Ledger
import Store

/// Reading what the bank answers. A file is read whole or not at all, and once.
public struct BankAnswers: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let vault: Vault
    let listeners: [String: PaymentListener]

    private static let locks = PaymentBooks.locks + [LockKey("treasury.answers")]

    /// Reads a file: camt.054.001.08 or CSV. Lines that fit their orders are entered; others wait for a person.
    /// - Throws: ``TreasuryError/badFile(_:)``, ``TreasuryError/duplicate(answer:by:on:)``; nothing is changed then.
    public func read(_ bytes: [UInt8], name: String, by actor: Actor) async throws -> BankAnswer {
        try Policy.require(actor, .runPayments)
        let file = try AnswerFile.read(bytes)
        let hash = Digest.hex(Digest.sha256(bytes))
        let sealed = try vault.seal(bytes: bytes)
        let now = clock.now()
        let entry = PaymentEntry(actor: actor, day: zone.day(of: now), now: now)
        return try await db.write(locking: BankAnswers.locks.sorted()) { tx in
            try refuseKnown(hash, file.message, tx)
            let id = ID<BankAnswer>(UUIDv7.make(at: now))
            let event = try Record.append(
                Event(
                    room: "treasury", kind: "answer.read", subjectKind: "bank-answer", subject: id.text, actor: actor,
                    at: now,
                    content: [
                        "name": .string(name), "file": .string(hash), "lines": .integer(Int64(file.lines.count)),
                        "message": file.message.map { .string($0) } ?? .null,
                    ]), tx)
            try tx.run(
                """
                INSERT INTO bank_answer (id, format, name, hash, message, read_by, read_name, read_at, lines)
                VALUES (\(id), \(file.format.rawValue), \(String(name.prefix(200))), \(hash), \(file.message),
                    \(actor.account?.text ?? "system"), \(actor.name), \(now), \(file.lines.count))
                """)
            try tx.run("INSERT INTO bank_answer_file (answer, sealed_bytes) VALUES (\(id), \(sealed))")
            try take(file.lines, of: id, hash, event, entry, tx)
            return try BankAnswerStore.require(id, tx)
        }
    }

    /// The file as the bank sent it.
    /// - Throws: ``TreasuryError/unknownAnswer``; ``DocumentError/missing`` for one that was read before files were
    ///   kept, ``DocumentError/changed`` where it is not what was read.
    public func file(_ id: ID<BankAnswer>, by actor: Actor) async throws -> (answer: BankAnswer, bytes: [UInt8]) {
        try Policy.require(actor, .takePaymentFiles)
        return try await db.read { tx in
            let answer = try BankAnswerStore.require(id, tx)
            let sealed: [UInt8]? = try tx.value("SELECT sealed_bytes FROM bank_answer_file WHERE answer = \(id)")
            guard let sealed else { throw DocumentError.missing }
            let bytes = try vault.open(bytes: sealed)
            guard Digest.hex(Digest.sha256(bytes)) == answer.hash else { throw DocumentError.changed }
            return (answer, bytes)
        }
    }

    private func refuseKnown(_ hash: String, _ message: String?, _ tx: Tx) throws {
        let known = try tx.first(
            "SELECT * FROM bank_answer WHERE hash = \(hash) OR message = \(message)", BankAnswer.init(row:))
        guard let known else { return }
        throw TreasuryError.duplicate(answer: known.id.text, by: known.readName, on: zone.day(of: known.readAt))
    }

    private func take(
        _ lines: [AnswerLine], of answer: ID<BankAnswer>, _ hash: String, _ event: String, _ entry: PaymentEntry,
        _ tx: Tx
    ) throws {
        var orders = try PaymentStore.all(numbers: Array(Set(lines.map(\.number))), tx)
        let accounts = try PayeeAccountStore.all(Array(Set(orders.values.compactMap(\.account))), tx)
        var known = try references(lines, tx)
        for (index, line) in lines.enumerated() {
            var found = Settled(state: .noted)
            let name = line.reference.map { Reference(text: $0, isPaid: line.outcome == .paid) }
            if line.outcome != .pending {
                if let name, known.contains(name) {
                    found.state = .repeated
                } else {
                    let key = line.reference.map { "bank.\($0)" } ?? "file.\(hash).\(index + 1)"
                    found = try match(line, &orders, accounts, key: key, event, entry, tx)
                    if found.state == .matched, let name { known.insert(name) }
                }
            }
            try insert(line, at: index + 1, of: answer, found, entry, tx)
        }
    }

    /// The bank's name for something; a payment and its return may have one name.
    private struct Reference: Hashable {
        let text: String
        let isPaid: Bool
    }

    /// References that the bank used before for something that was entered.
    private func references(_ lines: [AnswerLine], _ tx: Tx) throws -> Set<Reference> {
        let all = Array(Set(lines.compactMap(\.reference)))
        var known: Set<Reference> = []
        for start in stride(from: 0, to: all.count, by: 500) {
            let block = Array(all[start..<min(start + 500, all.count)])
            let found = try tx.rows(
                """
                SELECT reference, outcome FROM bank_line
                WHERE reference IN \(list: block) AND state IN ('matched', 'assigned')
                """
            ) { Reference(text: try $0["reference"], isPaid: try $0["outcome"] as PaymentOutcome == .paid) }
            known.formUnion(found)
        }
        return known
    }

    /// What became of a line.
    private struct Settled {
        var state: BankLine.State
        var outcome: PaymentOutcome?
        var payment: ID<PaymentOrder>?
        var problem: TreasuryError.Misfit?
    }

    private func match(
        _ line: AnswerLine, _ orders: inout [String: PaymentOrder], _ accounts: [ID<PayeeAccount>: PayeeAccount],
        key: String, _ event: String, _ entry: PaymentEntry, _ tx: Tx
    ) throws -> Settled {
        do {
            guard var order = orders[line.number] else { throw TreasuryError.misfit(.unknownNumber) }
            let mark = order.account.flatMap { accounts[$0] }?.numberMark
            if let number = line.account {
                guard mark == PayeeAccount.mark(number, vault) else { throw TreasuryError.misfit(.otherAccount) }
            } else if line.outcome == .paid {
                throw TreasuryError.misfit(.noAccount)
            }
            let outcome = try apply(
                line.outcome, line.amount, reason: line.reason, to: &order, key: key, event, entry, tx)
            orders[line.number] = order
            return Settled(state: .matched, outcome: outcome, payment: order.id)
        } catch TreasuryError.misfit(let why) {
            return Settled(state: .queued, problem: why)
        }
    }

    /// Lets an order hear what the bank says: order, books and duty, in one transaction.
    private func apply(
        _ outcome: PaymentOutcome, _ sum: Money, reason: String, to order: inout PaymentOrder, key: String,
        _ event: String, _ entry: PaymentEntry, _ tx: Tx
    ) throws -> PaymentOutcome {
        let before = order.state
        var next = order
        let outcome = try next.hear(outcome, sum)
        next.closedAt = next.state.isOpen ? nil : entry.now
        if outcome != .paid { next.reason = reason }
        try PaymentBooks.enter(outcome, sum, next, line: key, event, entry, tx)
        order = next
        try PaymentStore.save(order, was: before, tx)
        let words: (kind: String, news: PaymentNews) =
            switch outcome {
            case .paid: ("payment.paid", .paid(sum))
            case .rejected: ("payment.rejected", .rejected(sum, reason: reason))
            default: ("payment.returned", .returned(sum, reason: reason))
            }
        _ = try PaymentOrders.append(
            words.kind, order, entry, tx, ["sumFen": .integer(sum.fen), "reason": .string(reason)])
        try listeners[order.subjectKind]?(order, words.news, entry, tx)
        if outcome != .paid {
            let why = BankReason.words(reason)
            try PaymentOrders.tell(
                order,
                Bilingual("付款单 \(order.number)：\(outcome.name.zh)", "Payment \(order.number): \(outcome.name.en)"),
                Bilingual("\(sum.text(.chinese)) \(why.zh)", "\(sum.text(.english)) \(why.en)"), entry, tx)
        }
        return outcome
    }

    private func insert(
        _ line: AnswerLine, at position: Int, of answer: ID<BankAnswer>, _ found: Settled, _ entry: PaymentEntry,
        _ tx: Tx
    ) throws {
        let message = found.problem?.message
        try tx.run(
            """
            INSERT INTO bank_line (id, answer, position, line, number, outcome, amount_fen, account_mark, account_end,
                booked_on, reference, reason, payment, state, problem, problem_zh, problem_en)
            VALUES (\(UUIDv7.make(at: entry.now)), \(answer), \(position), \(line.line), \(line.number),
                \(found.outcome ?? line.outcome), \(line.amount),
                \(line.account.map { PayeeAccount.mark($0, vault) }), \(String((line.account ?? "").suffix(4))),
                \(line.bookedOn), \(line.reference), \(line.reason), \(found.payment), \(found.state),
                \(found.problem?.rawValue), \(message?.zh), \(message?.en))
            """)
    }

    // MARK: The queue

    /// Takes a line that waits for an order, by a person who looked at it. Amount and state must fit all the same.
    /// - Parameter outcome: what the line means.
    /// - Throws: ``TreasuryError/misfit(_:)``, ``TreasuryError/samePerson`` for who ordered the payment.
    public func assign(
        _ id: ID<BankLine>, to number: String, as outcome: PaymentOutcome, note: String, by actor: Actor
    ) async throws -> BankLine {
        try Policy.require(actor, .runPayments)
        try Words.check(note, "note", Bilingual("认领依据", "Why"))
        let now = clock.now()
        let entry = PaymentEntry(actor: actor, day: zone.day(of: now), now: now)
        return try await db.write(locking: BankAnswers.locks.sorted()) { tx in
            let line = try waiting(id, tx)
            guard var order = try PaymentStore.find(number: number.trimmed, tx) else {
                throw TreasuryError.unknownOrder
            }
            guard order.orderedBy != actor.account?.text else { throw TreasuryError.samePerson }
            guard !order.payee.isOwn(actor) else { throw TreasuryError.ownMoney }
            let event = try self.event("line.assigned", line, order.caseID, note, entry, tx)
            let key = line.reference.map { "bank.\($0)" } ?? "line.\(line.id)"
            if let reference = line.reference, try isEntered(reference, isPaid: outcome == .paid, tx) {
                throw TreasuryError.lineSettled
            }
            let meant = try apply(outcome, line.amount, reason: line.reason, to: &order, key: key, event, entry, tx)
            try settle(line, .assigned, outcome: meant, order.id, note, entry, tx)
            return try BankAnswerStore.line(id, tx)
        }
    }

    /// Sets a line aside from which nothing follows, with a reason.
    public func dismiss(_ id: ID<BankLine>, note: String, by actor: Actor) async throws -> BankLine {
        try Policy.require(actor, .runPayments)
        try Words.check(note, "note", Bilingual("理由", "Why"))
        let now = clock.now()
        let entry = PaymentEntry(actor: actor, day: zone.day(of: now), now: now)
        return try await db.write(locking: BankAnswers.locks.sorted()) { tx in
            let line = try waiting(id, tx)
            _ = try self.event("line.dismissed", line, nil, note, entry, tx)
            try settle(line, .dismissed, outcome: line.outcome, nil, note, entry, tx)
            return try BankAnswerStore.line(id, tx)
        }
    }

    private func isEntered(_ reference: String, isPaid: Bool, _ tx: Tx) throws -> Bool {
        let count: Int? = try tx.value(
            """
            SELECT COUNT(*) FROM bank_line WHERE reference = \(reference) AND (outcome = 'paid') = \(isPaid)
                AND state IN ('matched', 'assigned')
            """)
        return count ?? 0 > 0
    }

    private func waiting(_ id: ID<BankLine>, _ tx: Tx) throws -> BankLine {
        let line = try BankAnswerStore.line(id, tx)
        guard line.state == .queued else { throw TreasuryError.lineSettled }
        return line
    }

    private func event(
        _ kind: String, _ line: BankLine, _ caseID: ID<CaseFile>?, _ note: String, _ entry: PaymentEntry, _ tx: Tx
    ) throws -> String {
        try Record.append(
            Event(
                room: "treasury", kind: kind, subjectKind: "bank-line", subject: line.id.text, caseID: caseID,
                actor: entry.actor, at: entry.now,
                content: [
                    "number": .string(line.number), "amountFen": .integer(line.amount.fen), "note": .string(note),
                ]),
            tx)
    }

    private func settle(
        _ line: BankLine, _ state: BankLine.State, outcome: PaymentOutcome, _ payment: ID<PaymentOrder>?,
        _ note: String, _ entry: PaymentEntry, _ tx: Tx
    ) throws {
        try tx.run(
            """
            UPDATE bank_line SET state = \(state), outcome = \(outcome), payment = \(payment), note = \(note),
                settled_by = \(entry.actor.account), settled_name = \(entry.actor.name), settled_at = \(entry.now)
            WHERE id = \(line.id) AND state = 'queued'
            """)
    }
}
