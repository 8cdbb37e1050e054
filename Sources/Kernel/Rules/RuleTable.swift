internal import YAMLReading

/// A table of tests that a lawyer can read and write: facts, a date, what must come out and why.
public struct RuleTable: Sendable {
    /// One line of the table.
    public struct Row: Sendable, Decodable {
        public let name: String
        /// The day whose law counts; the table's where it is absent.
        public let date: Day?
        public let facts: JSONValue
        /// Members that the outcome must have; others are not looked at.
        public let outcome: JSONValue?
        /// `KEY: VERDICT` or `KEY: VALUE` of steps that the trace must hold.
        public let reasons: [String: JSONValue]?
        /// Exactly the facts that must be missing; not looked at where it is absent.
        public let missing: [String]?
    }

    public let rule: String
    public let date: Day
    public let rows: [Row]
    /// Edges and branches that the table leaves out on purpose, each with its reason; a name that ends in a point
    /// stands for all that begin so.
    public let untested: [String: String]

    private struct File: Decodable {
        let rule: String
        let date: Day
        let untested: [String: String]?
        let rows: [Row]
    }

    /// - Throws: ``RuleBookError/unreadable(path:reason:)`` naming the place, ``RuleBookError/noText(path:)``.
    public init(path: String) throws(RuleBookError) {
        let text = try ParameterFile.text(path)
        do {
            let file = try YAMLReader.decode(File.self, from: text)
            (rule, date, rows, untested) = (file.rule, file.date, file.rows, file.untested ?? [:])
        } catch {
            throw .unreadable(path: path, reason: YAMLReader.reason(error))
        }
    }

    /// What one row showed.
    public struct Result: Sendable {
        public let row: Row
        public let ruling: Ruling?
        /// Everything that is not as the row says; empty where it holds.
        public let faults: [Bilingual]
    }

    /// Runs every row.
    /// - Throws: ``RuleBookError/unknownRule(_:known:)``.
    public func run(_ shelf: RuleShelf, book: RuleBook) throws -> [Result] {
        let entry = try shelf.entry(rule)
        return rows.map { row in
            do {
                let ruling = try entry.ruling(row.facts, under: book.law(on: row.date ?? date))
                return Result(row: row, ruling: ruling, faults: RuleTable.faults(row, ruling))
            } catch let problem as any Problem {
                let zh = problem.fields.map { " \($0.field)：\($0.message.zh)；" }.joined()
                let en = problem.fields.map { " \($0.field): \($0.message.en);" }.joined()
                let fault = Bilingual(problem.message.zh + zh, problem.message.en + en)
                return Result(row: row, ruling: nil, faults: [fault])
            } catch {
                return Result(row: row, ruling: nil, faults: [Bilingual("规则出错：\(error)", "\(error)")])
            }
        }
    }

    private static func faults(_ row: Row, _ ruling: Ruling) -> [Bilingual] {
        var faults: [Bilingual] = []
        for (name, wanted) in (row.outcome?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            let found = ruling.outcome[name] ?? .null
            if found != wanted {
                let (came, due) = (found.canonicalText, wanted.canonicalText)
                faults.append(Bilingual("\(name) 为 \(came)，应为 \(due)", "\(name) is \(came), not \(due)"))
            }
        }
        let steps = ruling.trace.flatMap(\.flattened)
        for (key, wanted) in (row.reasons ?? [:]).sorted(by: { $0.key < $1.key }) {
            let found = steps.filter { $0.key == key }
            let holds = found.contains { step in
                wanted.string == step.verdict.rawValue || step.gives?.json == wanted || step.value?.json == wanted
            }
            if !holds {
                let seen = found.map { "\($0.verdict.rawValue) \($0.gives?.json.canonicalText ?? "")" }
                faults.append(
                    Bilingual(
                        "步骤 \(key) \(seen.isEmpty ? "不存在" : "为 \(seen.joined(separator: "、"))")",
                        "step \(key) is \(seen.isEmpty ? "absent" : seen.joined(separator: ", "))"))
            }
        }
        if let wanted = row.missing, wanted.sorted() != ruling.missing.sorted() {
            faults.append(
                Bilingual("缺少的事实为 \(ruling.missing)，应为 \(wanted)", "missing is \(ruling.missing), not \(wanted)"))
        }
        return faults
    }

    /// Edges of bands, codes of tables and branches of conditions that no row reaches and the table does not excuse.
    public func uncovered(_ results: [Result], _ shelf: RuleShelf, book: RuleBook) throws -> [String] {
        let entry = try shelf.entry(rule)
        let steps = results.compactMap(\.ruling).flatMap { $0.trace.flatMap(\.flattened) }
        var wanted: [String] = []
        for key in entry.conditions {
            for verdict in [TraceStep.Verdict.met, .unmet]
            where !steps.contains(where: { $0.key == key && $0.verdict == verdict }) {
                wanted.append("\(key) \(verdict.rawValue)")
            }
        }
        let parameters = book.parameters.values.filter { entry.reads($0.id) }.sorted { $0.id < $1.id }
        for parameter in parameters {
            guard let dated = parameter.value(on: date) else { continue }
            let seen = Set(
                steps.filter { $0.law?.parameter == parameter.id }.compactMap { $0.value.flatMap(Seen.init) })
            switch dated.value {
            case .bands(let bands):
                wanted += bands.edges.filter { !seen.contains(.number($0)) }.map { "\(parameter.id) at \($0)" }
                for (index, band) in bands.list.enumerated()
                where !seen.contains(where: { if case .number(let n) = $0 { bands.band(of: n) == band } else { false } }
                ) {
                    wanted.append("\(parameter.id) band \(index + 1)")
                }
            case .table(let table):
                wanted += table.keys.sorted().filter { !seen.contains(.code($0)) }.map { "\(parameter.id) \($0)" }
            default: break
            }
        }
        return wanted.filter { name in
            !untested.keys.contains { $0 == name || ($0.hasSuffix(".") && name.hasPrefix($0)) }
        }
    }

    /// What a step looked at, as bands and tables are looked up.
    private enum Seen: Hashable {
        case number(Int64)
        case code(String)

        init?(_ value: FactValue) {
            switch value {
            case .number(let number, _): self = .number(number)
            case .money(let money): self = .number(money.fen)
            case .choice(let code, _), .text(let code): self = .code(code)
            case .rate(let rate):
                guard let scaled = DecimalNumber(units: rate.units * 1_000, places: rate.places)?.whole else {
                    return nil
                }
                self = .number(scaled)
            case .yesNo, .day: return nil
            }
        }
    }
}
