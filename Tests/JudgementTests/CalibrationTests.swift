import Foundation
import JudgementTestSupport
import Testing

@testable import Judgement

@Suite("Calibration")
struct CalibrationTests {
    static func score(_ application: String, _ reviewer: String, _ text: String) throws -> Score {
        Score(application: application, reviewer: reviewer, value: try #require(ExactDecimal(parsing: text)))
    }

    static func round(_ seed: UInt64, applications: Int = 12, reviews: Int = 3, load: Int = 6) -> SimulatedRound {
        var shape = SimulatedRound.Shape()
        shape.applications = applications
        shape.reviews = reviews
        shape.load = load
        return SimulatedRound(shape, seed: seed)
    }

    @Test("The vector of the study: four scores by hand")
    func vector() throws {
        let scores = try [
            Self.score("1", "1", "5"), Self.score("2", "1", "3"), Self.score("2", "2", "5"), Self.score("3", "2", "4"),
        ]
        let result = Calibration(scores, CalibrationOptions(shrinkage: Shrinkage(applications: 1, reviewers: 1)))
        #expect(abs(result.mu - 4.3) < 1e-12)
        let calibrated = Dictionary(uniqueKeysWithValues: result.applications.map { ($0.application, $0.calibrated) })
        for (name, value) in [("1", 4.8), ("2", 4.1), ("3", 4.0)] {
            #expect(abs(try #require(calibrated[name]) - value) < 1e-12)
        }
        #expect(result.reviewers.map(\.reviewer) == ["1", "2"])
        #expect(abs(result.reviewers[0].bias + 0.3) < 1e-12 && abs(result.reviewers[1].bias - 0.3) < 1e-12)
        #expect(result.applications.map(\.rank) == [1, 2, 3] && result.components == 1)
        #expect(result.applications.map(\.raw) == [5, 4, 4] && result.applications.map(\.rawRank) == [1, 2, 2])
    }

    /// The whole equations, written out and inverted by plain elimination.
    private func inverse(_ design: ScoreDesign, _ lambdaF: Double, _ lambdaB: Double) -> [[Double]] {
        let (p, r) = (design.applications.count, design.reviewers.count)
        let size = p + r + 1
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: 2 * size), count: size)
        for i in 0..<p {
            for place in design.applications.range(i) {
                let members = [0, i + 1, p + 1 + design.applications.partners[place]]
                for a in members { for b in members { matrix[a][b] += 1 } }
            }
            matrix[i + 1][i + 1] += lambdaF
        }
        for j in 0..<r { matrix[p + 1 + j][p + 1 + j] += lambdaB }
        for row in 0..<size { matrix[row][size + row] = 1 }
        for pivot in 0..<size {
            let scale = matrix[pivot][pivot]
            for column in 0..<2 * size { matrix[pivot][column] /= scale }
            for row in 0..<size where row != pivot && matrix[row][pivot] != 0 {
                let factor = matrix[row][pivot]
                for column in 0..<2 * size { matrix[row][column] -= factor * matrix[pivot][column] }
            }
        }
        return matrix.map { Array($0[size...]) }
    }

    @Test("Estimates and errors are those of the whole equations, whichever side is eliminated", arguments: 1...12)
    func wholeEquations(seed: Int) throws {
        var chance = MadeUpChance(seed: UInt64(seed))
        let (few, many) = (Int.random(in: 4...9, using: &chance), Int.random(in: 10...16, using: &chance))
        let isWide = seed % 2 == 0
        // Few applications with many reviewers each, or the other way round.
        let round = Self.round(
            UInt64(seed), applications: isWide ? few : many, reviews: isWide ? 5 : 2, load: isWide ? 2 : 4)
        let design = ScoreDesign(round.scores)
        let (lambdaF, lambdaB) = (0.2 + 2 * chance.unit(), 0.2 + 2 * chance.unit())
        let whole = inverse(design, lambdaF, lambdaB)
        let (p, r) = (design.applications.count, design.reviewers.count)
        var right = [Double](repeating: 0, count: p + r + 1)
        for i in 0..<p {
            for place in design.applications.range(i) {
                let y = design.applications.values[place]
                for member in [0, i + 1, p + 1 + design.applications.partners[place]] { right[member] += y }
            }
        }
        let expected = whole.map { row in zip(row, right).reduce(0) { $0 + $1.0 * $1.1 } }
        for limit in [1_500, 0] {
            let model = ReviewerModel(design, lambdaF: lambdaF, lambdaB: lambdaB, exactLimit: limit)
            let found = model.solve()
            let flat = [found.mu] + found.applications + found.reviewers
            for (a, b) in zip(flat, expected) { #expect(abs(a - b) < 1e-9, "seed \(seed) limit \(limit)") }
            guard let variances = model.variances() else {
                #expect(limit == 0)
                continue
            }
            for i in 0..<p {
                let direct = whole[0][0] + 2 * whole[0][i + 1] + whole[i + 1][i + 1]
                #expect(abs(variances.calibrated[i] - direct) < 1e-9, "seed \(seed)")
            }
            for j in 0..<r { #expect(abs(variances.reviewers[j] - whole[p + 1 + j][p + 1 + j]) < 1e-9, "seed \(seed)") }
        }
    }

    @Test("Draws have the covariance of the equations, factored or simulated", arguments: [1_500, 0])
    func drawnErrors(limit: Int) throws {
        let design = ScoreDesign(Self.round(5, applications: 10).scores)
        let exact = try #require(ReviewerModel(design, lambdaF: 0.7, lambdaB: 1.4).variances())
        let model = ReviewerModel(design, lambdaF: 0.7, lambdaB: 1.4, exactLimit: limit)
        var chance = Gaussians(seed: 7)
        let draws = 3_000
        var squares = [Double](repeating: 0, count: 10)
        for _ in 0..<draws {
            let deviation = model.drawDeviation(&chance)
            for i in 0..<10 {
                squares[i] += (deviation.mu + deviation.applications[i]) * (deviation.mu + deviation.applications[i])
            }
        }
        // A variance of so many draws has a standard error of √(2 / draws), 2.6 %; five of them are allowed.
        for i in 0..<10 {
            #expect(abs(squares[i] / Double(draws) / exact.calibrated[i] - 1) < 0.13, "application \(i)")
        }
    }

    @Test("The order of the input leaves no trace, to the last bit", arguments: 1...8)
    func order(seed: Int) {
        let scores = Self.round(UInt64(seed), applications: 20).scores
        var chance = MadeUpChance(seed: UInt64(seed) + 100)
        let options = CalibrationOptions(line: 5, seed: 3, draws: 100)
        let (first, second) = (Calibration(scores, options), Calibration(scores.shuffled(using: &chance), options))
        #expect(first.applications == second.applications && first.reviewers == second.reviewers, "seed \(seed)")
        #expect(first.mu == second.mu && first.shrinkage == second.shrinkage, "seed \(seed)")
    }

    @Test("Moving all marks moves the answers; stretching them stretches the answers", arguments: 1...8)
    func scale(seed: Int) throws {
        let scores = Self.round(UInt64(seed), applications: 20).scores
        let changed = try scores.map { score in
            try Self.score(score.application, score.reviewer, "\(score.value.double * 10 + 100)")
        }
        let options = CalibrationOptions(shrinkage: Shrinkage(applications: 0.5, reviewers: 2), draws: 50)
        let (first, second) = (Calibration(scores, options), Calibration(changed, options))
        for (a, b) in zip(first.applications, second.applications) {
            #expect(a.application == b.application, "seed \(seed)")
            #expect(abs(a.calibrated * 10 + 100 - b.calibrated) < 1e-9 && abs(a.error * 10 - b.error) < 1e-9)
            #expect(a.rankLow == b.rankLow && a.rankHigh == b.rankHigh)
        }
    }

    @Test("A reviewer who is harsh with all costs nobody a rank")
    func harshReviewer() throws {
        // Two reviewers see the same ten applications; the second takes three points off each. A third sees one half.
        var scores: [Score] = []
        for i in 0..<10 {
            scores.append(try Self.score("A\(i)", "kind", "\(i)"))
            if i % 2 == 0 { scores.append(try Self.score("A\(i)", "harsh", "\(i - 3)")) }
        }
        let result = Calibration(scores, CalibrationOptions(shrinkage: Shrinkage(applications: 0.01, reviewers: 0.01)))
        #expect(result.applications.map(\.application) == (0..<10).reversed().map { "A\($0)" })
        #expect(result.applications.map(\.rawRank) != Array(1...10))
        #expect(result.reviewers[0].bias < -1 && result.reviewers[0].reviewer == "harsh")
    }

    @Test("Parts that no review joins are told apart, with a warning")
    func unconnected() throws {
        let scores = try [
            Self.score("a", "x", "5"), Self.score("b", "x", "4"), Self.score("c", "y", "5"), Self.score("d", "y", "3"),
        ]
        let result = Calibration(scores)
        #expect(result.components == 2)
        #expect(result.warnings.map(\.code).contains("scores.unconnected"))
        let parts = Dictionary(uniqueKeysWithValues: result.applications.map { ($0.application, $0.component) })
        #expect(parts == ["a": 1, "b": 1, "c": 2, "d": 2])
        #expect(result.shrinkage == .standard && result.warnings.map(\.code).contains("scores.few"))
        #expect(Calibration(Self.round(1).scores).components == 1)
    }

    @Test("Equal marks leave equal ranks and no error")
    func equalMarks() throws {
        let scores = try (0..<12).map { try Self.score("A\($0 / 3)", "R\($0 % 3)", "4") }
        let result = Calibration(scores, CalibrationOptions(line: 2))
        #expect(result.sigma == 0)
        #expect(
            result.applications.allSatisfy { $0.rankLow == 1 && $0.rankHigh == 4 && $0.group == 1 && $0.error == 0 })
    }
}
