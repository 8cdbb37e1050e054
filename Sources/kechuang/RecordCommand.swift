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

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the log for outsiders, up to its last checkpoint.")
        @Argument(help: "Where it goes; - writes to standard output.")
        var file: String
        @OptionGroup var place: HousePlace

        func run() async throws {
            try await Failure.catching {
                let services = try await place.open()
                if file == "-" {
                    return try await LogExport.write(services.house.db) { text in
                        FileHandle.standardOutput.write(Data(text.utf8))
                    }
                }
                let target = try WholeFile(file)
                let handle = target.handle
                try await LogExport.write(services.house.db) { text in try handle.write(contentsOf: Data(text.utf8)) }
                try target.finish()
            }
        }
    }

    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the public keys.")
        @OptionGroup var place: HousePlace

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
        @OptionGroup var place: HousePlace
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                let db = try await place.open().house.db
                let faults = try await RecordAudit.faults(db)
                show(faults, size: try await db.read { tx in try Record.size(tx) })
                if !faults.isEmpty { throw ExitCode(1) }
            }
        }

        private func show(_ faults: [Bilingual], size: Int) {
            if json {
                return Out.json([
                    "holds": .bool(faults.isEmpty), "leaves": .integer(Int64(size)),
                    "faults": .array(faults.map { ["zh": .string($0.zh), "en": .string($0.en)] }),
                ])
            }
            for fault in faults { Out.line("DOES NOT HOLD   \(fault.en) / \(fault.zh)") }
            if faults.isEmpty { Out.line("holds           \(counted(size, "leaf", "leaves"))") }
        }
    }

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Orders what waits and signs a checkpoint now; prints the newest one.")
        @OptionGroup var place: HousePlace
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                guard let made = try await place.open().house.record.sign() else { throw RecordError.noCheckpoint }
                // The note ends its last line; one more would be no note.
                guard json else { return Out.text(made.note) }
                Out.json([
                    "size": .integer(Int64(made.size)), "root": .string(made.root.base64), "note": .string(made.note),
                ])
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a key, which signs from the next checkpoint on; the old one signs that one too, its last.")
        @OptionGroup var place: HousePlace
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                let record = try await place.open().house.record
                let key = try await record.rotate(by: .system).text
                if json { Out.json(["key": .string(key)]) } else { Out.line(key) }
                try await record.sign()
            }
        }
    }
}
