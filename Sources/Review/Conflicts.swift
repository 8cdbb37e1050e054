public import Kernel

/// What is known of an expert when conflicts are looked for.
public struct ExpertFacts: Codable, Hashable, Sendable {
    public let expert: ID<Expert>
    public let person: ID<PersonMark>?
    /// Present employers, and those of the years that the rule looks back.
    public let employers: Set<ID<OrganisationMark>>
    /// People with whom the expert shared a project in those years.
    public let collaborators: Set<ID<PersonMark>>
    /// People and organisations to which the expert declared a relation.
    public let declared: Set<String>
    /// Whether the expert applies in the same round.
    public let appliesInRound: Bool

    public init(
        expert: ID<Expert>, person: ID<PersonMark>?, employers: Set<ID<OrganisationMark>>,
        collaborators: Set<ID<PersonMark>> = [], declared: Set<String> = [], appliesInRound: Bool = false
    ) {
        self.expert = expert
        self.person = person
        self.employers = employers
        self.collaborators = collaborators
        self.declared = declared
        self.appliesInRound = appliesInRound
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

    public init(
        item: ID<CaseFile>, title: Bilingual, field: String, investigator: ID<PersonMark>,
        organisation: ID<OrganisationMark>, people: Set<ID<PersonMark>>, organisations: Set<ID<OrganisationMark>>
    ) {
        self.item = item
        self.title = title
        self.field = field
        self.investigator = investigator
        self.organisation = organisation
        self.people = people
        self.organisations = organisations
    }
}

/// Why an expert may not judge an item (回避).
public enum Conflict: String, Codable, Hashable, Sendable, CaseIterable {
    case isApplicant = "is-applicant"
    case sameEmployer = "same-employer"
    case sameRound = "applies-in-round"
    case sharedProject = "shared-project"
    case declared

    /// As shown beside the name.
    public var text: Bilingual {
        switch self {
        case .isApplicant: Bilingual("本人是申请人或参与人", "is the applicant or a participant")
        case .sameEmployer: Bilingual("与申请人或参与人同单位", "has the same employer as the applicant or a participant")
        case .sameRound: Bilingual("本人在同一批次申报", "applies in the same round")
        case .sharedProject: Bilingual("与申请人或参与人有共同项目", "shares a project with the applicant or a participant")
        case .declared: Bilingual("本人申报的利害关系", "declared a relation")
        }
    }

    /// Every conflict between an expert and an item; none means that the expert may judge it.
    public static func between(_ expert: ExpertFacts, _ item: ItemFacts) -> [Conflict] {
        var found: [Conflict] = []
        let people = item.people.union([item.investigator])
        let organisations = item.organisations.union([item.organisation])
        if let person = expert.person, people.contains(person) { found.append(.isApplicant) }
        if !expert.employers.isDisjoint(with: organisations) { found.append(.sameEmployer) }
        if expert.appliesInRound { found.append(.sameRound) }
        if !expert.collaborators.isDisjoint(with: people) { found.append(.sharedProject) }
        let names = Set(people.map(\.text)).union(organisations.map(\.text))
        if !expert.declared.isDisjoint(with: names) { found.append(.declared) }
        return found
    }
}
