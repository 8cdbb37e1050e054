import Foundation
public import Store

/// A JSON value as the house stores, hashes and sends it.
///
/// Numbers are exact: whole, or decimals of at most 15 digits, so that money, rates and scores keep their value and one
/// value has exactly one canonical text (RFC 8785 without its floating point). What comes from outside may hold
/// fractions only where the reader asks for them; elsewhere they are written as text (`"12.50"`).
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A fraction; whole numbers are always ``integer(_:)``.
    case decimal(DecimalNumber)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The member of an object; nil for other kinds and for missing members.
    public subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// The element of an array; nil for other kinds and outside the array.
    public subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text, where this is a text.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The whole number, where this is a number.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The truth value, where this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, where this is an array.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The members, where this is an object.
    public var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

    /// Whether its whole numbers, whatever their signs, add up to less than a quarter of the largest: whoever adds some
    /// of them up, as rules do with the rows of a form, cannot get beyond what can be counted.
    public var isCountable: Bool {
        var total: UInt64 = 0
        return isCounted(&total)
    }

    private func isCounted(_ total: inout UInt64) -> Bool {
        switch self {
        case .integer(let value):
            let (sum, isOver) = total.addingReportingOverflow(value.magnitude)
            total = sum
            return !isOver && sum < 1 << 61
        case .array(let elements): return elements.allSatisfy { $0.isCounted(&total) }
        case .object(let members): return members.values.allSatisfy { $0.isCounted(&total) }
        default: return true
        }
    }

    /// The canonical bytes: no white space, members sorted by UTF-16 code units, the shortest escapes (RFC 8785).
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        JSONText.append(self, to: &bytes)
        return bytes
    }

    /// The canonical text; see ``canonicalBytes``.
    public var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    /// Reads one JSON text strictly: UTF-8, no duplicate members, no U+0000, at most `depth` levels; fractions only
    /// where they are asked for.
    /// - Throws: ``JSONProblem`` with the byte at which reading stopped.
    public init(
        parsing bytes: some Sequence<UInt8>, depth: Int = 64, fractions: Bool = false
    ) throws(JSONProblem) {
        var parser = JSONParser(Array(bytes), depth: depth, takesFractions: fractions)
        self = try parser.document()
    }

    /// Reads one JSON text; see ``init(parsing:depth:fractions:)-(Sequence<UInt8>,_,_)``.
    /// - Throws: ``JSONProblem``.
    public init(parsing text: String, depth: Int = 64, fractions: Bool = false) throws(JSONProblem) {
        try self.init(parsing: Array(text.utf8), depth: depth, fractions: fractions)
    }

    /// The JSON form of an encodable value.
    /// - Throws: `EncodingError`, or ``JSONProblem`` where a fraction has more than 15 digits.
    public init(encoding value: some Encodable) throws {
        if let json = value as? JSONValue {
            self = json
        } else {
            self = try JSONValue(parsing: JSONEncoder().encode(value), fractions: true)
        }
    }

    /// Reads a typed value out of this one.
    /// - Throws: `DecodingError` naming the path that does not fit.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(type, from: Data(canonicalBytes))
    }
}

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self), let decimal = DecimalNumber("\(value)") {
            self = .decimal(decimal)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .decimal(let value): try container.encode(value.double)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue: SQLConvertible {
    /// Stored as canonical text.
    public var sqlValue: SQLValue { .text(canonicalText) }
    public init(sqlValue: SQLValue) throws { try self.init(parsing: String(sqlValue: sqlValue), fractions: true) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
    public init(nilLiteral: ()) { self = .null }
}

/// A text is not the JSON that the house accepts.
public struct JSONProblem: Problem, Hashable {
    /// The byte, counted from 0, at which reading stopped.
    public let offset: Int
    /// What was found there.
    public let reason: Bilingual

    public init(offset: Int, reason: Bilingual) {
        self.offset = offset
        self.reason = reason
    }

    public var kind: ProblemKind { .malformed }
    public var code: String { "json.malformed" }
    public var message: Bilingual {
        Bilingual(
            "JSON 在第 \(offset) 字节处无法读取：\(reason.zh)。请更正后重新提交。",
            "The JSON cannot be read at byte \(offset): \(reason.en). Correct it and send it again.")
    }
}
