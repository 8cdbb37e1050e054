import Kernel
import Store

/// A table by what is in it.
public struct TableSum: Codable, Hashable, Sendable {
    public let name: String
    public let rows: Int
    /// The SHA-256 of all rows, each added to the others, in hexadecimal text: equal where the same rows are there, in
    /// whatever order a database gives them.
    public let sum: String

    /// Sums up a table, row by row.
    static func of(_ name: String, _ tx: Tx) throws -> TableSum {
        var rows = 0
        var lanes: [UInt64] = [0, 0, 0, 0]
        var bytes: [UInt8] = []
        try tx.forEach(SQL(unchecked: "SELECT * FROM \"\(name)\"")) { row in
            bytes.removeAll(keepingCapacity: true)
            for value in row.values { append(value, to: &bytes) }
            let hash = Digest.sha256(bytes)
            for lane in 0..<4 {
                lanes[lane] &+= hash[(lane * 8)..<(lane * 8 + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            rows += 1
        }
        let sum = lanes.flatMap { lane in (0..<8).map { UInt8(truncatingIfNeeded: lane >> UInt64(56 - $0 * 8)) } }
        return TableSum(name: name, rows: rows, sum: Digest.hex(sum))
    }

    /// A value with its kind and length before it, so that no two rows are written alike.
    private static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        func add(_ kind: UInt8, _ content: some Collection<UInt8>) {
            bytes.append(kind)
            bytes += withUnsafeBytes(of: UInt64(content.count).bigEndian) { Array($0) }
            bytes += content
        }
        switch value {
        case .null: add(0, [])
        case .integer(let number): add(1, withUnsafeBytes(of: number.bigEndian) { Array($0) })
        case .real(let number): add(2, withUnsafeBytes(of: number.bitPattern.bigEndian) { Array($0) })
        case .text(let text): add(3, text.utf8)
        case .bool(let flag): add(4, [flag ? 1 : 0])
        case .blob(let content): add(5, content)
        }
    }
}
