/// Who would be judged otherwise under another law: counted case by case, nothing kept but the counts.
public struct ReplayReport: Sendable, Hashable {
    /// Cases that went from one outcome to another; also those that stayed, where both are the same.
    public struct Transition: Sendable, Hashable {
        public let before: String
        public let after: String
        public let count: Int
    }

    /// One value of the fact by which cases are grouped.
    public struct Group: Sendable, Hashable {
        public let name: String
        public let cases: Int
        public let changed: Int
    }

    public let cases: Int
    public let changed: Int
    /// Cases whose facts the rule can no longer read.
    public let unreadable: Int
    /// By before and after, in order of text.
    public let transitions: [Transition]
    /// In order of text.
    public let groups: [Group]
}

/// One case whose outcome changes.
public struct ReplayChange: Sendable, Hashable {
    /// Which case; for an invented one its number.
    public let id: String
    public let facts: JSONValue
    public let before: JSONValue
    public let after: JSONValue
    public let summaryBefore: String
    public let summaryAfter: String
}

/// A replay under way; see ``RuleEntry/replay(before:after:group:)``.
public protocol ReplayRun: AnyObject {
    /// Judges one past case both ways.
    /// - Returns: the change, where there is one.
    func add(id: String, facts: JSONValue) -> ReplayChange?
    /// Judges invented cases both ways.
    /// - Parameter onChange: told of each change, in order; it costs time and may be left out.
    func addSynthetic(_ count: Int, seed: UInt64, onChange: ((ReplayChange) -> Void)?)
    var report: ReplayReport { get }
}

extension RuleEntry {
    /// A replay of the rule under two laws.
    /// - Parameter group: name of the fact by which cases are grouped; nil for none.
    /// - Throws: ``RuleBookError``.
    public func replay(before: Law, after: Law, group: String? = nil) throws -> any ReplayRun {
        try makeReplay(before, after, group)
    }
}

final class TypedReplay<R: Rule>: ReplayRun {
    private let before: R
    private let after: R
    private let groupField: FactField<R.Facts>?
    private var cases = 0
    private var changed = 0
    private var unreadable = 0
    private var transitions: [Pair: Int] = [:]
    private var groups: [FactValue?: (cases: Int, changed: Int)] = [:]

    private struct Pair: Hashable {
        let before: String
        let after: String
    }

    init(before: R, after: R, group: String?) {
        self.before = before
        self.after = after
        groupField = R.Facts.fields.first { $0.name == group }
    }

    func add(id: String, facts json: JSONValue) -> ReplayChange? {
        guard let facts = try? R.Facts(json: json) else {
            unreadable += 1
            return nil
        }
        guard let (old, new) = judge(facts) else { return nil }
        return change(id, facts, old, new)
    }

    func addSynthetic(_ count: Int, seed: UInt64, onChange: ((ReplayChange) -> Void)?) {
        var random = SeededRandom(seed: seed)
        for number in 0..<max(0, count) {
            let facts = R.Facts.sample(&random)
            guard let (old, new) = judge(facts), let onChange else { continue }
            onChange(change(String(number + 1), facts, old, new))
        }
    }

    /// - Returns: both outcomes, where they differ.
    private func judge(_ facts: R.Facts) -> (R.Outcome, R.Outcome)? {
        let (old, new) = (before.decide(facts), after.decide(facts))
        let differs = old != new
        cases += 1
        if differs { changed += 1 }
        transitions[Pair(before: old.summary, after: new.summary), default: 0] += 1
        if let groupField {
            groups[groupField.value(in: facts), default: (0, 0)].cases += 1
            if differs { groups[groupField.value(in: facts), default: (0, 0)].changed += 1 }
        }
        return differs ? (old, new) : nil
    }

    private func change(_ id: String, _ facts: R.Facts, _ old: R.Outcome, _ new: R.Outcome) -> ReplayChange {
        ReplayChange(
            id: id, facts: facts.json, before: old.json, after: new.json, summaryBefore: old.summary,
            summaryAfter: new.summary)
    }

    var report: ReplayReport {
        ReplayReport(
            cases: cases, changed: changed, unreadable: unreadable,
            transitions: transitions.map { .init(before: $0.key.before, after: $0.key.after, count: $0.value) }
                .sorted { ($0.before, $0.after) < ($1.before, $1.after) },
            groups: groups.map {
                .init(name: $0.key?.text(.chinese) ?? "—", cases: $0.value.cases, changed: $0.value.changed)
            }
            .sorted { $0.name < $1.name })
    }
}
