import ArgumentParser
import Foundation
import Judgement
import Kernel

/// Assigns experts to applications from a file of scores, and prints what anyone needs to check the answer.
struct ReviewAssignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Assigns experts to applications; docs/assignment.md says how and why to trust it.")

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case best, fair, random, perturbed
    }

    @Option(help: "CSV with the columns application,expert,score,conflict; 1 in the last forbids the pair.")
    var scores: String?
    @Option(help: "Binary instance in place of --scores; docs/assignment.md has the layout.")
    var binary: String?
    @Option(help: "Experts for each application. The binary file has its own.")
    var demand: Int?
    @Option(help: "The most applications for each expert. The binary file has its own.")
    var load: Int?
    @Option(help: "The least applications for each expert.")
    var loadMin = 0
    @Option(help: "CSV with the columns expert,institution.")
    var institutions: String?
    @Option(help: "The most experts of one institution on one application.")
    var institutionCap: Int?
    @Option(help: "Pairs that score less are left out.")
    var minScore: String?
    @Option(help: "best total, fair, random or perturbed.")
    var mode: Mode = .best
    @Option(help: "Random modes: no pair is likelier than this, such as 452/1024 or 0.5.")
    var cap = "1"
    @Option(help: "Perturbed: by how many per cent the last part of a pair counts less than the first.")
    var strength = 50
    @Option(help: "Fair: how much of the best total may be given up, in thousandths.")
    var giveUp = 10
    @Option(help: "Seed of the draws.")
    var seed: UInt64 = 1
    @Option(help: "Random modes: how many assignments to draw and compare with the probabilities.")
    var samples = 1
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await Failure.catching {
            guard (1...1_000_000).contains(samples) else {
                throw PlainProblem.command("--samples：须为 1 至 1000000 的整数。", "--samples: must be from 1 to 1,000,000.")
            }
            let input = try AssignInput(self)
            let clock = ContinuousClock()
            let start = clock.now
            let report: AssignReport
            do throws(AssignmentError) {
                report = try answer(input)
            } catch {
                throw PlainProblem(.invalid, "assignment", Bilingual(error.zh, error.en))
            }
            let spent = start.duration(to: clock.now).components
            let micros = spent.seconds * 1_000_000 + spent.attoseconds / 1_000_000_000_000
            report.show(seconds: Int128(micros), json: json)
        }
    }

    private func answer(_ input: AssignInput) throws(AssignmentError) -> AssignReport {
        switch mode {
        case .best: return AssignReport(input, try Assigner.best(input.request))
        case .fair: return AssignReport(input, try Assigner.fair(input.request, perMille: giveUp))
        case .random, .perturbed:
            let marginals =
                mode == .random
                ? try Assigner.marginals(input.request, cap: input.cap)
                : try Assigner.perturbed(input.request, cap: input.cap, percent: strength)
            return AssignReport(
                input, marginals, try SampleReport(marginals, input.request, seed: seed, count: samples))
        }
    }
}

/// The question that the options and files ask, with the names to answer it in.
struct AssignInput {
    let request: AssignmentRequest
    let scale: DecimalScale
    let cap: ProbabilityCap
    private let applications: [String]?
    private let experts: [String]?

    func application(_ number: Int) -> String { applications?[number] ?? "\(number)" }
    func expert(_ number: Int) -> String { experts?[number] ?? "\(number)" }

    init(_ command: ReviewAssignCommand) throws {
        cap = try Self.cap(command.cap)
        switch (command.scores, command.binary) {
        case (let file?, nil):
            let table = try Self.table(file)
            guard let demand = command.demand, let load = command.load else {
                throw PlainProblem.command(
                    "使用 --scores 时，须同时给出 --demand 和 --load。", "Give --demand and --load with --scores.")
            }
            (applications, experts, scale) = (table.applications, table.experts, table.scale)
            request = try Self.request(
                command, table.candidates, Array(repeating: demand, count: table.applications.count),
                Array(repeating: load, count: table.experts.count), table.scale,
                Self.institutions(command.institutions, table.experts))
        case (nil, let file?):
            let instance = try Self.instance(file)
            (applications, experts, scale) = (nil, nil, .whole)
            let demand = command.demand.map { Array(repeating: $0, count: instance.demand.count) }
            let load = command.load.map { Array(repeating: $0, count: instance.load.count) }
            request = try Self.request(
                command, instance.candidates, demand ?? instance.demand, load ?? instance.load, .whole,
                instance.institutions.map { "\($0)" })
        default:
            throw PlainProblem.command(
                "请在 --scores 和 --binary 中选用一个。", "Give either --scores or --binary.")
        }
    }

