import Testing

@testable import Judgement

/// The engine beside solvers that share nothing with its own.
@Suite("Assignment beside outside solvers", .enabled(if: Outside.hasPython("ortools")))
struct OutsideOracleTests {
    static let seeds: ClosedRange<UInt64> = 1...300
    /// What numbers of a linear program may be off by. Two answers differ by an eighth of a unit of scores or more.
    static let tolerance = 0.01

    /// An instance with our fair answer, which is nil where forced pairs break a limit, and the answers from outside.
    struct Compared: Sendable {
        let instance: LimitedInstance
        let request: AssignmentRequest
        let fair: FairAssignment?
        let outside: AssignmentOracle.Answer

        static func all() throws -> [Compared] {
            var instances: [LimitedInstance] = []
            var fair: [FairAssignment?] = []
            for seed in OutsideOracleTests.seeds {
                var instance = LimitedInstance(seed: seed)
                let own = try Compared.fair(try instance.request(), perMille: instance.perMille)
                if let own { instance.reached = own.assignment.worst }
                instances.append(instance)
                fair.append(own)
            }
            let answers = try AssignmentOracle.answers(instances)
            try #require(answers.map(\.seed) == Array(OutsideOracleTests.seeds))
            print("assignment beside SCIP and GLOP: seeds \(OutsideOracleTests.seeds)")
            return try instances.indices.map { place in
                Compared(
                    instance: instances[place], request: try instances[place].request(), fair: fair[place],
                    outside: answers[place])
            }
        }

        private static func fair(
            _ request: AssignmentRequest, perMille: Int
        ) throws(AssignmentError) -> FairAssignment? {
            do throws(AssignmentError) {
                return try Assigner.fair(request, perMille: perMille)
            } catch {
                guard case .forced = error else { throw error }
                return nil
            }
        }
    }

    /// One run for all tests.
    static let compared: Result<[Compared], any Error> = Result { try Compared.all() }

    /// Empty seats and missed minima as the answer tells them.
    private func told(_ shortages: [Shortage]) -> (seats: Int, minima: [Shortage.Kind: Int]) {
        var seats = 0
        var minima: [Shortage.Kind: Int] = [:]
        for shortage in shortages {
            if case .seats = shortage.kind {
                seats += shortage.missing
            } else {
                minima[shortage.kind, default: 0] += shortage.missing
            }
        }
        return (seats, minima)
    }

    @Test("Under every kind of limit an integer program has as many seats, missed minima and the same total")
    func best() throws {
        var counts = (possible: 0, short: 0, missed: 0)
        for one in try Self.compared.get() {
            let seed = one.instance.seed
            // Forced pairs are refused exactly where the program has no answer.
            #expect((one.fair == nil) == (one.outside.whole == nil), "seed \(seed)")
            guard one.fair != nil, let whole = one.outside.whole else { continue }
            let answer = try Assigner.best(one.request)
            let missed = one.instance.missed(answer.pairs)
            let ours = [answer.pairs.count, missed.values.reduce(0, +), Int(answer.objective)]
            #expect(ours == whole, "seed \(seed)")
            #expect(answer.certificate.isOptimal && one.request.broken(answer.pairs).isEmpty, "seed \(seed)")
            let (seats, minima) = told(answer.shortages)
            let empty = one.instance.demand.reduce(0, +) - answer.pairs.count
            #expect(seats == empty && minima == missed, "seed \(seed)")
            counts.possible += 1
            if empty > 0 { counts.short += 1 }
            if !missed.isEmpty { counts.missed += 1 }
        }
        print("equal to integer programs: \(counts)")
        #expect(counts.possible > 200 && counts.short > 50 && counts.missed > 100)
    }

