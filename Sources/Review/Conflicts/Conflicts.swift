public import Kernel

/// What is known of an expert when conflicts are looked for.
public struct ExpertFacts: Codable, Hashable, Sendable {
    /// A time at an employer, first and last day; no last day while it goes on.
    public struct Employment: Codable, Hashable, Sendable {
        public let organisation: ID<OrganisationMark>
        public let from: Day
        public let to: Day?

        public init(organisation: ID<OrganisationMark>, from: Day, to: Day? = nil) {
            self.organisation = organisation
            self.from = from
            self.to = to
        }
    }

    public let expert: ID<Expert>
    public let person: ID<PersonMark>?
    /// Present employers.
    public let employers: Set<ID<OrganisationMark>>
    /// Earlier employers with their times; nil where they are not known.
    public let employments: [Employment]?
    /// Parent organisations of the employers; nil where they are not known.
    public let parents: Set<ID<OrganisationMark>>?
    /// People with whom the expert shared a project in the years that the rule looks back.
    public let collaborators: Set<ID<PersonMark>>
    /// People and organisations to which a relation was declared or found.
    public let declared: Set<String>
    /// Items that the expert declared to be unable to judge.
    public let ownDeclarations: Set<ID<CaseFile>>
    /// Whether the expert applies in the same round.
    public let appliesInRound: Bool
    /// Items whose applicants named the expert as unsuitable.
    public let named: Set<ID<CaseFile>>
    /// Whether a bar in force keeps the expert, or the employer, from judging.
    public var isBarred = false
    /// Ties with their kinds, times and sources.
    public var ties: [Tie] = []
    /// What the city's own books, contracts and files say.
    public var recorded: [RecordedTie] = []
    /// Other identities that may be the same human being, proved or not: they can only add conflicts.
    public var aliases: Set<ID<PersonMark>> = []

    public init(
        expert: ID<Expert>, person: ID<PersonMark>?, employers: Set<ID<OrganisationMark>>,
        employments: [Employment]? = nil, parents: Set<ID<OrganisationMark>>? = nil,
        collaborators: Set<ID<PersonMark>> = [], declared: Set<String> = [],
        ownDeclarations: Set<ID<CaseFile>> = [], appliesInRound: Bool = false, named: Set<ID<CaseFile>> = []
    ) {
        self.expert = expert
        self.person = person
        self.employers = employers
        self.employments = employments
        self.parents = parents
        self.collaborators = collaborators
        self.declared = declared
        self.ownDeclarations = ownDeclarations
        self.appliesInRound = appliesInRound
        self.named = named
    }

    /// The same facts with employments and parents, where they were not known.
    func knowing(
        _ found: [Employment]?, parents above: [ID<OrganisationMark>: Set<ID<OrganisationMark>>]
    ) -> ExpertFacts {
        var facts = ExpertFacts(
            expert: expert, person: person, employers: employers, employments: employments ?? found,
            parents: parents ?? above.together(employers),
            collaborators: collaborators, declared: declared, ownDeclarations: ownDeclarations,
            appliesInRound: appliesInRound, named: named
        ).barred(isBarred)
        facts.ties = ties
        facts.recorded = recorded
        facts.aliases = aliases
        return facts
    }

    /// Everybody whom the expert may be.
    var people: Set<ID<PersonMark>> { person.map { aliases.union([$0]) } ?? aliases }

    func barred(_ is: Bool) -> ExpertFacts {
        var facts = self
        facts.isBarred = `is`
        return facts
    }
}

/// What is judged, as far as conflicts ask.
public struct ItemFacts: Codable, Hashable, Sendable {
    public let item: ID<CaseFile>
    public let title: Bilingual
    /// Discipline code of GB/T 13745; empty for any.
    public let field: String
    public let investigator: ID<PersonMark>
    public let organisation: ID<OrganisationMark>
    public let people: Set<ID<PersonMark>>
    public let organisations: Set<ID<OrganisationMark>>
    /// Parent organisations of those that take part; nil where they are not known.
    public let parents: Set<ID<OrganisationMark>>?

    public init(
        item: ID<CaseFile>, title: Bilingual, field: String, investigator: ID<PersonMark>,
        organisation: ID<OrganisationMark>, people: Set<ID<PersonMark>>, organisations: Set<ID<OrganisationMark>>,
        parents: Set<ID<OrganisationMark>>? = nil
    ) {
        self.item = item
        self.title = title
        self.field = field
        self.investigator = investigator
        self.organisation = organisation
        self.people = people
        self.organisations = organisations
        self.parents = parents
    }

    /// The same facts with the parents of those that take part, beside those that were known.
    func knowing(parents above: [ID<OrganisationMark>: Set<ID<OrganisationMark>>]) -> ItemFacts {
        let found = above.together(allOrganisations)
        return ItemFacts(
            item: item, title: title, field: field, investigator: investigator, organisation: organisation,
            people: people, organisations: organisations,
            parents: parents.map { $0.union(found ?? []) } ?? found)
    }

    /// The investigator and everybody who takes part.
    public var allPeople: Set<ID<PersonMark>> { people.union([investigator]) }
    /// The applicant and every organisation that takes part.
    public var allOrganisations: Set<ID<OrganisationMark>> { organisations.union([organisation]) }
    /// Identities to which a declared relation may point.
    var names: Set<String> { Set(allPeople.map(\.text)).union(allOrganisations.map(\.text)) }
}

