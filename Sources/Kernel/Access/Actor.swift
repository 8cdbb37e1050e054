public import Store

/// What an account may be in the bureau's house. Membership roles inside an organisation are apart.
public enum Role: String, Codable, Sendable, CaseIterable, SQLConvertible {
    case applicant, expert, officer, leader, treasurer, auditor, systemAdministrator

    /// The bureau's own people: they neither apply nor judge.
    public static let staff: Set<Role> = [.officer, .leader, .treasurer, .auditor, .systemAdministrator]
}

/// What a person may be in an organisation.
public enum MembershipRole: String, Codable, Sendable, CaseIterable, SQLConvertible {
    case administrator, sealHolder, handler, member
}

/// Marker of account identities.
public enum Account {}
/// Marker of organisation identities.
public enum OrganisationMark {}
/// Marker of person identities.
public enum PersonMark {}

/// A person's place in an organisation, as far as permissions need it.
public struct Membership: Hashable, Codable, Sendable {
    public let organisation: ID<OrganisationMark>
    public let roles: Set<MembershipRole>

    public init(organisation: ID<OrganisationMark>, roles: Set<MembershipRole>) {
        self.organisation = organisation
        self.roles = roles
    }
}

/// Who acts: the account with everything that the policy asks about it, loaded once a request.
public struct Actor: Hashable, Sendable {
    /// Nil for the public and for the house's own jobs.
    public let account: ID<Account>?
    public let person: ID<PersonMark>?
    /// The name shown in records and pages.
    public let name: String
    public let roles: Set<Role>
    public let memberships: [Membership]
    /// The division of an officer or leader, as coded in the jurisdiction's organisation chart.
    public let division: String?
    /// True for the house itself (jobs, imports, clocks).
    public let isSystem: Bool

    public init(
        account: ID<Account>?, person: ID<PersonMark>? = nil, name: String, roles: Set<Role>,
        memberships: [Membership] = [], division: String? = nil, isSystem: Bool = false
    ) {
        self.account = account
        self.person = person
        self.name = name
        self.roles = roles
        self.memberships = memberships
        self.division = division
        self.isSystem = isSystem
    }

    /// Anyone who has not signed in.
    public static let everyone = Actor(account: nil, name: "", roles: [])
    /// The house itself.
    public static let system = Actor(account: nil, name: "system", roles: [], isSystem: true)

    /// Whether the actor holds one of the given roles in the organisation.
    public func belongs(to organisation: ID<OrganisationMark>, as roles: Set<MembershipRole>) -> Bool {
        memberships.contains { $0.organisation == organisation && !$0.roles.isDisjoint(with: roles) }
    }
}
