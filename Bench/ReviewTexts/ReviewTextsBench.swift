import Foundation
import Judgement
import JudgementTestSupport

/// Our side of `script/bench-review-texts`: `PART FOLDER [SIZE …]` measures one part, prints its figures and leaves in
/// the folder what the peer needs to do the same. `assignment` takes the file of an instance in place of a folder.
@main
struct ReviewTextsBench {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 2 else {
            print("usage: PART FOLDER [SIZE …]")
            exit(64)
        }
        let folder = arguments[1]
        let sizes = arguments.dropFirst(2).compactMap { Int($0) }
        switch arguments[0] {
        case "assignment": try AssignmentBench.run(folder, replacements: sizes.first ?? 0)
        case "simulation": SimulationBench.run(seeds: sizes.first ?? 200)
        case "calibration": try CalibrationBench.run(folder, applications: sizes.first ?? 400_000)
        case "duplicates": try DuplicatesBench.run(folder, texts: sizes.first ?? 100_000, shared: 5_000)
        case "arrival": DuplicatesBench.arrival(texts: sizes.first ?? 1_000_000)
        case "titles": try DuplicatesBench.titles(folder)
        case "affinity":
            try AffinityBench.run(
                folder, applications: sizes.first ?? 20_000, experts: sizes.dropFirst().first ?? 10_000)
        default:
            print("no such part: \(arguments[0])")
            exit(64)
        }
    }
}

/// Processor seconds of a piece of work: everything here runs on one thread, and others may use the machine.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let start = now()
    try body()
    return now() - start
}

/// Seconds by the clock on the wall, for what several threads do.
func wallSeconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return start.duration(to: .now) / .seconds(1)
}

/// A number with so many decimals.
func short(_ value: Double, _ places: Int = 3) -> String { String(format: "%.\(places)f", value) }

/// Greatest memory so far, in MiB.
func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
    return (Int(line.filter(\.isNumber)) ?? 0) / 1_024
}

func write(_ text: String, _ folder: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
}
