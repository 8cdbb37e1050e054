import Funding
import Kernel
import Ledger
import Portal
import Store
import Treasury

/// The treasury desk: payment orders from the check to the bank's answer.
struct OrderPages: Sendable {
    let house: House
    let treasury: Treasury

    var routes: [Route] {
        [
            Route(
                "treasury.desk", .get, "/desk/treasury", access: TreasuryParts.readers,
                summary: Bilingual("支付业务", "Treasury desk"), handler: desk),
            Route(
                "treasury.orders", .get, "/desk/treasury/orders", access: TreasuryParts.readers,
                summary: Bilingual("付款单", "Payment orders"), handler: list),
            Route(
                "treasury.orders.new", .get, "/desk/treasury/new", access: .roles([.officer]),
                summary: Bilingual("开具付款单", "Order a payment")
            ) { visit in formPage(visit, [], nil) },
            Route(
                "treasury.orders.place", .post, "/desk/treasury/new", access: .roles([.officer]),
                summary: Bilingual("开具付款单", "Order a payment"), handler: place),
            Route(
                "treasury.order", .get, "/desk/treasury/orders/{id}", access: TreasuryParts.readers,
                summary: Bilingual("一张付款单", "A payment order"), handler: show),
            Route(
                "treasury.order.check", .post, "/desk/treasury/orders/{id}/check", access: TreasuryParts.treasurers,
                summary: Bilingual("复核付款单", "Check a payment order")
            ) { visit in try await attempt(visit) { _ = try await treasury.orders.check($0, by: visit.actor) } },
            Route(
                "treasury.order.approve", .post, "/desk/treasury/orders/{id}/approve", access: .roles([.leader]),
                summary: Bilingual("审批付款单", "Approve a payment order")
            ) { visit in try await attempt(visit) { _ = try await treasury.orders.approve($0, by: visit.actor) } },
            Route(
                "treasury.order.return", .post, "/desk/treasury/orders/{id}/return",
                access: .roles([.treasurer, .leader]), summary: Bilingual("退回付款单", "Send a payment order back")
            ) { visit in
                try await attempt(visit) {
                    _ = try await treasury.orders.sendBack($0, reason: visit.form["reason"] ?? "", by: visit.actor)
                }
            },
        ]
    }

