public import Store

/// Something between two parties that the city's own books, contracts and files know of (往来). Neither sums nor
/// contents are here: it only says who, and from when until when.
public struct Dealing: Hashable, Sendable {
    /// What it is to whoever must not judge the other.
    public enum Kind: String, Sendable, CaseIterable, SQLConvertible {
        /// A payment or a contract.
        case money
        /// An objection, a report or a complaint: nobody learns more of it than that it stands between the two.
        case protected
    }

    public let kind: Kind
    /// Identities of people or organisations of the registry, or of accounts of whom it knows no person.
    public let party: String
    public let other: String
    /// The first and the last day on which it is known to have gone on.
    public let from: Day
    public let to: Day

    public init(_ kind: Kind, _ party: String, _ other: String, from: Day, to: Day) {
        self.kind = kind
        self.party = party
        self.other = other
        self.from = from
        self.to = to
    }

    init(row: Row) throws {
        kind = try row["kind"]
        party = try row["party"]
        other = try row["other"]
        from = try row["from_day"]
        to = try row["to_day"]
    }

    var mirrored: Dealing { Dealing(kind, other, party, from: from, to: to) }

    func joined(with more: Dealing) -> Dealing {
        Dealing(kind, party, other, from: min(from, more.from), to: max(to, more.to))
    }
}

/// The dealings of the house: each room keeps those that it knows of, under the case that they come from; reviews read
/// them all, without knowing the rooms.
public enum Dealings {
    /// From what sum on a payment or a contract between two organisations is kept at all.
    public static let leastParameter = "review.employer-money-least"

    /// For how many years after its last day a protected fact counts; it is not kept any longer.
    public static let protectedYears = "review.objection-years"

    static let migration = Migration(
        id: "2026-11-28-registry-dealings",
        statements: [
            // Each dealing lies here twice, once from either side, so that both are found by their party.
            """
            CREATE TABLE registry_dealing (
                party TEXT NOT NULL, other TEXT NOT NULL, kind TEXT NOT NULL
                    CONSTRAINT registry_dealing_kind_check CHECK (kind IN ('money', 'protected')),
                source TEXT NOT NULL, from_day TEXT NOT NULL, to_day TEXT NOT NULL,
                PRIMARY KEY (party, other, kind, source)
            ) \(SQL.strict)
            """,
            "CREATE INDEX registry_dealing_source ON registry_dealing (source)",
            // Whose dealings changed since the reviews under way were last looked through.
            "CREATE TABLE registry_dealing_changed (party TEXT PRIMARY KEY) \(SQL.strict)",
        ])

    static let protectedTime = Migration(
        id: "2026-11-28-registry-protected-time",
        statements: [
            "CREATE INDEX registry_dealing_protected ON registry_dealing (to_day) WHERE kind = 'protected'"
        ])

    /// The identity under which an account deals: its person, where the registry knows one.
    public static func party(_ account: ID<Account>, _ tx: Tx) throws -> String {
        try AccountStore.find(account, tx)?.person?.text ?? account.text
    }

    /// From what sum on a payment or a contract between two organisations counts on a day.
    /// - Throws: ``RuleBookError``.
    public static func least(_ rules: RuleBook, on day: Day) throws -> Money {
        try rules.money(leastParameter, on: day)
    }

    /// Keeps all that one case says, in place of what it said before; the same again changes nothing.
    ///
    /// Whose payments and contracts changed is noted for the reviews under way (``changed(after:limit:_:)``). A
    /// protected fact is not: it is found whenever a review takes its next step, and every day, so that no event of the
    /// record follows it at once and tells of it.
    /// - Parameter source: identity of the case or contract.
    public static func set(_ dealings: [Dealing], of source: String, _ tx: Tx) throws {
        let before = Set(try kept(source, tx))
        let after = fromBothSides(dealings)
        guard before != after else { return }
        try tx.run("DELETE FROM registry_dealing WHERE source = \(source)")
        let rows = after.sorted { ($0.party, $0.other, $0.kind.rawValue) < ($1.party, $1.other, $1.kind.rawValue) }
            .map { one -> SQL in
                "(\(one.party), \(one.other), \(one.kind), \(source), \(one.from), \(one.to))"
            }
        for part in rows.blocks(of: 200) {
            try tx.run(
                """
                INSERT INTO registry_dealing (party, other, kind, source, from_day, to_day)
                VALUES \(SQL.join(part, separator: ", "))
                """)
        }
        let changed = Set(before.symmetricDifference(after).filter { $0.kind == .money }.map(\.party)).sorted()
        for part in changed.map({ party -> SQL in "(\(party))" }).blocks(of: 200) {
            try tx.run(
                """
                INSERT INTO registry_dealing_changed (party) VALUES \(SQL.join(part, separator: ", "))
                ON CONFLICT (party) DO NOTHING
                """)
        }
    }

