import Foundation
public import Kernel
public import Store

/// The books with everything that stands behind them as a folder of CSV files, for an auditor to take away: written
/// row by row out of one state of the database, with the hash of every file and words on how to check it.
public enum AuditFile {
    /// One file that was written.
    public struct Part: Codable, Hashable, Sendable {
        public let name: String
        public let rows: Int
        public let bytes: Int
        public let sha256: String
    }

    /// What was written.
    public struct Manifest: Codable, Hashable, Sendable {
        public let format: String
        public let bureau: String
        public let madeAt: String
        public let files: [Part]
        public let howToCheck: [String]
    }

    static let format = "kechuang-audit-file@1"
    static let manifest = "manifest.json"

    private static let howToCheck = [
        "sha256sum of every file equals the one named here",
        "in legs.csv the in_fen of each posting add up to its out_fen",
        "for each account the in_fen and out_fen of its legs with held = 0 add up to those in accounts.csv",
        "all accounts together hold zero: what sources gave lies in the others",
        "in events.csv each event of a case names the hash of the one before",
        "or: kechuang audit check FOLDER",
    ]

    /// Writes the folder; it must not exist yet.
    /// - Throws: ``OversightError/auditFile(_:)``.
    @discardableResult
    public static func write(
        to folder: String, from db: Database, bureau: Bilingual, at now: Instant
    ) async throws -> Manifest {
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw OversightError.auditFile(Bilingual("\(folder) 已经存在", "\(folder) exists already"))
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw OversightError.auditFile(
                Bilingual("无法建立文件夹 \(folder)，请核对路径和权限", "the folder \(folder) cannot be made"))
        }
        let parts = try await db.read { tx in
            var parts: [Part] = []
            for table in AuditTable.all {
                parts.append(try write(table, to: folder, tx))
            }
            return parts
        }
        let manifest = Manifest(
            format: format, bureau: bureau.zh, madeAt: OpenWords.text(now), files: parts, howToCheck: howToCheck)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(manifest).write(to: URL(fileURLWithPath: "\(folder)/\(self.manifest)"))
        return manifest
    }

    private static func write(_ table: AuditTable, to folder: String, _ tx: Tx) throws -> Part {
        let path = "\(folder)/\(table.name)"
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw OversightError.auditFile(Bilingual("无法写入 \(path)", "cannot write \(path)")) }
        let digest = RunningDigest()
        var buffer: [UInt8] = []
        var rows = 0
        func flush() throws {
            digest.add(buffer)
            try handle.write(contentsOf: Data(buffer))
            buffer.removeAll(keepingCapacity: true)
        }
        buffer += "\(table.columns.map(\.name).joined(separator: ","))\n".utf8
        try tx.forEach(table.query) { row in
            for (index, column) in table.columns.enumerated() {
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                PlainCSV.append(try column.text(row), to: &buffer)
            }
            buffer.append(UInt8(ascii: "\n"))
            rows += 1
            if buffer.count > 1 << 16 { try flush() }
        }
        try flush()
        try handle.close()
        return Part(name: table.name, rows: rows, bytes: digest.count, sha256: digest.finish())
    }
}

/// A table of the audit file.
struct AuditTable: Sendable {
    /// A column and how it is read.
    struct Column: Sendable {
        enum Kind { case text, number, flag }
        let name: String
        let kind: Kind

        func text(_ row: Row) throws -> String {
            switch kind {
            case .text: return try row[name] ?? ""
            case .number:
                let number: Int64? = try row[name]
                return number.map(String.init) ?? ""
            case .flag: return try (row[name] as Bool) ? "1" : "0"
            }
        }
    }

    let name: String
    let columns: [Column]
    let query: SQL

    /// - Parameter columns: names; `#` before one says that it holds a whole number, `?` that it holds yes or no.
    init(_ name: String, _ columns: String, from table: String, order: String) {
        self.name = name
        self.columns = columns.split(separator: " ").map { word in
            switch word.first {
            case "#": Column(name: String(word.dropFirst()), kind: .number)
            case "?": Column(name: String(word.dropFirst()), kind: .flag)
            default: Column(name: String(word), kind: .text)
            }
        }
        query = SQL(
            unchecked: "SELECT \(self.columns.map(\.name).joined(separator: ", ")) FROM \(table) ORDER BY \(order)")
    }

