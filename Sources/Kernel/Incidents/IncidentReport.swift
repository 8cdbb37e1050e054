public import Store

/// An incident (事件) as the house tells everybody of it: what went wrong, when it began, and what was said of it since.
/// Nothing that was said is changed; it is followed by what is said later.
public struct IncidentReport: Hashable, Sendable {
    /// What is touched.
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case service, data, security

        public var title: Bilingual {
            switch self {
            case .service: Bilingual("服务", "Service")
            case .data: Bilingual("数据", "Data")
            case .security: Bilingual("安全", "Security")
            }
        }
    }

    /// How far it has come.
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case looking, known, mended, closed

        public var title: Bilingual {
            switch self {
            case .looking: Bilingual("正在查明原因", "Looking into it")
            case .known: Bilingual("原因已查明", "Cause known")
            case .mended: Bilingual("已修复", "Mended")
            case .closed: Bilingual("已结束", "Closed")
            }
        }

        /// Whether it does no harm any more.
        public var isOver: Bool { self == .mended || self == .closed }
    }

    /// What was said at one moment.
    public struct Update: Hashable, Sendable {
        public let state: State
        public let text: Bilingual
        public let at: Instant

        init(row: Row) throws {
            state = try row["state"]
            text = Bilingual(try row["text_zh"], try row["text_en"])
            at = try row["at"]
        }
    }

    public let id: ID<IncidentReport>
    /// Such as `TB-2026-0001`.
    public let number: String
    public let kind: Kind
    public let title: Bilingual
    public let beganAt: Instant
    /// Oldest first; the first one opened the incident.
    public let updates: [Update]

    init(row: Row, updates: [Update]) throws {
        id = try row["id"]
        number = try row["number"]
        kind = try row["kind"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        beganAt = try row["began_at"]
        self.updates = updates
    }

    /// As was said last.
    public var state: State { updates.last?.state ?? .looking }

    /// When it was said to be over, and nothing else since; nil while it goes on.
    public var endedAt: Instant? {
        let lasted = updates.lastIndex { !$0.state.isOver }
        let first = lasted.map { $0 + 1 } ?? 0
        return first < updates.count ? updates[first].at : nil
    }

    /// Whether a measured outage fell into its time.
    public func meets(_ outage: Outage, now: Instant) -> Bool {
        outage.until >= beganAt && outage.from <= (endedAt ?? now)
    }
}

/// Why an incident cannot be told of so.
public enum IncidentError: Problem, Hashable {
    case unknown
    /// Somebody else has said something since the page was read.
    case stale

    public var kind: ProblemKind { self == .unknown ? .notFound : .stale }
    public var code: String { self == .unknown ? "incident.unknown" : "incident.stale" }
    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这个事件。", "There is no such incident.")
        case .stale:
            Bilingual(
                "您打开本页之后已有新的进展。请先阅读，再发布。",
                "Something was said of it since you opened this page. Read it first, then go on.")
        }
    }
}
