/// A rule of law as code: a pure function of typed facts and of the legal numbers of one day.
///
/// A value of the type is the rule as it stands on that day; making it resolves the numbers once, so that it can judge
/// millions of cases. Where the words of the law change, and not only a number, the type keeps both readings and
/// chooses by the day of the ``Law``; `version` counts them.
public protocol Rule: Sendable {
    associatedtype Facts: RuleFacts
    associatedtype Outcome: RuleOutcome

    /// e.g. `talent.points`.
    static var id: String { get }
    static var version: Int { get }
    static var title: Bilingual { get }
    /// Ids of the parameters it reads; one that ends in a point stands for all that begin so.
    static var parameters: [String] { get }
    /// Keys of its conditions: tests must show each of them met and unmet.
    static var conditions: [String] { get }

    /// - Throws: ``RuleBookError`` where a number that it cannot do without has no value on the day.
    init(_ law: Law) throws(RuleBookError)

    /// Judges one case.
    func decide(_ facts: Facts, _ run: inout RuleRun) -> Outcome
}

extension Rule {
    public static var conditions: [String] { [] }

    /// Judges one case and keeps the reasoning.
    public func explain(_ facts: Facts) -> (outcome: Outcome, missing: [String], trace: [TraceStep]) {
        var run = RuleRun(traced: true)
        let outcome = decide(facts, &run)
        return (outcome, run.missing, run.steps ?? [])
    }

    /// Judges one case without reasoning.
    public func decide(_ facts: Facts) -> Outcome {
        var run = RuleRun(traced: false)
        return decide(facts, &run)
    }
}

/// What a rule decides.
public protocol RuleOutcome: Hashable, Sendable {
    /// The outcome as stored and printed; money in fen.
    var json: JSONValue { get }
    /// The outcome in a word, by which replays count who changes.
    var summary: String { get }
    /// The outcome as people read it.
    var words: Bilingual { get }
}

/// A ruling as it is stored with a decision: who wants to can make it again from these bytes and the law of the day.
public struct Ruling: Codable, Hashable, Sendable {
    public let rule: String
    public let version: Int
    public let day: Day
    public let facts: JSONValue
    public let outcome: JSONValue
    public let words: Bilingual
    public let missing: [String]
    public let trace: [TraceStep]

    /// SHA-256 over all of it, in lower-case hexadecimal.
    public var hash: String {
        get throws { Digest.hex(Digest.sha256(try JSONValue(encoding: self).canonicalBytes)) }
    }

    /// As the command line prints it: outcome, what is missing, and the trace as a tree.
    public var json: JSONValue {
        get throws {
            [
                "rule": .string(rule), "version": .integer(Int64(version)), "date": .string(day.description),
                "outcome": outcome, "missing": .array(missing.map { .string($0) }),
                "trace": ["rule": .string(rule), "steps": .array(trace.map(\.json))],
            ]
        }
    }
}

extension TraceStep {
    /// The step as outsiders read it.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "key": .string(key), "what": ["zh": .string(what.zh), "en": .string(what.en)],
            "verdict": .string(verdict.rawValue),
        ]
        if let value { members["value"] = value.json }
        if let against { members["against"] = against.json }
        if let gives { members["gives"] = gives.json }
        if let law {
            members["law"] = [
                "parameter": .string(law.parameter), "from": .string(law.from.description),
                "document": ["zh": .string(law.source.document.zh), "en": .string(law.source.document.en)],
                "article": .string(law.source.article), "confidence": .string(law.source.confidence.rawValue),
                "toBeChecked": .bool(law.source.confidence.needsChecking),
            ]
        }
        if !steps.isEmpty { members["steps"] = .array(steps.map(\.json)) }
        return .object(members)
    }
}
