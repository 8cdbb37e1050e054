import Kernel
import Store

/// Somebody whom the bureau introduced to the owner of an offer or a need, and how they are reached: sealed in the
/// answers of their case, and read where the owner looks, so that no message keeps it.
struct Introduction: Sendable {
    /// Most that a page shows, the newest first.
    static let most = 50

    /// When the two sides were brought together, or signed.
    let since: Day
    let partner: String
    let what: String
    let contact: String

    /// Those of an entry, for those whose case made it; nobody else is told of any.
    /// - Parameter words: in place of a contact that was erased or that no key opens.
    static func list(
        _ entry: RegisterEntry, to actor: Actor, _ house: House, or words: Withheld, _ tx: Tx
    ) throws -> [Introduction] {
        guard let file = try entry.caseID.flatMap({ try CaseStore.find($0, tx) }), Policy.isOwn(actor, file) else {
            return []
        }
        let procedure = entry.register == "transfer.results" ? "transfer.match" : "transfer.offer"
        return try tx.rows(
            """
            SELECT c.step_since, a.content FROM case_value v JOIN case_file c ON c.id = v.case_id
            JOIN case_answers a ON a.case_id = c.id
            WHERE v.procedure = \(procedure) AND v.field = \(RegisterHooks.entryField) AND v.value = \(entry.number)
                AND c.step IN ('talks', 'signed') ORDER BY c.id DESC LIMIT \(most)
            """
        ) { row in
            let answers = (try row["content"] as JSONValue).readable(by: house.vault, or: words)
            return Introduction(
                since: house.city.zone.day(of: try row["step_since"]), partner: answers["partner"]?.string ?? "",
                what: answers["what"]?.string ?? "", contact: answers["contact"]?.string ?? "")
        }
    }
}
