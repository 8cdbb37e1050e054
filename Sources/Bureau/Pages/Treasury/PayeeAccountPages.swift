import Kernel
import Portal
import Store
import Treasury

/// Bank accounts: entered by those whom the city pays, confirmed at the treasury desk.
struct PayeeAccountPages: Sendable {
    let house: House
    let treasury: Treasury

    var routes: [Route] {
        [
            Route(
                "bank-accounts", .get, "/bank-accounts", access: .signedIn,
                summary: Bilingual("我的收款账户", "My bank accounts"), handler: own),
            Route(
                "bank-accounts.propose", .post, "/bank-accounts/{kind}/{id}", access: .signedIn,
                summary: Bilingual("登记收款账户", "Enter a bank account"), handler: propose),
            Route(
                "treasury.accounts", .get, "/desk/treasury/accounts", access: TreasuryParts.readers,
                summary: Bilingual("收款账户", "Payees' bank accounts"), handler: list),
            Route(
                "treasury.accounts.confirm", .post, "/desk/treasury/accounts/{id}/confirm",
                access: TreasuryParts.treasurers, summary: Bilingual("确认收款账户", "Confirm a bank account"),
                handler: confirm),
            Route(
                "treasury.accounts.refuse", .post, "/desk/treasury/accounts/{id}/refuse",
                access: TreasuryParts.treasurers, summary: Bilingual("退回收款账户", "Return a bank account"),
                handler: refuse),
        ]
    }

    static func tone(_ account: PayeeAccount, _ today: Day, _ t: Say) -> HTML {
        switch account.state {
        case .proposed: return Parts.badge(t("待财务确认", "To be confirmed"), .warning)
        case .refused: return Parts.badge(t("已退回", "Returned"), .bad)
        case .confirmed:
            guard let day = account.effectiveOn, day > today else { return Parts.badge(t("已生效", "In force"), .good) }
            return Parts.badge(t("\(day.text(.chinese)) 起生效", "In force from \(day.text(.english))"), .info)
        }
    }

    // MARK: One's own

    /// Those for whom the actor speaks.
    private func payees(_ actor: Actor, _ tx: Tx) throws -> [Payee] {
        let places = actor.memberships.filter { $0.roles.contains(.administrator) }.map(\.organisation)
        let found = try Registry.organisations(places, tx).values.sorted { $0.uscc < $1.uscc }
        let organisations = found.map { Payee(kind: .organisation, id: $0.id.text, name: $0.name) }
        return organisations + (try actor.person.map { [try .person($0, tx)] } ?? [])
    }

    private func own(_ visit: Visit) async throws -> Answer { try await ownPage(visit, nil, []) }

    private func ownPage(_ visit: Visit, _ at: String?, _ problems: [FieldProblem]) async throws -> Answer {
        let (t, actor, today) = (visit.say, visit.actor, house.today)
        let (payees, accounts) = try await house.db.read { tx in
            let payees = try self.payees(actor, tx)
            return (payees, try PayeeAccountStore.list(of: payees.map(\.id), limit: 200, tx))
        }
        let days = try house.city.rules.number("treasury.account-wait.days", on: today)
        let parts = HTML(each: payees) { payee -> HTML in
            let known = accounts.filter { $0.payee.id == payee.id }
            let rows = known.map { item -> [HTML] in
                [
                    HTML(text: item.holder), HTML(text: "\(item.bank) \(item.branch)"), HTML(text: item.masked),
                    HTML(text: t.actor(item.proposedName)),
                    "\(PayeeAccountPages.tone(item, today, t)) \(item.reason ?? "")",
                ]
            }
            let columns: [Parts.Column] = [
                .init(t("户名", "Holder")), .init(t("开户行", "Bank")), .init(t("账号", "Number")),
                .init(t("登记人", "Entered by")), .init(t("状态", "State")),
            ]
            let none: HTML = "<p>\(t("还没有登记收款账户，暂不能向您付款。", "No bank account is entered yet; nothing can be paid."))</p>"
            var card = Parts.table(t("收款账户", "Bank accounts"), columns, rows, empty: none)
            if !known.contains(where: { $0.state == .proposed }) {
                let isHere = at == payee.id
                card += """
                    <details\(attribute: "open", if: isHere || known.isEmpty)><summary>\(t("登记新账户", "Enter a new account"))</summary>\(form(payee, visit, isHere ? problems : []))</details>
                    """
            }
            return Parts.card(t(payee.name), card)
        }
        let body: HTML = """
            <h1>\(t("我的收款账户", "My bank accounts"))</h1><p class="lead">\(t("新账户由财务另一人核对确认，再过 \(days) 个工作日生效；在途付款仍按原账户支付。", "Another person, at the treasury, confirms a new account; it is in force \(counted(days, "working day")) later. Payments under way keep the account they were checked with."))</p>\(Parts.toBeChecked(t))\
            \(Parts.errors(problems, t))\(parts)
            """
        return .page(
            Page(title: Bilingual("我的收款账户", "My bank accounts"), trail: [.work], width: .desk, body: body),
            status: problems.isEmpty ? 200 : 422)
    }

