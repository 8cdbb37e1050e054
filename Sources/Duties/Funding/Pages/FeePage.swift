import Kernel
import Portal
import Review
import Store

/// The fees of a call's experts: what the rule allows, what one person proposes, what another decides.
struct FeePage: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "desk.fees", .get, "/desk/calls/{id}/fees", access: CallDesk.staff,
                summary: Bilingual("专家咨询费", "Fees of experts"), handler: show),
            Route(
                "desk.fees.propose", .post, "/desk/calls/{id}/fees", access: .roles([.officer]),
                summary: Bilingual("拟定专家咨询费", "Propose fees of experts"), handler: propose),
            Route(
                "desk.fees.decide", .post, "/desk/calls/{id}/fees/decision", access: .roles([.leader]),
                summary: Bilingual("审批专家咨询费", "Decide on fees of experts"), handler: decide),
        ]
    }

    /// What the page reads.
    private struct Model: Sendable {
        let call: Call
        let round: Round?
        let run: ExpertFeeRun?
        let lines: [ExpertFeeLine]
        let experts: [ID<Expert>: Expert]
        let sheets: [ID<Expert>: Int]
    }

    private func load(_ id: ID<Call>) async throws -> Model {
        try await house.db.read { tx in
            let call = try CallStore.require(id, tx)
            guard let round = try RoundStore.find(subject: id.text, tx) else {
                return Model(call: call, round: nil, run: nil, lines: [], experts: [:], sheets: [:])
            }
            let sheets = round.state == .closed ? try ExpertFeeStore.sheets(round.id, tx) : [:]
            let lines = try ExpertFeeStore.lines(round.id, tx)
            return Model(
                call: call, round: round, run: try ExpertFeeStore.run(round.id, tx), lines: lines,
                experts: try ExpertStore.all(Array(Set(sheets.keys).union(lines.map(\.expert))), tx), sheets: sheets)
        }
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private static let columns: [ExportColumn<(line: ExpertFeeLine, expert: Expert?)>] = [
        ExportColumn(Bilingual("专家", "Expert"), text: { $0.expert?.name ?? "" }),
        ExportColumn(Bilingual("职称", "Title"), text: { $0.expert?.title ?? "" }),
        ExportColumn(Bilingual("单位", "Employer"), text: { $0.expert?.organisationName ?? "" }),
        ExportColumn(Bilingual("级别", "Rank"), text: { $0.line.rank.rawValue }),
        ExportColumn(Bilingual("份数", "Sheets")) { .number(Int64($0.line.sheets)) },
        ExportColumn(Bilingual("标准下限（元）", "Least (yuan)")) { .money($0.line.least) },
        ExportColumn(Bilingual("标准上限（元）", "Most (yuan)")) { .money($0.line.most) },
        ExportColumn(Bilingual("税后金额（元）", "Amount after tax (yuan)")) { .money($0.line.amount) },
        ExportColumn(Bilingual("状态", "State"), text: { $0.line.state.rawValue }),
    ]

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let model = try await load(try visit.id("id"))
        let listed = model.lines.map { (line: $0, expert: model.experts[$0.expert]) }
        let file = try visit.export(Bilingual("专家咨询费", "Fees of experts"), FeePage.columns) { last, limit in
            let start = last.flatMap { last in listed.firstIndex { $0.line.id == last.line.id }.map { $0 + 1 } } ?? 0
            return Array(listed.dropFirst(start).prefix(limit))
        }
        if let file { return file }
        let rows = listed.map { line, expert -> [HTML] in
            [
                HTML(text: t(expert?.introduced) ?? ""), HTML(text: expert.map { t(written: $0.title) } ?? ""),
                HTML(text: t(line.rank.title)), HTML(text: String(line.sheets)),
                "\(line.least.yuanText) – \(line.most.yuanText)", HTML(text: line.amount.yuanText),
                Parts.badge(t(line.state.title), line.state == .paid ? .good : .info),
            ]
        }
        let content: HTML =
            model.round?.state == .closed
            ? "\(run(model, t))\(proposal(visit, model, problem?.fields ?? []))\(decision(visit, model))"
            : Parts.notice(.info, t("评审结束后拟定咨询费", "Fees are proposed when the review is closed"))
        let body: HTML = """
            <h1>\(t(model.call.title))</h1>\(CallDesk.tabs(model.call, "fees", visit))\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\(content)\
            \(if: !rows.isEmpty, visit.exports)\(if: !rows.isEmpty, Parts.table(t("专家咨询费", "Fees of experts"), [
                .init(t("专家", "Expert")), .init(t("职称", "Title")), .init(t("级别", "Rank")), .init(t("份数", "Sheets"), numeric: true),
                .init(t("标准（元）", "Allowed (yuan)"), numeric: true), .init(t("税后金额（元）", "After tax (yuan)"), numeric: true), .init(t("状态", "State")),
            ], rows, empty: .empty))
            """
        return .page(
            Page(
                title: Bilingual("专家咨询费", "Fees of experts"),
                trail: [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func run(_ model: Model, _ t: Say) -> HTML {
        guard let run = model.run else { return .empty }
        let state: HTML =
            switch run.state {
            case .proposed: Parts.badge(t("待批准", "Proposed"), .warning)
            case .returned: Parts.badge(t("已退回", "Sent back"), .bad)
            case .approved: Parts.badge(t("已批准，已开付款单", "Approved and ordered"), .good)
            }
        return Parts.card(
            nil,
            Parts.facts([
                (t("状态", "State"), state), (t("合计（税后）", "Total after tax"), HTML(text: run.total.text(t.language))),
                (t("拟定", "Proposed by"), HTML(text: run.proposedName)),
                (t("审批", "Decided by"), HTML(text: run.decidedName ?? "—")),
                (t("理由", "Reason"), HTML(text: run.reason)),
            ]))
    }

    private func proposal(_ visit: Visit, _ model: Model, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        guard Policy.may(visit.actor, .proposeFees), model.run.map({ $0.state == .returned }) ?? true else {
            return .empty
        }
        let law = house.city.rules.law(on: house.today)
        let ranks = Set(model.sheets.keys.map { ExpertFeeFacts.Rank(title: model.experts[$0]?.title ?? "") })
        let fields = HTML(each: ExpertFeeFacts.Rank.allCases.filter(ranks.contains)) { rank in
            let limits = try? ExpertFeeActions.ruling(rank, sheets: 1, law).outcome
            let count = model.sheets.filter { ExpertFeeFacts.Rank(title: model.experts[$0.key]?.title ?? "") == rank }
            let sheets = count.values.reduce(0, +)
            let hint = t(
                "\(count.count) 位专家，\(sheets) 份；每份税后 \(limits?.least?.yuanText ?? "?") 元至 \(limits?.most?.yuanText ?? "?") 元",
                "\(counted(count.count, "expert")), \(counted(sheets, "sheet")); RMB \(limits?.least?.yuanText ?? "?") to \(limits?.most?.yuanText ?? "?") a sheet after tax"
            )
            return Fields.input(
                .init(rank.rawValue, "\(t(rank.title))\(t("，每份（元）", ", a sheet (yuan)"))", hint: hint),
                value: visit.form[rank.rawValue] ?? limits?.most?.yuanText ?? "",
                problem: Fields.problem(rank.rawValue, problems, t), isWide: false, t)
        }
        let source = (try? law.number("review.fee.remote-most"))?.reference.source
        let basis: HTML =
            source.map {
                "<p>\(t($0.cited))\(if: $0.confidence.needsChecking, " \(Parts.toBeChecked(t))")</p>"
            } ?? .empty
        return Parts.card(
            t("拟定咨询费", "Propose fees"),
            """
            \(basis)<p>\(t("通讯评审按次计算，级别按专家库中的职称。金额为税后，由专项预算支出，批准后逐人开具付款单。", "Remote reviews are paid by times; the rank follows the title in the pool. Amounts are after tax and come out of the programme's budget; once approved, the treasury gets an order for each expert."))</p>\
            \(Fields.form("/desk/calls/\(model.call.id.text)/fees", token: visit.csrfToken, fields, buttons: Fields.submit(t("拟定并送审", "Propose"))))
            """)
    }

    private func decision(_ visit: Visit, _ model: Model) -> HTML {
        let t = visit.say
        guard let run = model.run, run.state == .proposed, Policy.may(visit.actor, .approveFees),
            run.proposedBy != visit.actor.account?.text
        else { return .empty }
        return Parts.card(
            t("审批", "Decide"),
            Fields.form(
                "/desk/calls/\(model.call.id.text)/fees/decision", token: visit.csrfToken,
                Fields.input(.init("reason", t("理由", "Reason"), required: false), t),
                buttons:
                    "\(Fields.submit(t("批准并开具付款单", "Approve and order"), name: "approve", value: "yes"))\(Fields.submit(t("退回", "Send back"), .danger))"
            ))
    }

    private func propose(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        var rates: [ExpertFeeFacts.Rank: Money] = [:]
        var problems: [FieldProblem] = []
        for rank in ExpertFeeFacts.Rank.allCases {
            guard let text = visit.form[rank.rawValue] else { continue }
            do { rates[rank] = try Money(parsing: text) } catch {
                problems.append(FieldProblem(field: rank.rawValue, code: error.code, message: error.message))
            }
        }
        do {
            guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
            try await funding.review.proposeFees(id, perSheet: rates, funding.fees, by: visit.actor)
            return .redirect("/desk/calls/\(id)/fees")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, problem)
        }
    }

    private func decide(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        do {
            let approve = visit.form["approve"] == "yes"
            try await funding.review.decideFees(
                id, approve: approve, reason: visit.form["reason"] ?? "", funding.fees, by: visit.actor)
            return .redirect("/desk/calls/\(id)/fees")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, problem)
        }
    }
}
