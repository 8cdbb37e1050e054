import Kernel
import Synchronization

/// What the jobs of this process did last, for whoever watches over it.
final class Pulse: Sendable {
    private struct State {
        var rounds = 0
        var lastAt: Instant?
        var failures: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func round(at now: Instant) {
        state.withLock { state in
            state.rounds += 1
            state.lastAt = now
        }
    }

    func failed(_ part: String) { state.withLock { $0.failures[part, default: 0] += 1 } }

    /// Counters in the text format of Prometheus.
    var prometheus: String {
        let (rounds, lastAt, failures) = state.withLock { ($0.rounds, $0.lastAt, $0.failures) }
        var text = "# TYPE kechuang_job_rounds_total counter\nkechuang_job_rounds_total \(rounds)\n"
        if let lastAt {
            text += "# TYPE kechuang_job_last_round_seconds gauge\n"
            text += "kechuang_job_last_round_seconds \(lastAt.microseconds / 1_000_000)\n"
        }
        text += "# TYPE kechuang_job_failures_total counter\n"
        for (part, count) in failures.sorted(by: { $0.key < $1.key }) {
            text += "kechuang_job_failures_total{part=\"\(part)\"} \(count)\n"
        }
        return text
    }
}
