import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Store
import Synchronization

/// Turns answers into responses: layout, headers, cookies, conditional requests.
struct Renderer: Sendable {
    let settings: WebSettings
    let layout: WebService.Layout
    let table: RouteTable

    func response(_ answer: Answer, _ exchange: Exchange) async throws -> Response {
        var answer = answer
        answer.cookies =
            exchange.newCookies.filter { new in !answer.cookies.contains { $0.name == new.name } }
            + answer.cookies
        let (body, type) = try await content(answer, exchange)
        var headers = baseHeaders(answer, exchange, type)
        if let type { headers[.contentType] = type }
        if case .redirect(let path) = answer.content {
            guard LocalPath.isSafe(path) else { throw RequestProblem.unsafeRedirect }
            headers[.location] = LocalPath.header(path)
        } else if case .away(let address) = answer.content {
            guard LocalPath.isOutside(address) else { throw RequestProblem.unsafeRedirect }
            headers[.location] = address
        } else if let location = answer.location {
            guard LocalPath.isSafe(location) else { throw RequestProblem.unsafeRedirect }
            headers[.location] = LocalPath.header(location)
        }
        let status = HTTPResponse.Status(code: answer.status)
        if answer.status == 200, let etag = answer.etag, matches(exchange.request.headers[.ifNoneMatch], etag) {
            return Response(status: .notModified, headers: headers)
        }
        let response = Response(status: status, headers: headers, body: body)
        return exchange.isHead ? try await head(response) : response
    }

    /// The answer for a problem: JSON for programs, a page for people.
    func problem(_ problem: any Problem, _ exchange: Exchange) -> Answer {
        var answer: Answer
        if exchange.speaksJSON {
            let details = ProblemDetails(problem, exchange.language, requestID: exchange.id)
            answer = .problem(type: "application/problem+json", status: problem.kind.status) {
                try JSONBytes.encode(details)
            }
        } else if let crowded = problem as? Crowded {
            let isReading = exchange.method == .get
            answer = .page(
                QueuePage.page(crowded, isReading: isReading, exchange.language), status: problem.kind.status)
            answer.asksAgain = isReading
        } else {
            let signIn = problem.kind == .unauthenticated ? settings.signInPath : nil
            answer = .page(
                ProblemPage.page(problem, exchange.language, requestID: exchange.id, signIn: signIn),
                status: problem.kind.status)
        }
        answer.retryAfter = problem.retryAfter
        answer.authenticate = problem.kind == .unauthenticated && exchange.speaksJSON
        return answer
    }

    private func content(_ answer: Answer, _ exchange: Exchange) async throws -> (ResponseBody, type: String?) {
        switch answer.content {
        case .page(let page):
            let html = layout(page, frame(exchange))
            return (Renderer.body(html.bytes), "text/html; charset=utf-8")
        case .html(let html): return (Renderer.body(html.bytes), "text/html; charset=utf-8")
        case .bytes(let bytes, let type): return (Renderer.body(bytes), type)
        case .encoded(let type, let encode): return (Renderer.body(try encode()), type)
        case .feed(let feed):
            let bytes = feed.bytes(site: settings.site, address: exchange.path, language: exchange.language)
            return (Renderer.body(bytes), "application/atom+xml; charset=utf-8")
        case .file(let path, let type): return (try await Renderer.file(path), type)
        case .stream(let type, let write): return (Renderer.stream(write, reading: exchange.method == .get), type)
        case .redirect, .away, .nothing: return (ResponseBody(), nil)
        }
    }

    private func frame(_ exchange: Exchange) -> Frame {
        let query = exchange.target?.rawQuery ?? ""
        return Frame(
            language: exchange.language, actor: exchange.actor,
            address: query.isEmpty ? exchange.path : "\(exchange.path)?\(query)", csrfToken: exchange.csrfToken,
            mayOpen: { [table, actor = exchange.actor] in table.opens($0, for: actor) })
    }

    private static func body(_ bytes: [UInt8]) -> ResponseBody { ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }

