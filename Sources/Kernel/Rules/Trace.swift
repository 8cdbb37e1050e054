/// One step of a rule's reasoning: what was looked at, what it is, what the law says of it, and what follows.
public struct TraceStep: Codable, Hashable, Sendable {
    public enum Verdict: String, Codable, Hashable, Sendable {
        /// A condition holds, or does not.
        case met, unmet
        /// It cannot be said, since a fact or a legal number is missing.
        case unknown
        /// A number or a consequence was worked out.
        case given
        /// Something to look at that decides nothing by itself.
        case warning

        public var title: Bilingual {
            switch self {
            case .met: Bilingual("符合", "met")
            case .unmet: Bilingual("不符合", "not met")
            case .unknown: Bilingual("尚不能判断", "cannot be said yet")
            case .given: Bilingual("得出", "gives")
            case .warning: Bilingual("提示", "note")
            }
        }
    }

    /// Names the step within its rule; with the verdict it names a branch.
    public let key: String
    public let what: Bilingual
    /// What was looked at; nil where it is missing or there is nothing to see.
    public let value: FactValue?
    public let verdict: Verdict
    /// What the law holds against it, e.g. the limit.
    public let against: FactValue?
    public let gives: FactValue?
    public let law: LawReference?
    public var steps: [TraceStep]

    public init(
        _ key: String, _ what: Bilingual, _ verdict: Verdict, value: FactValue? = nil, against: FactValue? = nil,
        gives: FactValue? = nil, law: LawReference? = nil, steps: [TraceStep] = []
    ) {
        self.key = key
        self.what = what
        self.value = value
        self.verdict = verdict
        self.against = against
        self.gives = gives
        self.law = law
        self.steps = steps
    }

    /// This step and all below it.
    public var flattened: [TraceStep] { [self] + steps.flatMap(\.flattened) }

    /// The step in one sentence, without its source.
    public func sentence(_ language: Language) -> String {
        let zh = language == .chinese
        var text = what[language]
        if let value { text += zh ? "：\(value.text(language))" : ": \(value.text(language))" }
        if let against { text += zh ? "（规定 \(against.text(language))）" : " (the rule says \(against.text(language)))" }
        switch (verdict, gives) {
        case (.given, let gives?), (.met, let gives?): text += " → \(gives.text(language))"
        case (.given, nil): break
        default: text += zh ? "——\(verdict.title.zh)" : " – \(verdict.title.en)"
        }
        return text
    }
}

/// What a rule leaves behind beside its outcome: which facts it lacked and, where asked for, its reasoning.
public struct RuleRun {
    /// Names of facts that are missing and could change the outcome, in the order in which they were missed.
    public private(set) var missing: [String] = []
    @usableFromInline var noted: [TraceStep]?

    public init(traced: Bool) { noted = traced ? [] : nil }

    /// Nil where nobody asked for the reasoning; a rule then spends nothing on it.
    public var steps: [TraceStep]? { noted }

    @inlinable public var isTraced: Bool { noted != nil }

    /// Notes that a fact is missing.
    public mutating func misses(_ fact: String) { if !missing.contains(fact) { missing.append(fact) } }

    /// Notes a step; it is made only where the reasoning is wanted.
    @inlinable
    public mutating func note(_ step: @autoclosure () -> TraceStep) {
        if noted != nil { noted?.append(step()) }
    }
}
