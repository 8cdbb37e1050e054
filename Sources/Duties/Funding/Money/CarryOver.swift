import Kernel
import Ledger
import Store

/// What was set, promised and paid before there were books: entered into them once, on the day of the first start
/// after they came.
enum CarryOver {
    /// The setting with which the migration says that there is something to carry over.
    static let mark = "funding.carry-over"

    /// Does all of it in one transaction, or nothing where nothing is due.
    static func run(in db: Database, at now: Instant, zone: CityZone) async throws {
        guard try await db.read({ tx in try Settings.get(mark, tx) }) != nil else { return }
        try await db.write(locking: FundingBooks.locks) { tx in
            // Another process may have been faster.
            guard try tx.run("DELETE FROM setting WHERE name = \(mark)") == 1 else { return }
            let event = try Record.append(
                Event(
                    room: "funding", kind: "books.opened", subjectKind: "setting", subject: mark, actor: .system,
                    at: now), tx)
            let entry = BookEntry(
                caseID: nil, event: event, actor: .system, rules: "funding.carry-over@1", day: zone.day(of: now),
                now: now)
            try budgets(entry, tx)
            let ids = try tx.rows(
                "SELECT id FROM funding_call WHERE state IN ('proposed', 'published') ORDER BY id"
            ) { try $0["id"] as ID<Call> }
            for id in ids { try carry(try CallStore.require(id, tx), entry, tx) }
            try imports(entry, tx)
        }
    }

    private static func budgets(_ entry: BookEntry, _ tx: Tx) throws {
        let rows = try tx.rows("SELECT programme, year, amount_fen FROM programme_budget ORDER BY programme, year") {
            (try $0["programme"] as ID<Programme>, try $0["year"] as Int, try $0["amount_fen"] as Money)
        }
        for (id, year, amount) in rows {
            guard let programme = try ProgrammeStore.find(id, tx) else { throw CallError.unknown }
            try FundingBooks.setBudget(amount, of: programme, year: year, entry, tx)
        }
        try tx.run("DELETE FROM programme_budget")
    }

    /// A call takes its budget, its awards their share of that, and proposals hold theirs.
    private static func carry(_ call: Call, _ entry: BookEntry, _ tx: Tx) throws {
        guard call.budget > .zero else { return }
        guard call.state == .published else { return try FundingBooks.hold(call, entry, tx) }
        try FundingBooks.reserve(call, entry, tx)
        let projects = try tx.rows("SELECT * FROM project WHERE call = \(call.id) ORDER BY number", Project.init(row:))
        try FundingBooks.commit(projects, of: call, entry, tx)
        for project in projects { try carry(project, entry.about(project.id), tx) }
        let decisions = try DecisionStore.list(call: call.id, tx)
        for decision in decisions where decision.state == .proposed || decision.state == .approved {
            let awards = try DecisionStore.items(decision.id, tx).filter { $0.outcome == .award }
            try FundingBooks.hold(decision, of: call, Money.sum(awards.map(\.amount)), entry, tx)
        }
        // As the effect of its last decision would have done.
        if decisions.contains(where: { $0.state == .effective }), try CallStore.isFinished(call, on: entry.day, tx) {
            try FundingBooks.free(call, entry, tx)
        }
    }

    /// A project's money goes the whole way that it has gone already.
    private static func carry(_ project: Project, _ entry: BookEntry, _ tx: Tx) throws {
        let tranches = try TrancheStore.list(project: project.id, tx)
        // The plan of tranches is written when the contract is signed.
        if !tranches.isEmpty { try FundingBooks.sign(project, entry, tx) }
        for tranche in tranches {
            switch tranche.state {
            case .planned, .cancelled: break
            case .ordered: try FundingBooks.order(tranche, of: project, entry, tx)
            case .confirmed:
                try FundingBooks.order(tranche, of: project, entry, tx)
                try FundingBooks.pay(tranche, of: project, entry, tx)
            }
        }
        guard project.outcome != nil || project.closedAt != nil else { return }
        try FundingBooks.free(project, entry, tx)
        if project.outcome == .passed {
            try FundingBooks.keepSurplus(try ProjectHooks.proposal(project.id, tx).surplus, of: project, entry, tx)
        }
        for recovery in try RecoveryStore.list(project: project.id, tx) {
            try FundingBooks.claim(recovery.amount, of: project, recovery: recovery.id, entry, tx)
            if recovery.isSettled { try FundingBooks.settle(recovery: recovery.id, entry, tx) }
        }
    }

    private static func imports(_ entry: BookEntry, _ tx: Tx) throws {
        let kind = ImportKind.awards.rawValue
        let funders = try tx.rows("SELECT DISTINCT funder FROM imported_record WHERE record_kind = \(kind)") {
            try $0["funder"] as String
        }
        for funder in funders {
            let records = try tx.rows(
                "SELECT * FROM imported_record WHERE record_kind = \(kind) AND funder = \(funder) ORDER BY number",
                ImportedRecord.init(row:))
            try ImportedAwards.post(records, of: funder, replacing: [:], entry, tx)
        }
    }
}
