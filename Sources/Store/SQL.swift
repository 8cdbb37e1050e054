/// Which database speaks.
public enum Engine: String, Sendable, CaseIterable {
    case sqlite, postgres
}

/// A piece of SQL text with its values apart: every interpolated value is bound, never written into the text.
public struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
    enum Part: Sendable, Hashable {
        case text(String)
        case value(SQLValue)
        /// The few places where the engines differ.
        case split(sqlite: String, postgres: String)
        /// A whole statement that is written apart for each engine.
        indirect case either(sqlite: SQL, postgres: SQL)
        /// Rows of values, which each engine wants in its own form.
        indirect case records(SQLRecords)
    }

    var parts: [Part]

    public init(stringLiteral value: String) { parts = [.text(value)] }
    public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    /// Text that is not a literal. Never give it anything that came from outside.
    public init(unchecked text: String) { parts = [.text(text)] }

    init(parts: [Part]) { self.parts = parts }

    /// Joins pieces with a separator.
    public static func join(_ pieces: [SQL], separator: String) -> SQL {
        var parts: [Part] = []
        for (index, piece) in pieces.enumerated() {
            if index > 0 { parts.append(.text(separator)) }
            parts += piece.parts
        }
        return SQL(parts: parts)
    }

    /// One of two pieces, for statements that each engine words in its own way.
    public static func only(sqlite: SQL, postgres: SQL) -> SQL {
        SQL(parts: [.either(sqlite: sqlite, postgres: postgres)])
    }

    /// `STRICT` on SQLite, nothing on PostgreSQL: ends a CREATE TABLE.
    public static let strict = SQL(parts: [.split(sqlite: "STRICT", postgres: "")])
    /// The word for a truth value in a column.
    public static let boolean = SQL(parts: [.split(sqlite: "INTEGER", postgres: "BOOLEAN")])
    /// The word for bytes in a column.
    public static let blob = SQL(parts: [.split(sqlite: "BLOB", postgres: "BYTEA")])

    /// Text with `$1…$n` in order, and the values.
    func rendered(for engine: Engine) -> (text: String, values: [SQLValue]) {
        var text = ""
        text.reserveCapacity(1_024)
        var values: [SQLValue] = []
        render(for: engine, &text, &values)
        return (text, values)
    }

    /// The same, to be sent.
    /// - Throws: ``StoreError/sql(_:)`` for a text with a NUL character: both engines would silently cut it off there.
    func bound(for engine: Engine) throws(StoreError) -> (text: String, values: [SQLValue]) {
        let rendered = rendered(for: engine)
        for case .text(let text) in rendered.values
        where text.utf8.withContiguousStorageIfAvailable({ $0.contains(0) }) ?? text.utf8.contains(0) {
            throw .sql("a text holds a NUL character")
        }
        return rendered
    }

    private func render(for engine: Engine, _ text: inout String, _ values: inout [SQLValue]) {
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .split(let sqlite, let postgres): text += engine == .sqlite ? sqlite : postgres
            case .either(let sqlite, let postgres):
                (engine == .sqlite ? sqlite : postgres).render(for: engine, &text, &values)
            case .records(let records): records.render(for: engine, &text, &values)
            case .value(let value):
                values.append(value)
                text += SQL.place(values.count)
            }
        }
    }

    /// What stands in a text for the value of a number.
    static func place(_ number: Int) -> String { number < places.count ? places[number] : "$\(number)" }

    private static let places = (0..<256).map { "$\($0)" }

    public struct StringInterpolation: StringInterpolationProtocol {
        var parts: [Part] = []

        public init(literalCapacity: Int, interpolationCount: Int) { parts.reserveCapacity(2 * interpolationCount + 1) }

        public mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { parts.append(.text(literal)) }
        }

        /// Binds a value.
        public mutating func appendInterpolation<T: SQLConvertible>(_ value: T) { parts.append(.value(value.sqlValue)) }

        /// Binds a value, or NULL.
        public mutating func appendInterpolation<T: SQLConvertible>(_ value: T?) {
            parts.append(.value(value?.sqlValue ?? .null))
        }

        /// Splices another piece of SQL.
        public mutating func appendInterpolation(_ piece: SQL) { parts += piece.parts }

        /// Writes one of two words, for the few places where the engines differ.
        public mutating func appendInterpolation(sqlite: StaticString, postgres: StaticString) {
            parts.append(.split(sqlite: "\(sqlite)", postgres: "\(postgres)"))
        }

        /// Binds a list in parentheses; an empty list matches nothing.
        public mutating func appendInterpolation<T: SQLConvertible>(list: [T]) {
            guard !list.isEmpty else { return parts.append(.text("(NULL)")) }
            parts.append(.text("("))
            for (index, value) in list.enumerated() {
                if index > 0 { parts.append(.text(", ")) }
                parts.append(.value(value.sqlValue))
            }
            parts.append(.text(")"))
        }
    }
}
