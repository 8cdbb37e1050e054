package import Funding
package import Kernel
package import Review
package import Store
import Treasury

@testable import Bureau

/// The later steps of a round, as the people of the demonstration city do them.
extension TestHouse {
    package var funding: Funding { services.funding }

    /// A house with a call that has closed, and one application under it that has passed the formal check.
    package static func closed(_ engine: Engine) async throws -> (house: TestHouse, call: Call, item: Application) {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        return (house, call, try await house.checked(call)[0])
    }

    /// Brings applications to the end of the formal check and the call past its closing day.
    package func checked(_ call: Call, count: Int = 1) async throws -> [Application] {
        let officer = try await actor("officer")
        var items: [Application] = []
        for number in 1...count {
            items.append(try await accepted(try await submit(number, call: call), by: officer))
        }
        move(days: call.closesOn.number - house.today.number + 1)
        return items
    }

    /// Accepts an application. One applicant files them all, so that the limits on applications speak.
    package func accepted(_ item: Application, by officer: Actor) async throws -> Application {
        for finding in try await house.db.read({ tx in try FindingStore.list(of: item.id, tx) }) {
            try await funding.findings.settle(finding.id, as: .overridden, reason: "测试", by: officer)
        }
        try await act(item.id, "accept", officer)
        return item
    }

    /// Fixes the plan and draws.
    package func draw(_ call: Call, days: Int = 14) async throws -> Round {
        let officer = try await actor("officer")
        let round = try await funding.review.open(
            call.id, load: 15, dueOn: house.today.adding(days: days), by: officer)
        try await funding.review.draw(call.id, seed: "public chance", by: officer)
        return round
    }

    package func assignments(_ round: Round) async throws -> [Assignment] {
        try await house.db.read { tx in try RoundStore.assignments(round.id, tx) }
    }

    /// The actor of an expert.
    package func actor(_ expert: ID<Expert>) async throws -> Actor {
        let found = try await house.db.read { tx -> Actor? in
            guard let one = try ExpertStore.all([expert], tx)[expert] else { return nil }
            return try AccountStore.find(one.account, tx).map { try AccountStore.actor($0, tx) }
        }
        guard let found else { throw AccessError.unknownAccount }
        return found
    }

    /// What an expert fills in.
    package static func sheet(
        _ score: Int, comment: String = "选题有新意，技术路线可行，建议资助。"
    ) -> @Sendable (String) -> [String] {
        { name in
            switch name {
            case "verdict": ["fund"]
            case "comment": [comment]
            default: [String(score)]
            }
        }
    }

    /// Accepts, fills in and submits every sheet that is still open.
    package func judge(_ round: Round) async throws {
        try await judge(round) { _ in TestHouse.sheet(85) }
    }

    /// The same with what is written into each.
    package func judge(_ round: Round, as sheet: (Assignment) -> @Sendable (String) -> [String]) async throws {
        for one in try await assignments(round) where [.invited, .accepted].contains(one.state) {
            let expert = try await actor(one.expert)
            if one.state == .invited { try await funding.sheets.accept(one.id, by: expert) }
            _ = try await funding.sheets.save(one.id, values: sheet(one), expecting: one.revision, by: expert)
            try await funding.sheets.submit(one.id, by: expert)
        }
    }

    /// Closes the review and proposes by the line.
    package func proposed(_ call: Call, count: Int = 1) async throws -> Decision {
        _ = try await checked(call, count: count)
        let round = try await draw(call)
        try await judge(round)
        let officer = try await actor("officer")
        try await funding.review.close(call.id, by: officer)
        return try await funding.proposeLine(
            call.id, method: .fitting, floor: 60, share: 100, reasons: "按评审排序", by: officer)
    }

    /// Decides and waits for the end of the publicity.
    package func effective(_ call: Call, count: Int = 1) async throws -> Decision {
        let decision = try await proposed(call, count: count)
        _ = try await funding.decisions.approve(decision.id, reason: "同意", by: try await actor("leader"))
        move(days: 15)
        return try await funding.decisions.takeEffect(decision.id, by: try await actor("officer"))
    }

    /// A project whose contract is signed.
    package func running(_ call: Call) async throws -> Project {
        _ = try await effective(call)
        return try await signed()
    }

    /// The first project with its contract written, confirmed and signed.
    package func signed() async throws -> Project {
        let found = try await house.db.read { tx in try ProjectStore.list(ProjectFilter(), limit: 1, tx).first }
        guard let project = found else { throw ProjectError.unknown }
        let applicant = try await actor("applicant")
        let yuan = { (fen: Int64) in Money(fen: fen).yuanText }
        let fen = project.amount.fen
        let values = [
            "starts-on": house.today.description, "term-months": "24", "amount": yuan(fen),
            "indicators.0.name": "论文", "indicators.0.target": "5 篇", "indicators.0.evidence": "检索证明",
            "budget.operations.amount": yuan(fen - fen / 5), "budget.indirect.amount": yuan(fen / 5),
        ]
        let saved = try await house.db.read { tx in try CaseStore.answers(project.id, tx).revision }
        _ = try await funding.projects.save(
            project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: saved, by: applicant)
        try await act(project.id, "submit-contract", applicant)
        try await act(project.id, "confirm", try await actor("officer"))
        try await act(project.id, "sign", try await actor("leader"))
        return try await house.db.read { tx in try ProjectStore.require(project.id, tx) }
    }

    /// Orders a tranche, checks it, and lets the bank pay it.
    package func pay(_ tranche: Tranche) async throws {
        _ = try await funding.tranches.order(tranche.id, note: "", by: try await actor("officer"))
        try await checkAndPay(tranche)
    }

    /// Checks an ordered tranche, and lets the bank pay it.
    package func checkAndPay(_ tranche: Tranche) async throws {
        let treasurer = try await actor("treasurer")
        _ = try await funding.tranches.confirm(tranche.id, by: treasurer)
        _ = try await PretendBank(treasury: services.treasury, treasurer: treasurer).pay()
    }

    package func tranches(_ project: Project) async throws -> [Tranche] {
        try await house.db.read { tx in try TrancheStore.list(project: project.id, tx) }
    }
}
