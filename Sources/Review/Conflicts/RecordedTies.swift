public import Kernel
import Store

/// What the city's own books, contracts and files say stands between an expert, or the expert's employer, and somebody
/// else.
public struct RecordedTie: Codable, Hashable, Sendable {
    /// Money of the expert, money of the employer, or a protected fact.
    public let kind: Conflict
    /// Identity of a person or an organisation.
    public let subject: String
    public let from: Day
    public let to: Day

    public init(_ kind: Conflict, _ subject: String, from: Day, to: Day) {
        self.kind = kind
        self.subject = subject
        self.from = from
        self.to = to
    }

    init(_ kind: Conflict, _ dealing: Dealing) {
        self.init(kind, dealing.other, from: dealing.from, to: dealing.to)
    }

    /// Whether it has begun, and has not ended for longer than it counts.
    func counts(on day: Day, _ windows: ConflictWindows) -> Bool {
        guard from <= day else { return false }
        guard to < day, let years = windows.years(recorded: kind) else { return true }
        return day.before(years: years) <= to
    }

    /// The last day on which it counts; nil where it has none.
    func countsUntil(_ windows: ConflictWindows) -> Day? {
        windows.years(recorded: kind).map { to.lastDay(within: $0) }
    }
}

/// Reads what the rooms of the house keep in ``Dealings``.
enum RecordedTies {
    /// What stands between experts and others, by expert: one query, whatever their number.
    /// - Parameters:
    ///   - aliases: other identities of the experts.
    ///   - isWholePool: whether all experts are meant, so that they need not be named.
    ///   - parties: only ties that lead to these; nil for all.
    static func of(
        _ experts: [Expert], aliases: [ID<Expert>: Set<ID<PersonMark>>], isWholePool: Bool = false,
        leadingTo parties: Set<String>? = nil, _ tx: Tx
    ) throws -> [ID<Expert>: [RecordedTie]] {
        let chosen: SQL = isWholePool ? "" : "WHERE id IN \(list: experts.map(\.id))"
        let identities: SQL = """
            WITH chosen AS (SELECT id, person, account, organisation FROM expert \(chosen))
            SELECT person FROM chosen UNION SELECT account FROM chosen UNION SELECT organisation FROM chosen
            UNION SELECT a.person FROM expert_alias a JOIN chosen c ON c.id = a.expert
            """
        var own: [String: [RecordedTie]] = [:]
        var employers: [String: [RecordedTie]] = [:]
        for dealing in try Dealings.of(identities, tx) where parties?.contains(dealing.other) ?? true {
            switch dealing.kind {
            case .money:
                own[dealing.party, default: []].append(RecordedTie(.money, dealing))
                employers[dealing.party, default: []].append(RecordedTie(.employerMoney, dealing))
            // Who objects to an organisation, or reports it, objects to nobody who works there.
            case .protected: own[dealing.party, default: []].append(RecordedTie(.protected, dealing))
            }
        }
        var found: [ID<Expert>: [RecordedTie]] = [:]
        for expert in experts {
            let people = Set([expert.person].compactMap(\.self)).union(aliases[expert.id] ?? [])
            let names = people.map(\.text).sorted() + [expert.account.text]
            let ties = names.flatMap { own[$0] ?? [] } + (employers[expert.organisation.text] ?? [])
            if !ties.isEmpty { found[expert.id] = ties }
        }
        return found
    }
}
