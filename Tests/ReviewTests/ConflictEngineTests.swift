import Kernel
import Testing

@testable import Review

@Suite("Conflicts of a whole pool at once")
struct ConflictEngineTests {
    static let day = Day(number: 20_000)

    static func pick<T>(_ count: Int, _ prefix: String, _ random: inout SeededRandom) -> Set<ID<T>> {
        Set((0..<count).map { _ in ID("\(prefix)\(Int.random(in: 0..<9, using: &random))") })
    }

    static func item(_ number: Int, _ random: inout SeededRandom) -> ItemFacts {
        ItemFacts(
            item: ID("item\(number)"), title: Bilingual("项目", "Item"), field: "",
            investigator: ID("p\(Int.random(in: 0..<9, using: &random))"),
            organisation: ID("o\(Int.random(in: 0..<9, using: &random))"),
            people: pick(Int.random(in: 0..<3, using: &random), "p", &random),
            organisations: pick(Int.random(in: 0..<2, using: &random), "o", &random),
            parents: Bool.random(using: &random) ? pick(1, "o", &random) : nil)
    }

    static func expert(_ number: Int, _ random: inout SeededRandom) -> ExpertFacts {
        func day(_ spread: Int) -> Day {
            ConflictEngineTests.day.adding(days: Int.random(in: -spread...60, using: &random))
        }
        let times = (0..<Int.random(in: 0..<3, using: &random)).map { _ in
            ExpertFacts.Employment(
                organisation: ID("o\(Int.random(in: 0..<9, using: &random))"), from: day(4_000),
                to: Bool.random(using: &random) ? day(3_000) : nil)
        }
        var facts = ExpertFacts(
            expert: ID("x\(number)"), person: Bool.random(using: &random) ? ID("p\(number % 9)") : nil,
            employers: pick(1, "o", &random), employments: times,
            parents: Bool.random(using: &random) ? pick(1, "o", &random) : nil,
            collaborators: pick(Int.random(in: 0..<2, using: &random), "p", &random),
            declared: Bool.random(using: &random) ? ["p\(number % 7)"] : [],
            ownDeclarations: Int.random(in: 0..<5, using: &random) == 0 ? [ID("item1")] : [],
            appliesInRound: Int.random(in: 0..<8, using: &random) == 0,
            named: Int.random(in: 0..<8, using: &random) == 0 ? [ID("item2")] : [])
        facts.ties = (0..<Int.random(in: 0..<3, using: &random)).map { _ in
            Tie(
                TieKind.allCases.randomElement(using: &random) ?? .other,
                "\(Bool.random(using: &random) ? "p" : "o")\(Int.random(in: 0..<9, using: &random))",
                from: Bool.random(using: &random) ? day(4_000) : nil,
                to: Bool.random(using: &random) ? day(3_000) : nil, source: "test")
        }
        facts.recorded = (0..<Int.random(in: 0..<3, using: &random)).map { _ in
            let from = day(4_000)
            return RecordedTie(
                [.money, .employerMoney, .protected].randomElement(using: &random) ?? .money,
                "\(Bool.random(using: &random) ? "p" : "o")\(Int.random(in: 0..<9, using: &random))", from: from,
                to: max(from, day(3_000)))
        }
        return facts.barred(Int.random(in: 0..<10, using: &random) == 0)
    }

    static let windows = ConflictWindows(employment: 3, coAuthor: 5, sharedProject: 3, money: 3, objection: nil)

    @Test("The engine finds what a look at every single pair finds, and says no window that has passed")
    func sameAsPairs() {
        for seed in UInt64(0)..<200 {
            var random = SeededRandom(seed: seed)
            let items = (0..<6).map { ConflictEngineTests.item($0, &random) }
            let engine = ConflictEngine(items, on: ConflictEngineTests.day, ConflictEngineTests.windows)
            for number in 0..<6 {
                let facts = ConflictEngineTests.expert(number, &random)
                let findings = engine.findings(of: facts)
                for item in items {
                    let kinds = Set(findings.filter { $0.item == nil || $0.item == item.item }.map(\.kind))
                    let pair = Conflicts.between(
                        expert: facts, item: item, on: ConflictEngineTests.day, ConflictEngineTests.windows)
                    #expect(kinds == Set(pair), "seed \(seed), expert \(number), \(item.item)")
                }
                for one in findings {
                    #expect(one.until.map { $0 >= ConflictEngineTests.day } ?? true, "seed \(seed): \(one)")
                }
            }
        }
    }

