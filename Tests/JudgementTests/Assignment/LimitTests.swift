import Testing

@testable import Judgement

@Suite("Limits of an assignment")
struct LimitTests {
    private func request(
        _ applications: Int, _ experts: Int, _ pairs: [(application: Int, expert: Int, score: Int64)], demand: [Int],
        load: ClosedRange<Int>
    ) throws -> AssignmentRequest {
        var offsets = [0]
        let sorted = pairs.sorted { ($0.application, $0.expert) < ($1.application, $1.expert) }
        for application in 0..<applications {
            offsets.append(offsets[application] + sorted.count { $0.application == application })
        }
        return AssignmentRequest(
            candidates: try Candidates(
                applications: applications, experts: experts, offsets: offsets, expert: sorted.map { Int32($0.expert) },
                score: sorted.map(\.score)),
            demand: demand, load: Array(repeating: load, count: experts))
    }

    @Test("Forced pairs that alone are too many of an institution are refused, also where no other of it is left")
    func forcedBeyondQuota() throws {
        var request = try request(1, 3, [(0, 0, 1), (0, 1, 1), (0, 2, 1)], demand: [2], load: 0...1)
        request.quotas = Quota.institutions(["university", "university", nil], most: 1)
        request.forced = [Pair(0, 0), Pair(0, 1)]
        #expect(throws: AssignmentError.self) { try Assigner.best(request) }
        request.forced = [Pair(0, 0)]
        #expect(try Assigner.best(request).pairs == [Pair(0, 0), Pair(0, 2)])
    }

    @Test("A wanted expert who comes by a forced pair is not reported as missing")
    func wantedByForce() throws {
        var request = try request(1, 2, [(0, 0, 1), (0, 1, 1)], demand: [2], load: 0...1)
        request.quotas = [Quota("from abroad", experts: [0], scope: .eachApplication, seats: 1...2)]
        request.forced = [Pair(0, 0)]
        let answer = try Assigner.best(request)
        #expect(answer.pairs.count == 2 && answer.shortages.isEmpty)
    }

    /// To fill the seat of application 0, each of the others has to let go of its only expert of three wanted groups.
    @Test("A seat is filled however many minima of nested groups are missed for it")
    func seatsBeforeMinima() throws {
        let others = 25
        var pairs: [(application: Int, expert: Int, score: Int64)] = [(0, 0, 1)]
        var kinds: [[Int]] = [[], []]
        for expert in 0...others { kinds[expert % 2].append(expert) }
        for other in 1...others {
            let own = others + other
            for expert in [other - 1, other, own] { pairs.append((other, expert, 1)) }
            kinds[other % 2].append(own)
        }
        var request = try request(
            others + 1, 2 * others + 1, pairs, demand: [1] + Array(repeating: 2, count: others), load: 0...1)
        for depth in 0..<3 {
            for (kind, members) in kinds.enumerated() {
                request.quotas.append(
                    Quota("\(kind)-\(depth)", experts: members, scope: .eachApplication, seats: 1...9))
            }
        }
        let answer = try Assigner.best(request)
        #expect(answer.pairs.count == 2 * others + 1)
    }
}
