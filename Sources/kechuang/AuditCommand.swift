import ArgumentParser
import Bureau
import Funding
import Kernel

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Gives an auditor the books to take away, checks them, draws samples again.",
        subcommands: [Export.self, Check.self, Sample.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes accounts, postings, legs, events, cases and papers as CSV, with a manifest of hashes.")
        @Argument(help: "A folder that does not exist yet.")
        var folder: String
        @OptionGroup var place: HousePlace
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                let house = try await place.open().house
                let made = try await AuditFile.write(
                    to: folder, from: house.db, bureau: house.city.bureau, at: house.clock.now())
                if json {
                    return Out.json(["folder": .string(folder), "files": try JSONValue(encoding: made.files)])
                }
                for part in made.files { Out.line("\(part.sha256)  \(part.name)  \(counted(part.rows, "row"))") }
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks the hashes of an audit file and adds its books up anew; exit code 1 with what differs.")
        @Argument(help: "The folder of the audit file.")
        var folder: String
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                let report = try AuditFileCheck.run(folder)
                if json {
                    Out.json(try JSONValue(encoding: report))
                } else {
                    Out.line("\(counted(report.files, "file has", "files have")) the hashes of the manifest")
                    Out.line("\(counted(report.postings, "posting")) of \(report.legs) legs add up to zero each")
                    Out.line(counted(report.accounts, "account agrees with its legs", "accounts agree with their legs"))
                    Out.line(
                        counted(report.events, "event follows in its case", "events follow each other in their cases"))
                    Out.line("RMB \(report.given.yuanText) given by sources lies in the other accounts")
                    for fault in report.faults { Out.line("FAULT \(fault.inOneLine)") }
                    Out.line(
                        report.faults.isEmpty ? "The audit file holds." : "\(counted(report.faults.count, "fault")).")
                }
                if !report.faults.isEmpty { throw ExitCode(1) }
            }
        }
    }

    struct Sample: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draws a sample again from its population file; needs no database.")
        @Argument(help: "The CSV of the population: posting,fen.")
        var file: String
        @Option(help: "random, monetary or filter.")
        var method: String
        @Option(help: "How many.")
        var size: Int
        @Option(help: "The seed, exactly as kept.")
        var seed: String
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                guard let method = SampleMethod(rawValue: method) else {
                    throw PlainProblem.command(
                        "--method：“\(method)”无效，请填写 random、monetary 或 filter。",
                        "--method: '\(method)' is none of random, monetary, filter.")
                }
                guard size >= 1 else {
                    throw PlainProblem.command("--size：须为正整数。", "--size: must be at least 1.")
                }
                let lines = try Sample.lines(file)
                let chosen = try await PlainProblem.naming(file) {
                    try SampleFile.draw(method, size: size, seed: seed, lines: lines)
                }
                if json { return Out.json(.array(chosen.map { Sample.member($0) })) }
                for one in chosen {
                    Out.line("\(one.unit.posting),\(one.unit.amount.fen),\(one.hits)")
                }
            }
        }

        /// The lines of a file of text as an editor counts them.
        private static func lines(_ file: String) throws -> [String] {
            guard let text = FilledTable.text(try ImportFiles.bytes(file)) else {
                throw PlainProblem.command(
                    "文件 \(file) 既不是 UTF-8 文本，也不是 GB 18030 文本。", "\(file) is text neither in UTF-8 nor in GB 18030.")
            }
            return text.trimmingPrefix("\u{FEFF}").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                .map(String.init)
        }

        private static func member(_ one: SampleDraw.Chosen) -> JSONValue {
            [
                "posting": .string(one.unit.posting), "fen": .integer(one.unit.amount.fen),
                "hits": .integer(Int64(one.hits)),
            ]
        }
    }
}
