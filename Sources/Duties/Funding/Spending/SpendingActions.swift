public import Kernel
import Ledger
public import Store

/// Reports of spending and their vouchers, as the people of an awardee keep them.
public struct SpendingActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let procedures: Procedures
    let files: FileStore
    let rules: RuleBook

    public init(
        db: Database, clock: any Clock, ids: any IDSource, procedures: Procedures, files: FileStore, rules: RuleBook
    ) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.procedures = procedures
        self.files = files
        self.rules = rules
    }

    var zone: CityZone { procedures.zone }

    /// Whether the actor keeps the accounts of a project: who applied, and those whom the organisation lets.
    static func keeps(_ actor: Actor, _ file: CaseFile) -> Bool {
        guard let account = actor.account else { return false }
        if account == file.applicant { return true }
        return file.organisation.map { actor.belongs(to: $0, as: [.administrator, .sealHolder, .handler]) } ?? false
    }

    /// Begins the report of a period of a running project.
    /// - Throws: ``SpendingError`` where the period does not fit, ``ProjectError/notRunning``.
    public func open(_ project: ID<CaseFile>, from: Day, to: Day, by actor: Actor) async throws -> SpendingReport {
        let now = clock.now()
        let id: ID<CaseFile> = ids.make()
        return try await db.write { tx in
            let parent = try CaseStore.require(project, tx)
            guard Policy.maySee(actor, parent) || Self.keeps(actor, parent) else { throw ProjectError.unknown }
            guard Self.keeps(actor, parent) else { throw ProcedureError.notYours }
            let item = try ProjectStore.require(project, tx)
            guard item.step == "running", let starts = item.startsOn, let ends = item.endsOn else {
                throw ProjectError.notRunning
            }
            guard from <= to, from >= starts, to <= ends else { throw SpendingError.period(starts, ends) }
            let others = try SpendingReportStore.list(project: project, tx)
            if let other = others.first(where: { $0.step != "withdrawn" && $0.from <= to && from <= $0.to }) {
                throw SpendingError.overlap(other.number)
            }
            let number = "\(item.number)-ZC\(try NumberSeries.next("funding.spending.\(item.number)", tx))"
            try procedures.open(
                CaseFile(
                    id: id, procedure: "funding.spending", number: number,
                    title: Bilingual("支出报告：\(item.title.zh)", "Report of spending: \(item.title.en)"),
                    organisation: parent.organisation, applicant: parent.applicant, division: parent.division,
                    parent: project, openedAt: now),
                as: actor, at: now, in: tx)
            try SpendingReportStore.add(id, project: project, number: number, from: from, to: to, tx)
            return try SpendingReportStore.require(id, tx)
        }
    }

    /// Enters a voucher into an open report, with its file where there is one.
    /// - Throws: ``SpendingError/refused(_:)`` with all that is wrong or wants a reason.
    @discardableResult
    public func enter(
        _ draft: VoucherDraft, file: (name: String, bytes: [UInt8])? = nil, into report: ID<CaseFile>, by actor: Actor
    ) async throws -> Voucher {
        let now = clock.now()
        let id: ID<Voucher> = ids.make()
        let paper: ID<Document> = ids.make()
        var kept: (hash: String, type: String, name: String, size: Int)?
        if let file {
            guard file.bytes.count <= DocumentStore.largest else {
                throw DocumentError.tooLarge(field: "file", limit: DocumentStore.largest)
            }
            kept = (try files.keep(file.bytes), FileStore.sniff(file.bytes), file.name, file.bytes.count)
        }
        let found = kept
        return try await db.write { tx in
            let (report, item, _) = try openReport(report, actor, tx)
            var draft = draft
            draft.hash = found?.hash
            draft.file = found == nil ? nil : paper
            let warnings = try check([draft], report, item, on: zone.day(of: now), tx)[0]
            if let found {
                try DocumentStore.add(
                    Document(
                        id: paper, caseID: report.id, field: "voucher", name: found.name, size: found.size,
                        hash: found.hash, type: found.type, uploadedBy: actor.account?.text ?? "", uploadedAt: now),
                    accepting: nil, tx)
            }
            try VoucherStore.add(
                [
                    NewVoucher(
                        id: id, report: report, organisation: item.organisation, draft: draft, warnings: warnings,
                        by: actor.account?.text ?? "", at: now, importID: nil)
                ], tx)
            try record("voucher.entered", id, draft.amount, item, actor, now, tx)
            guard let voucher = try VoucherStore.find(id, tx) else { throw SpendingError.unknownVoucher }
            return voucher
        }
    }

    /// Takes a voucher out of an open report; the row stays, withdrawn.
    public func remove(_ id: ID<Voucher>, by actor: Actor) async throws {
        let now = clock.now()
        try await db.write { tx in
            guard let voucher = try VoucherStore.find(id, tx) else { throw SpendingError.unknownVoucher }
            let (_, item, _) = try openReport(voucher.report, actor, tx)
            guard voucher.state == .entered else { throw SpendingError.state }
            try VoucherStore.set(.withdrawn, of: id, tx)
            if let file = voucher.draft.file { try DocumentStore.remove(file, at: now, tx) }
            try record("voucher.removed", id, voucher.draft.amount, item, actor, now, tx)
        }
    }

    /// Asks to take an accepted voucher back.
    public func askBack(_ id: ID<Voucher>, reason: String, by actor: Actor) async throws {
        try Words.check(reason, "reason", Bilingual("撤回原因", "Reason to withdraw"))
        let now = clock.now()
        try await db.write { tx in
            guard let voucher = try VoucherStore.find(id, tx) else { throw SpendingError.unknownVoucher }
            let file = try CaseStore.require(voucher.project, tx)
            guard Self.keeps(actor, file) else { throw SpendingError.unknownVoucher }
            guard voucher.state == .accepted else { throw SpendingError.state }
            let item = try ProjectStore.require(voucher.project, tx)
            guard item.step == "running" else { throw ProjectError.notRunning }
            try VoucherStore.set(.withdrawing, of: id, tx)
            try record("voucher.withdrawal-asked", id, voucher.draft.amount, item, actor, now, tx, reason)
        }
    }

    /// Decides whether an accepted voucher is taken back, by reversal.
    public func decideBack(_ id: ID<Voucher>, agreed: Bool, by actor: Actor) async throws {
        let now = clock.now()
        try await db.write(locking: FundingBooks.locks) { tx in
            guard let voucher = try VoucherStore.find(id, tx) else { throw SpendingError.unknownVoucher }
            guard Policy.handles(actor, try CaseStore.require(voucher.project, tx)) else {
                throw ProcedureError.notYours
            }
            guard voucher.state == .withdrawing else { throw SpendingError.state }
            let item = try ProjectStore.require(voucher.project, tx)
            // What is taken back after the end would lie in nobody's account.
            guard item.step == "running" || !agreed else { throw ProjectError.notRunning }
            try record(
                agreed ? "voucher.withdrawn" : "voucher.kept", id, voucher.draft.amount, item, actor, now, tx)
            guard agreed else { return try VoucherStore.set(.accepted, of: id, tx) }
            let entry = try BookEntry.of(
                voucher.report, rules: "funding.spending@1", actor, on: zone.day(of: now), at: now, tx)
            try FundingBooks.unspend([voucher], entry, tx)
            try VoucherDealings.refresh(voucher.report, rules, on: zone.day(of: now), tx)
        }
    }

    /// Notes what is wrong with a voucher, for when the report is sent back.
    public func remark(_ id: ID<Voucher>, _ words: String, by actor: Actor) async throws {
        try Words.check(words, "remark", Bilingual("审核意见", "Remark"), isRequired: false)
        try await db.write { tx in
            guard let voucher = try VoucherStore.find(id, tx) else { throw SpendingError.unknownVoucher }
            let file = try CaseStore.require(voucher.report, tx)
            guard Policy.handles(actor, file), file.step == "check" else { throw ProcedureError.notYours }
            try tx.run("UPDATE voucher SET remark = \(words) WHERE id = \(id)")
        }
    }

    // MARK: Shared with the import

    /// The open report with its project, for those who keep it.
    func openReport(
        _ id: ID<CaseFile>, _ actor: Actor, _ tx: Tx
    ) throws -> (SpendingReport, Project, CaseFile) {
        let file = try CaseStore.require(id, tx)
        guard Self.keeps(actor, file) else { throw SpendingError.unknownReport }
        let report = try SpendingReportStore.require(id, tx)
        guard report.isOpen, file.step == "draft" else { throw SpendingError.closed }
        return (report, try ProjectStore.require(report.project, tx), file)
    }

    /// Checks drafts that shall be written.
    /// - Returns: the codes of the warnings of each, all answered by a reason.
    func check(
        _ drafts: [VoucherDraft], _ report: SpendingReport, _ project: Project, on day: Day, _ tx: Tx
    ) throws -> [[String]] {
        var judge = VoucherCheck(
            try VoucherFacts.load(drafts, of: project, on: day, tx), try SpendingLaw(rules.law(on: day)), report)
        return try drafts.map { draft in
            let found = SpendingActions.shape(draft) + judge.judge(draft)
            let problems = SpendingActions.problems(found, draft)
            guard problems.isEmpty else { throw SpendingError.refused(problems) }
            judge.take(draft)
            return found.map(\.code)
        }
    }

    /// What stands against a draft: refusals, and warnings without a reason.
    static func problems(_ found: [VoucherFinding], _ draft: VoucherDraft) -> [FieldProblem] {
        let isExplained = !draft.reason.allSatisfy(\.isWhitespace)
        return found.filter { $0.weight == .refusal || !isExplained }.map { finding in
            guard finding.weight == .warning else { return finding.problem }
            let problem = finding.problem
            return FieldProblem(
                field: problem.field, code: problem.code,
                message: Bilingual(
                    "\(problem.message.zh)；如属实请说明理由", "\(problem.message.en); if it is right, give the reason"),
                basis: problem.basis)
        }
    }

    /// What any voucher must have.
    static func shape(_ draft: VoucherDraft) -> [VoucherFinding] {
        var found: [VoucherFinding] = []
        func add(_ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(
                VoucherFinding(
                    problem: FieldProblem(field: field, code: code, message: Bilingual(zh, en)), weight: .refusal,
                    code: code))
        }
        found += VoucherEntry.wordProblems(
            number: draft.number, payee: draft.payee, payeeCode: draft.payeeCode, purpose: draft.purpose,
            reason: draft.reason
        ).map { VoucherFinding(problem: $0, weight: .refusal, code: $0.code) }
        if draft.amount <= .zero { add("amount", "voucher.amount", "金额应大于零", "The amount must be above zero") }
        if let foreign = draft.foreign {
            let letters = foreign.currency.utf8.allSatisfy { (65...90).contains($0) }
            if foreign.currency.utf8.count != 3 || !letters || foreign.currency == "CNY" {
                add(
                    "currency", "voucher.currency", "币种应为三个大写字母，如 USD",
                    "The currency is three capital letters such as USD")
            }
            if let counted = foreign.amount, abs(counted.fen - draft.amount.fen) > 1 {
                add(
                    "amount", "voucher.rate", "按汇率折合 \(counted.yuanText) 元，与金额不符",
                    "At this rate it is RMB \(counted.yuanText), which is not the amount")
            }
        }
        return found
    }

    func record(
        _ kind: String, _ voucher: ID<Voucher>, _ amount: Money, _ project: Project, _ actor: Actor, _ now: Instant,
        _ tx: Tx, _ reason: String = ""
    ) throws {
        try Record.append(
            Event(
                room: "funding", kind: kind, subjectKind: "voucher", subject: voucher.text, caseID: project.id,
                actor: actor, at: now, content: ["amountFen": .integer(amount.fen), "reason": .string(reason)]), tx)
    }
}
