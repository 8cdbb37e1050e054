import Foundation
import Kernel
import Testing

enum TestCity {
    /// The folder of a city in the source tree.
    static func folder(_ name: String = "Shenzhen", file: String = #filePath) -> String {
        var url = URL(fileURLWithPath: file)
        while url.lastPathComponent != "Tests" { url = url.deletingLastPathComponent() }
        return url.deletingLastPathComponent().appendingPathComponent("Jurisdictions/\(name)").path
    }

    static func calendar() throws -> WorkCalendar { try WorkCalendar.load("\(folder())/calendar.yaml") }

    /// Runs Python with the packages of the tests; nil where they are not installed.
    static func python(_ program: String, input: String = "") throws -> String? {
        guard let path = ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"] else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", program]
        let (output, feed) = (Pipe(), FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString))
        try Data(input.utf8).write(to: feed)
        defer { try? FileManager.default.removeItem(at: feed) }
        process.standardInput = try FileHandle(forReadingFrom: feed)
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}

func day(_ text: String) -> Day {
    guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
    return day
}

@Suite("Calendar and clocks")
struct CalendarTests {
    @Test(
        "Working days as published",
        arguments: [
            ("2024-02-08", 5, "2024-02-21"), ("2024-09-13", 10, "2024-09-29"), ("2025-01-24", 5, "2025-02-07"),
            ("2025-01-24", 10, "2025-02-13"), ("2025-04-25", 20, "2025-05-27"), ("2025-09-28", 5, "2025-10-11"),
            ("2025-09-30", 5, "2025-10-14"), ("2026-01-01", 3, "2026-01-06"), ("2026-02-12", 5, "2026-02-26"),
            ("2026-02-13", 10, "2026-03-05"), ("2026-04-30", 5, "2026-05-11"), ("2026-09-18", 5, "2026-09-24"),
            ("2026-09-30", 5, "2026-10-13"),
        ])
    func vectors(start: String, count: Int, end: String) throws {
        let calendar = try TestCity.calendar()
        #expect(try calendar.adding(workingDays: count, to: day(start)) == day(end))
        #expect(try calendar.workingDays(after: day(start), through: day(end)) == count)
    }

    @Test(
        "Working days of each month",
        arguments: [
            (2024, [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]),
            (2025, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]),
            (2026, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
        ])
    func months(year: Int, counts: [Int]) throws {
        let calendar = try TestCity.calendar()
        for (index, count) in counts.enumerated() {
            let first = try #require(Day(year: year, month: index + 1, day: 1))
            let days = (0..<Day.length(ofMonth: index + 1, year: year)).map { first.adding(days: $0) }
            let worked = try days.filter { try calendar.isWorking($0) }.count
            #expect(worked == count, "\(year)-\(index + 1)")
        }
    }

    @Test(
        "Every day agrees with PyPI's chinesecalendar",
        .enabled(if: ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"] != nil))
    func outsideOpinion() throws {
        let program = """
            import chinese_calendar, datetime
            day = datetime.date(2024, 1, 1)
            while day.year <= 2026:
                try: print(day, int(chinese_calendar.is_workday(day)))
                except NotImplementedError: pass
                day += datetime.timedelta(days=1)
            """
        let answer = try #require(try TestCity.python(program))
        let calendar = try TestCity.calendar()
        var compared = 0
        for line in answer.split(separator: "\n") {
            let parts = line.split(separator: " ")
            #expect(try calendar.isWorking(day(String(parts[0]))) == (parts[1] == "1"), "\(line)")
            compared += 1
        }
        #expect(compared >= 366 + 365, "only \(compared) days were compared")
    }

    @Test("Beyond the published years it refuses to count")
    func beyond() throws {
        let calendar = try TestCity.calendar()
        #expect(throws: CalendarError.self) { try calendar.isWorking(day("2027-01-01")) }
        #expect(throws: CalendarError.self) { try calendar.adding(workingDays: 5, to: day("2026-12-30")) }
        #expect(throws: CalendarError.self) { try calendar.isWorking(day("2023-12-31")) }
    }

    @Test("Months end on the corresponding day, or the last of the month, and move off a rest day")
    func periods() throws {
        let calendar = try TestCity.calendar()
        // 2026-02-28 is a Saturday that is worked.
        #expect(try Period.months(1).end(after: day("2026-01-31"), calendar) == day("2026-02-28"))
        #expect(try Period.months(1).end(after: day("2024-01-31"), calendar) == day("2024-02-29"))
        // Ten calendar days from 18 March 2026 end on a Saturday: moved to Monday.
        #expect(try Period.calendarDays(10).end(after: day("2026-03-18"), calendar) == day("2026-03-30"))
        #expect(try Period.calendarDays(10).end(after: day("2026-03-16"), calendar) == day("2026-03-26"))
        #expect(day("2024-02-29").adding(years: 1) == day("2025-02-28"))
        #expect(day("2026-03-31").adding(months: -1) == day("2026-02-28"))
    }

    @Test("A clock stands still while suspended and explains each day that it did not count")
    func clocks() throws {
        let calendar = try TestCity.calendar()
        var clock = LegalClock(start: day("2026-09-18"), period: .workingDays(5))
        #expect(try clock.due(calendar) == day("2026-09-24"))
        let plain = try clock.explanation(calendar)
        #expect(plain.map(\.day) == [day("2026-09-19")], "Sunday 20 September is worked")
        let reason = Bilingual("补正", "correction")
        clock.suspensions = [Suspension(from: day("2026-09-21"), to: day("2026-09-22"), reason: reason)]
        #expect(try clock.due(calendar) == day("2026-09-29"))
        #expect(try clock.explanation(calendar).filter { $0.reason == reason }.count == 2)
        clock.suspensions = [Suspension(from: day("2026-09-21"), to: nil, reason: reason)]
        #expect(try clock.due(calendar) == nil)
    }

    @Test("Adding and counting working days undo each other", arguments: 1...30)
    func inverse(seed: UInt64) throws {
        let calendar = try TestCity.calendar()
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let start = calendar.knownFrom.adding(days: Int.random(in: 0...900, using: &random))
            let count = Int.random(in: 1...60, using: &random)
            let end = try calendar.adding(workingDays: count, to: start)
            #expect(try calendar.workingDays(after: start, through: end) == count, "seed \(seed)")
            #expect(try calendar.isWorking(end), "seed \(seed)")
        }
    }

    @Test("Days and instants convert in the city's zone, where a day ends at 24:00")
    func zone() throws {
        let zone = try #require(CityZone(name: "Asia/Shanghai"))
        #expect(CityZone(name: "Nowhere/City") == nil)
        let end = zone.end(of: day("2026-12-01"))
        #expect(zone.day(of: end) == day("2026-12-02"))
        #expect(zone.day(of: Instant(microseconds: end.microseconds - 1)) == day("2026-12-01"))
        #expect(zone.clockText(zone.start(of: day("2026-11-24")).adding(seconds: 61_500)) == "2026-11-24 17:05")
        #expect(zone.start(of: day("2026-01-01")).microseconds == 1_767_196_800_000_000)
    }

    @Test("The example city needs nothing of Shenzhen")
    func exampleCity() throws {
        let calendar = try WorkCalendar.load("\(TestCity.folder("Example"))/calendar.yaml")
        #expect(calendar.knownFrom == day("2026-01-01"))
    }
}
