import ArgumentParser
import Bureau
import Kernel

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Keeps the search index.", subcommands: [Reindex.self])

    struct Reindex: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the index of calls, notices and projects again; the portal may run meanwhile.")
        @OptionGroup var place: HousePlace
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                let services = try await place.open()
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
