import Kernel
import Store

/// What the steps of a task check and do.
enum AssignmentHooks {
    static func register(in hooks: inout ProcedureHooks, _ city: Jurisdiction) {
        hooks.guards["assignments.intake"] = { context, tx in try intake(context, tx) }
        hooks.effects["assignments.taken-in"] = { context, tx in
            try AssignmentStore.put(context.file, try CaseStore.answers(context.file.id, tx).content, tx)
            try hold(context.file.id, city, tx)
            try bind(context.file.id, tx)
        }
        hooks.guards["assignments.share"] = { context, _ in
            let lead = context.answers["lead"]?.string
            let assisting = (context.answers["assisting"]?.array ?? []).compactMap(\.string)
            guard let lead, assisting.contains(lead) else { return [] }
            return [
                problem(
                    "assignment.lead-assists", "主办处室不能同时协办", "The leading division does not assist as well",
                    field: "assisting")
            ]
        }
        hooks.effects["assignments.shared"] = { context, tx in
            let assisting = (context.answers["assisting"]?.array ?? []).compactMap(\.string)
            try AssignmentStore.setDivisions(
                lead: context.answers["lead"]?.string ?? "", assisting: assisting, of: context.file.id, tx)
            try hold(context.file.id, city, tx)
            try tellDivisions(context, tx)
        }
        hooks.effects["assignments.back"] = { context, tx in
            try CaseStore.setDivision(Assignments.office, of: context.file.id, tx)
        }
        hooks.guards["assignments.plan"] = { context, tx in try plan(context, city, tx).problems }
        hooks.effects["assignments.planned"] = { context, tx in
            let plan = try plan(context, city, tx)
            try AssignmentStore.plan(plan.milestones, of: context.file.id, tx)
            try AssignmentStore.concern(plan.objects, of: context.file.id, tx)
        }
        hooks.guards["assignments.progress"] = { context, tx in
            guard let number = context.answers["milestone"]?.integer else { return [] }
            let known = try whole(context.file.id, tx)?.milestones.contains { $0.position == Int(number) } ?? false
            return known
                ? []
                : [
                    problem(
                        "assignment.milestone", "没有第 \(number) 个节点", "There is no milestone \(number)",
                        field: "milestone")
                ]
        }
        hooks.effects["assignments.progress"] = { context, tx in try progress(context, tx) }
        hooks.guards["assignments.extension"] = { context, tx in try extending(context, tx) }
        hooks.effects["assignments.extended"] = { context, tx in
            let asked = try CaseValues.asked("ask-extension", of: context.file.id, tx)
            guard let day = asked["new-deadline"]?.string.flatMap({ Day($0) }) else { return }
            try AssignmentStore.setDeadline(day, of: context.file.id, tx)
            try bind(context.file.id, tx)
        }
        closing(&hooks)
    }

    private static func closing(_ hooks: inout ProcedureHooks) {
        hooks.guards["assignments.finished"] = { context, tx in
            let open = try whole(context.file.id, tx)?.milestones.filter { $0.doneOn == nil } ?? []
            return open.isEmpty
                ? []
                : [
                    problem(
                        "assignment.open-milestones", "还有节点没有完成：\(open.map(\.title).joined(separator: "、"))",
                        "Milestones are open: \(open.map(\.title).joined(separator: ", "))")
                ]
        }
        hooks.effects["assignments.reported"] = { context, tx in
            try AssignmentStore.setState(.reported, reported: context.day, closed: nil, of: context.file.id, tx)
            try CaseStore.setDivision(Assignments.office, of: context.file.id, tx)
            try CaseStore.bind(context.file.id, by: nil, tx)
        }
        hooks.guards["assignments.checked"] = { context, tx in
            let open = try whole(context.file.id, tx)?.concerns.filter { !$0.isDone(context.procedures) } ?? []
            return open.map {
                problem(
                    "assignment.object-open", "\($0.number) 还没有办结或达到要求的状态",
                    "\($0.number) is not finished, or not as it should be")
            }
        }
        hooks.effects["assignments.closed"] = { context, tx in
            let task = try AssignmentStore.require(context.file.id, tx)
            try AssignmentStore.setState(
                .closed, reported: task.reportedOn, closed: context.day, of: context.file.id, tx)
        }
        hooks.effects["assignments.returned"] = { context, tx in
            let task = try AssignmentStore.require(context.file.id, tx)
            try AssignmentStore.setState(.open, reported: nil, closed: nil, of: context.file.id, tx)
            try CaseStore.setDivision(task.lead, of: context.file.id, tx)
            try bind(context.file.id, tx)
        }
    }

