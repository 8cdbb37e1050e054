import Kernel

/// What an account holds, as far as a posting has to know. Amounts in fen.
struct AccountState: Equatable {
    var inward: Int64 = 0
    var outward: Int64 = 0
    var heldIn: Int64 = 0
    var heldOut: Int64 = 0
    var legs = 0
    var cap: Int64?
    /// The last day on which the account moved.
    var lastDay: Day?
    /// What moved on each day from the first one that a posting of this batch is dated back to.
    var later: [Day: Int64] = [:]

    var balance: Int64 { inward - outward }
    /// What may still leave the account.
    var available: Int64 { balance - heldOut }
}

/// A posting that others are about: it can be settled, released or reversed.
struct Target {
    let posting: StoredPosting
    var isEnded: Bool
}

/// How far postings of one batch took an account on the way to where they leave it, from where they found it. Fen.
struct Swing: Equatable {
    /// The least that was available.
    var lowest: Int64 = 0
    /// The most that was there or held for it.
    var highest: Int64 = 0
}

/// Decides postings one after the other on what was loaded of the books, without a database. What it accepts is then
/// written as it says; what it refuses leaves no trace in it.
struct Judgement {
    private(set) var accounts: [LedgerAccount: AccountState]
    private var targets: [ID<StoredPosting>: Target]
    private let closed: Set<Month>
    private(set) var accepted: [StoredPosting] = []
    private(set) var touched: Set<LedgerAccount> = []
    /// Of postings taken on trust.
    private(set) var swings: [LedgerAccount: Swing] = [:]
    private(set) var days: [DayKey: (inward: Int64, outward: Int64)] = [:]

    struct DayKey: Hashable {
        let account: LedgerAccount
        let day: Day
    }

    init(accounts: [LedgerAccount: AccountState], targets: [ID<StoredPosting>: Target], closed: Set<Month>) {
        self.accounts = accounts
        self.targets = targets
        self.closed = closed
    }

    /// What is wrong with a posting by itself.
    static func checkShape(_ posting: Posting) throws(LedgerError) {
        guard !posting.key.isEmpty else { throw .noKey }
        guard !posting.origin.event.isEmpty, !posting.origin.rules.isEmpty else { throw .noOrigin }
        guard let legs = posting.legs else { return }
        guard legs.count >= 2 else { throw .tooFewLegs }
        if let zero = legs.first(where: { $0.amount == .zero }) { throw .zeroLeg(zero.account) }
        var seen: Set<LedgerAccount> = []
        for leg in legs where !seen.insert(leg.account).inserted { throw .accountTwice(leg.account) }
        var sum: Int64 = 0
        for leg in legs {
            guard leg.amount.fen.magnitude <= largest else { throw .legTooLarge(leg.account) }
            let (next, overflow) = sum.addingReportingOverflow(leg.amount.fen)
            guard !overflow else { throw .legTooLarge(leg.account) }
            sum = next
        }
        guard sum == 0 else { throw .unbalanced(Money(fen: sum)) }
    }

    /// The largest leg in fen, as ``Money`` reads it: a thousand trillion yuan.
    private static let largest: UInt64 = 100_000_000_000_000_000

    /// Accepts a posting of good shape or says why not.
    mutating func judge(_ posting: Posting, as id: ID<StoredPosting>) throws(LedgerError) -> StoredPosting {
        guard !closed.contains(Month(posting.day)) else { throw .periodClosed(Month(posting.day)) }
        let target = try target(of: posting)
        let legs = try legs(of: posting, target)
        let stored = StoredPosting(id, posting, legs)
        try apply(stored, ending: target)
        if let target { targets[target.id]?.isEnded = true }
        accepted.append(stored)
        return stored
    }

    /// Takes a posting of good shape that ends no other on trust: what it changes is added to what is there, and the
    /// database is left to judge whether that may be.
    mutating func trust(_ posting: Posting, as id: ID<StoredPosting>) throws(LedgerError) {
        let stored = StoredPosting(id, posting, (posting.legs ?? []).map { StoredLeg($0) })
        try apply(stored, ending: nil, isTrusted: true)
        for leg in stored.legs {
            guard let state = accounts[leg.account] else { continue }
            var swing = swings[leg.account] ?? Swing()
            swing.lowest = min(swing.lowest, state.available)
            swing.highest = max(swing.highest, state.balance + state.heldIn)
            swings[leg.account] = swing
        }
        accepted.append(stored)
    }

