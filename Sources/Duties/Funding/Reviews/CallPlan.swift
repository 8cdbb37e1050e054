import Kernel
import Review
import Store

/// The assignment by affinity of a call as it stands: being tried, fixed, or run.
struct CallPlan: Sendable {
    let matter: CallReview.Matter
    let round: Round?
    /// What is fixed, where a plan is fixed and it is no draw.
    let kept: KeptPlan?
    let applications: [ApplicationID: Application]
    /// Experts of the fixed plan who could not be chosen today: they left the pool, or do not read the call any more.
    let former: [ID<Expert>: Expert]
    /// What the officer names in the conditions.
    let named: CallReview.Named
    let home: HomeCity

    /// As it was run, once experts are invited.
    var ran: AssignmentProtocol? { kept?.ran }

    /// - Parameters:
    ///   - items: numbers of applications that the officer names.
    ///   - experts: logins of experts that the officer names.
    static func load(
        _ id: ID<Call>, _ funding: Funding, items numbers: [String] = [], experts logins: [String] = []
    ) async throws -> CallPlan {
        let home = HomeCity(digits: funding.cityDigits, name: funding.house.city.name)
        return try await funding.house.db.read { tx in
            let matter = try funding.review.matter(id, city: home.digits, tx)
            let round = try RoundStore.find(subject: id.text, tx)
            let isOurs = round.map { $0.mode != .draw } ?? false
            let kept = isOurs ? try round.flatMap { try RoundStore.keptPlan($0.id, tx) } : nil
            let items = kept?.plan.items.map(\.item) ?? matter.items.map(\.0.item)
            let present = Set(matter.experts.map(\.0.id))
            let gone = (kept?.plan.experts ?? []).map(\.expert).filter { !present.contains($0) }
            return CallPlan(
                matter: matter, round: round, kept: kept, applications: try ApplicationStore.all(items, tx),
                former: try ExpertStore.all(gone, tx),
                named: try CallReview.named(items: numbers, experts: logins, in: id, tx), home: home)
        }
    }

    /// What the fixed plan gives: as it was run, else without a seed, which in the random modes is one sample only.
    func outcome() throws -> AssignmentProtocol? {
        if let ran { return ran }
        return try kept.map { try AssignmentProtocol($0.plan, seed: "") }
    }

    var names: AssignmentView.Names {
        AssignmentView.Names(
            items: applications.mapValues(\.number),
            experts: Dictionary(
                matter.experts.map { ($0.0.id, $0.0.introduced) }, uniquingKeysWith: { first, _ in first }
            ).merging(former.mapValues(\.introduced)) { present, _ in present },
            home: home)
    }

    /// What joins the items of some results with their experts.
    func explain(_ shown: some Sequence<AssignmentProtocol.Result>) -> [ApplicationID: [ExplainedPair]] {
        ReviewActions.explain(
            shown,
            items: Dictionary(matter.items.map { ($0.0.item, $0.1) }, uniquingKeysWith: { first, _ in first }),
            experts: Dictionary(matter.experts.map { ($0.0.id, $0.2) }, uniquingKeysWith: { first, _ in first }))
    }
}

/// The bureau's own city, as quotas name it.
struct HomeCity: Sendable {
    /// First four digits of its divisions.
    let digits: String
    let name: Bilingual
}

extension Funding {
    /// The digits of credit codes that are this city's.
    var cityDigits: String { String(house.city.districts.first?.code.prefix(4) ?? "") }
}