    private static func request(
        _ command: ReviewAssignCommand, _ candidates: Candidates, _ demand: [Int], _ load: [Int], _ scale: DecimalScale,
        _ institutions: [String?]?
    ) throws -> AssignmentRequest {
        guard command.loadMin >= 0, load.allSatisfy({ $0 >= command.loadMin }), demand.allSatisfy({ $0 >= 0 }) else {
            throw PlainProblem.command(
                "--demand、--load 和 --load-min 不能为负数，且 --load-min 不能大于每位专家的最多评审数。",
                "--demand, --load and --load-min must be at least 0, and --load-min at most the load.")
        }
        var quotas: [Quota] = []
        if let most = command.institutionCap {
            guard let institutions else {
                throw PlainProblem.command(
                    "使用 --institution-cap 时，须同时给出 --institutions。", "Give --institutions with --institution-cap.")
            }
            guard most >= 0 else {
                throw PlainProblem.command(
                    "--institution-cap 不能为负数。", "--institution-cap must be at least 0.")
            }
            quotas = Quota.institutions(institutions, most: most)
        }
        var least: Int64?
        if let text = command.minScore {
            guard let value = Decimal64(text) else {
                throw PlainProblem.command(
                    "--min-score：“\(text)”不是十进制数，请填写如 0.25 的数。", "--min-score '\(text)' is not a decimal number.")
            }
            least = scale.unitsRoundedUp(value)
        }
        return AssignmentRequest(
            candidates: candidates, demand: demand, load: load.map { command.loadMin...$0 }, quotas: quotas,
            minimumScore: least)
    }

    private static func table(_ file: String) throws -> AffinityTable {
        do {
            return try AffinityTable(csv: try ImportBytes.read(file))
        } catch let refused as AffinityTable.Refused {
            let lines = refused.refusals.map { ($0.line, Bilingual($0.zh, $0.en)) }
            throw self.refused(file, lines, refused.count)
        } catch let error as AssignmentError {
            throw PlainProblem(.invalid, "assignment", Bilingual(error.zh, error.en))
        }
    }

    private static func refused(_ file: String, _ lines: [(Int, Bilingual)], _ count: Int) -> PlainProblem {
        let fields = lines.map {
            FieldProblem(field: "line \($0)", code: "row.refused", message: $1)
        }
        let more =
            count > lines.count
            ? Bilingual("前 \(lines.count) 行如下：", " The first \(lines.count) of them:") : Bilingual("", "")
        return PlainProblem(
            .invalid, "scores",
            Bilingual(
                "\(file)：\(count) 行不能采用。\(more.zh)", "\(file): \(counted(count, "line")) cannot be taken.\(more.en)"),
            fields: fields)
    }

    private static func instance(_ file: String) throws -> InstanceFile {
        do {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw PlainProblem.command(
                    "无法读取文件 \(file)，请核对路径和权限。", "\(file) cannot be read.")
            }
            return try data.withUnsafeBytes { try InstanceFile($0) }
        } catch let malformed as InstanceFile.Malformed {
            throw PlainProblem.command(
                "文件 \(file) 不是二进制实例：开头的标记或长度不符，请按 docs/assignment.md 重新生成。",
                "\(file) is not a binary instance: \(malformed.reason).")
        } catch let error as AssignmentError {
            throw PlainProblem(.invalid, "assignment", Bilingual(error.zh, error.en))
        }
    }

    private static func institutions(_ file: String?, _ experts: [String]) throws -> [String?]? {
        guard let file else { return nil }
        let rows = try ReviewFiles.rows(file)
        guard rows.first == ["expert", "institution"] else {
            throw PlainProblem.command(
                "\(file)：表头须为 expert,institution。", "\(file): the header must be expert,institution.")
        }
        var names: [String: String] = [:]
        var bad: [(Int, Bilingual)] = []
        for (index, row) in rows.enumerated().dropFirst() where row != [""] {
            if row.count != 2 {
                bad.append((index + 1, Bilingual("须有且只有两个单元格", "must have two cells")))
            } else if let before = names.updateValue(row[1], forKey: row[0]), before != row[1] {
                bad.append(
                    (index + 1, Bilingual("专家 \(row[0]) 已有另一单位", "gives the expert \(row[0]) a second institution")))
            }
        }
        guard bad.isEmpty else { throw refused(file, Array(bad.prefix(50)), bad.count) }
        return experts.map { names[$0].flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// A fraction such as 452/1024, or a decimal such as 0.5.
    private static func cap(_ text: String) throws -> ProbabilityCap {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        if parts.count == 2, let units = parts[0], let whole = parts[1] { return try cap(units, whole, text) }
        guard parts.count == 1, let value = Decimal64(text), (0...6).contains(value.decimals) else {
            throw PlainProblem.command(
                "--cap：“\(text)”无效，请填写如 452/1024 的分数或如 0.5 的小数。",
                "--cap '\(text)' is not a fraction such as 452/1024 or a decimal such as 0.5.")
        }
        return try cap(Int(value.digits), (0..<value.decimals).reduce(1) { power, _ in power * 10 }, text)
    }

    private static func cap(_ units: Int, _ whole: Int, _ text: String) throws -> ProbabilityCap {
        do throws(AssignmentError) {
            return try ProbabilityCap(units, of: whole)
        } catch {
            throw PlainProblem.command(
                "--cap：“\(text)”须大于 0 且不超过 1，分母不超过 1000000。",
                "--cap '\(text)' must be above 0 and at most 1, with a denominator of at most 1000000.")
        }
    }
}

/// The bytes of a file that the command line names.
enum ImportBytes {
    static func read(_ file: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw PlainProblem(
                .invalid, "file.unreadable", Bilingual("无法读取文件 \(file)。", "\(file) cannot be read."))
        }
        return Array(data)
    }
}
