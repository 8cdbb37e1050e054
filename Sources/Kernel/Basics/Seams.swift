internal import Foundation
import Synchronization

/// Where the house learns what time it is. The demonstration city moves it; nothing else reads the machine's clock.
public protocol Clock: Sendable {
    func now() -> Instant
}

/// The machine's clock.
public struct SystemClock: Clock {
    public init() {}

    public func now() -> Instant {
        Instant(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }
}

/// A clock that runs like another and can be set forward.
public final class MovableClock: Clock {
    private let base: any Clock
    private let offset: Mutex<Int64>

    /// - Parameter offset: microseconds by which this clock is ahead of its base.
    public init(base: any Clock = SystemClock(), offset: Int64 = 0) {
        self.base = base
        self.offset = Mutex(offset)
    }

    public func now() -> Instant {
        Instant(microseconds: base.now().microseconds + offset.withLock { $0 })
    }

    /// Microseconds by which the clock is ahead of its base.
    public var lead: Int64 {
        get { offset.withLock { $0 } }
        set { offset.withLock { $0 = newValue } }
    }

    /// Sets the clock to a moment.
    public func set(to instant: Instant) { lead = instant.microseconds - base.now().microseconds }
}

/// A clock that stands still until it is set; for tests and rehearsals.
public final class StandingClock: Clock {
    private let instant: Mutex<Instant>

    public init(_ instant: Instant) { self.instant = Mutex(instant) }

    public func now() -> Instant { instant.withLock { $0 } }

    public func set(to instant: Instant) { self.instant.withLock { $0 = instant } }

    /// Moves the clock by a number of seconds.
    public func move(seconds: Int) { instant.withLock { $0 = $0.adding(seconds: seconds) } }
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

/// Identities that sort by the time of a clock.
public struct UUIDv7Source: IDSource {
    private let clock: any Clock

    public init(clock: any Clock) { self.clock = clock }

    public func next() -> String { UUIDv7.make(at: clock.now()) }
}

/// Identities that are the same in every run with the same seed; for rehearsals, whose draws depend on them.
public final class SeededIDSource: IDSource {
    private let state: Mutex<(random: SeededRandom, count: Int64)>

    public init(seed: UInt64) { state = Mutex((SeededRandom(seed: seed), 0)) }

    public func next() -> String {
        state.withLock { state in
            state.count += 1
            return UUIDv7.text(millisecond: state.count, counter: 0, random: state.random.next())
        }
    }
}
