public import Kernel
public import Store

/// Orders that went to the bank together, in one file.
public struct PaymentRun: Hashable, Codable, Sendable {
    public let id: ID<PaymentRun>
    /// Names the message to the bank.
    public let number: String
    public let madeBy: String
    public let madeName: String
    public let madeAt: Instant
    /// The day on which the bank is to pay.
    public let executionOn: Day
    public let count: Int
    /// The sum of all orders (control sum).
    public let total: Money
    public let payer: Jurisdiction.Payer
    /// SHA-256 of the two files, as the record keeps them.
    public let xmlHash: String
    public let csvHash: String

    init(row: Row) throws {
        id = try row["id"]
        number = try row["number"]
        madeBy = try row["made_by"]
        madeName = try row["made_name"]
        madeAt = try row["made_at"]
        executionOn = try row["execution_on"]
        count = try row["orders"]
        total = try row["control_fen"]
        payer = Jurisdiction.Payer(
            name: try row["payer"], account: try row["payer_account"], cnaps: try row["payer_bank"])
        xmlHash = try row["xml_hash"]
        csvHash = try row["csv_hash"]
    }

    init(
        id: ID<PaymentRun>, number: String, by actor: Actor, at now: Instant, executionOn: Day,
        _ transfers: [Transfer], payer: Jurisdiction.Payer, zone: CityZone
    ) throws {
        self.id = id
        self.number = number
        madeBy = actor.account?.text ?? "system"
        madeName = actor.name
        madeAt = now
        self.executionOn = executionOn
        count = transfers.count
        total = Money.sum(transfers.map(\.amount))
        self.payer = payer
        let head = PaymentFile.Head(
            number: number, createdAt: PaymentFile.moment(now, zone), executionOn: executionOn, payer: payer)
        xmlHash = Digest.hex(Digest.sha256(PaymentFile.pain001(head, transfers)))
        csvHash = Digest.hex(Digest.sha256(PaymentFile.csv(transfers)))
    }
}

/// Reads and writes runs.
public enum PaymentRunStore {
    /// - Throws: ``TreasuryError/unknownRun``.
    public static func require(_ id: ID<PaymentRun>, _ tx: Tx) throws -> PaymentRun {
        guard let run = try tx.first("SELECT * FROM payment_run WHERE id = \(id)", PaymentRun.init(row:)) else {
            throw TreasuryError.unknownRun
        }
        return run
    }

    /// A page of runs, newest first, before one.
    public static func list(before: ID<PaymentRun>? = nil, limit: Int, _ tx: Tx) throws -> [PaymentRun] {
        let rest: SQL = before.map { "WHERE id < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM payment_run \(rest) ORDER BY id DESC LIMIT \(limit)", PaymentRun.init(row:))
    }

    /// Runs of which something is still at the bank, oldest first.
    public static func unanswered(limit: Int, _ tx: Tx) throws -> [PaymentRun] {
        try tx.rows(
            """
            SELECT * FROM payment_run WHERE id IN (
                SELECT run FROM payment_order WHERE state IN ('sent', 'partial')) ORDER BY id LIMIT \(limit)
            """, PaymentRun.init(row:))
    }

    static func insert(_ run: PaymentRun, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO payment_run (id, number, made_by, made_name, made_at, execution_on, orders, control_fen, payer,
                payer_account, payer_bank, xml_hash, csv_hash)
            VALUES (\(run.id), \(run.number), \(run.madeBy), \(run.madeName), \(run.madeAt), \(run.executionOn),
                \(run.count), \(run.total), \(run.payer.name), \(run.payer.account), \(run.payer.cnaps), \(run.xmlHash),
                \(run.csvHash))
            """)
    }
}
