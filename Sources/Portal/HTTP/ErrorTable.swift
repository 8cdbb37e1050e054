import Kernel
import Store

/// The one table that turns what was thrown into what is answered.
enum ErrorTable {
    /// What a person is told of an error, and whether its text belongs in the log as a fault.
    struct Entry {
        let problem: any Problem
        let isFault: Bool
    }

    /// - Parameter incident: the id under which the log keeps the text of an error that nobody may see.
    static func entry(for error: any Error, incident: String) -> Entry {
        if let problem = error as? DocumentError, problem.kind == .broken || problem.kind == .busy {
            return Entry(problem: problem, isFault: true)
        }
        if let problem = error as? any Problem {
            guard problem.kind == .broken else { return Entry(problem: problem, isFault: false) }
        }
        if error is FileFailure { return Entry(problem: StorageFailure.disk, isFault: true) }
        switch error as? StoreError {
        case .busy, .poolExhausted, .connectionLost, .serialization:
            return Entry(problem: Unavailable(), isFault: true)
        case .outcomeUnknown: return Entry(problem: StorageFailure.outcomeUnknown, isFault: true)
        case .diskFull, .diskFailed: return Entry(problem: StorageFailure.disk, isFault: true)
        case .damaged: return Entry(problem: StorageFailure.damaged, isFault: true)
        default: return Entry(problem: Incident(id: incident), isFault: true)
        }
    }

    /// The heading for a kind of problem.
    static func title(_ kind: ProblemKind) -> Bilingual {
        switch kind {
        case .malformed: Bilingual("请求无法识别", "The request cannot be read")
        case .invalid: Bilingual("填写有误", "Something needs mending")
        case .unauthenticated: Bilingual("请先登录", "Sign in first")
        case .forbidden: Bilingual("没有权限", "Not allowed")
        case .notFound: Bilingual("没有找到", "Not found")
        case .wrongMethod: Bilingual("请求方式不对", "Wrong method")
        case .timeout: Bilingual("请求超时", "The request took too long")
        case .conflict: Bilingual("与现状冲突", "In conflict with the present state")
        case .stale: Bilingual("内容已有更新", "Changed in the meantime")
        case .gone: Bilingual("已经失效", "No longer there")
        case .tooLarge: Bilingual("内容过大", "Too large")
        case .unsupported: Bilingual("不支持的类型", "Unsupported type")
        case .limit: Bilingual("操作过于频繁", "Too often")
        case .busy: Bilingual("系统繁忙", "The system is busy")
        case .broken: Bilingual("系统故障", "Something failed")
        }
    }
}

/// The database cannot be reached or is held up; asking again helps.
struct Unavailable: Problem {
    var kind: ProblemKind { .busy }
    var code: String { "store.unavailable" }
    var message: Bilingual {
        Bilingual(
            "系统暂时繁忙，您的操作没有生效。请稍候片刻再试。",
            "The system is busy and nothing was changed. Wait a moment and try again.")
    }
    var retryAfter: Int? { 5 }
}

/// What the house stores its data on fails; the operators have to act.
enum StorageFailure: Problem {
    /// Full, read-only or broken.
    case disk
    /// What was written cannot be read any more.
    case damaged
    /// The database went away in the moment of keeping.
    case outcomeUnknown

    var kind: ProblemKind { self == .damaged ? .broken : .busy }
    var code: String {
        switch self {
        case .disk: "store.disk"
        case .damaged: "store.damaged"
        case .outcomeUnknown: "store.outcome-unknown"
        }
    }
    var message: Bilingual {
        switch self {
        case .disk:
            Bilingual(
                "系统存储空间不足或无法写入，您的操作没有完成。请稍后再试；工作人员会看到此故障。",
                "The storage of the system is full or cannot be written, and nothing was completed. Try again later; "
                    + "the staff can see this fault.")
        case .damaged:
            Bilingual(
                "此项数据在存储中已损坏，暂时无法提供，需由工作人员从备份恢复。",
                "This part of the data is damaged in storage and cannot be given; the staff has to restore it from a "
                    + "backup.")
        case .outcomeUnknown:
            Bilingual(
                "保存时与数据库的连接中断，无法确定您的操作是否生效。请先查看办理情况，没有生效再重新提交。",
                "The database went away in the moment of keeping, and it is not known whether this took effect. Look "
                    + "at the present state first, and send it again only if it did not.")
        }
    }
    var retryAfter: Int? { self == .damaged ? nil : 30 }
}

/// Anything that nobody foresaw: the person gets a number, the log gets the text.
struct Incident: Problem {
    let id: String

    var kind: ProblemKind { .broken }
    var code: String { "incident" }
    var message: Bilingual {
        Bilingual(
            "系统出现故障，您的操作没有完成。请稍后重试；如仍有问题，请告知工作人员事件编号 \(id)。",
            "Something in the system failed and nothing was completed. Try again later; if it fails again, "
                + "tell the staff the incident number \(id).")
    }
}

/// Problem details (RFC 9457) in the language asked for, with both languages beside it.
struct ProblemDetails: Encodable {
    struct Field: Encodable {
        let field: String
        let code: String
        let message: String
        let basis: String?
    }

    struct Translation: Encodable {
        let title: String
        let detail: String
        let fields: [Field]?
    }

    let type: String
    let title: String
    let status: Int
    let detail: String
    let instance: String
    let code: String
    let fields: [Field]?
    let translations: [String: Translation]

    init(_ problem: any Problem, _ language: Language, requestID: String) {
        let title = ErrorTable.title(problem.kind)
        type = "urn:kechuang:problem:\(problem.code)"
        self.title = title[language]
        status = problem.kind.status
        detail = problem.message[language]
        instance = "urn:uuid:\(requestID)"
        code = problem.code
        fields = ProblemDetails.fields(problem, language)
        translations = Dictionary(
            uniqueKeysWithValues: Language.allCases.map { other in
                let translation = Translation(
                    title: title[other], detail: problem.message[other], fields: ProblemDetails.fields(problem, other))
                return (other.rawValue, translation)
            })
    }

    private static func fields(_ problem: any Problem, _ language: Language) -> [Field]? {
        problem.fields.isEmpty
            ? nil
            : problem.fields.map {
                Field(field: $0.field, code: $0.code, message: $0.message[language], basis: $0.basis?[language])
            }
    }
}

/// The page that shows a problem.
enum ProblemPage {
    private static func item(_ field: FieldProblem, _ language: Language) -> HTML {
        let basis: HTML? = field.basis.map { " (\($0[language]))" }
        return "<li>\(field.message[language])\(basis)</li>"
    }

    static func page(_ problem: any Problem, _ language: Language, requestID: String, signIn: String?) -> Page {
        let title = ErrorTable.title(problem.kind)
        func t(_ zh: String, _ en: String) -> String { Bilingual(zh, en)[language] }
        let fields: HTML? =
            problem.fields.isEmpty
            ? nil
            : """
            <ul>\(each: problem.fields, { item($0, language) })</ul>
            """
        let next: HTML =
            if let signIn {
                "<p><a class=\"button\" href=\"\(signIn)\">\(t("登录", "Sign in"))</a></p>"
            } else {
                "<p><a href=\"/\">\(t("返回首页", "Back to the start page"))</a></p>"
            }
        return Page(
            title: title,
            body: """
                <h1>\(title[language])</h1>
                <p>\(problem.message[language])</p>
                \(fields)\(next)
                <p><small>\(t("代码", "Code")) <code>\(problem.code)</code> · \
                \(t("请求编号", "Request")) <code>\(requestID)</code></small></p>
                """)
    }
}
