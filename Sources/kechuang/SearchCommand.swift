import ArgumentParser
import Bureau
import Foundation
import Kernel

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Keeps the search index.", subcommands: [Reindex.self])

    struct Reindex: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the index of calls, notices and projects again; the portal may run meanwhile.")
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
                let count = try await services.indexAgain()
                if json {
                    Out.json(["entries": .integer(Int64(count))])
                } else {
                    Out.line("Indexed \(count) calls, notices and projects.")
                }
            }
        }
    }
}
