import Kernel
import Store

/// Which tasks a list shows.
struct AssignmentFilter: Hashable, Sendable {
    var state: Assignment.State?
    var source: String?
    var lead: String?
    /// Only tasks that officers of this division may see.
    var viewer: String?
    /// Open and reported ones, whatever `state` says.
    var isRunning = false
}

/// Reads and writes tasks.
enum AssignmentStore {
    static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> Assignment? {
        try tx.first("SELECT * FROM assignment WHERE case_id = \(id)", Assignment.init(row:))
    }

    /// - Throws: ``ProcedureError/unknownCase``.
    static func require(_ id: ID<CaseFile>, _ tx: Tx) throws -> Assignment {
        guard let task = try find(id, tx) else { throw ProcedureError.unknownCase }
        return task
    }

    /// A page by deadline, soonest first, after a task.
    static func list(
        _ filter: AssignmentFilter, after place: (deadline: Day, id: String)?, limit: Int, _ tx: Tx
    ) throws -> [Assignment] {
        var conditions: [SQL] = ["1 = 1"]
        if let state = filter.state { conditions.append("state = \(state)") }
        if filter.isRunning { conditions.append("state IN ('open', 'reported')") }
        if let source = filter.source { conditions.append("source = \(source)") }
        if let lead = filter.lead { conditions.append("lead = \(lead)") }
        if let viewer = filter.viewer, viewer != Assignments.office {
            conditions.append(
                "(secrecy <> 'restricted' OR lead = \(viewer) OR assisting LIKE \("% \(viewer) %"))")
        }
        if let place { conditions.append("(deadline, case_id) > (\(place.deadline), \(place.id))") }
        return try tx.rows(
            """
            SELECT * FROM assignment WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY deadline, case_id LIMIT \(limit)
            """, Assignment.init(row:))
    }

    /// Milestones and concerns of some tasks; two queries.
    static func whole(_ tasks: [Assignment], _ tx: Tx) throws -> [AssignmentWhole] {
        let ids = tasks.map(\.caseID)
        guard !ids.isEmpty else { return [] }
        let milestones = try tx.rows(
            "SELECT * FROM assignment_milestone WHERE case_id IN \(list: ids) ORDER BY case_id, position"
        ) { (try $0["case_id"] as ID<CaseFile>, try Milestone(row: $0)) }
        let concerns = try tx.rows(
            """
            SELECT o.*, f.procedure, f.version, f.step, f.due_on, e.register, e.name, e.state AS entry_state
            FROM assignment_object o LEFT JOIN case_file f ON o.kind = 'case' AND f.id = o.target
            LEFT JOIN register_entry e ON o.kind = 'entry' AND e.id = o.target
            WHERE o.case_id IN \(list: ids) ORDER BY o.case_id, o.position
            """
        ) { (try $0["case_id"] as ID<CaseFile>, try Concern(row: $0)) }
        let (byTask, objects) = (
            Dictionary(grouping: milestones) { $0.0 }, Dictionary(grouping: concerns) { $0.0 }
        )
        return tasks.map { task in
            AssignmentWhole(
                task: task, milestones: (byTask[task.caseID] ?? []).map(\.1),
                concerns: (objects[task.caseID] ?? []).map(\.1))
        }
    }

    static func notes(of id: ID<CaseFile>, _ tx: Tx) throws -> [ProgressNote] {
        try tx.rows(
            "SELECT * FROM assignment_note WHERE case_id = \(id) ORDER BY position DESC LIMIT 200",
            ProgressNote.init(row:))
    }

    // MARK: Writing

    static func put(_ file: CaseFile, _ answers: JSONValue, _ tx: Tx) throws {
        func text(_ name: String) -> String { answers[name]?.string ?? "" }
        try tx.run(
            """
            INSERT INTO assignment (case_id, number, title, source, document, secrecy, received_on, deadline, lead,
                assisting, state)
            VALUES (\(file.id), \(file.number), \(text("name")), \(text("source")), \(text("document")),
                \(text("secrecy")), \(text("received-on")), \(text("deadline")), '', '', 'open')
            ON CONFLICT (case_id) DO UPDATE SET title = excluded.title, source = excluded.source,
                document = excluded.document, secrecy = excluded.secrecy, received_on = excluded.received_on,
                deadline = excluded.deadline
            """)
    }

