import Kernel
import Store

/// What time does to decisions: a bar whose last day has passed ends its case and its entry.
struct IntegrityJobs: Sendable {
    let house: House

    func run() async throws {
        try await Reports.carryOver(house)
        try await Watch(house: house).run()
        try await end()
    }

    private func end() async throws {
        let (today, now) = (house.today, house.clock.now())
        let files = try await house.db.read { tx in try Worklist.at("integrity.case", "in-force", limit: 2_000, tx) }
        for file in files {
            try await house.db.write { tx in
                let bars = try Bars.imposed(by: file.id, tx)
                guard bars.allSatisfy({ !$0.isInForce(on: today) && $0.from <= today }),
                    try CaseStore.require(file.id, tx).step == "in-force"
                else { return }
                try house.procedures.act(file.id, "end", as: .system, at: now, in: tx)
                guard let entry = try RegisterStore.entries(of: file.id, tx).last, entry.state == "in-force" else {
                    return
                }
                try RegisterStore.setState(
                    entry, of: try house.registers.require("integrity.sanctions"), "ended",
                    RegisterAct(
                        by: .system, reason: Bilingual("限制期满", "The bar has ended"), caseID: file.id, at: now, on: today
                    ), tx)
            }
        }
    }
}
