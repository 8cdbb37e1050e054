extension Assigner {
    /// What takes the place of a reviewer who fell out.
    public struct Replacement: Hashable, Sendable {
        /// Pairs that go and come. Without leave to move others, one goes and at most one comes.
        public let removed: [Pair]
        public let added: [Pair]
        /// Change of the total.
        public let gain: Int64
        /// Whether the seat is filled again.
        public var isFilled: Bool { added.count == removed.count }
    }

    /// The best expert with room for a seat that fell empty; every other pair stays as it is.
    /// - Parameters:
    ///   - gone: the pair that ends; it is not chosen again.
    ///   - pairs: all pairs of the assignment, `gone` among them.
    /// - Throws: ``AssignmentError``; ``AssignmentError/forced(_:)`` where `gone` is not among the pairs.
    public static func replacement(
        of gone: Pair, in pairs: [Pair], _ request: AssignmentRequest
    ) throws(AssignmentError) -> Replacement {
        guard pairs.contains(gone) else { throw .forced(gone) }
        let candidates = request.candidates
        var load = [Int](repeating: 0, count: candidates.experts)
        var own = Set<Int>()
        for pair in pairs where pair != gone {
            load[pair.expert] += 1
            if pair.application == gone.application { own.insert(pair.expert) }
        }
        let check = QuotaCheck(request.quotas, pairs.filter { $0 != gone }, gone.application)
        var (best, score, lost) = (-1, Int64.min, Int64(0))
        for index in candidates.offsets[gone.application]..<candidates.offsets[gone.application + 1] {
            let expert = Int(candidates.expert[index])
            if expert == gone.expert { lost = candidates.score[index] }
            guard expert != gone.expert, candidates.score[index] > score,
                load[expert] < request.load[expert].upperBound,
                candidates.score[index] >= request.minimumScore ?? Int64.min, !own.contains(expert),
                check.allows(expert)
            else { continue }
            (best, score) = (expert, candidates.score[index])
        }
        if best < 0 { return Replacement(removed: [gone], added: [], gain: -lost) }
        return Replacement(removed: [gone], added: [Pair(gone.application, best)], gain: score - lost)
    }
}

/// Whether one more seat of an expert keeps all quotas.
private struct QuotaCheck {
    private var full: [Set<Int>] = []

    init(_ quotas: [Quota], _ pairs: [Pair], _ application: Int) {
        for quota in quotas where quota.scope == .together || quota.counts(on: application) {
            let members = Set(quota.experts)
            let held = pairs.count {
                members.contains($0.expert) && (quota.scope == .together || $0.application == application)
            }
            if held >= quota.seats.upperBound { full.append(members) }
        }
    }

    func allows(_ expert: Int) -> Bool { !full.contains { $0.contains(expert) } }
}
