import ArgumentParser
import Bureau
import Foundation
import Kernel
import Ledger
import Store

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Exports, checks and questions the books.",
        subcommands: [Export.self, Check.self, Balance.self])

    struct Options: ParsableArguments {
        @Option(help: "sqlite:PATH or postgres://…; by default $KECHUANG_DATABASE, or a file in the data folder.")
        var database: String?
        @Option(help: "Folder of the database, the files and the keys.")
        var data = "var"

        func open() throws -> Database {
            try Database.open(
                try HousePlace.address(database: database, data: data), DatabaseOptions(connections: 2))
        }
    }

    static func day(_ text: String?, _ name: String) throws -> Day? {
        guard let text else { return nil }
        guard let day = Day(text) else {
            throw PlainProblem.command(
                "--\(name)：“\(text)”不是有效日期，请按 2026-09-18 的格式填写。",
                "--\(name): '\(text)' is not a day; write it as 2026-09-18.")
        }
        return day
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the books for hledger, Beancount or a spreadsheet, by day.",
            discussion: "With --from, what accounts held before that day stands in one opening posting.")
        @Option(help: "hledger, beancount or csv.")
        var format: String
        @Option(help: "First day: YYYY-MM-DD.")
        var from: String?
        @Option(help: "Last day: YYYY-MM-DD.")
        var to: String?
        @Option(help: "Write to this file instead of standard output.")
        var output: String?
        @OptionGroup var options: Options
        @Flag(help: "Print what was written as JSON; needs --output.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                guard let format = BookFormat(rawValue: format) else {
                    throw PlainProblem.command(
                        "--format：“\(format)”无效，请填写 hledger、beancount 或 csv。",
                        "--format: '\(format)' is none of hledger, beancount, csv.")
                }
                guard !json || output != nil else {
                    throw PlainProblem.command(
                        "使用 --json 时须同时用 --output 指定文件。", "--json needs --output FILE.")
                }
                let first = try LedgerCommand.day(from, "from")
                let last = try LedgerCommand.day(to, "to")
                let db = try options.open()
                let file = try output.map { try WholeFile($0) }
                let handle = file?.handle ?? FileHandle.standardOutput
                let summary = try await db.read { tx in
                    try BookExport.write(format, from: first, to: last, tx) { try handle.write(contentsOf: Data($0)) }
                }
                try file?.finish()
                guard json else { return }
                Out.json([
                    "postings": .integer(Int64(summary.postings)), "legs": .integer(Int64(summary.legs)),
                    "output": .string(output ?? ""),
                ])
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recomputes sums, balances, limits and chains from the legs; exit code 1 with what differs.")
        @OptionGroup var options: Options
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                let report = try await options.open().read { tx in try LedgerCheck.run(tx) }
                if json { Out.json(try JSONValue(encoding: report)) } else { show(report) }
                if !report.faults.isEmpty { throw ExitCode(1) }
            }
        }

        private func show(_ report: LedgerCheck.Report) {
            Out.line("\(counted(report.postings, "posting")) of \(report.legs) legs add up to zero each")
            Out.line(
                "\(counted(report.accounts, "balance")) and \(counted(report.days, "day")) of accounts recomputed, limits among them"
            )
            Out.line(
                "\(counted(report.reversals, "reversal")), \(counted(report.reservations, "reservation")), keys and events followed"
            )
            Out.line(
                counted(
                    report.closedMonths, "closed month compared with its totals",
                    "closed months compared with their totals"))
            Out.line("RMB \(report.total.yuanText) given by sources lies in the other accounts")
            for fault in report.faults { Out.line("FAULT \(fault.code) \(fault.subject): \(fault.message.inOneLine)") }
            Out.line(report.faults.isEmpty ? "The books hold." : "\(counted(report.faults.count, "fault")).")
        }
    }

    struct Balance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What an account holds, now or at the end of a day.")
        @Argument(help: "As in budget:natural-science:2026.")
        var account: String
        @Option(help: "YYYY-MM-DD.")
        var on: String?
        @OptionGroup var options: Options
        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await Failure.catching {
                let name = try LedgerAccount(account)
                let day = try LedgerCommand.day(on, "on")
                let (now, past) = try await options.open().read { tx in
                    (try Balances.now(name, tx), try day.map { try Balances.on($0, name, tx) })
                }
                guard let now else { throw LedgerError.unknownAccount(account) }
                let balance = past ?? now.balance
                guard json else { return Out.line("\(balance.yuanText)") }
                var members: [String: JSONValue] = ["account": .string(name.text), "fen": .integer(balance.fen)]
                if let day {
                    members["on"] = .string(day.description)
                } else {
                    members["heldOutFen"] = .integer(now.heldOut.fen)
                    members["availableFen"] = .integer(now.available.fen)
                }
                Out.json(.object(members))
            }
        }
    }
}
