import Kernel
import Review
import Store

/// The assignment by affinity of a call as it stands: being tried, fixed, or run.
struct CallPlan: Sendable {
    let matter: CallReview.Matter
    let round: Round?
    /// The fixed plan, where one is fixed and it is no draw.
    let plan: AssignmentPlan?
    /// As it was run, once experts are invited.
    let ran: AssignmentProtocol?
    let applications: [ApplicationID: Application]

    static func load(_ id: ID<Call>, _ funding: Funding) async throws -> CallPlan {
        let city = funding.cityDigits
        return try await funding.house.db.read { tx in
            let matter = try funding.review.matter(id, city: city, tx)
            let round = try RoundStore.find(subject: id.text, tx)
            let isOurs = round.map { $0.mode != .draw } ?? false
            let ran: AssignmentProtocol? =
                isOurs ? try round.flatMap { try RoundStore.drawProtocol($0.id, tx) }?.decode() : nil
            let plan = isOurs ? try round.flatMap { try RoundStore.assignmentPlan($0.id, tx) } : nil
            let items = plan?.items.map(\.item) ?? matter.items.map(\.0.item)
            return CallPlan(
                matter: matter, round: round, plan: plan, ran: ran, applications: try ApplicationStore.all(items, tx))
        }
    }

    /// What the fixed plan gives: as it was run, else without a seed, which in random mode is one sample only.
    func outcome() throws -> AssignmentProtocol? {
        if let ran { return ran }
        return try plan.map { try AssignmentProtocol($0, seed: "") }
    }

    var names: AssignmentView.Names {
        AssignmentView.Names(
            items: applications.mapValues(\.number),
            experts: Dictionary(
                matter.experts.map { ($0.0.id, "\($0.0.name) · \($0.0.organisationName)") },
                uniquingKeysWith: { first, _ in first }))
    }

    /// What joins the items of some results with their experts.
    func explain(_ shown: some Sequence<AssignmentProtocol.Result>) -> [ApplicationID: [ExplainedPair]] {
        ReviewActions.explain(
            shown,
            items: Dictionary(matter.items.map { ($0.0.item, $0.1) }, uniquingKeysWith: { first, _ in first }),
            experts: Dictionary(matter.experts.map { ($0.0.id, $0.2) }, uniquingKeysWith: { first, _ in first }))
    }
}

extension Funding {
    /// The digits of credit codes that are this city's.
    var cityDigits: String { String(house.city.districts.first?.code.prefix(4) ?? "") }
}
