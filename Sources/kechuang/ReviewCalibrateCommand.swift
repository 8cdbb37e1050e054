import ArgumentParser
import Foundation
import Judgement
import Kernel

struct ReviewCalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Takes the habits of reviewers off their scores and says how sure that is.",
        discussion: "The plain mean is always shown beside. Both lambdas, or neither: then they are learned.")
    @Option(help: "CSV with the columns application, reviewer, score.")
    var scores: String
    @Option(help: "Variance of chance over that of applications.")
    var lambdaF: Double?
    @Option(help: "Variance of chance over that of reviewers.")
    var lambdaB: Double?
    @Option(help: "How many applications can be funded: adds the chance of being among them.")
    var line: Int?
    @Option(help: "Seed of the draws behind ranks and chances.")
    var seed: UInt64 = 1
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (lambdaF == nil) == (lambdaB == nil) else {
            throw ValidationError("Give both --lambda-f and --lambda-b, or neither.")
        }
        for lambda in [lambdaF, lambdaB].compactMap({ $0 }) where !(lambda > 0 && lambda < 1e9) {
            throw ValidationError("A lambda is a number above 0 and below 1e9.")
        }
        if let line, line < 1 { throw ValidationError("--line is 1 or more.") }
    }

    func run() async throws {
        try await Failure.catching {
            let rows = try ReviewFiles.rows(scores)
            let table = try ReviewFiles.naming(scores) { () throws(LineProblems) in try ScoreTable.read(rows) }
            var options = CalibrationOptions(line: line, seed: seed)
            if let lambdaF, let lambdaB { options.shrinkage = Shrinkage(applications: lambdaF, reviewers: lambdaB) }
            let result = Calibration(table, options)
            if json { Out.line(ReviewCalibrateCommand.json(result).line) } else { show(result) }
        }
    }

    private func show(_ result: Calibration) {
        func short(_ value: Double) -> String { String(format: "%.3f", value) }
        Out.line("rank\tapplication\traw\tcalibrated\terror\tranks\tgroup\(line == nil ? "" : "\tchance")")
        for one in result.applications {
            let chance = one.chance.map { "\t\(short($0))" } ?? ""
            Out.line(
                "\(one.rank)\t\(one.application)\t\(short(one.raw))\t\(short(one.calibrated))\t\(short(one.error))\t"
                    + "\(one.rankLow)-\(one.rankHigh)\t\(one.group)\(chance)")
        }
        Out.line(
            "mean \(short(result.mu)), lambdas \(short(result.shrinkage.applications)) and "
                + "\(short(result.shrinkage.reviewers)) (\(result.shrinkage.source.rawValue))")
        for warning in result.warnings { Out.line("warning: \(warning.zh) / \(warning.en)") }
    }

    private static func json(_ result: Calibration) -> MeasuredJSON {
        .object([
            ("mu", .number(result.mu)), ("sigma", .number(result.sigma)),
            ("lambdaF", .number(result.shrinkage.applications)), ("lambdaB", .number(result.shrinkage.reviewers)),
            ("lambdaSource", .text(result.shrinkage.source.rawValue)),
            ("exactErrors", .json(.bool(result.hasExactErrors))), ("draws", .whole(result.draws)),
            ("components", .whole(result.components)),
            ("applications", .list(result.applications.map(application))),
            ("reviewers", .list(result.reviewers.map(reviewer))),
            ("warnings", .list(result.warnings.map(warning))),
        ])
    }

    private static func application(_ one: Standing) -> MeasuredJSON {
        .object([
            ("application", .text(one.application)), ("count", .whole(one.count)), ("raw", .number(one.raw)),
            ("calibrated", .number(one.calibrated)), ("error", .number(one.error)), ("rank", .whole(one.rank)),
            ("rankLow", .whole(one.rankLow)), ("rankHigh", .whole(one.rankHigh)), ("rawRank", .whole(one.rawRank)),
            ("chance", .number(orNull: one.chance)), ("group", .whole(one.group)),
            ("spread", .number(one.spread)), ("deviation", .number(orNull: one.deviation)),
            ("disagreement", .number(orNull: one.disagreement)), ("component", .whole(one.component)),
        ])
    }

    private static func reviewer(_ one: ReviewerStanding) -> MeasuredJSON {
        .object([
            ("reviewer", .text(one.reviewer)), ("count", .whole(one.count)), ("raw", .number(one.raw)),
            ("bias", .number(one.bias)), ("error", .number(one.error)), ("component", .whole(one.component)),
        ])
    }

    private static func warning(_ one: ScoreWarning) -> MeasuredJSON {
        .object([
            ("code", .text(one.code)), ("message", .object([("zh", .text(one.zh)), ("en", .text(one.en))])),
        ])
    }
}
