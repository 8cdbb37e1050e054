/// What is wrong with what a security key answered. Each is a check of Web Authentication Level 2, 7.1 or 7.2.
public enum KeyFault: String, Error, Hashable, Sendable, CaseIterable {
    case malformed, purpose, challenge, origin, domain, presence, kind, attestation, unknown, signature, counter

    /// In words that follow "because".
    var reason: Bilingual {
        switch self {
        case .malformed: Bilingual("格式无法识别", "it cannot be read")
        case .purpose: Bilingual("不是为此操作给出的", "it was given for something else")
        case .challenge: Bilingual("不属于本次操作", "it does not belong to this page")
        case .origin: Bilingual("来自另一个网址", "it comes from another address")
        case .domain: Bilingual("是为另一个网站给出的", "it was given for another site")
        case .presence: Bilingual("没有人触碰密钥", "nobody touched the key")
        case .kind: Bilingual("密钥类型不被接受", "the key is of a kind that is not accepted")
        case .attestation: Bilingual("密钥的自证不正确", "what the key attests of itself is wrong")
        case .unknown: Bilingual("不是本账号的密钥", "the key is none of this account")
        case .signature: Bilingual("签名不正确", "its signature is wrong")
        case .counter:
            Bilingual(
                "密钥计数器倒退，可能有人复制了密钥，该密钥已停用",
                "the counter of the key went back, as if somebody had copied it; it is accepted no more")
        }
    }
}

/// Why a security key did not help.
public enum KeyError: Problem, Hashable {
    case fault(KeyFault)
    /// The answer belongs to no question of this session, or came before.
    case strayed
    /// The answer belongs to a question of this session that is too old. It is no guess: the page lay open.
    case late
    case noName
    case tooMany
    /// Some account has it already.
    case known
    case unknownKey
    /// Browsers ask no key at the address under which people reach the house.
    case unavailable

    public var kind: ProblemKind {
        switch self {
        case .fault, .strayed, .late: .unauthenticated
        case .noName: .invalid
        case .tooMany, .known, .unavailable: .conflict
        case .unknownKey: .notFound
        }
    }

    public var code: String {
        switch self {
        case .fault(let fault): "key.fault-\(fault.rawValue)"
        case .strayed: "key.strayed"
        case .late: "key.late"
        case .noName: "key.no-name"
        case .tooMany: "key.too-many"
        case .known: "key.known"
        case .unknownKey: "key.unknown"
        case .unavailable: "key.unavailable"
        }
    }

    public var message: Bilingual {
        switch self {
        case .fault(let fault):
            Bilingual(
                "安全密钥的应答未被接受，因为\(fault.reason.zh)。",
                "What the security key answered was not accepted, because \(fault.reason.en).")
        case .strayed:
            Bilingual("这次应答不属于本页，或已用过，请再试一次。", "This answer belongs to another page, or was used before. Try again.")
        case .late: Bilingual("这次应答已过期，请再试一次。", "This answer came too late. Try again.")
        case .noName:
            Bilingual("请填写密钥名称（不超过 50 字）。", "Give the key a name of at most 50 characters.")
        case .tooMany:
            Bilingual(
                "一个账号最多 \(SecurityKey.most) 个安全密钥，请先移除一个。",
                "An account has at most \(counted(SecurityKey.most, "security key")). Remove one first.")
        case .known: Bilingual("这个安全密钥已经添加过。", "This security key was added before.")
        case .unknownKey: Bilingual("没有这个安全密钥，或已移除。", "There is no such security key, or it was removed.")
        case .unavailable:
            Bilingual(
                "须通过域名和 HTTPS 访问本系统，浏览器才能使用安全密钥。",
                "Browsers use security keys only where the house is reached under a domain and by HTTPS.")
        }
    }

    public var fields: [FieldProblem] {
        guard self == .noName else { return [] }
        return [FieldProblem(field: "name", code: code, message: message)]
    }

    /// Whether somebody may be trying what they ought not to: these are counted, and slowed down like wrong codes.
    var isSuspicious: Bool {
        switch self {
        case .fault, .strayed: true
        default: false
        }
    }
}
