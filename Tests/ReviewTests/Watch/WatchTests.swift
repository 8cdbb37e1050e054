import Kernel
import Store
import Testing

@testable import Review

@Suite("Watching the judges")
struct WatchTests {
    /// Rounds of a pool in which some misbehave, and who they are.
    struct Planted {
        var facts = WatchFacts()
        var pairs: Set<String> = []
        var circles: Set<String> = []
        var high: Set<String> = []
        var low: Set<String> = []
    }

    static let experts = 60

    /// Two rounds: in each every expert judges about eight items of others, each with eight sheets; every expert also applies
    /// in the round in which he or she does not judge.
    static func planted(
        seed: UInt64, favour: Double, habit: Double, pairs: Int = 4, circles: Int = 2, habits: Int = 4
    ) -> Planted {
        var random = SeededRandom(seed: seed)
        func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) } }
        var made = Planted()
        for number in 0..<experts {
            made.facts.experts[id(number)] = .init(
                expert: id(number), person: ID("person\(number)"), organisation: ID("place\(number)"),
                name: "专家\(number)")
        }
        var friends: Set<[Int]> = []
        for pair in 0..<pairs {
            friends.formUnion([[2 * pair, 2 * pair + 1], [2 * pair + 1, 2 * pair]])
            made.pairs.insert([id(2 * pair), id(2 * pair + 1)].map(\.text).sorted().joined(separator: "|"))
        }
        for circle in 0..<circles {
            let members = (0..<4).map { 20 + 4 * circle + $0 }
            for (place, one) in members.enumerated() { friends.insert([one, members[(place + 1) % 4]]) }
            made.circles.insert(members.map { id($0).text }.sorted().joined(separator: "|"))
        }
        var biases = (0..<experts).map { _ in 3 * normal() }
        for number in 0..<habits {
            biases[40 + number] = habit
            biases[50 + number] = -habit
            made.high.insert(id(40 + number).text)
            made.low.insert(id(50 + number).text)
        }
        for round in 0..<2 {
            var scores: [(sheet: WatchFacts.Sheet, total: Int)] = []
            for owner in 0..<experts {
                let item = ID<CaseFile>("item\(round)-\(owner)")
                made.facts.people[item] = [ID("person\(owner)")]
                // Friends sit on each other's items, the rest is chance.
                var judges = friends.filter { $0[1] == owner }.map { $0[0] }
                while judges.count < 8 {
                    let next = Int.random(in: 0..<experts, using: &random)
                    if next != owner, !judges.contains(next), !friends.contains([owner, next]) { judges.append(next) }
                }
                let worth = 70 + 7 * normal()
                for judge in judges {
                    let extra = friends.contains([judge, owner]) ? favour : 0
                    let total = min(100, max(0, worth + biases[judge] + extra + 5 * normal()))
                    scores.append(
                        (
                            WatchFacts.Sheet(
                                round: ID("round\(round)"), id: ID("sheet\(round)-\(owner)-\(judge)"), item: item,
                                expert: id(judge), favour: nil, comment: ""), Int((total * 1_000).rounded())
                        ))
                }
            }
            made.facts.add(ID("round\(round)"), scores)
        }
        return made
    }

    static func id(_ number: Int) -> ID<Expert> { ID("expert\(number + 100)") }

    private struct Rate {
        var found = 0
        var planted = 0
        var wrong = 0

        mutating func add(_ asked: Set<String>, _ truth: Set<String>) {
            found += asked.intersection(truth).count
            planted += truth.count
            wrong += asked.subtracting(truth).count
        }

        var recall: Double { planted == 0 ? 1 : Double(found) / Double(planted) }
    }

    @Test("Planted favours, circles and habits are found; how often, and how often wrongly, is printed")
    func detection() {
        var rates: [String: Rate] = [:]
        for seed in 1...20 {
            let made = Self.planted(seed: UInt64(seed), favour: 18, habit: 14)
            let asked = Dictionary(grouping: WatchQuestions.all(made.facts), by: \.kind)
            func places(_ kind: String) -> Set<String> { Set((asked[kind] ?? []).map(\.place)) }
            func people(_ kind: String) -> Set<String> {
                Set(places(kind).compactMap { $0.split(separator: "|").last.map(String.init) })
            }
            rates["reciprocal", default: Rate()].add(places("watch.reciprocal"), made.pairs)
            rates["circle", default: Rate()].add(places("watch.circle"), made.circles)
            rates["high", default: Rate()].add(people("watch.high"), made.high)
            rates["low", default: Rate()].add(people("watch.low"), made.low)
        }
        for (name, rate) in rates.sorted(by: { $0.key < $1.key }) {
            print("seeds 1-20 \(name): \(rate.found) of \(rate.planted) found, \(rate.wrong) asked beside them")
        }
        #expect((rates["reciprocal"]?.recall ?? 0) >= 0.9)
        #expect((rates["circle"]?.recall ?? 0) >= 0.7)
        #expect((rates["high"]?.recall ?? 0) >= 0.8 && (rates["low"]?.recall ?? 0) >= 0.8)
    }

    @Test("Where nobody misbehaves next to nothing is asked")
    func innocent() {
        var counts: [String: Int] = [:]
        for seed in 1...20 {
            let made = Self.planted(seed: UInt64(seed), favour: 0, habit: 0, pairs: 0, circles: 0, habits: 0)
            for question in WatchQuestions.all(made.facts) { counts[question.kind, default: 0] += 1 }
        }
        print("seeds 1-20, nobody misbehaves, 60 experts and 960 sheets each: \(counts.sorted { $0.key < $1.key })")
        #expect(counts.values.reduce(0, +) <= 60)
    }

    @Test("A circle needs three and comes round; a chain is none")
    func circles() {
        let a = ID<Expert>("a"), b = ID<Expert>("b"), c = ID<Expert>("c"), d = ID<Expert>("d")
        #expect(CircleFinder([a: [b], b: [c], c: [d]]).groups().isEmpty)
        #expect(CircleFinder([a: [b], b: [a]]).groups().isEmpty)
        #expect(CircleFinder([a: [b], b: [c, d], c: [a], d: []]).groups() == [[a, b, c]])
        #expect(CircleFinder([a: [b], b: [c], c: [d], d: [a]]).groups() == [[a, b, c, d]])
    }

    @Test("An objection that holds sentences of a sheet is asked about; stock phrases are not")
    func leaks() {
        var made = Self.planted(seed: 1, favour: 0, habit: 0)
        let words = "对照组只有两家医院，样本的代表性要说明；第二年的指标偏低，建议按季度给出可检验的数据。"
        made.facts.sheets[3] = WatchFacts.Sheet(
            round: ID("round0"), id: ID("told"), item: ID("item0-0"), expert: Self.id(1), favour: nil, comment: words)
        made.facts.sheets[4] = WatchFacts.Sheet(
            round: ID("round0"), id: ID("dull"), item: ID("item0-0"), expert: Self.id(2), favour: nil,
            comment: "选题新颖，技术路线可行，研究基础扎实，预期成果明确，建议资助。")
        made.facts.outside = [
            .init(id: "objection1", text: "据了解，专家认为样本的代表性要说明；第二年的指标偏低，建议按季度给出可检验的数据，我们不同意。"),
            .init(id: "objection2", text: "该项目选题新颖，技术路线可行，研究基础扎实，预期成果明确，建议资助，不应淘汰。"),
        ]
        let asked = WatchQuestions.leaks(made.facts)
        #expect(asked.map(\.place) == ["told|objection1"])
    }

    @Test("Who accepts, sees and gives up twice is asked about, through the room")
    func leaving() async throws {
        let city = try await ReviewCity.open(experts: 8)
        let (round, _) = try await city.drawn(items: 8, wanted: 2, load: 8)
        let all = try await city.assignments(round)
        let byExpert = Dictionary(grouping: all, by: \.expert).sorted { $0.key.text < $1.key.text }
        let leaver = try #require(byExpert.first { $0.value.count >= 2 })
        let actor = try city.actor(leaver.key)
        for one in leaver.value.prefix(2) {
            try await city.sheets.accept(one.id, by: actor)
            try await city.sheets.decline(one.id, reason: "没有时间", by: actor)
        }
        for _ in 0..<4 {
            for one in try await city.assignments(round) where [.invited, .accepted].contains(one.state) {
                try await city.judge(one, 70)
            }
        }
        try await city.review.close(round.id, by: city.officer) { _, _ in }
        let watch = Watch(db: city.db, clock: city.clock)
        try await watch.tend()
        let asked = try await city.db.read { tx in try Questions.list(QuestionFilter(.watch), limit: 50, tx) }
        #expect(asked.filter { $0.kind == "watch.leaving" }.map(\.place) == ["\(leaver.key)|2"])
        let question = try #require(asked.first { $0.kind == "watch.leaving" })
        let integrity = Actor(account: ID("i"), name: "I", roles: [.officer], division: Watch.division)
        try await watch.look(question.id, .explained, reason: "因病住院", by: integrity)
        for other in [city.officer(in: "planning"), try city.actor(leaver.key)] {
            #expect(!Watch.mayRead(other))
            await #expect(throws: AccessError.self) {
                try await watch.look(question.id, .explained, reason: "x", by: other)
            }
        }
        try await watch.run()
        let after = try await city.db.read { tx in try Questions.find(question.id, tx) }
        #expect(after?.disposition == .explained)
    }
}

extension ReviewCity {
    func officer(in division: String) -> Actor {
        Actor(account: ID("officer"), name: "Officer", roles: [.officer], division: division)
    }
}
