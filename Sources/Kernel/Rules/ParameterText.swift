/// The value of a parameter as officers type it: a number; codes with commas between; for bands one line each such as
/// `from 350000 below 450000: 17` or `above 50: 7-8`; for a table one line each such as `doctor: 20`.
public enum ParameterText {
    /// Reads a typed value of the kind that the parameter has.
    /// - Throws: ``FactsProblem`` with everything that is wrong, by line.
    public static func parse(_ text: String, for parameter: Parameter) throws(FactsProblem) -> ParameterValue {
        let typed = text.trimmed
        if typed == "unknown" { return .unknown }
        switch parameter.values.lazy.map(\.value).last(where: { $0 != .unknown }) {
        case .codes: return .codes(typed.split { ",，、".contains($0) }.map { String($0).trimmed }.filter { !$0.isEmpty })
        case .text: return .text(typed)
        case .bands: return .bands(try bands(typed, parameter.unit))
        case .table: return .table(try table(typed))
        default:
            guard let number = number(typed, parameter.unit) else {
                throw FactsProblem(fields: [problem(Bilingual("应为数字", "must be a number"))])
            }
            return ParameterValue.number(number, in: parameter.unit)
        }
    }

    /// A value as it would be typed.
    public static func text(_ value: ParameterValue, unit: ParameterUnit) -> String {
        func number(_ value: Int64) -> String {
            unit.isMoney ? Money(fen: value).yuanText.filter { $0 != "," } : String(value)
        }
        switch value {
        case .number(let value): return String(value)
        case .days(let value), .perMille(let value): return String(value)
        case .money(let money): return number(money.fen)
        case .codes(let codes): return codes.joined(separator: ", ")
        case .text(let text): return text
        case .unknown: return "unknown"
        case .table(let table):
            return table.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
        case .bands(let bands):
            return bands.list.map { band in
                let low = band.lower.map { "\($0.isIncluded ? "from" : "above") \(number($0.number)) " } ?? ""
                let high = band.upper.map { "\($0.isIncluded ? "to" : "below") \(number($0.number))" } ?? ""
                let gives = band.most == band.gives ? "\(band.gives)" : "\(band.gives)-\(band.most)"
                return "\((low + high).trimmed): \(gives)"
            }.joined(separator: "\n")
        }
    }

    private static func problem(_ message: Bilingual) -> FieldProblem {
        FieldProblem(field: "value", code: "parameter.value", message: message)
    }

    private static func number(_ text: String, _ unit: ParameterUnit) -> Int64? {
        guard unit.isMoney else { return Int64(text) }
        return (try? Money(parsing: text))?.fen
    }

    private static func lines(_ text: String) -> [(number: Int, text: String)] {
        text.split(whereSeparator: \.isNewline).map { String($0).trimmed }.enumerated()
            .filter { !$0.element.isEmpty }.map { ($0.offset + 1, $0.element) }
    }

    private static func table(_ text: String) throws(FactsProblem) -> [String: Int64] {
        var table: [String: Int64] = [:]
        var problems: [FieldProblem] = []
        for (place, line) in lines(text) {
            let parts = line.split(separator: ":").map { String($0).trimmed }
            guard parts.count == 2, let number = Int64(parts[1]) else {
                problems.append(
                    problem(Bilingual("第 \(place) 行应写成 代码: 数字", "line \(place) must be of the form CODE: NUMBER")))
                continue
            }
            table[parts[0]] = number
        }
        if table.isEmpty, problems.isEmpty { problems.append(problem(Bilingual("不能为空", "must not be empty"))) }
        guard problems.isEmpty else { throw FactsProblem(fields: problems) }
        return table
    }

    private static func bands(_ text: String, _ unit: ParameterUnit) throws(FactsProblem) -> Bands {
        var list: [Band] = []
        var problems: [FieldProblem] = []
        for (place, line) in lines(text) {
            if let band = band(line, unit) {
                list.append(band)
            } else {
                problems.append(
                    problem(
                        Bilingual(
                            "第 \(place) 行应写成 from 350000 below 450000: 17",
                            "line \(place) must be of the form from 350000 below 450000: 17")))
            }
        }
        let bands = Bands(list)
        if problems.isEmpty { problems = bands.faults.map { problem(Bilingual($0, $0)) } }
        guard problems.isEmpty else { throw FactsProblem(fields: problems) }
        return bands
    }

    private static func band(_ line: String, _ unit: ParameterUnit) -> Band? {
        let parts = line.split(separator: ":").map { String($0).trimmed }
        guard let last = parts.last, parts.count <= 2 else { return nil }
        let gives = last.split(separator: "-").compactMap { Int64($0) }
        guard (1...2).contains(gives.count) else { return nil }
        var lower: Band.End?
        var upper: Band.End?
        var words = parts.count == 2 ? parts[0].split(separator: " ").map(String.init) : []
        while words.count >= 2, let number = number(words[1], unit) {
            switch words[0] {
            case "from" where lower == nil: lower = Band.End(number, isIncluded: true)
            case "above" where lower == nil: lower = Band.End(number, isIncluded: false)
            case "to" where upper == nil: upper = Band.End(number, isIncluded: true)
            case "below" where upper == nil: upper = Band.End(number, isIncluded: false)
            default: return nil
            }
            words.removeFirst(2)
        }
        return words.isEmpty ? Band(lower: lower, upper: upper, gives: gives[0], most: gives.last) : nil
    }
}
