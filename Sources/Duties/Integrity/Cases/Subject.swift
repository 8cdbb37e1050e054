import Kernel
import Store

/// Whom a case of integrity is about, as the registry knows them.
struct Subject: Sendable {
    let person: ID<PersonMark>?
    let organisation: ID<OrganisationMark>?
    let name: String

    /// Reads the subject from what was filled in; nil where the registry does not know it.
    static func of(_ values: JSONValue, _ tx: Tx) throws -> Subject? {
        let name = values["subject-name"]?.string ?? ""
        if values["subject-kind"]?.string == "organisation" {
            guard let code = values["subject-uscc"]?.string,
                let found = try Registry.organisation(uscc: code, tx)
            else { return nil }
            return Subject(person: nil, organisation: found.id, name: name)
        }
        guard let orcid = values["subject-orcid"]?.string else { return nil }
        let person = try tx.first("SELECT id FROM person WHERE orcid = \(orcid)") { try $0["id"] as ID<PersonMark> }
        return person.map { Subject(person: $0, organisation: nil, name: name) }
    }

    /// The account on which things are served: the person's own, or that of the organisation's administrator.
    func account(_ tx: Tx) throws -> ID<Account>? {
        if let person {
            return try tx.first(
                "SELECT id FROM account WHERE person = \(person) AND state = 'active' ORDER BY created_at, id LIMIT 1"
            ) { try $0["id"] as ID<Account> }
        }
        guard let organisation else { return nil }
        return try Registry.members(of: organisation, tx).first { $0.roles.contains(.administrator) }?.account
    }

    /// Whether somebody is the subject or belongs to it.
    func isKin(_ actor: Actor) -> Bool {
        (person != nil && person == actor.person)
            || (organisation != nil && actor.memberships.contains { $0.organisation == organisation })
    }
}

/// Who may handle a case: nobody who reported it, is its subject, or belongs to it.
enum Outsiders {
    /// Why an actor must stand aside.
    static func problems(_ actor: Actor, on file: CaseFile, _ tx: Tx) throws -> [FieldProblem] {
        let values = try CaseValues.all(of: file.id, tx)
        var found: [FieldProblem] = []
        let tip = try file.parent.flatMap { try CaseStore.find($0, tx) } ?? file
        if tip.procedure == "integrity.tip", let account = actor.account, tip.applicant == account {
            found.append(problem("", Bilingual("您是举报人，须回避。", "You reported this and must stand aside.")))
        }
        let kin =
            try Subject.of(values, tx)?.isKin(actor) ?? false
            || values["subject-uscc"]?.string.map { code in
                guard let place = try Registry.organisation(uscc: code, tx)?.id else { return false }
                return actor.memberships.contains { $0.organisation == place }
            } ?? false
        if kin {
            found.append(
                problem("", Bilingual("您与当事人有利害关系，须回避。", "You belong to the subject and must stand aside.")))
        }
        return found
    }

    static func problem(_ field: String, _ message: Bilingual) -> FieldProblem {
        FieldProblem(field: field, code: "integrity.conflict", message: message)
    }
}
