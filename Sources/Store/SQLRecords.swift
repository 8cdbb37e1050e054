/// Rows of values as something to select from: `INSERT INTO t (a, b) \(records) ON CONFLICT …`.
///
/// PostgreSQL gets all of them in one parameter, so that the text of the statement does not depend on their number and
/// is prepared once; SQLite gets them one by one.
public struct SQLRecords: Sendable, Hashable {
    /// What a column holds, as both engines know it.
    public enum Column: String, Sendable {
        case text = "TEXT"
        case integer = "BIGINT"
        case bool = "BOOLEAN"
    }

    /// The columns of rows, in order.
    public struct Columns: Sendable, Hashable {
        /// For SQLite: names for the columns of a list of values.
        fileprivate let numbered: String
        fileprivate let names: String
        fileprivate let typed: String
        /// Each name as JSON writes it before its value.
        fileprivate let labels: [[UInt8]]

        public init(_ columns: [(name: StaticString, type: Column)]) {
            let names = columns.map { "\($0.name)" }
            numbered = names.enumerated().map { "column\($0.offset + 1) AS \($0.element)" }.joined(separator: ", ")
            self.names = names.joined(separator: ", ")
            typed = columns.map { "\($0.name) \($0.type.rawValue)" }.joined(separator: ", ")
            labels = names.map { Array("\"\($0)\":".utf8) }
        }
    }

    private let columns: Columns
    private var rows: [[SQLValue]] = []

    public init(_ columns: Columns) { self.columns = columns }

    public var isEmpty: Bool { rows.isEmpty }

    /// Adds a row: one value for each column, in order; texts, whole numbers, truth values and nulls only.
    public mutating func add(_ values: [(any SQLConvertible)?]) { rows.append(values.map { $0?.sqlValue ?? .null }) }

    /// `SELECT` of all rows in the order in which they were added.
    public var select: SQL { SQL(parts: [.records(self)]) }

    func select(for engine: Engine) -> SQL {
        switch engine {
        case .sqlite: list
        case .postgres: recordset
        }
    }

    private var list: SQL {
        let lines = rows.map { row -> SQL in "(\(SQL.join(row.map { SQL(parts: [.value($0)]) }, separator: ", ")))" }
        return """
            SELECT \(SQL(unchecked: columns.numbered)) FROM (VALUES \(SQL.join(lines, separator: ", "))) WHERE 1 = 1
            """
    }

    private var recordset: SQL {
        """
        SELECT \(SQL(unchecked: columns.names))
        FROM json_to_recordset(\(json)::json) AS r (\(SQL(unchecked: columns.typed))) WHERE 1 = 1
        """
    }

    private var json: String {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (index, row) in rows.enumerated() {
            bytes.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
            if index > 0 { bytes.append(UInt8(ascii: "{")) }
            for (place, value) in row.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += columns.labels[place]
                SQLRecords.append(value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .integer(let number): bytes += String(number).utf8
        case .bool(let flag): bytes += (flag ? "true" : "false").utf8
        case .text(let text): append(text, to: &bytes)
        // Neither numbers with fractions nor bytes have a column type here.
        case .null, .real, .blob: bytes += "null".utf8
        }
    }

    private static let hex: [UInt8] = Array("0123456789abcdef".utf8)

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            bytes += text.utf8
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += "\\u00".utf8 + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
    }
}

extension Tx {
    /// Runs statements of which none sees what the others write; PostgreSQL gets them in one.
    public func runTogether(_ statements: [SQL]) throws {
        guard case .postgres = link, statements.count > 1, let last = statements.last else {
            for statement in statements { try run(statement) }
            return
        }
        let parts = statements.dropLast().enumerated().map { index, statement -> SQL in
            "\(SQL(unchecked: "part\(index)")) AS (\(statement))"
        }
        try run("WITH \(SQL.join(parts, separator: ", ")) \(last)")
    }
}
