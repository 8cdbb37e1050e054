import Funding
import Kernel
import Store

/// The answers of a case as data, for somebody who may see it.
enum ShownAnswers {
    /// Applicants get their own whole; others get `{"sealed": true}` in place of what is personal. What no key opens is
    /// `{"unreadable": true}` to all, what was erased `{"erased": true}`.
    static func of(_ file: CaseFile, to actor: Actor, _ house: House, _ tx: Tx) throws -> JSONValue {
        let kept = try CaseStore.answers(file.id, tx).content
        if let account = actor.account, account == file.applicant { return kept.readable(by: house.vault, or: .data) }
        let form: Form? =
            try file.procedure == "funding.application"
            ? Funding.papersForm(of: file.id, tx) : house.procedures.definition(of: file).form
        guard let form else { return kept.withheld(nil, or: .data) }
        return kept.readable(form, by: house.vault, or: .data)
    }
}
