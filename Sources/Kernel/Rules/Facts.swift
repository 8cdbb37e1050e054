/// A value that a rule looks at or gives, as people read it.
public enum FactValue: Codable, Hashable, Sendable {
    case number(Int64, unit: Bilingual)
    case money(Money)
    case yesNo(Bool)
    case choice(String, label: Bilingual)
    case text(String)
    case day(Day)
    /// A share, e.g. 0.325.
    case rate(DecimalNumber)

    public func text(_ language: Language) -> String {
        switch self {
        case .number(let number, let unit):
            unit[language].isEmpty
                ? "\(number)"
                : Bilingual("\(number) \(unit.zh)", counted(number, unit: unit.en))[language]
        case .money(let money): money.text(language)
        case .yesNo(let flag): Bilingual(flag ? "是" : "否", flag ? "yes" : "no")[language]
        case .choice(_, let label): label[language]
        case .text(let text): text
        case .day(let day): day.text(language)
        case .rate(let rate): DecimalNumber(units: rate.units * 100, places: rate.places).map { "\($0)%" } ?? "\(rate)"
        }
    }

    /// The bare value.
    public var json: JSONValue {
        switch self {
        case .number(let number, _): .integer(number)
        case .money(let money): .integer(money.fen)
        case .yesNo(let flag): .bool(flag)
        case .choice(let code, _): .string(code)
        case .text(let text): .string(text)
        case .day(let day): .string(day.description)
        case .rate(let rate): rate.whole.map { .integer($0) } ?? .decimal(rate)
        }
    }
}

/// What a fact may be, and how it is written in JSON and YAML.
public enum FactKind: Hashable, Sendable {
    /// A whole number within limits.
    case number(ClosedRange<Int64>, unit: Bilingual)
    /// Yuan, with at most two places behind the point; kept in fen.
    case yuan
    case fen
    case yesNo
    case choice([FormOption])
    case day
    /// A code of letters, digits and hyphens.
    case code
}

/// One fact that a rule may need: its name, its words, and where it is kept.
public struct FactField<Facts: Sendable>: Sendable {
    public let name: String
    public let label: Bilingual
    public let hint: Bilingual?
    public let kind: FactKind
    let write: @Sendable (inout Facts, JSONValue) -> Bool
    let read: @Sendable (Facts) -> FactValue?

    /// The fact as people read it; nil where it is missing.
    public func value(in facts: Facts) -> FactValue? { read(facts) }

    /// Writes a fact from its bare value.
    /// - Returns: whether the value is of the fact's kind.
    public func set(_ value: JSONValue, in facts: inout Facts) -> Bool { write(&facts, value) }

    /// A whole number.
    public static func number(
        _ name: String, _ label: Bilingual, in range: ClosedRange<Int64> = 0...1_000_000,
        unit: Bilingual = Bilingual("", ""), hint: Bilingual? = nil,
        _ path: any WritableKeyPath<Facts, Int?> & Sendable
    ) -> FactField {
        FactField(
            name: name, label: label, hint: hint, kind: .number(range, unit: unit),
            write: { facts, json in
                guard let number = json.integer, range.contains(number) else { return false }
                facts[keyPath: path] = Int(number)
                return true
            }, read: { facts in facts[keyPath: path].map { .number(Int64($0), unit: unit) } })
    }

    /// An amount of money, written in yuan or in fen, at least zero unless losses are allowed.
    public static func money(
        _ name: String, _ label: Bilingual, in kind: FactKind = .yuan, allowsLoss: Bool = false,
        hint: Bilingual? = nil, _ path: any WritableKeyPath<Facts, Money?> & Sendable
    ) -> FactField {
        FactField(
            name: name, label: label, hint: hint, kind: kind,
            write: { facts, json in
                guard let money = Money(fact: json, in: kind), allowsLoss || money >= .zero else { return false }
                facts[keyPath: path] = money
                return true
            }, read: { facts in facts[keyPath: path].map(FactValue.money) })
    }

    public static func yesNo(
        _ name: String, _ label: Bilingual, hint: Bilingual? = nil,
        _ path: any WritableKeyPath<Facts, Bool?> & Sendable
    ) -> FactField {
        FactField(
            name: name, label: label, hint: hint, kind: .yesNo,
            write: { facts, json in
                guard let flag = json.bool else { return false }
                facts[keyPath: path] = flag
                return true
            }, read: { facts in facts[keyPath: path].map(FactValue.yesNo) })
    }

    /// One of a fixed set of codes.
    public static func choice<Choice: FactChoice>(
        _ name: String, _ label: Bilingual, hint: Bilingual? = nil,
        _ path: any WritableKeyPath<Facts, Choice?> & Sendable
    ) -> FactField {
        FactField(
            name: name, label: label, hint: hint,
            kind: .choice(Choice.allCases.map { FormOption($0.rawValue, $0.title) }),
            write: { facts, json in
                guard let choice = json.string.flatMap(Choice.init(rawValue:)) else { return false }
                facts[keyPath: path] = choice
                return true
            }, read: { facts in facts[keyPath: path].map { .choice($0.rawValue, label: $0.title) } })
    }

    public static func day(
        _ name: String, _ label: Bilingual, hint: Bilingual? = nil,
        _ path: any WritableKeyPath<Facts, Day?> & Sendable
    ) -> FactField {
        FactField(
            name: name, label: label, hint: hint, kind: .day,
            write: { facts, json in
                guard let day = json.string.flatMap({ Day($0) }) else { return false }
                facts[keyPath: path] = day
                return true
            }, read: { facts in facts[keyPath: path].map(FactValue.day) })
    }
}

