import Kernel

@testable import Ledger

/// The books as a child would keep them: a list of what was accepted, added up anew for every question. It shares no
/// code with the room but the words of what is asked.
struct Model {
    struct Entry {
        let id: ID<StoredPosting>
        let day: Day
        let kind: StoredPosting.Kind
        let until: Day?
        let legs: [(account: LedgerAccount, fen: Int64)]
        var ended = false
    }

    var entries: [Entry] = []
    let caps: [LedgerAccount: Int64]

    /// The code of the error that the posting has to be refused with, or nil.
    func refusal(_ posting: Posting) -> String? {
        if let wrong = shape(posting.legs) { return wrong }
        let target = posting.target.map { id in entries.first { $0.id == id } }
        if case .some(nil) = target { return "ledger.unknown-posting" }
        if let target = target.flatMap({ $0 }) {
            if case .reverse = posting.act {
                if target.kind != .move && target.kind != .settle { return "ledger.not-reversible" }
                if target.ended { return "ledger.already-reversed" }
            } else {
                if target.kind != .reserve { return "ledger.not-reserved" }
                if target.ended { return "ledger.already-ended" }
            }
            if posting.day < target.day { return "ledger.before-target" }
            if case .settle(_, let part) = posting.act {
                if let until = target.until, posting.day > until { return "ledger.expired" }
                for leg in part ?? [] {
                    let held = target.legs.first { $0.account == leg.account }?.fen ?? 0
                    let fits = held > 0 ? (1...held).contains(leg.amount.fen) : (held..<0).contains(leg.amount.fen)
                    if !fits { return "ledger.above-reserved" }
                }
            }
        }
        var next = self
        next.add(posting, as: ID("next"))
        for leg in next.entries.last?.legs ?? [] {
            let moves = next.entries.last?.kind != .reserve
            if let code = next.broken(leg.account, from: moves ? posting.day : nil) { return code }
        }
        return nil
    }

    private func shape(_ legs: [Leg]?) -> String? {
        guard let legs else { return nil }
        if legs.count < 2 { return "ledger.too-few-legs" }
        if legs.contains(where: { $0.amount == .zero }) { return "ledger.zero-leg" }
        if Set(legs.map(\.account)).count < legs.count { return "ledger.account-twice" }
        return legs.map(\.amount.fen).reduce(0, +) == 0 ? nil : "ledger.unbalanced"
    }

    mutating func add(_ posting: Posting, as id: ID<StoredPosting>) {
        let place = entries.firstIndex { $0.id == posting.target }
        let earlier = place.map { entries[$0].legs } ?? []
        if let place { entries[place].ended = true }
        func entry(_ kind: StoredPosting.Kind, _ legs: [(LedgerAccount, Int64)], until: Day? = nil) -> Entry {
            Entry(id: id, day: posting.day, kind: kind, until: until, legs: legs.map { (account: $0.0, fen: $0.1) })
        }
        let own = (posting.legs ?? []).map { ($0.account, $0.amount.fen) }
        switch posting.act {
        case .move: entries.append(entry(.move, own))
        case .reserve(_, let until): entries.append(entry(.reserve, own, until: until))
        case .settle(_, nil): entries.append(entry(.settle, earlier.map { ($0.account, $0.fen) }))
        case .settle: entries.append(entry(.settle, own))
        case .release: entries.append(entry(.release, []))
        case .reverse: entries.append(entry(.reverse, earlier.map { ($0.account, -$0.fen) }))
        }
    }

    func balance(_ account: LedgerAccount, on day: Day? = nil) -> Int64 {
        entries.filter { $0.kind != .reserve && $0.day <= day ?? $0.day }.flatMap(\.legs)
            .filter { $0.account == account }.map(\.fen).reduce(0, +)
    }

    func held(_ account: LedgerAccount, inward: Bool) -> Int64 {
        entries.filter { $0.kind == .reserve && !$0.ended }.flatMap(\.legs)
            .filter { $0.account == account && ($0.fen > 0) == inward }.map(\.fen).reduce(0, +)
    }

    /// The code of the limit that the account is beyond: now with what is held, or at the end of a day.
    private func broken(_ account: LedgerAccount, from day: Day?) -> String? {
        let cap = caps[account] ?? .max
        let hasFloor = account.kind != .source
        if hasFloor, balance(account) + held(account, inward: false) < 0 { return "ledger.overdraft" }
        if cap != .max, balance(account) + held(account, inward: true) > cap { return "ledger.above-cap" }
        guard let day else { return nil }
        let days = Set(entries.filter { $0.kind.moves && $0.day >= day }.map(\.day))
        for closing in days.sorted(by: >).map({ balance(account, on: $0) }) {
            if hasFloor, closing < 0 { return "ledger.overdraft" }
            if closing > cap { return "ledger.above-cap" }
        }
        return nil
    }
}
