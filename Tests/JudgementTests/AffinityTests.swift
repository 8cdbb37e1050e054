import Foundation
import JudgementTestSupport
import Testing

@testable import Judgement

@Suite("Affinity")
struct AffinityTests {
    private func profiles(_ count: Int, _ made: inout MadeUpTexts, _ chance: inout MadeUpChance) -> [AffinityProfile] {
        (0..<count).map { _ in
            AffinityProfile(
                disciplines: ["F0\(Int.random(in: 1...3, using: &chance))0\(Int.random(in: 1...4, using: &chance))"],
                keywords: [made.chineseText(4), made.englishText(2)],
                texts: [made.chineseText(60), made.englishText(10)])
        }
    }

    @Test("Lists of keys are sorted as by comparing, whatever their length and size")
    func keys() {
        var chance = MadeUpChance(seed: 5)
        var sorter = KeySort()
        for round in 0..<600 {
            let shift = UInt64(round % 64)
            let keys = (0..<Int(chance.next() % 400)).map { _ in chance.next() >> shift }
            var sorted = keys
            sorter.sort(&sorted)
            #expect(sorted == keys.sorted(), "round \(round)")
        }
    }

    @Test("Logarithms and roots in whole numbers are those of the mathematics library")
    func fixedPoint() {
        var chance = MadeUpChance(seed: 2)
        for round in 0..<2_000 {
            let value = chance.next() >> UInt64(round % 63) | 1
            let exact = log(Double(value)) * 65_536
            #expect(abs(Double(FixedPoint.logarithm(value)) - exact) <= 2, "\(value)")
            let root = FixedPoint.root(value)
            let next = (root + 1).multipliedReportingOverflow(by: root + 1)
            #expect(root * root <= value && (next.overflow || next.partialValue > value), "\(value)")
        }
        #expect(FixedPoint.logarithm(1) == 0 && FixedPoint.root(.max) == 0xFFFF_FFFF && FixedPoint.root(0) == 0)
    }

    @Test("The best few are those of all products, written out", arguments: 1...5)
    func againstAll(seed: Int) {
        var made = MadeUpTexts(seed: UInt64(seed))
        var chance = MadeUpChance(seed: UInt64(seed))
        let experts = profiles(80, &made, &chance)
        let applications = profiles(10, &made, &chance) + [experts[7], AffinityProfile()]
        var model = AffinityModel(experts + applications)
        let vectors = experts.map { model.vector($0) }
        var index = AffinityIndex(vectors, of: model)
        for application in applications {
            let own = model.vector(application)
            let all = vectors.enumerated().map { expert, vector -> AffinityCandidate in
                let weights = Dictionary(uniqueKeysWithValues: zip(vector.terms, vector.weights))
                let sum = zip(own.terms, own.weights).reduce(UInt32(0)) {
                    $0 + UInt32($1.1) * UInt32(weights[$1.0] ?? 0)
                }
                return AffinityCandidate(expert: expert, millionths: AffinityIndex.millionths(sum))
            }
            let best = index.best(own, limit: 9)
            let expected = all.filter { $0.millionths > 0 }.sorted {
                ($1.millionths, $0.expert) < ($0.millionths, $1.expert)
            }
            #expect(best.map(\.millionths) == expected.prefix(9).map(\.millionths), "seed \(seed)")
            #expect(best.allSatisfy { all[$0.expert] == $0 }, "seed \(seed)")
        }
        let same = index.best(model.vector(experts[7]), limit: 1)
        #expect(same.first?.expert == 7 && abs((same.first?.millionths ?? 0) - 1_000_000) < 2_000, "seed \(seed)")
        #expect(index.best(model.vector(AffinityProfile()), limit: 3).isEmpty)
    }

    @Test("Experts that common terms rule out unseen are none of the best", arguments: 1...3, [1, 20, 700])
    func commonTerms(seed: Int, limit: Int) {
        var made = MadeUpTexts(seed: UInt64(seed) + 70)
        // Some experts stand twice, so that equal sums meet.
        let texts = (0..<300).map { _ in made.chineseText(200) }
        let experts = (texts + texts).map { AffinityProfile(texts: [$0]) }
        let applications = (0..<12).map { _ in AffinityProfile(texts: [made.chineseText(150)]) }
        let (model, vectors) = AffinityModel.learn(experts + applications)
        let pool = Array(vectors.prefix(experts.count))
        var index = AffinityIndex(pool, of: model)
        for own in vectors.dropFirst(experts.count) {
            let weights = Dictionary(uniqueKeysWithValues: zip(own.terms, own.weights))
            let sums = pool.map { vector in
                zip(vector.terms, vector.weights).reduce(UInt32(0)) { $0 + UInt32($1.1) * UInt32(weights[$1.0] ?? 0) }
            }
            let expected = sums.indices.filter { sums[$0] > 0 }.sorted { (sums[$1], $0) < (sums[$0], $1) }
            #expect(index.best(own, limit: limit).map(\.expert) == Array(expected.prefix(limit)), "seed \(seed)")
        }
    }

    @Test("A profile of one common term is weighed whole, whichever side it stands on", arguments: [1, 40])
    func oneTerm(limit: Int) {
        // The term fills its vector: the greatest weight there is, which the table of common terms cannot hold.
        let one = AffinityProfile(keywords: ["图神经网络"])
        var made = MadeUpTexts(seed: 9)
        let mixed = (0..<60).map { _ in AffinityProfile(keywords: ["图神经网络", made.chineseText(3)]) }
        for experts in [mixed, [one] + mixed, mixed + [one]] {
            let (model, vectors) = AffinityModel.learn(experts + [one])
            let pool = Array(vectors.prefix(experts.count))
            var index = AffinityIndex(pool, of: model)
            for own in vectors {
                let sums = pool.map { AffinityTests.product(own, $0) }
                let expected = sums.indices.filter { sums[$0] > 0 }.sorted { (sums[$1], $0) < (sums[$0], $1) }
                let best = index.best(own, limit: limit)
                #expect(best.map(\.expert) == Array(expected.prefix(limit)))
                #expect(best.allSatisfy { $0.millionths == AffinityIndex.millionths(sums[$0.expert]) })
            }
        }
    }