extension FactField {
    /// A code such as that of an administrative division.
    public static func code(
        _ name: String, _ label: Bilingual, hint: Bilingual? = nil,
        _ path: any WritableKeyPath<Facts, String?> & Sendable
    ) -> FactField {
        FactField(
            name: name, label: label, hint: hint, kind: .code,
            write: { facts, json in
                guard let code = json.string, (1...40).contains(code.utf8.count),
                    code.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) || (65...90).contains($0 & 0xDF) })
                else { return false }
                facts[keyPath: path] = code
                return true
            }, read: { facts in facts[keyPath: path].map(FactValue.text) })
    }

    /// The same fact inside larger facts.
    public func within<Larger: Sendable>(
        _ path: any WritableKeyPath<Larger, Facts> & Sendable
    ) -> FactField<Larger> {
        FactField<Larger>(
            name: name, label: label, hint: hint, kind: kind,
            write: { [write] facts, json in write(&facts[keyPath: path], json) },
            read: { [read] facts in read(facts[keyPath: path]) })
    }
}

/// A fact that is one of a fixed set of codes.
public protocol FactChoice: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == String {
    var title: Bilingual { get }
}

extension FactChoice {
    /// Where the choice stands among all, from 0.
    public var place: Int {
        Self.allCases.enumerated().first { $0.element == self }?.offset ?? 0
    }

    /// The choice as a step of reasoning shows it.
    public var fact: FactValue { .choice(rawValue, label: title) }
}

/// What a rule is told. A fact that nobody knows is nil: the rule then says that it needs it.
public protocol RuleFacts: Hashable, Sendable {
    /// Nothing known.
    init()
    static var fields: [FactField<Self>] { get }
    /// One of an invented population, for trying out what a change would do.
    static func sample(_ random: inout SeededRandom) -> Self
    /// Another way in which people write the facts, brought to the one of `fields`.
    static func plain(_ json: JSONValue) -> JSONValue
}

extension RuleFacts {
    public static func plain(_ json: JSONValue) -> JSONValue { json }

    /// Reads facts out of a JSON object; members that are null count as unknown.
    /// - Throws: ``FactsProblem`` with every member that is unknown or of another kind.
    public init(json: JSONValue) throws(FactsProblem) {
        self.init()
        guard let members = Self.plain(json).object else {
            throw FactsProblem(fields: [
                FieldProblem(
                    field: "", code: "fact.object", message: Bilingual("事实应为一个对象", "The facts must be an object"))
            ])
        }
        var problems: [FieldProblem] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
            guard let field = Self.fields.first(where: { $0.name == name }) else {
                let known = Self.fields.map(\.name).joined(separator: ", ")
                problems.append(
                    FieldProblem(
                        field: name, code: "fact.unknown",
                        message: Bilingual("没有此项事实；可用：\(known)", "There is no such fact; there are \(known)")))
                continue
            }
            if !field.set(value, in: &self) {
                problems.append(
                    FieldProblem(field: name, code: "fact.kind", message: field.kind.wanted))
            }
        }
        guard problems.isEmpty else { throw FactsProblem(fields: problems) }
    }

    /// The known facts as a JSON object; money is written in the unit of its field.
    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        for field in Self.fields {
            guard let value = field.value(in: self) else { continue }
            if case .money(let money) = value, field.kind == .yuan {
                members[field.name] = money.yuanJSON
            } else {
                members[field.name] = value.json
            }
        }
        return .object(members)
    }
}

/// Facts that cannot be read.
public struct FactsProblem: Problem {
    public let fields: [FieldProblem]
    public var kind: ProblemKind { .invalid }
    public var code: String { "rules.facts" }
    public var message: Bilingual { Bilingual("事实有误，请更正", "Some facts cannot be read; correct them.") }
}

extension FactKind {
    /// What a fact of this kind looks like.
    var wanted: Bilingual {
        switch self {
        case .number(let range, _):
            Bilingual(
                "应为 \(range.lowerBound) 至 \(range.upperBound) 的整数",
                "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        case .yuan: Bilingual("应为人民币元，如 350000 或 350000.50", "must be yuan such as 350000 or 350000.50")
        case .fen: Bilingual("应为人民币分的整数", "must be a whole number of fen")
        case .yesNo: Bilingual("应为 true 或 false", "must be true or false")
        case .choice(let options):
            Bilingual(
                "应为以下之一：\(options.map(\.value).joined(separator: "、"))",
                "must be one of \(options.map(\.value).joined(separator: ", "))")
        case .day: Bilingual("应为日期，如 2026-11-24", "must be a day such as 2026-11-24")
        case .code: Bilingual("应为字母、数字和连字符组成的代码", "must be a code of letters, digits and hyphens")
        }
    }
}

extension Money {
    /// Money from a JSON number: yuan with at most two places, or whole fen.
    init?(fact json: JSONValue, in kind: FactKind) {
        switch (json, kind) {
        case (.integer(let number), .fen): self.init(fen: number)
        case (.integer(let number), _):
            let (fen, overflow) = number.multipliedReportingOverflow(by: 100)
            guard !overflow else { return nil }
            self.init(fen: fen)
        case (.decimal(let number), .yuan):
            guard number.places <= 2 else { return nil }
            self.init(fen: number.places == 2 ? number.units : number.units * 10)
        default: return nil
        }
    }

    var yuanJSON: JSONValue {
        guard let yuan = DecimalNumber(units: fen, places: 2) else { return .integer(fen / 100) }
        return yuan.whole.map { .integer($0) } ?? .decimal(yuan)
    }
}
