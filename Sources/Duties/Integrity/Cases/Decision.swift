import Kernel
import Store

/// What was decided in a case: read from what was asked when it was proposed.
struct Decision: Sendable {
    let kind: String
    let gravity: String
    let measures: [String]
    let activities: Set<Bar.Activity>
    let years: Int
    let isForLife: Bool
    let reason: Bilingual
    let regime: String

    init(_ asked: JSONValue) {
        func words(_ name: String) -> [String] { asked[name]?.array?.compactMap(\.string) ?? [] }
        kind = asked["kind-found"]?.string ?? "other"
        gravity = asked["gravity"]?.string ?? ""
        measures = words("measures")
        activities = Set(words("activities").compactMap { Bar.Activity(rawValue: $0) })
        years = Int(asked["years"]?.integer ?? 0)
        isForLife = asked["life"]?.bool ?? false
        let zh = asked["reason-zh"]?.string ?? ""
        reason = Bilingual(zh, asked["reason-en"]?.string ?? zh)
        regime = asked["regime"]?.string ?? "general"
    }

    static func of(_ id: ID<CaseFile>, _ tx: Tx) throws -> Decision {
        Decision(try CaseValues.asked("propose", of: id, tx))
    }

    var hasBar: Bool { isForLife || years > 0 }

    /// The last day of a bar that begins on a day, counted as 民法典 201 and 202 have it; nil for life or without a bar.
    func until(from day: Day) -> Day? { years > 0 && !isForLife ? day.adding(years: years) : nil }

    var basis: Bilingual {
        regime == "nsf"
            ? Bilingual("国家自然科学基金条例", "NSFC Regulation")
            : Bilingual("科研失信行为调查处理规则 国科发监〔2022〕221号", "Rules on Handling Research Misconduct No. 2022-221")
    }

    /// The facts by which the length is judged.
    func facts(part: String) -> SanctionFacts {
        var facts = SanctionFacts()
        facts.regime = SanctionFacts.Regime(rawValue: regime)
        facts.part = SanctionFacts.Part(rawValue: part)
        facts.gravity = SanctionFacts.Gravity(rawValue: gravity)
        facts.years = years
        facts.life = isForLife
        return facts
    }

    /// What is wrong with it: the length, and measures that do not fit each other.
    func problems(part: String, _ law: Law) throws -> [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ field: String, _ zh: String, _ en: String, _ basis: Bilingual? = nil) {
            found.append(
                FieldProblem(field: field, code: "integrity.measures", message: Bilingual(zh, en), basis: basis))
        }
        let ruling = try SanctionRule(law).ruling(facts(part: part), on: law.day)
        if ruling.outcome["admitted"] != .bool(true) {
            add(
                "years", "限制年限不在规定幅度内：应为\(ruling.words.zh)",
                "The length is not what the rules allow: \(ruling.words.en)",
                ruling.trace.lazy.compactMap(\.law?.source.cited).first)
        }
        if hasBar != measures.contains("bar") {
            add("measures", "有限制年限的，处理措施须包括限制参与，反之亦然", "A bar needs its measure, and the measure its years")
        }
        if hasBar, activities.isEmpty { add("activities", "请选择限制哪些事项", "Choose from what the subject is barred") }
        if isForLife, years > 0 { add("life", "终身限制的，年限请填 0", "For a bar for life, give 0 years") }
        return found
    }

    func bar(on subject: Subject, from day: Day, until: Day?, of file: CaseFile, at now: Instant) -> Bar? {
        let id = ID<Bar>(UUIDv7.make(at: now))
        if let person = subject.person {
            return Bar(
                id: id, person: person, activities: activities, from: day, until: until, reason: reason, basis: basis,
                source: file.id, number: file.number)
        }
        return subject.organisation.map {
            Bar(
                id: id, organisation: $0, activities: activities, from: day, until: until, reason: reason,
                basis: basis, source: file.id, number: file.number)
        }
    }
}
