internal import Foundation
public import Kernel
public import Store

/// Takes in what other funders published: all rows or none, each accounted for, and twice the same file is once.
public struct Importer: Sendable {
    public enum Outcome: String, Sendable, CaseIterable { case imported, changed, unchanged, repeated, refused }

    /// What became of one line of the file.
    public struct Line: Sendable {
        public let number: Int
        public let key: String
        public let outcome: Outcome
        public let note: Bilingual?
    }

    /// What became of the file.
    public struct Report: Sendable {
        public let lines: [Line]
        public let hosts: Int
        public let total: Money
        /// Whether anything was written.
        public let isWritten: Bool

        public func count(_ outcome: Outcome) -> Int {
            lines.count { $0.outcome == outcome }
        }
    }

    let db: Database
    let clock: any Clock
    let zone: CityZone

    public init(db: Database, clock: any Clock, zone: CityZone) {
        self.db = db
        self.clock = clock
        self.zone = zone
    }

    public static let migrations = Migrations(
        room: "import",
        steps: [
            Migration(
                id: "2026-11-24-import-records",
                statements: [
                    """
                    CREATE TABLE imported_record (
                        record_kind TEXT NOT NULL, funder TEXT NOT NULL, number TEXT NOT NULL, title TEXT NOT NULL,
                        kind TEXT NOT NULL, host TEXT NOT NULL, investigator TEXT NOT NULL, amount_fen BIGINT,
                        starts_on TEXT, ends_on TEXT, rating TEXT NOT NULL, raw_date TEXT NOT NULL,
                        content_hash TEXT NOT NULL, imported_at BIGINT NOT NULL,
                        PRIMARY KEY (record_kind, funder, number)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX imported_record_host ON imported_record (record_kind, host, number)",
                ]),
            // Where there is money from before the books, the next start carries it over.
            Migration(
                id: "2026-11-26-import-books",
                statements: [
                    """
                    INSERT INTO setting (name, value) SELECT 'funding.carry-over', 'due'
                    WHERE EXISTS (SELECT 1 FROM programme_budget) OR EXISTS (SELECT 1 FROM imported_record)
                    """
                ]),
        ])

    /// Reads a file and takes it in.
    /// - Parameters:
    ///   - isDry: nothing is written.
    ///   - skipsRefused: rows that cannot be taken are left out; otherwise one of them stops the whole file.
    /// - Throws: ``ImportError`` where the file as a whole cannot be read.
    public func run(
        _ kind: ImportKind, _ bytes: [UInt8], map: ImportMap, isDry: Bool, skipsRefused: Bool
    ) async throws -> Report {
        let rows = try Importer.rows(kind, bytes, map)
        let taken = rows.compactMap(\.record)
        guard let total = Money.countableSum(taken.lazy.compactMap(\.amount)) else { throw ImportError.total }
        let known = try await self.known(kind, map.funder)
        var (lines, records) = Importer.judge(rows, known: known)
        let refused = lines.contains { $0.outcome == .refused }
        let writes = !isDry && !records.isEmpty && (!refused || skipsRefused)
        if writes { try await write(kind, map.funder, records, replacing: known) }
        if refused, !skipsRefused { records = [] }
        return Report(
            lines: lines, hosts: Set(taken.map(\.host)).count, total: total, isWritten: writes)
    }

    /// A line of the file as it was read.
    struct ReadLine: Sendable {
        let number: Int
        let key: String
        let record: ImportedRecord?
        let note: Bilingual?
        let isHeader: Bool
    }

    static func rows(_ kind: ImportKind, _ bytes: [UInt8], _ map: ImportMap) throws(ImportError) -> [ReadLine] {
        guard let text = (map.encoding ?? .utf8).decode(bytes) else {
            throw .encoding((map.encoding ?? .utf8).rawValue)
        }
        let table = CSVText.rows(text)
        guard let header = table.first else { throw .empty }
        var places: [String: Int] = [:]
        for (ours, theirs) in map.columns { places[ours] = header.firstIndex(of: theirs) }
        let absent = kind.required.filter { places[$0] == nil }.map { map.columns[$0] ?? $0 }
        guard absent.isEmpty else { throw .columns(absent) }
        return table.enumerated().dropFirst().map { index, cells in
            line(index + 1, cells, header, places, kind, map)
        }
    }

    private static func line(
        _ number: Int, _ cells: [String], _ header: [String], _ places: [String: Int], _ kind: ImportKind,
        _ map: ImportMap
    ) -> ReadLine {
        if cells == header { return ReadLine(number: number, key: "", record: nil, note: nil, isHeader: true) }
        func cell(_ name: String) -> String? {
            guard let place = places[name], place < cells.count else { return nil }
            return cells[place].trimmingCharacters(in: .whitespaces)
        }
        func refused(_ reason: Bilingual) -> ReadLine {
            ReadLine(number: number, key: cell("number") ?? "", record: nil, note: reason, isHeader: false)
        }
        guard cells.count == header.count else {
            return refused(
                Bilingual(
                    "有 \(cells.count) 列，应为 \(header.count) 列",
                    "has \(counted(cells.count, "column")), \(header.count) are needed")
            )
        }
        switch ImportedRecord.read(kind, map, cell) {
        case .success(let found):
            return ReadLine(
                number: number, key: found.record.number, record: found.record, note: found.note, isHeader: false)
        case .failure(let refusal): return refused(refusal.reason)
        }
    }

    /// Compares what was read with what is known and with itself.
    static func judge(_ rows: [ReadLine], known: [String: String]) -> ([Line], [ImportedRecord]) {
        var lines: [Line] = []
        var records: [ImportedRecord] = []
        var seen: [String: String] = [:]
        for row in rows {
            func line(_ outcome: Outcome, _ note: Bilingual?) {
                lines.append(Line(number: row.number, key: row.key, outcome: outcome, note: note))
            }
            guard let record = row.record else {
                row.isHeader ? line(.repeated, Bilingual("重复的表头", "a repeated header")) : line(.refused, row.note)
                continue
            }
            let hash = record.hash
            if let earlier = seen[record.number] {
                earlier == hash
                    ? line(.repeated, Bilingual("与前面一行相同", "the same as a line before"))
                    : line(.refused, Bilingual("编号重复而内容不同", "the number came before with other content"))
                continue
            }
            seen[record.number] = hash
            if known[record.number] == hash {
                line(.unchanged, row.note)
            } else {
                records.append(record)
                line(known[record.number] == nil ? .imported : .changed, row.note)
            }
        }
        return (lines, records)
    }

    private func known(_ kind: ImportKind, _ funder: String) async throws -> [String: String] {
        try await db.read { tx in
            var known: [String: String] = [:]
            try tx.forEach(
                """
                SELECT number, content_hash FROM imported_record
                WHERE record_kind = \(kind.rawValue) AND funder = \(funder)
                """
            ) { row in known[try row["number"]] = try row["content_hash"] }
            return known
        }
    }

    /// One transaction for the whole file, so that nothing is half imported.
    /// - Parameter known: the hashes of the records that were there before, by number.
    private func write(
        _ kind: ImportKind, _ funder: String, _ records: [ImportedRecord], replacing known: [String: String]
    ) async throws {
        let now = clock.now()
        let day = zone.day(of: now)
        try await db.write(locking: [LockKey("import.\(funder)")] + FundingBooks.locks) { tx in
            for block in stride(from: 0, to: records.count, by: 100) {
                let values = records[block..<min(block + 100, records.count)].map { item -> SQL in
                    """
                    (\(kind.rawValue), \(funder), \(item.number), \(item.title), \(item.kind), \(item.host),
                    \(item.investigator), \(item.amount), \(item.startsOn), \(item.endsOn), \(item.rating),
                    \(item.rawDate), \(item.hash), \(now))
                    """
                }
                try tx.run(
                    """
                    INSERT INTO imported_record (record_kind, funder, number, title, kind, host, investigator,
                        amount_fen, starts_on, ends_on, rating, raw_date, content_hash, imported_at)
                    VALUES \(SQL.join(values, separator: ", "))
                    ON CONFLICT (record_kind, funder, number) DO UPDATE SET title = excluded.title,
                        kind = excluded.kind, host = excluded.host, investigator = excluded.investigator,
                        amount_fen = excluded.amount_fen, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
                        rating = excluded.rating, raw_date = excluded.raw_date, content_hash = excluded.content_hash,
                        imported_at = excluded.imported_at
                    """)
            }
            let event = try Record.append(
                Event(
                    room: "import", kind: "import.taken", subjectKind: "funder", subject: funder, actor: .system,
                    at: now,
                    content: ["kind": .string(kind.rawValue), "records": .integer(Int64(records.count))]), tx)
            guard kind == .awards else { return }
            let entry = BookEntry(
                caseID: nil, event: event, actor: .system, rules: "import.awards@1", day: day, now: now)
            try ImportedAwards.post(records, of: funder, replacing: known, entry, tx)
        }
    }
}

/// Why a file as a whole cannot be taken.
public enum ImportError: Problem, Hashable {
    case encoding(String)
    case empty
    case columns([String])
    case unreadable(String)
    /// The amounts add up to more than can be counted.
    case total

    public var kind: ProblemKind { .invalid }
    public var code: String {
        switch self {
        case .encoding: "import.encoding"
        case .empty: "import.empty"
        case .columns: "import.columns"
        case .unreadable: "import.unreadable"
        case .total: "import.total"
        }
    }

    public var message: Bilingual {
        switch self {
        case .encoding(let name):
            Bilingual("文件不是 \(name) 编码，请在映射文件中改正 encoding。", "The file is not \(name); correct 'encoding' in the map.")
        case .empty: Bilingual("文件是空的。", "The file is empty.")
        case .columns(let names):
            Bilingual(
                "文件缺少列：\(names.joined(separator: "、"))。", "The file lacks the columns \(names.joined(separator: ", "))."
            )
        case .total:
            Bilingual("金额合计过大，请核对金额和映射文件中的单位。", "The amounts add up to more than can be counted; check the unit.")
        case .unreadable(let path): Bilingual("读不出文件 \(path)。", "Cannot read the file \(path).")
        }
    }
}
