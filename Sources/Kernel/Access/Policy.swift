/// What the house or one of its rooms lets people do, apart from the steps of cases, which their procedures govern.
/// Each room states its own.
public struct Permission: Hashable, Sendable {
    /// In words that follow "you may not".
    public let what: Bilingual
    public let roles: Set<Role>

    public init(_ what: Bilingual, _ roles: Set<Role>) {
        self.what = what
        self.roles = roles
    }
}

extension Permission {
    /// To keep the registry.
    public static let editRegistry = Permission(Bilingual("维护主体库", "keep the registry"), [.officer])

    /// To see sensitive personal content.
    public static let lookAtPrivateContent = Permission(
        Bilingual("查看个人敏感信息", "see sensitive personal content"), [.officer])

    /// To read the record.
    public static let readRecord = Permission(Bilingual("查阅办理记录", "read the record"), [.auditor])

    /// To manage accounts.
    public static let manageAccounts = Permission(Bilingual("管理账号", "manage accounts"), [.systemAdministrator])
}

/// Who may do what.
public enum Policy {
    /// Whether the actor may do an action. The house itself may do all of them.
    public static func may(_ actor: Actor, _ permission: Permission) -> Bool {
        actor.isSystem || !actor.roles.isDisjoint(with: permission.roles)
    }

    /// - Throws: ``AccessError/forbidden(_:)``.
    public static func require(_ actor: Actor, _ permission: Permission) throws(AccessError) {
        guard may(actor, permission) else { throw .forbidden(permission.what) }
    }

    /// The same for what belongs to a division: an officer of another one may not.
    /// - Parameter division: its code, as the city's chart has it.
    /// - Throws: ``AccessError/forbidden(_:)``, ``AccessError/otherDivision``.
    public static func require(
        _ actor: Actor, _ permission: Permission, in division: String
    ) throws(AccessError) {
        try require(actor, permission)
        guard !actor.isSystem, let own = actor.division, own != division else { return }
        if permission.roles.intersection(actor.roles) == [.officer] { throw .otherDivision }
    }

    /// Whether the case is the actor's own: theirs, or their organisation's. Nobody handles such a case at the bureau.
    public static func isOwn(_ actor: Actor, _ file: CaseFile) -> Bool {
        if let account = actor.account, account == file.applicant { return true }
        return actor.memberships.contains { $0.organisation == file.organisation }
    }

    /// Whether the actor handles the case at the bureau: an officer of its division whose own case it is not.
    public static func handles(_ actor: Actor, _ file: CaseFile) -> Bool {
        actor.roles.contains(.officer) && (actor.division == nil || actor.division == file.division)
            && !isOwn(actor, file)
    }

    /// Whether the actor may see a case: its applicant, its organisation, and the bureau, or only the divisions that
    /// the case is for.
    public static func maySee(_ actor: Actor, _ file: CaseFile) -> Bool {
        if actor.isSystem || !actor.roles.isDisjoint(with: [.leader, .auditor]) { return true }
        let mayAll = file.audience.map { $0.contains(actor.division ?? "") || actor.division == nil } ?? true
        if mayAll, !actor.roles.isDisjoint(with: [.officer, .treasurer]) { return true }
        if let account = actor.account, account == file.applicant { return true }
        guard let organisation = file.organisation else { return false }
        return actor.belongs(to: organisation, as: [.administrator, .sealHolder])
    }
}
