import Kernel
import Ledger
import Store

/// Guards and effects of `funding.spending`.
enum SpendingHooks {
    static func register(in hooks: inout ProcedureHooks, rules: RuleBook) {
        hooks.guards["spending.complete"] = { context, tx in
            let vouchers = try VoucherStore.list(report: context.file.id, tx).filter { $0.state == .entered }
            guard !vouchers.isEmpty else {
                return [
                    FieldProblem(
                        field: "", code: "spending.empty",
                        message: Bilingual("报告中还没有凭证", "The report has no vouchers yet"))
                ]
            }
            return try again(vouchers, context, rules, tx)
        }
        hooks.guards["spending.checks"] = { context, tx in
            let vouchers = try VoucherStore.list(report: context.file.id, tx).filter { $0.state == .entered }
            return try again(vouchers, context, rules, tx)
        }
        hooks.effects["spending.step"] = { context, tx in
            try SpendingReportStore.set(
                step: context.action.to, remark: context.answers["reason"]?.string, of: context.file.id, tx)
        }
        hooks.effects["spending.accepted"] = { context, tx in
            let report = try SpendingReportStore.require(context.file.id, tx)
            let project = try ProjectStore.require(report.project, tx)
            let vouchers = try VoucherStore.list(report: report.id, tx).filter { $0.state == .entered }
            try SpendingReportStore.set(step: context.action.to, remark: "", of: report.id, tx)
            try FundingBooks.spend(vouchers, of: project, try BookEntry.of(context, tx), tx)
            try VoucherDealings.refresh(report.id, rules, on: context.day, tx)
        }
        hooks.effects["spending.withdrawn"] = { context, tx in
            try SpendingReportStore.set(step: context.action.to, remark: nil, of: context.file.id, tx)
            for voucher in try VoucherStore.list(report: context.file.id, tx) where voucher.state == .entered {
                try VoucherStore.set(.withdrawn, of: voucher.id, tx)
            }
        }
    }

    /// What stands against vouchers by now that did not when they were entered: other vouchers, a changed budget.
    private static func again(
        _ vouchers: [Voucher], _ context: ActionContext, _ rules: RuleBook, _ tx: Tx
    ) throws -> [FieldProblem] {
        let report = try SpendingReportStore.require(context.file.id, tx)
        let project = try ProjectStore.require(report.project, tx)
        let facts = try VoucherFacts.load(
            vouchers.map(\.draft), of: project, leavingOut: report.id, on: context.day, tx)
        var judge = VoucherCheck(facts, try SpendingLaw(rules.law(on: context.day)), report)
        return vouchers.flatMap { voucher -> [FieldProblem] in
            let found = judge.judge(voucher.draft).filter { $0.weight == .refusal }
            judge.take(voucher.draft)
            return found.map { finding in
                FieldProblem(
                    field: "", code: finding.problem.code,
                    message: Bilingual(
                        "凭证 \(voucher.draft.number)：\(finding.problem.message.zh)",
                        "Voucher \(voucher.draft.number): \(finding.problem.message.en)"),
                    basis: finding.problem.basis)
            }
        }
    }
}
