/// Quotas of one scope as a forest: each group with the smallest one that holds it.
struct QuotaTree {
    let quotas: [Quota]
    /// The group above each group, and the innermost group of each expert; -1 for none.
    private(set) var parent: [Int]
    private(set) var innermost: [Int]

    /// How many groups with a least hold one and the same expert at most.
    var wantedDepth: Int {
        var depth = [Int](repeating: 0, count: quotas.count)
        // Outer groups have smaller numbers.
        for (group, quota) in quotas.enumerated() {
            depth[group] = (parent[group] >= 0 ? depth[parent[group]] : 0) + (quota.seats.lowerBound > 0 ? 1 : 0)
        }
        return depth.max() ?? 0
    }

    /// - Throws: ``AssignmentError/crossing(_:_:)``, or ``AssignmentError/range(_:)`` for unknown experts and for seats
    ///   beyond what is counted.
    init(_ all: [Quota], _ scope: Quota.Scope, experts: Int) throws(AssignmentError) {
        var groups = all.filter { $0.scope == scope }.map {
            Quota($0.name, experts: Set($0.experts).sorted(), scope: scope, seats: $0.seats)
        }
        for quota in groups {
            let isKnown = quota.experts.allSatisfy { (0..<experts).contains($0) }
            guard isKnown, quota.seats.lowerBound >= 0, quota.seats.upperBound <= 1_000_000 else {
                throw .range("the group \(quota.name)")
            }
        }
        groups.sort { (-$0.experts.count, $0.name) < (-$1.experts.count, $1.name) }
        quotas = groups
        parent = Array(repeating: -1, count: groups.count)
        innermost = Array(repeating: -1, count: experts)
        for (index, quota) in groups.enumerated() {
            guard let first = quota.experts.first else { continue }
            parent[index] = innermost[first]
            // Larger groups come first: all members must lie in the same one so far.
            if let stranger = quota.experts.first(where: { innermost[$0] != innermost[first] }) {
                let other = max(innermost[stranger], innermost[first])
                throw .crossing(groups[other].name, quota.name)
            }
            for expert in quota.experts { innermost[expert] = index }
        }
    }
}

/// The quotas on single applications. Where some count on a few applications only, each application has the forest of
/// those that count on it: groups that never meet may cross.
struct ApplicationQuotas {
    private var trees: [QuotaTree] = []
    /// The tree of each application; empty where one serves all.
    private var places: [Int] = []

    /// - Throws: as ``QuotaTree``.
    init(_ quotas: [Quota], experts: Int, applications: Int) throws(AssignmentError) {
        let some = quotas.indices.filter { quotas[$0].scope == .eachApplication && quotas[$0].applications != nil }
        guard !some.isEmpty else {
            trees = [try QuotaTree(quotas, .eachApplication, experts: experts)]
            return
        }
        let others = quotas.filter { $0.applications == nil }
        var known: [[Int]: Int] = [:]
        for application in 0..<applications {
            let own = some.filter { quotas[$0].counts(on: application) }
            if let place = known[own] {
                places.append(place)
                continue
            }
            known[own] = trees.count
            places.append(trees.count)
            trees.append(try QuotaTree(others + own.map { quotas[$0] }, .eachApplication, experts: experts))
        }
    }

    /// As ``QuotaTree/wantedDepth``, on any application.
    var wantedDepth: Int { trees.reduce(0) { max($0, $1.wantedDepth) } }

    subscript(_ application: Int) -> QuotaTree { trees[places.isEmpty ? 0 : places[application]] }
}
