public import Kernel
public import Store
internal import Synchronization

/// A fixed assignment by affinity, as it is kept.
public struct KeptPlan: Sendable {
    /// Whether it is the published one shows by its hash.
    public let plan: AssignmentPlan
    /// As it was run, once experts are invited.
    public let ran: AssignmentProtocol?
    /// Why pairs were chosen beforehand.
    public let reasons: [PairReason]
}

/// A quota that a replacement has to keep, too.
struct KeptQuota: Codable, Hashable, Sendable {
    let least: Int
    let most: Int
    /// It counts on the items of this field; nil for all.
    let field: String?
    let experts: Set<ID<Expert>>

    /// The quotas of a plan.
    static func all(_ plan: AssignmentPlan, _ items: [ItemFacts]) -> [KeptQuota] {
        let fields = Dictionary(items.map { ($0.item, $0.field) }, uniquingKeysWith: { first, _ in first })
        return (plan.groups ?? []).map { group in
            let range = plan.options.quotas[group.quota].range(of: plan.options.seats)
            return KeptQuota(
                least: range.lowerBound, most: range.upperBound,
                field: group.items.map { $0.first.flatMap { fields[plan.items[$0].item] } ?? "" },
                experts: Set(group.experts.map { plan.experts[$0].expert }))
        }
    }

    /// Who of some experts may join those who stay on an item: nobody who takes a quota beyond its most, and where as
    /// many are still wanted as there are seats, only whoever is among the wanted.
    /// - Parameter free: seats that are empty before one of them joins.
    static func fitting(
        _ experts: Set<ID<Expert>>, beside staying: [ID<Expert>], free: Int, _ quotas: [KeptQuota]
    ) -> Set<ID<Expert>> {
        guard !quotas.isEmpty else { return experts }
        let before = wanted(quotas, staying)
        let bound = max(free - 1, before - 1, 0)
        return experts.filter { expert in
            let together = staying + [expert]
            let isFull = quotas.contains { quota in
                quota.experts.contains(expert) && together.count(where: { quota.experts.contains($0) }) > quota.most
            }
            return !isFull && wanted(quotas, together) <= bound
        }
    }

    /// How many more experts are wanted at least: of groups that lie in each other the larger wish counts.
    private static func wanted(_ quotas: [KeptQuota], _ held: [ID<Expert>]) -> Int {
        // The smaller first, so that what is wanted inside a group is known when the group itself is looked at.
        let sorted = quotas.filter { $0.least > 0 }.sorted { $0.experts.count < $1.experts.count }
        var needs = sorted.map { quota in
            max(0, quota.least - held.count(where: { quota.experts.contains($0) }))
        }
        var isInside = sorted.map { _ in false }
        for (place, quota) in sorted.enumerated() {
            let inner = (0..<place).filter { !isInside[$0] && sorted[$0].experts.isSubset(of: quota.experts) }
            needs[place] = max(needs[place], inner.reduce(0) { $0 + needs[$1] })
            for one in inner { isInside[one] = true }
        }
        return zip(needs, isInside).reduce(0) { $0 + ($1.1 ? 0 : $1.0) }
    }
}

extension RoundStore {
    /// The fixed assignment by affinity of a round in one query; nil where nothing is kept.
    public static func keptPlan(_ id: ID<Round>, _ tx: Tx) throws -> KeptPlan? {
        try tx.first("SELECT plan, protocol, reasons FROM review_draw WHERE round = \(id)") { row in
            let plan: JSONValue = try row["plan"]
            let ran: JSONValue? = try row["protocol"]
            let reasons: JSONValue? = try row["reasons"]
            return KeptPlan(plan: try plan.decode(), ran: try ran?.decode(), reasons: try reasons?.decode() ?? [])
        }
    }

    /// The quotas of a round that a replacement keeps.
    static func quotas(_ id: ID<Round>, _ tx: Tx) throws -> [KeptQuota] {
        let json: JSONValue? =
            try tx.first("SELECT quotas FROM review_draw WHERE round = \(id)") {
                try $0["quotas"] as JSONValue?
            } ?? nil
        return try json?.decode() ?? []
    }
}

/// Keeps the quotas of the rounds in which experts were replaced last: they name every expert of each group, are fixed
/// with the plan, and a day's care of a large round replaces hundreds.
final class QuotaCache: Sendable {
    private struct Entry {
        let round: ID<Round>
        let quotas: [KeptQuota]
    }

    private static let most = 4
    private let kept = Mutex<[Entry]>([])

    /// The quotas of a round that a replacement keeps on items of a field; a query where they are not known yet.
    func of(_ round: ID<Round>, on field: String, _ tx: Tx) throws -> [KeptQuota] {
        let known = kept.withLock { entries in entries.first { $0.round == round }?.quotas }
        let quotas = try known ?? read(round, tx)
        return quotas.filter { $0.field.map { $0 == field } ?? true }
    }

    private func read(_ round: ID<Round>, _ tx: Tx) throws -> [KeptQuota] {
        let quotas = try RoundStore.quotas(round, tx)
        kept.withLock { entries in
            entries.insert(Entry(round: round, quotas: quotas), at: 0)
            if entries.count > QuotaCache.most { entries.removeLast() }
        }
        return quotas
    }
}
