public import Kernel
public import Store

/// What a duty knows of cases and experts when conflicts are looked for: each case with the experts' facts.
public typealias MeetingFacts =
    @Sendable (_ cases: [CaseFile], _ experts: Set<ID<Expert>>, _ day: Day, _ tx: Tx) throws -> [(
        item: ItemFacts, experts: [ExpertFacts]
    )]

/// Who has to keep out of an item, found anew whenever a meeting asks.
struct MeetingConflicts: Sendable {
    /// By procedure.
    let facts: [String: MeetingFacts]
    let windows: ConflictWindows

    /// Why each member has to keep out of an item with these cases; those who need not are not listed.
    func find(
        _ cases: [ID<CaseFile>], _ members: [MeetingMember], on day: Day, _ tx: Tx
    ) throws -> [ID<Account>: Bilingual] {
        let experts = try ExpertStore.all(members.map(\.expert), tx)
        let files = try cases.compactMap { try CaseStore.find($0, tx) }
        var found: [ID<Account>: [Bilingual]] = [:]
        for file in files {
            for (account, reason) in try PanelConflicts.reasons(Array(experts.values), file, on: day, windows, tx) {
                found[account, default: []].append(reason.toldText)
            }
        }
        let known = try PoolConflicts.facts(Array(experts.keys), on: day, tx)
        let accounts = Dictionary(members.map { ($0.expert, $0.account) }, uniquingKeysWith: { first, _ in first })
        for (procedure, group) in Dictionary(grouping: files, by: \.procedure) {
            guard let ask = facts[procedure] else { continue }
            for (item, told) in try ask(group, Set(experts.keys), day, tx) {
                let parents = try Registry.ancestors(of: Array(item.allOrganisations), on: day, tx)
                for one in told {
                    guard let account = accounts[one.expert] else { continue }
                    let pool = known[one.expert]
                    let whole = item.knowing(parents: parents)
                    let all =
                        Conflicts.between(expert: one, item: whole, on: day, windows)
                        + (pool.map { Conflicts.between(expert: $0, item: whole, on: day, windows) } ?? [])
                    found[account, default: []] += all.map(\.toldText)
                }
            }
        }
        return found.compactMapValues { reasons in
            var seen: Set<Bilingual> = []
            let own = reasons.filter { seen.insert($0).inserted }
            guard !own.isEmpty else { return nil }
            return Bilingual(own.map(\.zh).joined(separator: "；"), own.map(\.en).joined(separator: "; "))
        }
    }
}