    static func problem(
        _ code: String, _ zh: String, _ en: String, field: String = "", basis: Bilingual? = nil
    ) -> FieldProblem {
        FieldProblem(field: field, code: code, message: Bilingual(zh, en), basis: basis)
    }

    static func whole(_ id: ID<CaseFile>, _ tx: Tx) throws -> AssignmentWhole? {
        try AssignmentStore.whole(try AssignmentStore.find(id, tx).map { [$0] } ?? [], tx).first
    }

    /// Puts the file into the hands of whoever leads the task, and before the eyes of whom it concerns.
    private static func hold(_ id: ID<CaseFile>, _ city: Jurisdiction, _ tx: Tx) throws {
        let task = try AssignmentStore.require(id, tx)
        if !task.lead.isEmpty { try CaseStore.setDivision(task.lead, of: id, tx) }
        let all = city.divisions.map(\.code)
        try CaseStore.setAudience(task.secrecy == .restricted ? task.divisions : all, of: id, tx)
    }

    /// Until its result is reported, the case of a task is due on the day of the task at the latest.
    private static func bind(_ id: ID<CaseFile>, _ tx: Tx) throws {
        try CaseStore.bind(id, by: try AssignmentStore.require(id, tx).deadline, tx)
    }

    /// Gives cases the day of their task where the version before opened or moved them, which knows no day of a case's
    /// own, and the end of the clock that this day hides; takes the day away where the result was reported.
    static func takeOver(_ house: House) async throws {
        let (db, procedures) = (house.db, house.procedures)
        try await Handover.run("assignments.own-days", in: db, at: house.clock.now()) {
            let strays = try await db.read { tx in
                let bound = try tx.rows(
                    """
                    SELECT a.case_id FROM assignment a JOIN case_file c ON c.id = a.case_id
                    WHERE (a.state = 'open' AND (c.bound_on IS NULL OR c.bound_on <> a.deadline))
                        OR (a.state <> 'open' AND c.bound_on IS NOT NULL)
                    ORDER BY a.case_id
                    """
                ) { try $0["case_id"] as ID<CaseFile> }
                return try bound + procedures.strayClocks(of: "assignments.task", tx)
            }
            for id in strays {
                try await db.write { tx in
                    let task = try AssignmentStore.require(id, tx)
                    try procedures.readClock(of: id, tx)
                    try CaseStore.bind(id, by: task.state == .open ? task.deadline : nil, tx)
                }
            }
        }
    }

    // MARK: Intake

    private static func intake(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let answers = try CaseStore.answers(context.file.id, tx).content
        var found: [FieldProblem] = []
        let secrecy = answers["secrecy"]?.string ?? ""
        let allowed = try context.procedures.rules.law(on: context.day).codes("assignments.secrecy.allowed")
        if !secrecy.isEmpty, !allowed.value.contains(secrecy) {
            found.append(
                problem(
                    "assignment.state-secret", "国家秘密不得在本系统登记，请走涉密渠道", "State secrets may not be entered here",
                    field: "secrecy", basis: allowed.reference.source.cited))
        }
        func day(_ name: String) -> Day? { answers[name]?.string.flatMap { Day($0) } }
        if let received = day("received-on"), received > context.day {
            found.append(
                problem("assignment.received", "收到日不能晚于今天", "It cannot have come after today", field: "received-on"))
        }
        if let deadline = day("deadline"), let received = day("received-on"), deadline < received {
            found.append(
                problem(
                    "assignment.deadline", "办理期限早于收到日", "The deadline lies before the day it came", field: "deadline"))
        }
        return found
    }

