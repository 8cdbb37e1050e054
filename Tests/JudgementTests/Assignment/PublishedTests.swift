import CLemon
import Foundation
import Testing

@testable import Judgement

/// Real bids of two conferences, and what others published about them. They lie outside the project, in the folder that
/// `KECHUANG_TEST_DATA` names or in `../shared/data`.
@Suite("Published assignments")
struct PublishedTests {
    static let folder: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["KECHUANG_TEST_DATA"]
        let found = [named, root.deletingLastPathComponent().appendingPathComponent("shared/data").path].compactMap {
            $0
        }
        .first { FileManager.default.fileExists(atPath: "\($0)/review-aamas2015.csv") }
        if found == nil { print("KECHUANG_TEST_DATA is not set: published assignments are not tested") }
        return found
    }()

    struct Case: Sendable, CustomTestStringConvertible {
        let file: String
        let load: Int
        let optimum: String
        /// Cap in parts of 1024, and the published share of the optimum.
        let ratios: [(units: Int, ratio: Double)]
        var testDescription: String { file }
    }

    static let cases = [
        Case(
            file: "review-preflib1.csv", load: 6, optimum: "124.25",
            ratios: [
                (459, 0.8002998459507042), (554, 0.8500337965291751), (677, 0.9001528703470825),
                (838, 0.9499300490442656), (950, 0.9800796969315896), (987, 0.9900398484657947),
                (1006, 0.9951545208752515),
            ]),
        Case(
            file: "review-aamas2015.csv", load: 12, optimum: "1406.25",
            ratios: [(452, 0.7999138888888889), (668, 0.900075)]),
    ]

    static func request(_ file: String, load: Int) throws -> (AffinityTable, AssignmentRequest) {
        let path = "\(try #require(folder))/\(file)"
        let table = try AffinityTable(csv: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        return (
            table,
            AssignmentRequest(
                candidates: table.candidates, demand: Array(repeating: 3, count: table.applications.count),
                load: Array(repeating: 0...load, count: table.experts.count))
        )
    }

    @Test(
        "Optimum, second opinion, and all ratios of capped probabilities", .enabled(if: folder != nil), arguments: cases
    )
    func published(one: Case) throws {
        let (table, request) = try Self.request(one.file, load: one.load)
        let best = try Assigner.best(request)
        #expect(table.scale.text(Int128(best.objective)) == one.optimum && best.shortages.isEmpty)
        let second = try QuotaNetwork(request, .plain).network.solve(LEMON_NETWORK_SIMPLEX)
        #expect(second.cost == -best.certificate.value)
        #expect(try Placement.best(request, budget: -1).certificate.value == best.certificate.value)
        for (units, ratio) in one.ratios {
            let marginals = try Assigner.marginals(request, cap: ProbabilityCap(units, of: 1024))
            let own = Double(marginals.expected) / 1024 / Double(best.objective)
            #expect(abs(own - ratio) <= 1e-12, "\(units)/1024: \(own)")
        }
    }

    @Test(
        "Two thousand samples agree with the probabilities, and each keeps seats, conflicts and loads",
        .enabled(if: folder != nil), arguments: [nil, 9] as [Int?])
    func samples(everyConflict: Int?) throws {
        // The file has no conflict; the second time every ninth pair is one, and each expert has a least load.
        let path = "\(try #require(Self.folder))/review-preflib1.csv"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var lines = text.split(whereSeparator: \.isNewline).map(String.init)
        var conflicts: Set<String> = []
        if let everyConflict {
            for index in stride(from: everyConflict, to: lines.count, by: everyConflict) {
                let cells = lines[index].split(separator: ",")
                conflicts.insert("\(cells[0]) \(cells[1])")
                lines[index] = "\(cells[0]),\(cells[1]),\(cells[2]),1"
            }
        }
        let table = try AffinityTable(csv: Array(lines.joined(separator: "\n").utf8))
        let bounds = everyConflict == nil ? 0...6 : 4...6
        let request = AssignmentRequest(
            candidates: table.candidates, demand: Array(repeating: 3, count: table.applications.count),
            load: Array(repeating: bounds, count: table.experts.count))
        let marginals = try Assigner.marginals(request, cap: ProbabilityCap(459, of: 1024))
        try #require(marginals.shortages.isEmpty && (conflicts.count > 100) == (everyConflict != nil))
        let rounding = try DependentRounding(marginals, of: request)
        var (chance, counts) = (Chance(seed: 1), [Pair: Int]())
        for sample in 0..<2000 {
            let pairs = rounding.draw(&chance)
            var seats = [Int](repeating: 0, count: request.demand.count)
            var load = [Int](repeating: 0, count: request.load.count)
            for pair in pairs {
                counts[pair, default: 0] += 1
                seats[pair.application] += 1
                load[pair.expert] += 1
            }
            #expect(seats.allSatisfy { $0 == 3 }, "sample \(sample)")
            #expect(Set(pairs).count == pairs.count, "sample \(sample): an expert comes twice on one application")
            #expect(load.allSatisfy { bounds.contains($0) }, "sample \(sample)")
        }
        for pair in counts.keys {
            #expect(request.candidates.score(pair) != nil)
            #expect(!conflicts.contains("\(table.applications[pair.application]) \(table.experts[pair.expert])"))
        }
        let distances = marginals.items.map { item in
            let promised = Double(item.units) / 1024
            return abs(Double(counts[item.pair] ?? 0) - 2000 * promised)
                / (2000 * promised * (1 - promised)).squareRoot()
        }
        print("largest |z| of \(distances.count) pairs in 2,000 samples: \(distances.max() ?? 0)")
        #expect(distances.max() ?? 9 < 4.5)
    }

    @Test(
        "Fair mode lifts the worst-off of AAMAS 2015 to 1.25 for 1403.75, and proves both bounds",
        .enabled(if: folder != nil))
    func fair() throws {
        let (table, request) = try Self.request("review-aamas2015.csv", load: 12)
        let fair = try Assigner.fair(request)
        #expect(table.scale.text(Int128(fair.assignment.worst)) == "1.25")
        #expect(table.scale.text(Int128(fair.assignment.objective)) == "1403.75")
        #expect(table.scale.text(Int128(fair.totalBound)) == "1403.75")
        #expect(
            table.scale.text(Int128(fair.worstBound)) == "1.5" && table.scale.text(Int128(fair.bestTotal)) == "1406.25")
    }
}
