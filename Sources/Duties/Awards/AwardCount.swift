import Kernel
import Store

/// How many prizes of a year are given so far, by kind and grade.
struct AwardCount {
    private(set) var facts: AwardCounts
    private var byKind: [String: Int] = [:]

    private init() { facts = AwardCounts(none: .municipal) }

    subscript(prize: Prize, grade: Grade) -> Int { byKind["\(prize.rawValue).\(grade.rawValue)"] ?? 0 }

    mutating func add(_ prize: Prize, _ grade: Grade, _ number: Int = 1) {
        facts.add(prize, grade, number)
        byKind["\(prize.rawValue).\(grade.rawValue)", default: 0] += number
    }

    /// Counts the prizes of a year's entry that stand: one query.
    static func of(_ year: String, _ tx: Tx) throws -> AwardCount {
        let rows = try tx.rows(
            """
            SELECT p.value AS prize, g.value AS grade, COUNT(*) AS n FROM register_value y
            JOIN register_entry e ON e.id = y.entry AND e.state = 'granted'
            JOIN register_value p ON p.entry = y.entry AND p.field = 'prize'
            JOIN register_value g ON g.entry = y.entry AND g.field = 'grade'
            WHERE y.register = \(AwardRegister.honours) AND y.field = 'year' AND y.value = \(year)
            GROUP BY p.value, g.value
            """
        ) { (try $0["prize"] as String, try $0["grade"] as String, try $0["n"] as Int) }
        var counts = AwardCount()
        for (prize, grade, number) in rows {
            guard let prize = Prize(rawValue: prize), let grade = Grade(rawValue: grade) else { continue }
            counts.add(prize, grade, number)
        }
        return counts
    }

    /// How many of a kind and grade the year's plan has; nil where it sets none.
    static func plan(_ year: String, _ prize: Prize, _ grade: Grade, _ tx: Tx) throws -> Int? {
        guard let entry = try RegisterStore.find(AwardRegister.years, year, tx) else { return nil }
        return entry.content["plan"]?.array?.first {
            $0["plan-prize"]?.string == prize.rawValue && $0["plan-grade"]?.string == grade.rawValue
        }?["plan-most"]?.integer.map(Int.init)
    }
}

/// What an organisation holds and has submitted already, for ``UpperQuotaRule``.
enum UpperQuota {
    static func facts(
        _ nomination: Nomination, _ organisation: ID<OrganisationMark>, except own: ID<CaseFile>, _ tx: Tx
    ) throws -> UpperQuotaFacts {
        var facts = UpperQuotaFacts()
        let held = try nomination.values["holds"]?.string.flatMap {
            try RegisterStore.find(AwardRegister.honours, $0, tx)
        }
        facts.holdsFirst = held.map(isFirst) ?? false
        facts.year = held.flatMap { try? year(of: $0, tx) } ?? nomination.values["held-year"]?.integer.map(Int.init)
        let code = try Registry.organisation(organisation, tx)?.uscc ?? ""
        let prizes = try RegisterStore.list(
            AwardRegister.honours, RegisterFilter(state: "granted", fields: ["unit-code": code]), limit: 200, tx)
        facts.firstPrizes = prizes.filter(isFirst).count
        let submitted: Int? = try tx.value(
            """
            SELECT COUNT(*) FROM case_file c JOIN case_value v ON v.case_id = c.id AND v.field = 'upper-level'
            WHERE c.organisation = \(organisation) AND c.procedure = 'awards.upper' AND v.value = 'national'
                AND c.step NOT IN ('draft', 'withdrawn', 'refused', 'not-won', 'won') AND c.id <> \(own)
            """)
        facts.submitted = submitted ?? 0
        return facts
    }

    private static func isFirst(_ entry: RegisterEntry) -> Bool {
        entry.state == "granted"
            && (["first", "special"].contains(entry.content["grade"]?.string)
                || entry.content["prize"]?.string == "top")
    }

    private static func year(of entry: RegisterEntry, _ tx: Tx) throws -> Int? {
        let number = entry.content["year"]?.string ?? ""
        if let year = try RegisterStore.find(AwardRegister.years, number, tx) {
            return year.content["calendar-year"]?.integer.map(Int.init)
        }
        return entry.content["calendar-year"]?.integer.map(Int.init)
    }
}
