import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Kernel
public import Logging
import NIOCore
public import ServiceLifecycle

/// The web service of the house: listens, answers, and stops when the house stops, after the last answer.
public struct WebService: Service, CustomStringConvertible {
    /// Puts the frame of the house round a page.
    public typealias Layout = @Sendable (Page, Frame) -> HTML

    /// What the service is made of.
    public struct Parts: Sendable {
        public var table: RouteTable
        public var doorkeeper: Doorkeeper
        public var assets: Assets
        public var layout: Layout
        public var clock: any Kernel.Clock
        public var ids: any IDSource
        /// Nil where no route of the API can be repeated safely.
        public var idempotency: IdempotencyKeys?
        /// Counts what is answered.
        public var traffic: Traffic
        /// Says who is served when.
        public var admission: Admission

        public init(
            table: RouteTable, doorkeeper: Doorkeeper, assets: Assets, layout: @escaping Layout,
            clock: any Kernel.Clock, ids: any IDSource, idempotency: IdempotencyKeys? = nil,
            traffic: Traffic = Traffic(), admission: Admission = Admission()
        ) {
            self.table = table
            self.doorkeeper = doorkeeper
            self.assets = assets
            self.layout = layout
            self.clock = clock
            self.ids = ids
            self.idempotency = idempotency
            self.traffic = traffic
            self.admission = admission
        }
    }

    /// Its name in logs, where nothing of what it holds may stand.
    public var description: String { "web" }

    private let settings: WebSettings
    private let reception: Reception
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameter onListening: told the port once requests are answered.
    public init(
        _ settings: WebSettings, _ parts: Parts, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
        reception = Reception(
            table: parts.table, doorkeeper: parts.doorkeeper, settings: settings, assets: parts.assets,
            clock: parts.clock, ids: parts.ids, seal: FormSeal(key: settings.formKey),
            idempotency: parts.idempotency,
            renderer: Renderer(settings: settings, layout: parts.layout, table: parts.table), traffic: parts.traffic,
            admission: parts.admission,
            logger: logger)
    }

    /// Serves until a graceful shutdown.
    /// - Throws: ``WebServiceProblem`` where the address cannot be listened on.
    public func run() async throws {
        let onListening = onListening
        // The framework greets in its own words; the house says where it listens itself.
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: settings.headerBytes, maxHeaderListSize: settings.headerBytes, maxHeaderFieldCount: 100)
        let door = ClosingDoor(logger: quiet)
        let application = Application(
            responder: Door(reception: reception),
            server: try server(decoder),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: .maximum(settings.connections, logger: quiet)),
            onServerRunning: { channel in
                door.opened(channel)
                await onListening(channel.localAddress?.port ?? 0)
            },
            logger: quiet)
        do {
            try await door.run(application)
        } catch let error as IOError {
            throw WebServiceProblem(settings, error)
        }
    }
}

extension WebService {
    private func server(_ decoder: HTTP1Channel.Configuration.DecoderConfiguration) throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [Latecomer()],
                idleTimeout: .seconds(Int64(settings.idleSeconds)), httpDecoderConfiguration: decoder))
        return try settings.certificate.map { try OwnTLS.over(plain, $0, settings) } ?? plain
    }
}

/// Where the framework hands requests over.
private struct Door: HTTPResponder {
    let reception: Reception

    func respond(to request: Request, context: Caller) async throws -> Response {
        await reception.respond(to: request, peer: context.address)
    }
}

/// The client's end of the connection.
private struct Caller: InitializableFromSource {
    let address: String

    init(source: ApplicationRequestContextSource) { address = source.channel.remoteAddress?.ipAddress ?? "" }
}

/// The service cannot listen.
public struct WebServiceProblem: Problem, Hashable, CustomStringConvertible {
    /// Why not.
    public enum Reason: Hashable, Sendable {
        case portInUse
        case notPermitted
        /// The files of the certificate cannot be used.
        case certificate(String)
        case other(String)
    }

    public let host: String
    public let port: Int
    public let reason: Reason

    init(_ settings: WebSettings, _ error: IOError) {
        host = settings.host
        port = settings.port
        switch error.errnoCode {
        case EADDRINUSE: reason = .portInUse
        case EACCES, EPERM: reason = .notPermitted
        default: reason = .other("\(error)")
        }
    }

    init(_ settings: WebSettings, certificate words: String) {
        host = settings.host
        port = settings.port
        reason = .certificate(words)
    }

    public var kind: ProblemKind { .conflict }
    public var code: String { "service.cannot-listen" }
    public var message: Bilingual {
        switch reason {
        case .portInUse:
            Bilingual(
                "端口 \(port) 已被其他程序占用，请用 --port 换一个端口。",
                "Port \(port) is used by another program; choose another one with --port.")
        case .notPermitted:
            Bilingual(
                "没有监听端口 \(port) 的权限，请用 --port 选择 1024 以上的端口。",
                "Listening on port \(port) is not permitted; choose one above 1024 with --port.")
        case .certificate(let text):
            Bilingual("证书或其私钥无法使用（\(text)）。", "The certificate or its key cannot be used (\(text)).")
        case .other(let text):
            Bilingual("无法在 \(host):\(port) 监听：\(text)。", "Cannot listen on \(host):\(port): \(text).")
        }
    }
    public var description: String { message.en }
}