/// Looks for conflicts of interest.
public enum Conflicts {
    /// Every conflict between an expert and an item; none means that none was found in what is known, see
    /// ``missing(expert:item:)``.
    /// - Parameter lookbackYears: for how many years an employment counts after its last day; nil for ever.
    public static func between(
        expert: ExpertFacts, item: ItemFacts, on day: Day, lookbackYears: Int?
    ) -> [Conflict] {
        between(expert: expert, item: item, on: day, ConflictWindows(all: lookbackYears))
    }

    /// The same with a window of its own for each kind of relation.
    public static func between(
        expert: ExpertFacts, item: ItemFacts, on day: Day, _ windows: ConflictWindows
    ) -> [Conflict] {
        let organisations = item.allOrganisations
        let times = expert.employments ?? []
        let present = expert.employers.union(
            times.filter { $0.from <= day && ($0.to.map { day <= $0 } ?? true) }.map(\.organisation))
        let edge = windows.employment.map { day.before(years: $0) }
        let recent = times.contains { time in
            guard let to = time.to, to < day, organisations.contains(time.organisation) else { return false }
            return edge.map { $0 <= to } ?? true
        }
        var found = Set(standing(expert: expert, item: item))
        if !present.isDisjoint(with: organisations) { found.insert(.sameEmployer) }
        if recent { found.insert(.recentEmployer) }
        let names = item.names
        for tie in expert.ties where names.contains(tie.subject) && tie.counts(on: day, windows) {
            found.insert(tie.kind.conflict)
        }
        for tie in expert.recorded where names.contains(tie.subject) && tie.counts(on: day, windows) {
            found.insert(tie.kind)
        }
        // A parent counts as an employer's kin whether it applies itself or through another of its houses.
        let mine = present.union(expert.parents ?? [])
        let theirs = organisations.union(item.parents ?? [])
        if present.isDisjoint(with: organisations), !mine.isDisjoint(with: theirs) { found.insert(.sameParent) }
        return Conflict.allCases.filter(found.contains)
    }

    /// The conflicts that do not depend on the day: all but earlier employers and parents.
    static func standing(expert: ExpertFacts, item: ItemFacts) -> [Conflict] {
        var found: [Conflict] = []
        if !expert.people.isDisjoint(with: item.allPeople) { found.append(.isApplicant) }
        if !expert.employers.isDisjoint(with: item.allOrganisations) { found.append(.sameEmployer) }
        if expert.appliesInRound { found.append(.sameRound) }
        if !expert.collaborators.isDisjoint(with: item.allPeople) { found.append(.sharedProject) }
        if !expert.declared.isDisjoint(with: item.names) { found.append(.declared) }
        if expert.ownDeclarations.contains(item.item) { found.append(.ownDeclaration) }
        if expert.named.contains(item.item) { found.append(.named) }
        if expert.isBarred { found.append(.barred) }
        return found
    }

    /// What is not known: not knowing is no proof that there is no conflict.
    public static func missing(expert: ExpertFacts, item: ItemFacts) -> [MissingFact] {
        var found: [MissingFact] = []
        if expert.person == nil { found.append(.expertPerson) }
        if expert.employers.isEmpty { found.append(.expertEmployer) }
        if expert.employments == nil { found.append(.earlierEmployers) }
        if expert.parents == nil || item.parents == nil { found.append(.parents) }
        return found
    }
}

extension [ID<OrganisationMark>: Set<ID<OrganisationMark>>] {
    /// The parents of all of these; nil where none of them has any that is known.
    fileprivate func together(_ organisations: Set<ID<OrganisationMark>>) -> Set<ID<OrganisationMark>>? {
        let found = organisations.compactMap { self[$0] }
        return found.isEmpty ? nil : found.reduce(into: []) { $0.formUnion($1) }
    }
}

extension Tie {
    /// Whether the tie has begun, and has not ended for longer than its kind counts.
    func counts(on day: Day, _ windows: ConflictWindows) -> Bool {
        guard from.map({ $0 <= day }) ?? true else { return false }
        guard let to, to < day, let years = windows.years(kind) else { return true }
        return day.before(years: years) <= to
    }

    /// The last day on which it counts; nil where it has none.
    func countsUntil(_ windows: ConflictWindows) -> Day? {
        guard let to, let years = windows.years(kind) else { return nil }
        return to.lastDay(within: years)
    }
}

extension Day {
    /// The last day from which so many years reach back to this one.
    func lastDay(within years: Int) -> Day {
        let (year, month, day) = parts
        // From 29 February of a leap year the years reach back to the 28th.
        let later = Day(year: year + years, month: month, day: day) ?? Day(year: year + years, month: month, day: 28)
        guard let later else { return self }
        let next = later.adding(days: 1)
        return next.before(years: years) <= self ? next : later
    }

    /// The same date some years earlier; 28 February where the year has no 29th.
    func before(years: Int) -> Day {
        let (year, month, day) = parts
        return Day(year: year - years, month: month, day: day)
            ?? Day(year: year - years, month: month, day: day - 1) ?? self
    }
}
