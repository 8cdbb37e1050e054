import Foundation
import JudgementTestSupport
import Testing

@testable import Judgement

@Suite("Simulated rounds")
struct SimulatedRoundTests {
    private static let seeds = 1...40

    /// The mean of calibrated less plain Kendall τ over the seeds, and its standard error.
    private func margin(_ shape: SimulatedRound.Shape) -> (mean: Double, error: Double) {
        let margins = Self.seeds.map { seed -> Double in
            let round = SimulatedRound(shape, seed: UInt64(seed))
            let result = Calibration(round.scores, CalibrationOptions(draws: 1))
            let calibrated = Dictionary(
                uniqueKeysWithValues: result.applications.map { ($0.application, $0.calibrated) })
            let raw = Dictionary(uniqueKeysWithValues: result.applications.map { ($0.application, $0.raw) })
            return round.agreement(with: calibrated) - round.agreement(with: raw)
        }
        let mean = margins.reduce(0, +) / Double(margins.count)
        let squares = margins.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(margins.count - 1) / Double(margins.count)).squareRoot())
    }

    @Test("Where reviewers differ, the calibrated ranking is nearer to the truth than the mean")
    func beatsTheMean() {
        var shape = SimulatedRound.Shape()
        shape.applications = 60
        let margin = margin(shape)
        print("seeds \(Self.seeds): calibrated τ less plain τ \(margin.mean) ± \(margin.error)")
        #expect(margin.mean - 3 * margin.error > 0.01)
    }

    @Test("Where reviewers do not differ, it costs next to nothing")
    func noBias() {
        var shape = SimulatedRound.Shape()
        shape.applications = 60
        shape.bias = 0
        let margin = margin(shape)
        print("seeds \(Self.seeds), no bias: calibrated τ less plain τ \(margin.mean) ± \(margin.error)")
        #expect(margin.mean > -0.02)
    }

    @Test("True ranks lie in their intervals about as often as promised")
    func coverage() {
        var shape = SimulatedRound.Shape()
        shape.applications = 40
        shape.scale = -100...100
        shape.step = 0.01
        var (inside, all) = (0, 0)
        for seed in 1...15 {
            let round = SimulatedRound(shape, seed: UInt64(seed))
            let result = Calibration(round.scores, CalibrationOptions(seed: UInt64(seed), draws: 300, confidence: 0.9))
            let order = round.truth.sorted { $0.value > $1.value }.map(\.key)
            let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0 + 1) })
            for one in result.applications {
                all += 1
                if let truth = rank[one.application], (one.rankLow...one.rankHigh).contains(truth) { inside += 1 }
                #expect(one.rankLow <= one.rankHigh)
            }
        }
        let share = Double(inside) / Double(all)
        print("true ranks inside 90 % intervals: \(share) of \(all)")
        // Ranks of one round hang together, so the share moves more than that of so many coins.
        #expect(share > 0.85 && share < 0.96)
    }

    @Test("The likelihood has its peak where the search ends", arguments: 1...5)
    func peak(seed: Int) {
        var shape = SimulatedRound.Shape()
        shape.applications = 30
        let design = ScoreDesign(SimulatedRound(shape, seed: UInt64(seed)).scores)
        let found = Shrinkage.learned(from: design)
        #expect(found.source == .reml)
        let least = Shrinkage.deviance(design, found.applications, found.reviewers)
        for (f, b) in [(1.05, 1.0), (0.95, 1.0), (1.0, 1.05), (1.0, 0.95), (2.0, 2.0), (0.5, 0.5)] {
            let other = Shrinkage.deviance(design, found.applications * f, found.reviewers * b)
            #expect(other >= least - 1e-9, "seed \(seed)")
        }
    }

    @Test("Moments and likelihood agree where scores are many")
    func moments() {
        var shape = SimulatedRound.Shape()
        shape.applications = 400
        shape.reviews = 4
        shape.load = 40
        shape.scale = -100...100
        shape.step = 0.01
        let design = ScoreDesign(SimulatedRound(shape, seed: 11).scores)
        let (a, b) = (Shrinkage.learned(from: design), Shrinkage.moments(design))
        // Truth: 0.64 and 1.
        #expect(abs(a.applications / 0.64 - 1) < 0.25 && abs(b.applications / 0.64 - 1) < 0.25)
        #expect(abs(b.reviewers / a.reviewers - 1) < 0.25)
    }

    @Test(
        "Variances and effects agree with statsmodels (REML, crossed effects)",
        .enabled("KECHUANG_TEST_PYTHON with statsmodels is wanted") { Outside.hasPython("statsmodels", "pandas") })
    func statsmodels() throws {
        let program = """
            import re, sys, warnings
            import pandas as pd
            import statsmodels.formula.api as smf
            warnings.filterwarnings("ignore")
            d = pd.read_csv(sys.argv[1])
            d["one"] = 1
            parts = {"application": "0 + C(application)", "reviewer": "0 + C(reviewer)"}
            m = smf.mixedlm("score ~ 1", d, groups="one", vc_formula=parts)
            f = m.fit(reml=True, method=["powell", "lbfgs"])
            names = list(m.exog_vc.names)
            v = dict(zip(names, f.vcomp))
            print("lambda", f.scale / v["application"], f.scale / v["reviewer"], f.scale, f.fe_params.iloc[0])
            for k, e in f.random_effects[1].items():
                print(re.search(r"C.\\w+..(.*?)\\]", k)[1], e)
            """
        var shape = SimulatedRound.Shape()
        shape.applications = 24
        shape.load = 9
        let scores = SimulatedRound(shape, seed: 4).scores
        let rows = scores.map { "\($0.application),\($0.reviewer),\($0.value.double)" }.joined(separator: "\n")
        let answer = try #require(try Outside.python(program, input: "application,reviewer,score\n\(rows)\n"))
        let lines = answer.split(separator: "\n").map { $0.split(separator: " ") }
        let numbers = try #require(lines.first).dropFirst().compactMap { Double($0) }
        try #require(numbers.count == 4)
        let result = Calibration(scores, CalibrationOptions(draws: 1))
        print("lambdas: ours \(result.shrinkage.applications) \(result.shrinkage.reviewers), theirs \(numbers)")
        // Their optimiser stops at a flatter place than ours; ours must not be less likely than theirs.
        let design = ScoreDesign(scores)
        let ours = Shrinkage.deviance(design, result.shrinkage.applications, result.shrinkage.reviewers)
        #expect(ours <= Shrinkage.deviance(design, numbers[0], numbers[1]) + 1e-9)
        #expect(abs(result.shrinkage.applications / numbers[0] - 1) < 0.02)
        #expect(abs(result.shrinkage.reviewers / numbers[1] - 1) < 0.02)
        // With their lambdas the effects are the same numbers.
        let same = Calibration(
            scores, CalibrationOptions(shrinkage: Shrinkage(applications: numbers[0], reviewers: numbers[1]), draws: 1))
        #expect(abs(same.sigma * same.sigma / numbers[2] - 1) < 1e-4 && abs(same.mu - numbers[3]) < 1e-6)
        var effects: [String: Double] = [:]
        for one in same.applications { effects[one.application] = one.calibrated - same.mu }
        for one in same.reviewers { effects[one.reviewer] = one.bias }
        try #require(lines.count == effects.count + 1)
        for line in lines.dropFirst() {
            let (ours, theirs) = (try #require(effects[String(line[0])]), try #require(Double(line[1])))
            #expect(abs(ours - theirs) < 1e-5, "\(line[0])")
        }
    }
}
