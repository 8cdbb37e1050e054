internal import Foundation

/// Asks ClamAV's daemon whether bytes hold something harmful (its command INSTREAM).
public struct VirusScanner: Sendable {
    private enum Place: Sendable {
        case socket(String)
        case network(String, UInt16)
    }

    private let place: Place
    /// Seconds that the daemon may take.
    private static let patience = 30

    /// - Parameter address: `unix:/run/clamav/clamd.ctl` or `host:port`; nil where it is neither.
    public init?(_ address: String) {
        if address.hasPrefix("unix:/") {
            place = .socket(String(address.dropFirst(5)))
            return
        }
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        place = .network(String(parts[0]), port)
    }

    /// Looks through bytes; blocks until the daemon has answered.
    /// - Throws: ``DocumentError/infected(_:)``, or ``DocumentError/scannerAway`` where it cannot be asked: nothing is
    ///   taken unseen.
    public func check(_ bytes: [UInt8]) throws(DocumentError) {
        let answer = try ask(bytes)
        if answer.hasSuffix("FOUND") {
            let name = answer.dropFirst("stream: ".count).dropLast(" FOUND".count)
            throw .infected(String(name))
        }
        guard answer == "stream: OK" else { throw .scannerAway }
    }

    private func ask(_ bytes: [UInt8]) throws(DocumentError) -> String {
        let descriptor = connected()
        guard descriptor >= 0 else { throw .scannerAway }
        defer { close(descriptor) }
        var message = Array("zINSTREAM\0".utf8)
        for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
            let piece = bytes[start..<min(bytes.count, start + 1 << 20)]
            message += withUnsafeBytes(of: UInt32(piece.count).bigEndian) { Array($0) }
            message += piece
        }
        message += [0, 0, 0, 0]
        var sent = 0
        while sent < message.count {
            // A daemon that has seen enough closes; that is told by an error and not by a signal.
            let count = message.withUnsafeBytes {
                send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 512)
        while answer.count < 4_096 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer.prefix(count)
        }
        return String(decoding: answer.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// A connection; -1 where there is none.
    private func connected() -> Int32 {
        switch place {
        case .socket(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return -1 }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            return open(AF_UNIX, &address, socklen_t(MemoryLayout<sockaddr_un>.size))
        case .network(let host, let port):
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var found: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else { return -1 }
            defer { freeaddrinfo(found) }
            return open(first.pointee.ai_family, first.pointee.ai_addr, first.pointee.ai_addrlen)
        }
    }

    private func open(_ family: Int32, _ address: UnsafeRawPointer?, _ length: socklen_t) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0, let address else { return -1 }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard connect(descriptor, address.assumingMemoryBound(to: sockaddr.self), length) == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }
}
