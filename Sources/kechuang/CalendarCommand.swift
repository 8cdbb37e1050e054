import ArgumentParser
import Bureau
import Kernel

struct CalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Counts days as the law counts them.",
        subcommands: [Add.self, Months.self, Show.self])

    struct City: ParsableArguments {
        @Option(help: "The city whose calendar counts.")
        var city = "shenzhen"
        @Flag(help: "Print JSON.")
        var json = false

        func load() throws -> WorkCalendar {
            let folder = try JurisdictionFolder.find(city)
            return try WorkCalendar.load("\(folder)/calendar.yaml")
        }

        func show(_ day: Day) {
            if json { Out.json(["day": .string(day.description)]) } else { Out.line(day.description) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The day some working days after a day.")
        @Argument(help: "The start day, which is not counted: YYYY-MM-DD.")
        var day: String
        @Argument(help: "Number of working days.")
        var count: Int
        @OptionGroup var city: City

        func run() async throws {
            try await Failure.catching {
                let start = try CalendarCommand.parse(day)
                guard (0...100_000).contains(count) else {
                    throw PlainProblem.command(
                        "工作日数须为 0 至 100000 的整数。", "The number of working days must be from 0 to 100,000.")
                }
                city.show(try city.load().adding(workingDays: count, to: start))
            }
        }
    }

    struct Months: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The last day of a period of months: the corresponding day, moved off a rest day.")
        @Argument(help: "The start day: YYYY-MM-DD.")
        var day: String
        @Argument(help: "Number of months.")
        var count: Int
        @OptionGroup var city: City

        func run() async throws {
            try await Failure.catching {
                let start = try CalendarCommand.parse(day)
                guard (0...1_200).contains(count) else {
                    throw PlainProblem.command(
                        "月数须为 0 至 1200 的整数。", "The number of months must be from 0 to 1,200.")
                }
                city.show(try Period.months(count).end(after: start, try city.load()))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "day", abstract: "Whether a day is worked, and why not.")
        @Argument(help: "YYYY-MM-DD.")
        var day: String
        @OptionGroup var city: City

        func run() async throws {
            try await Failure.catching {
                let asked = try CalendarCommand.parse(day)
                let calendar = try city.load()
                let works = try calendar.isWorking(asked)
                let reason = calendar.reason(for: asked)
                if city.json {
                    Out.json([
                        "day": .string(day), "works": .bool(works), "reason": reason.map { .string($0.zh) } ?? .null,
                    ])
                } else {
                    Out.line(
                        "\(day) \(works ? "working day" : "day off")\(reason.map { " (\($0.zh) \($0.en))" } ?? "")")
                }
            }
        }
    }

    static func parse(_ text: String) throws -> Day {
        guard let day = Day(text) else {
            throw PlainProblem.command(
                "“\(text)”不是有效日期，请按 2026-09-18 的格式填写。", "'\(text)' is not a day; write it as 2026-09-18.")
        }
        return day
    }
}
