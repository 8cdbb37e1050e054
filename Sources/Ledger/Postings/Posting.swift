public import Kernel
public import Store

/// A change of one account: into it above zero, out of it below.
public struct Leg: Hashable, Codable, Sendable {
    public let account: LedgerAccount
    public let amount: Money

    public init(_ account: LedgerAccount, _ amount: Money) {
        self.account = account
        self.amount = amount
    }
}

/// What a posting does.
public enum PostingAct: Hashable, Sendable {
    /// Moves money now.
    case move([Leg])
    /// Holds money back for a later move: gone for the accounts that it would leave, not yet there for the others.
    /// Without an end it is held until settled or released; otherwise through that day.
    case reserve([Leg], until: Day?)
    /// Moves what was reserved: all of it, or the legs given, none above what is held; the rest is released.
    case settle(ID<StoredPosting>, [Leg]?)
    /// Gives up what was reserved.
    case release(ID<StoredPosting>)
    /// Takes back a move or a settlement, once only (红字冲销: the same side, below zero).
    case reverse(ID<StoredPosting>)
}

/// On whose behalf and under what a posting is made. There is no posting without.
public struct PostingOrigin: Hashable, Sendable {
    /// The case, where there is one: budgets have none.
    public let caseID: ID<CaseFile>?
    /// The event of the record that tells of it.
    public let event: String
    public let actor: Actor
    /// Version of the rules or of the procedure under which it is made, e.g. `funding.project@3`.
    public let rules: String
    public let at: Instant

    public init(caseID: ID<CaseFile>?, event: String, actor: Actor, rules: String, at: Instant) {
        self.caseID = caseID
        self.event = event
        self.actor = actor
        self.rules = rules
        self.at = at
    }
}

/// One thing to be written into the books.
public struct Posting: Hashable, Sendable {
    public let act: PostingAct
    /// The day of the books.
    public let day: Day
    /// What for, in a few words.
    public let text: String
    /// Names the intention: asked again under the same key nothing more happens.
    public let key: String
    public let origin: PostingOrigin

    public init(_ act: PostingAct, on day: Day, _ text: String, key: String, origin: PostingOrigin) {
        self.act = act
        self.day = day
        self.text = text
        self.key = key
        self.origin = origin
    }

    /// Moves an amount from one account to another.
    public init(
        _ amount: Money, from source: LedgerAccount, to target: LedgerAccount, on day: Day, _ text: String,
        key: String, origin: PostingOrigin
    ) {
        self.init(
            .move([Leg(source, Money(fen: -amount.fen)), Leg(target, amount)]), on: day, text, key: key, origin: origin)
    }

    /// The legs that it brings itself.
    var legs: [Leg]? {
        switch act {
        case .move(let legs), .reserve(let legs, _): legs
        case .settle(_, let legs): legs
        case .release, .reverse: nil
        }
    }

    /// The posting that it is about.
    var target: ID<StoredPosting>? {
        switch act {
        case .settle(let target, _), .release(let target), .reverse(let target): target
        case .move, .reserve: nil
        }
    }

    /// Tells whether a repeated key asks for the same: acts, accounts and amounts count, not who asks when.
    var fingerprint: String {
        var text: String
        switch act {
        case .move: text = "move"
        case .reserve(_, let end): text = "reserve \(end?.description ?? "")"
        case .settle(let target, let legs): text = "settle \(target) \(legs == nil ? "all" : "part")"
        case .release(let target): text = "release \(target)"
        case .reverse(let target): text = "reverse \(target)"
        }
        for leg in legs ?? [] { text += "|\(leg.account.text)=\(leg.amount.fen)" }
        return Digest.hex(Digest.sha256(Array(text.utf8)))
    }
}

/// A leg as it is kept: what went in and what went out. Reversals are below zero on the side that they take back, so
/// that turnovers stay true; one of the two is zero.
public struct StoredLeg: Hashable, Codable, Sendable {
    public let account: LedgerAccount
    public let inward: Money
    public let outward: Money

    /// The change of the account's balance.
    public var amount: Money { inward - outward }

    init(account: LedgerAccount, inward: Money, outward: Money) {
        self.account = account
        self.inward = inward
        self.outward = outward
    }

    init(_ leg: Leg) {
        account = leg.account
        inward = max(leg.amount, .zero)
        outward = max(Money(fen: -leg.amount.fen), .zero)
    }

    var reversed: StoredLeg {
        StoredLeg(account: account, inward: Money(fen: -inward.fen), outward: Money(fen: -outward.fen))
    }

    init(row: Row) throws {
        account = try row["account"]
        inward = try row["in_fen"]
        outward = try row["out_fen"]
    }
}

/// A posting as it is kept.
public struct StoredPosting: Hashable, Codable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case move, reserve, settle, release, reverse

        /// Whether its legs change balances; those of a reservation only hold, a release has none.
        public var moves: Bool { self == .move || self == .settle || self == .reverse }

        public var name: Bilingual {
            switch self {
            case .move: Bilingual("记账", "Move")
            case .reserve: Bilingual("预留", "Reservation")
            case .settle: Bilingual("预留结转", "Settlement")
            case .release: Bilingual("预留释放", "Release")
            case .reverse: Bilingual("红字冲销", "Reversal")
            }
        }
    }

    public let id: ID<StoredPosting>
    public let kind: Kind
    public let day: Day
    public let at: Instant
    public let caseID: ID<CaseFile>?
    public let event: String
    public let actor: String?
    public let actorName: String
    public let rules: String
    public let text: String
    public let key: String
    /// The posting that this one settles, releases or reverses.
    public let target: ID<StoredPosting>?
    /// Last day of a reservation.
    public let until: Day?
    public var legs: [StoredLeg]

    init(_ id: ID<StoredPosting>, _ posting: Posting, _ legs: [StoredLeg]) {
        self.id = id
        var until: Day?
        switch posting.act {
        case .move: kind = .move
        case .reserve(_, let end): (kind, until) = (.reserve, end)
        case .settle: kind = .settle
        case .release: kind = .release
        case .reverse: kind = .reverse
        }
        self.until = until
        day = posting.day
        at = posting.origin.at
        caseID = posting.origin.caseID
        event = posting.origin.event
        actor = posting.origin.actor.account?.text
        actorName = posting.origin.actor.name
        rules = posting.origin.rules
        text = posting.text
        key = posting.key
        target = posting.target
        self.legs = legs
    }

    init(row: Row) throws {
        id = try row["id"]
        kind = try row["kind"]
        day = try row["day"]
        at = try row["at"]
        caseID = try row["case_id"]
        event = try row["event"]
        actor = try row["actor"]
        actorName = try row["actor_name"]
        rules = try row["rules"]
        text = try row["text"]
        key = try row["key"]
        target = try row["target"]
        until = try row["until"]
        legs = []
    }
}
