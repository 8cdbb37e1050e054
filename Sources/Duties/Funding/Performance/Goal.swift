import Kernel
import Store

/// A goal with its indicators, as the form of a performance case has it.
struct Goal: Sendable {
    struct Indicator: Sendable {
        let title: String
        let unit: String
        let target: Int64
        let isLess: Bool
        let weight: Int
        let actual: Int64?
        let evidence: String
    }

    static let programmes = "funding.performance"
    static let projects = "funding.performance-project"

    let programme: String
    let year: Int
    /// Number of the project; nil for the goal of a programme.
    let project: String?
    let indicators: [Indicator]
    let report: String

    init(_ answers: JSONValue) {
        programme = answers["programme"]?.string ?? ""
        year = Int(answers["year"]?.integer ?? 0)
        project = answers["project"]?.string
        indicators = (answers["indicators"]?.array ?? []).map { row in
            Indicator(
                title: row["title"]?.string ?? "", unit: row["unit"]?.string ?? "",
                target: row["target"]?.integer ?? 0, isLess: row["direction"]?.string == "less",
                weight: Int(row["weight"]?.integer ?? 0), actual: row["actual"]?.integer,
                evidence: row["evidence"]?.string ?? "")
        }
        report = answers["report"]?.string ?? ""
    }

    static func of(_ id: ID<CaseFile>, _ tx: Tx) throws -> Goal { Goal(try CaseStore.answers(id, tx).content) }

    /// What was agreed and may not change any more: everything but what was reached.
    var agreed: JSONValue {
        [
            "programme": .string(programme), "year": .integer(Int64(year)), "project": .string(project ?? ""),
            "indicators": .array(
                indicators.map {
                    [
                        "title": .string($0.title), "unit": .string($0.unit), "target": .integer($0.target),
                        "less": .bool($0.isLess), "weight": .integer(Int64($0.weight)),
                    ]
                }),
        ]
    }

    var weights: Int { indicators.reduce(0) { $0 + $1.weight } }

    /// The facts of the score, with what the check corrected.
    /// - Parameter adjusted: rows of the check: number of an indicator, and what was reached.
    func facts(adjusted: JSONValue?) -> PerformanceFacts {
        var reached = indicators.map(\.actual)
        for row in adjusted?.array ?? [] {
            guard let number = row["number"]?.integer, let actual = row["actual"]?.integer,
                reached.indices.contains(Int(number) - 1)
            else { continue }
            reached[Int(number) - 1] = actual
        }
        return PerformanceFacts(
            zip(indicators, reached).map { indicator, actual in
                IndicatorFacts(
                    weight: indicator.weight, target: Int(indicator.target), actual: actual.map(Int.init),
                    isLess: indicator.isLess)
            })
    }
}
