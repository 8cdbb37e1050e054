public import Kernel
public import Store

/// Whom the city pays: an organisation or a person of the registry.
public struct Payee: Hashable, Codable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible { case organisation, person }

    public let kind: Kind
    /// The identity of the organisation or person.
    public let id: String
    public let name: Bilingual

    public init(kind: Kind, id: String, name: Bilingual) {
        self.kind = kind
        self.id = id
        self.name = name
    }

    /// An organisation of the registry.
    /// - Throws: ``TreasuryError/unknownPayee``.
    public static func organisation(_ id: ID<OrganisationMark>, _ tx: Tx) throws -> Payee {
        guard let found = try Registry.organisation(id, tx) else { throw TreasuryError.unknownPayee }
        return Payee(kind: .organisation, id: id.text, name: found.name)
    }

    /// A person of the registry.
    /// - Throws: ``TreasuryError/unknownPayee``.
    public static func person(_ id: ID<PersonMark>, _ tx: Tx) throws -> Payee {
        guard let found = try Registry.person(id, tx) else { throw TreasuryError.unknownPayee }
        return Payee(kind: .person, id: id.text, name: Bilingual(found.name, found.name))
    }

    init(row: Row) throws {
        kind = try row["payee_kind"]
        id = try row["payee"]
        name = Bilingual(try row["payee_zh"], try row["payee_en"])
    }

    /// Whether the actor is this person or belongs to this organisation: then they handle none of its money here.
    public func isOwn(_ actor: Actor) -> Bool {
        switch kind {
        case .organisation: actor.memberships.contains { $0.organisation.text == id }
        case .person: actor.person?.text == id
        }
    }

    /// Whether the actor speaks for it: an administrator of the organisation, the person itself.
    public func isKept(by actor: Actor) -> Bool {
        switch kind {
        case .organisation: actor.belongs(to: ID(id), as: [.administrator])
        case .person: actor.person?.text == id
        }
    }
}
