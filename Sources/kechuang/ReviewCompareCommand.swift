import ArgumentParser
import Bureau
import Foundation
import Funding
import Kernel
import Review

/// Compares all texts of a house with all, and asks its officers about the pairs.
struct ReviewCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares all applications and reports of a house; docs/duplicates.md says how.")
    @Option(help: "sqlite:PATH or postgres://…; by default a file in the data folder.")
    var database: String?
    @Option(help: "Folder of the database, the files and the keys.")
    var data = "var"
    @Option(help: "Folder name of the city in Jurisdictions.")
    var city = "Shenzhen"
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Failure.catching {
            let services = try await Services.open(
                try Configuration(
                    dataDirectory: data, database: database, city: city,
                    environment: ProcessInfo.processInfo.environment))
            let clock = ContinuousClock()
            let start = clock.now
            let found = try await services.funding.duplicates.batch()
            let spent = start.duration(to: clock.now).components
            let thousandths = spent.seconds * 1_000 + spent.attoseconds / 1_000_000_000_000_000
            if json {
                Out.json([
                    "texts": .integer(Int64(found.texts)), "pairs": .integer(Int64(found.pairs)),
                    "new": .integer(Int64(found.new)), "milliseconds": .integer(thousandths),
                ])
            } else {
                Out.line("Compared \(found.texts) texts: \(found.pairs) pairs, \(found.new) of them new.")
            }
        }
    }
}
