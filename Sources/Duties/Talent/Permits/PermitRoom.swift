import Kernel
import Portal
import Store

/// The part of the Talent room that runs work permits.
struct PermitRoom: Sendable {
    let house: House
    let filings: FilingActions
    let findings: FindingActions

    /// The steps at which findings are made.
    private static let checking: [String: Set<String>] = Dictionary(
        uniqueKeysWithValues: FilingKind.allCases.map { ($0.rawValue, ["pre-review", "unmended", "decision"]) })

    init(_ house: House) {
        self.house = house
        filings = FilingActions(house)
        findings = FindingActions(
            db: house.db, clock: house.clock, procedures: house.procedures, permission: .checkPermits,
            steps: PermitRoom.checking)
    }

    var findingDesk: FindingDesk {
        FindingDesk(findings, base: "/desk/permits", name: "desk.permits", roles: [.officer, .leader])
    }

    var routes: [Route] {
        EmployerPages(permits: self).routes + FilingPages(permits: self).routes + PermitPages(permits: self).routes
            + PermitDesk(permits: self).routes + findingDesk.routes + PermitAPI(permits: self).routes
    }

    var panels: [String: CasePanel] {
        let panel = FilingPanel(permits: self).panel
        return Dictionary(uniqueKeysWithValues: FilingKind.allCases.map { ($0.rawValue, panel) })
    }
}
