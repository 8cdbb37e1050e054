public import Store

/// The identity of a stored thing: a UUIDv7 in text, typed by what it names so that two kinds cannot be confused.
public struct ID<Of>: Hashable, Sendable, Codable, CustomStringConvertible, SQLConvertible {
    public let text: String

    public init(_ text: String) { self.text = text }
    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var description: String { text }
    public var sqlValue: SQLValue { .text(text) }
    public init(sqlValue: SQLValue) throws { text = try String(sqlValue: sqlValue) }
}
