import ArgumentParser
import Bureau
import Foundation
import Kernel

struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Rules of law: list, evaluate, test, replay, make again.",
        subcommands: [List.self, Eval.self, Test.self, Replay.self, Reproduce.self])

    /// The city whose law counts.
    struct City: ParsableArguments {
        @Option(help: "The city whose legal numbers count.")
        var city = "shenzhen"
        @Flag(help: "Print JSON.")
        var json = false

        /// The folder of the city as it is written on the disk.
        var folder: String {
            get throws { URL(fileURLWithPath: try JurisdictionFolder.find(city)).lastPathComponent }
        }

        func load() throws -> (book: RuleBook, shelf: RuleShelf) {
            let book = try Jurisdiction(folder: try JurisdictionFolder.find(city)).rules
            return (book, try RuleShelf(Services.rules, book: book))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every rule with the facts that it may be told.")
        @OptionGroup var city: City

        func run() async throws {
            try await Failure.catching {
                let (_, shelf) = try city.load()
                for entry in shelf.entries {
                    if city.json {
                        Out.json([
                            "id": .string(entry.id), "version": .integer(Int64(entry.version)),
                            "title": ["zh": .string(entry.title.zh), "en": .string(entry.title.en)],
                            "facts": .array(entry.facts.map { .string($0.name) }),
                        ])
                    } else {
                        Out.line("\(entry.id)  \(entry.title.zh) / \(entry.title.en)")
                        for fact in entry.facts { Out.line("    \(fact.name)  \(fact.label.zh) / \(fact.label.en)") }
                    }
                }
            }
        }
    }

    struct Eval: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Judges facts by a rule, with the reasoning.",
            discussion: "JSON: {\"outcome\": {…}, \"missing\": […], \"trace\": {…}}. Money in an outcome is in fen.")
        @Argument(help: "The rule, e.g. talent.points.")
        var name: String
        @Option(help: "The day whose law counts: YYYY-MM-DD.")
        var date: String
        @Option(help: "A file with a JSON object of facts; - reads standard input.")
        var facts: String
        @OptionGroup var city: City

        func run() async throws {
            try await Failure.catching {
                let (book, shelf) = try city.load()
                let day = try CalendarCommand.parse(date)
                let bytes =
                    facts == "-"
                    ? Array(FileHandle.standardInput.readDataToEndOfFile()) : try ImportFiles.bytes(facts)
                let read = try JSONValue(parsing: bytes, fractions: true)
                let ruling = try shelf.entry(name).ruling(read, under: book.law(on: day))
                if city.json { return Out.json(try ruling.json) }
                Out.line("\(ruling.words.zh) / \(ruling.words.en)")
                if !ruling.missing.isEmpty { Out.line("missing: \(ruling.missing.joined(separator: ", "))") }
                for step in ruling.trace { RulesCommand.show(step, indent: "") }
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs tables of tests: facts, a date, what must come out and why; see docs/rules.md.",
            discussion: "Exit code 1 where a row does not hold, or where an edge or a branch has no row.")
        @Argument(help: "YAML files.")
        var files: [String]
        @OptionGroup var city: City

        func run() async throws {
            try await Failure.catching {
                let (book, shelf) = try city.load()
                var isGood = true
                for file in files {
                    let table = try RuleTable(path: file)
                    let results = try table.run(shelf, book: book)
                    let uncovered = try table.uncovered(results, shelf, book: book)
                    let failed = results.filter { !$0.faults.isEmpty }
                    isGood = isGood && failed.isEmpty && uncovered.isEmpty
                    if city.json {
                        Out.json([
                            "file": .string(file), "rule": .string(table.rule), "rows": .integer(Int64(results.count)),
                            "failed": .array(
                                failed.map {
                                    [
                                        "row": .string($0.row.name),
                                        "faults": RulesCommand.json($0.faults),
                                    ]
                                }), "uncovered": .array(uncovered.map { .string($0) }),
                        ])
                        continue
                    }
                    Out.line("\(table.rule): \(results.count - failed.count) of \(results.count) rows hold (\(file))")
                    for result in failed {
                        let faults = result.faults.map(\.inOneLine).joined(separator: "; ")
                        Out.line("  \(result.row.name): \(faults)")
                    }
                    for name in uncovered { Out.line("  no row for \(name) / 没有任何一行覆盖 \(name)") }
                }
                if !isGood { throw ExitCode(1) }
            }
        }
    }

    private static func json(_ faults: [Bilingual]) -> JSONValue {
        .array(faults.map { ["zh": .string($0.zh), "en": .string($0.en)] })
    }

    static func show(_ step: TraceStep, indent: String) {
        let law = step.law.map { law in
            "  [\(law.source.cited.zh), from \(law.from)\(law.source.confidence.needsChecking ? ", to be checked" : "")]"
        }
        Out.line("\(indent)- \(step.sentence(.chinese)) / \(step.sentence(.english))\(law ?? "")")
        for inner in step.steps { show(inner, indent: indent + "  ") }
    }
}
