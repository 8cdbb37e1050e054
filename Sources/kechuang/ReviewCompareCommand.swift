import ArgumentParser
import Bureau
import Funding
import Kernel
import Review

/// Compares all texts of a house with all, and asks its officers about the pairs.
struct ReviewCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares all applications and reports of a house; docs/duplicates.md says how.")
    @OptionGroup var place: HousePlace
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Failure.catching {
            let services = try await place.open()
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
                Out.line(
                    "Compared \(counted(found.texts, "text")): \(counted(found.pairs, "pair")), \(found.new) of them new."
                )
            }
        }
    }
}
