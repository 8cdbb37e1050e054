import Foundation
import Kernel
import Talent

/// Speed of the points rule: with and without reasoning, and a replay. Writes the people it judged, so that another
/// engine can judge the same.
@main
struct RulesBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[2]) else {
            FileHandle.standardError.write(Data("use: kechuang-bench-rules JURISDICTIONS COUNT PEOPLE.bin\n".utf8))
            exit(64)
        }
        let book = try RuleBook(
            national: "\(arguments[1])/National", city: "\(arguments[1])/Shenzhen")
        guard let day = Day(year: 2026, month: 3, day: 2) else { return }
        let law = book.law(on: day)
        let rule = try PointsRule(law)
        var random = SeededRandom(seed: 1)
        let people = (0..<count).map { _ in PointsFacts.sample(&random) }
        try write(people, to: arguments[3])

        var sum = 0
        let plain = seconds { for person in people { sum += rule.decide(person).points } }
        report("without trace", count, plain)
        let traced = people.prefix(max(1, count / 10))
        var steps = 0
        let withTrace = seconds { for person in traced { steps += rule.explain(person).trace.count } }
        report("with trace", traced.count, withTrace)
        print("points in all \(sum)  steps a trace \(steps / traced.count)")

        let before = resident()
        let replay = try RuleEntry(PointsRule.self).replay(
            before: law, after: law.replacing(["talent.points.class-a": .number(80)]), group: "education")
        let replayed = seconds { replay.addSynthetic(count, seed: 1, onChange: nil) }
        print(
            "replay of \(count) invented applicants  \(format(replayed)) s, \(replay.report.changed) change,"
                + " memory grew by \(max(0, resident() - before) / 1_024) MiB")
    }

    static func seconds(_ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        let spent = clock.measure(body)
        return Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
    }

    static func report(_ name: String, _ count: Int, _ seconds: Double) {
        print("\(name)  \(Int(Double(count) / seconds)) evaluations a second")
    }

    static func format(_ seconds: Double) -> String { String(format: "%.2f", seconds) }

    /// Resident memory in KiB.
    static func resident() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }

    /// Fifteen 64-bit numbers a person, in the order of the facts; flags are 0 or 1, choices their place.
    static func write(_ people: [PointsFacts], to path: String) throws {
        var data = Data(capacity: people.count * 120)
        for person in people {
            let flags = [
                person.formerChineseNational, person.chineseTaughtDegree, person.bonusLocation, person.topUniversity,
                person.fortune500, person.patents, person.fiveYearsInChina,
            ].map { $0 == true ? 1 : 0 }
            let numbers: [Int] =
                [
                    Int(person.annualSalary?.fen ?? 0), person.education?.place ?? 0, person.vocational?.place ?? 0,
                    person.yearsOfWork ?? 0, person.monthsPerYear ?? 0, person.hsk ?? 0, person.age ?? 0,
                    person.localBonus ?? 0,
                ] + flags
            for number in numbers { withUnsafeBytes(of: Int64(number).littleEndian) { data.append(contentsOf: $0) } }
        }
        try data.write(to: URL(fileURLWithPath: path))
    }
}
