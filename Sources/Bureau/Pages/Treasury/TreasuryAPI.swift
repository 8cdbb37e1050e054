import Kernel
import Portal
import Store
import Treasury

/// The JSON API of the treasury.
struct TreasuryAPI: Sendable {
    let house: House
    let treasury: Treasury

    var routes: [Route] { orders + runs + answers + accounts }

    private struct Reason: Decodable { let reason: String }
    private struct Number: Decodable { let number: String }
    private struct Note: Decodable { let note: String }
    private struct File: Decodable {
        let name: String
        let content: String
    }
    private struct Assignment: Decodable {
        let number: String
        let outcome: PaymentOutcome
        let note: String
    }
    private struct Shown: Encodable {
        let order: PaymentOrder
        let lines: [BankLine]
    }

    private func describe(
        body: Schema? = nil, answer: Schema? = .any, query: [APIDescription.Parameter] = [], status: Int? = nil,
        writes: Bool = true
    ) -> APIDescription {
        APIDescription(
            tag: "treasury", scope: writes ? "desk:write" : "desk:read", query: query, body: body, answer: answer,
            status: status)
    }

    private var orders: [Route] {
        let state = APIDescription.Parameter(
            "state", Bilingual("状态", "State"), schema: .oneOf(PaymentOrder.State.allCases.map(\.rawValue)))
        return [
            Route(
                "api.payments.list", .get, "/api/v1/treasury/orders", access: TreasuryParts.readers,
                summary: Bilingual("付款单列表", "Payment orders"),
                api: describe(answer: .listing(.any), query: [state] + APIDescription.Parameter.paging, writes: false)
            ) { visit in
                let paging = try visit.paging(values: 1)
                let state = visit.query("state").flatMap(PaymentOrder.State.init(rawValue:))
                let rows = try await house.db.read { tx in
                    try PaymentStore.list(
                        state: state, after: paging.after?.values[0].string, limit: paging.limit + 1, tx)
                }
                return .json(Listing(rows, paging, cursor: { Cursor([.string($0.number)]) }, item: { $0 }))
            },
            Route(
                "api.payments.place", .post, "/api/v1/treasury/orders", access: .roles([.officer]),
                summary: Bilingual("开具付款单", "Order a payment out of a programme's budget"),
                api: describe(
                    body: .object(
                        [
                            "reference": .text(maxLength: 60), "uscc": .text(), "amount": .text(), "purpose": .text(),
                            "programme": .text(), "year": .text(), "case": .text(),
                        ], optional: ["case"]), status: 201)
            ) { visit in
                let values = (try visit.json().object ?? [:]).compactMapValues(\.string)
                let payment = try await OrderPages(house: house, treasury: treasury).payment(values)
                let order = try await treasury.orders.order(payment, by: visit.actor)
                return .created(order, at: "/api/v1/treasury/orders/\(order.id)")
            },
            Route(
                "api.payments.show", .get, "/api/v1/treasury/orders/{id}", access: TreasuryParts.readers,
                summary: Bilingual("一张付款单", "A payment order"), api: describe(writes: false)
            ) { visit in
                let id: ID<PaymentOrder> = try visit.id("id")
                return .json(
                    try await house.db.read { tx in
                        Shown(order: try PaymentStore.require(id, tx), lines: try BankAnswerStore.lines(of: id, tx))
                    })
            },
            Route(
                "api.payments.check", .post, "/api/v1/treasury/orders/{id}/check", access: TreasuryParts.treasurers,
                summary: Bilingual("复核付款单", "Check a payment order"), api: describe()
            ) { visit in .json(try await treasury.orders.check(try visit.id("id"), by: visit.actor)) },
            Route(
                "api.payments.approve", .post, "/api/v1/treasury/orders/{id}/approve", access: .roles([.leader]),
                summary: Bilingual("审批付款单", "Approve a payment order"), api: describe()
            ) { visit in .json(try await treasury.orders.approve(try visit.id("id"), by: visit.actor)) },
            Route(
                "api.payments.return", .post, "/api/v1/treasury/orders/{id}/return",
                access: .roles([.treasurer, .leader]), summary: Bilingual("退回付款单", "Send a payment order back"),
                api: describe(body: .object(["reason": .text()]))
            ) { visit in
                .json(
                    try await treasury.orders.sendBack(
                        try visit.id("id"), reason: try visit.json(as: Reason.self).reason, by: visit.actor))
            },
        ]
    }

