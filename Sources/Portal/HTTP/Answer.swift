public import Kernel

/// What a handler gives back. Headers, cookies, layout and language are put round it by the portal.
public struct Answer: Sendable {
    enum Content: Sendable {
        case page(Page)
        case html(HTML)
        case bytes([UInt8], type: String)
        case encoded(type: String, @Sendable () throws -> [UInt8])
        case file(path: String, type: String)
        case stream(type: String, @Sendable (inout BodyWriter) async throws -> Void)
        case feed(Feed)
        case redirect(String)
        /// Out of the house.
        case away(String)
        case nothing
    }

    /// How long the answer may be kept.
    enum Caching: Hashable, Sendable {
        /// Asked for again each time; nothing is kept when someone has signed in.
        case never
        case seconds(Int)
        case forever
    }

    var status: Int
    var content: Content
    var disposition: String?
    var location: String?
    var etag: String?
    var caching = Caching.never
    var cookies: [SetCookie] = []
    var retryAfter: Int?
    /// Whether a browser asks again by itself after ``retryAfter``.
    var asksAgain = false
    /// The methods that the address takes, on 405 and OPTIONS.
    var allow: [String] = []
    /// Whether a program is told how to sign in.
    var authenticate = false
    /// On whose behalf it was given, where that is not who came.
    var account: ID<Account>?

    private init(_ content: Content, status: Int = 200) {
        self.content = content
        self.status = status
    }

    /// A page, inside the layout of the house. A form that is shown again with its problems has the status 422.
    public static func page(_ page: Page, status: Int = 200) -> Answer { Answer(.page(page), status: status) }

    /// A piece of a page, without the layout.
    public static func html(_ html: HTML, status: Int = 200) -> Answer { Answer(.html(html), status: status) }

    /// Sends the browser to another page of the house with GET (303).
    /// - Parameter path: starts with one `/`; anything that could leave the house answers 500.
    public static func redirect(_ path: String) -> Answer { Answer(.redirect(path), status: 303) }

    /// Sends the browser out of the house (303), to an identity provider; never to an address that a visitor gave.
    /// - Parameter address: of `http` or `https`; anything else answers 500.
    public static func leaving(to address: String) -> Answer { Answer(.away(address), status: 303) }

    /// Bytes of a type.
    /// - Parameters:
    ///   - name: the file name to save under, in any language; nil shows the bytes in the browser.
    ///   - inline: shows the bytes in spite of a name, where the type is harmless.
    public static func bytes(
        _ bytes: [UInt8], type: String, name: String? = nil, inline: Bool = false
    ) -> Answer {
        var answer = Answer(.bytes(bytes, type: type))
        answer.disposition = name.map { ContentDisposition.header($0, inline: inline && SafeTypes.mayShow(type)) }
        return answer
    }

    /// A file of the disk, streamed; a missing file is a fault of the house.
    public static func file(at path: String, type: String, name: String, inline: Bool = false) -> Answer {
        var answer = Answer(.file(path: path, type: type))
        answer.disposition = ContentDisposition.header(name, inline: inline && SafeTypes.mayShow(type))
        return answer
    }

    /// Bytes written while they are made, for exports of any length.
    public static func stream(
        type: String, name: String, _ body: @escaping @Sendable (inout BodyWriter) async throws -> Void
    ) -> Answer {
        var answer = Answer(.stream(type: type, body))
        answer.disposition = ContentDisposition.header(name, inline: false)
        return answer
    }

    /// A table as CSV (RFC 4180, UTF-8 with its mark, as spreadsheet programs need it for Chinese).
    public static func csv(
        name: String, header: [String], _ rows: @escaping @Sendable (inout CSVWriter) async throws -> Void
    ) -> Answer {
        stream(type: "text/csv; charset=utf-8", name: name) { writer in
            var csv = CSVWriter(writer)
            try await csv.begin(header)
            try await rows(&csv)
            writer = try await csv.end()
        }
    }

    /// A value as JSON, members sorted.
    /// - Parameter version: becomes the ETag that a later change must name in `If-Match`.
    public static func json(_ value: some Encodable & Sendable, status: Int = 200, version: Int? = nil) -> Answer {
        var answer = Answer(.encoded(type: "application/json") { try JSONBytes.encode(value) }, status: status)
        answer.etag = version.map { "\"\($0)\"" }
        return answer
    }

    /// What was made, and where it lives (201).
    public static func created(_ value: some Encodable & Sendable, at path: String, version: Int? = nil) -> Answer {
        var answer = json(value, status: 201, version: version)
        answer.location = path
        return answer
    }

    /// Done, nothing to show (204).
    public static var noContent: Answer { Answer(.nothing, status: 204) }

    /// An Atom feed (RFC 4287).
    public static func feed(_ feed: Feed) -> Answer { Answer(.feed(feed)) }

    /// A calendar file (RFC 5545).
    public static func calendar(_ calendar: CalendarFile, name: String) -> Answer {
        bytes(calendar.bytes, type: "text/calendar; charset=utf-8", name: name)
    }

