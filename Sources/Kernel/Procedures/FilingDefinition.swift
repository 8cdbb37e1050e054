public import Store

/// How a case of a procedure is filed.
public struct FilingDefinition: Codable, Hashable, Sendable {
    /// Who files it.
    public enum Filer: String, Codable, Hashable, Sendable {
        /// Anybody with an account, for themselves.
        case signedIn
        /// A member of an organisation, for it.
        case member
        /// The bureau: there is no applicant, and officers of the division hold the file.
        case officer
    }

    public let by: Filer
    /// The numbers of its cases; `{year}` and `{n}`, or `{n:4}` with leading zeros, stand for year and serial number.
    public let number: String
    /// The division that handles it, as coded in the city's chart.
    public let division: String
    /// The field that names the case.
    public let subject: String?
    /// Where that field holds a code: the tables of the predecessor's answers whose rows give its `name` or `title`
    /// beside the `code`.
    public let subjectRows: [String]?
    /// The register about an entry of which it is filed.
    public let about: String?
    /// It is filed on a case of another procedure, which becomes its parent.
    public let after: Predecessor?

    /// The case on which another is filed.
    public struct Predecessor: Codable, Hashable, Sendable {
        public let procedure: String
        /// Where that case must stand; anywhere if none is named.
        public let steps: [String]?
    }
}

/// One condition on what is known of a case: what was filled in, or asked with an action (`action.field`).
public struct Condition: Codable, Hashable, Sendable {
    public let field: String
    /// It is one of these; `true` and `false` for a confirmation.
    public let `is`: [String]?
    /// It is a number of at least this; fen for money.
    public let atLeast: Int64?
    /// It is a number of at most this.
    public let atMost: Int64?

    /// Whether it holds; an unknown value fits no condition.
    public func holds(of values: JSONValue) -> Bool {
        let value = values[field] ?? .null
        if let accepted = `is` {
            let texts = value.array?.compactMap(\.plainText) ?? [value.plainText].compactMap(\.self)
            guard texts.contains(where: accepted.contains) else { return false }
        }
        if let atLeast { guard let number = value.integer, number >= atLeast else { return false } }
        if let atMost { guard let number = value.integer, number <= atMost else { return false } }
        return true
    }
}

/// The least time that a case stays at a step before something may be done.
public struct ShortestStay: Codable, Hashable, Sendable {
    public let period: Period?
    public let parameter: String?
}

extension JSONValue {
    /// A single value as text; nil for lists, objects and nothing.
    public var plainText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let value): value ? "true" : "false"
        default: nil
        }
    }
}

/// Numbers by a pattern of the city's data.
public enum NumberPattern {
    /// The next number of a pattern's series: without gaps and doubles, from 1 each year.
    /// - Parameters:
    ///   - pattern: `{year}` and `{n}` or `{n:digits}` in any text.
    ///   - series: names the series; patterns of one series share their numbers.
    public static func next(_ pattern: String, series: String, year: Int, _ tx: Tx) throws -> String {
        fill(pattern, year: year, number: try NumberSeries.next("\(series).\(year)", tx))
    }

    static func fill(_ pattern: String, year: Int, number: Int) -> String {
        var text = pattern.replacing("{year}", with: String(year)).replacing("{n}", with: String(number))
        while let open = text.firstRange(of: "{n:"), let close = text[open.upperBound...].firstIndex(of: "}") {
            let digits = Int(text[open.upperBound..<close]) ?? 1
            text.replaceSubrange(open.lowerBound...close, with: padded(number, digits))
        }
        return text
    }
}
