import Kernel
import Portal
import Store
import Treasury

/// The bank's answers: uploading them, their lines, and the queue of what fits nothing.
struct AnswerPages: Sendable {
    let house: House
    let treasury: Treasury

    var routes: [Route] {
        [
            Route(
                "treasury.answers", .get, "/desk/treasury/answers", access: TreasuryParts.readers,
                summary: Bilingual("银行回单", "Answers of the bank"), handler: list),
            Route(
                "treasury.answers.read", .post, "/desk/treasury/answers", access: TreasuryParts.treasurers,
                summary: Bilingual("录入银行回单", "Read an answer of the bank"),
                limits: .uploads(files: 1, bytes: 24 << 20), handler: read),
            Route(
                "treasury.answer", .get, "/desk/treasury/answers/{id}", access: TreasuryParts.readers,
                summary: Bilingual("一份银行回单", "An answer of the bank"), handler: show),
            Route(
                "treasury.answer.file", .get, "/desk/treasury/answers/{id}/file",
                access: .roles([.treasurer, .auditor]), summary: Bilingual("银行回单原文件", "The bank's own file")
            ) { visit in try await TreasuryParts.file(of: try visit.id("id"), treasury, visit) },
            Route(
                "treasury.queue", .get, "/desk/treasury/queue", access: TreasuryParts.readers,
                summary: Bilingual("待认领明细", "Lines that wait"), handler: queue),
            Route(
                "treasury.queue.assign", .post, "/desk/treasury/queue/{id}/assign", access: TreasuryParts.treasurers,
                summary: Bilingual("认领明细", "Assign a line"), handler: assign),
            Route(
                "treasury.queue.dismiss", .post, "/desk/treasury/queue/{id}/dismiss", access: TreasuryParts.treasurers,
                summary: Bilingual("不予处理", "Dismiss a line"), handler: dismiss),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let before: ID<BankAnswer>? = visit.query("before").map { ID($0) }
        let (db, zone) = (house.db, house.city.zone)
        let file = try visit.export(Bilingual("银行回单", "Answers"), columns(zone)) { last, limit in
            try await db.read { tx in try BankAnswerStore.list(before: last?.id, limit: limit, tx) }
        }
        if let file { return file }
        let (answers, counts) = try await db.read { tx in
            let answers = try BankAnswerStore.list(before: before, limit: 51, tx)
            return (answers, try BankAnswerStore.counts(of: answers.map(\.id), tx))
        }
        let rows = answers.prefix(50).map { item -> [HTML] in
            let waiting = counts[item.id]?[.queued] ?? 0
            return [
                "<a href=\"/desk/treasury/answers/\(item.id.text)\">\(item.name)</a>", HTML(text: item.format),
                HTML(text: zone.clockText(item.readAt)), HTML(text: item.readName), HTML(text: String(item.lines)),
                waiting > 0 ? Parts.badge(t("\(waiting) 条待认领", "\(waiting) wait"), .warning) : Parts.badge("0"),
            ]
        }
        let next: SafeURL? =
            answers.count > 50 ? answers.prefix(50).last.map { "/desk/treasury/answers?before=\($0.id.text)" } : nil
        let body: HTML = """
            <h1>\(t("银行回单", "Answers of the bank"))</h1>\(with: problem, { notice($0, t) })\(upload(visit))\(visit.exports)\
            \(Parts.table(t("银行回单", "Answers of the bank"), [
                .init(t("文件", "File")), .init(t("格式", "Format")), .init(t("录入时间", "Read at")), .init(t("录入人", "By")),
                .init(t("明细", "Lines"), numeric: true), .init(t("待认领", "Waiting")),
            ], Array(rows), empty: "<p>\(t("还没有银行回单。", "The bank has answered nothing yet."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/desk/treasury/answers", t))
            """
        return .page(
            Page(title: Bilingual("银行回单", "Answers"), trail: TreasuryParts.trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func columns(_ zone: CityZone) -> [ExportColumn<BankAnswer>] {
        [
            ExportColumn(Bilingual("文件", "File"), text: \.name),
            ExportColumn(Bilingual("格式", "Format"), text: \.format),
            ExportColumn(Bilingual("报文标识", "Message"), text: { $0.message ?? "" }),
            ExportColumn(Bilingual("录入时间", "Read at"), text: { zone.clockText($0.readAt) }),
            ExportColumn(Bilingual("录入人", "By"), text: \.readName),
            ExportColumn(Bilingual("明细", "Lines")) { .number(Int64($0.lines)) },
            ExportColumn(Bilingual("文件摘要", "Hash of the file"), text: \.hash),
        ]
    }

    /// What is wrong, with every fault of a file, and a way to the answer that was read before.
    private func notice(_ problem: any Problem, _ t: Say) -> HTML {
        var more: HTML = .empty
        if case .duplicate(let answer, _, _)? = problem as? TreasuryError {
            more =
                "<p><a href=\"/desk/treasury/answers/\(answer)\">\(t("查看已录入的回单", "See the answer that was read"))</a></p>"
        }
        let faults = HTML(each: problem.fields) { "<li>\(t($0.message))</li>" }
        return Parts.notice(
            .bad, t(problem.message), "\(more)\(if: !problem.fields.isEmpty, "<ul>\(faults)</ul>")")
    }

    private func upload(_ visit: Visit) -> HTML {
        let t = visit.say
        guard Policy.may(visit.actor, .runPayments) else { return .empty }
        let hint = t(
            "camt.054.001.08（XML），或 CSV：付款单号、结果、金额、收款账号，可另有记账日期、银行流水号、原因。",
            "camt.054.001.08 as XML, or CSV with number, outcome, amount, account, and if you like booked, reference, reason."
        )
        return Parts.card(
            t("录入银行回单", "Read an answer"),
            Fields.form(
                "/desk/treasury/answers", token: visit.csrfToken, isUpload: true,
                Fields.input(.init("answer", t("回单文件", "File"), hint: hint), type: "file", t),
                buttons: Fields.submit(t("录入", "Read"))))
    }

    private func read(_ visit: Visit) async throws -> Answer {
        do {
            guard let file = visit.form.file("answer") else {
                throw PlainProblem(
                    .invalid, "treasury.no-file", Bilingual("请选择银行回单文件。", "Choose the file of the bank."))
            }
            let bytes = try await file.bytes(upTo: 20 << 20)
            let answer = try await treasury.answers.read(bytes, name: file.name, by: visit.actor)
            return .redirect("/desk/treasury/answers/\(answer.id)")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, problem)
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<BankAnswer> = try visit.id("id")
        let after = visit.query("after").flatMap(Int.init) ?? 0
        let db = house.db
        let answer = try await db.read { tx in try BankAnswerStore.require(id, tx) }
        let export = try visit.export(Bilingual("银行回单明细", "Lines"), TreasuryParts.lineColumns(visit.language)) {
            last, limit in
            try await db.read { tx in
                try BankAnswerStore.lines(of: id, after: last?.position ?? 0, limit: limit, tx)
            }
        }
        if let export { return export }
        let lines = try await db.read { tx in try BankAnswerStore.lines(of: id, after: after, limit: 51, tx) }
        let next: SafeURL? =
            lines.count > 50
            ? lines.prefix(50).last.map { "/desk/treasury/answers/\(id.text)?after=\($0.position)" } : nil
        let body: HTML = """
            <h1>\(t("银行回单", "Answer of the bank"))</h1>\(Parts.facts([
                (t("文件", "File"), HTML(text: answer.name)), (t("格式", "Format"), HTML(text: answer.format)),
                (t("报文标识", "Message"), HTML(text: answer.message ?? "—")), (t("摘要 SHA-256", "SHA-256"), "<code>\(answer.hash)</code>"),
                (t("录入人", "By"), HTML(text: answer.readName)), (t("录入时间", "Read at"), HTML(text: house.city.zone.clockText(answer.readAt))),
            ]))\(if: Policy.may(visit.actor, .takePaymentFiles), "<p><a href=\"/desk/treasury/answers/\(id.text)/file\">\(t("下载银行原文件", "The bank's own file"))</a></p>")\
            \(visit.exports)\(TreasuryParts.lines(t("明细", "Lines"), lines.prefix(50), empty: "—", t))\
            \(Parts.pager(next: next, first: after == 0 ? nil : "/desk/treasury/answers/\(id.text)", t))
            """
        let trail = TreasuryParts.trail + [Crumb(Bilingual("银行回单", "Answers"), "/desk/treasury/answers")]
        return .page(Page(title: Bilingual("银行回单", "Answer"), trail: trail, width: .desk, body: body))
    }

    // MARK: The queue

    private func queue(_ visit: Visit) async throws -> Answer { try await queuePage(visit, nil) }

    private func queuePage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let after: ID<BankLine>? = visit.query("after").map { ID($0) }
        let db = house.db
        let export = try visit.export(Bilingual("待认领明细", "Waiting"), TreasuryParts.lineColumns(visit.language)) {
            last, limit in
            try await db.read { tx in try BankAnswerStore.lines(.queued, after: last?.id, limit: limit, tx) }
        }
        if let export { return export }
        let lines = try await db.read { tx in try BankAnswerStore.lines(.queued, after: after, limit: 26, tx) }
        let next: SafeURL? =
            lines.count > 25 ? lines.prefix(25).last.map { "/desk/treasury/queue?after=\($0.id.text)" } : nil
        let rows = lines.prefix(25).map { line -> [HTML] in
            [
                HTML(text: line.number.isEmpty ? "—" : line.number), HTML(text: t(line.outcome.name)),
                HTML(text: line.amount.yuanText), HTML(text: line.accountEnd.isEmpty ? "—" : "••••\(line.accountEnd)"),
                "\(line.problem.map { t($0) } ?? "") \(t(BankReason.words(line.reason)))", settle(line, visit),
            ]
        }
        let body: HTML = """
            <h1>\(t("待认领明细", "Lines that wait for a person"))</h1>\(with: problem, { notice($0, t) })\(visit.exports)\
            \(Parts.table(t("待认领明细", "Lines that wait"), [
                .init(t("银行所写单号", "Number at the bank")), .init(t("银行结果", "Outcome")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                .init(t("账号", "Account")), .init(t("未匹配原因", "Why not matched")), .init(t("操作", "Do")),
            ], Array(rows), empty: "<p>\(t("没有待认领的明细。", "Nothing waits."))</p>"))\(Parts.pager(next: next, first: after == nil ? nil : "/desk/treasury/queue", t))
            """
        return .page(
            Page(
                title: Bilingual("待认领明细", "Lines that wait"), trail: TreasuryParts.trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func settle(_ line: BankLine, _ visit: Visit) -> HTML {
        let t = visit.say
        guard Policy.may(visit.actor, .runPayments) else { return TreasuryParts.state(line.state, t) }
        // What was typed for this line comes back with what is wrong with it.
        let typed = visit.form.fields.isEmpty || visit.path("id") != line.id.text ? nil : visit.form
        let chosen = typed?["outcome"].flatMap(PaymentOutcome.init(rawValue:)) ?? line.outcome
        let note = typed?["note"] ?? ""
        let (isAssigning, isDismissing) = (typed?["outcome"] != nil, typed != nil && typed?["outcome"] == nil)
        let outcomes = Self.outcomes.map { outcome -> HTML in
            "<option value=\"\(outcome.rawValue)\"\(attribute: "selected", if: outcome == chosen)>\(t(outcome.name))</option>"
        }
        let token = Parts.hidden([(FormSeal.field, visit.csrfToken)])
        return """
            <details\(attribute: "open", if: isAssigning)><summary>\(t("认领", "Assign"))</summary><form method="post" action="/desk/treasury/queue/\(line.id.text)/assign">\(token)\
            <input class="short" name="number" value="\(typed?["number"] ?? line.number)" aria-label="\(t("付款单号", "Payment order"))"> \
            <select name="outcome" aria-label="\(t("结果", "Outcome"))">\(each: outcomes, { $0 })</select> \
            <input class="short" name="note" value="\(isAssigning ? note : "")" aria-label="\(t("认领依据", "Why"))" placeholder="\(t("认领依据", "Why"))"> <button class="button primary">\(t("认领入账", "Assign"))</button></form></details>\
            <details\(attribute: "open", if: isDismissing)><summary>\(t("不处理", "Dismiss"))</summary><form method="post" action="/desk/treasury/queue/\(line.id.text)/dismiss">\(token)\
            <input class="short" name="note" value="\(isDismissing ? note : "")" aria-label="\(t("理由", "Why"))" placeholder="\(t("理由", "Why"))"> <button class="button danger">\(t("不予处理", "Dismiss"))</button></form></details>
            """
    }

    /// What a person may say that the bank did.
    private static let outcomes: [PaymentOutcome] = [.paid, .rejected, .returned]

    private func assign(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            let (number, note) = (visit.form["number"] ?? "", visit.form["note"] ?? "")
            let outcome = visit.form["outcome"].flatMap(PaymentOutcome.init(rawValue:)).flatMap {
                Self.outcomes.contains($0) ? $0 : nil
            }
            var wrong = Words.problems(note, "note", Bilingual("认领依据", "Why"))
            if try await house.db.read({ tx in try PaymentStore.find(number: number.trimmed, tx) }) == nil {
                wrong.append(
                    FieldProblem(
                        field: "number", code: "treasury.unknown-order",
                        message: Bilingual("没有这个付款单号，请核对", "Payment order: there is none of this number; check it")))
            }
            if outcome == nil {
                wrong.append(
                    FieldProblem(
                        field: "outcome", code: "field.choice",
                        message: Bilingual("请从列表选择结果", "Outcome: choose one of the list")))
            }
            guard wrong.isEmpty, let outcome else { throw PlainProblem.incomplete(wrong) }
            _ = try await treasury.answers.assign(
                try visit.id("id"), to: number, as: outcome, note: note, by: visit.actor)
        }
    }

    private func dismiss(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            _ = try await treasury.answers.dismiss(
                try visit.id("id"), note: visit.form["note"] ?? "", by: visit.actor)
        }
    }

    private func attempt(_ visit: Visit, _ act: () async throws -> Void) async throws -> Answer {
        do {
            try await act()
            return .redirect("/desk/treasury/queue")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await queuePage(visit, problem)
        }
    }
}
