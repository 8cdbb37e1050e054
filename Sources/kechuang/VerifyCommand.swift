import ArgumentParser
import Kernel
import Proof
import Review

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks what the bureau published, with its public keys and no network.",
        discussion:
            "Prints what holds and exits with 0, or exactly what does not and exits with 1. See docs/record.md.",
        subcommands: [Log.self, ReceiptFile.self, Notice.self, Draw.self, Consistency.self])

    /// What every check prints.
    struct Output: ParsableArguments {
        @Flag(help: "Print JSON.")
        var json = false

        func show(_ facts: [String], _ faults: [LogFault]) throws {
            if json {
                Out.json([
                    "holds": .bool(faults.isEmpty), "facts": .array(facts.map { .string($0) }),
                    "faults": .array(
                        faults.map { fault in
                            [
                                "code": .string(fault.code), "zh": .string(fault.message.zh),
                                "en": .string(fault.message.en),
                            ]
                        }),
                ])
            } else {
                for fact in facts { Out.line("holds           \(fact)") }
                for fault in faults {
                    Out.line("DOES NOT HOLD   \(fault.message.en) / \(fault.message.zh)  [\(fault.code)]")
                }
            }
            if !faults.isEmpty { throw ExitCode(1) }
        }
    }

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "An exported log: complete, in order, unchanged, and signed.")
        @Argument(help: "The log, JSON lines.")
        var file: String
        @Option(help: "The file of public keys.")
        var keys: String
        @Option(help: "A checkpoint that you hold from elsewhere; may be given several times.")
        var checkpoint: [String] = []
        @OptionGroup var output: Output

        func run() async throws {
            try await Failure.catching {
                let known = try VerifyCommand.known(keys)
                var held: [Checkpoint] = []
                for path in checkpoint {
                    do throws(LogFault) {
                        held.append(try known.checkpoint(try VerifyCommand.text(path)))
                    } catch {
                        return try output.show([], [error])
                    }
                }
                var log = LogVerifier(keys: known, held: held)
                try LogFile.read(file, into: &log)
                // A log that does not hold is not called complete above what is wrong with it.
                try output.show(log.faults.isEmpty ? VerifyCommand.facts(log) : [], log.faults)
            }
        }
    }

    struct ReceiptFile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "receipt", abstract: "A receipt: what it says stands in the record.")
        @Argument(help: "The receipt, JSON.")
        var file: String
        @Option(help: "The file of public keys.")
        var keys: String
        @OptionGroup var output: Output

        func run() async throws {
            try await Failure.catching {
                let known = try VerifyCommand.known(keys)
                let json = try LogFile.json(file)
                do throws(LogFault) {
                    let receipt = try Receipt(checking: json, keys: known)
                    try VerifyCommand.show(output, VerifyCommand.facts(receipt))
                } catch {
                    try output.show([], [error])
                }
            }
        }
    }

    struct Notice: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A notice: it is the one that was published.")
        @Argument(help: "The notice with its proof, JSON.")
        var file: String
        @Option(help: "The file of public keys.")
        var keys: String
        @OptionGroup var output: Output

        func run() async throws {
            try await Failure.catching {
                let known = try VerifyCommand.known(keys)
                let json = try LogFile.json(file)
                do throws(LogFault) {
                    let receipt = try NoticeFile.check(json, keys: known)
                    let number = json["notice"]?["number"]?.string ?? ""
                    let lines = json["notice"]?["rows"]?.array?.count ?? 0
                    try VerifyCommand.show(
                        output, ["notice \(number) with \(counted(lines, "line"))"] + VerifyCommand.facts(receipt))
                } catch {
                    try output.show([], [error])
                }
            }
        }
    }

    struct Draw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A draw: the same result comes out; with a log, plan and seed were committed to before.")
        @Argument(help: "The protocol of the draw, JSON.")
        var file: String
        @Option(help: "An exported log in which the draw must stand.")
        var log: String?
        @Option(help: "The file of public keys; needed with --log.")
        var keys: String?
        @OptionGroup var output: Output

        func validate() throws {
            if (log == nil) != (keys == nil) { throw ValidationError("Give --log and --keys together.") }
        }

        func run() async throws {
            try await Failure.catching {
                let json = try LogFile.json(file)
                var faults = DrawCheck.faults(json)
                let items = json["results"]?.array?.count ?? 0
                var facts =
                    faults.isEmpty ? ["same: the seed gives the same experts for \(counted(items, "item"))"] : []
                if let log, let keys {
                    var reader = LogVerifier(
                        keys: try VerifyCommand.known(keys), keeping: DrawCheck.kinds)
                    try LogFile.read(log, into: &reader)
                    let found = reader.faults + DrawCheck.faults(json, in: reader)
                    if found.isEmpty {
                        facts += VerifyCommand.facts(reader)
                        let subject = DrawCheck.subject(json, in: reader) ?? "—"
                        facts.append("the draw is for \(subject)")
                        facts.append("plan and half of the seed were committed to under a checkpoint before the draw")
                    }
                    faults += found
                }
                try output.show(facts, faults)
            }
        }
    }

    struct Consistency: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Two checkpoints: the later record begins with the earlier one.")
        @Argument(help: "A checkpoint, as signed.")
        var old: String
        @Argument(help: "Another checkpoint.")
        var new: String
        @Option(help: "The file of public keys.")
        var keys: String
        @Option(help: "The answer of /api/v1/record/consistency for their sizes.")
        var proof: String?
        @Option(help: "An exported log that reaches to both; instead of a proof.")
        var log: String?
        @OptionGroup var output: Output

        func run() async throws {
            try await Failure.catching {
                let known = try VerifyCommand.known(keys)
                var checkpoints: [Checkpoint] = []
                for path in [old, new] {
                    do throws(LogFault) {
                        checkpoints.append(try known.checkpoint(try VerifyCommand.text(path)))
                    } catch {
                        return try output.show([], [error])
                    }
                }
                let sizes = checkpoints.map {
                    "checkpoint of \(counted($0.size, "leaf", "leaves")) is signed by a known key"
                }
                if let log {
                    var reader = LogVerifier(keys: known, held: checkpoints)
                    try LogFile.read(log, into: &reader)
                    let found =
                        checkpoints[0].size == checkpoints[1].size
                        ? ConsistencyCheck.faults(checkpoints[0], checkpoints[1], proof: nil) : []
                    return try output.show(
                        sizes + (reader.faults.isEmpty ? VerifyCommand.facts(reader) : []), found + reader.faults)
                }
                let faults = ConsistencyCheck.faults(
                    checkpoints[0], checkpoints[1], proof: try proof.map { try LogFile.json($0) })
                try output.show(sizes + (faults.isEmpty ? ["one begins with the other"] : []), faults)
            }
        }
    }
}

