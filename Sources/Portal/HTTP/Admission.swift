public import Kernel
import Synchronization

/// How many requests are worked on at once, and who goes first when there are more: a house that takes everything in
/// at once serves nobody. What cannot be worked on soon is told so by ``Crowded``.
public final class Admission: Sendable {
    /// Who goes first, the most urgent first.
    enum Urgency: Int, CaseIterable, Comparable, Sendable {
        /// What somebody who has signed in sends: drafts, files, submissions.
        case acting
        /// What somebody who has signed in reads, and signing in itself.
        case signedIn
        /// What anybody reads.
        case reading

        static func < (left: Urgency, right: Urgency) -> Bool { left.rawValue < right.rawValue }

        init(_ route: Route, signedIn: Bool) {
            if signedIn {
                self = route.isReading ? .signedIn : .acting
            } else {
                self = route.access == .session ? .signedIn : .reading
            }
        }

        var name: String {
            switch self {
            case .acting: "acting"
            case .signedIn: "signed-in"
            case .reading: "reading"
            }
        }
        /// Seconds that a request waits at most.
        var patience: Double {
            switch self {
            case .acting: 30
            case .signedIn: 10
            case .reading: 3
            }
        }
        /// How many requests wait at most, for each that is worked on.
        var length: Int {
            switch self {
            case .acting: 64
            case .signedIn: 16
            case .reading: 4
            }
        }
    }

    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Line {
        var running = 0
        var waiting: [Waiter] = []
        var admitted = 0
        var waited = 0
        var refused = 0
    }

    private struct State {
        var lines = [Line](repeating: Line(), count: Urgency.allCases.count)
        var tickets: UInt64 = 0

        var running: Int { lines.reduce(0) { $0 + $1.running } }
        var waiting: Int { lines.reduce(0) { $0 + $1.waiting.count } }

        /// Whether one more may be worked on now. A quarter of the places is kept from anonymous reading, so that
        /// whoever has signed in need not wait until a crowd has been served.
        func hasRoom(_ urgency: Urgency, _ limit: Int) -> Bool {
            guard running < limit else { return false }
            return urgency < .reading || lines[Urgency.reading.rawValue].running < max(1, limit - max(1, limit / 4))
        }

        /// Takes the next that may be worked on out of its line.
        mutating func next(_ limit: Int) -> Waiter? {
            for urgency in Urgency.allCases where !lines[urgency.rawValue].waiting.isEmpty && hasRoom(urgency, limit) {
                lines[urgency.rawValue].running += 1
                return lines[urgency.rawValue].waiting.removeFirst()
            }
            return nil
        }
    }

    /// As many as keep two processors busy while some of them wait for the database.
    public static let usual = 64

    /// Requests worked on at once.
    public let limit: Int
    private let state = Mutex(State())
    private let patience: Double

    /// - Parameters:
    ///   - limit: at least 1.
    ///   - patience: by how much longer than usual a request waits; for tests.
    public init(limit: Int = Admission.usual, patience: Double = 1) {
        self.limit = max(1, limit)
        self.patience = patience
    }

