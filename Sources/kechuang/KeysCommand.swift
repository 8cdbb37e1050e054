import ArgumentParser
import Bureau
import Kernel

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The keys that seal personal content.",
        discussion: """
            Old keys go on opening what they sealed; the newest seals. With servers running: keys add, start each \
            server again, then keys rotate --no-new-key. With the house closed: keys rotate.
            """,
        subcommands: [List.self, Add.self, Rotate.self])

    struct Place: ParsableArguments {
        @OptionGroup var house: HousePlace
        @Flag(help: "Print JSON.")
        var json = false

        func open() async throws -> KeyWork { try await KeyWork(try house.configuration()) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The keys, newest first, and how much each has sealed.")
        @OptionGroup var place: Place

        func run() async throws {
            try await Failure.catching {
                let keys = try await place.open().list()
                if place.json {
                    Out.json(.array(keys.map { ["key": .string($0.key), "values": .integer(Int64($0.values))] }))
                } else {
                    for key in keys { Out.line("\(key.key) \(key.values)") }
                }
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a key that seals from now on.")
        @OptionGroup var place: Place

        func run() async throws {
            try await Failure.catching {
                var work = try await place.open()
                let name = try work.add()
                if place.json { Out.json(["key": .string(name)]) } else { Out.line("Key \(name) seals from now on.") }
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a key, seals everything anew with it in batches, and drops the old ones.")
        @OptionGroup var place: Place
        @Flag(help: "Seal with the newest key there is.")
        var noNewKey = false
        @Flag(help: "Leave the old keys in the ring.")
        var keepOld = false

        func run() async throws {
            try await Failure.catching {
                var work = try await place.open()
                if !noNewKey { _ = try work.add() }
                let outcome = try await work.reseal(keepOld: keepOld)
                if place.json {
                    Out.json(["values": .integer(Int64(outcome.values)), "files": .integer(Int64(outcome.files))])
                } else {
                    Out.line("Sealed \(counted(outcome.values, "value")) and \(counted(outcome.files, "file")) anew.")
                }
            }
        }
    }
}
