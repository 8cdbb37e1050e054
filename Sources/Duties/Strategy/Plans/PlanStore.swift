import Kernel
import Store

/// A plan with all that hangs on it.
struct PlanWhole: Sendable {
    let plan: Plan
    let indicators: [Indicator]
    let measures: [Measure]
}

/// Reads and writes plans.
enum PlanStore {
    static func find(number: String, _ tx: Tx) throws -> Plan? {
        try tx.first("SELECT * FROM plan WHERE number = \(number)", Plan.init(row:))
    }

    static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> Plan? {
        try tx.first("SELECT * FROM plan WHERE case_id = \(id)", Plan.init(row:))
    }

    /// Plans by number, newest first.
    static func list(kind: String?, before: String?, limit: Int, _ tx: Tx) throws -> [Plan] {
        var conditions: [SQL] = ["1 = 1"]
        if let kind { conditions.append("kind = \(kind)") }
        if let before { conditions.append("number < \(before)") }
        return try tx.rows(
            """
            SELECT * FROM plan WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY number DESC LIMIT \(limit)
            """, Plan.init(row:))
    }

    /// The indicators and measures of some plans; four queries.
    static func whole(_ plans: [Plan], _ tx: Tx) throws -> [PlanWhole] {
        let ids = plans.map(\.caseID)
        guard !ids.isEmpty else { return [] }
        var indicators: [ID<CaseFile>: [Indicator]] = [:]
        var places: [String: (ID<CaseFile>, Int)] = [:]
        for (id, indicator) in try tx.rows(
            "SELECT * FROM plan_indicator WHERE case_id IN \(list: ids) ORDER BY case_id, position",
            { (try $0["case_id"] as ID<CaseFile>, try Indicator(row: $0)) })
        {
            places["\(id) \(indicator.code)"] = (id, indicators[id]?.count ?? 0)
            indicators[id, default: []].append(indicator)
        }
        for (id, code, year, value) in try tx.rows(
            "SELECT * FROM plan_target WHERE case_id IN \(list: ids)",
            { row in
                (
                    try row["case_id"] as ID<CaseFile>, try row["code"] as String, try row["year"] as Int,
                    try row["value"] as Int
                )
            })
        {
            if let place = places["\(id) \(code)"] { indicators[place.0]?[place.1].targets[year] = value }
        }
        try tx.forEach("SELECT * FROM plan_report WHERE case_id IN \(list: ids) AND target = 'indicator'") { row in
            let (id, code, year): (ID<CaseFile>, String, Int) = (
                try row["case_id"], try row["code"], try row["year"]
            )
            guard let place = places["\(id) \(code)"], let value: Int = try row["value"] else { return }
            indicators[place.0]?[place.1].actuals[year] = value
            indicators[place.0]?[place.1].evidence[year] = try row["evidence"]
        }
        let measures = try measures(ids, tx)
        return plans.map {
            PlanWhole(plan: $0, indicators: indicators[$0.caseID] ?? [], measures: measures[$0.caseID] ?? [])
        }
    }

    private static func measures(_ ids: [ID<CaseFile>], _ tx: Tx) throws -> [ID<CaseFile>: [Measure]] {
        let rows = try tx.rows(
            """
            SELECT m.*, r.state, r.note, r.evidence, r.reported_on FROM plan_measure m
            LEFT JOIN plan_report r ON r.case_id = m.case_id AND r.target = 'measure' AND r.code = m.code
                AND r.year = 0
            WHERE m.case_id IN \(list: ids) ORDER BY m.case_id, m.position
            """
        ) { (try $0["case_id"] as ID<CaseFile>, try Measure(row: $0)) }
        return Dictionary(grouping: rows) { $0.0 }.mapValues { $0.map(\.1) }
    }

    // MARK: Writing

    /// Puts a plan into force as its form says; what was reported stays.
    static func put(_ file: CaseFile, _ draft: PlanDraft, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO plan (case_id, number, name, kind, from_year, to_year, lead, summary)
            VALUES (\(file.id), \(file.number), \(draft.name), \(draft.kind), \(draft.fromYear), \(draft.toYear),
                \(draft.lead), \(draft.summary))
            ON CONFLICT (case_id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
                from_year = excluded.from_year, to_year = excluded.to_year, lead = excluded.lead,
                summary = excluded.summary
            """)
        for table in ["plan_indicator", "plan_target", "plan_measure"] {
            try tx.run("DELETE FROM \(SQL(unchecked: table)) WHERE case_id = \(file.id)")
        }
        for (position, item) in draft.indicators.enumerated() {
            try tx.run(
                """
                INSERT INTO plan_indicator (case_id, code, position, objective, name, unit, baseline, baseline_year,
                    source, rises)
                VALUES (\(file.id), \(item.code), \(position), \(draft.objectives[item.objective] ?? ""), \(item.name),
                    \(item.unit), \(item.baseline), \(item.baselineYear), \(item.source), \(item.rises))
                """)
        }
        for item in draft.targets {
            try tx.run(
                """
                INSERT INTO plan_target (case_id, code, year, value)
                VALUES (\(file.id), \(item.code), \(item.year), \(item.value))
                """)
        }
        for (position, item) in draft.measures.enumerated() {
            try tx.run(
                """
                INSERT INTO plan_measure (case_id, code, position, objective, title, division, due_on)
                VALUES (\(file.id), \(item.code), \(position), \(draft.objectives[item.objective] ?? ""),
                    \(item.title), \(item.division), \(item.dueOn))
                """)
        }
    }

    /// Keeps a confirmed report; of one year, or of one measure, the last counts.
    static func report(_ item: PlanReport, of plan: ID<CaseFile>, by report: CaseFile, on day: Day, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO plan_report (case_id, target, code, year, value, state, note, evidence, report, reported_on)
            VALUES (\(plan), \(item.target), \(item.code), \(item.year), \(item.value), \(item.state), \(item.note),
                \(item.evidence), \(report.number), \(day))
            ON CONFLICT (case_id, target, code, year) DO UPDATE SET value = excluded.value, state = excluded.state,
                note = excluded.note, evidence = excluded.evidence, report = excluded.report,
                reported_on = excluded.reported_on
            """)
    }
}