    /// Returns when the request may be worked on; ``leave(_:)`` has to follow.
    /// - Throws: ``Crowded`` when its line is too long or its turn does not come in time, `CancellationError`.
    func enter(_ urgency: Urgency) async throws {
        let ticket = try state.withLock { state throws(Crowded) -> UInt64? in
            state.lines[urgency.rawValue].admitted += 1
            let isFirst = Urgency.allCases.allSatisfy { $0 > urgency || state.lines[$0.rawValue].waiting.isEmpty }
            if isFirst, state.hasRoom(urgency, limit) {
                state.lines[urgency.rawValue].running += 1
                return nil
            }
            guard state.lines[urgency.rawValue].waiting.count < limit * urgency.length else {
                state.lines[urgency.rawValue].admitted -= 1
                state.lines[urgency.rawValue].refused += 1
                throw Crowded(running: state.running, waiting: state.waiting)
            }
            state.lines[urgency.rawValue].waited += 1
            state.tickets += 1
            return state.tickets
        }
        guard let ticket else { return }
        let alarm = Task { [patience = urgency.patience * patience] in
            try await Task.sleep(for: .seconds(patience))
            giveUp(ticket, urgency, isCrowded: true)
        }
        defer { alarm.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready = state.withLock { state -> [Waiter] in
                    state.lines[urgency.rawValue].waiting.append(Waiter(ticket: ticket, continuation: continuation))
                    return turns(&state)
                }
                for waiter in ready { waiter.continuation.resume() }
                if Task.isCancelled { giveUp(ticket, urgency, isCrowded: false) }
            }
        } onCancel: {
            giveUp(ticket, urgency, isCrowded: false)
        }
    }

    /// The work is done.
    func leave(_ urgency: Urgency) {
        let ready = state.withLock { state -> [Waiter] in
            state.lines[urgency.rawValue].running -= 1
            return turns(&state)
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Everybody whose turn it is.
    private func turns(_ state: inout State) -> [Waiter] {
        var ready: [Waiter] = []
        while let waiter = state.next(limit) { ready.append(waiter) }
        return ready
    }

    private func giveUp(_ ticket: UInt64, _ urgency: Urgency, isCrowded: Bool) {
        let found = state.withLock { state -> (Waiter, Crowded)? in
            let line = state.lines[urgency.rawValue].waiting
            guard let index = line.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            let waiter = state.lines[urgency.rawValue].waiting.remove(at: index)
            state.lines[urgency.rawValue].admitted -= 1
            if isCrowded { state.lines[urgency.rawValue].refused += 1 }
            return (waiter, Crowded(running: state.running, waiting: state.waiting))
        }
        guard let (waiter, crowded) = found else { return }
        if isCrowded {
            waiter.continuation.resume(throwing: crowded)
        } else {
            waiter.continuation.resume(throwing: CancellationError())
        }
    }

    /// How many are worked on and wait now.
    var standing: (running: Int, waiting: Int) { state.withLock { ($0.running, $0.waiting) } }

    /// Counters in the text format of Prometheus.
    public var prometheus: String {
        let lines = state.withLock { $0.lines }
        var text = "# TYPE kechuang_admission_limit gauge\nkechuang_admission_limit \(limit)\n"
        let figures: [(String, String, @Sendable (Line) -> Int)] = [
            ("running", "gauge", { $0.running }), ("waiting", "gauge", { $0.waiting.count }),
            ("admitted_total", "counter", { $0.admitted }), ("waited_total", "counter", { $0.waited }),
            ("refused_total", "counter", { $0.refused }),
        ]
        for (name, kind, value) in figures {
            text += "# TYPE kechuang_admission_\(name) \(kind)\n"
            for urgency in Urgency.allCases {
                text += "kechuang_admission_\(name){line=\"\(urgency.name)\"} \(value(lines[urgency.rawValue]))\n"
            }
        }
        return text
    }
}

/// More people come than can be served at once: the request was not begun.
public struct Crowded: Problem, Hashable {
    /// Requests that are being worked on, and that wait.
    public let running: Int
    public let waiting: Int
    /// Not the same for everybody, or all would come back at once.
    public let retryAfter: Int?

    init(running: Int, waiting: Int) {
        self.running = running
        self.waiting = waiting
        retryAfter = Int.random(in: 5...15)
    }

    public var kind: ProblemKind { .busy }
    public var code: String { "admission.queue" }
    public var message: Bilingual {
        let seconds = retryAfter ?? 10
        return Bilingual(
            "目前使用的人很多，这次请求没有开始办理，什么都没有改变。请在 \(seconds) 秒后再试。",
            "Many people are here at the moment. This request was not begun and nothing was changed. "
                + "Try again in \(seconds) seconds.")
    }
}

/// The page of those who have to wait: says how things stand and needs no JavaScript.
enum QueuePage {
    /// - Parameter isReading: a page was asked for, which asks again by itself; a form was sent otherwise.
    static func page(_ crowded: Crowded, isReading: Bool, _ language: Language) -> Page {
        func t(_ zh: String, _ en: String) -> String { Bilingual(zh, en)[language] }
        let seconds = crowded.retryAfter ?? 10
        let next: HTML =
            isReading
            ? """
            <p>\(t("本页将在 \(seconds) 秒后自动重试，不必做任何操作，也不需要 JavaScript；频繁刷新不会更快。", "This page tries again by itself in \(seconds) seconds. You need not do anything, and no JavaScript; reloading more often is no faster."))</p>
            """
            : """
            <p>\(t("您刚才发送的内容没有被接收，仍在您的浏览器中：请在 \(seconds) 秒后刷新本页并同意重新发送，或返回上一页再次提交。", "What you just sent was not taken in and is still in your browser: reload this page in \(seconds) seconds and agree to send it again, or go back and send the form once more."))</p>
            """
        return Page(
            title: Bilingual("请稍候", "Please wait a moment"),
            body: """
                <h1>\(t("请稍候", "Please wait a moment"))</h1>\
                <p class="lead">\(t("目前使用的人很多，您的请求还没有开始办理，什么都没有改变。", "Many people are here at the moment. Your request has not been begun, and nothing was changed."))</p>\
                <p>\(t("正在办理 \(crowded.running) 个请求，另有 \(crowded.waiting) 个在等候。", "Requests being worked on: \(crowded.running). Waiting: \(crowded.waiting)."))</p>\(next)\
                <ul><li>\(t("已经保存的草稿和附件都在，不会丢失；已登录的仍保持登录。", "Drafts and files that were saved are kept and will not be lost. Who has signed in stays signed in."))</li>\
                <li>\(t("保存草稿和提交材料最先办理，其次是已登录的人员，再次是公开页面的浏览。", "Saving drafts and handing in come first, then whoever has signed in, then the reading of public pages."))</li></ul>
                """)
    }
}
