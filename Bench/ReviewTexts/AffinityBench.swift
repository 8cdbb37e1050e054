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
            var index = AffinityIndex(Array(learned.vectors[applications...]), of: learned.model)
            let vectors = learned.vectors[..<applications]
            searching = seconds { for vector in vectors { answers.append(index.best(vector, limit: best)) } }
        }
        try write("\(total)", folder, "affinity-seconds")
        let lines = answers.map { list in list.map { "\($0.expert):\($0.millionths)" }.joined(separator: " ") }
        try write(lines.joined(separator: "\n"), folder, "affinity-ours.txt")
        print(
            "affinity of \(applications) × \(experts), best \(best): \(short(total, 2)) s, of which texts to vectors "
                + "\(short(learning, 2)) and search \(short(searching, 2)); at most \(peakMemory()) MiB")
    }
}
