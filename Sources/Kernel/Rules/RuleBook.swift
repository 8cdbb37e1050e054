internal import Foundation
internal import Synchronization

/// The city's legal numbers, checked whole when loaded; a decision asks it for the value in force on a day.
///
/// All rooms share one book. Approved changes are added while the house runs; they never touch a day that has begun.
public final class RuleBook: Sendable {
    /// The numbers as the files give them, without approved changes.
    let written: [String: Parameter]
    private let current: Mutex<[String: Parameter]>

    /// - Throws: ``RuleBookError/faulty(_:)`` with everything that is wrong.
    public init(_ parameters: [Parameter]) throws(RuleBookError) {
        var book: [String: Parameter] = [:]
        var faults: [String] = []
        for parameter in parameters {
            if book[parameter.id] != nil { faults.append("\(parameter.id): written twice") }
            faults += parameter.faults
            book[parameter.id] = parameter
        }
        guard faults.isEmpty else { throw RuleBookError.faulty(faults) }
        written = book
        current = Mutex(book)
    }

    /// Reads the numbers of a city over those of the nation: where both have a parameter, the city's history counts.
    /// - Parameters: each a file, or a folder of which every file of parameters is read.
    /// - Throws: ``RuleBookError`` naming the file and the place.
    public convenience init(national: String?, city: String) throws(RuleBookError) {
        let own = try RuleBook.load(city, level: .city)
        let common = try national.map { path throws(RuleBookError) in try RuleBook.load(path, level: .national) }
        let overridden = Set(own.map(\.id))
        try self.init((common ?? []).filter { !overridden.contains($0.id) } + own)
    }

    /// Files of a city's folder that hold something else.
    private static let others: Set<String> = ["city.yaml", "calendar.yaml", "programmes.yaml"]

    private static func load(_ path: String, level: Parameter.Level) throws(RuleBookError) -> [Parameter] {
        guard !path.hasSuffix(".yaml") else { return try ParameterFile.load(path, level: level) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        var found: [Parameter] = []
        for name in names.sorted() where name.hasSuffix(".yaml") && !others.contains(name) {
            found += try ParameterFile.load("\(path)/\(name)", level: level)
        }
        return found
    }

    /// All parameters as they stand now, approved changes included.
    public var parameters: [String: Parameter] { current.withLock { $0 } }

    /// The parameter with this id.
    public func parameter(_ id: String) -> Parameter? { current.withLock { $0[id] } }

    /// Takes over approved changes in place of those known before.
    func replace(_ parameters: [String: Parameter]) { current.withLock { $0 = parameters } }

    /// The law as it stands on a day.
    public func law(on day: Day) -> Law { Law(day: day, parameters: parameters) }

    /// The value in force on a day with its source.
    /// - Throws: ``RuleBookError/unknown`` or ``RuleBookError/noValue``.
    public func dated(_ id: String, on day: Day) throws(RuleBookError) -> DatedValue {
        guard let parameter = parameter(id) else { throw .unknown(id) }
        guard let value = parameter.value(on: day) else { throw .noValue(id, day) }
        return value
    }

    /// A whole number: a count, days, per mille or fen.
    /// - Throws: ``RuleBookError``; `.wrongKind` where the parameter holds something else.
    public func number(_ id: String, on day: Day) throws(RuleBookError) -> Int {
        Int(try law(on: day).number(id).value)
    }

    /// A length of time, as its unit says.
    public func period(_ id: String, on day: Day) throws(RuleBookError) -> Period {
        let number = try number(id, on: day)
        switch parameter(id)?.unit {
        case .workingDays: return .workingDays(number)
        case .calendarDays: return .calendarDays(number)
        case .months: return .months(number)
        case .years: return .years(number)
        default: throw .wrongKind(id)
        }
    }

    /// An amount of money.
    public func money(_ id: String, on day: Day) throws(RuleBookError) -> Money {
        try law(on: day).money(id).value
    }

    /// A list of codes.
    public func codes(_ id: String, on day: Day) throws(RuleBookError) -> [String] {
        try law(on: day).codes(id).value
    }
}

/// Why the book of rules cannot be read or cannot answer.
public enum RuleBookError: Error, Sendable, Equatable {
    case unreadable(path: String, reason: String)
    /// There is no file, or it is not text in UTF-8.
    case noText(path: String)
    case faulty([String])
    case unknown(String)
    case noValue(String, Day)
    case wrongKind(String)
    case unknownRule(String, known: [String])
}

extension RuleBookError: Problem {
    public var kind: ProblemKind { if case .unknownRule = self { .notFound } else { .broken } }
    public var code: String { "rules.book" }
    public var message: Bilingual {
        switch self {
        case .unreadable(let path, let reason):
            Bilingual("规则文件 \(path) 读不出：\(reason)", "Cannot read the rules in \(path): \(reason)")
        case .noText(let path):
            Bilingual(
                "无法读取规则文件 \(path)：请核对路径和权限，文件须为 UTF-8 文本。",
                "Cannot read the rules in \(path): there is no such file, or it is not text in UTF-8.")
        case .faulty(let faults):
            Bilingual("规则有误：\(faults.joined(separator: "；"))", "Faulty rules: \(faults.joined(separator: "; "))")
        case .unknown(let id): Bilingual("没有参数 \(id)", "There is no parameter \(id)")
        case .noValue(let id, let day):
            Bilingual("参数 \(id) 在 \(day) 没有已知的值", "Parameter \(id) has no known value on \(day)")
        case .wrongKind(let id): Bilingual("参数 \(id) 的类型不符", "Parameter \(id) is of another kind")
        case .unknownRule(let id, let known):
            Bilingual(
                "没有规则 \(id)；现有：\(known.joined(separator: "、"))",
                "There is no rule \(id); there are \(known.joined(separator: ", "))")
        }
    }
}
