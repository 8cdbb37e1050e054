import Judgement
import Kernel

/// What `review assign` prints. Numbers are written as exact decimals, which the house's own JSON values do not hold.
struct AssignReport {
    private let input: AssignInput
    private let mode: [(name: String, text: String)]
    private let shortages: [Shortage]
    private let certificate: Certificate?
    private let pairs: [Pair]
    private let marginals: Marginals?

    init(_ input: AssignInput, _ assignment: Assignment) {
        self.init(input, assignment, [])
    }

    init(_ input: AssignInput, _ fair: FairAssignment) {
        self.init(
            input, fair.assignment,
            [
                ("bestTotal", input.scale.text(Int128(fair.bestTotal))),
                ("worstBound", input.scale.text(Int128(fair.worstBound))),
                ("totalBound", input.scale.text(Int128(fair.totalBound))), ("solves", "\(fair.solves)"),
            ])
    }

    private init(_ input: AssignInput, _ assignment: Assignment, _ more: [(name: String, text: String)]) {
        self.input = input
        mode =
            [
                ("objective", input.scale.text(Int128(assignment.objective))),
                ("worst", input.scale.text(Int128(assignment.worst))),
            ] + more
        shortages = assignment.shortages
        certificate = more.isEmpty ? assignment.certificate : nil
        pairs = assignment.pairs
        marginals = nil
    }

    init(_ input: AssignInput, _ marginals: Marginals, _ sample: SampleReport) {
        self.input = input
        let parts = Int64(marginals.parts)
        mode = [
            ("objective", input.scale.text(Int128(sample.objective))),
            ("worst", input.scale.text(Int128(sample.worst))),
            ("expected", input.scale.text(marginals.expected, dividedBy: parts)),
            (
                "samples",
                "{\"count\":\(sample.count),\"largestZ\":\(sample.largestZ),\"seatsKept\":\(sample.keepsSeats),"
                    + "\"loadsKept\":\(sample.keepsLoads)}"
            ),
        ]
        shortages = marginals.shortages
        certificate = marginals.certificate
        pairs = sample.first
        self.marginals = marginals
    }

    /// - Parameter seconds: millionths of a second that the answer took.
    func show(seconds: Int128, json: Bool) {
        json ? Out.line(jsonText(seconds)) : plain(seconds)
    }

    private func decimal(_ millionths: Int128) -> String {
        let rest = "\(millionths % 1_000_000)"
        return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    }

