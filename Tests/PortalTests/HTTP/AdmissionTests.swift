import Kernel
import Synchronization
import Testing

@testable import Portal

/// Who is served when more come than can be served at once.
@Suite("Admission", .timeLimit(.minutes(60)))
struct AdmissionTests {
    /// Notes who was let in, in their order.
    private final class Order: Sendable {
        let names = Mutex<[String]>([])
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    private final class Counts: Sendable {
        let running = Mutex(0)
        let served = Mutex(0)
        let refused = Mutex(0)
    }

    /// By how much longer than usual requests wait where a test waits for them, on a machine that may be slow.
    private static let forever = 10_000.0

    private func wait(_ admission: Admission, for count: Int) async {
        // The time limit of the suite cancels the test, which ends a wait for what never comes.
        while admission.standing.waiting != count, !Task.isCancelled { await Task.yield() }
    }

    @Test("What people hand in goes before what they read, and that before what anybody reads")
    func precedence() async throws {
        let admission = Admission(limit: 1, patience: Self.forever)
        let order = Order()
        try await admission.enter(.acting)
        try await withThrowingTaskGroup(of: Void.self) { group in
            var count = 0
            for urgency in [Admission.Urgency.reading, .signedIn, .acting, .reading, .acting] {
                group.addTask {
                    try await admission.enter(urgency)
                    order.add(urgency.name)
                    admission.leave(urgency)
                }
                count += 1
                await wait(admission, for: count)
            }
            admission.leave(.acting)
            try await group.waitForAll()
        }
        #expect(order.names.withLock { $0 } == ["acting", "acting", "signed-in", "reading", "reading"])
        #expect(admission.standing == (0, 0))
    }

    @Test("A crowd that reads leaves a quarter of the places to who has signed in", arguments: [2, 4, 10, 64])
    func reserve(limit: Int) async throws {
        let admission = Admission(limit: limit, patience: Self.forever)
        let most = limit - max(1, limit / 4)
        for _ in 0..<most { try await admission.enter(.reading) }
        let late = Task { try await admission.enter(.reading) }
        await wait(admission, for: 1)
        for _ in most..<limit { try await admission.enter(.signedIn) }
        #expect(admission.standing == (limit, 1))
        admission.leave(.signedIn)
        #expect(admission.standing == (limit - 1, 1))
        admission.leave(.reading)
        try await late.value
        #expect(admission.standing == (limit - 1, 0))
    }

    @Test("A line that is full refuses at once, and who waited long enough is told so")
    func refusal() async throws {
        let patient = Admission(limit: 1, patience: Self.forever)
        try await patient.enter(.acting)
        let waiting = (0..<4).map { _ in Task { try await patient.enter(.reading) } }
        await wait(patient, for: 4)
        await #expect(throws: Crowded.self) { try await patient.enter(.reading) }
        for one in waiting { one.cancel() }
        for one in waiting {
            await #expect(throws: CancellationError.self) { try await one.value }
        }
        #expect(patient.prometheus.contains("kechuang_admission_refused_total{line=\"reading\"} 1\n"))
        let hasty = Admission(limit: 1, patience: 0.1)
        try await hasty.enter(.acting)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { await #expect(throws: Crowded.self) { try await hasty.enter(.reading) } }
            }
        }
        #expect(hasty.standing == (1, 0))
        #expect(hasty.prometheus.contains("kechuang_admission_refused_total{line=\"reading\"} 4\n"))
    }

    @Test("Who goes away while waiting takes no place")
    func cancellation() async throws {
        let admission = Admission(limit: 1, patience: Self.forever)
        try await admission.enter(.reading)
        let gone = Task { try await admission.enter(.acting) }
        await wait(admission, for: 1)
        gone.cancel()
        await #expect(throws: CancellationError.self) { try await gone.value }
        admission.leave(.reading)
        #expect(admission.standing == (0, 0))
    }

    @Test("Never more at once than the limit, nobody is forgotten, whatever comes", arguments: 0..<8)
    func storm(round: Int) async throws {
        let seed = UInt64.random(in: 0...999_999)
        var random = SeededRandom(seed: seed)
        let limit = Int.random(in: 1...6, using: &random)
        let admission = Admission(limit: limit, patience: 0.05)
        let counts = Counts()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2_000 {
                let urgency = Admission.Urgency.allCases.randomElement(using: &random) ?? .reading
                let isLeaving = Int.random(in: 0..<10, using: &random) == 0
                group.addTask {
                    let visitor = Task {
                        try await admission.enter(urgency)
                        let now = counts.running.withLock { count in
                            count += 1
                            return count
                        }
                        #expect(now <= limit, "seed \(seed)")
                        await Task.yield()
                        counts.running.withLock { $0 -= 1 }
                        admission.leave(urgency)
                    }
                    if isLeaving { visitor.cancel() }
                    do {
                        try await visitor.value
                        counts.served.withLock { $0 += 1 }
                    } catch {
                        counts.refused.withLock { $0 += 1 }
                    }
                }
            }
        }
        #expect(counts.served.withLock { $0 } + counts.refused.withLock { $0 } == 2_000, "seed \(seed)")
        #expect(admission.standing == (0, 0), "seed \(seed)")
    }
}
