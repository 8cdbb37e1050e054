/// How well a legal number is known, by the tags of the published-rules survey.
public enum Confidence: String, Codable, Sendable, CaseIterable {
    /// The cited article of the statute was read.
    case law = "V-law"
    /// Read on a government page.
    case government = "V-gov"
    /// Read on a secondary page.
    case secondary = "V-sec"
    /// Known but not read in a source.
    case unread = "M-high"
    /// To be checked: never stated as law.
    case doubtful = "M-med"
    /// To be checked: never stated as law.
    case weak = "M-low"
    /// The city's own choice where the published rule is unknown: to be checked.
    case chosen = "UNKNOWN"

    /// Whether pages must show the "to be checked" mark beside the value.
    public var needsChecking: Bool {
        switch self {
        case .law, .government, .secondary, .unread: false
        case .doubtful, .weak, .chosen: true
        }
    }
}

/// Where a legal number comes from.
public struct RuleSource: Codable, Hashable, Sendable {
    public let document: Bilingual
    /// Article or section, e.g. `第十五条`; empty where the document has none.
    public let article: String
    public let confidence: Confidence

    public init(document: Bilingual, article: String, confidence: Confidence) {
        self.document = document
        self.article = article
        self.confidence = confidence
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        document = try box.decode(Bilingual.self, forKey: .document)
        article = try box.decodeIfPresent(String.self, forKey: .article) ?? ""
        confidence = try box.decode(Confidence.self, forKey: .confidence)
    }

    /// Document and article as one reads them beside a decision.
    public var cited: Bilingual {
        article.isEmpty ? document : Bilingual("\(document.zh) \(article)", "\(document.en), \(article)")
    }
}

/// What a parameter holds.
public enum ParameterValue: Codable, Hashable, Sendable {
    case number(Int64)
    case money(Money)
    /// Working days, calendar days, months or years, as the parameter's unit says.
    case days(Int)
    case perMille(Int)
    case codes([String])
    case text(String)
}

/// One value of a parameter and the days on which it is the law: `from` included, `to` included when given.
public struct DatedValue: Codable, Hashable, Sendable {
    public let value: ParameterValue
    public let from: Day
    public let to: Day?
    public let source: RuleSource
    public let note: Bilingual?

    public init(value: ParameterValue, from: Day, to: Day?, source: RuleSource, note: Bilingual? = nil) {
        self.value = value
        self.from = from
        self.to = to
        self.source = source
        self.note = note
    }
}

/// A legal number with its history.
public struct Parameter: Hashable, Sendable {
    public let id: String
    public let title: Bilingual
    /// Printed with the value: `working days`, `calendar days`, `months`, `years`, `fen`, `per mille` or empty.
    public let unit: String
    /// In order of time, without overlap.
    public let values: [DatedValue]

    public init(id: String, title: Bilingual, unit: String, values: [DatedValue]) {
        self.id = id
        self.title = title
        self.unit = unit
        self.values = values
    }
}
