public import Kernel

/// What can be wrong with a request before or around its handler.
public enum RequestProblem: Problem, Hashable {
    /// The address cannot be read: a bad escape, a dot segment, an empty segment.
    case badAddress
    /// A form or a query is not UTF-8, holds U+0000 or a bad escape.
    case badEncoding
    /// A multipart form does not follow its own boundary or headers.
    case badMultipart(Bilingual)
    /// The body ended before it was complete.
    case cutOff
    /// The body is larger than so many bytes.
    case tooLarge(limit: Int)
    /// The form has more than so many fields.
    case tooManyFields(limit: Int)
    /// The form has more than so many files.
    case tooManyFiles(limit: Int)
    /// The body is of a type that the address does not take.
    case unsupported(type: String)
    /// The body did not arrive in time.
    case tooSlow
    /// There is nothing at this address.
    case nothingHere
    /// The address takes other methods.
    case wrongMethod(allowed: [String])
    /// The account must sign in first.
    case signInNeeded
    /// The account's roles do not reach the address.
    case notAllowed
    /// The token does not carry this scope.
    case scopeMissing(String)
    /// The form was not made by this house for this browser, or the session is over.
    case foreignForm
    /// A redirect would have left the house; always a fault of our own code.
    case unsafeRedirect

    public var kind: ProblemKind {
        switch self {
        case .badAddress, .badEncoding, .badMultipart, .cutOff: .malformed
        case .tooLarge, .tooManyFields, .tooManyFiles: .tooLarge
        case .unsupported: .unsupported
        case .tooSlow: .timeout
        case .nothingHere: .notFound
        case .wrongMethod: .wrongMethod
        case .signInNeeded: .unauthenticated
        case .notAllowed, .scopeMissing, .foreignForm: .forbidden
        case .unsafeRedirect: .broken
        }
    }

    public var code: String {
        switch self {
        case .badAddress: "request.address"
        case .badEncoding: "request.encoding"
        case .badMultipart: "request.multipart"
        case .cutOff: "request.cut-off"
        case .tooLarge: "request.too-large"
        case .tooManyFields: "request.too-many-fields"
        case .tooManyFiles: "request.too-many-files"
        case .unsupported: "request.unsupported-type"
        case .tooSlow: "request.too-slow"
        case .nothingHere: "request.not-found"
        case .wrongMethod: "request.method"
        case .signInNeeded: "session.sign-in-needed"
        case .notAllowed: "access.role"
        case .scopeMissing: "access.scope"
        case .foreignForm: "session.foreign-form"
        case .unsafeRedirect: "answer.unsafe-redirect"
        }
    }

    public var message: Bilingual {
        switch self {
        case .badAddress:
            Bilingual("网址无法识别，请检查后重试。", "This address cannot be read. Check it and try again.")
        case .badEncoding:
            Bilingual(
                "提交的内容不是有效的 UTF-8 文本，请以 UTF-8 重新提交。",
                "What was sent is not valid UTF-8 text. Send it again as UTF-8.")
        case .badMultipart(let reason):
            Bilingual("表单数据无法读取：\(reason.zh)。请重新提交。", "The form cannot be read: \(reason.en). Send it again.")
        case .cutOff:
            Bilingual("提交的内容不完整，请重新提交。", "What was sent is incomplete. Send it again.")
        case .tooLarge(let limit):
            Bilingual(
                "提交的内容超过 \(RequestProblem.size(limit))，请缩小后重新提交。",
                "What was sent is larger than \(RequestProblem.size(limit)). Make it smaller and send it again.")
        case .tooManyFields(let limit):
            Bilingual("表单字段超过 \(limit) 个。", "The form has more than \(limit) fields.")
        case .tooManyFiles(let limit):
            Bilingual("文件超过 \(limit) 个，请减少后重新提交。", "There are more than \(limit) files. Send fewer.")
        default: accessMessage
        }
    }

    private var accessMessage: Bilingual {
        switch self {
        case .unsupported(let type):
            Bilingual("此处不接受“\(type)”类型的内容。", "Content of type “\(type)” is not taken here.")
        case .tooSlow:
            Bilingual("提交超时，请检查网络后重试。", "The request took too long to arrive. Try again.")
        case .nothingHere:
            Bilingual(
                "没有这个页面。网址可能有误，或内容已移走。",
                "There is nothing at this address. It may be mistyped, or the content has moved.")
        case .wrongMethod(let allowed):
            Bilingual(
                "此网址只接受 \(allowed.joined(separator: "、"))。",
                "This address takes only \(allowed.joined(separator: ", ")).")
        case .signInNeeded:
            Bilingual("请先登录，再继续办理。", "Sign in first, then go on.")
        case .notAllowed:
            Bilingual(
                "您的账号没有办理此事的权限。如有疑问，请联系系统管理员。",
                "Your account may not do this. If you think it should, ask the system administrator.")
        case .scopeMissing(let scope):
            Bilingual("访问令牌缺少“\(scope)”权限。", "The access token does not carry the scope “\(scope)”.")
        case .foreignForm:
            Bilingual(
                "页面已过期或不是本系统的表单。请返回、刷新页面后重新提交。",
                "This form has expired or was not made here. Go back, reload the page and send it again.")
        default:
            Bilingual("系统出现故障。", "Something in the system failed.")
        }
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : bytes >= 1 << 10 ? "\(bytes >> 10) KiB" : "\(bytes) B"
    }
}
