public import Kernel
public import Store

/// What moved in a month: everything that went into and out of the accounts of a kind and programme.
public struct MonthSum: Hashable, Codable, Sendable {
    public let kind: AccountKind
    /// Empty for accounts of no programme.
    public let programme: String
    public let month: Month
    public let inward: Money
    public let outward: Money
    /// How many legs made it; tells whether anything was posted since.
    public let legs: Int

    public var balance: Money { inward - outward }
}

/// Sums by month, kept in the transaction of each posting.
public enum MonthSums {
    /// Over how many rows one sum of projects is spread; all others have one account for many postings anyway.
    private static let shards: UInt64 = 16

    /// All months in which a budget year's money moved, by kind, programme and month.
    public static func of(year: Int, _ tx: Tx) throws -> [MonthSum] {
        try tx.rows(
            """
            SELECT kind, programme, month, SUM(in_fen) AS in_fen, SUM(out_fen) AS out_fen, SUM(legs) AS legs
            FROM ledger_month WHERE year = \(year) GROUP BY kind, programme, month ORDER BY kind, programme, month
            """
        ) { row in
            MonthSum(
                kind: try row["kind"], programme: try row["programme"], month: try row["month"],
                inward: try row["in_fen"], outward: try row["out_fen"], legs: try row["legs"])
        }
    }

    /// How many legs each budget year has.
    public static func legs(_ tx: Tx) throws -> [Int: Int] {
        let rows = try tx.rows("SELECT year, SUM(legs) AS legs FROM ledger_month GROUP BY year") {
            (try $0["year"] as Int, try $0["legs"] as Int)
        }
        return Dictionary(rows, uniquingKeysWith: +)
    }

    private struct Key: Hashable, Comparable {
        let year: Int
        let kind: AccountKind
        let programme: String
        let month: Month
        let shard: Int

        static func < (left: Key, right: Key) -> Bool {
            (left.year, left.kind.rawValue, left.programme, left.month, left.shard)
                < (right.year, right.kind.rawValue, right.programme, right.month, right.shard)
        }
    }

    /// Adds what postings moved; nil where nothing did.
    static func rows(_ postings: [StoredPosting]) -> SQL? {
        var sums: [Key: (inward: Int64, outward: Int64, legs: Int)] = [:]
        for posting in postings where posting.kind.moves {
            let month = Month(posting.day)
            for leg in posting.legs {
                let account = leg.account
                let key = Key(
                    year: account.year, kind: account.kind, programme: account[.programme] ?? "", month: month,
                    shard: account[.project] == nil ? 0 : shard(account.text))
                let sum = sums[key] ?? (0, 0, 0)
                sums[key] = (sum.inward + leg.inward.fen, sum.outward + leg.outward.fen, sum.legs + 1)
            }
        }
        guard !sums.isEmpty else { return nil }
        var rows = SQLRecords(LedgerColumns.monthSum)
        // In one order everywhere, so that writers wait for each other and never in a ring.
        for (key, sum) in sums.sorted(by: { $0.key < $1.key }) {
            rows.add([
                key.year, key.kind, key.programme, key.month, key.shard, sum.inward, sum.outward, sum.legs,
            ])
        }
        return """
            INSERT INTO ledger_month (year, kind, programme, month, shard, in_fen, out_fen, legs) \(rows.select)
            ON CONFLICT (year, kind, programme, month, shard) DO UPDATE SET
                in_fen = ledger_month.in_fen + excluded.in_fen, out_fen = ledger_month.out_fen + excluded.out_fen,
                legs = ledger_month.legs + excluded.legs
            """
    }

    /// FNV-1a over the account's name.
    private static func shard(_ text: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(hash % shards)
    }
}