    static let all: [AuditTable] = [
        AuditTable(
            "accounts.csv",
            "id kind #year programme project #in_fen #out_fen #held_in_fen #held_out_fen #legs #cap_fen",
            from: "ledger_account", order: "id"),
        AuditTable(
            "postings.csv", "id kind day #at case_id event actor actor_name rules text key target until",
            from: "ledger_posting", order: "id"),
        AuditTable(
            "legs.csv", "posting #position account day ?held #in_fen #out_fen", from: "ledger_leg",
            order: "posting, position"),
        AuditTable(
            "events.csv",
            "case_id #position id room kind subject_kind subject previous actor actor_name #at content_hash hash",
            from: "event", order: "case_id, position, id"),
        AuditTable(
            "cases.csv", "id number procedure #version step division organisation parent", from: "case_file",
            order: "id"),
        AuditTable(
            "projects.csv",
            "case_id number application call programme #year step title_zh organisation organisation_zh #amount_fen starts_on ends_on outcome #closed_at",
            from: "project", order: "case_id"),
        AuditTable(
            "decisions.csv",
            "id number call state notice proposed_by #proposed_at decided_by #decided_at #effective_at",
            from: "funding_decision", order: "id"),
        AuditTable(
            "rulings.csv", "id rule #version case_id day hash #made_at", from: "ruling", order: "id"),
        AuditTable(
            "tranches.csv",
            "id project #position #amount_fen due_on state ordered_by #ordered_at confirmed_by #confirmed_at",
            from: "tranche", order: "id"),
        AuditTable(
            "recoveries.csv", "id project #amount_fen state due_on #made_at #settled_at settled_by", from: "recovery",
            order: "id"),
        AuditTable(
            "orders.csv",
            "id number subject_kind subject case_id payee_kind payee programme #year project #amount_fen #paid_fen #returned_fen state posting account run ordered_by #ordered_at checked_by #checked_at approved_by #approved_at",
            from: "payment_order", order: "id"),
        AuditTable(
            "vouchers.csv",
            "id project report number day heading payee payee_code #amount_fen purpose file hash state posting entered_by #entered_at",
            from: "voucher", order: "id"),
        AuditTable(
            "samples.csv",
            "id number title method kind from_day to_day programme #least_fen #size seed through #population #total_fen population_hash made_by #made_at",
            from: "audit_sample", order: "id"),
        AuditTable(
            "sample-items.csv", "sample #position posting #amount_fen #hits", from: "audit_sample_item",
            order: "sample, position"),
        AuditTable(
            "flags.csv", "id flag subject_kind subject project #amount_fen day value1 value2 #found_at",
            from: "red_flag",
            order: "id"),
        AuditTable(
            "flag-looks.csv", "hit #position disposition reason looked_by looked_name #looked_at",
            from: "red_flag_look",
            order: "hit, position"),
    ]
}

/// CSV of RFC 4180 with newlines, read and written in pieces.
enum PlainCSV {
    static func append(_ cell: String, to bytes: inout [UInt8]) {
        guard cell.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else {
            bytes += cell.utf8
            return
        }
        bytes.append(0x22)
        for byte in cell.utf8 {
            if byte == 0x22 { bytes.append(0x22) }
            bytes.append(byte)
        }
        bytes.append(0x22)
    }

    /// Hands on every row of a file, its heading among them.
    static func read(_ path: String, _ take: ([String]) throws -> Void) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw OversightError.auditFile(Bilingual("无法读取 \(path)", "cannot read \(path)"))
        }
        defer { try? handle.close() }
        var row: [String] = []
        var cell: [UInt8] = []
        var (isQuoted, wasQuote) = (false, false)
        while let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty {
            for byte in piece {
                if isQuoted, !wasQuote {
                    if byte == 0x22 { wasQuote = true } else { cell.append(byte) }
                    continue
                }
                if wasQuote, byte == 0x22 {
                    cell.append(byte)
                    wasQuote = false
                    continue
                }
                if wasQuote { (isQuoted, wasQuote) = (false, false) }
                switch byte {
                case 0x22: isQuoted = true
                case 0x2C, 0x0A:
                    row.append(String(decoding: cell, as: UTF8.self))
                    cell.removeAll(keepingCapacity: true)
                    guard byte == 0x0A else { break }
                    try take(row)
                    row.removeAll(keepingCapacity: true)
                default: cell.append(byte)
                }
            }
        }
        guard row.isEmpty, cell.isEmpty else {
            throw OversightError.auditFile(
                Bilingual("\(path) 在一行中间结束", "\(path) ends in the middle of a row"))
        }
    }
}
