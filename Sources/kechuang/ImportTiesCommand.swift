import ArgumentParser
import Bureau
import Foundation
import Funding
import Kernel
import Review

struct ImportTiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ties", abstract: "Ties of experts to people and organisations, from which conflicts follow.")

    @Argument(help: "The CSV or XLSX file; the page of ties has a template.")
    var file: String
    @OptionGroup var place: HousePlace
    @Flag(help: "Say what would happen and write nothing.")
    var dryRun = false
    @Option(help: "Write what became of each line to this CSV file.")
    var report: String?
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Failure.catching {
            let bytes = try ImportFiles.bytes(file)
            if let report { try ImportFiles.tryReport(report) }
            let services = try await place.openOrMake()
            let result = try await PlainProblem.naming(file) {
                try await services.funding.review.actions.importTies(
                    bytes, name: URL(fileURLWithPath: file).lastPathComponent, isDry: dryRun, by: .system)
            }
            if let report { try ImportFiles.write(result, to: report) }
            show(result)
            if result.count(.refused) > 0 { throw ExitCode(1) }
        }
    }

    private func show(_ result: TieImport) {
        let counts = ImportOutcome.allCases.map { ($0.rawValue, result.count($0)) }
        if json {
            var members: [String: JSONValue] = [
                "lines": .integer(Int64(result.lines.count)), "written": .bool(result.isWritten),
                "recused": .integer(Int64(result.recused)),
            ]
            for (name, count) in counts { members[name] = .integer(Int64(count)) }
            return Out.json(.object(members))
        }
        Out.line("\(counted(result.lines.count, "line")): \(counts.map { "\($0.1) \($0.0)" }.joined(separator: ", "))")
        for line in result.lines.filter({ $0.outcome == .refused }).prefix(20) {
            let words = Bilingual(
                line.problems.map(\.message.zh).joined(separator: "；"),
                line.problems.map(\.message.en).joined(separator: "; "))
            Out.line("line \(line.number) \(line.expert): \(words.inOneLine)")
        }
        if dryRun {
            Out.line("A dry run: nothing was written.")
        } else if result.isWritten {
            Out.line("\(counted(result.recused, "open review was", "open reviews were")) taken away.")
        } else if result.count(.refused) > 0 {
            Out.line(Bilingual("没有写入任何内容：请改正以上各行。", "Nothing was written: mend these lines.").inOneLine)
        }
    }
}
