import CLemon

@testable import Judgement

/// A random small request, the same for the same seed.
struct SmallInstance {
    var request: AssignmentRequest

    init(seed: UInt64, quotas: Bool = false) throws {
        var chance = Chance(seed: seed)
        let applications = 2 + Int(chance.below(5))
        let experts = 2 + Int(chance.below(5))
        var (offsets, expert, score) = ([0], [Int32](), [Int64]())
        for _ in 0..<applications {
            for number in 0..<experts where chance.below(4) > 0 {
                expert.append(Int32(number))
                score.append(Int64(chance.below(8)) - 1)
            }
            offsets.append(expert.count)
        }
        request = AssignmentRequest(
            candidates: try Candidates(
                applications: applications, experts: experts, offsets: offsets, expert: expert, score: score),
            demand: (0..<applications).map { _ in Int(chance.below(4)) },
            load: (0..<experts).map { _ in 0...Int(chance.below(4)) })
        guard quotas else { return }
        for expert in 0..<experts where chance.below(3) == 0 {
            request.load[expert] = min(1, request.load[expert].upperBound)...request.load[expert].upperBound
        }
        let half = Array(0..<(experts / 2))
        request.quotas = [
            Quota("first half", experts: half, scope: .eachApplication, seats: 0...1),
            Quota("wanted", experts: [experts - 1], scope: .eachApplication, seats: Int(chance.below(2))...3),
            Quota("all of it", experts: half, scope: .together, seats: Int(chance.below(2))...Int(2 + chance.below(4))),
        ]
    }

    /// The best assignment by trying everything: as many seats as possible first, then as much score.
    func bestByTrying() -> (seats: Int, score: Int64) {
        let candidates = request.candidates
        var room = request.load.map(\.upperBound)
        var known: [[Int]: (Int, Int64)] = [:]
        func from(_ application: Int) -> (Int, Int64) {
            if application == candidates.applications { return (0, 0) }
            let key = [application] + room
            if let best = known[key] { return best }
            let best = take(application, candidates.offsets[application], request.demand[application])
            known[key] = best
            return best
        }
        func take(_ application: Int, _ index: Int, _ left: Int) -> (Int, Int64) {
            if index == candidates.offsets[application + 1] || left == 0 { return from(application + 1) }
            var best = take(application, index + 1, left)
            let expert = Int(candidates.expert[index])
            if room[expert] > 0 {
                room[expert] -= 1
                let with = take(application, index + 1, left - 1)
                room[expert] += 1
                let other = (with.0 + 1, with.1 + candidates.score[index])
                if other > best { best = other }
            }
            return best
        }
        let best = from(0)
        return (best.0, best.1)
    }

    /// What LEMON's algorithm makes of the same network: cost with empty seats and missed minima at their penalties.
    func cost(_ method: kechuang_lemon_method) throws -> Int128 {
        try QuotaNetwork(request, .plain).network.solve(method).cost
    }

    /// What is broken in an answer, in words; empty where all bounds hold.
    func broken(_ pairs: [Pair]) -> [String] { request.broken(pairs) }
}

extension AssignmentRequest {
    /// What is broken in an answer, in words; empty where all bounds hold. Minima may be missed.
    func broken(_ pairs: [Pair]) -> [String] {
        var found: [String] = []
        if Set(pairs).count != pairs.count { found.append("a pair comes twice") }
        for pair in forced where !pairs.contains(pair) { found.append("forced \(pair) is not there") }
        for pair in pairs {
            guard let score = candidates.score(pair) else {
                found.append("forbidden \(pair)")
                continue
            }
            if let minimumScore, score < minimumScore, !forced.contains(pair) { found.append("\(pair) scores less") }
        }
        for application in demand.indices {
            let own = pairs.filter { $0.application == application }
            if own.count > demand[application] { found.append("application \(application) has too many") }
            for quota in quotas where quota.scope == .eachApplication {
                let held = own.count { quota.experts.contains($0.expert) }
                if held > quota.seats.upperBound { found.append("\(quota.name) on \(application)") }
            }
        }
        for expert in load.indices {
            let held = pairs.count { $0.expert == expert }
            if held > load[expert].upperBound { found.append("expert \(expert) has too many") }
        }
        for quota in quotas where quota.scope == .together {
            let held = pairs.count { quota.experts.contains($0.expert) }
            if held > quota.seats.upperBound { found.append(quota.name) }
        }
        return found
    }
}