    @Test("Capped and perturbed probabilities reach the optimum of a linear program under every kind of limit")
    func probabilities() throws {
        var counts = (capped: 0, perturbed: 0)
        for one in try Self.compared.get() {
            let seed = one.instance.seed
            guard one.fair != nil, let parts = one.outside.parts else { continue }
            let cap = try ProbabilityCap(one.instance.cap, of: 8)
            let marginals = try Assigner.marginals(one.request, cap: cap)
            let forced = Set(one.request.forced)
            #expect(
                marginals.items.allSatisfy { forced.contains($0.pair) ? $0.units == 8 : $0.units <= cap.units },
                "seed \(seed)")
            let seats = marginals.items.reduce(0) { $0 + Int($1.units) }
            let missed = told(marginals.shortages).minima.values.reduce(0, +)
            let ours = [Double(seats), Double(missed), Double(marginals.expected)].map { $0 / 8 }
            #expect(
                ours.count == parts.count && zip(ours, parts).allSatisfy { abs($0 - $1) < Self.tolerance },
                "seed \(seed): \(ours), \(parts)")
            counts.capped += 1
            guard let perturbed = one.outside.perturbed else { continue }
            let spread = try Assigner.perturbed(one.request, cap: cap, percent: one.instance.percent)
            let own = worth(spread, one.instance, except: forced)
            #expect(abs(own - perturbed) < Self.tolerance, "seed \(seed): \(own), \(perturbed)")
            counts.perturbed += 1
        }
        print("equal to linear programs: \(counts)")
        #expect(counts.capped > 200 && counts.perturbed > 100)
    }

    /// What probabilities are worth where each eighth of the cap that a pair gets counts less than the one before.
    private func worth(_ marginals: Marginals, _ instance: LimitedInstance, except forced: Set<Pair>) -> Double {
        var sum = 0.0
        for item in marginals.items where !forced.contains(item.pair) {
            var rest = Int(item.units)
            for piece in 0..<8 {
                let units = min(rest, instance.cap * Int(marginals.parts) / 64)
                rest -= units
                let share = 1 - Double(instance.percent) / 100 * (Double(piece) + 0.5) / 8
                sum += Double(units) / Double(marginals.parts) * Double(item.score) * share
            }
        }
        return sum
    }

    @Test("Fair mode keeps limits and price, reaches what an integer program reaches, and its bounds hold")
    func fair() throws {
        var counts = (asked: 0, lifted: 0, worst: 0, total: 0, bound: 0)
        for one in try Self.compared.get() {
            let seed = one.instance.seed
            guard let fair = one.fair, let whole = one.outside.whole, let outside = one.outside.fair else { continue }
            let answer = fair.assignment
            let missed = one.instance.missed(answer.pairs).values.reduce(0, +)
            #expect(one.request.broken(answer.pairs).isEmpty, "seed \(seed)")
            #expect([answer.pairs.count, missed, Int(fair.bestTotal)] == whole, "seed \(seed)")
            // What whole seats give is whole, so that the linear program's bound counts rounded down.
            let relaxed = Int64((outside.worstRelaxed + Self.tolerance / 10).rounded(.down))
            #expect(fair.worstBound >= relaxed && fair.worstBound >= outside.worst, "seed \(seed)")
            guard answer.shortages.isEmpty else { continue }
            let total = try #require(outside.total, "seed \(seed): the price is passed")
            #expect(answer.worst <= outside.pricedWorst, "seed \(seed)")
            #expect(answer.objective <= total && total <= fair.totalBound, "seed \(seed)")
            let plain = try Assigner.best(one.request)
            counts.asked += 1
            if answer.worst > plain.worst { counts.lifted += 1 }
            if answer.worst == outside.pricedWorst { counts.worst += 1 }
            if answer.objective == total { counts.total += 1 }
            if fair.worstBound == relaxed { counts.bound += 1 }
        }
        print("fair mode beside integer and linear programs: \(counts)")
        #expect(counts.asked > 70 && counts.lifted >= 5)
        for reached in [counts.worst, counts.total, counts.bound] { #expect(reached * 10 >= counts.asked * 9) }
    }

    @Test(
        "On the published sets GLOP has the same best total, bounds of fair mode, and totals under a cap",
        .enabled(if: PublishedTests.folder != nil), arguments: PublishedTests.cases)
    func published(one: PublishedTests.Case) throws {
        let (table, request) = try PublishedTests.request(one.file, load: one.load)
        func decimal(_ units: Int128) -> Double { Double(table.scale.text(units)) ?? .nan }
        let (best, fair) = (try Assigner.best(request), try Assigner.fair(request))
        let worst = Int128(fair.assignment.worst)
        // Caps take GLOP long on the larger set.
        let caps = request.candidates.count < 10_000 ? one.ratios.map(\.units) : []
        let folder = try #require(PublishedTests.folder)
        let outside = try AssignmentOracle.optima(
            AssignmentOracle.Question(
                file: "\(folder)/\(one.file)", seats: 3, load: one.load,
                floors: [decimal(worst), decimal(worst + 1)], caps: caps))
        try #require(outside.floors.count == 2 && outside.caps.count == caps.count)
        let slack = 1e-6
        #expect(abs(outside.total - decimal(Int128(best.objective))) < slack)
        #expect(abs(outside.worst - decimal(Int128(fair.worstBound))) < slack)
        #expect(abs((outside.floors[0] ?? .nan) - decimal(Int128(fair.totalBound))) < slack)
        #expect(fair.assignment.objective == fair.totalBound)
        // One unit more for the worst-off costs more than may be given up, or cannot be had.
        #expect((outside.floors[1] ?? 0) < outside.total * 0.99)
        for (units, total) in zip(caps, outside.caps) {
            let marginals = try Assigner.marginals(request, cap: ProbabilityCap(units, of: 1024))
            #expect(abs(total - decimal(marginals.expected) / 1024) < slack, "\(units)/1024")
        }
    }
}
