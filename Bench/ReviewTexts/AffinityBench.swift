import Foundation
import Judgement
import JudgementTestSupport

enum AffinityBench {
    static let best = 50

    /// Best experts of each application by text; left for the peer, which has the same pairs of characters because the
    /// texts are letters only.
    static func run(_ folder: String, applications: Int, experts: Int) throws {
        var made = MadeUpTexts(seed: 3)
        var normaliser = Normaliser()
        func texts(_ count: Int, _ length: Int) -> [String] {
            (0..<count).map { _ in normaliser.tokens(made.chineseText(length)).normalised }
        }
        let ours = texts(applications, 250)
        let theirs = texts(experts, 400)
        try write(ours.joined(separator: "\n"), folder, "applications.txt")
        try write(theirs.joined(separator: "\n"), folder, "experts.txt")
        let profiles = ours.map { AffinityProfile(texts: [$0]) }
        let pool = theirs.map { AffinityProfile(texts: [$0]) }
        var answers: [[AffinityCandidate]] = []
        answers.reserveCapacity(applications)
        var (learning, searching) = (0.0, 0.0)
        let total = seconds {
            var learned: (model: AffinityModel, vectors: [AffinityModel.Vector])?
            learning = seconds { learned = AffinityModel.learn(profiles + pool) }
            guard let learned else { return }
            searching = seconds {
                var index = AffinityIndex(Array(learned.vectors[applications...]), of: learned.model)
                for vector in learned.vectors[..<applications] { answers.append(index.best(vector, limit: best)) }
            }
        }
        try write("\(total)", folder, "affinity-seconds")
        let lines = answers.map { list in list.map { "\($0.expert):\($0.millionths)" }.joined(separator: " ") }
        try write(lines.joined(separator: "\n"), folder, "affinity-ours.txt")
        let threads = ProcessInfo.processInfo.activeProcessorCount
        var again: [[AffinityCandidate]] = []
        let whole = wallSeconds {
            let (model, vectors) = AffinityModel.learn(profiles + pool)
            again = AffinityIndex(Array(vectors[applications...]), of: model)
                .best(of: vectors[..<applications], limit: best, threads: threads)
        }
        precondition(again == answers, "several threads found something else")
        try write("\(whole)", folder, "affinity-wall")
        print(
            "affinity of \(applications) × \(experts), best \(best): \(short(total, 2)) s of one processor, of which texts "
                + "to vectors \(short(learning, 2)) and search \(short(searching, 2)); \(short(whole, 2)) s by the clock "
                + "with \(threads) threads in the search; at most \(peakMemory()) MiB")
    }
}
