public import Kernel
import Ledger
import Store

/// A sample as it was drawn; the same question gives the same answer for ever.
struct AuditSample: Sendable {
    let id: ID<AuditSample>
    let number: String
    let title: String
    let question: SampleQuestion
    /// The newest posting when it was drawn: what was entered afterwards does not belong to the population.
    let through: String
    let population: Int
    let total: Money
    /// SHA-256 of the population file.
    let populationHash: String
    let madeBy: String
    let madeName: String
    let madeAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        number = try row["number"]
        title = try row["title"]
        question = SampleQuestion(
            method: SampleMethod(rawValue: try row["method"]) ?? .random, kind: try row["kind"],
            from: try row["from_day"],
            to: try row["to_day"], programme: try row["programme"], least: try row["least_fen"], size: try row["size"],
            seed: try row["seed"])
        through = try row["through"]
        population = try row["population"]
        total = try row["total_fen"]
        populationHash = try row["population_hash"]
        madeBy = try row["made_by"]
        madeName = try row["made_name"]
        madeAt = try row["made_at"]
    }
}

/// What a sample is drawn from, and how.
struct SampleQuestion: Hashable, Sendable {
    let method: SampleMethod
    /// The station into which money moved.
    let kind: AccountKind
    let from: Day
    let to: Day
    /// Code of the programme; empty for all.
    let programme: String
    let least: Money
    let size: Int
    let seed: String
}

/// Draws, keeps and draws again.
struct SampleDesk: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource

    static let most = 500

    /// Draws a sample and keeps it with its seed.
    func draw(_ question: SampleQuestion, title: String, by actor: Actor) async throws -> AuditSample {
        try Policy.require(actor, .audit)
        let (now, id) = (clock.now(), ids.make(AuditSample.self))
        return try await db.write { tx in
            let through: String = try tx.value("SELECT MAX(id) FROM ledger_posting") ?? ""
            let result = try SampleDesk.run(question, through: through, tx)
            let year = question.to.parts.year
            let number = "SJ-\(year)-\(padded(try NumberSeries.next("audit-sample.\(year)", tx), 3))"
            try tx.run(
                """
                INSERT INTO audit_sample (id, number, title, method, kind, from_day, to_day, programme, least_fen, size,
                    seed, through, population, total_fen, population_hash, made_by, made_name, made_at)
                VALUES (\(id), \(number), \(title), \(question.method.rawValue), \(question.kind), \(question.from),
                    \(question.to), \(question.programme), \(question.least), \(question.size), \(question.seed),
                    \(through), \(result.population), \(result.total), \(result.hash), \(actor.account?.text ?? ""),
                    \(actor.name), \(now))
                """)
            let rows = result.chosen.enumerated().map { index, one -> SQL in
                "(\(id), \(index + 1), \(one.unit.posting), \(one.unit.amount), \(one.hits))"
            }
            for block in stride(from: 0, to: rows.count, by: 100) {
                try tx.run(
                    """
                    INSERT INTO audit_sample_item (sample, position, posting, amount_fen, hits)
                    VALUES \(SQL.join(Array(rows[block..<min(block + 100, rows.count)]), separator: ", "))
                    """)
            }
            try Record.append(
                Event(
                    room: "funding", kind: "audit.sampled", subjectKind: "audit-sample", subject: id.text, actor: actor,
                    at: now,
                    content: [
                        "number": .string(number), "seed": .string(question.seed), "population": .string(result.hash),
                        "items": .integer(Int64(result.chosen.count)),
                    ]), tx)
            guard let made = try SampleDesk.find(number, tx) else { throw OversightError.unknownSample }
            return made
        }
    }

    /// What a draw gives.
    struct Result: Sendable {
        var population = 0
        var total = Money.zero
        var hash = ""
        var chosen: [SampleDraw.Chosen] = []
    }

    /// Draws, from the postings up to one.
    static func run(_ question: SampleQuestion, through: String, _ tx: Tx) throws -> Result {
        var result = Result()
        let sums = try tx.first(
            "SELECT COUNT(*) AS n, COALESCE(SUM(fen), 0) AS fen FROM (\(units(question, through))) u")
        result.total = try sums?["fen"] ?? .zero
        result.population = try sums?["n"] ?? 0
        let digest = RunningDigest()
        digest.add(Array(SampleFile.header.utf8))
        var draw = SampleDraw(question.method, size: question.size, seed: question.seed, total: result.total)
        try tx.forEach("\(units(question, through)) ORDER BY l.posting") { row in
            let unit = SampleUnit(posting: try row["posting"], amount: try row["fen"])
            digest.add(Array(SampleFile.line(unit).utf8))
            draw.add(unit)
        }
        result.hash = digest.finish()
        result.chosen = draw.chosen
        return result
    }

    /// The population as a file, in pieces.
    static func population(_ sample: AuditSample, after: String, limit: Int, _ tx: Tx) throws -> [SampleUnit] {
        try tx.rows(
            """
            \(units(sample.question, sample.through, after: after)) ORDER BY l.posting LIMIT \(limit)
            """
        ) { SampleUnit(posting: try $0["posting"], amount: try $0["fen"]) }
    }

    private static func units(_ question: SampleQuestion, _ through: String, after: String = "") -> SQL {
        let programme: SQL =
            question.programme.isEmpty ? "" : "AND a.programme = \(LedgerAccount.code(question.programme))"
        return """
            SELECT l.posting, SUM(l.in_fen) AS fen
            FROM ledger_posting p JOIN ledger_leg l ON l.posting = p.id JOIN ledger_account a ON a.id = l.account
            WHERE p.day BETWEEN \(question.from) AND \(question.to) AND p.id <= \(through) AND p.id > \(after)
                AND a.kind = \(question.kind) AND NOT l.held AND l.in_fen > 0 \(programme)
            GROUP BY l.posting HAVING SUM(l.in_fen) >= \(question.least)
            """
    }

    static func find(_ number: String, _ tx: Tx) throws -> AuditSample? {
        try tx.first("SELECT * FROM audit_sample WHERE number = \(number)", AuditSample.init(row:))
    }

    /// Samples, newest first, before one.
    static func list(before number: String?, limit: Int, _ tx: Tx) throws -> [AuditSample] {
        let edge: SQL = number.map { "WHERE number < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM audit_sample \(edge) ORDER BY number DESC LIMIT \(limit)", AuditSample.init(row:))
    }

    /// What a sample chose, after a position.
    static func items(
        _ id: ID<AuditSample>, after: Int, limit: Int, _ tx: Tx
    ) throws -> [(position: Int, chosen: SampleDraw.Chosen)] {
        try tx.rows(
            """
            SELECT * FROM audit_sample_item WHERE sample = \(id) AND position > \(after)
            ORDER BY position LIMIT \(limit)
            """
        ) { row in
            let unit = SampleUnit(posting: try row["posting"], amount: try row["amount_fen"])
            return (try row["position"], SampleDraw.Chosen(unit: unit, hits: try row["hits"]))
        }
    }
}

