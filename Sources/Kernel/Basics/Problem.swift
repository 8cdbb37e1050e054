/// What kind of failure a problem is; the only table of HTTP statuses in the house hangs on it.
public enum ProblemKind: String, Codable, Sendable, CaseIterable {
    case malformed, invalid, unauthenticated, forbidden, notFound, wrongMethod, timeout, conflict, stale, gone,
        tooLarge, unsupported, limit, busy, broken

    /// The HTTP status that carries this kind.
    public var status: Int {
        switch self {
        case .malformed: 400
        case .invalid: 422
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .wrongMethod: 405
        case .timeout: 408
        case .conflict: 409
        case .stale: 412
        case .gone: 410
        case .tooLarge: 413
        case .unsupported: 415
        case .limit: 429
        case .busy: 503
        case .broken: 500
        }
    }
}

/// One thing wrong with one field: where, which rule, and how to mend it.
public struct FieldProblem: Codable, Hashable, Sendable {
    /// Path of the field as in the form, e.g. `budget.equipment.amount`; empty for the whole form.
    public let field: String
    /// Stable code, e.g. `field.required`.
    public let code: String
    /// What is wrong and how to mend it.
    public let message: Bilingual
    /// The legal rule and article, where there is one.
    public let basis: Bilingual?

    public init(field: String, code: String, message: Bilingual, basis: Bilingual? = nil) {
        self.field = field
        self.code = code
        self.message = message
        self.basis = basis
    }
}

/// An error that a person can understand: becomes RFC 9457 problem details on the API and a page on the web.
public protocol Problem: Error, Sendable {
    var kind: ProblemKind { get }
    /// Stable, documented code such as `case.stale`.
    var code: String { get }
    /// What happened, why, and what to do.
    var message: Bilingual { get }
    /// All problems of single fields at once, in the order of the form.
    var fields: [FieldProblem] { get }
    /// Seconds after which asking again makes sense, where that is known.
    var retryAfter: Int? { get }
}

extension Problem {
    public var fields: [FieldProblem] { [] }
    public var retryAfter: Int? { nil }
}

/// A problem that needs no type of its own.
public struct PlainProblem: Problem {
    public let kind: ProblemKind
    public let code: String
    public let message: Bilingual
    public let fields: [FieldProblem]

    public init(_ kind: ProblemKind, _ code: String, _ message: Bilingual, fields: [FieldProblem] = []) {
        self.kind = kind
        self.code = code
        self.message = message
        self.fields = fields
    }

    /// Everything that is wrong with a form, told at once.
    public static func incomplete(_ fields: [FieldProblem]) -> PlainProblem {
        PlainProblem(
            .invalid, "form.incomplete",
            Bilingual("有几处缺失或有误，请逐项修改。", "Some points are missing or wrong; mend each of them."), fields: fields)
    }
}
