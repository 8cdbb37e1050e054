import Kernel
import Store

/// Contracts that other registrars tell of, one a line of CSV: number, registrar, project, kind, seller, buyer, total
/// in yuan, day of signing. They are kept so that the same contract is not registered twice.
enum OutsideContracts {
    /// Most lines of one import.
    static let most = 2_000

    /// A line as it was read.
    struct Line: Hashable, Sendable {
        let number: String
        let content: JSONValue
        let registrar: String
    }

    /// Reads lines.
    /// - Throws: ``ProcedureError/refused(_:)`` with every faulty line.
    static func read(_ text: String) throws -> [Line] {
        var problems: [FieldProblem] = []
        func fault(_ line: Int, _ zh: String, _ en: String) {
            problems.append(
                ContractCheck.problem("lines", "import.line", "第 \(line) 行：\(zh)", "Line \(line): \(en)"))
        }
        let rows = CSVText.rows(text).filter { $0.contains { !$0.isEmpty } }
        if rows.isEmpty { fault(1, "没有内容", "there is nothing") }
        if rows.count > most { fault(most + 1, "一次最多 \(most) 行", "at most \(most) lines at once") }
        var seen: Set<String> = []
        let lines = rows.prefix(most).enumerated().compactMap { index, cells -> Line? in
            let place = index + 1
            guard cells.count == 8 else {
                fault(place, "应为八列，现有 \(cells.count) 列", "needs eight cells and has \(cells.count)")
                return nil
            }
            for (cell, name) in zip(cells, ["登记号", "登记机构", "项目", "类型", "卖方", "买方", "金额", "日期"]) where cell.isEmpty {
                fault(place, "\(name)为空", "a cell is empty")
            }
            let kind = ContractKind.allCases.first { $0.rawValue == cells[3] || $0.title.zh == cells[3] }
            if kind == nil { fault(place, "类型「\(cells[3])」不认识", "the kind '\(cells[3])' is not known") }
            let total = try? Money(parsing: cells[6])
            if total == nil { fault(place, "金额「\(cells[6])」读不出", "'\(cells[6])' is no sum") }
            if Day(cells[7]) == nil {
                fault(place, "日期「\(cells[7])」应如 2026-03-01", "'\(cells[7])' is no day such as 2026-03-01")
            }
            if !seen.insert("\(cells[1])\n\(cells[0])").inserted { fault(place, "登记号重复", "the number is there twice") }
            return Line(
                number: cells[0],
                content: [
                    "name": .string(cells[2]), "kind": .string(kind?.rawValue ?? ""), "seller": .string(cells[4]),
                    "buyer": .string(cells[5]), "total": .integer(total?.fen ?? 0), "signed-on": .string(cells[7]),
                    "registrar": .string(cells[1]),
                ], registrar: cells[1])
        }
        guard problems.isEmpty else { throw ProcedureError.refused(problems) }
        return lines
    }

    /// Keeps the lines that are not known yet.
    /// - Returns: how many were added.
    static func add(_ lines: [Line], by actor: Actor, at now: Instant, _ tx: Tx) throws -> Int {
        var added = 0
        for line in lines {
            let known: Int =
                try tx.value(
                    """
                    SELECT COUNT(*) FROM transfer_contract WHERE registrar = \(line.registrar)
                        AND number = \(line.number)
                    """) ?? 0
            guard known == 0 else { continue }
            var item = Contract(
                id: UUIDv7.make(at: now), caseID: nil, organisation: nil, state: .outside, line.content, at: now)
            item.number = line.number
            try ContractStore.save(item, tx)
            added += 1
        }
        try Record.append(
            Event(
                room: "transfer", kind: "contracts.imported", subjectKind: "import", subject: "contracts",
                actor: actor, at: now,
                content: ["lines": .integer(Int64(lines.count)), "added": .integer(Int64(added))]
            ), tx)
        return added
    }
}
