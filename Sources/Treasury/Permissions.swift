public import Kernel

/// What the treasury lets people do. Who may order is stated by the duty that orders.
extension Permission {
    public static let seePayments = Permission(
        Bilingual("查看支付业务", "see the treasury desk"), [.officer, .leader, .treasurer, .auditor])
    /// For what no duty orders by itself.
    public static let orderPayments = Permission(Bilingual("开具付款单", "order payments"), [.officer])
    public static let checkPayments = Permission(Bilingual("复核付款单", "check payment orders"), [.treasurer])
    public static let approvePayments = Permission(Bilingual("审批付款单", "approve payment orders"), [.leader])
    public static let runPayments = Permission(
        Bilingual("生成支付批次、录入银行回单", "make payment runs and read the bank's answers"), [.treasurer])
    /// The files hold whole account numbers.
    public static let takePaymentFiles = Permission(
        Bilingual("下载支付文件", "take the files of a payment run"), [.treasurer, .auditor])
    public static let confirmPayeeAccounts = Permission(
        Bilingual("确认收款账户", "confirm payees' bank accounts"), [.treasurer])
}