    @Test("Pools beyond one block, several threads and a repeated search give the same", arguments: 1...2)
    func blocksAndThreads(seed: Int) {
        var made = MadeUpTexts(seed: UInt64(seed) + 90)
        let texts = (0..<700).map { _ in made.chineseText(12) }
        let profiles = texts.map { AffinityProfile(texts: [$0]) }
        let (model, few) = AffinityModel.learn(profiles)
        // The same 700 a hundred times over: more than 65,536.
        let pool = (0..<100).flatMap { _ in few }
        let index = AffinityIndex(pool, of: model)
        let asked = few[..<3]
        let answers = index.best(of: asked, limit: 130, threads: 1)
        for threads in [2, 20] { #expect(index.best(of: asked, limit: 130, threads: threads) == answers) }
        for (own, answer) in zip(asked, answers) {
            let sums = few.map { AffinityTests.product(own, $0) }
            let all = pool.indices.filter { sums[$0 % 700] > 0 }.sorted {
                (sums[$1 % 700], $0) < (sums[$0 % 700], $1)
            }
            #expect(answer.map(\.expert) == Array(all.prefix(130)), "seed \(seed)")
        }
        #expect(index.best(of: [], limit: 5, threads: 2).isEmpty)
        var none = AffinityIndex([], of: model)
        #expect(none.best(few[0], limit: 5).isEmpty)
    }

    /// The sum of products, written out.
    private static func product(_ left: AffinityModel.Vector, _ right: AffinityModel.Vector) -> UInt32 {
        let weights = Dictionary(uniqueKeysWithValues: zip(right.terms, right.weights))
        return zip(left.terms, left.weights).reduce(UInt32(0)) { $0 + UInt32($1.1) * UInt32(weights[$1.0] ?? 0) }
    }

    @Test("The order of profiles changes no affinity", arguments: 1...4)
    func order(seed: Int) {
        var made = MadeUpTexts(seed: UInt64(seed) + 40)
        var chance = MadeUpChance(seed: UInt64(seed) + 40)
        let all = profiles(60, &made, &chance)
        let order = all.indices.shuffled(using: &chance)
        func best(_ list: [AffinityProfile], _ names: [Int]) -> [Int: [Int]] {
            var model = AffinityModel(list)
            var index = AffinityIndex(list.map { model.vector($0) }, of: model)
            return Dictionary(
                uniqueKeysWithValues: list.enumerated().map { place, profile in
                    (names[place], index.best(model.vector(profile), limit: 8).map(\.millionths))
                })
        }
        #expect(best(all, Array(all.indices)) == best(order.map { all[$0] }, order), "seed \(seed)")
    }

    @Test("The terms that explain an affinity add up to it, strongest first")
    func explanation() throws {
        let application = AffinityProfile(
            disciplines: ["F0201"], keywords: ["图神经网络"], texts: ["基于图神经网络的分子性质预测 with graph neural networks"])
        let expert = AffinityProfile(
            disciplines: ["F0203"], keywords: ["图神经网络", "推荐系统"], texts: ["Graph neural networks 与推荐系统研究"])
        let other = AffinityProfile(disciplines: ["H1801"], keywords: ["肿瘤免疫"], texts: ["肿瘤微环境中的免疫细胞"])
        var model = AffinityModel([application, expert, other])
        var index = AffinityIndex([expert, other].map { model.vector($0) }, of: model)
        let best = index.best(model.vector(application), limit: 5)
        #expect(best.map(\.expert) == [0])
        let terms = model.explanation(application, expert, limit: 100)
        let sum = terms.reduce(0) { $0 + $1.millionths }
        #expect(abs(sum - (try #require(best.first)).millionths) <= terms.count)
        #expect(terms.map(\.millionths) == terms.map(\.millionths).sorted(by: >))
        let words = Set(terms.map(\.term))
        #expect(words.isSuperset(of: ["图神经网络", "神经", "graph", "neural", "F02"]))
        #expect(!words.contains("F0201") && !words.contains("推荐"))
    }

    @Test("A nearer discipline is a greater affinity")
    func disciplines() {
        let codes = ["F0201", "F0203", "F0601", "H1801"]
        let all = codes.map { AffinityProfile(disciplines: [$0]) }
        var model = AffinityModel(all)
        var index = AffinityIndex(all.map { model.vector($0) }, of: model)
        let best = index.best(model.vector(AffinityProfile(disciplines: ["F0201"])), limit: 4)
        #expect(best.map(\.expert) == [0, 1, 2])
    }

    @Test("Weights are those of scikit-learn's formula")
    func formula() {
        // Two profiles of three hold the first word; the second stands twice.
        let all = ["alpha beta beta", "alpha gamma", "delta"].map { AffinityProfile(texts: [$0]) }
        var model = AffinityModel(all)
        let raw = [log(4.0 / 3) + 1, (1 + log(2)) * (log(4.0 / 2) + 1)]
        let norm = (raw[0] * raw[0] + raw[1] * raw[1]).squareRoot()
        let found = model.vector(all[0]).weights.map { Double($0) / 32_768 }.sorted()
        let expected = raw.map { $0 / norm }.sorted()
        #expect(found.count == 2 && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 }, "\(found) \(expected)")
    }
}
