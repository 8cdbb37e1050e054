import Foundation
import Judgement
import JudgementTestSupport

enum SimulationBench {
    /// Kendall τ with the truth, of the plain mean and of the calibrated values, over the seeds.
    static func run(seeds: Int) {
        var grades = SimulatedRound.Shape()
        (grades.worth, grades.bias, grades.noise) = (0.6, 0.5, 0.6)
        (grades.scale, grades.step) = (1...4, 1)
        var none = SimulatedRound.Shape()
        none.bias = 0
        var panel = SimulatedRound.Shape()
        (panel.applications, panel.reviews, panel.load) = (60, 5, 20)
        var weak = SimulatedRound.Shape()
        (weak.reviews, weak.load) = (2, 3)
        let shapes: [(String, SimulatedRound.Shape)] = [
            ("300 applications, 3 reviews, load 10, marks 1-10", SimulatedRound.Shape()),
            ("the same, grades 1-4", grades), ("the same, reviewers without habits", none),
            ("60 applications, 5 reviews, load 20", panel), ("2 reviews, load 3: weakly joined", weak),
        ]
        for (name, shape) in shapes {
            var plain: [Double] = []
            var margins: [Double] = []
            var others: [Double] = []
            for seed in 1...seeds {
                let round = SimulatedRound(shape, seed: UInt64(seed))
                let result = Calibration(round.scores, CalibrationOptions(draws: 1))
                let raw = Dictionary(uniqueKeysWithValues: result.applications.map { ($0.application, $0.raw) })
                let calibrated = Dictionary(
                    uniqueKeysWithValues: result.applications.map { ($0.application, $0.calibrated) })
                let (before, after) = (round.agreements(with: raw), round.agreements(with: calibrated))
                plain.append(before.a)
                margins.append(after.a - before.a)
                others.append(after.b - before.b)
            }
            let base = plain.reduce(0, +) / Double(seeds)
            print("\(name): plain τ \(short(base)), calibrated \(margin(margins)); by τ-b \(margin(others))")
        }
    }

    /// The mean with its 95 % interval, and how often something was gained.
    private static func margin(_ gains: [Double]) -> String {
        let mean = gains.reduce(0, +) / Double(gains.count)
        let squares = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let half = 1.96 * (squares / Double(gains.count - 1) / Double(gains.count)).squareRoot()
        return
            "\(mean < 0 ? "" : "+")\(short(mean, 4)) [\(short(mean - half, 4)), \(short(mean + half, 4))], better in "
            + "\(gains.count { $0 > 0 }) of \(gains.count)"
    }
}

enum CalibrationBench {
    static func run(_ folder: String, applications: Int) throws {
        var panel = SimulatedRound.Shape()
        panel.applications = 100
        let small = SimulatedRound(panel, seed: 1).scores
        try write(csv(small), folder, "panel.csv")
        var result = Calibration(small, CalibrationOptions(draws: 1))
        let learning = seconds { result = Calibration(small, CalibrationOptions(draws: 1)) }
        try write(answer(result), folder, "panel-ours.csv")
        let whole = seconds { _ = Calibration(small) }
        print(
            "panel of \(small.count) scores: lambdas learned and effects in \(short(learning * 1_000, 1)) ms, "
                + "with errors, ranks and 2000 draws \(short(whole * 1_000, 1)) ms")
        try write("\(learning)", folder, "panel-seconds")

        var shape = SimulatedRound.Shape()
        (shape.applications, shape.reviews, shape.load) = (applications, 5, 10)
        let large = SimulatedRound(shape, seed: 2).scores
        try write(csv(large), folder, "nation.csv")
        let options = CalibrationOptions(shrinkage: .standard, draws: 1)
        var nation = Calibration([], options)
        let all = seconds { nation = Calibration(large, options) }
        let model = ReviewerModel(ScoreDesign(large), lambdaF: 0.7, lambdaB: 1.4)
        let solving = seconds { _ = model.solve() }
        try write(answer(nation), folder, "nation-ours.csv")
        try write("\(solving)", folder, "nation-seconds")
        print(
            "nation of \(large.count) scores: equations solved in \(short(solving)) s; "
                + "from scores to ranks with one draw \(short(all, 1)) s")
    }

    private static func csv(_ scores: [Score]) -> String {
        "application,reviewer,score\n"
            + scores.map { "\($0.application),\($0.reviewer),\($0.value.double)\n" }.joined()
    }

    private static func answer(_ result: Calibration) -> String {
        "name,value\nmu,\(result.mu)\nlambdaF,\(result.shrinkage.applications)\nlambdaB,\(result.shrinkage.reviewers)\n"
            + result.applications.map { "\($0.application),\($0.calibrated)\n" }.joined()
    }
}
