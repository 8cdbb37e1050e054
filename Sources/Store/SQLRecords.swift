/// Rows of values as something to select from: `INSERT INTO t (a, b) \(records) ON CONFLICT …`.
///
/// PostgreSQL gets each column in one parameter, so that the text of the statement does not depend on the number of
/// rows and is prepared once; SQLite gets the values one by one.
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
        fileprivate let types: [Column]

        public init(_ columns: [(name: StaticString, type: Column)]) {
            let names = columns.map { "\($0.name)" }
            numbered = names.enumerated().map { "column\($0.offset + 1) AS \($0.element)" }.joined(separator: ", ")
            self.names = names.joined(separator: ", ")
            types = columns.map(\.type)
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
        case .postgres: arrays
        }
    }

    private var list: SQL {
        let lines = rows.map { row -> SQL in "(\(SQL.join(row.map { SQL(parts: [.value($0)]) }, separator: ", ")))" }
        return """
            SELECT \(SQL(unchecked: columns.numbered)) FROM (VALUES \(SQL.join(lines, separator: ", "))) WHERE 1 = 1
            """
    }

    private var arrays: SQL {
        let lists = columns.types.enumerated().map { place, type -> SQL in
            "\(array(place))::\(SQL(unchecked: type.rawValue))[]"
        }
        return """
            SELECT \(SQL(unchecked: columns.names))
            FROM unnest(\(SQL.join(lists, separator: ", "))) AS r (\(SQL(unchecked: columns.names))) WHERE 1 = 1
            """
    }

    /// A column as PostgreSQL writes an array.
    private func array(_ place: Int) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, row) in rows.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch row[place] {
            case .integer(let number): bytes += String(number).utf8
            case .bool(let flag): bytes.append(flag ? UInt8(ascii: "t") : UInt8(ascii: "f"))
            case .text(let text): SQLRecords.append(text, to: &bytes)
            // Neither numbers with fractions nor bytes have a column type here.
            case .null, .real, .blob: bytes += "NULL".utf8
            }
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            bytes += text.utf8
            return
        }
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
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
