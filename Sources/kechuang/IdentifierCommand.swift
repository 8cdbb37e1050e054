import ArgumentParser
import Kernel

struct IdentifierCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identifier", abstract: "Checks codes of organisations and people.", subcommands: [Check.self])

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case uscc
        case residentID = "resident-id"
        case foreignPermanentResidentID = "foreign-pr-id"
        case orcid
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Exit code 0 where the code is valid, 1 with the reason where it is not.")
        @Argument(help: "uscc, resident-id, foreign-pr-id or orcid.")
        var kind: Kind
        @Argument(help: "The code; - reads one a line from standard input.")
        var value: String
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            var isGood = true
            if value == "-" {
                while let line = readLine() { if !line.isEmpty { isGood = verdict(line) && isGood } }
            } else {
                isGood = verdict(value)
            }
            if !isGood { throw ExitCode(1) }
        }

        private func verdict(_ code: String) -> Bool {
            do {
                switch kind {
                case .uscc: _ = try USCC(parsing: code)
                case .residentID: _ = try ResidentID(parsing: code)
                case .foreignPermanentResidentID: _ = try ForeignPermanentResidentID(parsing: code)
                case .orcid: _ = try ORCID(parsing: code)
                }
                show(code, nil)
                return true
            } catch {
                show(code, error)
                return false
            }
        }

        private func show(_ code: String, _ error: IdentifierError?) {
            if json {
                Out.json([
                    "value": .string(code), "valid": .bool(error == nil),
                    "reason": error.map { ["zh": .string($0.message.zh), "en": .string($0.message.en)] } ?? .null,
                ])
            } else if let error {
                Out.line("\(code)\tinvalid\t\(error.message.zh) / \(error.message.en)")
            } else {
                Out.line("\(code)\tvalid")
            }
        }
    }
}
