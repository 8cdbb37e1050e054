import Kernel
import Store

/// What time does to permits: timely extensions that were not decided count as granted, and permits end by themselves.
struct PermitJobs: Sendable {
    let house: House

    func run() async throws {
        try await deemExtensions()
        try await endPermits()
    }

    /// 行政许可法 50: without a decision before the permit ends, a timely extension is deemed granted.
    private func deemExtensions() async throws {
        let (today, now) = (house.today, house.clock.now())
        let late = try await house.db.read { tx in try FilingStore.overdue(on: today, limit: 500, tx) }
        for filing in late {
            do {
                try await house.db.write { tx in
                    let file = try CaseStore.require(filing.caseID, tx)
                    _ = try house.procedures.act(
                        filing.caseID, "deem-extend", revision: file.revision, as: .system, at: now, in: tx)
                }
            } catch ProcedureError.stale, ProcedureError.unknownAction {
                // Somebody decided in between.
                continue
            }
        }
    }

    /// A permit that was not extended ends by itself; no certificate is issued.
    private func endPermits() async throws {
        let (today, now) = (house.today, house.clock.now())
        try await house.db.write { tx in
            for var permit in try PermitStore.over(before: today, limit: 200, tx) {
                permit.state = .expired
                permit.closedOn = permit.endsOn
                permit.closedFor = "expired"
                try PermitStore.change(
                    permit, as: .expired, ["to": .string(permit.endsOn.description)], case: nil, by: .system,
                    on: today, at: now, tx)
            }
        }
    }
}
