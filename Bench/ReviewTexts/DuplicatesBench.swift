import Foundation
import Judgement
import JudgementTestSupport

enum DuplicatesBench {
    /// All pairs of many texts; the first `shared` of them are left for the peer.
    static func run(_ folder: String, texts: Int, shared: Int) throws {
        var made = MadeUpTexts(seed: 1)
        let corpus = made.corpus(texts, length: 1_850)
        var normaliser = Normaliser()
        var tokens = TokenText()
        var count = 0
        let some = corpus.texts.prefix(20_000)
        let normalising = seconds {
            for text in some {
                normaliser.read(text, into: &tokens)
                count += tokens.count
            }
        }
        print("normaliser: \(short(Double(count) / normalising / 1e6, 0)) million characters a second")
        var sketcher = Sketcher()
        let sketching = seconds { for text in some { _ = sketcher.sketch(text) } }
        print("sketches: \(short(Double(some.count) / sketching, 0)) texts a second, normalised included")

        let small = Array(corpus.texts.prefix(shared))
        try write(small.joined(separator: "\n"), folder, "texts.txt")
        var few: [DuplicatePair] = []
        let part = seconds {
            var finder = DuplicateFinder(small)
            few = finder.run().pairs
        }
        try write(few.map { "\($0.left),\($0.right),\($0.similarity)\n" }.joined(), folder, "pairs-ours.csv")
        try write("\(part)", folder, "pairs-seconds")
        print("\(shared) texts against each other: \(short(part, 2)) s")

        var report: DuplicateFinder.Report?
        let all = seconds {
            var finder = DuplicateFinder(corpus.texts)
            report = finder.run()
        }
        let pairs = report?.pairs ?? []
        print(
            "\(texts) texts against each other: \(short(all, 1)) s (goal 60), \(report?.candidates ?? 0) compared, "
                + "\(pairs.count) pairs, at most \(peakMemory()) MiB, of which the texts \(bytes(corpus.texts) >> 20)")
        let found = Set(pairs.map { [$0.left, $0.right] })
        for share in [0.1, 0.2, 0.35] {
            let copies = corpus.copies.filter { $0.share == share }
            let hits = copies.count { found.contains([$0.original, $0.copy]) }
            print(
                "  \(short(share * 100, 0)) % replaced: recall \(short(Double(hits) / Double(copies.count), 4)) (goal .95)"
            )
        }
    }

    private static func bytes(_ texts: [String]) -> Int { texts.reduce(0) { $0 + $1.utf8.count } }

    /// One text against all. The texts that wait are short, because only their sketches do, of one size for any text.
    static func arrival(texts: Int) {
        var made = MadeUpTexts(seed: 2)
        var sketcher = Sketcher()
        var index = SketchIndex(expected: texts)
        var kept: [(place: Int, text: String)] = []
        let filling = seconds {
            for place in 0..<texts {
                // One in two thousand is of full length and will be copied.
                let isKept = place % 2_000 == 0
                let text = made.chineseText(isKept ? 1_850 : 120)
                if isKept { kept.append((place, text)) }
                index.add(sketcher.sketch(text))
            }
        }
        var times: [Double] = []
        var hits = 0
        for (place, text) in kept {
            let copy = made.edited(text, share: 0.2)
            var isFound = false
            times.append(
                seconds {
                    let candidates = index.candidates(sketcher.sketch(copy))
                    // The original is compared exactly and aligned, as the officer will see it.
                    if candidates.contains(where: { $0.text == place }) {
                        var finder = DuplicateFinder([text, copy])
                        isFound = !finder.run().pairs.isEmpty
                    }
                })
            if isFound { hits += 1 }
        }
        times.sort()
        print(
            "one text against \(texts): median \(short(times[times.count / 2] * 1_000, 2)) ms, longest "
                + "\(short((times.last ?? 0) * 1_000, 2)) ms (goal 50), found \(hits) of \(kept.count) copies with 20 % "
                + "replaced; filled in \(short(filling, 0)) s with making up, at most \(peakMemory()) MiB")
    }

    /// Every published title against each other, where the file is.
    static func titles(_ folder: String) throws {
        let path = "\(folder)/nsfc-awards-2017.csv"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            return print("titles: \(path) is absent, left out")
        }
        let titles = text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            String(line.split(separator: ",", omittingEmptySubsequences: false).dropFirst(2).first ?? "")
        }
        for threshold in [0.9, 0.7, 0.5, 0.3] {
            var report: DuplicateFinder.Report?
            let time = seconds {
                var finder = DuplicateFinder(titles, DuplicateOptions(threshold: threshold))
                report = finder.run()
            }
            let pairs = report?.pairs ?? []
            print(
                "\(titles.count) titles at \(threshold): \(pairs.count) pairs, of them \(pairs.count { $0.similarity == 1 }) "
                    + "equal, \(report?.candidates ?? 0) compared, \(short(time, 2)) s")
        }
    }
}
