/// Why personal content is not shown, kept or erased.
public enum PrivacyError: Problem, Hashable {
    case unknown
    case erased
    case reasonMissing
    case nothingChosen
    case requestRunning(String)

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .erased: .gone
        case .reasonMissing, .nothingChosen: .invalid
        case .requestRunning: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknown: "privacy.unknown"
        case .erased: "privacy.erased"
        case .reasonMissing: "privacy.reason-missing"
        case .nothingChosen: "privacy.nothing-chosen"
        case .requestRunning: "privacy.request-running"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这项个人信息，或您无权查看。", "There is no such personal content, or it is not yours to see.")
        case .erased:
            Bilingual("该项个人信息已删除，只保留可供核验的摘要。", "This content was erased; only a digest that can be checked remains.")
        case .reasonMissing:
            Bilingual(
                "请写明查看理由（4 至 300 字）；每次查看都会记录。",
                "Say why you need to see it, in 4 to 300 characters; each look is logged.")
        case .nothingChosen: Bilingual("请至少选择一类信息。", "Choose at least one kind of content.")
        case .requestRunning(let number):
            Bilingual("您已有一件删除请求 \(number) 正在办理。", "Your request \(number) for erasure is being handled.")
        }
    }

    public var fields: [FieldProblem] {
        switch self {
        case .reasonMissing: [FieldProblem(field: "reason", code: code, message: message)]
        case .nothingChosen: [FieldProblem(field: "kinds", code: code, message: message)]
        default: []
        }
    }
}
