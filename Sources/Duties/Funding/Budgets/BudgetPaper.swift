import Kernel
import Ledger
import Store

/// Where public money comes from.
enum BudgetSource: String, CaseIterable, Sendable {
    case municipal, provincial, national, other

    var name: Bilingual {
        switch self {
        case .municipal: Bilingual("市级财政", "Municipal")
        case .provincial: Bilingual("省级财政", "Provincial")
        case .national: Bilingual("中央财政", "National")
        case .other: Bilingual("其他", "Other")
        }
    }
}

/// What a budget paper changes, as its form says.
struct BudgetPaper: Sendable {
    /// A change of what a source grants, or of what a programme has of it.
    struct Line: Sendable {
        let source: BudgetSource
        /// Code of a programme; nil where the line is about the grant itself.
        let programme: String?
        /// Below zero where there shall be less.
        let change: Money
    }

    let year: Int
    let lines: [Line]

    /// Reads the answers of the form; rows that are not filled in are left out.
    init(_ answers: JSONValue) {
        year = Int(answers["year"]?.integer ?? 0)
        lines = (answers["lines"]?.array ?? []).compactMap { row in
            guard let source = row["source"]?.string.flatMap(BudgetSource.init(rawValue:)),
                let amount = row["amount"]?.integer, amount > 0
            else { return nil }
            let programme = row["programme"]?.string.flatMap { $0.isEmpty ? nil : $0 }
            return Line(
                source: source, programme: programme,
                change: Money(fen: row["direction"]?.string == "down" ? -amount : amount))
        }
    }

    static func of(_ id: ID<CaseFile>, _ tx: Tx) throws -> BudgetPaper {
        BudgetPaper(try CaseStore.answers(id, tx).content)
    }

    /// What each account gains or loses by the whole paper, by name; accounts that stay as they are are left out.
    var legs: [Leg] {
        var changes: [LedgerAccount: Money] = [:]
        for line in lines {
            let appropriation = LedgerAccount.appropriation(line.source.rawValue, year: year)
            let (from, to): (LedgerAccount, LedgerAccount) =
                line.programme.map { (appropriation, .budget($0, year: year)) }
                ?? (.source(line.source.rawValue, year: year), appropriation)
            changes[from] = (changes[from] ?? .zero) - line.change
            changes[to] = (changes[to] ?? .zero) + line.change
        }
        return changes.filter { $0.value != .zero }.map { Leg($0.key, $0.value) }.sorted { $0.account < $1.account }
    }

    /// Whether the paper changes what programmes have.
    var changesProgrammes: Bool { lines.contains { $0.programme != nil } }

    /// What the books do not allow: a budget below what is promised, more for programmes than was granted.
    func problems(_ programmes: [Programme], _ tx: Tx) throws -> [FieldProblem] {
        guard !legs.isEmpty else {
            return [
                FieldProblem(
                    field: "lines", code: "budget.nothing",
                    message: Bilingual("明细相互抵消，没有任何变化", "The lines cancel each other; nothing would change"))
            ]
        }
        return try legs.compactMap { leg -> FieldProblem? in
            guard leg.account.kind.hasFloor, leg.amount < .zero else { return nil }
            let free = try Balances.now(leg.account, tx)?.available ?? .zero
            guard free + leg.amount < .zero else { return nil }
            let wanted = Money(fen: -leg.amount.fen)
            if leg.account.kind == .budget {
                let code = leg.account[.programme]
                let name = programmes.first { LedgerAccount.code($0.code) == code }?.name ?? Bilingual("", "")
                return FieldProblem(
                    field: "lines", code: "budget.below-promised",
                    message: Bilingual(
                        "「\(name.zh)」要减少 \(wanted.yuanText) 元，但除已承诺的以外只剩 \(free.yuanText) 元",
                        "'\(name.en)' shall lose RMB \(wanted.yuanText), but only RMB \(free.yuanText) is not promised")
                )
            }
            let source = leg.account[.source].flatMap(BudgetSource.init(rawValue:))?.name ?? Bilingual("", "")
            return FieldProblem(
                field: "lines", code: "budget.not-granted",
                message: Bilingual(
                    "「\(source.zh)」\(year) 年批复中未分配的只有 \(free.yuanText) 元，不足 \(wanted.yuanText) 元",
                    "Of the \(source.en.lowercased()) grant of \(year) only RMB \(free.yuanText) is not given out; RMB \(wanted.yuanText) is needed"
                ))
        }
    }
}

/// Reads and writes what approved papers changed.
enum BudgetStore {
    /// Writes an approved paper into the books, as one posting, and keeps its lines.
    static func post(_ paper: BudgetPaper, of id: ID<CaseFile>, _ text: String, _ entry: BookEntry, _ tx: Tx) throws {
        _ = try Ledger.post(
            Posting(.move(paper.legs), on: entry.day, text, key: "budget.\(id)", origin: entry.origin), tx)
        for (index, line) in paper.lines.enumerated() {
            try tx.run(
                """
                INSERT INTO funding_budget_line (case_id, position, year, source, programme, change_fen, day)
                VALUES (\(id), \(index + 1), \(paper.year), \(line.source.rawValue), \(line.programme ?? ""),
                    \(line.change), \(entry.day))
                """)
        }
    }

    /// What each programme has of each source but the city, by code of the programme.
    static func outside(year: Int, _ tx: Tx) throws -> [String: [BudgetSource: Money]] {
        var found: [String: [BudgetSource: Money]] = [:]
        for row in try tx.rows(
            """
            SELECT programme, source, SUM(change_fen) AS fen FROM funding_budget_line
            WHERE year = \(year) AND programme <> '' AND source <> 'municipal' GROUP BY programme, source
            """)
        {
            guard let source = BudgetSource(rawValue: try row["source"]) else { continue }
            found[try row["programme"], default: [:]][source] = try row["fen"]
        }
        return found
    }

    /// The city's own money of a year and what of it goes to basic research, after a paper where one is given.
    static func share(year: Int, with paper: BudgetPaper? = nil, _ tx: Tx) throws -> BudgetShareFacts {
        try YearBudgets.of(year: year, tx).share(with: paper)
    }
}
