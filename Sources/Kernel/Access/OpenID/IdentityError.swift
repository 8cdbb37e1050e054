/// What is wrong with a token that a provider gave. Each is a check of OpenID Connect Core 1.0, 3.1.3.7.
public enum TokenFault: String, Error, Hashable, Sendable, CaseIterable {
    case malformed, algorithm, key, signature, issuer, audience, party, expired, early, nonce, subject

    /// In words that follow "because".
    var reason: Bilingual {
        switch self {
        case .malformed: Bilingual("格式无法识别", "it cannot be read")
        case .algorithm: Bilingual("签名算法不被接受", "it is signed in a way that is not accepted")
        case .key: Bilingual("签名密钥未知", "its key is not known")
        case .signature: Bilingual("签名不正确", "its signature is wrong")
        case .issuer: Bilingual("不是由所配置的认证服务签发", "somebody else issued it")
        case .audience: Bilingual("不是签发给本系统的", "it was issued to another system")
        case .party: Bilingual("是由其他系统申请的", "another system asked for it")
        case .expired: Bilingual("已过期", "it is too old")
        case .early: Bilingual("签发时间在将来，请检查时钟", "it comes from the future; look at the clocks")
        case .nonce: Bilingual("不属于本次登录", "it does not belong to this sign-in")
        case .subject: Bilingual("没有说明身份", "it says of nobody")
        }
    }
}

/// Why somebody did not come in by an identity provider.
public enum IdentityError: Problem, Hashable {
    /// What of a provider cannot be used; for the operators.
    public enum Defect: String, Hashable, Sendable {
        /// It names another issuer than the one that was configured.
        case issuer
        /// It does not say where to sign in, or says addresses that are not asked.
        case addresses
        /// It has no key that the house can use.
        case keys
        /// What it answers cannot be read.
        case answer
        /// It does not accept the house: its name, its secret or its address.
        case client
    }

    /// It does not answer, or too many wait for it.
    case unreachable
    case unusable(Defect)
    /// The provider says no, or the visitor did.
    case refused
    /// The answer belongs to no sign-in of this browser, or was used before.
    case strayed
    /// The provider does not know its own code, or it was used before.
    case codeRefused
    case token(TokenFault)
    /// Nobody has linked this identity.
    case unlinked(subject: String)
    case linkedElsewhere
    case unknownLink
    case wrongPassword

    public var kind: ProblemKind {
        switch self {
        case .unreachable, .unusable: .busy
        case .refused, .strayed, .codeRefused, .token, .wrongPassword: .unauthenticated
        case .unlinked: .forbidden
        case .linkedElsewhere: .conflict
        case .unknownLink: .notFound
        }
    }

    public var code: String {
        switch self {
        case .unreachable: "identity.unreachable"
        case .unusable(let defect): "identity.unusable-\(defect.rawValue)"
        case .refused: "identity.refused"
        case .strayed: "identity.strayed"
        case .codeRefused: "identity.code-refused"
        case .token(let fault): "identity.token-\(fault.rawValue)"
        case .unlinked: "identity.unlinked"
        case .linkedElsewhere: "identity.linked-elsewhere"
        case .unknownLink: "identity.unknown-link"
        case .wrongPassword: "identity.wrong-password"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unreachable:
            Bilingual(
                "认证服务暂时没有应答，请稍后再试，或用密码登录。",
                "The identity provider does not answer now. Try again later, or sign in with your password.")
        case .unusable(let defect):
            Bilingual(
                "认证服务目前无法使用（\(defect.rawValue)），请用密码登录，并告知管理员。",
                "The identity provider cannot be used (\(defect.rawValue)). Sign in with your password, and tell the "
                    + "administrator.")
        case .refused:
            Bilingual("认证服务没有确认您的身份，或您已取消。", "The identity provider did not confirm who you are, or you cancelled.")
        case .strayed:
            Bilingual(
                "这次登录已过期、已用过，或不是在此浏览器中开始的，请重新登录。",
                "This sign-in is over, was used before, or did not begin in this browser. Sign in again.")
        case .codeRefused:
            Bilingual("认证服务不再接受这次登录，请重新登录。", "The identity provider no longer accepts this sign-in. Sign in again.")
        case .token(let fault):
            Bilingual(
                "认证服务的证明未被接受，因为\(fault.reason.zh)。请重新登录；若仍如此，请告知管理员。",
                "What the identity provider says was not accepted, because \(fault.reason.en). Sign in again; tell the "
                    + "administrator if it stays so.")
        case .unlinked:
            Bilingual("这个身份尚未关联任何账号。", "This identity is not linked to an account yet.")
        case .linkedElsewhere:
            Bilingual(
                "这个身份已关联另一个账号，须先在那里解除关联。",
                "This identity is linked to another account; it must be unlinked there first.")
        case .unknownLink: Bilingual("没有这个关联，或已解除。", "There is no such link, or it has ended.")
        case .wrongPassword: Bilingual("密码不正确。", "The password is wrong.")
        }
    }

    public var fields: [FieldProblem] {
        switch self {
        case .wrongPassword: [FieldProblem(field: "password", code: code, message: message)]
        default: []
        }
    }

    /// Whether somebody may be trying what they ought not to: these are counted, and slowed down.
    public var isSuspicious: Bool {
        switch self {
        case .strayed, .codeRefused, .token: true
        default: false
        }
    }
}
