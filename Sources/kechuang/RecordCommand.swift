import ArgumentParser
import Bureau
import Foundation
import Kernel
import Proof
import Store

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Exports, examines and signs the record of a house.",
        subcommands: [Export.self, Keys.self, Check.self, Sign.self, Rotate.self])

    struct Place: ParsableArguments {
        @Option(help: "sqlite:PATH or postgres://…; by default a file in the data folder.")
        var database: String?
        @Option(help: "Folder of the database, the files and the keys.")
        var data = "var"
        @Option(help: "Folder name of the city in Jurisdictions.")
        var city = "Shenzhen"

        func open() async throws -> Services {
            try await Services.open(
                try Configuration(
                    dataDirectory: data, database: database, city: city,
                    environment: ProcessInfo.processInfo.environment))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the log for outsiders, up to its last checkpoint.")
        @Argument(help: "Where it goes; - writes to standard output.")
        var file: String
        @OptionGroup var place: Place

        func run() async throws {
            try await Failure.catching {
                let services = try await place.open()
                if file == "-" {
                    return try await LogExport.write(services.house.db) { text in
                        FileHandle.standardOutput.write(Data(text.utf8))
                    }
                }
                guard FileManager.default.createFile(atPath: file, contents: nil),
                    let handle = FileHandle(forWritingAtPath: file)
                else { throw RecordError.unreadable(file) }
                try await LogExport.write(services.house.db) { text in try handle.write(contentsOf: Data(text.utf8)) }
                try handle.close()
            }
        }
    }

    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the public keys.")
        @OptionGroup var place: Place

        func run() async throws {
            try await Failure.catching {
                let db = try await place.open().house.db
                Out.json(try await db.read { tx in try RecordStore.published(tx).json })
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Looks from inside whether events, leaves, stored hashes and checkpoints agree.")
        @OptionGroup var place: Place

        func run() async throws {
            try await Failure.catching {
                let db = try await place.open().house.db
                let faults = try await RecordAudit.faults(db)
                guard faults.isEmpty else {
                    for fault in faults { Out.line("DOES NOT HOLD   \(fault.en) / \(fault.zh)") }
                    throw ExitCode(1)
                }
                let size = try await db.read { tx in try Record.size(tx) }
                Out.line("holds           \(size) leaves")
            }
        }
    }

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Orders what waits and signs a checkpoint now; prints the newest one.")
        @OptionGroup var place: Place

        func run() async throws {
            try await Failure.catching {
                guard let made = try await place.open().house.record.sign() else { throw RecordError.noCheckpoint }
                Out.line(made.note)
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a key, which signs from the next checkpoint on; the old one signs that one too, its last.")
        @OptionGroup var place: Place

        func run() async throws {
            try await Failure.catching {
                let record = try await place.open().house.record
                Out.line(try await record.rotate(by: .system).text)
                try await record.sign()
            }
        }
    }
}