    @Test("Failure 1: an alias, proved or not, can add a conflict and never lifts one")
    func aliasesOnlyAdd() {
        var added = 0
        for seed in UInt64(0)..<300 {
            var random = SeededRandom(seed: seed &+ 1_000)
            let items = (0..<4).map { ConflictEngineTests.item($0, &random) }
            let engine = ConflictEngine(items, on: ConflictEngineTests.day, ConflictEngineTests.windows)
            let bare = ConflictEngineTests.expert(0, &random)
            let before = Set(engine.findings(of: bare).map(\.key))
            var known = bare
            known.aliases = ConflictEngineTests.pick(Int.random(in: 1..<4, using: &random), "p", &random)
            let after = Set(engine.findings(of: known).map(\.key))
            #expect(before.isSubset(of: after), "seed \(seed &+ 1_000)")
            for alias in known.aliases {
                for item in items where item.allPeople.contains(alias) {
                    let key = ConflictFinding.Key(item: item.item.text, kind: .isApplicant, subject: alias.text)
                    #expect(after.contains(key), "seed \(seed &+ 1_000)")
                }
            }
            if after.count > before.count { added += 1 }
        }
        #expect(added > 100)
    }

    @Test(
        "A tie counts for the years of its kind after its last day, an adviser or a relative for ever",
        arguments: [
            (TieKind.coAuthor, -5 * 365, true), (.coAuthor, -5 * 366 - 2, false), (.money, -3 * 365, true),
            (.money, -3 * 366 - 2, false), (.adviser, -15_000, true), (.relative, -15_000, true),
            (.objection, -15_000, true),
        ] as [(TieKind, Int, Bool)])
    func windowsOfTies(_ kind: TieKind, _ days: Int, _ counts: Bool) {
        var facts = ConflictTests.expert()
        facts.ties = [Tie(kind, "pi", to: ConflictEngineTests.day.adding(days: days), source: "register")]
        let engine = ConflictEngine([ConflictTests.item], on: ConflictEngineTests.day, ConflictEngineTests.windows)
        let found = engine.findings(of: facts)
        #expect(found.map(\.kind) == (counts ? [kind.conflict] : []))
        #expect(found.allSatisfy { $0.note == "register" })
    }

    @Test("A whole round of 6,000 applications and 2,800 experts takes seconds, one expert milliseconds")
    func fast() {
        var random = SeededRandom(seed: 1)
        let items = (0..<6_000).map { number in
            ItemFacts(
                item: ID("item\(number)"), title: Bilingual("项目", "Item"), field: "", investigator: ID("p\(number)"),
                organisation: ID("o\(number % 900)"), people: [ID("p\(number + 7_000)")], organisations: [],
                parents: [ID("g\(number % 60)")])
        }
        let experts = (0..<2_800).map { number -> ExpertFacts in
            var facts = ExpertFacts(
                expert: ID("x\(number)"), person: ID("q\(number)"),
                employers: [ID("o\(Int.random(in: 0..<1_500, using: &random))")], parents: [ID("g\(number % 400)")])
            facts.ties = (0..<20).map { _ in
                Tie(.coAuthor, "p\(Int.random(in: 0..<13_000, using: &random))", source: "list")
            }
            return facts
        }
        let start = ContinuousClock.now
        let engine = ConflictEngine(items, on: ConflictEngineTests.day, ConflictEngineTests.windows)
        let count = experts.reduce(0) { $0 + engine.findings(of: $1).count }
        let whole = start.duration(to: .now)
        let again = ContinuousClock.now
        _ = engine.findings(of: experts[0])
        let one = again.duration(to: .now)
        print("6,000 x 2,800: \(count) conflicts in \(whole), one expert in \(one) (debug build)")
        #expect(count > 10_000)
    }
}
