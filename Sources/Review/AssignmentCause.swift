public import Kernel
public import Store

extension Assignment {
    /// Why the house took an assignment away by itself. What somebody typed is ``Assignment/reason``, whatever the
    /// words: nothing is counted by it.
    public enum Cause: Hashable, Sendable {
        /// It never reached its expert, who was away on the day of the draw.
        case away
        /// It never reached its expert, who had left the pool by the day of the draw.
        case left
        /// It never reached its expert, who had not confirmed the entry by the day of the draw.
        case unconfirmed
        /// No answer or no sheet came in its time.
        case lapsed
        /// The round was closed while there was time left.
        case closed
        /// The expert came into conflict.
        case conflict([Conflict])

        private static let plain: [Cause] = [.away, .left, .unconfirmed, .lapsed, .closed]
        private static let inConflict = "conflict"

        /// Reads what ``code`` writes; nil for anything else.
        public init?(_ code: String) {
            if let known = Cause.plain.first(where: { $0.code == code }) {
                self = known
                return
            }
            let parts = code.split(separator: " ").map(String.init)
            let kinds = parts.dropFirst().compactMap { Conflict(rawValue: $0) }
            guard parts.first == Cause.inConflict, kinds.count == parts.count - 1 else { return nil }
            self = .conflict(kinds)
        }

        /// One word; of conflicts their codes follow it.
        public var code: String {
            switch self {
            case .away: "away"
            case .left: "left"
            case .unconfirmed: "unconfirmed"
            case .lapsed: "lapsed"
            case .closed: "closed"
            case .conflict(let kinds): ([Cause.inConflict] + kinds.map(\.rawValue)).joined(separator: " ")
            }
        }

        /// As the bureau reads it.
        public var title: Bilingual {
            switch self {
            case .away: Bilingual("抽取当日不能评审", "was away on the day of the draw")
            case .left: Bilingual("已退出专家库", "had left the pool")
            case .unconfirmed: Bilingual("到期未确认专家信息", "had not confirmed the entry")
            case .lapsed: Bilingual("逾期", "let the time run out")
            case .closed: Bilingual("评审已结束", "the review was closed")
            case .conflict(let kinds):
                Bilingual(
                    kinds.map(\.text.zh).joined(separator: "；"), kinds.map(\.text.en).joined(separator: "; "))
            }
        }
    }

    /// Why the expert no longer has it, as the bureau reads it; nil where nothing is known.
    public var why: Bilingual? { cause?.title ?? reason.map { Bilingual(written: $0) } }
}

extension Assignment.Cause: Codable, SQLConvertible {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let cause = Assignment.Cause(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no cause of an assignment")
        }
        self = cause
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }

    public var sqlValue: SQLValue { .text(code) }

    public init(sqlValue: SQLValue) throws {
        guard let cause = Assignment.Cause(try String(sqlValue: sqlValue)) else {
            throw SQLConversionError(wanted: "a cause", found: sqlValue)
        }
        self = cause
    }
}
