public import Kernel

/// One conflict with what is behind it.
public struct ConflictFinding: Hashable, Sendable {
    public let expert: ID<Expert>
    /// nil where the expert may judge no item of the round.
    public let item: ID<CaseFile>?
    public let kind: Conflict
    /// The person, organisation or item that joins the two.
    public let subject: String
    /// From when and until when it counts, as far as that is known.
    public let from: Day?
    public let until: Day?
    public let source: Source
    /// In words where it was declared or imported; else empty.
    public let note: String
    /// Account of whoever declared or recorded it; empty where it was computed.
    public let author: String

    /// Where the fact behind a conflict is kept.
    public enum Source: String, Codable, Hashable, Sendable, CaseIterable {
        case registry, pool, round, declared, bars, applicant, books, protected

        public var text: Bilingual {
            switch self {
            case .registry: Bilingual("主体登记库", "Register of people and organisations")
            case .pool: Bilingual("专家库", "Expert pool")
            case .round: Bilingual("本批次申报和在研项目", "Applications and projects known to the round")
            case .declared: Bilingual("申报或登记的关系", "Declared or recorded relation")
            case .bars: Bilingual("限制措施名单", "List of bars")
            case .applicant: Bilingual("申请人提名", "Named by the applicant")
            case .books: Bilingual("本市账簿和合同", "The city's books and contracts")
            case .protected: Bilingual("受保护的事实", "Protected fact")
            }
        }
    }
}

/// Finds the conflicts of a whole pool with all items of a round: items are numbered and listed under everybody who
/// takes part, so that an expert costs what he or she is tied to, not what the round holds.
public struct ConflictEngine: Sendable {
    /// What a person or an organisation is to an item.
    public enum Role: String, Codable, Hashable, Sendable, CaseIterable {
        case person, organisation, parent
    }

    /// Who takes part in which item.
    public struct Party: Hashable, Sendable {
        public let item: ID<CaseFile>
        public let role: Role
        public let subject: String
    }

    private var items: [ID<CaseFile>] = []
    private var numbers: [ID<CaseFile>: Int32] = [:]
    private var people: [String: [Int32]] = [:]
    private var organisations: [String: [Int32]] = [:]
    private var parents: [String: [Int32]] = [:]
    private let day: Day
    private let windows: ConflictWindows

    public init(_ parties: some Sequence<Party>, on day: Day, _ windows: ConflictWindows) {
        self.day = day
        self.windows = windows
        for party in parties { add(party) }
    }

    public init(_ items: [ItemFacts], on day: Day, _ windows: ConflictWindows) {
        self.init(items.lazy.flatMap(ConflictEngine.parties), on: day, windows)
    }

    /// Everybody who takes part in an item.
    public static func parties(_ item: ItemFacts) -> [Party] {
        item.allPeople.map { Party(item: item.item, role: .person, subject: $0.text) }
            + item.allOrganisations.map { Party(item: item.item, role: .organisation, subject: $0.text) }
            + (item.parents ?? []).map { Party(item: item.item, role: .parent, subject: $0.text) }
    }

    private mutating func add(_ party: Party) {
        let number = numbers[party.item] ?? Int32(items.count)
        if Int(number) == items.count {
            numbers[party.item] = number
            items.append(party.item)
        }
        switch party.role {
        case .person: ConflictEngine.list(number, &people[party.subject, default: []])
        case .organisation: ConflictEngine.list(number, &organisations[party.subject, default: []])
        case .parent: ConflictEngine.list(number, &parents[party.subject, default: []])
        }
    }

    /// Once, as the parties of an item come together.
    private static func list(_ number: Int32, _ list: inout [Int32]) {
        if list.last != number { list.append(number) }
    }