    static func problem(type: String, status: Int, _ body: @escaping @Sendable () throws -> [UInt8]) -> Answer {
        Answer(.encoded(type: type, body), status: status)
    }

    static func options(_ allowed: [String]) -> Answer {
        var answer = noContent
        answer.allow = allowed
        return answer
    }

    /// An answer that was kept under an idempotency key.
    init(_ kept: IdempotencyKeys.Kept) {
        let body = Array(kept.body.utf8)
        self.init(body.isEmpty ? .nothing : .bytes(body, type: "application/json"), status: kept.status)
        location = kept.location
        etag = kept.etag
    }

    /// What is kept of this answer; nil where it is not JSON and cannot be given twice.
    func kept() throws -> IdempotencyKeys.Kept? {
        let body: String
        switch content {
        case .encoded(_, let encode): body = String(decoding: try encode(), as: UTF8.self)
        case .nothing: body = ""
        default: return nil
        }
        return IdempotencyKeys.Kept(status: status, location: location, etag: etag, body: body)
    }

    /// The same answer, after which the browser holds this session.
    /// - Parameter seconds: how long the cookie lives; nil until the browser closes.
    public func startingSession(_ token: String, seconds: Int? = nil) -> Answer {
        var answer = self
        answer.cookies.append(SetCookie(name: CookieJar.session, value: token, maxAge: seconds))
        // The visitor's forms end with the visitor: no token of before signing in is worth anything afterwards.
        answer.cookies.append(SetCookie(name: CookieJar.visitor, value: "", maxAge: 0))
        return answer
    }

    /// The same answer, after which the browser holds no session.
    public func endingSession() -> Answer {
        var answer = self
        answer.cookies.append(SetCookie(name: CookieJar.session, value: "", maxAge: 0))
        return answer
    }

    /// The same answer, after which the browser keeps this text while its owner is away: at most 1,024 letters, digits,
    /// `-`, `_` and `.`.
    public func startingErrand(_ text: String, seconds: Int) -> Answer {
        var answer = self
        answer.cookies.append(SetCookie(name: CookieJar.errand, value: text, maxAge: seconds))
        return answer
    }

    /// The same answer, after which the browser keeps nothing of an errand.
    public func endingErrand() -> Answer {
        var answer = self
        answer.cookies.append(SetCookie(name: CookieJar.errand, value: "", maxAge: 0))
        return answer
    }

    /// The same answer, which anyone may keep for so many seconds; only for what everyone may see.
    public func cached(seconds: Int) -> Answer {
        var answer = self
        answer.caching = .seconds(seconds)
        return answer
    }

    /// The same answer, which the log says was given to an account that did not sign in for it.
    public func onBehalf(of account: ID<Account>) -> Answer {
        var answer = self
        answer.account = account
        return answer
    }

    func cachedForever(etag: String) -> Answer {
        var answer = self
        answer.caching = .forever
        answer.etag = etag
        return answer
    }
}

/// Addresses inside the house.
public enum LocalPath {
    /// Whether the text is an address of the house: it starts with one `/`, and nothing in it can be read as another
    /// host, scheme or header by any browser.
    public static func isSafe(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= 2_000 else { return false }
        if bytes.count > 1, bytes[1] == UInt8(ascii: "/") { return false }
        return !bytes.contains { $0 == UInt8(ascii: "\\") || $0 < 0x20 || $0 == 0x7F }
    }

    /// Whether the text is an address out of the house that a header may carry as it is.
    static func isOutside(_ address: String) -> Bool {
        guard SafeURL(checking: address) != nil, address.utf8.count <= 8_000 else { return false }
        return ["https://", "http://"].contains { address.hasPrefix($0) } && address.utf8.allSatisfy { $0 < 0x7F }
    }

    /// The address as a header carries it: everything outside ASCII escaped.
    static func header(_ path: String) -> String { Percent.encode(path, keeping: "/?#[]@!$&'()*+,;=:%") }
}

/// `Content-Disposition` for names in any language (RFC 6266).
enum ContentDisposition {
    static func header(_ name: String, inline: Bool) -> String {
        let kind = inline ? "inline" : "attachment"
        let safe = UploadedFile.safeName(name)
        guard !safe.isEmpty else { return kind }
        let ascii = String(
            decoding: safe.unicodeScalars.map { scalar -> UInt8 in
                let plain = scalar.isASCII && scalar != "\"" && scalar != "%"
                return plain ? UInt8(scalar.value) : UInt8(ascii: "_")
            }, as: UTF8.self)
        return "\(kind); filename=\"\(ascii)\"; filename*=UTF-8''\(Percent.encode(safe))"
    }
}

/// The types that a browser may show without running anything in them.
enum SafeTypes {
    private static let shown: Set<String> = [
        "application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain",
    ]

    static func mayShow(_ type: String) -> Bool { shown.contains(HeaderText(type)?.value ?? "") }
}
