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
        /// What stands before and after the rows, and the type after each place.
        fileprivate let list: String
        fileprivate let arrays: String
        fileprivate let end: String
        fileprivate let types: [String]

        public init(_ columns: [(name: StaticString, type: Column)]) {
            let names = columns.map { "\($0.name)" }
            let numbered = names.enumerated().map { "column\($0.offset + 1) AS \($0.element)" }
            list = "SELECT \(numbered.joined(separator: ", ")) FROM (VALUES "
            arrays = "SELECT \(names.joined(separator: ", ")) FROM unnest("
            end = ") AS r (\(names.joined(separator: ", "))) WHERE 1 = 1"
            types = columns.map { "::\($0.type.rawValue)[]" }
        }
    }

    private let columns: Columns
    /// Row after row.
    private var values: [SQLValue] = []

    public init(_ columns: Columns) { self.columns = columns }

    public var isEmpty: Bool { values.isEmpty }

    /// Adds a row: one value for each column, in order; texts, whole numbers, truth values and nulls only.
    public mutating func add(_ row: [(any SQLConvertible)?]) {
        for value in row { values.append(value?.sqlValue ?? .null) }
    }

    /// `SELECT` of all rows in the order in which they were added.
    public var select: SQL { SQL(parts: [.records(self)]) }

    func render(for engine: Engine, _ text: inout String, _ bound: inout [SQLValue]) {
        switch engine {
        case .sqlite: renderList(&text, &bound)
        case .postgres: renderArrays(&text, &bound)
        }
    }

    private func renderList(_ text: inout String, _ bound: inout [SQLValue]) {
        let width = columns.types.count
        text += columns.list
        for (index, value) in values.enumerated() {
            bound.append(value)
            text += index % width > 0 ? ", " : index > 0 ? "), (" : "("
            text += SQL.place(bound.count)
        }
        text += ")) WHERE 1 = 1"
    }

    private func renderArrays(_ text: inout String, _ bound: inout [SQLValue]) {
        text += columns.arrays
        for (place, type) in columns.types.enumerated() {
            bound.append(.text(array(place)))
            if place > 0 { text += ", " }
            text += SQL.place(bound.count)
            text += type
        }
        text += columns.end
    }

    /// A column as PostgreSQL writes an array.
    private func array(_ place: Int) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for index in stride(from: place, to: values.count, by: columns.types.count) {
            if index > place { bytes.append(UInt8(ascii: ",")) }
            switch values[index] {
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
