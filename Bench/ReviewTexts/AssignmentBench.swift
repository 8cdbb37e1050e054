import Foundation
import Judgement

enum AssignmentBench {
    /// The best assignment of an instance, with the proof of it: objective, processor seconds, peak memory in MiB and
    /// solver for the script; then what replacing single reviewers costs.
    static func run(_ file: String, replacements: Int) throws {
        let request = try read(file)
        var found: Assignment?
        let solving = try seconds { found = try Assigner.best(request) }
        guard let answer = found else { return }
        print(
            "\(answer.objective) \(short(solving)) \(peakMemory()) \(answer.certificate.solver.rawValue) "
                + "\(answer.certificate.isOptimal ? "proved" : "UNPROVED") \(answer.pairs.count)")
        guard replacements > 0 else { return }
        var times: [Double] = []
        var filled = 0
        for number in 0..<replacements {
            let gone = answer.pairs[number * answer.pairs.count / replacements]
            var one: Assigner.Replacement?
            times.append(try seconds { one = try Assigner.replacement(of: gone, in: answer.pairs, request) })
            if one?.isFilled ?? false { filled += 1 }
        }
        times.sort()
        print(
            "one replacement: median \(short(times[times.count / 2] * 1_000, 1)) ms, longest "
                + "\(short((times.last ?? 0) * 1_000, 1)) ms of \(replacements) (goal 50), \(filled) filled")
    }

    /// The whole file is gone from memory when the request is made.
    private static func read(_ file: String) throws -> AssignmentRequest {
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        let instance = try data.withUnsafeBytes { try InstanceFile($0) }
        return AssignmentRequest(
            candidates: instance.candidates, demand: instance.demand, load: instance.load.map { 0...$0 })
    }
}
