import ArgumentParser
import Bureau
import Foundation
import Funding
import Kernel

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes in what others published or wrote down.",
        subcommands: [Awards.self, Calls.self, ImportTiesCommand.self])

    struct Options: ParsableArguments {
        @Argument(help: "The CSV file.")
        var file: String
        @Option(help: "YAML that names its columns, units and encoding; see docs/examples.")
        var map: String
        @OptionGroup var place: HousePlace
        @Flag(help: "Say what would happen and write nothing.")
        var dryRun = false
        @Flag(help: "Leave out rows that cannot be taken instead of taking none.")
        var skipRefused = false
        @Option(help: "Write what became of each line to this CSV file.")
        var report: String?
        @Flag(help: "Print JSON.")
        var json = false

        func take(_ kind: ImportKind) async throws {
            try await Failure.catching {
                let (bytes, map) = (try ImportFiles.bytes(file), try ImportFiles.map(map))
                if let report { try ImportFiles.tryReport(report) }
                let services = try await place.openOrMake()
                let importer = Importer(
                    db: services.house.db, clock: services.house.clock, zone: services.house.city.zone)
                let result = try await PlainProblem.naming(file) {
                    try await importer.run(kind, bytes, map: map, isDry: dryRun, skipsRefused: skipRefused)
                }
                if let report { try ImportFiles.write(result, to: report) }
                show(result, kind)
                if result.count(.refused) > 0, !skipRefused { throw ExitCode(1) }
            }
        }

        private func show(_ result: Importer.Report, _ kind: ImportKind) {
            let counts = Importer.Outcome.allCases.map { ($0.rawValue, result.count($0)) }
            if json {
                var members: [String: JSONValue] = [
                    "lines": .integer(Int64(result.lines.count)), "hosts": .integer(Int64(result.hosts)),
                    "totalFen": .integer(result.total.fen), "written": .bool(result.isWritten),
                ]
                for (name, count) in counts { members[name] = .integer(Int64(count)) }
                return Out.json(.object(members))
            }
            Out.line(
                "\(counted(result.lines.count, "line")): \(counts.map { "\($0.1) \($0.0)" }.joined(separator: ", "))")
            switch kind {
            case .awards: Out.line("\(counted(result.hosts, "host")), RMB \(result.total.yuanText) in total")
            case .calls: Out.line(counted(result.hosts, "source"))
            }
            for line in result.lines.filter({ $0.outcome == .refused }).prefix(20) {
                Out.line("line \(line.number) \(line.key): \(line.note?.inOneLine ?? "")")
            }
            if dryRun {
                Out.line("A dry run: nothing was written.")
            } else if result.count(.refused) > 0, !skipRefused {
                let words = Bilingual(
                    "没有写入任何内容：请改正以上各行，或使用 --skip-refused。",
                    "Nothing was written: mend these lines, or use --skip-refused.")
                Out.line(words.inOneLine)
            }
        }
    }

    struct Awards: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Awards with hosts, amounts and terms.")
        @OptionGroup var options: Options
        func run() async throws { try await options.take(.awards) }
    }

    struct Calls: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Calls with their closing dates.")
        @OptionGroup var options: Options
        func run() async throws { try await options.take(.calls) }
    }
}
