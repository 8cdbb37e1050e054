import Kernel

/// What this room lets people do.
extension Permission {
    static let editProgrammes = Permission(Bilingual("收回指南余额", "free what calls have left"), [.officer, .leader])
    static let editCalls = Permission(Bilingual("编制申报指南", "write calls"), [.officer])
    static let publishCalls = Permission(Bilingual("批准发布申报指南", "publish calls"), [.leader])
    static let seeFunding = Permission(
        Bilingual("查看资助业务", "see the funding desk"), [.officer, .leader, .auditor, .treasurer])
    static let checkApplications = Permission(Bilingual("形式审查", "check applications"), [.officer])
    static let proposeAwards = Permission(Bilingual("提出立项建议", "propose awards"), [.officer])
    static let decideAwards = Permission(Bilingual("决定立项", "decide on awards"), [.leader])
    static let effectAwards = Permission(Bilingual("使立项决定生效", "give effect to awards"), [.officer, .leader])
    static let orderTranches = Permission(Bilingual("开具拨款单", "order tranches"), [.officer])
    static let confirmTranches = Permission(Bilingual("复核拨款单、确认退款", "check tranches and confirm refunds"), [.treasurer])
    static let planRecoveries = Permission(
        Bilingual("约定退款分期和提出核销", "agree on parts of a recovery and propose to write it off"), [.officer])
    static let proposeClosing = Permission(Bilingual("提出结账", "propose to close months"), [.treasurer, .officer])
    static let decideClosing = Permission(Bilingual("批准结账", "decide on closing months"), [.leader])
}
