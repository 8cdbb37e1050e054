import Kernel
public import Ledger
import Proof
import Store

/// What a house holds at one moment, to be compared with what comes back from a backup.
public struct HouseState: Codable, Hashable, Sendable {
    /// The books.
    public struct Books: Codable, Hashable, Sendable {
        public let postings: Int
        public let legs: Int
        public let trial: [TrialLine]
    }

    /// The record.
    public struct Tree: Codable, Hashable, Sendable {
        public let size: Int
        /// The root in base64.
        public let root: String
        /// Leaves under the newest signed checkpoint.
        public let signed: Int
    }

    public let tables: [TableSum]
    public let books: Books
    public let record: Tree
    /// Hashes of papers that are registered and not erased; a sealed one ends in `.sealed`, as its file does.
    public let papers: [String]

    /// Looks at everything in one snapshot, row by row.
    static func of(_ tx: Tx) throws -> HouseState {
        let size = try Record.size(tx)
        return HouseState(
            tables: try tx.tables().map { try TableSum.of($0, tx) },
            books: Books(
                postings: try tx.value("SELECT COUNT(*) FROM ledger_posting") ?? 0,
                legs: try tx.value("SELECT COUNT(*) FROM ledger_leg") ?? 0, trial: try TrialBalance.lines(tx)),
            record: Tree(
                size: size, root: size == 0 ? "" : try Record.root(of: size, tx).base64,
                signed: try RecordStore.latest(tx)?.size ?? 0),
            papers: try tx.rows("SELECT DISTINCT hash, is_sealed FROM document WHERE erased_at IS NULL ORDER BY hash") {
                "\(try $0["hash"] as String)\(try $0["is_sealed"] as Bool ? ".sealed" : "")"
            })
    }

    public var rows: Int { tables.reduce(0) { $0 + $1.rows } }

    /// What is not in another state as it is in this one.
    func differences(from other: HouseState) -> [Bilingual] {
        var found: [Bilingual] = []
        let theirs = Dictionary(other.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for table in tables where theirs[table.name] != table {
            let rows = theirs[table.name].map { String($0.rows) } ?? "-"
            found.append(
                Bilingual(
                    "表 \(table.name)：备份 \(table.rows) 行，恢复后 \(rows) 行，内容不符",
                    "table \(table.name): \(counted(table.rows, "row")) in the backup, \(rows) here, not the same"))
        }
        for name in Set(theirs.keys).subtracting(tables.map(\.name)).sorted() {
            found.append(Bilingual("多出表 \(name)", "table \(name) was not in the backup"))
        }
        if books != other.books {
            found.append(Bilingual("账目与备份不符", "the books are not those of the backup"))
        }
        if record != other.record {
            found.append(Bilingual("存证树与备份不符", "the record is not that of the backup"))
        }
        return found
    }
}
