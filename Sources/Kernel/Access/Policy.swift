/// One table of who may do what, apart from the steps of cases, which their procedures govern.
public enum Policy {
    /// The actions of the house: what each is called, and which roles may do it.
    public static let actions: [String: (what: Bilingual, roles: Set<Role>)] = [
        "funding.programme.edit": (Bilingual("维护专项预算", "keep programme budgets"), [.officer, .leader]),
        "funding.call.edit": (Bilingual("编制申报指南", "write calls"), [.officer]),
        "funding.call.publish": (Bilingual("批准发布申报指南", "publish calls"), [.leader]),
        "funding.desk": (Bilingual("查看资助业务", "see the funding desk"), [.officer, .leader, .auditor, .treasurer]),
        "funding.formal-check": (Bilingual("形式审查", "check applications"), [.officer]),
        "funding.review.run": (Bilingual("组织评审", "run reviews"), [.officer]),
        "funding.decision.propose": (Bilingual("提出立项建议", "propose awards"), [.officer]),
        "funding.decision.decide": (Bilingual("决定立项", "decide on awards"), [.leader]),
        "funding.decision.effect": (Bilingual("使立项决定生效", "give effect to awards"), [.officer, .leader]),
        "funding.tranche.order": (Bilingual("开具拨款单", "order tranches"), [.officer]),
        "funding.tranche.confirm": (Bilingual("复核拨款单", "confirm tranches"), [.treasurer]),
        "talent.permit.check": (Bilingual("审查工作许可", "check work permits"), [.officer, .leader]),
        "talent.permit.read": (Bilingual("查看工作许可", "see work permits"), [.officer, .leader, .auditor]),
        "publicity.manage": (Bilingual("管理公示", "manage publicity"), [.officer, .leader]),
        "registry.edit": (Bilingual("维护主体库", "keep the registry"), [.officer]),
        "privacy.look": (Bilingual("查看个人敏感信息", "see sensitive personal content"), [.officer]),
        "talent.desk": (Bilingual("查看外国专家业务", "see the foreign experts' desk"), [.officer, .leader, .auditor]),
        "talent.experts.edit": (Bilingual("维护外国专家名册", "keep the register of foreign experts"), [.officer]),
        "talent.export": (Bilingual("向其他部门提供名册", "export the register for other departments"), [.officer]),
        "record.read": (Bilingual("查阅办理记录", "read the record"), [.auditor]),
        "access.manage": (Bilingual("管理账号", "manage accounts"), [.systemAdministrator]),
        "system.manage": (Bilingual("管理系统", "manage the system"), [.systemAdministrator]),
    ]

    /// Whether the actor may do an action. The house itself may do all of them.
    public static func may(_ actor: Actor, _ action: String) -> Bool {
        guard let entry = actions[action] else { return false }
        return actor.isSystem || !actor.roles.isDisjoint(with: entry.roles)
    }

    /// - Throws: ``AccessError/forbidden(_:)``; an unknown action is forbidden to everybody.
    public static func require(_ actor: Actor, _ action: String) throws(AccessError) {
        guard may(actor, action) else {
            throw .forbidden(actions[action]?.what ?? Bilingual("办理此事项", "do this"))
        }
    }

    /// The same for what belongs to a division: an officer of another one may not.
    /// - Parameter division: its code, as the city's chart has it.
    /// - Throws: ``AccessError/forbidden(_:)``, ``AccessError/otherDivision``.
    public static func require(_ actor: Actor, _ action: String, in division: String) throws(AccessError) {
        try require(actor, action)
        guard !actor.isSystem, let own = actor.division, own != division else { return }
        let roles = actions[action]?.roles.intersection(actor.roles) ?? []
        if roles == [.officer] { throw .otherDivision }
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
