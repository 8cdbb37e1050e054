/// Seeded draws around the estimates, and what they say about ranks.
struct Posterior {
    /// Applications by estimate, best first; equals by name.
    let order: [Int]
    let draws: Int
    let low: [Int]
    let high: [Int]
    let chances: [Double]?
    let calibratedErrors: [Double]
    let biasErrors: [Double]
    /// Group of each place of `order`, from 1.
    let groups: [Int]

    /// All ranks that are kept, at most: bounds memory and time.
    private static let budget = 20_000_000
    /// Above this chance of being truly behind the best of a group, an application starts the next one.
    private static let separation = 0.95

    init(_ model: ReviewerModel, _ effects: ReviewerModel.Effects, sigma: Double, _ options: CalibrationOptions) {
        let estimates = effects.applications
        let count = estimates.count
        let draws = max(1, options.draws ?? min(2_000, max(64, Posterior.budget / max(1, count))))
        var chance = Gaussians(seed: options.seed)
        var ranks = [Int32](repeating: 0, count: draws * count)
        var calibratedSquares = [Double](repeating: 0, count: count)
        var biasSquares = [Double](repeating: 0, count: effects.reviewers.count)
        for draw in 0..<draws {
            let deviation = model.drawDeviation(&chance)
            for i in 0..<count {
                let error = deviation.mu + deviation.applications[i]
                calibratedSquares[i] += error * error
            }
            for j in biasSquares.indices { biasSquares[j] += deviation.reviewers[j] * deviation.reviewers[j] }
            let values = (0..<count).map { estimates[$0] + sigma * deviation.applications[$0] }
            for (place, i) in Posterior.sorted(values).enumerated() { ranks[draw * count + i] = Int32(place + 1) }
        }
        order = Posterior.sorted(estimates)
        self.draws = draws
        calibratedErrors = calibratedSquares.map { sigma * ($0 / Double(draws)).squareRoot() }
        biasErrors = biasSquares.map { sigma * ($0 / Double(draws)).squareRoot() }
        if sigma == 0 {
            // Without noise nothing is uncertain but what the estimates themselves leave equal.
            (low, high) = Posterior.ties(estimates)
        } else {
            (low, high) = Posterior.intervals(ranks, draws, count, options.confidence)
        }
        chances = options.line.map { line in
            (0..<count).map { i in
                Double((0..<draws).count { ranks[$0 * count + i] <= Int32(clamping: line) }) / Double(draws)
            }
        }
        groups =
            sigma == 0
            ? Posterior.groups(order) { head, i in estimates[head] > estimates[i] ? 1 : 0 }
            : Posterior.groups(order) { head, i in
                Double((0..<draws).count { ranks[$0 * count + head] < ranks[$0 * count + i] }) / Double(draws)
            }
    }

    private static func sorted(_ values: [Double]) -> [Int] {
        values.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
    }

    /// The middle of the drawn ranks of each application, that holds at least the asked share of them.
    private static func intervals(
        _ ranks: [Int32], _ draws: Int, _ count: Int, _ confidence: Double
    ) -> (low: [Int], high: [Int]) {
        let tail = Int((1 - confidence) / 2 * Double(draws))
        var low = [Int](repeating: 1, count: count)
        var high = low
        var own = [Int32](repeating: 0, count: draws)
        for i in 0..<count {
            for draw in 0..<draws { own[draw] = ranks[draw * count + i] }
            own.sort()
            low[i] = Int(own[tail])
            high[i] = Int(own[draws - 1 - tail])
        }
        return (low, high)
    }

    private static func ties(_ estimates: [Double]) -> (low: [Int], high: [Int]) {
        let order = sorted(estimates)
        var low = [Int](repeating: 1, count: estimates.count)
        var high = low
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, estimates[order[end]] == estimates[order[start]] { end += 1 }
            for i in order[start..<end] { (low[i], high[i]) = (start + 1, end) }
            start = end
        }
        return (low, high)
    }

    private static func groups(_ order: [Int], _ chanceBehind: (Int, Int) -> Double) -> [Int] {
        var head = order.first ?? 0
        var group = 1
        return order.map { i in
            if i != head, chanceBehind(head, i) >= separation {
                head = i
                group += 1
            }
            return group
        }
    }
}
