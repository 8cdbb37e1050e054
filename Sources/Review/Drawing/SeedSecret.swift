public import Kernel

/// The house's half of a draw's seed: fixed and published by its hash together with the plan, before anybody knows the
/// public half. Whoever types in the public half cannot try several, and the house cannot change its own.
public struct SeedSecret: Sendable, Hashable {
    public let text: String

    init(text: String) { self.text = text }

    /// - Parameter ids: where chance comes from, so that a rehearsal can be repeated.
    public init(_ ids: any IDSource) {
        text = Digest.hex(Digest.sha256(Array("\(ids.next()) \(ids.next()) \(ids.next())".utf8)))
    }

    /// SHA-256 of the secret.
    public var commitment: String { Digest.hex(Digest.sha256(Array(text.utf8))) }

    /// The whole seed: the public half, a space, the secret.
    public func joined(to seed: String) -> String { "\(seed) \(text)" }

    /// The secret in a whole seed.
    public init?(inSeed seed: String) {
        guard let last = seed.split(separator: " ", omittingEmptySubsequences: false).last, last.utf8.count == 64 else {
            return nil
        }
        text = String(last)
    }
}
