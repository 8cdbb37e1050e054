import ArgumentParser
import Bureau
import Foundation
import Funding
import Kernel

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a package of open data: awards, contracts and payments.",
        discussion: "What is written is what was published on that day; the house publishes once a day.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case giving = "360giving"
        case ocds
    }

    @Argument(help: "360giving or ocds.")
    var format: Format
    @Flag(help: "With ocds: every process compiled, instead of the releases of the day.")
    var records = false
    @Option(help: "The day of the package: YYYY-MM-DD; the newest by default.")
    var day: String?
    @Option(help: "Write to this file instead of standard output.")
    var output: String?
    @OptionGroup var place: HousePlace

    func run() async throws {
        try await Failure.catching {
            let kind: OpenPackage.Kind = format == .giving ? .giving : records ? .records : .releases
            let day = try LedgerCommand.day(day, "day")
            let services = try await place.open()
            let file = try output.map { try WholeFile($0) }
            let handle = file?.handle ?? FileHandle.standardOutput
            try await OpenData(services.house).write(kind, day: day) { try handle.write(contentsOf: Data($0)) }
            try file?.finish()
        }
    }
}
