import Kernel
import Portal
import Store
import Treasury

/// What the pages of the treasury have in common.
enum TreasuryParts {
    static let readers: RouteAccess = .roles([.officer, .leader, .treasurer, .auditor])
    static let treasurers: RouteAccess = .roles([.treasurer])
    static let trail = [Crumb.desk, Crumb(Bilingual("支付业务", "Treasury desk"), "/desk/treasury")]

    /// The file of an answer as the bank sent it.
    static func file(of id: ID<BankAnswer>, _ treasury: Treasury, _ visit: Visit) async throws -> Answer {
        let (answer, bytes) = try await treasury.answers.file(id, by: visit.actor)
        let end = answer.format == "camt054" ? "xml" : "csv"
        // What the bank sent, byte by byte, is shown by no browser.
        return .bytes(
            bytes, type: "application/octet-stream", name: answer.name.isEmpty ? "\(id.text).\(end)" : answer.name)
    }

    static func state(_ state: PaymentOrder.State, _ t: Say) -> HTML {
        let tone: Parts.Tone =
            switch state {
            case .ordered, .checked: .warning
            case .ready, .sent, .partial: .info
            case .paid: .good
            case .rejected, .returned: .bad
            case .sentBack, .cancelled: .neutral
            }
        return Parts.badge(t(state.name), tone)
    }

    static func state(_ state: BankLine.State, _ t: Say) -> HTML {
        let tone: Parts.Tone =
            switch state {
            case .matched, .assigned: .good
            case .queued: .warning
            case .dismissed, .noted, .repeated: .neutral
            }
        return Parts.badge(t(state.name), tone)
    }

    /// Orders as a table.
    static func orders(_ title: String, _ orders: some Sequence<PaymentOrder>, empty: String, _ t: Say) -> HTML {
        let rows = orders.map { order -> [HTML] in
            [
                "<a href=\"/desk/treasury/orders/\(order.id.text)\">\(order.number)</a>",
                HTML(text: t(order.payee.name)), HTML(text: order.purpose),
                HTML(text: order.amount.yuanText), HTML(text: order.settled.yuanText), state(order.state, t),
            ]
        }
        return Parts.table(
            title,
            [
                .init(t("付款单号", "Number")), .init(t("收款人", "Payee")), .init(t("用途", "Purpose")),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("已付（元）", "Paid (yuan)"), numeric: true),
                .init(t("状态", "State")),
            ], rows, empty: "<p>\(empty)</p>")
    }

    /// What was ordered for a case, for those who see it.
    static func payments(of file: CaseFile, _ actor: Actor, _ t: Say, _ tx: Tx) throws -> HTML {
        let found = try PaymentStore.list(of: file.id, tx)
        guard !found.isEmpty else { return .empty }
        let title = t("付款单", "Payment orders")
        if Policy.may(actor, .seePayments) { return Parts.card(title, orders(title, found, empty: "", t)) }
        let rows = found.map { order -> [HTML] in
            [
                HTML(text: order.number), HTML(text: t(order.payee.name)), HTML(text: order.amount.yuanText),
                state(order.state, t),
            ]
        }
        let columns: [Parts.Column] = [
            .init(t("付款单号", "Number")), .init(t("收款人", "Payee")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
            .init(t("状态", "State")),
        ]
        return Parts.card(title, Parts.table(title, columns, rows, empty: ""))
    }

    static func orderColumns(_ language: Language, _ zone: CityZone) -> [ExportColumn<PaymentOrder>] {
        [
            ExportColumn(Bilingual("付款单号", "Number"), text: \.number),
            ExportColumn(Bilingual("收款人", "Payee"), text: { $0.payee.name[language] }),
            ExportColumn(Bilingual("用途", "Purpose"), text: { $0.purpose }),
            ExportColumn(Bilingual("项目", "Project"), text: \.project),
            ExportColumn(Bilingual("金额（元）", "Amount (yuan)")) { .money($0.amount) },
            ExportColumn(Bilingual("银行已付（元）", "Paid by the bank (yuan)")) { .money($0.paid) },
            ExportColumn(Bilingual("退票（元）", "Rejected (yuan)")) { .money($0.rejected) },
            ExportColumn(Bilingual("退回（元）", "Returned (yuan)")) { .money($0.returned) },
            ExportColumn(Bilingual("状态", "State"), text: { $0.state.name[language] }),
            ExportColumn(Bilingual("开单", "Ordered by"), text: \.orderedName),
            ExportColumn(Bilingual("开单日期", "Ordered on")) { .day(zone.day(of: $0.orderedAt)) },
            ExportColumn(Bilingual("复核", "Checked by"), text: { $0.checkedName ?? "" }),
            ExportColumn(Bilingual("审批", "Approved by"), text: { $0.approvedName ?? "" }),
        ]
    }

    static func lineColumns(_ language: Language) -> [ExportColumn<BankLine>] {
        [
            ExportColumn(Bilingual("文件行", "Line")) { .number(Int64($0.line)) },
            ExportColumn(Bilingual("付款单号", "Number"), text: \.number),
            ExportColumn(Bilingual("银行结果", "Outcome"), text: { $0.outcome.name[language] }),
            ExportColumn(Bilingual("金额（元）", "Amount (yuan)")) { .money($0.amount) },
            ExportColumn(Bilingual("账号尾号", "End of account"), text: \.accountEnd),
            ExportColumn(Bilingual("银行流水号", "Bank reference"), text: { $0.reference ?? "" }),
            ExportColumn(Bilingual("原因", "Reason"), text: { BankReason.words($0.reason)[language] }),
            ExportColumn(Bilingual("处理", "State"), text: { $0.state.name[language] }),
            ExportColumn(Bilingual("未匹配原因", "Why not matched"), text: { $0.problem?[language] ?? "" }),
            ExportColumn(Bilingual("处理人", "By"), text: { $0.settledName ?? "" }),
            ExportColumn(Bilingual("依据", "Why"), text: { $0.note ?? "" }),
        ]
    }

    /// Lines of the bank as a table.
    static func lines(_ title: String, _ lines: some Sequence<BankLine>, empty: String, _ t: Say) -> HTML {
        let rows = lines.map { line -> [HTML] in
            let reason = t(BankReason.words(line.reason))
            return [
                HTML(text: String(line.line)), number(line), HTML(text: t(line.outcome.name)),
                HTML(text: line.amount.yuanText), HTML(text: line.accountEnd.isEmpty ? "—" : "••••\(line.accountEnd)"),
                HTML(text: [line.reference, reason].compactMap(\.self).joined(separator: " ")),
                "\(state(line.state, t)) \(line.problem.map { t($0) } ?? "") \(line.note ?? "")",
            ]
        }
        return Parts.table(
            title,
            [
                .init(t("文件行", "Line")), .init(t("付款单号", "Number")), .init(t("银行结果", "Outcome")),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("账号", "Account")),
                .init(t("流水号与原因", "Reference, reason")), .init(t("处理", "State")),
            ], rows, empty: "<p>\(empty)</p>")
    }

    private static func number(_ line: BankLine) -> HTML {
        line.payment.map { "<a href=\"/desk/treasury/orders/\($0.text)\">\(line.number)</a>" }
            ?? HTML(text: line.number.isEmpty ? "—" : line.number)
    }
}
