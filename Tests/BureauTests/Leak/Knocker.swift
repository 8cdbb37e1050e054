import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import Synchronization

@testable import Bureau
@testable import Portal

/// Knocks at the house as a browser would, without a network: cookies, headers, error pages and log are the real ones.
/// Times and identities are the same in every run, so that two answers can be compared byte by byte.
struct Knocker: Sendable {
    let table: RouteTable
    private let reception: Reception
    private let actors: Guests
    let log: Lines

    /// Who is behind which session.
    final class Guests: Sendable {
        let known = Mutex<[String: Actor]>([:])
    }

    private struct Same: IDSource {
        func next() -> String { "00000000-0000-7000-8000-000000000001" }
    }

    /// - Parameter idempotency: where attempts are kept; nil repeats whatever is sent again.
    init(_ services: Services, idempotency: IdempotencyKeys? = nil) throws {
        let (actors, log, house) = (Guests(), Lines(), services.house)
        (self.actors, self.log) = (actors, log)
        table = try services.routeTable()
        let assets = Assets(SiteLayout.assets)
        let layout = SiteLayout(
            bureau: house.city.bureau, contact: house.city.contact, assets: assets, isDemonstration: true)
        var logger = Logger(label: "leak") { _ in Recorder(lines: log) }
        logger.logLevel = .trace
        let settings = WebSettings(
            site: "http://house.test", formKey: [UInt8](repeating: 3, count: 32), spoolFolder: house.files.spool)
        reception = Reception(
            table: table, doorkeeper: Doorkeeper(actorForSession: { token, _ in actors.known.withLock { $0[token] } }),
            settings: settings, assets: assets, clock: house.clock, ids: Same(), seal: FormSeal(key: settings.formKey),
            idempotency: idempotency,
            renderer: Renderer(settings: settings, layout: { layout.render($0, $1) }, table: table),
            traffic: services.traffic, admission: services.admission, logger: logger)
    }

    /// An answer as it goes over the line.
    struct Reply: Hashable, Sendable {
        let status: Int
        let headers: String
        let body: [UInt8]
        let type: String

        var text: String { headers + String(decoding: body, as: UTF8.self) }
    }

    /// Asks an address.
    func get(_ address: String, as actor: Actor, _ name: String, language: Language = .chinese) async -> Reply {
        await send(.get, address, [], as: actor, name, language)
    }

    /// Sends a form, or an empty JSON object to the API, with everything in place that a real browser would have.
    func post(_ route: Route, _ address: String, as actor: Actor, _ name: String) async -> Reply {
        await send(
            HTTPRequest.Method(rawValue: route.method.rawValue) ?? .post, address,
            Array((route.isAPI ? "{}" : "reason=x").utf8), as: actor, name, .chinese)
    }

    /// Sends a form as a browser encodes it.
    func form(
        _ address: String, _ body: [UInt8], as actor: Actor, _ name: String, _ language: Language
    ) async -> Reply { await send(.post, address, body, as: actor, name, language) }

    /// Asks the API, or sends it a body as it is.
    func api(
        _ method: HTTPRequest.Method, _ address: String, _ body: String = "", as actor: Actor, key: String? = nil
    ) async -> Reply {
        await send(method, address, Array(body.utf8), as: actor, actor.account?.text ?? "", .english, key: key)
    }

    private func send(
        _ method: HTTPRequest.Method, _ address: String, _ body: [UInt8], as actor: Actor, _ name: String,
        _ language: Language, key: String? = nil
    ) async -> Reply {
        let session = "session-" + String(name.filter { ($0.isLetter || $0.isNumber) && $0.isASCII })
        actors.known.withLock { $0[session] = actor }
        var head = HTTPRequest(method: method, scheme: "http", authority: "house.test", path: address)
        head.headerFields[.acceptLanguage] = language == .chinese ? "zh" : "en"
        head.headerFields[.cookie] = actor.account == nil ? "kc_visitor=visitor" : "kc_session=\(session)"
        if let key { head.headerFields[.idempotencyKey] = key }
        if method != .get {
            let seal = FormSeal(key: [UInt8](repeating: 3, count: 32))
            head.headerFields[.formToken] = seal.token(for: actor.account == nil ? "visitor" : session)
            head.headerFields[.contentType] =
                address.hasPrefix("/api/") ? "application/json" : "application/x-www-form-urlencoded"
        }
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
        let response = await reception.respond(to: request, peer: "192.0.2.7")
        let sink = Sink()
        try? await response.body.write(sink)
        let headers = response.headers.map { "\($0.name): \($0.value)\n" }.joined()
        return Reply(
            status: response.status.code, headers: headers, body: sink.bytes.withLock { $0 },
            type: response.headers[.contentType] ?? "")
    }

    private final class Sink: ResponseBodyWriter {
        let bytes = Mutex<[UInt8]>([])

        func write(_ buffer: ByteBuffer) async throws { bytes.withLock { $0 += buffer.readableBytesView } }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// What the house logged.
final class Lines: Sendable {
    let text = Mutex("")
}

/// Writes it there.
struct Recorder: LogHandler {
    let lines: Lines
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(lines: Lines) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.text.withLock { $0 += "\(event.level) \(event.message) \(event.metadata ?? [:])\n" }
    }
}