    private static func tellDivisions(_ context: ActionContext, _ tx: Tx) throws {
        let task = try AssignmentStore.require(context.file.id, tx)
        let concerned = Set([task.lead] + task.assisting)
        for officer in try AccountStore.holding(.officer, tx)
        where officer.division.map(concerned.contains) ?? false {
            try Messages.tell(
                officer.id, Bilingual("督办事项 \(task.number) 已分办", "Assignment \(task.number) was shared out"),
                Bilingual(
                    "办理期限 \(task.deadline.text(.chinese))。", "To be done by \(task.deadline.text(.english))."),
                at: "/cases/\(task.caseID)", now: context.now, tx)
        }
    }

    // MARK: Plan and progress

    private struct Plan {
        var milestones: [(title: String, due: Day)] = []
        var objects: [FoundObject] = []
        var problems: [FieldProblem] = []
    }

    private static func plan(_ context: ActionContext, _ city: Jurisdiction, _ tx: Tx) throws -> Plan {
        let task = try AssignmentStore.require(context.file.id, tx)
        var plan = Plan()
        for (index, row) in (context.answers["milestones"]?.array ?? []).enumerated() {
            guard let due = row["due-on"]?.string.flatMap({ Day($0) }) else { continue }
            if due > task.deadline {
                plan.problems.append(
                    problem(
                        "assignment.milestone-late", "节点不能晚于办理期限 \(task.deadline.text(.chinese))",
                        "A milestone cannot lie after the deadline, \(task.deadline.text(.english))",
                        field: "milestones.\(index).due-on"))
            }
            if let last = plan.milestones.last, due < last.due {
                plan.problems.append(
                    problem(
                        "assignment.milestone-order", "节点应按时间先后填写", "Milestones stand in the order of their days",
                        field: "milestones.\(index).due-on"))
            }
            plan.milestones.append((row["title"]?.string ?? "", due))
        }
        let procedures = context.procedures.definitions.map(\.id)
        let registers = city.registers.definitions.map(\.id)
        for (index, row) in (context.answers["objects"]?.array ?? []).enumerated() {
            guard let kind = row["kind"]?.string.flatMap(Concern.Kind.init(rawValue:)),
                let number = row["number"]?.string
            else { continue }
            let found = try FoundObject.find(
                kind, number, wanted: row["wanted"]?.string ?? "", procedures: procedures, registers: registers, tx)
            if let found, found.file.map({ context.procedures.maySee(context.actor, $0) }) ?? true {
                plan.objects.append(found)
            } else {
                plan.problems.append(
                    problem(
                        "assignment.object", "没有编号为 \(number) 的办件或名册条目",
                        "There is no case or entry with the number \(number)",
                        field: "objects.\(index).number"))
            }
        }
        return plan
    }

    private static func progress(_ context: ActionContext, _ tx: Tx) throws {
        let milestone = context.answers["milestone"]?.integer.flatMap { Int(exactly: $0) }
        try AssignmentStore.note(
            context.answers["text"]?.string ?? "", evidence: context.answers["evidence"]?.string ?? "",
            milestone: milestone, of: context.file.id, by: context.actor, at: context.now, tx)
        if let milestone { try AssignmentStore.finish(milestone, of: context.file.id, on: context.day, tx) }
    }

    private static func extending(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let task = try AssignmentStore.require(context.file.id, tx)
        guard let day = context.answers["new-deadline"]?.string.flatMap({ Day($0) }), day <= task.deadline else {
            return []
        }
        return [
            problem(
                "assignment.extension", "新的期限应晚于原期限", "The new deadline must lie after the old one",
                field: "new-deadline")
        ]
    }
}