    /// Keeps that what a case said goes on through a day.
    public static func prolong(_ source: String, through day: Day, _ tx: Tx) throws {
        let known = try kept(source, tx)
        try set(
            known.map { Dealing($0.kind, $0.party, $0.other, from: $0.from, to: max($0.to, day)) }, of: source, tx)
    }

    /// What stands between any of some parties and others, once for each pair and kind with its first and last day:
    /// one query.
    /// - Parameter parties: a query that gives their identities, so that a whole pool is asked for at once.
    public static func of(_ parties: SQL, _ tx: Tx) throws -> [Dealing] {
        try tx.rows(
            """
            SELECT party, other, kind, MIN(from_day) AS from_day, MAX(to_day) AS to_day FROM registry_dealing
            WHERE party IN (\(parties)) GROUP BY party, other, kind ORDER BY party, other, kind
            """, Dealing.init(row:))
    }

    /// The cases behind the dealings of a kind between some parties and others, by party and other: one query.
    public static func sources(
        _ kind: Dealing.Kind, of parties: [String], with others: [String], _ tx: Tx
    ) throws -> [(party: String, other: String, source: String)] {
        try tx.rows(
            """
            SELECT party, other, source FROM registry_dealing
            WHERE party IN \(list: parties) AND other IN \(list: others) AND kind = \(kind)
            ORDER BY party, other, source
            """
        ) { (party: try $0["party"], other: try $0["other"], source: try $0["source"]) }
    }

    /// Whether anything is kept that a case says.
    public static func isKnown(_ source: String, _ tx: Tx) throws -> Bool {
        let party: String? = try tx.value("SELECT party FROM registry_dealing WHERE source = \(source) LIMIT 1")
        return party != nil
    }

    /// Parties whose payments or contracts changed since somebody last looked at them, in order.
    /// - Parameter party: only those after this one.
    public static func changed(after party: String = "", limit: Int, _ tx: Tx) throws -> [String] {
        try tx.rows(
            "SELECT party FROM registry_dealing_changed WHERE party > \(party) ORDER BY party LIMIT \(limit)"
        ) { row in try row["party"] as String }
    }

    /// Takes a party off those that changed; whoever takes it looks at it in the same transaction.
    /// - Returns: whether it was still there; if not, somebody else has looked at it.
    public static func takeChanged(_ party: String, _ tx: Tx) throws -> Bool {
        try tx.run("DELETE FROM registry_dealing_changed WHERE party = \(party)") > 0
    }

    /// Takes away the protected facts whose last day is that day or lies before it. The record learns how many there
    /// were, and nothing of whom.
    /// - Returns: how many, each between two parties.
    @discardableResult
    public static func endProtected(through day: Day, at now: Instant, _ tx: Tx) throws -> Int {
        // Each lies there from either side.
        let count = try tx.run("DELETE FROM registry_dealing WHERE kind = 'protected' AND to_day <= \(day)") / 2
        guard count > 0 else { return 0 }
        try Record.append(
            Event(
                room: "registry", kind: "dealings.ended", subjectKind: "dealings", subject: "protected",
                actor: .system, at: now, content: ["count": .integer(Int64(count))]), tx)
        return count
    }

    private static func kept(_ source: String, _ tx: Tx) throws -> [Dealing] {
        try tx.rows("SELECT * FROM registry_dealing WHERE source = \(source)", Dealing.init(row:))
    }

    private struct Pair: Hashable {
        let kind: Dealing.Kind
        let party: String
        let other: String
    }

    /// Each dealing from either side, each pair once; nobody deals with themselves.
    private static func fromBothSides(_ dealings: [Dealing]) -> Set<Dealing> {
        var found: [Pair: Dealing] = [:]
        for one in dealings.flatMap({ [$0, $0.mirrored] }) where one.party != one.other {
            let pair = Pair(kind: one.kind, party: one.party, other: one.other)
            found[pair] = found[pair]?.joined(with: one) ?? one
        }
        return Set(found.values)
    }
}