    static func setDivisions(lead: String, assisting: [String], of id: ID<CaseFile>, _ tx: Tx) throws {
        let words = assisting.isEmpty ? "" : " \(assisting.sorted().joined(separator: " ")) "
        try tx.run("UPDATE assignment SET lead = \(lead), assisting = \(words) WHERE case_id = \(id)")
    }

    static func setDeadline(_ day: Day, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE assignment SET deadline = \(day) WHERE case_id = \(id)")
    }

    static func setState(
        _ state: Assignment.State, reported: Day?, closed: Day?, of id: ID<CaseFile>, _ tx: Tx
    ) throws {
        try tx.run(
            """
            UPDATE assignment SET state = \(state), reported_on = \(reported), closed_on = \(closed)
            WHERE case_id = \(id)
            """)
    }

    /// Sets the plan anew; milestones that were done before are kept by their title.
    static func plan(
        _ milestones: [(title: String, due: Day)], of id: ID<CaseFile>, _ tx: Tx
    ) throws {
        let done = try tx.rows(
            "SELECT title, done_on FROM assignment_milestone WHERE case_id = \(id) AND done_on IS NOT NULL"
        ) { (try $0["title"] as String, try $0["done_on"] as Day) }
        let kept = Dictionary(done, uniquingKeysWith: { first, _ in first })
        try tx.run("DELETE FROM assignment_milestone WHERE case_id = \(id)")
        for (index, item) in milestones.enumerated() {
            try tx.run(
                """
                INSERT INTO assignment_milestone (case_id, position, title, due_on, done_on)
                VALUES (\(id), \(index + 1), \(item.title), \(item.due), \(kept[item.title]))
                """)
        }
    }

    static func concern(_ items: [FoundObject], of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("DELETE FROM assignment_object WHERE case_id = \(id)")
        for (index, item) in items.enumerated() {
            try tx.run(
                """
                INSERT INTO assignment_object (case_id, position, kind, number, target, wanted)
                VALUES (\(id), \(index + 1), \(item.kind), \(item.number), \(item.target), \(item.wanted))
                """)
        }
    }

    static func finish(_ milestone: Int, of id: ID<CaseFile>, on day: Day, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE assignment_milestone SET done_on = \(day) WHERE case_id = \(id) AND position = \(milestone)
                AND done_on IS NULL
            """)
    }

    static func note(
        _ text: String, evidence: String, milestone: Int?, of id: ID<CaseFile>, by actor: Actor, at now: Instant,
        _ tx: Tx
    ) throws {
        let count: Int = try tx.value("SELECT COUNT(*) FROM assignment_note WHERE case_id = \(id)") ?? 0
        try tx.run(
            """
            INSERT INTO assignment_note (case_id, position, text, evidence, milestone, written_by, written_at)
            VALUES (\(id), \(count + 1), \(text), \(evidence), \(milestone), \(actor.name), \(now))
            """)
    }
}

/// An object that a task names by its number, as it was found.
struct FoundObject: Sendable {
    let kind: Concern.Kind
    let number: String
    let target: String
    let wanted: String
    /// The actor who names a case must be able to see it.
    let file: CaseFile?

    /// Finds what is named by a number; nil where there is nothing.
    static func find(
        _ kind: Concern.Kind, _ number: String, wanted: String, procedures: [String], registers: [String], _ tx: Tx
    ) throws -> FoundObject? {
        switch kind {
        case .case:
            let file = try tx.first(
                "SELECT * FROM case_file WHERE procedure IN \(list: procedures) AND number = \(number) LIMIT 1",
                CaseFile.init(stored:))
            return file.map { FoundObject(kind: kind, number: number, target: $0.id.text, wanted: "", file: $0) }
        case .entry:
            let id: String? = try tx.value(
                "SELECT id FROM register_entry WHERE register IN \(list: registers) AND number = \(number) LIMIT 1")
            return id.map { FoundObject(kind: kind, number: number, target: $0, wanted: wanted, file: nil) }
        }
    }
}
