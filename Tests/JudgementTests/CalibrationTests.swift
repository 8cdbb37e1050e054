import Foundation
import JudgementTestSupport
import Testing

@testable import Judgement

@Suite("Calibration")
struct CalibrationTests {
    static func score(_ application: String, _ reviewer: String, _ text: String) throws -> Score {
        Score(application: application, reviewer: reviewer, value: try #require(ExactDecimal(parsing: text)))
    }

    static func vector() throws -> [Score] {
        try [score("1", "1", "5"), score("2", "1", "3"), score("2", "2", "5"), score("3", "2", "4")]
    }

    @Test("The vector of the study: four scores by hand")
    func vector() throws {
        let result = Calibration(
            try Self.vector(), CalibrationOptions(shrinkage: Shrinkage(applications: 1, reviewers: 1)))
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
}
