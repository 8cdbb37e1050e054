public import Kernel
import Ledger
public import Store

/// Reads and writes payment orders.
public enum PaymentStore {
    public static func find(_ id: ID<PaymentOrder>, _ tx: Tx) throws -> PaymentOrder? {
        try tx.first("SELECT * FROM payment_order WHERE id = \(id)", PaymentOrder.init(row:))
    }

    /// - Throws: ``TreasuryError/unknownOrder``.
    public static func require(_ id: ID<PaymentOrder>, _ tx: Tx) throws -> PaymentOrder {
        guard let found = try find(id, tx) else { throw TreasuryError.unknownOrder }
        return found
    }

    public static func find(number: String, _ tx: Tx) throws -> PaymentOrder? {
        try tx.first("SELECT * FROM payment_order WHERE number = \(number)", PaymentOrder.init(row:))
    }

    /// Orders by their numbers, in one query for some hundreds.
    static func all(numbers: [String], _ tx: Tx) throws -> [String: PaymentOrder] {
        var found: [String: PaymentOrder] = [:]
        for start in stride(from: 0, to: numbers.count, by: 500) {
            let block = Array(numbers[start..<min(start + 500, numbers.count)])
            for order in try tx.rows(
                "SELECT * FROM payment_order WHERE number IN \(list: block)", PaymentOrder.init(row:))
            {
                found[order.number] = order
            }
        }
        return found
    }

    /// The orders that pay one thing, oldest first.
    public static func list(_ subjectKind: String, _ subject: String, _ tx: Tx) throws -> [PaymentOrder] {
        try tx.rows(
            """
            SELECT * FROM payment_order WHERE subject_kind = \(subjectKind) AND subject = \(subject) ORDER BY number
            """, PaymentOrder.init(row:))
    }

    /// The newest order of each of many things, in one query.
    public static func newest(
        _ subjectKind: String, _ subjects: [String], _ tx: Tx
    ) throws -> [String: PaymentOrder] {
        let found = try tx.rows(
            """
            SELECT * FROM payment_order WHERE subject_kind = \(subjectKind) AND subject IN \(list: subjects)
            ORDER BY number
            """, PaymentOrder.init(row:))
        return Dictionary(found.map { ($0.subject, $0) }, uniquingKeysWith: { _, later in later })
    }

    /// All orders of a case, oldest first.
    public static func list(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [PaymentOrder] {
        try tx.rows(
            "SELECT * FROM payment_order WHERE case_id = \(caseID) ORDER BY number", PaymentOrder.init(row:))
    }

    /// What the payee of one thing has of it now, over all orders.
    public static func settled(_ subjectKind: String, _ subject: String, _ tx: Tx) throws -> Money {
        Money.sum(try list(subjectKind, subject, tx).map(\.settled))
    }

    /// A page of orders by number, after one.
    public static func list(
        state: PaymentOrder.State? = nil, payee: String? = nil, run: ID<PaymentRun>? = nil, after: String? = nil,
        limit: Int, _ tx: Tx
    ) throws -> [PaymentOrder] {
        var conditions: [SQL] = ["1 = 1"]
        if let state { conditions.append("state = \(state)") }
        if let payee { conditions.append("payee = \(payee)") }
        if let run { conditions.append("run = \(run)") }
        if let after { conditions.append("number > \(after)") }
        return try tx.rows(
            """
            SELECT * FROM payment_order WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY number LIMIT \(limit)
            """, PaymentOrder.init(row:))
    }

    /// How many orders are in each of some states, and for how much.
    public static func totals(
        _ states: [PaymentOrder.State] = PaymentOrder.State.allCases, _ tx: Tx
    ) throws -> [PaymentOrder.State: (count: Int, amount: Money)] {
        let rows = try tx.rows(
            """
            SELECT state, COUNT(*) AS orders, CAST(SUM(amount_fen) AS BIGINT) AS amount FROM payment_order
            WHERE state IN \(list: states) GROUP BY state
            """
        ) {
            (try $0["state"] as PaymentOrder.State, (count: try $0["orders"] as Int, amount: try $0["amount"] as Money))
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    static func insert(_ item: PaymentOrder, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO payment_order (id, number, subject_kind, subject, case_id, payee_kind, payee, payee_zh, payee_en,
                source, programme, year, project, amount_fen, paid_fen, rejected_fen, returned_fen, purpose, note, state,
                posting, ordered_by, ordered_name, ordered_at)
            VALUES (\(item.id), \(item.number), \(item.subjectKind), \(item.subject), \(item.caseID),
                \(item.payee.kind), \(item.payee.id), \(item.payee.name.zh), \(item.payee.name.en), \(item.source),
                \(item.programme), \(item.year), \(item.project), \(item.amount), 0, 0, 0, \(item.purpose),
                \(item.note), \(item.state), \(item.posting), \(item.orderedBy), \(item.orderedName),
                \(item.orderedAt))
            """)
    }

    /// Writes what may change, if the order is still where it was read.
    /// - Throws: ``TreasuryError/orderState`` where it moved on in between.
    static func save(_ item: PaymentOrder, was state: PaymentOrder.State, _ tx: Tx) throws {
        let changed = try tx.run(
            """
            UPDATE payment_order SET state = \(item.state), paid_fen = \(item.paid), rejected_fen = \(item.rejected),
                returned_fen = \(item.returned), account = \(item.account), run = \(item.run),
                checked_by = \(item.checkedBy), checked_name = \(item.checkedName), checked_at = \(item.checkedAt),
                approved_by = \(item.approvedBy), approved_name = \(item.approvedName),
                approved_at = \(item.approvedAt), closed_at = \(item.closedAt), reason = \(item.reason)
            WHERE id = \(item.id) AND state = \(state)
            """)
        guard changed == 1 else { throw TreasuryError.orderState }
    }
}
