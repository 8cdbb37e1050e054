import Foundation
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Ledger

/// Random histories against the model.
@Suite("Histories")
struct HistoryTests {
    /// One small world: accounts of its own, so that its model knows everything about them.
    struct World {
        let accounts: [LedgerAccount]
        let capped: LedgerAccount
        var model: Model
        var random: SeededRandom
        var ids: [ID<StoredPosting>] = []
        var keys: [Posting] = []
        let name: String
        static let cap: Int64 = 8

        init(_ number: Int, seed: UInt64) throws {
            name = "w\(number)"
            let commitment = try LedgerAccount.project(.commitment, name, year: 2026, "p")
            let contract = try LedgerAccount.project(.contract, name, year: 2026, "p")
            accounts = [
                .source(name, year: 2026), .appropriation(name, year: 2026), .budget(name, year: 2026),
                .reserve(name, year: 2026, call: "a"), commitment, contract,
            ]
            capped = contract
            model = Model(caps: [contract: World.cap])
            random = SeededRandom(seed: seed ^ UInt64(number) &* 0x9E37_79B9)
        }

        mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

        /// Something that a careless or hostile caller might ask.
        mutating func next(_ step: Int, _ books: Books) -> Posting {
            // Days go forward, with some dated back.
            let day = Day(number: 20_500 + max(0, step / 2 - (below(4) == 0 ? below(6) : 0)))
            let key = "\(name).\(step)"
            let act: PostingAct
            switch below(12) {
            case 0...5: act = .move(legs())
            case 6, 7: act = .reserve(legs(), until: below(2) == 0 ? day.adding(days: below(4)) : nil)
            case 8: act = .settle(anyID(), below(2) == 0 ? nil : legs())
            case 9: act = .release(anyID())
            case 10: act = .reverse(anyID())
            default:
                if let earlier = keys.randomElement(using: &random) { return earlier }
                act = .move(legs())
            }
            return Posting(act, on: day, "history", key: key, origin: books.origin)
        }

        private mutating func anyID() -> ID<StoredPosting> {
            below(12) == 0 ? ID("stranger") : ids.randomElement(using: &random) ?? ID("stranger")
        }

        private mutating func legs() -> [Leg] {
            let from = below(accounts.count - 1)
            let size = Int64(below(50) == 0 ? 0 : 1 + below(40))
            var legs = [Leg(accounts[from], Money(fen: -size))]
            let to = below(5) == 0 ? below(accounts.count) : from + 1
            if below(4) == 0, size > 1, from + 2 < accounts.count {
                legs += [Leg(accounts[from + 1], Money(fen: 1)), Leg(accounts[from + 2], Money(fen: size - 1))]
            } else {
                legs.append(Leg(accounts[to], Money(fen: below(25) == 0 ? size + 1 : size)))
            }
            return legs
        }
    }