    private func desk(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let states: [PaymentOrder.State] = [.ordered, .checked, .ready, .sent, .partial, .rejected, .returned, .paid]
        let (totals, queued, waiting, first) = try await house.db.read { tx in
            (
                try PaymentStore.totals(states, tx), try BankAnswerStore.lines(.queued, limit: 100, tx).count,
                try PayeeAccountStore.list(state: .proposed, limit: 100, tx).count,
                try (
                    check: PaymentStore.list(state: .ordered, limit: 10, tx),
                    approve: PaymentStore.list(state: .checked, limit: 10, tx)
                )
            )
        }
        func tile(_ state: PaymentOrder.State) -> (value: String, label: String, url: SafeURL?) {
            let total = totals[state] ?? (0, .zero)
            return (
                String(total.count), "\(t(state.name)) · \(total.amount.text(t.language))",
                "/desk/treasury/orders?state=\(state.rawValue)"
            )
        }
        var tiles = states.map(tile)
        tiles.append((String(queued), t("待认领明细", "Lines to be claimed"), "/desk/treasury/queue"))
        tiles.append((String(waiting), t("待确认收款账户", "Bank accounts to be confirmed"), "/desk/treasury/accounts"))
        let body: HTML = """
            <h1>\(t("支付业务", "Treasury desk"))</h1><p class="lead">\(t("各业务在这里付款：开单、复核、审批、生成批次、录入银行回单。", "Every duty pays here: order, check, approval, run, the bank's answer."))</p>\(Parts.tiles(tiles))\
            <div class="buttons">\(Parts.button(t("支付批次", "Payment runs"), to: "/desk/treasury/runs")) \(Parts.button(t("银行回单", "Answers of the bank"), to: "/desk/treasury/answers", .secondary)) \(Parts.button(t("收款账户", "Bank accounts"), to: "/desk/treasury/accounts", .secondary))</div>\
            \(Parts.card(t("待复核", "To be checked"), TreasuryParts.orders(t("待复核", "To be checked"), first.check, empty: t("没有待复核的付款单。", "Nothing waits to be checked."), t)))\
            \(Parts.card(t("待审批", "To be approved"), TreasuryParts.orders(t("待审批", "To be approved"), first.approve, empty: t("没有待审批的付款单。", "Nothing waits to be approved."), t)))
            """
        return .page(Page(title: Bilingual("支付业务", "Treasury desk"), trail: [.desk], width: .desk, body: body))
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let state = visit.query("state").flatMap(PaymentOrder.State.init(rawValue:))
        let after = try visit.query("after").map { try Cursor(parsing: $0, count: 1) }?.values[0].string
        let db = house.db
        let columns = TreasuryParts.orderColumns(visit.language, house.city.zone)
        let file = try visit.export(Bilingual("付款单", "Payment orders"), columns) { last, limit in
            try await db.read { tx in try PaymentStore.list(state: state, after: last?.number, limit: limit, tx) }
        }
        if let file { return file }
        let orders = try await db.read { tx in try PaymentStore.list(state: state, after: after, limit: 51, tx) }
        let next: SafeURL? =
            orders.count > 50
            ? orders.prefix(50).last.map {
                "/desk/treasury/orders?state=\(state?.rawValue ?? "")&after=\(Cursor([.string($0.number)]).text)"
            } : nil
        let options = PaymentOrder.State.allCases.map { ($0.rawValue, t($0.name)) }
        let new: HTML =
            Policy.may(visit.actor, .orderPayments)
            ? "<p>\(Parts.button(t("开具付款单", "Order a payment"), to: "/desk/treasury/new"))</p>" : .empty
        let body: HTML = """
            <h1>\(t("付款单", "Payment orders"))</h1>\(new)\(Fields.filters("/desk/treasury/orders", Fields.select(.init("state", t("状态", "State")), options, value: state?.rawValue, none: t("全部", "All"), t), t))\
            \(visit.exports)\(TreasuryParts.orders(t("付款单", "Payment orders"), orders.prefix(50), empty: t("没有付款单。", "No payment orders."), t))\
            \(Parts.pager(next: next, first: after == nil ? nil : "/desk/treasury/orders", t))
            """
        return .page(
            Page(
                title: Bilingual("付款单", "Payment orders"), trail: TreasuryParts.trail, width: .desk, body: body))
    }

