internal import Foundation
internal import YAMLReading

/// Reads the YAML file of a city's legal numbers: a list of parameters, each with a list of dated values.
enum ParameterFile {
    /// - Throws: ``RuleBookError/unreadable(path:reason:)``, ``RuleBookError/noText(path:)``.
    static func load(_ path: String, level: Parameter.Level) throws(RuleBookError) -> [Parameter] {
        let text = try text(path)
        do {
            return try YAMLReader.decode([Entry].self, from: text).map { try $0.parameter(level) }
        } catch {
            throw RuleBookError.unreadable(path: path, reason: YAMLReader.reason(error))
        }
    }

    /// - Throws: ``RuleBookError/noText(path:)``.
    static func text(_ path: String) throws(RuleBookError) -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self)
        else { throw .noText(path: path) }
        return text
    }
}

/// A parameter as written in the file.
private struct Entry: Decodable {
    struct Value: Decodable {
        let value: Scalar?
        let bands: [BandLine]?
        let table: [String: Int64]?
        let from: Day
        let to: Day?
        let document: Bilingual
        let article: String?
        let confidence: Confidence
        let note: Bilingual?
    }

    /// `from` and `to` include their number, `above` and `below` do not.
    struct BandLine: Decodable {
        let from: Amount?
        let above: Amount?
        let to: Amount?
        let below: Amount?
        let gives: Int64
        let most: Int64?
    }

    /// A whole number, or yuan with fen behind the point.
    enum Amount: Decodable {
        case whole(Int64)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Int64.self) {
                self = .whole(value)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        func number(_ unit: ParameterUnit) throws -> Int64 {
            switch self {
            case .whole(let value): unit == .yuan ? value * 100 : value
            case .text(let text): try Money(parsing: text).fen
            }
        }
    }

    enum Scalar: Decodable {
        case amount(Amount)
        case list([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode([String].self) {
                self = .list(value)
            } else {
                self = .amount(try container.decode(Amount.self))
            }
        }
    }

    let id: String
    let title: Bilingual
    let unit: ParameterUnit?
    let gives: String?
    let words: [String: Bilingual]?
    let values: [Value]

    func parameter(_ level: Parameter.Level) throws -> Parameter {
        let unit = unit ?? .number
        return Parameter(
            id: id, title: title, unit: unit, gives: gives ?? "", level: level, words: words ?? [:],
            values: try values.map { entry in
                DatedValue(
                    value: try typed(entry, unit), from: entry.from, to: entry.to,
                    source: RuleSource(
                        document: entry.document, article: entry.article ?? "", confidence: entry.confidence),
                    note: entry.note)
            })
    }

    private func typed(_ entry: Value, _ unit: ParameterUnit) throws -> ParameterValue {
        switch (entry.value, entry.bands, entry.table) {
        case (nil, let lines?, nil): return .bands(Bands(try lines.map { try band($0, unit) }))
        case (nil, nil, let table?): return .table(table)
        case (let value?, nil, nil):
            switch value {
            case .list(let codes): return .codes(codes)
            case .amount(.text("unknown")): return .unknown
            case .amount(.text(let text)) where !unit.isMoney: return .text(text)
            case .amount(let amount): return ParameterValue.number(try amount.number(unit), in: unit)
            }
        default:
            throw RuleBookError.faulty(["\(id): a value is either `value`, `bands` or `table`"])
        }
    }

    private func band(_ line: BandLine, _ unit: ParameterUnit) throws -> Band {
        func end(_ included: Amount?, _ excluded: Amount?) throws -> Band.End? {
            if let included { return Band.End(try included.number(unit), isIncluded: true) }
            return try excluded.map { Band.End(try $0.number(unit), isIncluded: false) }
        }
        return Band(
            lower: try end(line.from, line.above), upper: try end(line.to, line.below), gives: line.gives,
            most: line.most)
    }
}

extension ParameterValue {
    /// A bare number as its unit makes it.
    static func number(_ number: Int64, in unit: ParameterUnit) -> ParameterValue {
        switch unit {
        case .yuan, .fen: .money(Money(fen: number))
        case .perMille: .perMille(Int(number))
        case .workingDays, .calendarDays, .months, .years: .days(Int(number))
        case .points, .people, .times, .number: .number(number)
        }
    }
}
