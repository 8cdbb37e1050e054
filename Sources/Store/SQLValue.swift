/// A value as a database stores it.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bool(Bool)
    case blob([UInt8])
}

/// A Swift value that can be bound to a statement and read back from a row.
public protocol SQLConvertible: Sendable {
    var sqlValue: SQLValue { get }
    /// Reads the value back.
    /// - Throws: ``SQLConversionError`` when the stored value is of another kind.
    init(sqlValue: SQLValue) throws
}

/// A stored value is not of the kind that was asked for.
public struct SQLConversionError: Error, Sendable, Hashable {
    public let wanted: String
    public let found: SQLValue

    public init(wanted: String, found: SQLValue) {
        self.wanted = wanted
        self.found = found
    }
}

extension Int64: SQLConvertible {
    public var sqlValue: SQLValue { .integer(self) }
    public init(sqlValue: SQLValue) throws {
        switch sqlValue {
        case .integer(let value): self = value
        // PostgreSQL sums BIGINT as numeric, which arrives as text.
        case .text(let text):
            guard let value = Int64(text) else { throw SQLConversionError(wanted: "integer", found: sqlValue) }
            self = value
        default: throw SQLConversionError(wanted: "integer", found: sqlValue)
        }
    }
}

extension Int: SQLConvertible {
    public var sqlValue: SQLValue { .integer(Int64(self)) }
    public init(sqlValue: SQLValue) throws { self = Int(try Int64(sqlValue: sqlValue)) }
}

extension Bool: SQLConvertible {
    public var sqlValue: SQLValue { .bool(self) }
    public init(sqlValue: SQLValue) throws {
        switch sqlValue {
        case .bool(let value): self = value
        case .integer(let value) where value == 0 || value == 1: self = value == 1
        default: throw SQLConversionError(wanted: "boolean", found: sqlValue)
        }
    }
}

extension Double: SQLConvertible {
    public var sqlValue: SQLValue { .real(self) }
    public init(sqlValue: SQLValue) throws {
        switch sqlValue {
        case .real(let value): self = value
        case .integer(let value): self = Double(value)
        default: throw SQLConversionError(wanted: "number", found: sqlValue)
        }
    }
}

extension String: SQLConvertible {
    public var sqlValue: SQLValue { .text(self) }
    public init(sqlValue: SQLValue) throws {
        guard case .text(let value) = sqlValue else { throw SQLConversionError(wanted: "text", found: sqlValue) }
        self = value
    }
}

extension [UInt8]: SQLConvertible {
    public var sqlValue: SQLValue { .blob(self) }
    public init(sqlValue: SQLValue) throws {
        guard case .blob(let value) = sqlValue else { throw SQLConversionError(wanted: "bytes", found: sqlValue) }
        self = value
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    public var sqlValue: SQLValue { self?.sqlValue ?? .null }
    public init(sqlValue: SQLValue) throws {
        if case .null = sqlValue { self = .none } else { self = try Wrapped(sqlValue: sqlValue) }
    }
}

/// An enumeration stored by its raw value needs only to declare this conformance.
extension SQLConvertible where Self: RawRepresentable, RawValue: SQLConvertible {
    public var sqlValue: SQLValue { rawValue.sqlValue }
    public init(sqlValue: SQLValue) throws {
        guard let value = Self(rawValue: try RawValue(sqlValue: sqlValue)) else {
            throw SQLConversionError(wanted: "\(Self.self)", found: sqlValue)
        }
        self = value
    }
}
