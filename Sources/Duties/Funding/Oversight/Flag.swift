import Kernel
import Store

/// A red flag: a plain question that is asked of every transaction, with its legal ground. A hit is no verdict.
struct Flag: Sendable {
    /// What a hit means before anybody looked.
    enum Weight: Sendable {
        /// Somebody should look.
        case suspicion
        /// Often harmless; worth a look beside others.
        case hint
        /// The house makes it impossible: a hit is a fault of the house itself.
        case impossible

        var title: Bilingual {
            switch self {
            case .suspicion: Bilingual("应核查", "To be looked at")
            case .hint: Bilingual("仅作提示", "A hint only")
            case .impossible: Bilingual("应始终为零", "Must be zero")
            }
        }
    }

    let id: String
    let weight: Weight
    let title: Bilingual
    /// In one or two plain sentences, with what speaks against taking it too seriously.
    let definition: Bilingual
    /// What ``Hit/values`` say, in order.
    let values: [Bilingual]
    /// One query over all that is asked about: subject_kind, subject, project, amount_fen, day, value1, value2.
    let query: @Sendable (FlagScope) throws -> SQL

    /// The parameter with its threshold and its legal ground.
    var parameter: String { "oversight.flag.\(id)" }
}

/// What a run of the flags looks at.
struct FlagScope: Sendable {
    /// Only what was entered since; nil for everything.
    let since: Instant?
    let today: Day
    let law: Law

    /// Postings with this identity or a later one: identities begin with the millisecond.
    var firstPosting: String {
        guard let since else { return "" }
        let hex = String(max(0, since.microseconds / 1_000), radix: 16)
        let full = String(repeating: "0", count: max(0, 12 - hex.count)) + hex
        return "\(full.prefix(8))-\(full.suffix(4))"
    }

    /// Moments at or after this one.
    var firstMoment: Instant { since ?? Instant(microseconds: 0) }

    func number(_ flag: String) throws -> Int64 { try law.number("oversight.flag.\(flag)").value }

    /// The amount above which somebody higher approves: the treasury's, where it has one.
    func approvalLevel() throws -> Money {
        if let level = try? law.money("treasury.approval-level").value { return level }
        return try law.money("oversight.approval-level").value
    }
}

extension SQL {
    /// Days from one day column to another.
    static func days(from first: SQL, to last: SQL) -> SQL {
        .only(
            sqlite: "CAST(julianday(\(last)) - julianday(\(first)) AS INTEGER)",
            postgres: "(CAST(\(last) AS DATE) - CAST(\(first) AS DATE))")
    }

    /// The day (UTC) of a column of moments.
    static func day(of moment: SQL) -> SQL {
        .only(
            sqlite: "date(\(moment) / 1000000, 'unixepoch')",
            postgres: "to_char(to_timestamp(\(moment) / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
    }
}

/// What was found.
struct Hit: Sendable {
    let flag: String
    let subjectKind: String
    let subject: String
    let project: String
    let amount: Money
    let day: Day
    let values: [String]
    let foundAt: Instant
    /// The last word on it; nil where nobody looked yet.
    let disposition: Disposition?

    /// What somebody who looked made of it.
    enum Disposition: String, Sendable, CaseIterable {
        case explained, error, watched
        case passedOn = "passed-on"

        var title: Bilingual {
            switch self {
            case .explained: Bilingual("有合理解释", "Explained")
            case .error: Bilingual("差错，已要求更正", "An error, to be corrected")
            case .watched: Bilingual("继续关注", "Watched")
            case .passedOn: Bilingual("移送科技监督", "Passed on to Integrity")
            }
        }
    }

    init(row: Row) throws {
        flag = try row["flag"]
        subjectKind = try row["subject_kind"]
        subject = try row["subject"]
        project = try row["project"]
        amount = try row["amount_fen"]
        day = try row["day"]
        values = [try row["value1"], try row["value2"]]
        foundAt = try row["found_at"]
        let word: String? = try row["disposition"]
        disposition = word.flatMap(Disposition.init(rawValue:))
    }
}
