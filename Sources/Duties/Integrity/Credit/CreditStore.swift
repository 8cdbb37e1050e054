import Kernel
import Store

/// A query of somebody's credit, kept for good.
struct CreditQuery: Sendable {
    let id: String
    let subject: String
    let subjectName: String
    let account: ID<Account>?
    let accountName: String
    let purpose: String
    let at: Instant

    init(row: Row) throws {
        id = try row["id"]
        subject = try row["subject"]
        subjectName = try row["subject_name"]
        account = try row["account"]
        accountName = try row["account_name"]
        purpose = try row["purpose"]
        at = try row["at"]
    }
}

/// What is kept of the credit of a person or an organisation.
struct CreditRecord: Sendable {
    let name: String
    let subject: String
    let bars: [Bar]
    let entries: [RegisterEntry]
    let queries: [CreditQuery]
    let pledges: [(activity: Bar.Activity, matter: String, at: Instant)]
}

/// Reads credit records and writes the log of queries.
enum CreditStore {
    static let lists = [Watch.acceptance, Watch.refund, Watch.failed]

    /// The subject behind a credit code or an ORCID.
    static func subject(_ code: String, _ tx: Tx) throws -> (id: String, name: String)? {
        if let uscc = try? USCC(parsing: code).text, let place = try Registry.organisation(uscc: uscc, tx) {
            return (place.id.text, place.name.zh)
        }
        guard let orcid = try? ORCID(parsing: code).text else { return nil }
        return try tx.first("SELECT id, name FROM person WHERE orcid = \(orcid)") { (try $0["id"], try $0["name"]) }
    }

    static func record(_ subject: String, name: String, _ tx: Tx) throws -> CreditRecord {
        let entries = try tx.rows(
            """
            SELECT * FROM register_entry WHERE organisation = \(subject) AND register IN \(list: lists)
            ORDER BY register, number LIMIT 200
            """, RegisterEntry.init(stored:))
        let queries = try tx.rows(
            "SELECT * FROM integrity_query WHERE subject = \(subject) ORDER BY id DESC LIMIT 50", CreditQuery.init(row:)
        )
        return CreditRecord(
            name: name, subject: subject, bars: try Bars.history(of: subject, tx), entries: entries, queries: queries,
            pledges: try Pledges.signed(by: subject, tx))
    }

    static func log(
        _ subject: (id: String, name: String), purpose: String, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws -> String {
        let id = UUIDv7.make(at: now)
        try tx.run(
            """
            INSERT INTO integrity_query (id, subject, subject_name, account, account_name, purpose, at)
            VALUES (\(id), \(subject.id), \(subject.name), \(actor.account), \(actor.name), \(purpose), \(now))
            """)
        try Record.append(
            Event(
                room: "integrity", kind: "credit.queried", subjectKind: "credit", subject: subject.id, actor: actor,
                at: now, content: ["purpose": .string(purpose)]), tx)
        return id
    }

    static func query(_ id: String, _ tx: Tx) throws -> CreditQuery? {
        try tx.first("SELECT * FROM integrity_query WHERE id = \(id)", CreditQuery.init(row:))
    }

    /// The log, newest first, before a query.
    static func log(before: String?, limit: Int, _ tx: Tx) throws -> [CreditQuery] {
        let edge: SQL = before.map { "WHERE id < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM integrity_query \(edge) ORDER BY id DESC LIMIT \(limit)", CreditQuery.init(row:))
    }
}
