import Kernel
import Store

/// Events by which other rooms know what a project owes and by when.
enum ProjectEvents {
    /// The term, and the day by which acceptance must be applied for.
    static func term(_ project: Project, _ rules: RuleBook, _ context: ActionContext, _ tx: Tx) throws {
        guard let ends = project.endsOn else { return }
        try CaseValues.set(project.id, "ends-on", .string(ends.description), tx)
        try context.procedures.renewClocks(of: project.id, tx)
        let months = try rules.number("acceptance.application-months", on: context.day)
        // The fund's own law counts otherwise; the clock of the case knows.
        let due = try CaseStore.require(project.id, tx).dueOn ?? ends.adding(months: months)
        try append("project.term", project, ["due": .string(due.description)], context.actor, context.now, tx)
    }

    static func claimed(
        _ amount: Money, recovery: String, due: Day, _ project: Project, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        try append(
            "recovery.claimed", project,
            ["recovery": .string(recovery), "amount": .integer(amount.fen), "due": .string(due.description)], actor,
            now, tx)
    }

    static func failed(_ project: Project, until: Day, _ context: ActionContext, _ tx: Tx) throws {
        try append("project.failed", project, ["until": .string(until.description)], context.actor, context.now, tx)
    }

    private static func append(
        _ kind: String, _ project: Project, _ more: [String: JSONValue], _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        var content: [String: JSONValue] = [
            "number": .string(project.number), "title": .string(project.title.zh),
            "organisation": .string(project.organisation.text),
            "organisationName": .string(project.organisationName.zh),
            "investigator": .string(project.investigatorName),
        ]
        content.merge(more) { _, new in new }
        try Record.append(
            Event(
                room: "funding", kind: kind, subjectKind: "case", subject: project.id.text, caseID: project.id,
                actor: actor, at: now, content: .object(content)), tx)
    }
}