    private func form(_ payee: Payee, _ visit: Visit, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        func input(_ name: String, _ label: String, hint: String? = nil) -> HTML {
            Fields.input(
                .init(name, label, hint: hint), value: problems.isEmpty ? "" : visit.form[name] ?? "",
                problem: Fields.problem(name, problems, t), t)
        }
        return Fields.form(
            "/bank-accounts/\(payee.kind.rawValue)/\(payee.id)", token: visit.csrfToken,
            """
            \(input("holder", t("户名", "Holder"), hint: t("与银行预留的一致", "as the bank has it")))\(input("bank", t("开户银行", "Bank")))\(input("branch", t("开户网点", "Branch")))\
            \(input("cnaps", t("大额支付行号（12 位）", "Bank code (CNAPS, twelve digits)")))\(input("number", t("账号", "Account number")))
            """, buttons: Fields.submit(t("提交财务确认", "Send to be confirmed")))
    }

    private func propose(_ visit: Visit) async throws -> Answer {
        let (kind, id) = (visit.path("kind"), visit.path("id"))
        let form = visit.form
        let draft = PayeeAccountDraft(
            holder: form["holder"] ?? "", bank: form["bank"] ?? "", branch: form["branch"] ?? "",
            cnaps: form["cnaps"] ?? "", number: form["number"] ?? "")
        let payee = try await payee(kind, id)
        do {
            _ = try await treasury.accounts.propose(draft, for: payee, by: visit.actor)
            return .redirect("/bank-accounts")
        } catch TreasuryError.accountFaulty(let problems) {
            return try await ownPage(visit, id, problems)
        } catch TreasuryError.accountOpen {
            let error = TreasuryError.accountOpen
            return try await ownPage(
                visit, id, [FieldProblem(field: "", code: error.code, message: error.message)])
        }
    }

    func payee(_ kind: String, _ id: String) async throws -> Payee {
        try await house.db.read { tx in
            switch Payee.Kind(rawValue: kind) {
            case .organisation: try .organisation(ID(id), tx)
            case .person: try .person(ID(id), tx)
            case nil: throw TreasuryError.unknownPayee
            }
        }
    }

    // MARK: The desk

    private func list(_ visit: Visit) async throws -> Answer { try await listPage(visit, nil) }

