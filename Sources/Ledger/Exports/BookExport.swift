public import Kernel
public import Store

/// The formats in which the books can be read by other programs.
public enum BookFormat: String, Sendable, CaseIterable {
    case hledger, beancount, csv

    var writer: any BookWriter {
        switch self {
        case .hledger: HledgerWriter()
        case .beancount: BeancountWriter()
        case .csv: CSVWriter()
        }
    }
}

/// What stands above the legs of a posting.
struct ExportHead {
    let id: String
    let day: String
    let kind: String
    let text: String
    /// Case, event, actor, rules, key and, for settlements and reversals, the posting they are about; in this order.
    let notes: [(name: String, value: String)]
}

/// How a format words its parts. Amounts are in fen.
protocol BookWriter {
    func preamble(_ out: inout ExportBuffer)
    func account(_ account: LedgerAccount, since day: String, _ out: inout ExportBuffer)
    func head(_ head: ExportHead, _ out: inout ExportBuffer)
    func leg(_ account: LedgerAccount, fen: Int64, of head: ExportHead, _ out: inout ExportBuffer)
    func foot(_ out: inout ExportBuffer)
}

/// Bytes on their way out, handed on in blocks, so that an export of any size needs the same memory.
struct ExportBuffer {
    private var bytes: [UInt8] = []
    private let sink: ([UInt8]) throws -> Void
    private static let block = 1 << 16

    init(_ sink: @escaping ([UInt8]) throws -> Void) { self.sink = sink }

    mutating func add(_ text: String) { bytes += text.utf8 }

    mutating func flush(atLeast size: Int = block) throws {
        guard bytes.count >= size, !bytes.isEmpty else { return }
        try sink(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}

/// Writes the books for other programs, which then add them up to the same fen.
public enum BookExport {
    /// What was written.
    public struct Summary: Hashable, Sendable {
        public let postings: Int
        public let legs: Int
    }

    /// Writes every posting that moved money, by day; reservations move nothing and are left out.
    /// - Parameters:
    ///   - from: first day; what the accounts held before stands in one opening posting.
    ///   - to: last day.
    ///   - sink: gets the bytes in blocks of some tens of thousands.
    @discardableResult
    public static func write(
        _ format: BookFormat, from: Day? = nil, to: Day? = nil, _ tx: Tx, sink: @escaping ([UInt8]) throws -> Void
    ) throws -> Summary {
        let writer = format.writer
        var out = ExportBuffer(sink)
        writer.preamble(&out)
        let first: String = try tx.value("SELECT MIN(day) FROM ledger_posting") ?? "1970-01-01"
        try tx.forEach("SELECT id FROM ledger_account ORDER BY id") { row in
            writer.account(try row["id"], since: first, &out)
            try out.flush()
        }
        let opening = try from.map { try openings(before: $0, writer, &out, tx) }
        let moved = try postings(from: from, to: to, writer, &out, tx)
        try out.flush(atLeast: 1)
        return Summary(
            postings: moved.postings + (opening?.postings ?? 0), legs: moved.legs + (opening?.legs ?? 0))
    }

    private static func openings(
        before day: Day, _ writer: any BookWriter, _ out: inout ExportBuffer, _ tx: Tx
    ) throws -> Summary {
        let head = ExportHead(
            id: "opening", day: day.adding(days: -1).description, kind: "opening", text: "期初余额 / opening balances",
            notes: [])
        var legs = 0
        try tx.forEach(
            """
            SELECT account, SUM(in_fen) - SUM(out_fen) AS fen FROM ledger_day WHERE day < \(day)
            GROUP BY account HAVING SUM(in_fen) <> SUM(out_fen) ORDER BY account
            """
        ) { row in
            if legs == 0 { writer.head(head, &out) }
            writer.leg(try row["account"], fen: try row["fen"], of: head, &out)
            legs += 1
            try out.flush()
        }
        if legs > 0 { writer.foot(&out) }
        return Summary(postings: legs > 0 ? 1 : 0, legs: legs)
    }

    private static func postings(
        from: Day?, to: Day?, _ writer: any BookWriter, _ out: inout ExportBuffer, _ tx: Tx
    ) throws -> Summary {
        var conditions: [SQL] = ["NOT l.held"]
        if let from { conditions.append("p.day >= \(from)") }
        if let to { conditions.append("p.day <= \(to)") }
        var head: ExportHead?
        var postings = 0
        var legs = 0
        try tx.forEach(
            """
            SELECT p.id, p.kind, p.day, p.case_id, p.event, p.actor, p.actor_name, p.rules, p.text, p.key, p.target,
                l.account, l.in_fen, l.out_fen
            FROM ledger_posting p JOIN ledger_leg l ON l.posting = p.id
            WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY p.day, p.id, l.position
            """
        ) { row in
            let id: String = try row["id"]
            let current: ExportHead
            if let head, head.id == id {
                current = head
            } else {
                if head != nil { writer.foot(&out) }
                current = try ExportHead(id: id, row: row)
                head = current
                postings += 1
                writer.head(current, &out)
            }
            let fen = try (row["in_fen"] as Int64) - (row["out_fen"] as Int64)
            writer.leg(try row["account"], fen: fen, of: current, &out)
            legs += 1
            try out.flush()
        }
        if head != nil { writer.foot(&out) }
        return Summary(postings: postings, legs: legs)
    }
}

extension ExportHead {
    init(id: String, row: Row) throws {
        self.id = id
        day = try row["day"]
        kind = try row["kind"]
        text = try row["text"]
        let actor: String? = try row["actor"]
        notes = [
            ("case", try row["case_id"] ?? ""), ("event", try row["event"]),
            ("actor", try actor ?? row["actor_name"]), ("rules", try row["rules"]), ("key", try row["key"]),
            ("about", try row["target"] ?? ""),
        ]
    }
}

extension ExportBuffer {
    /// Yuan with two decimals and nothing else: `-1234567.80`.
    mutating func add(fen: Int64) {
        let size = fen.magnitude
        add("\(fen < 0 ? "-" : "")\(size / 100).\(size % 100 < 10 ? "0" : "")\(size % 100)")
    }

    /// One line of text: control characters become spaces, and so do those named.
    mutating func add(line text: String, without forbidden: [Unicode.Scalar] = []) {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isBreak =
                scalar.value < 32 || (127...159).contains(scalar.value) || [0x2028, 0x2029].contains(scalar.value)
            clean.append(isBreak || forbidden.contains(scalar) ? " " : scalar)
        }
        add(String(clean))
    }
}
