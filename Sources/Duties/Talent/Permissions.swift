import Kernel

/// What this room lets people do.
extension Permission {
    static let checkPermits = Permission(Bilingual("审查工作许可", "check work permits"), [.officer, .leader])
    static let readPermits = Permission(Bilingual("查看工作许可", "see work permits"), [.officer, .leader, .auditor])
    static let seeTalentDesk = Permission(
        Bilingual("查看外国专家业务", "see the foreign experts' desk"), [.officer, .leader, .auditor])
    static let editExperts = Permission(Bilingual("维护外国专家名册", "keep the register of foreign experts"), [.officer])
    static let exportExperts = Permission(
        Bilingual("向其他部门提供名册", "export the register for other departments"), [.officer])
}
