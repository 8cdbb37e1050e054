import Kernel
import Portal
import Store

/// What the case page shows of demands and of open-bid projects.
enum KeyPanels {
    /// Known demands that the new one is like; for the bureau.
    static let demand: CasePanel = { file, actor, t, _, tx in
        guard actor.roles.contains(.officer) || actor.roles.contains(.leader) else {
            let number = try CaseValues.own(of: file.id, tx)["entry"]?.string
            return number.map {
                Parts.card(t("需求跟踪", "Follow it"), "<p><a href=\"/key-projects/demands/\($0)\">\($0)</a></p>")
            } ?? .empty
        }
        let matches = Suggestions.matches(try CaseStore.answers(file.id, tx).content, try Suggestions.known(tx))
        let body: HTML =
            matches.isEmpty
            ? "<p>\(t("需求库中没有相近的需求。", "No known demand is like it."))</p>"
            : HTML(each: matches) { match in
                "<p><a href=\"/key-projects/demands/\(match.number)\">\(match.number)</a> \(match.title) \(Parts.badge("\(match.thousandths / 10)%", .info))</p>"
            }
        return Parts.card(t("可能相同的需求（按文字相似程度）", "Maybe the same, by likeness of words"), body)
    }

    /// The bids beside each other, and the payments; for the owner and the bureau.
    static let bidCall: CasePanel = { file, _, t, _, tx in
        guard let entry = try CaseValues.own(of: file.id, tx)["entry"]?.string else { return .empty }
        // Until bids are closed the owner does not see them, so that nobody can be helped to undercut another.
        let isSealed = ["bidding", "check", "draft", "endorse"].contains(file.step)
        let bids = try Bid.list(entry, tx)
        let rows = bids.map { bid -> [HTML] in
            [
                HTML(text: bid.file.number), HTML(text: bid.answers["bidder"]?.string ?? "—"),
                HTML(text: bid.price?.yuanText ?? "—"),
                HTML(text: bid.answers["term"]?.integer.map(String.init) ?? "—"),
                Parts.paragraphs(bid.answers["plan"]?.string ?? ""),
                bid.file.step == "chosen" ? Parts.badge(t("揭榜成功", "Chosen"), .good) : "",
            ]
        }
        let table = Parts.table(
            t("揭榜申请", "Bids"),
            [
                .init(t("编号", "Number")), .init(t("揭榜单位", "Bidder")), .init(t("报价（元）", "Price (yuan)"), numeric: true),
                .init(t("期限（月）", "Months"), numeric: true), .init(t("技术路线", "Plan")), .init(t("结果", "Result")),
            ], rows, empty: "<p>\(t("没有揭榜申请。", "No bids."))</p>")
        let payments = try BidPayment.list(file.id, tx).map { payment -> [HTML] in
            [
                HTML(text: String(payment.stage)), HTML(text: payment.amount.yuanText),
                HTML(text: payment.orderedOn.text(t.language)),
                payment.paidOn.map { HTML(text: $0.text(t.language)) }
                    ?? Parts.badge(t("待复核", "To be confirmed"), .warning),
            ]
        }
        let paid: HTML =
            payments.isEmpty
            ? .empty
            : Parts.card(
                t("阶段付款", "Stage payments"),
                Parts.table(
                    t("阶段付款", "Stage payments"),
                    [
                        .init(t("阶段", "Stage")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                        .init(t("开单", "Ordered")), .init(t("付款", "Paid")),
                    ], payments, empty: "—"))
        let shown: HTML =
            isSealed
            ? "<p>\(t("已收到 \(bids.count) 份揭榜申请，截止后开启。", "\(counted(bids.count, "bid is", "bids are")) in; they are opened after the end."))</p>"
            : table
        return Parts.card(t("揭榜申请", "Bids"), shown) + paid
    }
}
