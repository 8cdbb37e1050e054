import Funding
import Kernel
import Ledger
import Review
import Store

/// The laws that a round must keep, each looked up afresh in the database.
struct RehearsalLaws: Sendable {
    let services: Services
    let call: Call

    private var house: House { services.house }

    func check() async throws -> [(law: String, faults: [String])] {
        try await house.record.sign()
        return [
            ("money adds up", try await money()),
            ("the books hold", try await books()),
            ("nobody judged a conflict", try await conflicts()),
            ("no decision took effect inside its publicity", try await publicity()),
            ("every case has one unbroken chain of events", try await chains()),
            ("every due date can be explained", try await clocks()),
            ("two people for money and for decisions", try await people()),
        ]
    }

    private func money() async throws -> [String] {
        let call = call
        return try await house.db.read { tx in
            var faults: [String] = []
            let awarded: Money =
                try tx.value(
                    """
                    SELECT COALESCE(SUM(i.amount_fen), 0) FROM funding_decision_item i
                    JOIN funding_decision d ON d.id = i.decision WHERE d.call = \(call.id) AND i.outcome = 'award'
                    """) ?? .zero
            let projects: Money =
                try tx.value("SELECT COALESCE(SUM(amount_fen), 0) FROM project WHERE call = \(call.id)") ?? .zero
            if awarded > call.budget {
                faults.append("awards \(awarded.yuanText) exceed the budget \(call.budget.yuanText)")
            }
            if awarded != projects {
                faults.append("awards \(awarded.yuanText) differ from projects \(projects.yuanText)")
            }
            let odd = try tx.rows(
                """
                SELECT p.number FROM project p LEFT JOIN tranche t ON t.project = p.case_id
                GROUP BY p.number, p.amount_fen HAVING COALESCE(SUM(t.amount_fen), 0) <> p.amount_fen
                """
            ) { try $0["number"] as String }
            faults += odd.map { "tranches of \($0) do not add up to its award" }
            let due: Int = try tx.value("SELECT COUNT(*) FROM recovery WHERE state = 'due'") ?? 0
            if due > 0 { faults.append("\(counted(due, "amount due back is", "amounts due back are")) unsettled") }
            return faults
        }
    }

    private func books() async throws -> [String] {
        try await house.db.read { tx in
            let report = try LedgerCheck.run(tx)
            return report.faults.map { "\($0.code) \($0.subject): \($0.message.en)" }
                + (report.postings == 0 ? ["nothing was posted"] : [])
        }
    }

    private func conflicts() async throws -> [String] {
        let call = call
        let day = house.today
        let years = try house.city.rules.number("review.shared-project-years", on: day)
        return try await house.db.read { tx in
            guard let round = try RoundStore.find(subject: call.id.text, tx) else { return ["no review"] }
            let items = Dictionary(
                try RoundStore.items(round.id, tx).map { ($0.item, $0) }, uniquingKeysWith: { first, _ in first })
            let experts = Dictionary(
                try CallReview.experts(call, since: day.parts.year - years, tx).map { ($0.0.id, $0.1) },
                uniquingKeysWith: { first, _ in first })
            var faults: [String] = []
            var count = 0
            for sheet in try RoundStore.assignments(round.id, tx) where sheet.state == .submitted {
                guard let item = items[sheet.item], let expert = experts[sheet.expert] else { continue }
                count += 1
                // Relations declared after a sheet, and projects that this round itself began, came later.
                let found = Conflicts.between(expert: expert, item: item, on: day, lookbackYears: years).filter {
                    $0 == .isApplicant || $0 == .sameEmployer || $0 == .sameRound
                }
                if !found.isEmpty { faults.append("expert \(sheet.expert) judged \(sheet.item)") }
            }
            if count == 0 { faults.append("no sheet was looked at") }
            return faults
        }
    }

    private func publicity() async throws -> [String] {
        let call = call
        let zone = house.city.zone
        return try await house.db.read { tx in
            var faults: [String] = []
            var effects = 0
            for decision in try DecisionStore.list(call: call.id, tx) {
                guard let effective = decision.effectiveAt, let id = decision.notice,
                    let notice = try NoticeStore.find(id, tx)
                else { continue }
                effects += 1
                if zone.day(of: effective) <= notice.closesOn {
                    faults.append("\(decision.number) took effect too early")
                }
                for objection in try Objections.list(of: id, tx)
                where !["answered", "refused"].contains(objection.state) {
                    faults.append("\(decision.number) took effect over objection \(objection.caseID)")
                }
            }
            if effects == 0 { faults.append("no decision took effect") }
            return faults
        }
    }

    private func chains() async throws -> [String] {
        let tree = try await RecordAudit.faults(house.db).map(\.en)
        return try await house.db.read { tx in
            var faults = tree
            let cases = try tx.rows("SELECT id FROM case_file ORDER BY id") { try $0["id"] as ID<CaseFile> }
            for id in cases {
                faults += try Record.faults(inChainOf: id, tx).map { "\(id): \($0.en)" }
            }
            let unplaced: Int = try tx.value("SELECT COUNT(*) FROM record_waiting") ?? 0
            let events: Int = try tx.value("SELECT COUNT(*) FROM event") ?? 0
            let placed = try Record.size(tx)
            if unplaced > 0 || events != placed { faults.append("\(events) events, \(placed) in order") }
            return faults
        }
    }

    private func clocks() async throws -> [String] {
        let calendar = house.city.calendar
        return try await house.db.read { tx in
            var faults: [String] = []
            var explained = 0
            let cases = try tx.rows("SELECT * FROM case_file ORDER BY id", CaseFile.init(stored:))
            for file in cases {
                for clock in try CaseStore.clocks(file.id, tx) {
                    // Long periods by the calendar end beyond the years of which the days off are known.
                    guard case .workingDays(let days) = clock.clock.period else { continue }
                    guard let due = try clock.clock.due(calendar) else { continue }
                    let notes = try clock.clock.explanation(calendar)
                    explained += 1
                    // Counted days and explained days together fill the whole stretch.
                    if due.number - clock.clock.start.number != days + notes.count {
                        faults.append("\(file.number): \(clock.step) is not explained")
                    }
                    if clock.stoppedOn == nil, file.dueOn != due { faults.append("\(file.number) shows another day") }
                }
            }
            if explained == 0 { faults.append("no clock was looked at") }
            return faults
        }
    }

    private func people() async throws -> [String] {
        try await house.db.read { tx in
            let tranches: Int =
                try tx.value(
                    "SELECT COUNT(*) FROM tranche WHERE confirmed_by IS NOT NULL AND confirmed_by = ordered_by") ?? 0
            let decisions: Int =
                try tx.value("SELECT COUNT(*) FROM funding_decision WHERE decided_by = proposed_by") ?? 0
            return (tranches > 0 ? ["\(tranches) tranches by one person"] : [])
                + (decisions > 0 ? ["\(decisions) decisions by one person"] : [])
        }
    }
}
