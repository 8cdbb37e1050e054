/// Where the house learns what time it is. The demonstration city moves it; nothing else reads the machine's clock.
public protocol Clock: Sendable {
    func now() -> Instant
}

/// Where new identities come from.
public protocol IDSource: Sendable {
    /// A new UUIDv7 in lower-case text.
    func next() -> String
}

extension IDSource {
    /// A new typed identity.
    public func make<Of>(_ type: Of.Type = Of.self) -> ID<Of> { ID(next()) }
}
