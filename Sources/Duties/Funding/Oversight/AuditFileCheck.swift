import Foundation
public import Kernel

/// Checks an audit file with nothing but the file: hashes, then the books added up anew from their legs.
public enum AuditFileCheck {
    /// What was looked at, and what is wrong.
    public struct Report: Codable, Hashable, Sendable {
        public internal(set) var files = 0
        public internal(set) var postings = 0
        public internal(set) var legs = 0
        public internal(set) var accounts = 0
        public internal(set) var events = 0
        /// What the sources gave, in fen; it lies in the other accounts.
        public internal(set) var given = Money.zero
        public internal(set) var faults: [String] = []
    }

    /// Most faults that are named.
    static let most = 100

    /// - Throws: ``OversightError/auditFile(_:)`` where there is nothing that could be checked.
    public static func run(_ folder: String) throws -> Report {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(AuditFile.manifest)"),
            let manifest = try? JSONDecoder().decode(AuditFile.Manifest.self, from: data),
            manifest.format == AuditFile.format
        else { throw OversightError.auditFile("\(folder)/\(AuditFile.manifest) is missing or of another format") }
        var report = Report()
        for part in manifest.files { try check(part, in: folder, &report) }
        for name in ["accounts.csv", "postings.csv", "legs.csv", "events.csv"]
        where !manifest.files.contains(where: { $0.name == name }) {
            report.faults.append("\(name) is not in the manifest")
        }
        guard report.faults.isEmpty else { return report }
        try readd(folder, &report)
        try chain(folder, &report)
        return report
    }

    private static func check(_ part: AuditFile.Part, in folder: String, _ report: inout Report) throws {
        guard !part.name.contains("/"), let handle = FileHandle(forReadingAtPath: "\(folder)/\(part.name)") else {
            report.faults.append("\(part.name) is missing")
            return
        }
        let digest = RunningDigest()
        while let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty { digest.add(Array(piece)) }
        try handle.close()
        if digest.finish() != part.sha256 { report.faults.append("\(part.name) is not what the manifest says") }
        report.files += 1
    }

    private struct Turnover: Hashable {
        var inward: Int64 = 0
        var outward: Int64 = 0
    }

    private static func readd(_ folder: String, _ report: inout Report) throws {
        var found: [String: Turnover] = [:]
        var current = ""
        var (sum, heldSum) = (0 as Int64, 0 as Int64)
        var withLegs: Set<String> = []
        var faults: [String] = []
        var legs = 0
        func close() {
            if sum != 0 || heldSum != 0 { faults.append("posting \(current) does not add up to zero") }
            (sum, heldSum) = (0, 0)
        }
        try rows("\(folder)/legs.csv") { row in
            guard row.count == 7, let inward = Int64(row[5]), let outward = Int64(row[6]) else {
                return faults.append("legs.csv: unreadable row of posting \(row.first ?? "")")
            }
            if row[0] != current {
                close()
                current = row[0]
                withLegs.insert(current)
            }
            legs += 1
            guard row[4] == "0" else { return heldSum += inward - outward }
            sum += inward - outward
            found[row[2], default: Turnover()].inward += inward
            found[row[2], default: Turnover()].outward += outward
        }
        close()
        report.legs = legs
        var postings = 0
        try rows("\(folder)/postings.csv") { row in
            postings += 1
            let isThere = withLegs.remove(row[0]) != nil
            if !isThere, row[1] != "release" { faults.append("posting \(row[0]) has no legs") }
        }
        for stray in withLegs { faults.append("legs of posting \(stray), which is not there") }
        report.postings = postings
        let (accounts, given) = try compare(folder, found, &faults)
        report.accounts = accounts
        report.given = given
        report.faults += faults.prefix(most)
    }

    /// Compares the totals of accounts with those of their legs.
    private static func compare(
        _ folder: String, _ found: [String: Turnover], _ faults: inout [String]
    ) throws -> (Int, Money) {
        var left = found
        var wrong: [String] = []
        var (count, given, whole) = (0, 0 as Int64, 0 as Int64)
        try rows("\(folder)/accounts.csv") { row in
            guard row.count == 11, let inward = Int64(row[5]), let outward = Int64(row[6]) else {
                return wrong.append("accounts.csv: unreadable row \(row.first ?? "")")
            }
            count += 1
            whole += inward - outward
            if row[1] == "source" { given += outward - inward }
            let legs = left.removeValue(forKey: row[0]) ?? Turnover()
            if legs != Turnover(inward: inward, outward: outward) {
                wrong.append("account \(row[0]): its legs give \(legs.inward) in and \(legs.outward) out")
            }
        }
        for account in left.keys.sorted() { wrong.append("account \(account) has legs and is not there") }
        if whole != 0 { wrong.append("all accounts together hold \(whole) fen, not zero") }
        faults += wrong
        return (count, Money(fen: given))
    }

    private static func chain(_ folder: String, _ report: inout Report) throws {
        var faults: [String] = []
        var events = 0
        var last = (caseID: "", position: 0, hash: "")
        try rows("\(folder)/events.csv") { row in
            events += 1
            guard row.count == 13, let position = Int(row[1]) else {
                return faults.append("events.csv: unreadable row")
            }
            guard !row[0].isEmpty else { return }
            let before = row[0] == last.caseID ? last : (caseID: row[0], position: 0, hash: "")
            if position != before.position + 1 || row[7] != before.hash {
                faults.append("event \(row[2]) does not follow the one before it in its case")
            }
            last = (row[0], position, row[12])
        }
        report.events = events
        report.faults += faults.prefix(most)
    }

    /// Rows without the heading.
    private static func rows(_ path: String, _ take: ([String]) throws -> Void) throws {
        var isHeading = true
        try PlainCSV.read(path) { row in
            if isHeading { isHeading = false } else { try take(row) }
        }
    }
}
