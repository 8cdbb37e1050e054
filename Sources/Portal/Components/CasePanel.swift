public import Kernel
public import Store

/// What a duty shows of one case inside the common case page; given what the page has read already.
public typealias CasePanel = @Sendable (CaseFile, Actor, Say, String, Tx) throws -> HTML

extension Visit {
    /// Speaks the visit's language.
    public var say: Say { Say(language) }
}

extension Page {
    /// The answer for a form that is shown again with its problems.
    public func withProblems(_ problems: [FieldProblem]) -> Answer {
        .page(self, status: problems.isEmpty ? 200 : 422)
    }
}
