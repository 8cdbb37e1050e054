import ArgumentParser
import Foundation
import Judgement
import Kernel

struct ReviewDuplicatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duplicates",
        abstract: "Finds texts that have much in common, and pasted passages, in Chinese and English.")
    @Option(help: "Lines id<TAB>text, UTF-8.")
    var texts: String
    @Option(help: "Least similarity of a pair, above 0 and at most 1; a long common passage makes a pair below it.")
    var threshold = 0.2
    @Option(help: "Length of such a passage: characters, or words of languages that part words.")
    var passage = 40
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard threshold > 0, threshold <= 1 else { throw ValidationError("--threshold lies above 0 and at most at 1.") }
        guard (20...10_000).contains(passage) else { throw ValidationError("--passage lies between 20 and 10000.") }
    }

    func run() async throws {
        try await Failure.catching {
            let bytes = try ReviewFiles.bytes(texts)
            let table = try ReviewFiles.naming(texts) { () throws(LineProblems) in try TextTable(bytes) }
            var finder = DuplicateFinder(table.texts, DuplicateOptions(threshold: threshold, pasted: passage))
            let report = finder.run()
            if json { Out.line(ReviewDuplicatesCommand.json(report, table).line) } else { show(report, table) }
        }
    }

    private func show(_ report: DuplicateFinder.Report, _ table: TextTable) {
        for pair in report.pairs {
            Out.line(
                "\(table.names[pair.left])\t\(table.names[pair.right])\t\(String(format: "%.3f", pair.similarity))\t"
                    + "\(counted(pair.passages.count, "passage")), longest \(pair.passages.map(\.tokens).max() ?? 0)")
        }
        Out.line("\(counted(table.texts.count, "text")), \(counted(report.pairs.count, "pair"))")
        if !report.empty.isEmpty {
            Out.line(
                "\(counted(report.empty.count, "text without letters or digits was", "texts without letters or digits were")) left out"
            )
        }
    }

    private static func json(_ report: DuplicateFinder.Report, _ table: TextTable) -> MeasuredJSON {
        .object([
            ("texts", .whole(table.texts.count)), ("candidates", .whole(report.candidates)),
            ("pairs", .list(report.pairs.map { json($0, table) })),
            ("empty", .list(report.empty.map { .text(table.names[$0]) })),
            ("largeGroups", .whole(report.largeGroups)),
        ])
    }

    private static func json(_ pair: DuplicatePair, _ table: TextTable) -> MeasuredJSON {
        let left = Array(table.texts[pair.left].unicodeScalars)
        let right = Array(table.texts[pair.right].unicodeScalars)
        func side(_ scalars: [Unicode.Scalar], _ range: Range<Int>) -> MeasuredJSON {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[range])
            return .object([
                ("start", .whole(range.lowerBound)), ("end", .whole(range.upperBound)), ("text", .text(String(view))),
            ])
        }
        return .object([
            ("left", .text(table.names[pair.left])), ("right", .text(table.names[pair.right])),
            ("similarity", .number(pair.similarity)), ("containment", .number(pair.containment)),
            ("shared", .whole(pair.shared)), ("union", .whole(pair.union)),
            (
                "passages",
                .list(
                    pair.passages.map { passage in
                        .object([
                            ("tokens", .whole(passage.tokens)), ("left", side(left, passage.left)),
                            ("right", side(right, passage.right)),
                        ])
                    })
            ),
        ])
    }
}
