import Kernel
import Portal
import Store

/// The JSON API of spending, for the bookkeeping programs of awardees.
struct SpendingAPI: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    /// A heading with its money.
    private struct Heading: Encodable {
        let heading: String
        let title: Bilingual
        /// Null where the heading has no limit of its own.
        let budget: Money?
        let booked: Money
        let entered: Money
    }

    private struct Shown: Encodable {
        let project: String
        let mode: ContractBudget.Mode
        let unspent: Money
        let headings: [Heading]
        let reports: [SpendingReport]
        let recoveries: [Recovery]
    }

    private struct Period: Decodable {
        let from: Day
        let to: Day
    }

    private static let draft = Bilingual(
        "字段与导入模板同名：number、day、heading、payee、payee-code、amount、purpose、currency、foreign、rate、rate-day、expert、reason",
        "Members are named as the columns of the import: number, day, heading, payee, payee-code, amount, purpose, currency, foreign, rate, rate-day, expert, reason"
    )

    var routes: [Route] {
        [
            Route(
                "api.money.show", .get, "/api/v1/projects/{number}/money", access: .signedIn,
                summary: Bilingual("项目资金：科目、报告、应退", "A project's money: headings, reports, recoveries"),
                api: APIDescription(tag: "spending", scope: "cases:read", answer: .any), handler: show),
            Route(
                "api.vouchers.list", .get, "/api/v1/projects/{number}/vouchers", access: .signedIn,
                summary: Bilingual("项目支出凭证", "A project's vouchers"),
                api: APIDescription(
                    tag: "spending", scope: "cases:read", query: APIDescription.Parameter.paging, answer: .listing(.any)
                ),
                handler: vouchers),
            Route(
                "api.spending.open", .post, "/api/v1/projects/{number}/reports", access: .signedIn,
                summary: Bilingual("新建支出报告", "Begin a report of spending"),
                api: APIDescription(
                    tag: "spending", scope: "cases:write", body: .object(["from": .text(), "to": .text()]),
                    answer: .any, status: 201)
            ) { visit in
                let (project, _) = try await house.db.read { tx in try MoneyPages.find(visit, tx) }
                let period = try visit.json(as: Period.self)
                let report = try await funding.spending.open(
                    project.id, from: period.from, to: period.to, by: visit.actor)
                return .created(report, at: "/api/v1/cases/\(report.id)")
            },
            Route(
                "api.vouchers.enter", .post, "/api/v1/spending/{id}/vouchers", access: .signedIn,
                summary: Bilingual("登记凭证。\(Self.draft.zh)", "Enter a voucher. \(Self.draft.en)"),
                api: APIDescription(tag: "spending", scope: "cases:write", body: .any, answer: .any, status: 201),
                handler: enter),
            Route(
                "api.vouchers.remove", .delete, "/api/v1/vouchers/{id}", access: .signedIn,
                summary: Bilingual("移除未入账的凭证", "Take a voucher out that is not in the books"),
                api: APIDescription(tag: "spending", scope: "cases:write", answer: nil)
            ) { visit in
                try await funding.spending.remove(try visit.id("id"), by: visit.actor)
                return .noContent
            },
        ]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        .json(
            try await house.db.read { tx in
                let (project, _) = try MoneyPages.find(visit, tx)
                let budget = try ContractBudget.current(project, tx)
                let sums = try VoucherStore.sums(project: project.id, tx)
                return Shown(
                    project: project.number, mode: budget.mode, unspent: try FundingBooks.unspent(project, tx),
                    headings: budget.headings.map { heading in
                        let sum = sums[heading.value] ?? (.zero, .zero)
                        return Heading(
                            heading: heading.value, title: heading.label, budget: budget.cap(heading.value),
                            booked: sum.booked, entered: sum.entered)
                    }, reports: try SpendingReportStore.list(project: project.id, tx),
                    recoveries: try RecoveryStore.list(project: project.id, tx))
            })
    }

    private func vouchers(_ visit: Visit) async throws -> Answer {
        let paging = try visit.paging(values: 2)
        let before = paging.after.flatMap { cursor -> (Day, String)? in
            guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string else {
                return nil
            }
            return (day, id)
        }
        let rows = try await house.db.read { tx in
            let (project, _) = try MoneyPages.find(visit, tx)
            return try VoucherStore.list(
                VoucherFilter(project: project.id), before: before, limit: paging.limit + 1, tx)
        }
        return .json(
            Listing(
                rows, paging, cursor: { Cursor([.string($0.draft.day.description), .string($0.id.text)]) },
                item: { $0 }))
    }

    private func enter(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let members = try visit.json().object ?? [:]
        let headings = try await house.db.read { tx in
            guard let report = try SpendingReportStore.find(id, tx) else { throw SpendingError.unknownReport }
            return try ContractBudget.current(try ProjectStore.require(report.project, tx), tx).headings
        }
        let (draft, problems) = VoucherEntry.read({ members[$0]?.plainText ?? "" }, headings: headings)
        guard let draft else { throw SpendingError.refused(problems) }
        let voucher = try await funding.spending.enter(draft, into: id, by: visit.actor)
        return .created(voucher, at: "/api/v1/spending/\(id)/vouchers")
    }
}
