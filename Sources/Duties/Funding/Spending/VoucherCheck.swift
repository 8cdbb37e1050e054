import Kernel
import Review
import Store

/// What is found on a voucher.
struct VoucherFinding: Hashable {
    let problem: FieldProblem
    let weight: SpendingLaw.Weight

    /// The check's code, without the room's prefix.
    let code: String
}

/// Checks vouchers one after the other, each also against those before it; reads nothing.
struct VoucherCheck {
    private(set) var facts: VoucherFacts
    let law: SpendingLaw
    let report: SpendingReport

    /// All that is found on a draft, at once.
    mutating func judge(_ draft: VoucherDraft) -> [VoucherFinding] {
        let found = dates(draft) + money(draft) + doubles(draft) + habits(draft) + related(draft) + fee(draft)
        return found.filter { $0.weight != .none }
    }

    /// What was judged counts for those after it.
    mutating func take(_ draft: VoucherDraft) { facts.take(draft) }

    init(_ facts: VoucherFacts, _ law: SpendingLaw, _ report: SpendingReport) {
        self.facts = facts
        self.law = law
        self.report = report
    }

    private func finding(
        _ code: String, _ field: String, _ message: Bilingual, _ basis: Bilingual? = nil
    ) -> VoucherFinding {
        VoucherFinding(
            problem: FieldProblem(
                field: field, code: "voucher.\(code)", message: message,
                basis: basis ?? law.weights.reference.source.cited), weight: law.weight(code), code: code)
    }

    private static let contract = Bilingual("项目合同书 项目期限", "The contract, term")
    private static let budget = Bilingual("项目合同书 经费预算", "The contract, budget")

    // MARK: Dates

    private func dates(_ draft: VoucherDraft) -> [VoucherFinding] {
        var found: [VoucherFinding] = []
        if let starts = facts.startsOn, let ends = facts.endsOn, draft.day < starts || draft.day > ends {
            found.append(
                finding(
                    "term", "day",
                    Bilingual(
                        "票据日期 \(draft.day) 不在合同期 \(starts) 至 \(ends) 内",
                        "The date \(draft.day) is outside the term of the contract, \(starts) to \(ends)"),
                    Self.contract))
        } else if draft.day < report.from || draft.day > report.to {
            found.append(
                finding(
                    "period", "day",
                    Bilingual(
                        "票据日期 \(draft.day) 不在报告期 \(report.from) 至 \(report.to) 内",
                        "The date \(draft.day) is outside the period of the report, \(report.from) to \(report.to)")))
        }
        if draft.day > law.day {
            found.append(finding("future", "day", Bilingual("票据日期晚于今天", "The date is after today")))
        }
        return found
    }

    // MARK: Money

    private func money(_ draft: VoucherDraft) -> [VoucherFinding] {
        var found: [VoucherFinding] = []
        let title = facts.budget.title(draft.heading)
        if !facts.budget.headings.contains(where: { $0.value == draft.heading }) {
            found.append(
                finding(
                    "heading", "heading",
                    Bilingual("合同没有费用科目「\(draft.heading)」", "The contract has no cost heading '\(draft.heading)'"),
                    Self.budget))
        } else if let cap = facts.budget.cap(draft.heading) {
            let left = cap - (facts.spent[draft.heading] ?? .zero)
            if draft.amount > left {
                found.append(
                    finding(
                        "cap", "amount",
                        Bilingual(
                            "「\(title.zh)」预算 \(cap.yuanText) 元，余 \(left.yuanText) 元，本笔超出",
                            "\(title.en) has a budget of RMB \(cap.yuanText), of which RMB \(left.yuanText) is left"),
                        Self.budget))
            }
        }
        if draft.amount > facts.available {
            found.append(
                finding(
                    "paid", "amount",
                    Bilingual(
                        "已拨付而未支出的资金只有 \(facts.available.yuanText) 元，本笔超出",
                        "Only RMB \(facts.available.yuanText) of what was paid is not yet spent"),
                    Bilingual("项目合同书 拨款", "The contract, payments")))
        }
        if facts.budget.mode == .lumpSum,
            let word = law.negative.value.first(where: {
                FilledTable.key(draft.purpose).contains(FilledTable.key($0))
            })
        {
            found.append(
                finding(
                    "negative", "purpose",
                    Bilingual("包干经费不得用于「\(word)」", "A lump sum is not for '\(word)'"),
                    law.negative.reference.source.cited))
        }
        return found
    }