    private static func file(_ path: String) async throws -> ResponseBody {
        let size = try await BlockingFiles.size(path)
        return ResponseBody(contentLength: size) { writer in
            let descriptor = try await BlockingFiles.openToRead(path)
            do {
                // Exactly what was announced, even if the file grows meanwhile.
                var rest = size
                while rest > 0 {
                    let bytes = try await BlockingFiles.next(descriptor, min(rest, 128 << 10))
                    guard !bytes.isEmpty else { throw FileFailure(operation: "read", path: path, code: 0) }
                    rest -= bytes.count
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
            } catch {
                await BlockingFiles.close(descriptor)
                throw error
            }
            await BlockingFiles.close(descriptor)
            try await writer.finish(nil)
        }
    }

    private static func stream(
        _ write: @escaping @Sendable (inout BodyWriter) async throws -> Void, reading: Bool
    ) -> ResponseBody {
        ResponseBody { inner in
            var writer = BodyWriter(inner)
            // The body is written after the handler has returned, so the rule for GET is set again.
            try await Database.$writesForbidden.withValue(reading) { try await write(&writer) }
            try await writer.finish()
        }
    }

    /// The same headers without the body. A stream is counted, because without its length the end of the answer
    /// could not be told from the start of the next.
    private func head(_ response: Response) async throws -> Response {
        var response = response
        if response.headers[.contentLength] == nil, response.body.contentLength == nil {
            let counter = ByteCounter()
            try await response.body.write(counter)
            response.headers[.contentLength] = String(counter.total.bytes.load(ordering: .relaxed))
        }
        return response.createHeadResponse()
    }

    private func matches(_ header: String?, _ etag: String) -> Bool {
        guard let header else { return false }
        return header.utf8.split(separator: UInt8(ascii: ",")).contains { part in
            let tag = HeaderText.trimmed(String(Substring(part)))
            return tag == "*" || tag == etag || tag == "W/\(etag)"
        }
    }
}

extension Renderer {
    private func baseHeaders(_ answer: Answer, _ exchange: Exchange, _ type: String?) -> HTTPFields {
        var headers = HTTPFields()
        headers[.requestID] = exchange.id
        headers[.xContentTypeOptions] = "nosniff"
        headers[.referrerPolicy] = exchange.route?.hidesAddress == true ? "no-referrer" : "same-origin"
        headers[.openerPolicy] = "same-origin"
        headers[.resourcePolicy] = "same-origin"
        headers[.permissionsPolicy] = "camera=(), geolocation=(), microphone=(), payment=()"
        headers[.contentSecurityPolicy] = Renderer.policy(type)
        // For browsers older than the policy's frame-ancestors.
        headers[.frameOptions] = "DENY"
        if settings.isSecure { headers[.strictTransportSecurity] = "max-age=31536000" }
        if type?.utf8.starts(with: "text/html".utf8) == true || exchange.speaksJSON {
            headers[.contentLanguage] = exchange.language == .chinese ? "zh-CN" : "en"
            headers[.vary] = "Accept-Language, Cookie"
        }
        headers[.cacheControl] = caching(answer, exchange)
        if let etag = answer.etag { headers[.eTag] = etag }
        if let disposition = answer.disposition { headers[.contentDisposition] = disposition }
        if let seconds = answer.retryAfter {
            headers[.retryAfter] = String(seconds)
            if answer.asksAgain { headers[.refresh] = String(seconds) }
        }
        if answer.authenticate { headers[.wwwAuthenticate] = "Bearer" }
        if !answer.allow.isEmpty { headers[.allow] = answer.allow.joined(separator: ", ") }
        headers[values: .setCookie] = answer.cookies.map { $0.header(secure: settings.isSecure) }
        return headers
    }

    /// Pages load only what the house itself serves and run nothing inline; files run nothing at all.
    private static func policy(_ type: String?) -> String {
        let value = type.flatMap { HeaderText($0)?.value } ?? "text/html"
        switch value {
        case "text/html":
            return "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
        case "application/pdf": return "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        default: return "default-src 'none'; frame-ancestors 'none'; sandbox"
        }
    }

    private func caching(_ answer: Answer, _ exchange: Exchange) -> String {
        if exchange.route?.hidesAddress == true { return "private, no-store" }
        switch answer.caching {
        case .forever: return "public, max-age=31536000, immutable"
        // Whatever was made for an account or sets a cookie belongs to one browser.
        case .seconds(let seconds) where exchange.actor.account == nil && answer.cookies.isEmpty:
            return "public, max-age=\(seconds)"
        case .never where exchange.actor.account == nil && answer.cookies.isEmpty && answer.status == 200:
            return "no-cache"
        default: return "no-store"
        }
    }
}

/// Counts what a stream would have written.
private struct ByteCounter: ResponseBodyWriter {
    final class Total: Sendable {
        let bytes = Atomic(0)
    }

    let total = Total()

    mutating func write(_ buffer: ByteBuffer) async throws {
        total.bytes.add(buffer.readableBytes, ordering: .relaxed)
    }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
