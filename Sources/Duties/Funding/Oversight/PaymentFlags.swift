import Kernel
import Store

/// Flags on payments, as the ledger has them: money that moved into `paid`.
enum PaymentFlags {
    static let all: [Flag] = [
        beforeContract, afterTerm, inPublicity, justBelow, split, round, barred, overContract,
    ]

    /// Payments with their projects.
    private static func payments(
        _ scope: FlagScope, _ value1: SQL, _ value2: SQL, _ rest: SQL, group: SQL = ""
    ) -> SQL {
        """
        SELECT DISTINCT 'posting' AS subject_kind, p.id AS subject, j.number AS project, l.in_fen AS amount_fen,
            p.day AS day, \(value1) AS value1, \(value2) AS value2
        FROM ledger_posting p JOIN ledger_leg l ON l.posting = p.id JOIN ledger_account a ON a.id = l.account
            JOIN project j ON j.case_id = p.case_id \(rest)
            AND p.id >= \(scope.firstPosting) AND a.kind = 'paid' AND NOT l.held AND l.in_fen > 0 \(group)
        """
    }

    private static let beforeContract = Flag(
        id: "paid-before-contract", weight: .suspicion, title: Bilingual("合同签订前付款", "Paid before the contract"),
        definition: Bilingual(
            "付款当日，账上还没有该项目的合同。", "On the day of the payment the books had no signed contract of the project."),
        values: [Bilingual("立项金额（分）", "Award (fen)"), Bilingual("项目环节", "Step of the project")]
    ) { scope in
        payments(
            scope, "CAST(j.amount_fen AS TEXT)", "j.step",
            """
            WHERE NOT EXISTS (
                SELECT 1 FROM ledger_account c JOIN ledger_leg k ON k.account = c.id
                WHERE c.project = a.project AND c.kind = 'contract' AND NOT k.held AND k.in_fen > 0
                    AND k.day <= p.day)
            """)
    }

    private static let afterTerm = Flag(
        id: "paid-after-term", weight: .suspicion, title: Bilingual("合同期满后付款", "Paid after the term"),
        definition: Bilingual(
            "付款日晚于项目执行期的最后一天。尾款可能有约定，请看合同。",
            "Paid later than the last day of the project. A last tranche may be agreed: see the contract."),
        values: [Bilingual("执行期止", "Term ended"), Bilingual("付款日", "Paid on")]
    ) { scope in
        payments(scope, "j.ends_on", "p.day", "WHERE j.ends_on < p.day")
    }

    private static let inPublicity = Flag(
        id: "paid-in-publicity", weight: .suspicion, title: Bilingual("公示期内付款", "Paid under publicity"),
        definition: Bilingual(
            "付款时，拟立项的公示期还没有结束。", "When it was paid the publicity of the award was still open."),
        values: [Bilingual("公示", "Notice"), Bilingual("公示期止", "Publicity ended")]
    ) { scope in
        payments(
            scope, "n.number", "n.closes_on",
            """
            JOIN funding_decision_item i ON i.case_id = j.application AND i.outcome = 'award'
                JOIN funding_decision d ON d.id = i.decision JOIN notice n ON n.id = d.notice
            WHERE n.closes_on >= p.day
            """)
    }

    private static let justBelow = Flag(
        id: "just-below-level", weight: .hint, title: Bilingual("略低于审批限额", "Just below the approval level"),
        definition: Bilingual(
            "金额落在审批限额之下不远处。按合同比例分期也会得出这样的金额。",
            "The amount lies a little below the level above which somebody higher approves. Tranches by share may do so too."
        ),
        values: [Bilingual("审批限额（分）", "Approval level (fen)"), Bilingual("距限额不足（‰）", "Within (‰)")]
    ) { scope in
        let level = try scope.approvalLevel()
        let margin = try scope.number("just-below-level")
        return payments(
            scope, "\(String(level.fen))", "\(String(margin))",
            "WHERE l.in_fen <= \(level) AND l.in_fen >= \(level.fen / 1_000 * (1_000 - margin))")
    }

    private static let split = Flag(
        id: "split-payment", weight: .suspicion, title: Bilingual("拆分付款", "Split payments"),
        definition: Bilingual(
            "同一项目在几天之内的两笔付款各不超过审批限额，合计超过。",
            "Two payments to one project within some days, each at or below the approval level, both together above it."
        ),
        values: [Bilingual("另一笔", "The other payment"), Bilingual("合计（分）", "Together (fen)")]
    ) { scope in
        let level = try scope.approvalLevel()
        return payments(
            scope, "MIN(q.id)", "CAST(MAX(l.in_fen + m.in_fen) AS TEXT)",
            """
            JOIN ledger_leg m ON m.account = l.account AND m.posting < l.posting AND NOT m.held AND m.in_fen > 0
                JOIN ledger_posting q ON q.id = m.posting
            WHERE l.in_fen <= \(level) AND m.in_fen <= \(level) AND l.in_fen + m.in_fen > \(level)
                AND ABS(\(SQL.days(from: "q.day", to: "p.day"))) <= \(try scope.number("split-payment"))
            """, group: "GROUP BY p.id, j.number, l.in_fen, p.day")
    }

    private static let round = Flag(
        id: "round-sum", weight: .hint, title: Bilingual("整数付款", "Round sums"),
        definition: Bilingual(
            "金额是一个大整数的倍数。立项金额常是整数，多数无害。",
            "The amount is a multiple of a large round number. Awards often are round, so most are harmless."),
        values: [Bilingual("单位（分）", "Unit (fen)"), Bilingual("付款日", "Paid on")]
    ) { scope in
        let unit = try scope.law.money("oversight.flag.round-sum").value
        return payments(scope, "\(String(unit.fen))", "p.day", "WHERE l.in_fen % \(unit.fen) = 0")
    }

    private static let barred = Flag(
        id: "barred-payee", weight: .suspicion, title: Bilingual("向受限主体付款", "Paid under a bar"),
        definition: Bilingual(
            "付款当日，承担单位或负责人有在期的限制措施。", "On the day of the payment a bar was in force on the host or the investigator."),
        values: [Bilingual("限制措施", "Bar"), Bilingual("自", "From")]
    ) { scope in
        payments(
            scope, "b.number", "b.starts_on",
            """
            JOIN registry_bar b ON b.subject IN (j.organisation, j.investigator)
            WHERE b.starts_on <= p.day AND (b.ends_on IS NULL OR b.ends_on >= p.day)
                AND NOT EXISTS (SELECT 1 FROM registry_bar_lifting f WHERE f.bar = b.id AND f.lifted_on <= p.day)
            """)
    }

    private static let overContract = Flag(
        id: "over-contract", weight: .impossible, title: Bilingual("付款超合同额", "Paid more than the contract"),
        definition: Bilingual(
            "一个项目收到的付款合计超过其立项金额。总账不允许，出现即为系统差错。",
            "A project was paid more than its award. The ledger forbids it: a hit is a fault of the system."),
        values: [Bilingual("立项金额（分）", "Award (fen)"), Bilingual("付款合计（分）", "Paid (fen)")]
    ) { _ in
        """
        SELECT 'project' AS subject_kind, j.number AS subject, j.number AS project, a.in_fen AS amount_fen,
            a.last_day AS day, CAST(j.amount_fen AS TEXT) AS value1, CAST(a.in_fen AS TEXT) AS value2
        FROM project j JOIN ledger_account a ON a.project = LOWER(j.number) AND a.kind = 'paid'
        WHERE a.in_fen > j.amount_fen
        """
    }
}