    // MARK: The same twice

    private func doubles(_ draft: VoucherDraft) -> [VoucherFinding] {
        var found: [VoucherFinding] = []
        if let other = facts.same[VoucherFacts.Mark(draft)] {
            found.append(
                finding(
                    "duplicate", "number",
                    Bilingual(
                        "同一收款方、号码和金额的凭证已在\(other.zh)列支",
                        "A voucher of the same payee, number and amount is in \(other.en) already")))
        }
        if let hash = draft.hash, let other = facts.hashes[hash] {
            found.append(
                finding(
                    "file", "file",
                    Bilingual("同一票据文件已用于\(other.zh)", "The same file stands for a voucher in \(other.en) already")))
        }
        return found
    }

    // MARK: Habits

    private func habits(_ draft: VoucherDraft) -> [VoucherFinding] {
        var found: [VoucherFinding] = []
        let near = law.splitFrom..<law.splitLimit.value
        let others = (facts.payments[draft.payeeKey] ?? []).filter {
            near.contains($0.amount) && abs($0.day.number - draft.day.number) <= Int(law.splitDays.value)
        }
        if near.contains(draft.amount), !others.isEmpty {
            found.append(
                finding(
                    "split", "amount",
                    Bilingual(
                        "\(law.splitDays.value) 天内向同一收款方支付 \(others.count + 1) 笔，每笔都略低于 \(law.splitLimit.value.yuanText) 元",
                        "\(others.count + 1) payments to this payee within \(counted(law.splitDays.value, "day")), each just below RMB \(law.splitLimit.value.yuanText)"
                    ), law.splitLimit.reference.source.cited))
        }
        let unit = law.roundUnit.value.fen
        if unit > 0, draft.amount.fen >= unit, draft.amount.fen.isMultiple(of: unit) {
            found.append(
                finding(
                    "round", "amount",
                    Bilingual(
                        "金额是 \(law.roundUnit.value.yuanText) 元的整数倍",
                        "The amount is a multiple of RMB \(law.roundUnit.value.yuanText)"
                    ), law.roundUnit.reference.source.cited))
        }
        return found
    }

    private func related(_ draft: VoucherDraft) -> [VoucherFinding] {
        guard let tie = facts.ties[draft.payeeKey] ?? facts.ties[FilledTable.key(draft.payee)] else { return [] }
        return [
            finding(
                "related", "payee", Bilingual("收款方是关联方：\(tie.zh)", "The payee is a related party: \(tie.en)"))
        ]
    }

    // MARK: Fees of experts

    private func fee(_ draft: VoucherDraft) -> [VoucherFinding] {
        guard let fee = draft.expert else {
            let words = ["专家费", "咨询费", "评审费", "EXPERTFEE", "CONSULTANCYFEE"]
            let purpose = FilledTable.key(draft.purpose)
            guard words.contains(where: purpose.contains) else { return [] }
            return [
                finding(
                    "fee-open", "expert",
                    Bilingual(
                        "用途像是专家费，请写明专家级别、形式和天（次）数",
                        "This looks like a fee of an expert; state rank, form and number of days or times"),
                    law.feeBasis)
            ]
        }
        var facts = ExpertFeeFacts()
        facts.rank = ExpertFeeFacts.Rank(rawValue: fee.rank)
        facts.form = ExpertFeeFacts.Form(rawValue: fee.form)
        facts.count = fee.count
        facts.projectMember = self.facts.members.contains(FilledTable.key(draft.payee))
        if facts.projectMember == true {
            return [
                finding(
                    "fee-member", "payee",
                    Bilingual("项目组成员不得领取专家费", "Members of the project get no fee of experts"), law.feeBasis)
            ]
        }
        guard let most = law.fees.decide(facts).most else {
            return [
                finding(
                    "fee", "expert", Bilingual("专家级别或形式不正确", "Rank or form of the expert is not known"),
                    law.feeBasis)
            ]
        }
        guard draft.amount > most else { return [] }
        return [
            finding(
                "fee", "amount",
                Bilingual(
                    "专家费标准上限为 \(most.yuanText) 元（税后）",
                    "The fee of this expert is at most RMB \(most.yuanText) after tax"),
                law.feeBasis)
        ]
    }
}