    private func jsonText(_ seconds: Int128) -> String {
        var members = mode.map { "\"\($0.name)\":\($0.text)" }
        members.append("\"seconds\":\(decimal(seconds))")
        members.append("\"unfilled\":[" + shortages.map(shortage).joined(separator: ",") + "]")
        if let certificate {
            members.append(
                "\"certificate\":{\"solver\":\"\(certificate.solver.rawValue)\",\"value\":\(certificate.value),"
                    + "\"bound\":\(certificate.bound)}")
        }
        members.append("\"pairs\":[" + pairs.map(pair).joined(separator: ",") + "]")
        if let marginals {
            let items = marginals.items.map { item in
                let probability = DecimalScale.whole.text(Int128(item.units), dividedBy: Int64(marginals.parts))
                return "{\"application\":\(text(input.application(item.pair.application))),"
                    + "\"expert\":\(text(input.expert(item.pair.expert))),\"probability\":\(probability)}"
            }
            members.append("\"marginals\":[" + items.joined(separator: ",") + "]")
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private func text(_ name: String) -> String { JSONValue.string(name).canonicalText }

    private func pair(_ pair: Pair) -> String {
        let score = input.request.candidates.score(pair).map { input.scale.text(Int128($0)) } ?? "null"
        return "{\"application\":\(text(input.application(pair.application))),"
            + "\"expert\":\(text(input.expert(pair.expert))),\"score\":\(score)}"
    }

    private func shortage(_ shortage: Shortage) -> String {
        let parts = Int128(marginals?.parts ?? 1)
        let missing = DecimalScale.whole.text(Int128(shortage.missing), dividedBy: Int64(parts))
        let ways = shortage.ways.map {
            "{\(limit($0.limit)),\"gain\":\(input.scale.text(Int128($0.gain)))}"
        }
        return "{\(kind(shortage.kind)),\"missing\":\(missing),\"limits\":["
            + shortage.limits.map { "{\(limit($0))}" }.joined(separator: ",") + "],\"ways\":["
            + ways.joined(separator: ",") + "]}"
    }

    private func kind(_ kind: Shortage.Kind) -> String {
        switch kind {
        case .seats(let applications):
            "\"reason\":\"experts\",\"applications\":["
                + applications.map { text(input.application($0)) }.joined(separator: ",") + "]"
        case .load(let expert): "\"reason\":\"least-load\",\"expert\":\(text(input.expert(expert)))"
        case .quota(let name, let application): "\"reason\":\"quota\"," + quota(name, application)
        }
    }

    private func limit(_ limit: Shortage.Limit) -> String {
        switch limit {
        case .load(let expert): "\"limit\":\"load\",\"expert\":\(text(input.expert(expert)))"
        case .quota(let name, let application): "\"limit\":\"quota\"," + quota(name, application)
        case .candidates(let application):
            "\"limit\":\"candidates\",\"application\":\(text(input.application(application)))"
        }
    }

    private func quota(_ name: String, _ application: Int?) -> String {
        "\"group\":\(text(name))" + (application.map { ",\"application\":\(text(input.application($0)))" } ?? "")
    }

    private func plain(_ seconds: Int128) {
        for (name, value) in mode { Out.line("\(name) \(value)") }
        Out.line("\(pairs.count) pairs in \(decimal(seconds)) s")
        for item in shortages { Out.line("short: \(shortage(item))") }
        for pair in pairs { Out.line("\(input.application(pair.application))\t\(input.expert(pair.expert))") }
    }
}

/// Draws from probabilities, compared with them.
struct SampleReport {
    let count: Int
    let first: [Pair]
    let objective: Int64
    let worst: Int64
    let keepsSeats: Bool
    let keepsLoads: Bool
    /// The largest distance of a pair's count from what its probability promises, in standard deviations.
    let largestZ: Double

    init(_ marginals: Marginals, _ request: AssignmentRequest, seed: UInt64, count: Int) throws(AssignmentError) {
        let rounding = try DependentRounding(marginals, of: request)
        var chance = Chance(seed: seed)
        var counts: [Pair: Int] = [:]
        var (first, keepsSeats, keepsLoads) = ([Pair](), true, true)
        for sample in 0..<count {
            let pairs = rounding.draw(&chance)
            if sample == 0 { first = pairs }
            var (seats, load) = (
                [Int](repeating: 0, count: request.demand.count), [Int](repeating: 0, count: request.load.count)
            )
            for pair in pairs {
                counts[pair, default: 0] += 1
                seats[pair.application] += 1
                load[pair.expert] += 1
            }
            for (application, held) in seats.enumerated() {
                let short = Int(marginals.unfilled[application])
                let missing = (request.demand[application] - held) * Int(marginals.parts)
                if abs(missing - short) >= Int(marginals.parts) { keepsSeats = false }
            }
            for (expert, held) in load.enumerated() where held > request.load[expert].upperBound { keepsLoads = false }
        }
        var totals = [Int64](repeating: 0, count: request.demand.count)
        for pair in first { totals[pair.application] += request.candidates.score(pair) ?? 0 }
        (self.count, self.first, self.keepsSeats, self.keepsLoads) = (count, first, keepsSeats, keepsLoads)
        objective = totals.reduce(0, +)
        worst = totals.indices.filter { request.demand[$0] > 0 }.map { totals[$0] }.min() ?? 0
        var largest = 0.0
        for item in marginals.items where item.units % marginals.parts != 0 {
            let chance = Double(item.units) / Double(marginals.parts)
            let spread = (Double(count) * chance * (1 - chance)).squareRoot()
            largest = max(largest, abs(Double(counts[item.pair] ?? 0) - chance * Double(count)) / spread)
        }
        largestZ = largest
    }
}