    private var runs: [Route] {
        [
            Route(
                "api.runs.list", .get, "/api/v1/treasury/runs", access: TreasuryParts.readers,
                summary: Bilingual("支付批次列表", "Payment runs"),
                api: describe(answer: .listing(.any), query: APIDescription.Parameter.paging, writes: false)
            ) { visit in
                let paging = try visit.paging(values: 1)
                let before = paging.after?.values[0].string.map { ID<PaymentRun>($0) }
                let rows = try await house.db.read { tx in
                    try PaymentRunStore.list(before: before, limit: paging.limit + 1, tx)
                }
                return .json(Listing(rows, paging, cursor: { Cursor([.string($0.id.text)]) }, item: { $0 }))
            },
            Route(
                "api.runs.make", .post, "/api/v1/treasury/runs", access: TreasuryParts.treasurers,
                summary: Bilingual("生成支付批次", "Make a payment run"), api: describe(status: 201)
            ) { visit in
                let run = try await treasury.runs.make(by: visit.actor)
                return .created(run, at: "/api/v1/treasury/runs/\(run.id)/xml")
            },
            Route(
                "api.runs.xml", .get, "/api/v1/treasury/runs/{id}/xml", access: .roles([.treasurer, .auditor]),
                summary: Bilingual("批次文件 pain.001.001.09", "The run as pain.001.001.09"),
                api: APIDescription(tag: "treasury", scope: "desk:read", file: "application/xml")
            ) { visit in
                let (run, bytes) = try await treasury.runs.xml(try visit.id("id"), by: visit.actor)
                return .bytes(bytes, type: "application/xml", name: "\(run.number).xml")
            },
            Route(
                "api.runs.csv", .get, "/api/v1/treasury/runs/{id}/csv", access: .roles([.treasurer, .auditor]),
                summary: Bilingual("批次文件 CSV", "The run as CSV"),
                api: APIDescription(tag: "treasury", scope: "desk:read", file: "text/csv")
            ) { visit in
                let (run, bytes) = try await treasury.runs.csv(try visit.id("id"), by: visit.actor)
                return .bytes(bytes, type: "text/csv; charset=utf-8", name: "\(run.number).csv")
            },
        ]
    }

    private var answers: [Route] {
        [
            Route(
                "api.answers.read", .post, "/api/v1/treasury/answers", access: TreasuryParts.treasurers,
                summary: Bilingual("录入银行回单（camt.054.001.08 或 CSV）", "Read an answer: camt.054.001.08 or CSV"),
                limits: BodyLimits(bytes: 24 << 20),
                api: describe(body: .object(["name": .text(maxLength: 200), "content": .text()]), status: 201)
            ) { visit in
                let file = try visit.json(as: File.self)
                let answer = try await treasury.answers.read(
                    Array(file.content.utf8), name: file.name, by: visit.actor)
                return .created(answer, at: "/api/v1/treasury/answers/\(answer.id)")
            },
            Route(
                "api.answers.show", .get, "/api/v1/treasury/answers/{id}", access: TreasuryParts.readers,
                summary: Bilingual("银行回单明细", "Lines of an answer"),
                api: describe(answer: .listing(.any), query: APIDescription.Parameter.paging, writes: false)
            ) { visit in
                let id: ID<BankAnswer> = try visit.id("id")
                let paging = try visit.paging(values: 1)
                let after = paging.after?.values[0].integer.map(Int.init) ?? 0
                let rows = try await house.db.read { tx in
                    try BankAnswerStore.lines(of: id, after: after, limit: paging.limit + 1, tx)
                }
                return .json(
                    Listing(rows, paging, cursor: { Cursor([.integer(Int64($0.position))]) }, item: { $0 }))
            },
            Route(
                "api.answers.file", .get, "/api/v1/treasury/answers/{id}/file", access: .roles([.treasurer, .auditor]),
                summary: Bilingual("银行回单原文件", "The bank's own file"),
                api: APIDescription(tag: "treasury", scope: "desk:read", file: "application/octet-stream")
            ) { visit in try await TreasuryParts.file(of: try visit.id("id"), treasury, visit) },
            Route(
                "api.queue.list", .get, "/api/v1/treasury/queue", access: TreasuryParts.readers,
                summary: Bilingual("待认领明细", "Lines that wait"),
                api: describe(answer: .listing(.any), query: APIDescription.Parameter.paging, writes: false)
            ) { visit in
                let paging = try visit.paging(values: 1)
                let after = paging.after?.values[0].string.map { ID<BankLine>($0) }
                let rows = try await house.db.read { tx in
                    try BankAnswerStore.lines(.queued, after: after, limit: paging.limit + 1, tx)
                }
                return .json(Listing(rows, paging, cursor: { Cursor([.string($0.id.text)]) }, item: { $0 }))
            },
            Route(
                "api.queue.assign", .post, "/api/v1/treasury/queue/{id}/assign", access: TreasuryParts.treasurers,
                summary: Bilingual("认领明细", "Assign a line"),
                api: describe(
                    body: .object([
                        "number": .text(), "outcome": .oneOf(["paid", "rejected", "returned"]), "note": .text(),
                    ]))
            ) { visit in
                let body = try visit.json(as: Assignment.self)
                return .json(
                    try await treasury.answers.assign(
                        try visit.id("id"), to: body.number, as: body.outcome, note: body.note, by: visit.actor))
            },
            Route(
                "api.queue.dismiss", .post, "/api/v1/treasury/queue/{id}/dismiss", access: TreasuryParts.treasurers,
                summary: Bilingual("不予处理", "Dismiss a line"), api: describe(body: .object(["note": .text()]))
            ) { visit in
                .json(
                    try await treasury.answers.dismiss(
                        try visit.id("id"), note: try visit.json(as: Note.self).note, by: visit.actor))
            },
        ]
    }