    private static func seed() -> UInt64 {
        ProcessInfo.processInfo.environment["KECHUANG_TEST_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
    }

    @Test(
        "Thousands of histories from many workers go as the model says, to the error and to the fen",
        arguments: TestStore.engines)
    func model(engine: Engine) async throws {
        let seed = Self.seed()
        let books = try await Books.open(engine)
        let next = Shared(0)
        let outcomes = Shared<[String: Int]>([:])
        let worlds = ProcessInfo.processInfo.environment["KECHUANG_TEST_HISTORIES"].flatMap(Int.init) ?? 600
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<48 {
                group.addTask {
                    while true {
                        let number = next.change { number in
                            number += 1
                            return number
                        }
                        guard number <= worlds else { return }
                        let found = try await live(World(number, seed: seed), steps: 14, books)
                        outcomes.change { $0.merge(found) { $0 + $1 } }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await books.faults() == [], "seed \(seed)")
        // The histories are worth something: every refusal that they can meet was met.
        let met = outcomes.now
        for code in [
            "", "ledger.overdraft", "ledger.above-cap", "ledger.unbalanced", "ledger.zero-leg", "ledger.account-twice",
            "ledger.unknown-posting", "ledger.not-reserved", "ledger.not-reversible", "ledger.already-reversed",
            "ledger.already-ended", "ledger.expired", "ledger.before-target", "ledger.above-reserved", "repeated",
        ] { #expect(met[code, default: 0] > 0, "\(code) never happened; seed \(seed)") }
    }

    /// Lives through one world, comparing every answer and at the end every balance; then takes everything back.
    private func live(_ start: World, steps: Int, _ books: Books) async throws -> [String: Int] {
        var world = start
        var met: [String: Int] = [:]
        try await books.db.write { [capped = world.capped] tx in
            try Caps.set(Money(fen: World.cap), of: capped, by: .system, at: Instant(microseconds: 1), tx)
        }
        for step in 0..<steps {
            let posting = world.next(step, books)
            let repeated = world.keys.contains(posting)
            let expected = repeated ? nil : world.model.refusal(posting)
            var code: String?
            do throws(any Error) {
                let stored = try await books.desk.post(posting)
                if repeated {
                    #expect(world.ids.contains(stored.id))
                    met["repeated", default: 0] += 1
                } else {
                    world.model.add(posting, as: stored.id)
                    world.ids.append(stored.id)
                    world.keys.append(posting)
                }
            } catch let error as LedgerError {
                code = error.code
            }
            met[code ?? "", default: 0] += 1
            #expect(code == expected, "\(world.name) step \(step): \(posting.act)")
        }
        let kept = try await balances(world, books)
        for account in world.accounts {
            #expect(kept[account]?.balance.fen ?? 0 == world.model.balance(account), "\(account)")
            #expect(kept[account]?.heldOut.fen ?? 0 == -world.model.held(account, inward: false), "\(account)")
        }
        try await takeBack(world, books)
        return met
    }

    private func balances(_ world: World, _ books: Books) async throws -> [LedgerAccount: AccountBalance] {
        try await books.db.read { [accounts = world.accounts] tx in
            let found = try tx.rows(
                "SELECT * FROM ledger_account WHERE id IN \(list: accounts)", AccountBalance.init(row:))
            return Dictionary(uniqueKeysWithValues: found.map { ($0.account, $0) })
        }
    }

    /// The reverse of everything is nothing: neither balances nor turnovers are left. A float keeps accounts above
    /// their floors meanwhile, because what a history did in circles cannot be undone one by one without; it is taken
    /// back last.
    private func takeBack(_ world: World, _ books: Books) async throws {
        let last = Day(number: 20_600)
        func posting(_ act: PostingAct, _ key: String) -> Posting {
            Posting(act, on: last, "", key: "\(world.name).\(key)", origin: books.origin)
        }
        let open = world.model.entries.filter { !$0.ended }
        var undo = open.filter { $0.kind == .reserve }.map { posting(.release($0.id), "back.\($0.id)") }
        undo += open.filter { $0.kind == .move || $0.kind == .settle }.map { posting(.reverse($0.id), "back.\($0.id)") }
        let others = world.accounts.dropFirst()
        let float =
            [Leg(world.accounts[0], Money(fen: -1_000_000 * Int64(others.count)))]
            + others.map { Leg($0, Money(fen: 1_000_000)) }
        try await books.db.write(locking: Ledger.locks(world.accounts, earlier: true)) {
            [undo, begin = posting(.move(float), "float"), capped = world.capped] tx in
            try Caps.set(nil, of: capped, by: .system, at: Instant(microseconds: 1), tx)
            let begun = try Ledger.post(begin, tx)
            for result in try Ledger.post(undo, tx) { _ = try result.get() }
            try Ledger.post(
                Posting(.reverse(begun.id), on: last, "", key: "\(begin.key).back", origin: begin.origin), tx)
        }
        for kept in try await balances(world, books).values {
            #expect(kept.inward == .zero && kept.outward == .zero, "\(kept.account)")
            #expect(kept.heldIn == .zero && kept.heldOut == .zero, "\(kept.account)")
        }
    }

    @Test(
        "Workers that share accounts are served one after the other: the model accepts what they got in that order",
        arguments: TestStore.engines)
    func shared(engine: Engine) async throws {
        let seed = Self.seed()
        let books = try await Books.open(engine)
        let accepted = Shared<[(Posting, ID<StoredPosting>)]>([])
        let accounts = try World(0, seed: seed).accounts
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<16 {
                group.addTask {
                    var world = try World(0, seed: seed &+ UInt64(worker))
                    for step in 0..<25 {
                        let asked = world.next(step, books)
                        let posting = Posting(
                            asked.act, on: Day(number: 20_500), "", key: "\(worker).\(step)", origin: books.origin)
                        do {
                            let stored = try await books.desk.post(posting)
                            world.ids.append(stored.id)
                            accepted.change { $0.append((posting, stored.id)) }
                        } catch is LedgerError {}
                    }
                }
            }
            try await group.waitForAll()
        }
        var model = Model(caps: [:])
        let order = accepted.now.sorted { $0.1.text < $1.1.text }
        #expect(order.count > 50)
        for (posting, id) in order {
            #expect(model.refusal(posting) == nil, "\(posting.act); seed \(seed)")
            model.add(posting, as: id)
        }
        for account in accounts { #expect(try await books.balance(account).fen == model.balance(account)) }
        #expect(try await books.faults() == [])
    }
}
