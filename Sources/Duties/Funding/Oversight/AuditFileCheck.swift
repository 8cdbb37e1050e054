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
        public internal(set) var faults: [Bilingual] = []
    }

    /// Most faults that are named.
    static let most = 100

    /// - Throws: ``OversightError/auditFile(_:)`` where there is nothing that could be checked.
    public static func run(_ folder: String) throws -> Report {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(AuditFile.manifest)"),
            let manifest = try? JSONDecoder().decode(AuditFile.Manifest.self, from: data),
            manifest.format == AuditFile.format
        else {
            throw OversightError.auditFile(
                Bilingual(
                    "\(folder)/\(AuditFile.manifest) 不存在或格式不同",
                    "\(folder)/\(AuditFile.manifest) is missing or of another format"))
        }
        var report = Report()
        for part in manifest.files { try check(part, in: folder, &report) }
        for name in ["accounts.csv", "postings.csv", "legs.csv", "events.csv"]
        where !manifest.files.contains(where: { $0.name == name }) {
            report.faults.append(Bilingual("清单中没有 \(name)", "\(name) is not in the manifest"))
        }
        guard report.faults.isEmpty else { return report }
        try readd(folder, &report)
        try chain(folder, &report)
        return report
    }

    private static func check(_ part: AuditFile.Part, in folder: String, _ report: inout Report) throws {
        guard !part.name.contains("/"), let handle = FileHandle(forReadingAtPath: "\(folder)/\(part.name)") else {
            report.faults.append(Bilingual("缺少 \(part.name)", "\(part.name) is missing"))
            return
        }
        let digest = RunningDigest()
        while let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty { digest.add(Array(piece)) }
        try handle.close()
        if digest.finish() != part.sha256 {
            report.faults.append(
                Bilingual("\(part.name) 与清单不符", "\(part.name) is not what the manifest says"))
        }
        report.files += 1
    }

    private struct Turnover: Hashable {
        // Wider than amounts: what the file says may be anything, and is added up before it is judged.
        var inward: Int128 = 0
        var outward: Int128 = 0
    }

    private static func readd(_ folder: String, _ report: inout Report) throws {
        var found: [String: Turnover] = [:]
        var current = ""
        var (sum, heldSum) = (0 as Int128, 0 as Int128)
        var withLegs: Set<String> = []
        var faults: [Bilingual] = []
        var legs = 0
        func close() {
            if sum != 0 || heldSum != 0 {
                faults.append(Bilingual("记账 \(current) 借贷不平", "posting \(current) does not add up to zero"))
            }
            (sum, heldSum) = (0, 0)
        }
        try rows("\(folder)/legs.csv") { row in
            guard row.count == 7, let (inward, outward) = amounts(row) else {
                return faults.append(
                    Bilingual(
                        "legs.csv：记账 \(row.first ?? "") 有一行读不出",
                        "legs.csv: unreadable row of posting \(row.first ?? "")"))
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
            if !isThere, row.count < 2 || row[1] != "release" {
                faults.append(Bilingual("记账 \(row[0]) 没有分录", "posting \(row[0]) has no legs"))
            }
        }
        for stray in withLegs.sorted() {
            faults.append(
                Bilingual("有记账 \(stray) 的分录，却没有这笔记账", "legs of posting \(stray), which is not there"))
        }
        report.postings = postings
        let (accounts, given) = try compare(folder, found, &faults)
        report.accounts = accounts
        report.given = given
        report.faults += faults.prefix(most)
    }

    /// Compares the totals of accounts with those of their legs.
    private static func compare(
        _ folder: String, _ found: [String: Turnover], _ faults: inout [Bilingual]
    ) throws -> (Int, Money) {
        var left = found
        var wrong: [Bilingual] = []
        var (count, given, whole) = (0, 0 as Int128, 0 as Int128)
        try rows("\(folder)/accounts.csv") { row in
            guard row.count == 11, let (inward, outward) = amounts(row) else {
                return wrong.append(
                    Bilingual(
                        "accounts.csv：\(row.first ?? "") 这一行读不出", "accounts.csv: unreadable row \(row.first ?? "")"))
            }
            count += 1
            whole += inward - outward
            if row[1] == "source" { given += outward - inward }
            let legs = left.removeValue(forKey: row[0]) ?? Turnover()
            if legs != Turnover(inward: inward, outward: outward) {
                wrong.append(
                    Bilingual(
                        "账户 \(row[0])：分录合计收入 \(legs.inward) 分、支出 \(legs.outward) 分",
                        "account \(row[0]): its legs give \(legs.inward) in and \(legs.outward) out"))
            }
        }
        for account in left.keys.sorted() {
            wrong.append(
                Bilingual("账户 \(account) 有分录，却不在账户表中", "account \(account) has legs and is not there"))
        }
        if whole != 0 {
            wrong.append(
                Bilingual("全部账户合计 \(whole) 分，应为零", "all accounts together hold \(whole) fen, not zero"))
        }
        faults += wrong
        return (count, Money(fen: Int64(clamping: given)))
    }

    private static func chain(_ folder: String, _ report: inout Report) throws {
        var faults: [Bilingual] = []
        var events = 0
        var last = (caseID: "", position: 0, hash: "")
        try rows("\(folder)/events.csv") { row in
            events += 1
            guard row.count == 13, let position = Int(row[1]) else {
                return faults.append(Bilingual("events.csv：有一行读不出", "events.csv: unreadable row"))
            }
            guard !row[0].isEmpty else { return }
            let before = row[0] == last.caseID ? last : (caseID: row[0], position: 0, hash: "")
            if position &- 1 != before.position || row[7] != before.hash {
                faults.append(
                    Bilingual(
                        "事件 \(row[2]) 与同一案件的前一事件不衔接", "event \(row[2]) does not follow the one before it in its case"))
            }
            last = (row[0], position, row[12])
        }
        report.events = events
        report.faults += faults.prefix(most)
    }

    /// What a row says went in and out of an account; nil where it does not say so.
    private static func amounts(_ row: [String]) -> (inward: Int128, outward: Int128)? {
        guard let inward = Int64(row[5]), let outward = Int64(row[6]) else { return nil }
        return (Int128(inward), Int128(outward))
    }

    /// Rows without the heading.
    private static func rows(_ path: String, _ take: ([String]) throws -> Void) throws {
        var isHeading = true
        try PlainCSV.read(path) { row in
            if isHeading { isHeading = false } else { try take(row) }
        }
    }
}
