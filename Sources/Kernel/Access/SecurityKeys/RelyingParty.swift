internal import Foundation

/// The house as security keys know it (Web Authentication Level 2, 4): a key answers for the one domain that it was
/// made for, and browsers let only the pages of that domain ask it.
public struct RelyingParty: Hashable, Sendable {
    /// The domain.
    public let domain: String
    /// Scheme, host and port as browsers write them.
    let origin: String

    /// - Parameter site: scheme and host under which people reach the house.
    /// - Returns: nil where browsers ask no key: at a network address instead of a name, and without HTTPS except on
    ///   this machine.
    public init?(site: String) {
        guard let parts = URLComponents(string: site), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased(), RelyingParty.isDomain(host)
        else { return nil }
        let isHere = host == "localhost" || host.hasSuffix(".localhost")
        guard scheme == "https" || (scheme == "http" && isHere) else { return nil }
        let usual = scheme == "https" ? 443 : 80
        let port = parts.port.map { $0 == usual ? "" : ":\($0)" } ?? ""
        domain = host
        origin = "\(scheme)://\(host)\(port)"
    }

    /// Whether a host is a name and no number: letters, digits, dots and hyphens, its last part not of digits alone.
    private static func isDomain(_ host: String) -> Bool {
        let isPlain = host.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isPlain, let last = host.utf8.split(separator: UInt8(ascii: ".")).last else { return false }
        return !last.allSatisfy { (48...57).contains($0) }
    }
}
