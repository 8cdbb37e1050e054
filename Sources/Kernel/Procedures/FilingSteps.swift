import Store

/// The steps at which a filed form is filled in, and its check when it is handed in.
public enum FilingSteps {
    /// Handing nothing in: the action that ends a draft.
    static let withdrawal = "withdraw"

    /// Whether the form is edited at a step.
    public static func isDrafted(_ step: String) -> Bool { ["draft", "correction"].contains(step) }

    /// Everything wrong with the form of a case: fields, what no key opens among them, files, and entries of registers
    /// that do not exist.
    static func problems(_ form: Form, of id: ID<CaseFile>, vault: Vault?, _ tx: Tx) throws -> [FieldProblem] {
        let kept = try CaseStore.answers(id, tx).content
        let answers = vault.map { kept.readable(by: $0, or: .data) } ?? kept
        let files = try DocumentStore.list(of: id, tx)
        let counts = Dictionary(files.map { ($0.field, 1) }, uniquingKeysWith: +)
        return form.problems(answers, complete: true, files: counts)
            + (try RegisterStore.problems(form.fields, answers, tx))
    }
}
