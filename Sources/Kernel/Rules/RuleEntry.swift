/// A fact that a rule may be told, for forms and listings.
public struct FactDescription: Sendable, Hashable {
    public let name: String
    public let label: Bilingual
    public let hint: Bilingual?
    public let kind: FactKind
}

/// A rule as the house keeps it on its shelf: whatever its types, it is asked with JSON facts and a law.
public struct RuleEntry: Sendable {
    public let id: String
    public let version: Int
    public let title: Bilingual
    /// What it can be told, in the order of its form.
    public let facts: [FactDescription]
    /// Keys of its conditions.
    public let conditions: [String]
    let patterns: [String]
    let makeRuling: @Sendable (JSONValue, Law) throws -> Ruling
    let makeReplay: @Sendable (Law, Law, String?) throws -> any ReplayRun

    public init<R: Rule>(_ rule: R.Type) {
        id = R.id
        version = R.version
        title = R.title
        conditions = R.conditions
        patterns = R.parameters
        facts = R.Facts.fields.map {
            FactDescription(name: $0.name, label: $0.label, hint: $0.hint, kind: $0.kind)
        }
        makeRuling = { facts, law in try R(law).ruling(R.Facts(json: facts), on: law.day) }
        makeReplay = { before, after, group in
            TypedReplay(before: try R(before), after: try R(after), group: group)
        }
    }

    /// Judges facts under a law, with the reasoning.
    /// - Throws: ``FactsProblem`` with every fact that cannot be read, ``RuleBookError``.
    public func ruling(_ facts: JSONValue, under law: Law) throws -> Ruling { try makeRuling(facts, law) }

    /// Whether the rule reads a parameter.
    public func reads(_ parameter: String) -> Bool {
        patterns.contains { $0 == parameter || ($0.hasSuffix(".") && parameter.hasPrefix($0)) }
    }
}

extension Rule {
    /// Judges facts with the reasoning, as it is stored with a decision.
    public func ruling(_ facts: Facts, on day: Day) -> Ruling {
        let (outcome, missing, trace) = explain(facts)
        return Ruling(
            rule: Self.id, version: Self.version, day: day, facts: facts.json, outcome: outcome.json,
            words: outcome.words, missing: missing, trace: trace)
    }
}

/// All rules of the house.
public struct RuleShelf: Sendable {
    public let entries: [RuleEntry]

    /// - Throws: ``RuleBookError/faulty(_:)`` where two rules have one id, or a rule reads a parameter that the book
    ///   does not have.
    public init(_ entries: [RuleEntry], book: RuleBook) throws(RuleBookError) {
        var faults: [String] = []
        let known = book.parameters.keys
        for (index, entry) in entries.enumerated() {
            if entries[..<index].contains(where: { $0.id == entry.id }) { faults.append("\(entry.id): written twice") }
            for pattern in entry.patterns
            where !known.contains(where: { $0 == pattern || (pattern.hasSuffix(".") && $0.hasPrefix(pattern)) }) {
                faults.append("\(entry.id): there is no parameter \(pattern)")
            }
        }
        guard faults.isEmpty else { throw RuleBookError.faulty(faults) }
        self.entries = entries
    }

    /// The rule with this id.
    /// - Throws: ``RuleBookError/unknownRule(_:known:)``.
    public func entry(_ id: String) throws(RuleBookError) -> RuleEntry {
        guard let entry = entries.first(where: { $0.id == id }) else {
            throw .unknownRule(id, known: entries.map(\.id).sorted())
        }
        return entry
    }

    /// The rules that read a parameter.
    public func readers(of parameter: String) -> [RuleEntry] { entries.filter { $0.reads(parameter) } }
}
