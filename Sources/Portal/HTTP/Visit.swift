public import Kernel

/// One request as a handler sees it: who comes, in which language, with what.
public struct Visit: Sendable {
    /// The session's account, the token's account, or the public.
    public let actor: Actor
    /// The token of the session, where there is one; needed to end it.
    public let session: String?
    /// What ``Answer/startingErrand(_:seconds:)`` gave the browser to keep, as the browser brings it.
    public let errand: String?
    public let language: Language
    public let method: Route.Method
    /// The id of the route that answers.
    public let route: String
    /// The path as sent, without the query.
    public let address: String
    /// The client's network address.
    public let client: String
    /// What the browser says of itself.
    public let agent: String
    /// Whether it comes straight from this machine or carries the operators' token.
    public let isOperator: Bool
    /// The form, where one was sent.
    public let form: FormBody
    /// The bytes of a JSON body.
    public let body: [UInt8]
    public let now: Instant
    /// The value of the hidden field `FormSeal.field`; empty where the browser has no cookie.
    public let csrfToken: String
    /// Names this visit in the log and on error pages.
    public let requestID: String
    /// The version that the client means to change (`If-Match`), without quotes; `*` means any.
    public let ifMatch: String?
    /// The client's name for this attempt (`Idempotency-Key`).
    public let idempotencyKey: String?

    private let values: [String: String]
    private let queryFields: [FormBody.Field]
    private let table: RouteTable?

    public init(
        actor: Actor = .everyone, session: String? = nil, errand: String? = nil, language: Language = .chinese,
        method: Route.Method = .get,
        route: String = "", address: String = "/", client: String = "", agent: String = "",
        isOperator: Bool = false,
        values: [String: String] = [:],
        query: [FormBody.Field] = [], form: FormBody = FormBody(), body: [UInt8] = [], now: Instant,
        csrfToken: String = "", requestID: String = "", ifMatch: String? = nil, idempotencyKey: String? = nil,
        table: RouteTable? = nil
    ) {
        self.actor = actor
        self.session = session
        self.errand = errand
        self.language = language
        self.method = method
        self.route = route
        self.address = address
        self.client = client
        self.agent = agent
        self.isOperator = isOperator
        self.values = values
        queryFields = query
        self.form = form
        self.body = body
        self.now = now
        self.csrfToken = csrfToken
        self.requestID = requestID
        self.ifMatch = ifMatch
        self.idempotencyKey = idempotencyKey
        self.table = table
    }

    /// Whether a link to an address leads this visitor anywhere; every link does where no table is known.
    public func mayOpen(_ address: SafeURL) -> Bool { table?.opens(address.text, for: actor) ?? true }

    /// The part of the path that the template calls `{name}`; empty where the template has no such name.
    public func path(_ name: String) -> String { values[name] ?? "" }

    /// The part of the path as an identity.
    /// - Throws: ``RequestProblem/nothingHere`` where it cannot be one, so that no store is asked in vain.
    public func id<Of>(_ name: String = "id", of type: Of.Type = Of.self) throws -> ID<Of> {
        let text = path(name)
        guard Visit.isUUID(text) else { throw RequestProblem.nothingHere }
        return ID(text)
    }

    /// The first value of a query field; nil where it is absent.
    public func query(_ name: String) -> String? { queryFields.first { $0.name == name }?.value }

    /// All values of a repeated query field.
    public func queries(_ name: String) -> [String] { queryFields.filter { $0.name == name }.map(\.value) }

    /// The query fields in order, without the choice of language.
    public var query: [FormBody.Field] { queryFields.filter { $0.name != LanguageChoice.field } }

    /// The text in the visit's language.
    public func text(_ text: Bilingual) -> String { text[language] }

    /// The JSON body.
    /// - Throws: ``JSONProblem``; an empty body is malformed as well. A ``PlainProblem`` of kind `invalid` where its
    ///   numbers are too large to be added up.
    public func json() throws -> JSONValue {
        let value = try JSONValue(parsing: body)
        guard value.isCountable else { throw BodyShape.uncountable }
        return value
    }

    /// The JSON body as a typed value.
    /// - Throws: ``JSONProblem``, or a ``PlainProblem`` of kind `invalid` that names the member that does not fit.
    public func json<T: Decodable>(as type: T.Type) throws -> T {
        let value = try json()
        do {
            return try value.decode(type)
        } catch let error as DecodingError {
            throw BodyShape.problem(error)
        }
    }

    /// Where to go after signing in or choosing: the query or form field `return`, if it stays in the house.
    public func returnPath(else fallback: String) -> String {
        guard let wanted = form["return"] ?? query("return"), LocalPath.isSafe(wanted) else { return fallback }
        return wanted
    }

    /// Checks that the client changes the version that it has read.
    /// - Throws: ``VersionProblem`` when `If-Match` is missing or names another version.
    public func require(version: Int) throws(VersionProblem) {
        guard let ifMatch else { throw .missing }
        guard ifMatch == "*" || ifMatch == String(version) else { throw .stale }
    }

    private static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return false }
            } else {
                guard (48...57).contains(byte) || (97...102).contains(byte) else { return false }
            }
        }
        return true
    }
}

/// A change does not say which version it changes, or says an old one.
public enum VersionProblem: Problem, Hashable {
    case missing
    case stale

    public var kind: ProblemKind { self == .missing ? .invalid : .stale }
    public var code: String { self == .missing ? "version.missing" : "version.stale" }
    public var message: Bilingual {
        switch self {
        case .missing:
            Bilingual(
                "请在 If-Match 中写明所修改的版本（读取时的 ETag）。",
                "Say in If-Match which version you change: the ETag that came when you read it.")
        case .stale:
            Bilingual(
                "内容在您读取之后已被修改。请重新读取，再作修改。",
                "It has changed since you read it. Read it again, then change it.")
        }
    }
}

/// Turns decoding errors into problems of single members.
enum BodyShape {
    static let uncountable = PlainProblem(
        .invalid, "body.numbers",
        Bilingual("提交的 JSON 中数字过大，请核对。", "The numbers in the JSON are too large; compare them."))

    static func problem(_ error: DecodingError) -> PlainProblem {
        let (path, message): ([any CodingKey], Bilingual) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], Bilingual("必填", "is required"))
            case .valueNotFound(_, let context): (context.codingPath, Bilingual("不能为空", "must not be null"))
            case .typeMismatch(_, let context): (context.codingPath, Bilingual("类型不正确", "is of the wrong type"))
            case .dataCorrupted(let context): (context.codingPath, Bilingual("取值不正确", "has a value that is not known"))
            @unknown default: ([], Bilingual("无法读取", "cannot be read"))
            }
        let field = path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return PlainProblem(
            .invalid, "body.shape",
            Bilingual("提交的 JSON 不符合接口说明。", "The JSON does not fit the API description."),
            fields: [FieldProblem(field: field, code: "body.member", message: message)])
    }
}
