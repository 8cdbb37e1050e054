import Funding
import Kernel
import Ledger
import Store

extension DemonstrationCity {
    /// Closes a month of last year and proposes to close the next, so that the pages on closing have something to show.
    /// The board's parts are added up as the house does by itself.
    func closeMonths() async throws {
        let house = services.house
        let (now, today) = (house.clock.now(), house.today)
        let year = today.parts.year
        guard let november = Day(year: year - 1, month: 11, day: 1),
            let december = Day(year: year - 1, month: 12, day: 1)
        else { return }
        let (treasurer, leader) = try await house.db.read { tx in
            let found = try ["treasurer", "leader"].map { try AccountStore.find(login: $0, tx) }
            return (
                try found[0].map { try AccountStore.actor($0, tx) }, try found[1].map { try AccountStore.actor($0, tx) }
            )
        }
        guard let treasurer, let leader else { return }
        try await house.db.write { tx in
            try Periods.propose(
                closing: true, Month(november), reason: "核对无误", by: treasurer, on: today, at: now, tx)
            try Periods.decide(Month(november), approve: true, by: leader, at: now, tx)
            try Periods.propose(
                closing: true, Month(december), reason: "年终对账完成", by: treasurer, on: today, at: now, tx)
        }
        try await services.funding.tick()
    }
}
