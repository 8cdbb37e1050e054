public import Kernel
public import Store

/// Keeps what was answered to a named attempt, so that the same request sent again is answered and not done again.
public struct IdempotencyKeys: Sendable {
    /// One attempt.
    public struct Attempt: Hashable, Sendable {
        public let account: ID<Account>
        /// The client's name for the attempt: 1–255 visible ASCII characters.
        public let key: String
        /// The id of the route.
        public let route: String
        /// SHA-256 of address and body, hexadecimal.
        public let digest: String
        public let now: Instant

        public init(account: ID<Account>, key: String, route: String, digest: String, now: Instant) {
            self.account = account
            self.key = key
            self.route = route
            self.digest = digest
            self.now = now
        }
    }

    /// An answer as it was given.
    public struct Kept: Codable, Hashable, Sendable {
        public let status: Int
        public let location: String?
        public let etag: String?
        /// The JSON; empty where there was none.
        public let body: String

        public init(status: Int, location: String?, etag: String?, body: String) {
            self.status = status
            self.location = location
            self.etag = etag
            self.body = body
        }
    }

    /// What is known of an attempt.
    public enum Claim: Sendable {
        /// It is new and now ours.
        case fresh
        /// It was answered.
        case answered(Kept)
        /// The key was used for something else.
        case different
        /// It is being worked on.
        case running
        /// It took effect, and its answer was lost with the process that made it.
        case answerLost
    }

    public var claim: @Sendable (Attempt) async throws -> Claim
    public var keep: @Sendable (Attempt, Kept) async throws -> Void
    /// Notes in the transaction of an attempt that it took effect.
    public var note: @Sendable (Attempt, Tx) throws -> Void
    /// The attempt failed: the key is free again, unless nobody knows whether it took effect and it did.
    public var release: @Sendable (Attempt, _ outcomeIsKnown: Bool) async throws -> Void

    public init(
        claim: @escaping @Sendable (Attempt) async throws -> Claim,
        keep: @escaping @Sendable (Attempt, Kept) async throws -> Void,
        note: @escaping @Sendable (Attempt, Tx) throws -> Void,
        release: @escaping @Sendable (Attempt, _ outcomeIsKnown: Bool) async throws -> Void
    ) {
        self.claim = claim
        self.keep = keep
        self.note = note
        self.release = release
    }
}

/// A named attempt cannot be taken up.
public enum IdempotencyProblem: Problem, Hashable {
    case badKey
    case different
    case running
    case answerLost

    public var kind: ProblemKind { self == .badKey ? .malformed : .conflict }
    public var code: String {
        switch self {
        case .badKey: "idempotency.key"
        case .different: "idempotency.different"
        case .running: "idempotency.running"
        case .answerLost: "idempotency.answer-lost"
        }
    }
    public var message: Bilingual {
        switch self {
        case .badKey:
            Bilingual(
                "Idempotency-Key 须为 1 至 255 个可见 ASCII 字符。",
                "An Idempotency-Key has 1 to 255 visible ASCII characters.")
        case .different:
            Bilingual(
                "此 Idempotency-Key 已用于内容不同的请求，请换用新的标识。",
                "This Idempotency-Key was used for another request. Use a new one.")
        case .running:
            Bilingual("同一请求正在办理，请稍后查询。", "The same request is being worked on. Ask again shortly.")
        case .answerLost:
            Bilingual(
                "此请求已经生效，但当时的答复已丢失。请查询办理情况，不要以新的标识重新提交。",
                "This request took effect, but its answer was lost. Look at the present state; do not send it again "
                    + "under a new key.")
        }
    }
    public var retryAfter: Int? { self == .running ? 2 : nil }
}
