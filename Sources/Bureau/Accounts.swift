public import Kernel
import Store

/// What somebody writes to get an account.
public struct AccountDraft: Sendable {
    public var name: String
    public var nameEn: String
    /// Resident or foreign permanent resident identity number.
    public var number: String
    public var orcid: String
    public var mail: String
    public var login: String
    public var password: String
    public var language: Language
}

/// Registering and changing accounts.
public struct Accounts: Sendable {
    let house: House
    let sessions: Sessions

    /// Makes a person and an account of a draft.
    /// - Throws: ``ProcedureError/refused(_:)`` with every problem, ``AccessError/loginTaken``,
    ///   ``RegistryError/numberTaken``.
    func register(_ draft: AccountDraft) async throws {
        let problems = Accounts.problems(draft)
        guard problems.isEmpty else { throw ProcedureError.refused(problems) }
        let hash = try Passwords.hash(draft.password)
        let now = house.clock.now()
        let vault = house.vault
        let person: ID<PersonMark> = house.ids.make()
        let account: ID<Account> = house.ids.make()
        try await house.db.write { tx in
            try Registry.add(
                Person(
                    id: person, name: draft.name, nameEn: draft.nameEn, title: "",
                    orcid: draft.orcid.isEmpty ? nil : try ORCID(parsing: draft.orcid).text),
                number: draft.number, vault: vault, at: now, tx)
            try AccountStore.insert(
                AccountCard(
                    id: account, login: draft.login, name: draft.name,
                    mail: try SealedText(draft.mail, by: vault, at: now), person: person, roles: [.applicant],
                    language: draft.language), passwordHash: hash, at: now, tx)
            try Record.append(
                Event(
                    room: "access", kind: "account.registered", subjectKind: "account", subject: account.text,
                    actor: .everyone, at: now), tx)
        }
    }

    static func problems(_ draft: AccountDraft) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ field: String, _ code: String, _ message: Bilingual) {
            found.append(FieldProblem(field: field, code: code, message: message))
        }
        if draft.name.isEmpty || draft.name.count > 60 {
            add("name", "field.required", Bilingual("请填写姓名（不超过 60 字）", "Give your name, at most 60 characters"))
        }
        if draft.nameEn.count > 100 {
            add("name-en", "field.long", Bilingual("英文姓名不超过 100 字", "At most 100 characters for the name in English"))
        }
        do {
            _ = try ResidentID(parsing: draft.number)
        } catch {
            if (try? ForeignPermanentResidentID(parsing: draft.number)) == nil {
                add("number", error.code, error.message)
            }
        }
        if !draft.orcid.isEmpty {
            do { _ = try ORCID(parsing: draft.orcid) } catch { add("orcid", error.code, error.message) }
        }
        // The longest address that SMTP carries (RFC 5321, 4.5.3.1.3).
        if !draft.mail.isEmpty, draft.mail.split(separator: "@").count != 2 || draft.mail.utf8.count > 254 {
            add("mail", "field.mail", Bilingual("不是有效的电子邮箱", "This is not a mail address"))
        }
        let fits = draft.login.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46
        }
        if !fits || !(3...40).contains(draft.login.count) {
            add(
                "login", "account.login", Bilingual("账号为 3–40 位字母、数字、点或连字符", "3 to 40 letters, digits, dots or hyphens")
            )
        }
        if !(10...200).contains(draft.password.count) {
            add("password", AccessError.weakPassword.code, AccessError.weakPassword.message)
        }
        return found
    }

    /// Changes the actor's own password; all sessions and API tokens end. The old one is asked for as seldom as when
    /// signing in: whoever sits at a browser that somebody left open guesses no better here.
    /// - Throws: ``AccessError/wrongLogin`` where the old one is wrong, ``AccessError/blocked(seconds:)``,
    ///   ``AccessError/weakPassword``.
    func changePassword(of actor: Actor, old: String, new: String, from origin: Sessions.Origin) async throws {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        let now = house.clock.now()
        do {
            try await sessions.confirm(password: old, of: account, from: origin, now: now)
        } catch IdentityError.wrongPassword {
            throw AccessError.wrongLogin
        }
        let hash = try Passwords.hash(new)
        try await house.db.write { tx in
            try AccountStore.setPassword(hash: hash, of: account, tx)
            try Record.append(
                Event(
                    room: "access", kind: "account.password-changed", subjectKind: "account", subject: account.text,
                    actor: actor, at: now), tx)
        }
    }

    /// Gives an account other roles, or closes it; only an administrator, and never their own account.
    func change(
        _ id: ID<Account>, roles: Set<Role>, division: String?, state: AccountCard.State, by actor: Actor
    ) async throws {
        try Policy.require(actor, .manageAccounts)
        guard actor.account != id else { throw AccessError.samePerson }
        let now = house.clock.now()
        try await house.db.write { tx in
            guard try AccountStore.find(id, tx) != nil else { throw AccessError.unknownAccount }
            try AccountStore.setRoles(roles, division: division, of: id, tx)
            try AccountStore.setState(state, of: id, tx)
            try Record.append(
                Event(
                    room: "access", kind: "account.changed", subjectKind: "account", subject: id.text, actor: actor,
                    at: now,
                    content: [
                        "roles": .string(roles.map(\.rawValue).sorted().joined(separator: " ")),
                        "state": .string(state.rawValue), "division": .string(division ?? ""),
                    ]), tx)
        }
    }
}