    private func attempt(_ visit: Visit, _ act: (ID<PaymentOrder>) async throws -> Void) async throws -> Answer {
        let id: ID<PaymentOrder> = try visit.id("id")
        do {
            try await act(id)
            return .redirect("/desk/treasury/orders/\(id)")
        } catch let problem as any Problem where problem.kind != .broken && problem.kind != .notFound {
            return try await page(visit, problem)
        }
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id: ID<PaymentOrder> = try visit.id("id")
        let (order, lines, account, file, run) = try await house.db.read { tx in
            let order = try PaymentStore.require(id, tx)
            return (
                order, try BankAnswerStore.lines(of: id, tx),
                try order.account.map { try PayeeAccountStore.require($0, tx) },
                try order.caseID.flatMap { try CaseStore.find($0, tx) },
                try order.run.map { try PaymentRunStore.require($0, tx) }
            )
        }
        let body: HTML = """
            <h1>\(order.number)</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })<p>\(TreasuryParts.state(order.state, t)) \(order.reason.map { t(BankReason.words($0)) } ?? "")</p>\
            \(doing(order, visit))\(Parts.card(t("付款单", "Payment order"), Parts.facts([
                (t("收款人", "Payee"), HTML(text: t(order.payee.name))), (t("用途", "Purpose"), HTML(text: order.purpose)),
                (t("金额", "Amount"), HTML(text: order.amount.text(t.language))), (t("银行已付", "Paid by the bank"), HTML(text: order.paid.text(t.language))),
                (t("退票", "Rejected"), HTML(text: order.rejected.text(t.language))), (t("付后退回", "Returned"), HTML(text: order.returned.text(t.language))),
                (t("办件", "Case"), file.map { "<a href=\"/cases/\($0.id.text)\">\($0.number)</a>" } ?? "—"),
                (t("记账", "Posting"), "<a href=\"/ledger/postings/\(order.posting.text)\">\(t("查看记账", "See the posting"))</a>"),
                (t("资金来自", "Money from"), "<a href=\"/ledger/accounts/\(order.source.text)\">\(t(AccountNames(house.city).name(order.source)))</a>"),
                (t("收款账户", "Bank account"), HTML(text: account.map { "\($0.holder) · \($0.bank) \($0.branch) · \($0.masked)" } ?? t("复核时确定", "set at the check"))),
                (t("支付批次", "Run"), run.map { "<a href=\"/desk/treasury/runs/\($0.id.text)\">\($0.number)</a>" } ?? "—"),
                (t("备注", "Note"), HTML(text: order.note)),
            ])))\(Parts.card(t("经手人", "Who did what"), Parts.timeline(hands(order, t))))\
            \(Parts.card(t("银行回单", "What the bank said"), TreasuryParts.lines(t("银行回单", "What the bank said"), lines, empty: silence(order, t), t)))
            """
        let title = Bilingual(order.number, order.number)
        let trail = TreasuryParts.trail + [Crumb(Bilingual("付款单", "Payment orders"), "/desk/treasury/orders")]
        return .page(
            Page(title: title, trail: trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    /// Why there is nothing of the bank.
    private func silence(_ order: PaymentOrder, _ t: Say) -> String {
        if order.run != nil { return t("银行尚未答复。", "The bank has not answered.") }
        return order.state.isOpen
            ? t("尚未送银行。", "It has not been sent to the bank yet.")
            : t("没有送过银行。", "It was never sent to the bank.")
    }

    private func hands(
        _ order: PaymentOrder, _ t: Say
    ) -> [(when: String, what: String, who: String, detail: HTML)] {
        let zone = house.city.zone
        let all: [(Instant?, String, String?)] = [
            (order.orderedAt, t("开单", "Ordered"), order.orderedName),
            (order.checkedAt, t("复核", "Checked"), order.checkedName),
            (order.approvedAt, t("审批", "Approved"), order.approvedName),
            (order.closedAt, t(order.state.name), nil),
        ]
        return all.compactMap { at, what, who in at.map { (zone.clockText($0), what, who ?? "", .empty) } }
    }

    private func doing(_ order: PaymentOrder, _ visit: Visit) -> HTML {
        let (t, actor) = (visit.say, visit.actor)
        var forms: HTML = .empty
        let isMine = [order.orderedBy, order.checkedBy].contains(actor.account?.text)
        if order.state == .ordered, !isMine, Policy.may(actor, .checkPayments) {
            forms += Parts.post(
                "/desk/treasury/orders/\(order.id.text)/check", t("复核通过", "Check and pass"), token: visit.csrfToken,
                .primary)
        }
        if order.state == .checked, !isMine, Policy.may(actor, .approvePayments) {
            forms += Parts.post(
                "/desk/treasury/orders/\(order.id.text)/approve", t("批准支付", "Approve"), token: visit.csrfToken, .primary
            )
        }
        let mayReturn =
            order.state.isInside
            && (Policy.may(actor, .checkPayments) || order.state == .checked && Policy.may(actor, .approvePayments))
        if mayReturn {
            forms += """
                <details><summary>\(t("退回", "Send back"))</summary>\(Fields.form("/desk/treasury/orders/\(order.id.text)/return", token: visit.csrfToken, Fields.input(.init("reason", t("退回原因", "Reason to return")), t), buttons: Fields.submit(t("退回开单人", "Send back"), .danger)))</details>
                """
        }
        return forms.isEmpty ? .empty : "<div class=\"buttons\">\(forms)</div>"
    }
}

// MARK: Ordering directly

extension OrderPages {
    private func formPage(_ visit: Visit, _ problems: [FieldProblem], _ problem: (any Problem)?) -> Answer {
        let (t, form) = (visit.say, visit.form)
        func input(_ name: String, _ label: String, hint: String? = nil, required: Bool = true) -> HTML {
            Fields.input(
                .init(name, label, hint: hint, required: required), value: form[name] ?? "",
                problem: Fields.problem(name, problems, t), t)
        }
        let year = String(house.today.parts.year)
        let fields: HTML = """
            \(input("reference", t("事由编号", "Number of what is paid"), hint: t("合同、奖项、创新券等的编号；同一编号只付一次", "of a contract, prize or voucher; one number is paid once")))\
            \(input("uscc", t("收款单位统一社会信用代码", "Credit code of the payee")))\(input("amount", t("金额（元）", "Amount (yuan)")))\(input("purpose", t("用途", "Purpose"), hint: t("收款人在对账单上看到的文字", "as the payee reads it on the statement")))\
            \(Fields.select(.init("programme", t("专项预算", "Programme")), house.city.programmes.map { ($0.code, t($0.name)) }, value: form["programme"], problem: Fields.problem("programme", problems, t), t))\
            \(Fields.input(.init("year", t("预算年度", "Budget year")), type: "number", value: form["year"] ?? year, problem: Fields.problem("year", problems, t), isWide: false, t))\
            \(input("case", t("办件编号", "Number of the case"), required: false))
            """
        let title = Bilingual("开具付款单", "Order a payment")
        let body: HTML = """
            <h1>\(t(title))</h1><p class="lead">\(t("用于没有自己付款环节的业务；项目拨款在「拨款」页开具。", "For work without a payment step of its own; tranches of projects are ordered on their page."))</p>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\
            \(Parts.card(nil, Fields.form("/desk/treasury/new", token: visit.csrfToken, fields, buttons: Fields.submit(t("提交财务复核", "Send to be checked")))))
            """
        return .page(
            Page(title: title, trail: TreasuryParts.trail, body: body),
            status: problem?.kind.status ?? (problems.isEmpty ? 200 : 422))
    }

    private func place(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        var values: [String: String] = [:]
        for name in ["reference", "uscc", "amount", "purpose", "programme", "year", "case"] {
            values[name] = form[name]
        }
        do {
            let order = try await treasury.orders.order(try await payment(values), by: visit.actor)
            return .redirect("/desk/treasury/orders/\(order.id)")
        } catch TreasuryError.faulty(let problems) {
            return formPage(visit, problems, nil)
        } catch let problem as any Problem where problem.kind != .broken {
            return formPage(visit, problem.fields, problem)
        }
    }

    /// What was typed as a payment; everything that is wrong is told at once.
    func payment(_ values: [String: String]) async throws -> DirectPayment {
        var problems: [FieldProblem] = []
        func wrong(_ field: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "payment.\(field)", message: Bilingual(zh, en)))
        }
        let code = (try? USCC(parsing: values["uscc"] ?? ""))?.text
        let (number, procedures) = (values["case"] ?? "", house.procedures.definitions.map(\.id))
        let (found, file) = try await house.db.read { tx in
            let id: ID<OrganisationMark>? = try code.flatMap { code in
                try tx.value("SELECT id FROM organisation WHERE uscc = \(code)")
            }
            let file: ID<CaseFile>? =
                number.isEmpty
                ? nil
                : try tx.value(
                    "SELECT id FROM case_file WHERE procedure IN \(list: procedures) AND number = \(number) LIMIT 1")
            return (try id.map { try Payee.organisation($0, tx) }, file)
        }
        if !number.isEmpty, file == nil { wrong("case", "没有这个编号的办件", "Case: none has this number") }
        if found == nil { wrong("uscc", "主体库中没有这个单位", "Payee: no organisation of the registry has this code") }
        let programme = house.city.programmes.first { $0.code == values["programme"] }?.code
        if programme == nil { wrong("programme", "请选择专项预算", "Programme: choose one") }
        let amount = try? Money(parsing: values["amount"] ?? "")
        let payment = DirectPayment(
            reference: values["reference"] ?? "", programme: programme ?? "", year: Int(values["year"] ?? "") ?? 0,
            payee: found ?? Payee(kind: .organisation, id: "", name: Bilingual("", "")), amount: amount ?? .zero,
            purpose: values["purpose"] ?? "", caseID: file)
        problems += payment.problems
        guard problems.isEmpty else { throw TreasuryError.faulty(problems) }
        return payment
    }
}
