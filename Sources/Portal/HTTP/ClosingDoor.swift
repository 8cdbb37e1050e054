import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Closes a web service without losing a request that was sent to it: first nobody new can connect, then whoever has
/// connected is let in and answered, then the service ends.
final class ClosingDoor: Sendable {
    private let listener = Mutex<(any Channel)?>(nil)
    private let logger: Logger

    /// Time for the system to hand over connections that were made before the door closed.
    private static let pause = Duration.milliseconds(300)

    init(logger: Logger) { self.logger = logger }

    /// Told where the service listens.
    func opened(_ channel: any Channel) { listener.withLock { $0 = channel } }

    /// Runs a service until the house stops.
    func run(_ service: any Service) async throws {
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [service], logger: logger))
        // Detached, since the service would otherwise see the shutdown of the house before the door is closed.
        let running = Task.detached { try await group.run() }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await running.value
            } onGracefulShutdown: {
                Task {
                    await self.refuseNewcomers()
                    try? await Task.sleep(for: ClosingDoor.pause)
                    await group.triggerGracefulShutdown()
                }
            }
        } onCancel: {
            running.cancel()
        }
    }

    /// A packet filter, as the kernel takes it (`struct sock_fprog`).
    private struct PacketFilter {
        let count: UInt16
        let program: UInt
    }

    /// Drops the first packet of every new connection. Its sender tries again a second later, and finds the door closed
    /// or the next process behind it.
    private func refuseNewcomers() async {
        guard let channel = listener.withLock({ $0 }), let socket = channel as? any SocketOptionProvider else { return }
        // Load the byte of the flags; if SYN is set, take 0 bytes of the packet, else all. Operation, jumps, operand:
        let program: [UInt64] = [
            0x30 | 13 << 32, 0x45 | 1 << 24 | 2 << 32, 0x06, 0x06 | 0xFFFF_FFFF << 32,
        ]
        let place = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: program.count)
        _ = place.initialize(from: program)
        defer { place.deallocate() }
        let filter = PacketFilter(count: UInt16(program.count), program: UInt(bitPattern: place.baseAddress))
        let attachFilter = NIOBSDSocket.Option(rawValue: 26)
        do {
            try await socket.unsafeSetSocketOption(level: .socket, name: attachFilter, value: filter).get()
        } catch {
            logger.warning("new connections cannot be kept out before the end: \(error)")
        }
    }
}

/// Lets a connection that has not asked yet bring its request when the service ends.
final class Latecomer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private var hasAsked = false
    private var isWaited = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasAsked = true
        context.fireChannelRead(data)
        end(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent, !hasAsked else {
            return context.fireUserInboundEventTriggered(event)
        }
        isWaited = true
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { self.end(context) }
    }

    private func end(_ context: ChannelHandlerContext) {
        guard isWaited else { return }
        isWaited = false
        context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}
