import ArgumentParser
import Bureau
import Foundation
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
        @OptionGroup var place: RecordCommand.Place

        func run() async throws {
            try await Failure.catching {
                let house = try await place.open().house
                let made = try await AuditFile.write(
                    to: folder, from: house.db, bureau: house.city.bureau, at: house.clock.now())
                for part in made.files { Out.line("\(part.sha256)  \(part.name)  \(part.rows) rows") }
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
                    Out.line("\(report.files) files have the hashes of the manifest")
                    Out.line("\(report.postings) postings of \(report.legs) legs add up to zero each")
                    Out.line("\(report.accounts) accounts agree with their legs")
                    Out.line("\(report.events) events follow each other in their cases")
                    Out.line("RMB \(report.given.yuanText) given by sources lies in the other accounts")
                    for fault in report.faults { Out.line("FAULT \(fault)") }
                    Out.line(report.faults.isEmpty ? "The audit file holds." : "\(report.faults.count) faults.")
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

        func run() async throws {
            try await Failure.catching {
                guard let method = SampleMethod(rawValue: method) else {
                    throw LedgerCommand.wrong("--method: '\(method)' is none of random, monetary, filter.")
                }
                guard let data = FileManager.default.contents(atPath: file) else {
                    throw LedgerCommand.wrong("Cannot read \(file).")
                }
                let text = String(decoding: data, as: UTF8.self)
                let lines = text.split(separator: "\n").map(String.init)
                for one in try SampleFile.draw(method, size: size, seed: seed, lines: lines) {
                    Out.line("\(one.unit.posting),\(one.unit.amount.fen),\(one.hits)")
                }
            }
        }
    }
}
