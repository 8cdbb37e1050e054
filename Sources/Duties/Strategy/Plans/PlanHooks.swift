import Kernel
import Store

/// What the steps of plans and of reports on them check and do.
enum PlanHooks {
    static func register(in hooks: inout ProcedureHooks) {
        hooks.guards["strategy.plan"] = { context, tx in
            PlanDraft(try CaseStore.answers(context.file.id, tx).content).problems
        }
        hooks.effects["strategy.plan"] = { context, tx in
            try PlanStore.put(context.file, PlanDraft(try CaseStore.answers(context.file.id, tx).content), tx)
            guard let plan = try PlanStore.find(context.file.id, tx) else { return }
            try Search.index(plan.searchEntry(on: context.day), tx)
        }
        hooks.guards["strategy.report"] = { context, tx in
            let report = PlanReport(try CaseStore.answers(context.file.id, tx).content)
            guard let parent = context.file.parent, let plan = try PlanStore.find(parent, tx),
                let whole = try PlanStore.whole([plan], tx).first
            else {
                return [NormHooks.problem("report.plan", "没有所填报的规划", "There is no such plan")]
            }
            return report.problems(whole, by: context.actor, today: context.day)
        }
        hooks.effects["strategy.reported"] = { context, tx in
            guard let parent = context.file.parent else { return }
            let report = PlanReport(try CaseStore.answers(context.file.id, tx).content)
            try PlanStore.report(report, of: parent, by: context.file, on: context.day, tx)
        }
    }
}

/// Reminds the leading division of figures that are missing some time after the end of a year.
struct PlanReminders: Sendable {
    let house: House

    func run() async throws {
        let today = house.today
        let wait = try house.city.rules.number("strategy.plan.late-report-days", on: today)
        let year = today.parts.year - 1
        guard let first = Day(year: today.parts.year, month: 1, day: 1), today.number - first.number >= wait else {
            return
        }
        let now = house.clock.now()
        try await house.db.write { tx in
            let plans = try tx.rows(
                """
                SELECT p.* FROM plan p WHERE p.from_year <= \(year) AND p.to_year >= \(year)
                    AND NOT EXISTS (SELECT 1 FROM plan_reminder r WHERE r.case_id = p.case_id AND r.year = \(year))
                ORDER BY p.number LIMIT 200
                """, Plan.init(row:))
            let officers = plans.isEmpty ? [] : try AccountStore.holding(.officer, tx)
            for whole in try PlanStore.whole(plans, tx) {
                try tx.run(
                    """
                    INSERT INTO plan_reminder (case_id, year, sent_at) VALUES (\(whole.plan.caseID), \(year), \(now))
                    """)
                let missing = whole.indicators.filter { $0.actuals[year] == nil }
                guard !missing.isEmpty else { continue }
                let names = missing.prefix(10).map(\.name).listed
                for officer in officers where officer.division == nil || officer.division == whole.plan.lead {
                    try Messages.tell(
                        officer.id,
                        Bilingual(
                            "《\(whole.plan.name)》\(year) 年进展尚未填报",
                            "\(whole.plan.name): figures of \(year) are missing"),
                        Bilingual(
                            "尚缺 \(missing.count) 项指标：\(names.zh)",
                            "\(counted(missing.count, "indicator")): \(names.en)"),
                        at: "/plans/\(whole.plan.number)", now: now, tx)
                }
            }
        }
    }
}