/// The file of a population: what an outsider needs besides the seed.
public enum SampleFile {
    static let header = "posting,fen\n"
    static func line(_ unit: SampleUnit) -> String { "\(unit.posting),\(unit.amount.fen)\n" }

    /// Draws again from a population file.
    /// - Parameter lines: the lines of the file, its heading among them; read twice.
    /// - Throws: ``OversightError/populationFile(line:)``, ``OversightError/populationSum``.
    public static func draw(
        _ method: SampleMethod, size: Int, seed: String, lines: some Sequence<String>
    ) throws -> [SampleDraw.Chosen] {
        var units: [SampleUnit] = []
        var hasHeader = false
        for (index, line) in lines.enumerated() where index == 0 || !line.isEmpty {
            if index == 0 {
                guard "\(line)\n" == header else { throw OversightError.populationFile(line: 1) }
                hasHeader = true
                continue
            }
            let parts = line.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let fen = Int64(parts[1]), fen >= 0 else {
                throw OversightError.populationFile(line: index + 1)
            }
            units.append(SampleUnit(posting: String(parts[0]), amount: Money(fen: fen)))
        }
        guard hasHeader else { throw OversightError.populationFile(line: 1) }
        guard let total = Money.countableSum(units.lazy.map(\.amount)) else { throw OversightError.populationSum }
        var draw = SampleDraw(method, size: size, seed: seed, total: total)
        for unit in units { draw.add(unit) }
        return draw.chosen
    }
}

extension Permission {
    static let audit = Permission(Bilingual("审计", "audit"), [.auditor])
}

/// Why oversight cannot do as asked.
public enum OversightError: Problem, Hashable {
    case unknownSample
    case unknownHit
    case populationFile(line: Int)
    /// The amounts add up to more than can be counted.
    case populationSum
    case auditFile(Bilingual)

    public var kind: ProblemKind {
        switch self {
        case .unknownSample, .unknownHit: .notFound
        case .populationFile, .populationSum, .auditFile: .invalid
        }
    }
    public var code: String {
        switch self {
        case .unknownSample: "oversight.sample"
        case .unknownHit: "oversight.hit"
        case .populationFile, .populationSum: "oversight.population"
        case .auditFile: "oversight.file"
        }
    }
    public var message: Bilingual {
        switch self {
        case .unknownSample: Bilingual("没有这个样本。", "There is no such sample.")
        case .unknownHit: Bilingual("没有这条红旗。", "There is no such red flag.")
        case .populationFile(let line):
            Bilingual("总体文件第 \(line) 行应为“记账编号,分”。", "Line \(line) of the population is not 'posting,fen'.")
        case .populationSum:
            Bilingual("总体文件的金额合计过大，请核对各行的分数。", "The amounts of the population add up to more than can be counted.")
        case .auditFile(let what): Bilingual("审计文件有误：\(what.zh)", "The audit file is wrong: \(what.en)")
        }
    }
}