    /// Everything that stands between an expert and items of the round, by item and kind.
    public func findings(of expert: ExpertFacts) -> [ConflictFinding] {
        var list = FindingList(expert: expert.expert)
        if expert.appliesInRound { list.add(nil, .sameRound, source: .round) }
        if expert.isBarred { list.add(nil, .barred, source: .bars) }
        for person in expert.people {
            list.add(these(people[person.text]), .isApplicant, person.text, source: .registry)
        }
        work(expert, &list)
        for person in expert.collaborators {
            list.add(these(people[person.text]), .sharedProject, person.text, source: .round)
        }
        for subject in expert.declared {
            list.add(these(people[subject]), .declared, subject, source: .declared)
            list.add(these(organisations[subject]), .declared, subject, source: .declared)
        }
        for tie in expert.ties {
            // Most ties lead to nobody in the round; the calendar is asked only about the others.
            let found = these(people[tie.subject]) + these(organisations[tie.subject])
            guard !found.isEmpty, tie.counts(on: day, windows) else { continue }
            list.add(found, tie, until: tie.countsUntil(windows))
        }
        for tie in expert.recorded {
            let found = these(people[tie.subject]) + these(organisations[tie.subject])
            guard !found.isEmpty, tie.counts(on: day, windows) else { continue }
            list.add(found, tie, until: tie.countsUntil(windows))
        }
        for item in expert.ownDeclarations { list.add([item], .ownDeclaration, item.text, source: .declared) }
        for item in expert.named { list.add([item], .named, item.text, source: .applicant) }
        return list.findings
    }

    private func these(_ found: [Int32]?) -> [ID<CaseFile>] { (found ?? []).map { items[Int($0)] } }

    /// Employers: present, recent, and of one family with those that take part.
    private func work(_ expert: ExpertFacts, _ list: inout FindingList) {
        let times = expert.employments ?? []
        var present: [ID<OrganisationMark>: (from: Day?, until: Day?)] = [:]
        for employer in expert.employers { present[employer] = (nil, nil) }
        for time in times where time.from <= day && (time.to.map { day <= $0 } ?? true) {
            present[time.organisation] = (time.from, time.to)
        }
        var own: Set<Int32> = []
        for (employer, time) in present {
            let found = organisations[employer.text] ?? []
            own.formUnion(found)
            list.add(
                these(found), .sameEmployer, employer.text, from: time.from, until: time.until, source: .pool)
        }
        let edge = windows.employment.map { day.before(years: $0) }
        for time in times {
            guard let to = time.to, to < day, edge.map({ $0 <= to }) ?? true,
                organisations[time.organisation.text] != nil
            else { continue }
            let until = windows.employment.map { to.lastDay(within: $0) }
            list.add(
                these(organisations[time.organisation.text]), .recentEmployer, time.organisation.text, from: time.from,
                until: until, source: .pool)
        }
        // A parent counts as an employer's kin whether it applies itself or through another of its houses.
        for house in Set(present.keys).union(expert.parents ?? []) {
            let kin = Set((organisations[house.text] ?? []) + (parents[house.text] ?? [])).subtracting(own)
            list.add(these(kin.sorted()), .sameParent, house.text, source: .registry)
        }
    }
}

/// Findings of one expert, each once.
private struct FindingList {
    let expert: ID<Expert>
    private(set) var findings: [ConflictFinding] = []
    private var seen: [String: Set<Conflict>] = [:]

    init(expert: ID<Expert>) { self.expert = expert }

    mutating func add(_ items: [ID<CaseFile>]?, _ kind: Conflict, source: ConflictFinding.Source) {
        add(items, kind, expert.text, source: source)
    }

    mutating func add(_ items: [ID<CaseFile>], _ tie: Tie, until: Day?) {
        add(
            items, tie.kind.conflict, tie.subject, from: tie.from, until: until, source: .declared, note: tie.source,
            author: tie.author)
    }

    /// Of a protected fact neither the other side nor its days are written down, and several are one.
    mutating func add(_ items: [ID<CaseFile>], _ tie: RecordedTie, until: Day?) {
        if tie.kind == .protected {
            add(items, .protected, source: .protected)
        } else {
            add(items, tie.kind, tie.subject, from: tie.from, until: until, source: .books)
        }
    }

    mutating func add(
        _ items: [ID<CaseFile>]?, _ kind: Conflict, _ subject: String, from: Day? = nil, until: Day? = nil,
        source: ConflictFinding.Source, note: String = "", author: String = ""
    ) {
        let all: [ID<CaseFile>?] = items.map { $0.map(Optional.some) } ?? [nil]
        guard !all.isEmpty else { return }
        let isFirst = seen[subject, default: []].insert(kind).inserted
        for item in all where isFirst || !holds(item, kind, subject) {
            findings.append(
                ConflictFinding(
                    expert: expert, item: item, kind: kind, subject: subject, from: from, until: until,
                    source: source, note: note, author: author))
        }
    }

    private func holds(_ item: ID<CaseFile>?, _ kind: Conflict, _ subject: String) -> Bool {
        findings.contains { $0.item == item && $0.kind == kind && $0.subject == subject }
    }
}
