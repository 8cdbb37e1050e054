public import Store

/// An amount of RMB: a whole number of fen. There is no other representation of money in the house.
public struct Money: Hashable, Comparable, Codable, Sendable, SQLConvertible {
    public let fen: Int64

    public init(fen: Int64) { self.fen = fen }
    public static let zero = Money(fen: 0)

    public init(from decoder: any Decoder) throws { fen = try decoder.singleValueContainer().decode(Int64.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(fen)
    }

    public static func < (left: Money, right: Money) -> Bool { left.fen < right.fen }
    public static func + (left: Money, right: Money) -> Money { Money(fen: left.fen + right.fen) }
    public static func - (left: Money, right: Money) -> Money { Money(fen: left.fen - right.fen) }

    public var sqlValue: SQLValue { .integer(fen) }
    public init(sqlValue: SQLValue) throws { fen = try Int64(sqlValue: sqlValue) }
}
