import Kernel

/// The smallest changes of one fact, or of two, that would lead to a better category: what a person can do about it.
struct NearestWay: Sendable {
    /// One change of one fact.
    struct Change: Sendable, Hashable {
        let fact: String
        let label: Bilingual
        let value: FactValue
    }

    let changes: [Change]
    let category: PermitCategory

    /// All smallest ways; empty where the category is A, is still open, or no such change helps.
    static func find(_ facts: CategoryFacts, _ rule: CategoryRule) -> [NearestWay] {
        guard let now = rule.decide(facts).category, now != .a else { return [] }
        let candidates = self.candidates(facts, rule)
        var ways: [NearestWay] = []
        for options in candidates {
            // Options of one fact stand in rising order, so the first that helps is the smallest.
            if let (option, category) = first(options, facts, now, rule) {
                ways.append(NearestWay(changes: [option.change], category: category))
            }
        }
        guard ways.isEmpty else { return ways }
        for (index, options) in candidates.enumerated() {
            for option in options {
                var changed = facts
                option.apply(&changed)
                for others in candidates[(index + 1)...] {
                    guard let (other, category) = first(others, changed, now, rule) else { continue }
                    ways.append(NearestWay(changes: [option.change, other.change], category: category))
                }
                if !ways.isEmpty { break }
            }
        }
        return ways
    }

    private struct Option {
        let change: Change
        let apply: (inout CategoryFacts) -> Void
    }

    private static func first(
        _ options: [Option], _ facts: CategoryFacts, _ now: PermitCategory, _ rule: CategoryRule
    ) -> (Option, PermitCategory)? {
        for option in options {
            var changed = facts
            option.apply(&changed)
            if let category = rule.decide(changed).category, category.place < now.place { return (option, category) }
        }
        return nil
    }

    /// What a person can change, by fact, each from the smallest change on: pay, Chinese, experience, months, degree.
    private static func candidates(_ facts: CategoryFacts, _ rule: CategoryRule) -> [[Option]] {
        let points = facts.points
        var lists: [[Option]] = []
        let pay = (rule.points.salary.value.edges + multiples(facts, rule)).filter {
            $0 > points.annualSalary?.fen ?? 0
        }
        lists.append(
            Set(pay).sorted().map { fen in
                option("annualSalary", .money(Money(fen: fen))) { $0.points.annualSalary = Money(fen: fen) }
            })
        lists.append(
            rule.points.hsk.value.edges.filter { $0 > points.hsk ?? 0 }.map { level in
                option("hsk", plain(level)) { $0.points.hsk = Int(level) }
            })
        lists.append(
            rule.points.years.value.edges.filter { $0 > points.yearsOfWork ?? 0 }.map { years in
                option("yearsOfWork", plain(years)) { $0.points.yearsOfWork = Int(years) }
            })
        lists.append(
            rule.points.months.value.edges.filter { $0 > points.monthsPerYear ?? 0 }.map { months in
                option("monthsPerYear", plain(months)) { $0.points.monthsPerYear = Int(months) }
            })
        let degree = points.education?.place ?? Education.none.place
        lists.append(
            Education.allCases.filter { $0.place < degree }.reversed().map { education in
                option("education", education.fact) { $0.points.education = education }
            })
        return lists
    }

    private static func multiples(_ facts: CategoryFacts, _ rule: CategoryRule) -> [Int64] {
        var wages = WageFacts()
        wages.place = facts.place
        let outcome = rule.wage.decide(wages)
        return [outcome.leastB, outcome.leastA].compactMap { $0?.fen }
    }

    private static func plain(_ number: Int64) -> FactValue { .number(number, unit: Bilingual("", "")) }

    private static func option(
        _ fact: String, _ value: FactValue, _ apply: @escaping (inout CategoryFacts) -> Void
    ) -> Option {
        let label = PointsFacts.fields.first { $0.name == fact }?.label ?? Bilingual(fact, fact)
        return Option(change: Change(fact: fact, label: label, value: value), apply: apply)
    }
}
