/// Why somebody may not come in, or not do this.
public enum AccessError: Problem, Hashable {
    case wrongLogin
    case blocked(seconds: Int)
    case closed
    case weakPassword
    case loginTaken
    case forbidden(Bilingual)
    case otherDivision
    case samePerson
    case unknownAccount
    case unknownDivision
    case unknownToken
    case wrongCode
    case factorIsOn
    /// What was begun to be added to a second factor is over, or was begun elsewhere.
    case setUpOver
    case noLabel
    case unreadableSecret
    case unavailable

    public var kind: ProblemKind {
        switch self {
        case .wrongLogin, .wrongCode: .unauthenticated
        case .factorIsOn, .setUpOver: .conflict
        case .blocked: .limit
        case .closed, .forbidden, .otherDivision, .samePerson: .forbidden
        case .weakPassword, .loginTaken, .unknownDivision, .noLabel: .invalid
        case .unknownAccount, .unknownToken: .notFound
        case .unreadableSecret, .unavailable: .broken
        }
    }

    public var code: String {
        switch self {
        case .wrongLogin: "access.wrong-login"
        case .blocked: "access.blocked"
        case .closed: "access.closed"
        case .weakPassword: "access.weak-password"
        case .loginTaken: "access.login-taken"
        case .forbidden: "access.forbidden"
        case .otherDivision: "access.other-division"
        case .samePerson: "access.same-person"
        case .unknownAccount: "access.unknown-account"
        case .unknownDivision: "access.unknown-division"
        case .unknownToken: "access.unknown-token"
        case .wrongCode: "access.wrong-code"
        case .factorIsOn: "access.factor-is-on"
        case .setUpOver: "access.set-up-over"
        case .noLabel: "access.no-label"
        case .unreadableSecret: "access.unreadable-secret"
        case .unavailable: "access.unavailable"
        }
    }

    public var message: Bilingual {
        switch self {
        case .wrongLogin: Bilingual("账号或密码不正确。", "The account name or the password is wrong.")
        case .blocked(let seconds):
            Bilingual("尝试次数过多，请在 \(seconds) 秒后再试。", "Too many attempts. Try again in \(counted(seconds, "second")).")
        case .closed: Bilingual("该账号已停用，请联系管理员。", "This account is closed. Ask the administrator.")
        case .weakPassword: Bilingual("密码应为 10 至 200 个字符。", "A password has 10 to 200 characters.")
        case .loginTaken: Bilingual("该账号名已被使用，请换一个。", "This account name is taken. Choose another.")
        case .forbidden(let what): Bilingual("您无权\(what.zh)。", "You may not \(what.en).")
        case .otherDivision:
            Bilingual(
                "此事由另一处室承办，请由该处室的经办人办理。", "Another division handles this; one of its officers must do it.")
        case .samePerson:
            Bilingual("经办与审批须为不同的人，您已办理前一步。", "Two different people are needed, and you did the step before.")
        case .unknownAccount: Bilingual("没有这个账号。", "There is no such account.")
        case .unknownDivision: Bilingual("没有这个处室，请从列表中选择。", "There is no such division; choose one of the list.")
        case .unknownToken: Bilingual("没有这个令牌，或已停用。", "There is no such token, or it has ended.")
        case .wrongCode:
            Bilingual(
                "验证码不正确或已用过，请输入身份验证器现在显示的数字，或一个恢复码。",
                "The code is wrong or was used. Enter the digits shown now, or a recovery code.")
        case .factorIsOn: Bilingual("两步验证已经启用。", "The second factor is on already.")
        case .setUpOver:
            Bilingual("设置已过期，请重新开始。", "This took too long, or was begun elsewhere. Begin again.")
        case .noLabel:
            Bilingual("请填写令牌的用途（不超过 100 字）。", "Say what the token is for, in at most 100 characters.")
        case .unreadableSecret:
            Bilingual("加密信息无法读取，密钥可能不符。", "Encrypted data cannot be read; the key may be another one.")
        case .unavailable: Bilingual("加密组件暂不可用。", "The encryption library is not available.")
        }
    }

    public var fields: [FieldProblem] {
        switch self {
        case .weakPassword: [FieldProblem(field: "password", code: code, message: message)]
        case .noLabel: [FieldProblem(field: "label", code: code, message: message)]
        case .loginTaken: [FieldProblem(field: "login", code: code, message: message)]
        default: []
        }
    }

    public var retryAfter: Int? { if case .blocked(let seconds) = self { seconds } else { nil } }
}
