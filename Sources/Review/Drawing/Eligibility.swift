public import Kernel

/// Who may judge each item of a round, told by groups of experts and those of a group who may not: a national round has
/// too many pairs to write them down.
public struct Eligibility: Sendable {
    /// One item: the place of its group, and who of it may not judge it.
    public struct Item: Sendable {
        public let item: ID<CaseFile>
        public let group: Int
        public let except: Set<ID<Expert>>
    }

    public let groups: [[ID<Expert>]]
    public let items: [Item]

    public init(groups: [[ID<Expert>]], items: [Item]) {
        self.groups = groups
        self.items = items
    }

    /// How many pairs are allowed.
    public var pairs: Int { items.reduce(0) { $0 + groups[$1.group].count - $1.except.count } }

    /// Everybody who may judge each item.
    public var lists: [ID<CaseFile>: [ID<Expert>]] {
        Dictionary(
            items.map { one in (one.item, groups[one.group].filter { !one.except.contains($0) }) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The experts of each item's field to whom work may be given, without any conflict.
    /// - Parameters:
    ///   - due: the last day of the work, where it is known; see ``Expert/isAvailable(on:through:)``.
    ///   - conflicts: what stands between experts and items; expert by expert.
    ///   - neighbours: whether experts of every field of the same class may judge.
    public init(
        _ items: [ItemFacts], _ experts: [Expert], on day: Day, through due: Day? = nil,
        without conflicts: [ID<Expert>: [ConflictFinding]], neighbours: Bool = false
    ) {
        func key(_ field: String) -> String { neighbours ? Eligibility.kind(of: field) : field }
        var except: [ID<CaseFile>: Set<ID<Expert>>] = [:]
        var out: Set<ID<Expert>> = []
        for (expert, found) in conflicts {
            for one in found {
                if let item = one.item { except[item, default: []].insert(expert) } else { out.insert(expert) }
            }
        }
        let able = experts.filter { $0.isAvailable(on: day, through: due) && !out.contains($0.id) }
        var fields: [String: [ID<Expert>]] = ["": able.map(\.id)]
        for expert in able {
            for name in Set(expert.fields.map(key)) where !name.isEmpty { fields[name, default: []].append(expert.id) }
        }
        let names = fields.keys.sorted()
        let members = names.map { Set(fields[$0] ?? []) }
        let place = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var groups = names.map { fields[$0] ?? [] }
        var nobody: Int?
        self.items = items.map { item in
            guard let group = place[key(item.field)] else {
                let empty = nobody ?? groups.count
                if nobody == nil { groups.append([]) }
                nobody = empty
                return Item(item: item.item, group: empty, except: [])
            }
            return Item(
                item: item.item, group: group,
                except: (except[item.item] ?? []).filter { members[group].contains($0) })
        }
        self.groups = groups
    }

    /// The class (门类) of GB/T 13745 to which a discipline belongs, by its first digit: natural sciences 1, agriculture
    /// 2, medicine 3, engineering 4 to 6, the humanities and social sciences 7 to 9; other codes stand by themselves.
    static func kind(of field: String) -> String {
        switch field.prefix(1) {
        case "1", "2", "3": String(field.prefix(1))
        case "4", "5", "6": "4"
        case "7", "8", "9": "7"
        default: field
        }
    }
}
