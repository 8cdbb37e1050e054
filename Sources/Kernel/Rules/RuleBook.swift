internal import Foundation
internal import Yams

/// The city's legal numbers, checked whole when loaded; a decision asks it for the value in force on a day.
public struct RuleBook: Sendable {
    public let parameters: [String: Parameter]

    public init(_ parameters: [Parameter]) throws(RuleBookError) {
        var book: [String: Parameter] = [:]
        var faults: [String] = []
        for parameter in parameters {
            if book[parameter.id] != nil { faults.append("\(parameter.id): written twice") }
            if parameter.values.isEmpty { faults.append("\(parameter.id): no value") }
            for (earlier, later) in zip(parameter.values, parameter.values.dropFirst()) {
                guard let end = earlier.to else {
                    faults.append("\(parameter.id): the value from \(earlier.from) has no end before \(later.from)")
                    continue
                }
                if end >= later.from { faults.append("\(parameter.id): values overlap at \(later.from)") }
                if end.adding(days: 1) < later.from { faults.append("\(parameter.id): no value after \(end)") }
            }
            book[parameter.id] = parameter
        }
        guard faults.isEmpty else { throw RuleBookError.faulty(faults) }
        self.parameters = book
    }

    /// Reads a YAML file: a list of parameters, each with a list of dated values.
    public static func load(_ path: String) throws(RuleBookError) -> RuleBook {
        let entries: [Entry]
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            entries = try YAMLDecoder().decode([Entry].self, from: text)
        } catch {
            throw RuleBookError.unreadable(path: path, reason: "\(error)")
        }
        return try RuleBook(entries.map(\.parameter))
    }

    /// The value in force on a day with its source.
    /// - Throws: ``RuleBookError/unknown`` or ``RuleBookError/noValue``.
    public func dated(_ id: String, on day: Day) throws(RuleBookError) -> DatedValue {
        guard let parameter = parameters[id] else { throw .unknown(id) }
        guard let value = parameter.values.last(where: { $0.from <= day && (($0.to.map { day <= $0 }) ?? true) }) else {
            throw .noValue(id, day)
        }
        return value
    }

    /// A whole number: a count, days, per mille or fen.
    /// - Throws: ``RuleBookError``; `.wrongKind` where the parameter holds codes or text.
    public func number(_ id: String, on day: Day) throws(RuleBookError) -> Int {
        switch try dated(id, on: day).value {
        case .number(let value): Int(value)
        case .days(let value), .perMille(let value): value
        case .money(let value): Int(value.fen)
        case .codes, .text: throw .wrongKind(id)
        }
    }

    /// A length of time, as its unit says.
    public func period(_ id: String, on day: Day) throws(RuleBookError) -> Period {
        let number = try number(id, on: day)
        switch parameters[id]?.unit {
        case "working days": return .workingDays(number)
        case "calendar days": return .calendarDays(number)
        case "months": return .months(number)
        case "years": return .years(number)
        default: throw .wrongKind(id)
        }
    }

    /// An amount of money.
    public func money(_ id: String, on day: Day) throws(RuleBookError) -> Money {
        guard case .money(let value) = try dated(id, on: day).value else { throw .wrongKind(id) }
        return value
    }

    /// A list of codes.
    public func codes(_ id: String, on day: Day) throws(RuleBookError) -> [String] {
        guard case .codes(let value) = try dated(id, on: day).value else { throw .wrongKind(id) }
        return value
    }
}

/// Why the book of rules cannot be read or cannot answer.
public enum RuleBookError: Error, Sendable, Equatable {
    case unreadable(path: String, reason: String)
    case faulty([String])
    case unknown(String)
    case noValue(String, Day)
    case wrongKind(String)
}

extension RuleBookError: Problem {
    public var kind: ProblemKind { .broken }
    public var code: String { "rules.book" }
    public var message: Bilingual {
        switch self {
        case .unreadable(let path, let reason):
            Bilingual("规则文件 \(path) 读不出：\(reason)", "Cannot read the rules in \(path): \(reason)")
        case .faulty(let faults):
            Bilingual("规则有误：\(faults.joined(separator: "；"))", "Faulty rules: \(faults.joined(separator: "; "))")
        case .unknown(let id): Bilingual("没有参数 \(id)", "There is no parameter \(id)")
        case .noValue(let id, let day): Bilingual("参数 \(id) 在 \(day) 没有值", "Parameter \(id) has no value on \(day)")
        case .wrongKind(let id): Bilingual("参数 \(id) 的类型不符", "Parameter \(id) is of another kind")
        }
    }
}

/// A parameter as written in the file.
private struct Entry: Decodable {
    struct Value: Decodable {
        let value: Scalar
        let from: Day
        let to: Day?
        let document: Bilingual
        let article: String?
        let confidence: Confidence
        let note: Bilingual?
    }

    enum Scalar: Decodable {
        case whole(Int64)
        case list([String])
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Int64.self) {
                self = .whole(value)
            } else if let value = try? container.decode([String].self) {
                self = .list(value)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    let id: String
    let title: Bilingual
    let unit: String?
    let values: [Value]

    var parameter: Parameter {
        let unit = unit ?? ""
        return Parameter(
            id: id, title: title, unit: unit,
            values: values.map { entry in
                DatedValue(
                    value: typed(entry.value, unit), from: entry.from, to: entry.to,
                    source: RuleSource(
                        document: entry.document, article: entry.article ?? "", confidence: entry.confidence),
                    note: entry.note)
            })
    }

    private func typed(_ value: Scalar, _ unit: String) -> ParameterValue {
        switch value {
        case .list(let codes): .codes(codes)
        case .text(let text): .text(text)
        case .whole(let number):
            switch unit {
            case "fen": .money(Money(fen: number))
            case "per mille": .perMille(Int(number))
            case "working days", "calendar days", "months", "years": .days(Int(number))
            default: .number(number)
            }
        }
    }
}
