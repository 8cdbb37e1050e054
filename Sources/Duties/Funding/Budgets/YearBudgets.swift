import Kernel
import Ledger
import Store

/// What the programmes of a budget year have, and what of it was granted for that year.
struct YearBudgets: Sendable {
    let year: Int
    let programmes: [ProgrammeBalance]
    /// What each programme has of each source but the city, by code of the programme.
    let outside: [String: [BudgetSource: Money]]
    let ends: YearEndMoves

    /// Reads them in a constant number of queries.
    static func of(year: Int, _ tx: Tx) throws -> YearBudgets {
        YearBudgets(
            year: year, programmes: try ProgrammeStore.balances(year: year, tx),
            outside: try BudgetStore.outside(year: year, tx), ends: try YearEndMoves.of(year: year, tx))
    }

    /// What a programme has from the year before.
    func carried(_ programme: Programme) -> Money { ends.carried(into: .budget(programme.code, year: year)) }

    /// What left a programme at the end of the year.
    func settled(_ programme: Programme) -> Money { ends.settled(from: .budget(programme.code, year: year)) }

    /// The city's own money of the year and what of it goes to basic research, after a paper where one is given. Money
    /// counts in the year for which it was granted, whether or not its end moved it on.
    func share(with paper: BudgetPaper? = nil) -> BudgetShareFacts {
        var (total, basic) = (Money.zero, Money.zero)
        for balance in programmes {
            let programme = balance.programme
            let granted = balance.budget - carried(programme) + settled(programme)
            let others = Money.sum((outside[programme.code] ?? [:]).values)
            let changes = (paper?.lines ?? []).filter { $0.programme == programme.code && $0.source == .municipal }
            let own = granted - others + Money.sum(changes.map(\.change))
            total = total + own
            if BudgetShareRule.kinds.contains(programme.kind) { basic = basic + own }
        }
        return BudgetShareFacts(total: total, basic: basic)
    }
}

/// What a source granted for a budget year, and where it went: granted + carried = given + settled + left.
struct BudgetGrant: Sendable {
    let source: BudgetSource
    /// The appropriation of the year.
    let account: LedgerAccount
    /// Granted for the year, cuts taken off.
    let granted: Money
    /// Not given out in the year before, and carried over.
    let carried: Money
    /// Not given out, and gone at the year's end.
    let settled: Money
    /// Not given out yet.
    let left: Money

    /// Given to programmes, what they gave back taken off.
    var given: Money { granted + carried - settled - left }

    /// The sources that granted anything for the year, in one query.
    static func list(year: Int, _ ends: YearEndMoves, _ tx: Tx) throws -> [BudgetGrant] {
        let pairs = BudgetSource.allCases.map { source in
            (
                source: source, from: LedgerAccount.source(source.rawValue, year: year),
                account: LedgerAccount.appropriation(source.rawValue, year: year)
            )
        }
        let held = try Balances.all(pairs.flatMap { [$0.from, $0.account] }, tx)
        return pairs.compactMap { pair in
            guard let appropriation = held[pair.account] else { return nil }
            return BudgetGrant(
                source: pair.source, account: pair.account,
                granted: Money.zero - (held[pair.from]?.balance ?? .zero), carried: ends.carried(into: pair.account),
                settled: ends.settled(from: pair.account), left: appropriation.balance)
        }
    }
}
