import ArgumentParser
import Bureau
import Foundation
import Kernel
import Synchronization

struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Plays a whole round of funding from a file of applications and checks the laws of the house.",
        discussion: "The database must be empty; by default a temporary SQLite file is used and removed.")

    @Option(help: "CSV with the columns 项目批准号, 项目名称, 依托单位, 负责人, 金额 (in 万元).")
    var applications: String
    @Option(help: "YAML of the call; see docs/examples/rehearsal-call.yaml.")
    var call: String
    @Option(help: "The same seed gives the same round.")
    var seed: UInt64 = 1
    @Option(help: "Only the first rows.")
    var limit: Int?
    @Option(help: "sqlite:PATH or postgres://… of an empty database.")
    var database: String?
    @Option(help: "The city whose rules hold.")
    var city = "shenzhen"
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Failure.catching {
            let folder = "\(NSTemporaryDirectory())kechuang-rehearsal-\(ProcessInfo.processInfo.processIdentifier)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let rehearsal = try await Rehearsal(
                applications: applications, call: call, seed: seed, limit: limit,
                database: database, city: try JurisdictionFolder.find(city),
                folder: folder)
            let isText = !json
            let outcome = try await rehearsal.play { step in
                guard isText else { return }
                let gap = String(repeating: " ", count: max(1, 14 - step.name.count))
                Out.line("\(step.name)\(gap)\(step.result)  [\(Self.seconds(step.seconds))]")
            }
            show(outcome)
            if !outcome.holds { throw ExitCode(1) }
        }
    }

    private static func seconds(_ value: Double) -> String { "\((value * 10).rounded() / 10) s" }

    private func show(_ outcome: Rehearsal.Outcome) {
        if json {
            let steps = outcome.steps.map { step -> JSONValue in
                [
                    "step": .string(step.name), "result": .string(step.result),
                    "milliseconds": .integer(Int64(step.seconds * 1_000)),
                ]
            }
            let laws = outcome.laws.map { law -> JSONValue in
                ["law": .string(law.law), "faults": .array(law.faults.map { .string($0) })]
            }
            Out.json(["steps": .array(steps), "laws": .array(laws), "holds": .bool(outcome.holds)])
            return
        }
        for law in outcome.laws {
            Out.line("\(law.faults.isEmpty ? "held  " : "BROKEN") \(law.law)")
            for fault in law.faults.prefix(20) { Out.line("       \(fault)") }
        }
    }
}