    private var accounts: [Route] {
        let draft = Schema.object([
            "holder": .text(), "bank": .text(), "branch": .text(), "cnaps": .text(), "number": .text(),
        ])
        let pages = PayeeAccountPages(house: house, treasury: treasury)
        return [
            Route(
                "api.bank-accounts.list", .get, "/api/v1/treasury/accounts", access: TreasuryParts.readers,
                summary: Bilingual("收款账户列表", "Payees' bank accounts"),
                api: describe(
                    answer: .listing(.any),
                    query: [
                        .init(
                            "state", Bilingual("状态", "State"),
                            schema: .oneOf(PayeeAccount.State.allCases.map(\.rawValue)))
                    ] + APIDescription.Parameter.paging, writes: false)
            ) { visit in
                let paging = try visit.paging(values: 1)
                let state = visit.query("state").flatMap(PayeeAccount.State.init(rawValue:)) ?? .proposed
                let before = paging.after?.values[0].string.map { ID<PayeeAccount>($0) }
                let rows = try await house.db.read { tx in
                    try PayeeAccountStore.list(state: state, before: before, limit: paging.limit + 1, tx)
                }
                return .json(Listing(rows, paging, cursor: { Cursor([.string($0.id.text)]) }, item: { $0 }))
            },
            Route(
                "api.bank-accounts.propose", .post, "/api/v1/bank-accounts/{kind}/{id}", access: .signedIn,
                summary: Bilingual("登记收款账户", "Enter a bank account"),
                api: APIDescription(
                    tag: "treasury", scope: "cases:write", body: draft, answer: .any, status: 201)
            ) { visit in
                let body = try visit.json(as: PayeeAccountDraft.self)
                let typed = PayeeAccountDraft(
                    holder: body.holder, bank: body.bank, branch: body.branch, cnaps: body.cnaps, number: body.number)
                let payee = try await pages.payee(visit.path("kind"), visit.path("id"))
                let account = try await treasury.accounts.propose(typed, for: payee, by: visit.actor)
                return .created(account, at: "/api/v1/treasury/accounts")
            },
            Route(
                "api.bank-accounts.confirm", .post, "/api/v1/treasury/accounts/{id}/confirm",
                access: TreasuryParts.treasurers, summary: Bilingual("确认收款账户", "Confirm a bank account"),
                api: describe(body: .object(["number": .text()]))
            ) { visit in
                .json(
                    try await treasury.accounts.confirm(
                        try visit.id("id"), number: try visit.json(as: Number.self).number, by: visit.actor))
            },
            Route(
                "api.bank-accounts.refuse", .post, "/api/v1/treasury/accounts/{id}/refuse",
                access: TreasuryParts.treasurers, summary: Bilingual("退回收款账户", "Return a bank account"),
                api: describe(body: .object(["reason": .text()]))
            ) { visit in
                .json(
                    try await treasury.accounts.refuse(
                        try visit.id("id"), reason: try visit.json(as: Reason.self).reason, by: visit.actor))
            },
        ]
    }
}