    private func target(of posting: Posting) throws(LedgerError) -> StoredPosting? {
        guard let id = posting.target else { return nil }
        guard let target = targets[id] else { throw .unknownPosting(id.text) }
        if case .reverse = posting.act {
            guard target.posting.kind == .move || target.posting.kind == .settle else { throw .notReversible(id.text) }
            guard !target.isEnded else { throw .alreadyReversed(id.text) }
        } else {
            guard target.posting.kind == .reserve else { throw .notReserved(id.text) }
            guard !target.isEnded else { throw .alreadyEnded(id.text) }
        }
        guard posting.day >= target.posting.day else { throw .beforeTarget(target.posting.day) }
        if case .settle = posting.act, let until = target.posting.until, posting.day > until { throw .expired(until) }
        return target.posting
    }

    private func legs(of posting: Posting, _ target: StoredPosting?) throws(LedgerError) -> [StoredLeg] {
        switch posting.act {
        case .move(let legs), .reserve(let legs, _): return legs.map { StoredLeg($0) }
        case .release: return []
        case .reverse: return target?.legs.map(\.reversed) ?? []
        case .settle(_, nil): return target?.legs ?? []
        case .settle(_, let legs?):
            let held = Dictionary(uniqueKeysWithValues: (target?.legs ?? []).map { ($0.account, $0.amount.fen) })
            for leg in legs {
                let most = held[leg.account] ?? 0
                guard leg.amount.fen.signum() == most.signum(), leg.amount.fen.magnitude <= most.magnitude else {
                    throw .aboveReserved(leg.account, reserved: Money(fen: Int64(most.magnitude)))
                }
            }
            return legs.map { StoredLeg($0) }
        }
    }

    private mutating func apply(
        _ posting: StoredPosting, ending target: StoredPosting?, isTrusted: Bool = false
    ) throws(LedgerError) {
        var changed: [LedgerAccount: AccountState] = [:]
        if posting.kind == .settle || posting.kind == .release {
            for leg in target?.legs ?? [] {
                var state = accounts[leg.account] ?? AccountState()
                state.heldIn -= leg.inward.fen
                state.heldOut -= leg.outward.fen
                changed[leg.account] = state
            }
        }
        for leg in posting.legs {
            var state = changed[leg.account] ?? accounts[leg.account] ?? AccountState()
            guard state.add(leg, of: posting) else { throw .overflow(leg.account) }
            changed[leg.account] = state
        }
        for leg in posting.legs where !isTrusted {
            if let state = changed[leg.account] { try state.checkLimits(of: leg, in: posting) }
        }
        accounts.merge(changed) { _, new in new }
        touched.formUnion(changed.keys)
        guard posting.kind.moves else { return }
        for leg in posting.legs {
            let key = DayKey(account: leg.account, day: posting.day)
            let sum = days[key] ?? (0, 0)
            days[key] = (sum.inward + leg.inward.fen, sum.outward + leg.outward.fen)
        }
    }
}

extension AccountState {
    /// Largest turnover of an account in fen: far from overflow even where four of them are added up.
    static let most: Int64 = 1_000_000_000_000_000_000

    /// - Returns: false where the turnover becomes too large.
    fileprivate mutating func add(_ leg: StoredLeg, of posting: StoredPosting) -> Bool {
        if posting.kind == .reserve {
            heldIn += leg.inward.fen
            heldOut += leg.outward.fen
        } else {
            inward += leg.inward.fen
            outward += leg.outward.fen
            if let last = lastDay, posting.day < last { later[posting.day, default: 0] += leg.amount.fen }
            if lastDay.map({ $0 <= posting.day }) ?? true {
                if !later.isEmpty { later[posting.day, default: 0] += leg.amount.fen }
                lastDay = posting.day
            }
        }
        legs += 1
        return [inward, outward, heldIn, heldOut].allSatisfy { $0.magnitude <= AccountState.most.magnitude }
    }

    /// Limits hold now with everything that is held back, and at the end of every day that the posting changes.
    fileprivate func checkLimits(of leg: StoredLeg, in posting: StoredPosting) throws(LedgerError) {
        let hasFloor = leg.account.kind.hasFloor
        if hasFloor, available < 0 {
            throw .overdraft(leg.account, available: Money(fen: available + max(-leg.amount.fen, 0)), on: nil)
        }
        if let cap, balance + heldIn > cap { throw .aboveCap(leg.account, cap: Money(fen: cap), on: nil) }
        guard posting.kind.moves, let last = lastDay, posting.day < last else { return }
        // Walking back from the present balance over the days after the posting's.
        var closing = balance
        for (day, net) in later.sorted(by: { $0.key > $1.key }) where day >= posting.day {
            if hasFloor, closing < 0 {
                throw .overdraft(leg.account, available: Money(fen: closing - leg.amount.fen), on: day)
            }
            if let cap, closing > cap { throw .aboveCap(leg.account, cap: Money(fen: cap), on: day) }
            closing -= net
        }
    }
}
