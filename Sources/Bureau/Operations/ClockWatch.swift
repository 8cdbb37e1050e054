import Kernel
import Store

/// Whether the machine's clock was set back. Deadlines hang on it, and nothing in the house can say what time it really
/// is: so it goes on, and says so until somebody has looked.
enum ClockWatch {
    /// Seconds between the clocks of two machines that nobody minds.
    private static let tolerance: Int64 = 30

    /// The clock is behind moments that the record has seen.
    struct Behind: Error, CustomStringConvertible {
        let seconds: Int

        var description: String { "the clock of this machine is \(counted(seconds, "second")) behind the record" }
    }

    /// Seconds by which a moment is before the latest of the last checkpoints; 0 where it is not.
    static func secondsBehind(_ now: Instant, _ tx: Tx) throws -> Int {
        let latest: Instant? = try tx.value(
            """
            SELECT MAX(made_at) FROM (SELECT made_at FROM record_checkpoint ORDER BY size DESC LIMIT 1000) AS last
            """)
        let behind = ((latest ?? now).microseconds - now.microseconds) / 1_000_000
        return behind > tolerance ? Int(behind) : 0
    }

    /// - Throws: ``Behind``.
    static func look(_ house: House) async throws {
        let now = house.clock.now()
        let behind = try await house.db.read { tx in try secondsBehind(now, tx) }
        if behind > 0 { throw Behind(seconds: behind) }
    }
}
