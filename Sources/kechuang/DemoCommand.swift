import ArgumentParser
import Bureau
import Foundation
import Kernel

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Fills a synthetic city of any size into an empty database.",
        discussion:
            "The same seed and scale give the same city. Scale 1: 24 organisations, 12 experts, 60 applications.")

    @Option(help: "How many times the smallest city.")
    var scale = 1
    @Option(help: "The same seed gives the same city.")
    var seed: UInt64 = 1
    @OptionGroup var place: HousePlace
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Failure.catching {
            guard (1...1_000).contains(scale) else {
                throw PlainProblem(.invalid, "demo.scale", Bilingual("规模为 1–1000", "The scale is from 1 to 1000."))
            }
            let services = try await place.openOrMake()
            let demonstration = DemonstrationCity(services, seed: seed, scale: scale)
            guard try await demonstration.fill() else {
                throw PlainProblem(.conflict, "demo.not-empty", Bilingual("数据库里已有内容", "The database is not empty."))
            }
            let filed = try await demonstration.fillApplications()
            if json {
                Out.json(["applications": .integer(Int64(filed)), "scale": .integer(Int64(scale))])
            } else {
                Out.line("Filled a city of scale \(scale) with \(counted(filed, "application")).")
            }
        }
    }
}
