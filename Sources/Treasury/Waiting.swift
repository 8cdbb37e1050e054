public import Kernel
public import Store

extension Treasury {
    /// Most items of one kind that are listed; the desk has the rest.
    private static let most = 20

    /// What waits for the actor in the treasury. A constant number of queries for each capacity.
    public static func waiting(_ actor: Actor, on today: Day, _ tx: Tx) throws -> [WaitingItem] {
        var items: [WaitingItem] = []
        if actor.roles.contains(.treasurer) { items += try treasurers(actor, tx) }
        if Policy.may(actor, .approvePayments) {
            items += try orders(
                .checked, Bilingual("审批付款单", "Approve a payment"), besides: actor.account?.text, tx)
        }
        return items
    }

    private static func treasurers(_ actor: Actor, _ tx: Tx) throws -> [WaitingItem] {
        var items = try orders(.ordered, Bilingual("复核付款单", "Check a payment"), besides: actor.account?.text, tx)
        if let ready = try PaymentStore.totals([.ready], tx)[.ready] {
            items.append(
                WaitingItem(
                    Bilingual("生成支付批次", "Make a payment run"),
                    Bilingual(
                        "\(ready.count) 张付款单，\(ready.amount.text(.chinese))",
                        "\(counted(ready.count, "order")), \(ready.amount.text(.english))"), at: "/desk/treasury/runs"))
        }
        items += try PaymentRunStore.unanswered(limit: most, tx).map {
            WaitingItem(
                Bilingual("录入银行回单", "Read the bank's answer"), Bilingual($0.number, $0.number),
                at: "/desk/treasury/runs/\($0.id)")
        }
        items += try BankAnswerStore.lines(.queued, limit: most, tx).map {
            WaitingItem(
                Bilingual("认领回单明细", "Deal with a line of the bank"),
                Bilingual("\($0.number) \($0.amount.text(.chinese))", "\($0.number) \($0.amount.text(.english))"),
                at: "/desk/treasury/queue")
        }
        return try items
            + PayeeAccountStore.list(state: .proposed, limit: most, tx).map {
                WaitingItem(
                    Bilingual("确认收款账户", "Confirm a bank account"), $0.payee.name, at: "/desk/treasury/accounts")
            }
    }

    private static func orders(
        _ state: PaymentOrder.State, _ task: Bilingual, besides account: String?, _ tx: Tx
    ) throws -> [WaitingItem] {
        try PaymentStore.list(state: state, limit: most, tx).filter {
            ![$0.orderedBy, $0.checkedBy].contains(account)
        }.map { order in
            WaitingItem(
                task, Bilingual("\(order.number) \(order.payee.name.zh)", "\(order.number) \(order.payee.name.en)"),
                at: "/desk/treasury/orders/\(order.id)")
        }
    }
}
