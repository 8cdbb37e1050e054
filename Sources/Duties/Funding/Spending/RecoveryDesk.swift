import Kernel
import Portal
import Store

/// Money that has to come back: the list, agreed parts with penalties, writing off.
struct RecoveryDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "desk.recoveries", .get, "/desk/recoveries", access: CallDesk.staff,
                summary: Bilingual("应退资金", "Money due back"), handler: list),
            Route(
                "desk.recoveries.show", .get, "/desk/recoveries/{id}", access: CallDesk.staff,
                summary: Bilingual("一笔应退资金", "One recovery"), handler: show),
            Route(
                "desk.recoveries.plan", .post, "/desk/recoveries/{id}/plan", access: .roles([.officer]),
                summary: Bilingual("约定分期", "Agree on parts"), handler: plan),
            Route(
                "desk.recoveries.part", .post, "/desk/recoveries/{id}/parts", access: .roles([.treasurer]),
                summary: Bilingual("确认一期到账", "Book a part"), handler: receive),
            Route(
                "desk.recoveries.write-off", .post, "/desk/recoveries/{id}/write-off", access: .roles([.officer]),
                summary: Bilingual("提出核销", "Propose to write off"), handler: propose),
            Route(
                "desk.recoveries.write-off.decide", .post, "/desk/recoveries/{id}/write-off/decide",
                access: .roles([.leader]), summary: Bilingual("审定核销", "Decide on writing off"), handler: decide),
        ]
    }

    private struct Line: Sendable {
        let recovery: Recovery
        let project: Project?
    }

    private static func columns(_ language: Language) -> [ExportColumn<Line>] {
        [
            ExportColumn(Bilingual("项目", "Project"), text: { $0.project?.number ?? "" }),
            ExportColumn(Bilingual("单位", "Organisation"), text: { $0.project?.organisationName[language] ?? "" }),
            ExportColumn(Bilingual("原因", "Reason"), text: { $0.recovery.reason[language] }),
            ExportColumn(Bilingual("金额（元）", "Amount (yuan)")) { .money($0.recovery.amount) },
            ExportColumn(Bilingual("利息（元）", "Interest (yuan)")) { .money($0.recovery.interest) },
            ExportColumn(Bilingual("期限", "Due")) { $0.recovery.dueOn.map { .day($0) } ?? .none },
            ExportColumn(Bilingual("状态", "State"), text: { $0.recovery.state.title[language] }),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let state = visit.query("state").flatMap(Recovery.State.init(rawValue:)) ?? .due
        let late = visit.query("late") == "yes" ? house.today : nil
        let db = house.db
        let read = { @Sendable (place: (Day, String)?, limit: Int) async throws -> [Line] in
            try await db.read { tx in
                let list = try RecoveryStore.list(state: state, before: late, after: place, limit: limit, tx)
                let projects = try ProjectStore.all(list.map(\.project), tx)
                return list.map { Line(recovery: $0, project: projects[$0.project]) }
            }
        }
        let file = try visit.export(Bilingual("应退资金", "Money due back"), Self.columns(visit.language)) { last, limit in
            try await read(last.flatMap { line in line.recovery.dueOn.map { ($0, line.recovery.id) } }, limit)
        }
        if let file { return file }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (Day, String)? in
            guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string else {
                return nil
            }
            return (day, id)
        }
        let lines = try await read(place, 51)
        let next =
            lines.count > 50
            ? lines.prefix(50).last.flatMap { line -> SafeURL? in
                guard let day = line.recovery.dueOn else { return nil }
                return SafeURL(
                    checking:
                        "/desk/recoveries?state=\(state.rawValue)&late=\(late == nil ? "" : "yes")&after=\(Cursor([.string(day.description), .string(line.recovery.id)]).text)"
                )
            } : nil
        let rows = lines.prefix(50).map { line -> [HTML] in
            let isLate = line.recovery.state == .due && line.recovery.dueOn.map { $0 < house.today } ?? false
            return [
                "<a href=\"/desk/recoveries/\(line.recovery.id)\">\(line.project?.number ?? "")</a>",
                HTML(text: line.project.map { t($0.organisationName) } ?? ""), HTML(text: t(line.recovery.reason)),
                HTML(text: line.recovery.amount.yuanText), HTML(text: line.recovery.interest.yuanText),
                HTML(text: line.recovery.dueOn?.text(t.language) ?? "—"),
                isLate ? Parts.badge(t("逾期", "Overdue"), .bad) : Parts.badge(t(line.recovery.state.title)),
            ]
        }
        let body: HTML = """
            <h1>\(t("应退资金", "Money due back"))</h1>\(Fields.filters("/desk/recoveries", """
                \(Fields.select(.init("state", t("状态", "State")), Recovery.State.allCases.map { ($0.rawValue, t($0.title)) }, value: state.rawValue, none: t("应退", "Due back"), t))\
                \(Fields.select(.init("late", t("逾期", "Overdue")), [("yes", t("仅逾期", "Overdue only"))], value: late == nil ? nil : "yes", none: t("全部", "All"), t))
                """, t))\(visit.exports)\(Parts.table(t("应退资金", "Money due back"), [
                .init(t("项目", "Project")), .init(t("单位", "Organisation")), .init(t("原因", "Reason")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                .init(t("利息（元）", "Interest (yuan)"), numeric: true), .init(t("期限", "Due")), .init(t("状态", "State")),
            ], Array(rows), empty: "<p>\(t("没有应退资金。", "Nothing is due back."))</p>"))\(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/recoveries", t))
            """
        return .page(
            Page(title: Bilingual("应退资金", "Money due back"), trail: [CallDesk.crumb], width: .desk, body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id = visit.path("id")
        let (recovery, project, parts, writeOff) = try await house.db.read { tx in
            guard let recovery = try RecoveryStore.find(id, tx) else { throw RecoveryError.unknown }
            return (
                recovery, try ProjectStore.require(recovery.project, tx), try RecoveryStore.parts(id, tx),
                try RecoveryStore.writeOff(id, tx)
            )
        }
        let facts: [(String, HTML)] = [
            (
                t("项目", "Project"),
                "<a href=\"/projects/\(project.number)/money\">\(project.number)</a> \(t(project.title))"
            ),
            (t("单位", "Organisation"), HTML(text: t(project.organisationName))),
            (t("原因", "Reason"), HTML(text: t(recovery.reason))),
            (t("金额", "Amount"), HTML(text: recovery.amount.text(t.language))),
            (t("利息", "Interest"), HTML(text: recovery.interest.text(t.language))),
            (t("期限", "Due"), HTML(text: recovery.dueOn?.text(t.language) ?? "—")),
            (t("状态", "State"), Parts.badge(t(recovery.state.title), recovery.isSettled ? .good : .warning)),
        ]
        let problems = problem?.fields ?? []
        let body: HTML = """
            <h1>\(t("应退资金", "Money due back"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\(Parts.card(nil, Parts.facts(facts)))\
            \(try partsCard(recovery, parts, problems, visit))\(writeOffCard(recovery, writeOff, problems, visit))
            """
        return .page(
            Page(
                title: Bilingual("应退资金", "Money due back"),
                trail: [CallDesk.crumb, Crumb(Bilingual("应退资金", "Money due back"), "/desk/recoveries")], width: .desk,
                body: body), status: problem?.kind.status ?? 200)
    }

    private func partsCard(
        _ recovery: Recovery, _ parts: [RecoveryPart], _ problems: [FieldProblem], _ visit: Visit
    ) throws -> HTML {
        let (t, token) = (visit.say, visit.csrfToken)
        let law = house.city.rules.law(on: house.today)
        let next = recovery.isSettled ? nil : parts.first { $0.paidOn == nil }?.position
        let rows = try parts.map { part -> [HTML] in
            let penalty =
                part.paidOn == nil && !recovery.isSettled
                ? try RecoveryActions.penalty(part.amount, dueOn: part.dueOn, on: house.today, law) : part.penalty
            let act: HTML =
                part.position == next && Policy.may(visit.actor, .confirmTranches)
                ? Parts.post(
                    "/desk/recoveries/\(recovery.id)/parts", t("本期已到账", "This part has come"), token: token, .primary,
                    fields: [("position", String(part.position))]) : .empty
            return [
                HTML(text: String(part.position)), HTML(text: part.dueOn.text(t.language)),
                HTML(text: part.amount.yuanText), HTML(text: penalty.yuanText),
                part.paidOn.map { HTML(text: $0.text(t.language)) }
                    ?? (part.dueOn < house.today && !recovery.isSettled
                        ? Parts.badge(t("逾期", "Overdue"), .bad) : "—"),
                act,
            ]
        }
        let source = try law.number("recovery.penalty").reference.source
        let rate = try law.number("recovery.penalty").value
        let rule: HTML = """
            <p class="hint">\(t("逾期滞纳金：每百元每日 \(rate) 分。", "Penalty for being late: \(rate) fen a day for each RMB 100.")) \(source.cited[t.language]) \
            \(if: source.confidence.needsChecking, Parts.toBeChecked(t))</p>
            """
        let mayPlan = !recovery.isSettled && parts.isEmpty && Policy.may(visit.actor, .planRecoveries)
        let form = Fields.form(
            "/desk/recoveries/\(recovery.id)/plan", token: token,
            HTML(each: 1...(try most())) { number in
                """
                \(Fields.input(.init("amount-\(number)", t("第 \(number) 期金额（元）", "Part \(number) (yuan)"), required: number < 3), value: visit.form["amount-\(number)"] ?? "", problem: Fields.problem("amount-\(number)", problems, t), isWide: false, t))\
                \(Fields.input(.init("day-\(number)", t("第 \(number) 期日期", "Day of part \(number)"), required: number < 3), type: "date", value: visit.form["day-\(number)"] ?? "", problem: Fields.problem("day-\(number)", problems, t), isWide: false, t))
                """
            }, buttons: Fields.submit(t("约定分期", "Agree on parts")))
        return Parts.card(
            t("分期退款", "Parts"),
            """
            \(Parts.table(t("分期退款", "Parts"), [
                .init(t("期次", "No.")), .init(t("日期", "Due")), .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("滞纳金（元）", "Penalty (yuan)"), numeric: true),
                .init(t("到账", "Came")), .init(t("操作", "Do")),
            ], rows, empty: "<p>\(t("没有约定分期，应一次退回。", "No parts are agreed; it comes back at once."))</p>"))\(rule)\(if: mayPlan, form)
            """)
    }

    private func writeOffCard(
        _ recovery: Recovery, _ writeOff: WriteOff?, _ problems: [FieldProblem], _ visit: Visit
    ) -> HTML {
        let (t, token) = (visit.say, visit.csrfToken)
        let base: SafeURL = "/desk/recoveries/\(recovery.id)/write-off"
        var body: HTML = .empty
        if let writeOff {
            body += "<p>\(writeOff.reason)</p>"
            if writeOff.decidedBy == nil, !recovery.isSettled, visit.actor.roles.contains(.leader) {
                body += Parts.post(
                    "\(base)/decide", t("同意核销", "Write it off"), token: token, .danger, fields: [("agreed", "yes")])
                body += Parts.post("\(base)/decide", t("不同意", "Refuse"), token: token)
            } else if writeOff.decidedBy == nil {
                body += Parts.badge(t("待局领导审定", "A leader decides"), .warning)
            }
        }
        if writeOff == nil || writeOff?.decidedBy != nil, !recovery.isSettled,
            Policy.may(visit.actor, .planRecoveries)
        {
            body += Fields.form(
                base, token: token,
                Fields.textarea(
                    .init("reason", t("核销理由", "Reason to write it off")), value: visit.form["reason"] ?? "", rows: 3,
                    most: 1_000, problem: Fields.problem("reason", problems, t), t),
                buttons: Fields.submit(t("提出核销", "Propose to write it off"), .secondary))
        }
        return body.isEmpty ? .empty : Parts.card(t("核销（两人决定）", "Writing off, by two people"), body)
    }

    private func attempt(_ visit: Visit, _ act: (String) async throws -> Void) async throws -> Answer {
        do {
            try await act(visit.path("id"))
            return .redirect("/desk/recoveries/\(visit.path("id"))")
        } catch let problem as any Problem where problem.kind != .broken && problem.kind != .notFound {
            return try await page(visit, problem)
        }
    }

    /// How many parts may be agreed on.
    private func most() throws -> Int {
        max(2, Int(try house.city.rules.law(on: house.today).number("recovery.instalments").value))
    }

    private func plan(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in
            var parts: [RecoveryActions.Part] = []
            var wrong: [FieldProblem] = []
            let rows = (1...(try most())).map { number in
                (number, ["amount", "day"].map { (visit.form["\($0)-\(number)"] ?? "").trimmed })
            }
            let isFew = rows.count { $0.1 != ["", ""] } < 2
            // What comes back in parts comes in two at least.
            for (number, typed) in rows where typed != ["", ""] || isFew && number <= 2 {
                let (amount, day) = (try? Money(parsing: typed[0]), Day(typed[1]))
                if amount == nil {
                    wrong.append(
                        FieldProblem(
                            field: "amount-\(number)", code: "field.money",
                            message: Bilingual(
                                "第 \(number) 期：请填写金额，如 30,000.00", "Part \(number): give the sum, such as 30,000.00")))
                }
                if day == nil {
                    wrong.append(
                        FieldProblem(
                            field: "day-\(number)", code: "field.day",
                            message: Bilingual(
                                "第 \(number) 期：请填写日期，如 2026-11-24", "Part \(number): give the day, such as 2026-11-24"))
                    )
                }
                if let amount, let day { parts.append(.init(amount, dueOn: day)) }
            }
            guard wrong.isEmpty else { throw PlainProblem.incomplete(wrong) }
            try await funding.recoveries.agree(id, parts, by: visit.actor)
        }
    }

    private func receive(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in
            try await funding.recoveries.receive(
                id, position: Int(visit.form["position"] ?? "") ?? 0, by: visit.actor)
        }
    }

    private func propose(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in
            try await funding.recoveries.proposeWriteOff(id, reason: visit.form["reason"] ?? "", by: visit.actor)
        }
    }

    private func decide(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in
            try await funding.recoveries.decideWriteOff(id, agreed: visit.form["agreed"] == "yes", by: visit.actor)
        }
    }
}
