public import Kernel
import Store

/// What became of a file of vouchers: all of it is in the report, or nothing.
public struct VoucherImport: FileImport {
    /// What became of one row.
    public struct Line: ImportedLine {
        public let number: Int
        public let draft: VoucherDraft?
        public let outcome: ImportOutcome
        public let problems: [FieldProblem]
    }

    public let name: String
    public let lines: [Line]
    /// Whether anything was written.
    public let isWritten: Bool
    /// What the rows that fit add up to.
    public var total: Money { Money.sum(lines.filter { $0.outcome != .refused }.compactMap { $0.draft?.amount }) }
}

extension SpendingActions {
    /// Takes a file of vouchers into an open report: all rows or none, and the same file twice is once.
    /// - Parameter isDry: looks only.
    /// - Throws: ``FilledTableError``, ``SpreadsheetError`` where the file as a whole cannot be read.
    public func load(
        _ bytes: [UInt8], name: String, into report: ID<CaseFile>, isDry: Bool, by actor: Actor
    ) async throws -> VoucherImport {
        let now = clock.now()
        let hash = Digest.hex(Digest.sha256(bytes))
        let id = ids.make(VoucherImport.self).text
        let work = { @Sendable (tx: Tx) throws -> VoucherImport in
            let (report, project, _) = try openReport(report, actor, tx)
            let lines = try VoucherFile.read(bytes, headings: try ContractBudget.current(project, tx).headings)
            let known: Int =
                try tx.value("SELECT COUNT(*) FROM voucher_import WHERE report = \(report.id) AND hash = \(hash)") ?? 0
            if known > 0 {
                return VoucherImport(
                    name: name,
                    lines: lines.map { .init(number: $0.number, draft: $0.draft, outcome: .known, problems: []) },
                    isWritten: false)
            }
            let (judged, warnings) = try judge(lines, report, project, on: zone.day(of: now), tx)
            guard !isDry, !judged.contains(where: { $0.outcome == .refused }) else {
                return VoucherImport(name: name, lines: judged, isWritten: false)
            }
            try tx.run(
                """
                INSERT INTO voucher_import (id, report, hash, name, lines, imported_by, imported_at)
                VALUES (\(id), \(report.id), \(hash), \(name), \(lines.count), \(actor.account), \(now))
                """)
            let drafts = judged.compactMap(\.draft)
            try VoucherStore.add(
                zip(drafts, warnings).map { draft, warnings in
                    NewVoucher(
                        id: ids.make(), report: report, organisation: project.organisation, draft: draft,
                        warnings: warnings, by: actor.account?.text ?? "", at: now, importID: id)
                }, tx)
            try Record.append(
                Event(
                    room: "funding", kind: "vouchers.imported", subjectKind: "case", subject: report.id.text,
                    caseID: report.id, actor: actor, at: now,
                    content: [
                        "file": .string(name), "hash": .string(hash), "lines": .integer(Int64(drafts.count)),
                        "amountFen": .integer(Money.sum(drafts.map(\.amount)).fen),
                    ]), tx)
            return VoucherImport(
                name: name,
                lines: judged.map {
                    .init(number: $0.number, draft: $0.draft, outcome: .imported, problems: $0.problems)
                }, isWritten: true)
        }
        return isDry ? try await db.read(work) : try await db.write(work)
    }

    /// Judges the rows in their order, each against those before it.
    private func judge(
        _ lines: [VoucherFile.Line], _ report: SpendingReport, _ project: Project, on day: Day, _ tx: Tx
    ) throws -> (lines: [VoucherImport.Line], warnings: [[String]]) {
        let drafts = lines.compactMap(\.draft)
        var judge = VoucherCheck(
            try VoucherFacts.load(drafts, of: project, on: day, tx), try SpendingLaw(rules.law(on: day)), report)
        var warnings: [[String]] = []
        let judged = lines.map { line -> VoucherImport.Line in
            guard let draft = line.draft else {
                return .init(number: line.number, draft: nil, outcome: .refused, problems: line.problems)
            }
            let found = SpendingActions.shape(draft) + judge.judge(draft)
            let problems = SpendingActions.problems(found, draft)
            // A refused row does not use up money that the next ones might need.
            if problems.isEmpty {
                judge.take(draft)
                warnings.append(found.map(\.code))
            }
            return .init(
                number: line.number, draft: draft, outcome: problems.isEmpty ? .fits : .refused, problems: problems)
        }
        return (judged, warnings)
    }
}
