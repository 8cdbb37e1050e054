import Testing

@testable import Judgement

@Suite("Fair mode")
struct FairTests {
    @Test("Fair mode fills every seat, keeps the least loads, and passes none of its bounds")
    func laws() throws {
        var lifted = 0
        for seed in UInt64(1)...600 {
            var request = try SmallInstance(seed: seed, quotas: true).request
            request.quotas = []
            let best = try Assigner.best(request)
            let fair = try Assigner.fair(request, perMille: 300)
            let answer = fair.assignment
            #expect(request.broken(answer.pairs).isEmpty && answer.pairs.count == best.pairs.count, "seed \(seed)")
            #expect(fair.bestTotal == best.objective && answer.objective <= fair.totalBound, "seed \(seed)")
            #expect(answer.worst <= fair.worstBound && answer.worst >= best.worst, "seed \(seed)")
            guard best.shortages.isEmpty else { continue }
            for (expert, load) in request.load.enumerated() {
                let held = answer.pairs.count { $0.expert == expert }
                #expect(load.contains(held), "seed \(seed), expert \(expert) holds \(held)")
            }
            #expect(answer.objective <= best.objective && fair.totalBound <= best.objective, "seed \(seed)")
            if answer.worst > best.worst { lifted += 1 }
        }
        print("fair mode lifted the worst-off of \(lifted) small requests")
        #expect(lifted >= 5)
    }

    @Test("Where all want the same expert the bound on the worst-off is their share, not what each could get alone")
    func sharedExpert() throws {
        // Either may have 9 alone, but there is one such expert: together they hold 12, so one has at most 6.
        let request = AssignmentRequest(
            candidates: try Candidates(
                applications: 2, experts: 2, offsets: [0, 2, 4], expert: [0, 1, 0, 1], score: [9, 3, 9, 3]),
            demand: [1, 1], load: [0...1, 0...1])
        let fair = try Assigner.fair(request)
        #expect(fair.worstBound == 6 && fair.assignment.worst == 3 && fair.totalBound == 12)
    }

    @Test("Where seats stay empty the bound on the worst-off counts that scores below zero may be left out")
    func shortBound() throws {
        // The first has two seats, but its second expert is worth more to the other application: it keeps its 5.
        let request = AssignmentRequest(
            candidates: try Candidates(
                applications: 2, experts: 2, offsets: [0, 2, 3], expert: [0, 1, 1], score: [5, -3, 7]),
            demand: [2, 1], load: [0...1, 0...1])
        let fair = try Assigner.fair(request)
        #expect(fair.assignment.pairs == [Pair(0, 0), Pair(1, 1)])
        #expect(fair.assignment.worst == 5 && fair.worstBound == 5)
    }

    @Test("Scores too fine to be weighed are refused")
    func tooFine() throws {
        let large = Int64(1) << 53
        let request = AssignmentRequest(
            candidates: try Candidates(
                applications: 2, experts: 2, offsets: [0, 2, 4], expert: [0, 1, 0, 1], score: [large, 0, large, 0]),
            demand: [1, 1], load: [0...1, 0...1])
        #expect(try Assigner.best(request).objective == large)
        #expect(throws: AssignmentError.tooFine) { try Assigner.fair(request) }
    }
}
