import Synchronization

/// Counts what the web service answers, for whoever watches over it. Nothing that a person sent or got is in it.
public final class Traffic: Sendable {
    private struct Key: Hashable, Comparable {
        let route: String
        let status: Int

        static func < (left: Key, right: Key) -> Bool { (left.route, left.status) < (right.route, right.status) }
    }

    private struct Times {
        var buckets = [Int](repeating: 0, count: Traffic.bounds.count)
        var count = 0
        var seconds = 0.0
        var statements = 0
    }

    private struct State {
        var answers: [Key: Int] = [:]
        var times: [String: Times] = [:]
        var running = 0
    }

    /// Upper bounds of the times that are counted together, in seconds.
    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private let state = Mutex(State())

    public init() {}

    func begin() { state.withLock { $0.running += 1 } }

    /// - Parameters:
    ///   - route: the id of the route; `-` where no address was found.
    ///   - statements: how many the database was sent for it.
    func end(route: String, status: Int, seconds: Double, statements: Int) {
        state.withLock { state in
            state.running -= 1
            state.answers[Key(route: route, status: status), default: 0] += 1
            var times = state.times[route] ?? Times()
            for (index, bound) in Traffic.bounds.enumerated() where seconds <= bound { times.buckets[index] += 1 }
            times.count += 1
            times.seconds += seconds
            times.statements += statements
            state.times[route] = times
        }
    }

    /// Counters in the text format of Prometheus.
    public var prometheus: String {
        let (answers, times, running) = state.withLock { ($0.answers, $0.times, $0.running) }
        var text = "# TYPE kechuang_requests_running gauge\nkechuang_requests_running \(running)\n"
        text += "# TYPE kechuang_requests_total counter\n"
        for (key, count) in answers.sorted(by: { $0.key < $1.key }) {
            text += "kechuang_requests_total{route=\"\(key.route)\",status=\"\(key.status)\"} \(count)\n"
        }
        text += "# TYPE kechuang_request_statements_total counter\n"
        for (route, one) in times.sorted(by: { $0.key < $1.key }) {
            text += "kechuang_request_statements_total{route=\"\(route)\"} \(one.statements)\n"
        }
        text += "# TYPE kechuang_request_seconds histogram\n"
        for (route, one) in times.sorted(by: { $0.key < $1.key }) {
            let name = "kechuang_request_seconds"
            for (bound, count) in zip(Traffic.bounds, one.buckets) {
                text += "\(name)_bucket{route=\"\(route)\",le=\"\(bound)\"} \(count)\n"
            }
            text += "\(name)_bucket{route=\"\(route)\",le=\"+Inf\"} \(one.count)\n"
            text += "\(name)_sum{route=\"\(route)\"} \(one.seconds)\n\(name)_count{route=\"\(route)\"} \(one.count)\n"
        }
        return text
    }
}
