import ArgumentParser
import Bureau
import Foundation
import Kernel
import Ledger

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Writes a backup of a house, which may go on serving meanwhile.",
        discussion: """
            Exit code 1 also where a registered file is missing or damaged on the disk; the backup is written all the \
            same and says so. Keep the printed hash of the manifest elsewhere.
            """)

    @Argument(help: "A folder that is not there yet, or empty.")
    var folder: String
    @Option(help: "sqlite:PATH or postgres://…; by default $KECHUANG_DATABASE, or a file in the data folder.")
    var database: String?
    @Option(help: "Folder of the database, the files and the keys.")
    var data = "var"
    @Flag(help: "Copy the secret keys too; whoever has the backup can then read all of it.")
    var withKeys = false
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Failure.catching {
            let made = try await Backup.make(
                of: try HousePlace.address(database: database, data: data), data: data, to: folder, withKeys: withKeys,
                at: SystemClock().now())
            let (manifest, state) = (made.manifest, made.manifest.state)
            if json {
                Out.json([
                    "sha256": .string(made.sha256), "tables": .integer(Int64(state.tables.count)),
                    "rows": .integer(Int64(state.rows)), "files": .integer(Int64(manifest.parts.count - 1)),
                    "leaves": .integer(Int64(state.record.size)), "root": .string(state.record.root),
                    "damaged": .array(manifest.damaged.map { .string($0) }),
                ])
            } else {
                Out.line(
                    "\(counted(state.tables.count, "table")), \(counted(state.rows, "row")), \(counted(manifest.parts.count - 1, "file"))"
                )
                Out.line(
                    "\(counted(state.books.postings, "posting")), \(counted(state.record.size, "leaf", "leaves")) of the record"
                )
                for paper in manifest.damaged { Out.line("DAMAGED \(paper)") }
                Out.line("manifest \(made.sha256)")
                if !withKeys, !manifest.keys.isEmpty {
                    Out.line("The keys are not in it; restoring needs \(manifest.keys.joined(separator: ", ")).")
                }
            }
            if !manifest.damaged.isEmpty { throw ExitCode(1) }
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Brings a house back from a backup into an empty place.",
        discussion: """
            With --drill it goes to a temporary place, is compared with what the house held, and is removed; exit \
            code 1 with what differs. For PostgreSQL, --database then names a server where a database may be made.
            """)

    @Argument(help: "The folder of the backup.")
    var folder: String
    @Option(help: "Folder for the database, the files and the keys: not there yet, or empty.")
    var data: String?
    @Option(help: "An empty database; by default a SQLite file in the data folder.")
    var database: String?
    @Option(help: "The folder of the keys, where they are not in the backup.")
    var keys: String?
    @Option(help: "The hash of the manifest, as it was printed when the backup was made.")
    var sha256: String?
    @Flag(help: "Try it in a temporary place and compare.")
    var drill = false
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard drill != (data != nil) else { throw ValidationError("Give either --data FOLDER or --drill.") }
    }

    func run() async throws {
        try await Failure.catching {
            guard let data else { return try await tryOut() }
            let manifest = try await Restore.run(folder, to: data, database: database, keys: keys, sha256: sha256)
            if json {
                Out.json([
                    "madeAt": .string(manifest.madeAt), "rows": .integer(Int64(manifest.state.rows)),
                    "data": .string(data),
                ])
            } else {
                Out.line("Restored the house of \(manifest.madeAt): \(counted(manifest.state.rows, "row")), \(data).")
            }
        }
    }

    private func tryOut() async throws {
        let report = try await Restore.drill(folder, beside: database, keys: keys, sha256: sha256)
        if json {
            Out.json(try JSONValue(encoding: report))
        } else {
            Out.line("tables    \(report.tables), \(counted(report.rows, "row")), each compared by its contents")
            Out.line("files     \(report.files) as registered")
            Out.line("ledger    \(counted(report.postings, "posting")), \(counted(report.legs, "leg")) added up anew")
            for line in report.trial { Out.line("          \(line.kind.rawValue) \(line.balance.yuanText)") }
            Out.line("record    \(counted(report.leaves, "leaf", "leaves")), root \(report.root)")
            Out.line(
                "          \(counted(report.checkpoints, "checkpoint holds", "checkpoints hold")), the newest of \(counted(report.signed, "leaf", "leaves"))"
            )
            for (key, count) in report.sealed.sorted(by: { $0.key < $1.key }) {
                Out.line("sealed    \(counted(count, "value")) with key \(key.isEmpty ? "unknown" : key)")
            }
            for fault in report.faults { Out.line("DIFFERS   \(fault.inOneLine)") }
            Out.line(report.faults.isEmpty ? "The backup is good." : "\(counted(report.faults.count, "difference")).")
        }
        if !report.faults.isEmpty { throw ExitCode(1) }
    }
}