extension VerifyCommand {
    /// A file of text; one that cannot be read is a fault like any other.
    static func text(_ path: String) throws(LogFault) -> String {
        do {
            return try LogFile.text(path)
        } catch {
            throw LogFault("file.unreadable", Bilingual("无法读取文件 \(path)", "the file \(path) cannot be read"))
        }
    }

    /// A file of public keys.
    static func known(_ path: String) throws -> LogKeys {
        let json = try LogFile.json(path)
        do {
            return try LogKeys(parsing: json)
        } catch {
            throw PlainProblem.command("文件 \(path) 不是公钥文件，请用 record keys 得到的文件。", "\(path) is no file of public keys.")
        }
    }

    static func facts(_ log: LogVerifier) -> [String] {
        [
            "\(counted(log.leaves, "leaf", "leaves")), complete, in order and unchanged",
            "\(counted(log.checkpoints, "checkpoint")), the last of \(counted(log.last?.size ?? 0, "leaf", "leaves")) with root "
                + (log.last?.root.base64 ?? "—"),
        ]
    }

    static func facts(_ receipt: Receipt) -> [String] {
        var facts = [
            "\(receipt.what["kind"]?.string ?? "") of \(receipt.what["subjectKind"]?.string ?? "") "
                + (receipt.what["subject"]?.string ?? ""),
            "leaf \(receipt.index) under the signed checkpoint of \(counted(receipt.size, "leaf", "leaves"))",
        ]
        if let content = receipt.content { facts.append("content \(content.canonicalText)") }
        return facts
    }

    private static func show(_ output: Output, _ facts: [String]) throws(LogFault) {
        try? output.show(facts, [])
    }
}