    private func listPage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let (t, today, db) = (visit.say, house.today, house.db)
        let state = visit.query("state").flatMap(PayeeAccount.State.init(rawValue:)) ?? .proposed
        let before: ID<PayeeAccount>? = visit.query("before").map { ID($0) }
        let file = try visit.export(Bilingual("收款账户", "Bank accounts"), columns(visit.language)) { last, limit in
            try await db.read { tx in try PayeeAccountStore.list(state: state, before: last?.id, limit: limit, tx) }
        }
        if let file { return file }
        let list = try await db.read { tx in try PayeeAccountStore.list(state: state, before: before, limit: 51, tx) }
        let next: SafeURL? =
            list.count > 50
            ? list.prefix(50).last.map { "/desk/treasury/accounts?state=\(state.rawValue)&before=\($0.id.text)" } : nil
        let rows = list.prefix(50).map { item -> [HTML] in
            [
                HTML(text: t(item.payee.name)), HTML(text: item.holder), HTML(text: "\(item.bank) \(item.branch)"),
                HTML(text: item.cnaps), HTML(text: item.masked), HTML(text: t.actor(item.proposedName)),
                "\(PayeeAccountPages.tone(item, today, t)) \(item.reason ?? "")\(decide(item, visit))",
            ]
        }
        let tabs = PayeeAccount.State.allCases.map { one -> (String, SafeURL, Bool) in
            let title: Bilingual =
                switch one {
                case .proposed: Bilingual("待确认", "To be confirmed")
                case .confirmed: Bilingual("已确认", "Confirmed")
                case .refused: Bilingual("已退回", "Returned")
                }
            return (t(title), "/desk/treasury/accounts?state=\(one.rawValue)", one == state)
        }
        let body: HTML = """
            <h1>\(t("收款账户", "Payees' bank accounts"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.tabs(t("状态", "State"), tabs))\(visit.exports)\
            \(Parts.table(t("收款账户", "Bank accounts"), [
                .init(t("收款人", "Payee")), .init(t("户名", "Holder")), .init(t("开户行", "Bank")), .init(t("行号", "Bank code")),
                .init(t("账号", "Number")), .init(t("登记人", "Entered by")), .init(t("状态", "State")),
            ], Array(rows), empty: "<p>\(t("没有账户。", "No accounts."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/desk/treasury/accounts?state=\(state.rawValue)", t))
            """
        return .page(
            Page(title: Bilingual("收款账户", "Bank accounts"), trail: TreasuryParts.trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func columns(_ language: Language) -> [ExportColumn<PayeeAccount>] {
        [
            ExportColumn(Bilingual("收款人", "Payee"), text: { $0.payee.name[language] }),
            ExportColumn(Bilingual("户名", "Holder"), text: \.holder),
            ExportColumn(Bilingual("银行", "Bank"), text: \.bank),
            ExportColumn(Bilingual("网点", "Branch"), text: \.branch),
            ExportColumn(Bilingual("行号", "Code"), text: \.cnaps),
            ExportColumn(Bilingual("账号尾号", "End of number"), text: \.numberEnd),
            ExportColumn(Bilingual("登记人", "Entered by"), text: \.proposedName),
            ExportColumn(Bilingual("确认人", "Decided by"), text: { $0.decidedName ?? "" }),
            ExportColumn(Bilingual("生效", "In force from")) { $0.effectiveOn.map { .day($0) } ?? .none },
        ]
    }

    private func decide(_ item: PayeeAccount, _ visit: Visit) -> HTML {
        let t = visit.say
        let mayDecide =
            item.state == .proposed && Policy.may(visit.actor, .confirmPayeeAccounts)
            && item.proposedBy != visit.actor.account?.text
        guard mayDecide else { return .empty }
        let token = Parts.hidden([(FormSeal.field, visit.csrfToken)])
        let label = t("照盖章资料再录一遍账号", "Type the number again from the stamped paper")
        return """
            <details><summary>\(t("确认", "Confirm"))</summary><form method="post" action="/desk/treasury/accounts/\(item.id.text)/confirm">\(token)\
            <input name="number" aria-label="\(label)" placeholder="\(label)"> <button class="button primary">\(t("账号一致，确认", "It is the same: confirm"))</button></form></details>\
            <details><summary>\(t("退回", "Return"))</summary><form method="post" action="/desk/treasury/accounts/\(item.id.text)/refuse">\(token)\
            <input name="reason" aria-label="\(t("退回原因", "Reason to return"))"> <button class="button danger">\(t("退回登记人", "Return it"))</button></form></details>
            """
    }

    private func confirm(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            _ = try await treasury.accounts.confirm(
                try visit.id("id"), number: visit.form["number"] ?? "", by: visit.actor)
        }
    }

    private func refuse(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            _ = try await treasury.accounts.refuse(
                try visit.id("id"), reason: visit.form["reason"] ?? "", by: visit.actor)
        }
    }

    private func attempt(_ visit: Visit, _ act: () async throws -> Void) async throws -> Answer {
        do {
            try await act()
            return .redirect("/desk/treasury/accounts")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await listPage(visit, problem)
        }
    }
}
