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

    /// In words.
    public var title: Bilingual {
        switch self {
        case .law: Bilingual("法条原文", "read in the statute")
        case .government: Bilingual("政府网页", "read on a government page")
        case .secondary: Bilingual("二手来源", "read on a secondary page")
        case .unread: Bilingual("一般了解，未见原文", "known, source not read")
        case .doubtful: Bilingual("一般了解，待核", "known, doubtful")
        case .weak: Bilingual("一般了解，把握小", "known, weak")
        case .chosen: Bilingual("未查得，市局设定", "not found, the bureau's choice")
        }
    }

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
        guard !article.isEmpty else { return document }
        return Bilingual("\(document.zh) \(article)", "\(document.en), \(ArticleWords.english(article))")
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
    /// A number for each stretch of another number.
    case bands(Bands)
    /// A number for each code.
    case table([String: Int64])
    /// The published value was looked for and not found: whoever needs it is told that it is missing.
    case unknown
}

extension ParameterValue {
    /// The names by which tables write the two numbers of a fraction.
    private static let fractions = [("parts", "of"), ("numerator", "denominator")]

    /// The two numbers of a table that is a fraction; nil for everything else.
    public var fraction: (parts: Int64, of: Int64)? {
        guard case .table(let table) = self, table.count == 2 else { return nil }
        for (top, bottom) in ParameterValue.fractions {
            if let parts = table[top], let whole = table[bottom] { return (parts, whole) }
        }
        return nil
    }
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

    /// The same value, ended on a day.
    func ending(_ day: Day) -> DatedValue {
        DatedValue(value: value, from: from, to: day, source: source, note: note)
    }
}

/// A legal number with its history.
public struct Parameter: Hashable, Sendable {
    /// Who set it: the nation for all cities, or the city, whose history then stands in place of the nation's.
    public enum Level: String, Codable, Hashable, Sendable { case national, city }

    public let id: String
    public let title: Bilingual
    public let unit: ParameterUnit
    /// What the numbers of bands and tables are: points, per mille …; empty for other parameters.
    public let gives: String
    public let level: Level
    /// What its codes are called; codes without a name are shown as they are.
    public let words: [String: Bilingual]
    /// In order of time, without gap or overlap.
    public let values: [DatedValue]

    public init(
        id: String, title: Bilingual, unit: ParameterUnit, gives: String = "", level: Level = .city,
        words: [String: Bilingual] = [:], values: [DatedValue]
    ) {
        self.id = id
        self.title = title
        self.unit = unit
        self.gives = gives
        self.level = level
        self.words = words
        self.values = values
    }

    /// The value in force on a day.
    public func value(on day: Day) -> DatedValue? {
        values.last { $0.from <= day && ($0.to.map { day <= $0 } ?? true) }
    }

    /// Everything wrong with the history.
    var faults: [String] {
        var faults: [String] = []
        if title.zh.isEmpty || title.en.isEmpty { faults.append("\(id): no title in both languages") }
        if values.isEmpty { faults.append("\(id): no value") }
        for (earlier, later) in zip(values, values.dropFirst()) {
            guard let end = earlier.to else {
                faults.append("\(id): the value from \(earlier.from) has no end before \(later.from)")
                continue
            }
            if end >= later.from { faults.append("\(id): values overlap at \(later.from)") }
            if end.adding(days: 1) < later.from {
                faults.append("\(id): no value after \(end); write `value: unknown` where it was not found")
            }
        }
        for dated in values {
            if let end = dated.to, end < dated.from { faults.append("\(id): ends before it begins on \(dated.from)") }
            if dated.source.document.zh.isEmpty || dated.source.document.en.isEmpty {
                faults.append("\(id): the value from \(dated.from) has no source")
            }
            if case .bands(let bands) = dated.value { faults += bands.faults.map { "\(id): \($0)" } }
        }
        return faults
    }
}

/// What the number of a parameter counts.
public enum ParameterUnit: String, Codable, Hashable, Sendable, CaseIterable {
    case workingDays = "working days"
    case calendarDays = "calendar days"
    case months, years, yuan, fen, points, people
    case perMille = "per mille"
    case times
    /// A plain count.
    case number = ""

    public var title: Bilingual {
        switch self {
        case .workingDays: Bilingual("个工作日", "working days")
        case .calendarDays: Bilingual("日", "calendar days")
        case .months: Bilingual("个月", "months")
        case .years: Bilingual("年", "years")
        case .yuan, .fen: Bilingual("元", "RMB")
        case .points: Bilingual("分", "points")
        case .people: Bilingual("人", "people")
        case .perMille: Bilingual("‰", "‰")
        case .times: Bilingual("倍", "times")
        case .number: Bilingual("", "")
        }
    }

    /// Whether numbers of this unit are money: written in yuan or fen, kept in fen.
    public var isMoney: Bool { self == .yuan || self == .fen }
}
