import ArgumentParser
import Bureau
import Foundation
import Kernel
import Store

extension RulesCommand {
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who would be judged otherwise with other numbers: over invented or past cases. Changes nothing.")
        @Argument(help: "The rule, e.g. talent.points.")
        var name: String
        @Option(help: "The day whose law counts: YYYY-MM-DD.")
        var date: String
        @Option(
            name: .customLong("set"),
            help: "PARAMETER=VALUE as typed on the page of the parameter, lines parted by ;. May be repeated.")
        var changes: [String] = []
        @Option(help: "Number of invented cases; 0 replays the past rulings of the database.")
        var synthetic = 0
        @Option(help: "The same seed gives the same invented cases.")
        var seed: UInt64 = 1
        @Option(help: "Count by this fact.")
        var group: String?
        @Option(help: "Write each case that changes to this CSV file.")
        var export: String?
        @Option(help: "sqlite:PATH or postgres://… for past rulings; by default as other commands.")
        var database: String?
        @Option(help: "Folder of the database, the files and the keys.")
        var data = "var"
        @OptionGroup var city: City

        func run() async throws {
            try await Failure.catching {
                guard synthetic >= 0 else {
                    throw PlainProblem.command("--synthetic：不能为负数。", "--synthetic: must be at least 0.")
                }
                let (book, shelf) = try city.load()
                let before = book.law(on: try CalendarCommand.parse(date))
                let entry = try shelf.entry(name)
                if let group, !entry.facts.contains(where: { $0.name == group }) {
                    throw PlainProblem.command(
                        "规则 \(name) 没有名为“\(group)”的事实，请用 rules list 查看可用的事实。",
                        "The rule \(name) has no fact '\(group)'.")
                }
                let run = try entry.replay(
                    before: before, after: before.replacing(try values(book, entry)), group: group)
                let out = try export.map { try ChangeFile(path: $0) }
                if synthetic > 0 {
                    run.addSynthetic(synthetic, seed: seed, onChange: out.map { file in { file.add($0) } })
                } else {
                    try await past(run, out)
                }
                try out?.close()
                show(run.report)
            }
        }

        private func values(_ book: RuleBook, _ entry: RuleEntry) throws -> [String: ParameterValue] {
            var values: [String: ParameterValue] = [:]
            for change in changes {
                let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, let parameter = book.parameter(parts[0]) else {
                    throw PlainProblem.command(
                        "“\(change)”无效，请写成“参数=数值”，并使用已有的参数。",
                        "'\(change)' is not PARAMETER=VALUE with a known parameter.")
                }
                guard entry.reads(parameter.id) else {
                    throw PlainProblem.command(
                        "规则 \(entry.id) 不使用参数 \(parameter.id)，请改用该规则所用的参数。",
                        "The rule \(entry.id) does not read \(parameter.id).")
                }
                do throws(FactsProblem) {
                    values[parameter.id] = try ParameterText.parse(
                        parts[1].replacingOccurrences(of: ";", with: "\n"), for: parameter)
                } catch {
                    throw PlainProblem(
                        .invalid, "command",
                        Bilingual("--set：“\(change)”中的值无效。", "--set: '\(change)' has no value that can be read."),
                        fields: error.fields)
                }
            }
            return values
        }

        private func past(_ run: any ReplayRun, _ out: ChangeFile?) async throws {
            let services = try await Services.open(
                try HousePlace.configuration(database: database, data: data, city: try city.folder))
            var last = ""
            while true {
                let page = try await services.house.db.read { [last, name] tx in
                    try RulingStore.page(rule: name, after: last, tx)
                }
                for stored in page {
                    if let change = run.add(id: stored.id, facts: stored.ruling.facts) { out?.add(change) }
                }
                guard let end = page.last else { return }
                last = end.id
            }
        }

        private func show(_ report: ReplayReport) {
            if city.json {
                return Out.json([
                    "cases": .integer(Int64(report.cases)), "changed": .integer(Int64(report.changed)),
                    "unreadable": .integer(Int64(report.unreadable)),
                    "transitions": .array(
                        report.transitions.map {
                            [
                                "before": .string($0.before), "after": .string($0.after),
                                "count": .integer(Int64($0.count)),
                            ]
                        }),
                    "groups": .array(
                        report.groups.map {
                            [
                                "name": .string($0.name), "cases": .integer(Int64($0.cases)),
                                "changed": .integer(Int64($0.changed)),
                            ]
                        }),
                ])
            }
            Out.line("\(counted(report.cases, "case")), \(report.changed) change, \(report.unreadable) cannot be read")
            for item in report.transitions { Out.line("  \(item.before) -> \(item.after)  \(item.count)") }
            for item in report.groups { Out.line("  \(item.name)  \(item.changed) of \(item.cases) change") }
        }
    }

    struct Reproduce: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes stored rulings again and compares them to the byte.")
        @Option(help: "Only this rule.")
        var rule: String?
        @Option(help: "sqlite:PATH or postgres://…; by default $KECHUANG_DATABASE, or a file in the data folder.")
        var database: String?
        @Option(help: "Folder of the database, the files and the keys.")
        var data = "var"
        @OptionGroup var city: City

        func run() async throws {
            try await Failure.catching {
                // A rule that is mistyped has no rulings, and nothing would be compared.
                if let rule { _ = try city.load().shelf.entry(rule) }
                try tell(try await compare())
            }
        }

        private func tell(_ outcome: (same: Int, different: Int)) throws {
            if city.json {
                Out.json(["same": .integer(Int64(outcome.same)), "different": .integer(Int64(outcome.different))])
            } else {
                Out.line(
                    "\(counted(outcome.same, "ruling comes", "rulings come")) out the same, \(outcome.different) differently"
                )
            }
            if outcome.different > 0 { throw ExitCode(1) }
        }

        /// Every stored ruling of a rule, or of all, beside the one that comes out now: how many are the same, and how
        /// many are not.
        private func compare() async throws -> (same: Int, different: Int) {
            let services = try await Services.open(
                try HousePlace.configuration(database: database, data: data, city: try city.folder))
            let house = services.house
            var (same, different) = (0, 0)
            for entry in house.rules.entries where rule == nil || rule == entry.id {
                var last: String? = ""
                while let after = last {
                    let page = try await house.db.read { tx in
                        try RulingStore.page(rule: entry.id, after: after, tx)
                    }
                    let changed = try page.filter { try house.rules.again($0, book: house.city.rules) != nil }
                    for stored in changed {
                        Out.line("\(stored.id) (\(entry.id), \(stored.ruling.day)) comes out differently")
                    }
                    different += changed.count
                    same += page.count - changed.count
                    last = page.last?.id
                }
            }
            return (same, different)
        }
    }
}

/// Writes changed cases as CSV, one by one.
final class ChangeFile {
    private let handle: FileHandle

    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else {
            throw PlainProblem.command(
                "无法写入文件“\(path)”，请核对路径和权限。", "'\(path)' cannot be written.")
        }
        self.handle = handle
        write(["case", "before", "after", "facts", "outcome before", "outcome after"])
    }

    func add(_ change: ReplayChange) {
        write([
            change.id, change.summaryBefore, change.summaryAfter, change.facts.canonicalText,
            change.before.canonicalText, change.after.canonicalText,
        ])
    }

    func close() throws { try handle.close() }

    private func write(_ cells: [String]) {
        let line = cells.map { "\"\($0.replacingOccurrences(of: "\"", with: "\"\""))\"" }.joined(separator: ",")
        handle.write(Data("\(line)\r\n".utf8))
    }
}
