import Kernel
import Store

/// Flags on vouchers of spending and on orders of the treasury.
enum PaperFlags {
    static let all: [Flag] = [
        duplicate, splitInvoice, related, outsideTerm, accountChanged, otherAccount, orderSamePerson,
    ]

    /// Vouchers that count, with their projects.
    private static func vouchers(
        _ scope: FlagScope, _ value1: SQL, _ value2: SQL, _ rest: SQL, group: SQL = ""
    ) -> SQL {
        """
        SELECT DISTINCT 'voucher' AS subject_kind, v.id AS subject, j.number AS project, v.amount_fen AS amount_fen,
            v.day AS day, \(value1) AS value1, \(value2) AS value2
        FROM voucher v JOIN project j ON j.case_id = v.project \(rest)
            AND v.entered_at >= \(scope.firstMoment) AND v.state IN ('entered', 'accepted') \(group)
        """
    }

    private static let duplicate = Flag(
        id: "duplicate-voucher", weight: .suspicion, title: Bilingual("凭证重复列支", "Voucher used twice"),
        definition: Bilingual(
            "号码和收款方相同，或文件完全相同的凭证，在同一或另一项目、任何年度已经列支过。",
            "A voucher of the same number and payee, or the very same file, was reported before, in this or another project and in any year."
        ),
        values: [Bilingual("另一凭证", "The other voucher"), Bilingual("所在项目", "Its project")]
    ) { scope in
        vouchers(
            scope, "MIN(o.number)", "MIN(k.number)",
            """
            JOIN voucher o ON o.id < v.id AND o.state IN ('entered', 'accepted')
                AND ((o.number_key = v.number_key AND o.payee_key = v.payee_key)
                    OR (v.hash IS NOT NULL AND o.hash = v.hash))
                JOIN project k ON k.case_id = o.project WHERE 1 = 1
            """, group: "GROUP BY v.id, j.number, v.amount_fen, v.day")
    }

    private static let splitInvoice = Flag(
        id: "split-invoice", weight: .suspicion, title: Bilingual("拆分票据", "Split invoices"),
        definition: Bilingual(
            "同一单位几天之内向同一收款方开支的凭证各低于限额，合计达到限额。",
            "Within some days one host paid one payee by vouchers that are each below the limit and together reach it."),
        values: [Bilingual("另一凭证", "The other voucher"), Bilingual("合计（分）", "Together (fen)")]
    ) { scope in
        let limit = try scope.law.money("oversight.flag.split-invoice").value
        let days = try scope.law.number("oversight.split-invoice.days").value
        return vouchers(
            scope, "MIN(o.number)", "CAST(MAX(v.amount_fen + o.amount_fen) AS TEXT)",
            """
            JOIN voucher o ON o.organisation = v.organisation AND o.payee_key = v.payee_key AND o.id <> v.id
                AND (o.day < v.day OR (o.day = v.day AND o.id < v.id)) AND o.state IN ('entered', 'accepted')
            WHERE v.amount_fen < \(limit) AND o.amount_fen < \(limit) AND v.amount_fen + o.amount_fen >= \(limit)
                AND \(SQL.days(from: "o.day", to: "v.day")) <= \(days)
            """, group: "GROUP BY v.id, j.number, v.amount_fen, v.day")
    }

    private static let related = Flag(
        id: "related-party", weight: .suspicion, title: Bilingual("向关联方支付", "Paid to a related party"),
        definition: Bilingual(
            "收款方是承担单位自己，或与其有隶属、控股关系的单位。合同里写明的合作单位也会出现。",
            "The payee is the host itself, or an organisation that belongs to it or to which it belongs. Partners named in the contract appear too."
        ),
        values: [Bilingual("收款方", "Payee"), Bilingual("关系", "Tie")]
    ) { scope in
        vouchers(
            scope, "v.payee", "CASE WHEN p.id = j.organisation THEN 'self' ELSE 'affiliation' END",
            """
            JOIN organisation p ON p.uscc = v.payee_code
            WHERE (p.id = j.organisation OR EXISTS (
                SELECT 1 FROM organisation_affiliation f WHERE (f.organisation = p.id AND f.parent = j.organisation)
                    OR (f.parent = p.id AND f.organisation = j.organisation)))
            """)
    }

    private static let outsideTerm = Flag(
        id: "voucher-outside-term", weight: .suspicion,
        title: Bilingual("凭证日期在执行期外", "Voucher dated outside the term"),
        definition: Bilingual(
            "凭证日期早于执行期开始或晚于其结束。", "The voucher is dated before the term began or after it ended."),
        values: [Bilingual("执行期始", "Term began"), Bilingual("执行期止", "Term ended")]
    ) { scope in
        vouchers(scope, "j.starts_on", "j.ends_on", "WHERE (v.day < j.starts_on OR v.day > j.ends_on)")
    }

    private static let accountChanged = Flag(
        id: "account-changed", weight: .suspicion,
        title: Bilingual("付款前变更收款账户", "Account changed before a payment"),
        definition: Bilingual(
            "开单前几天内，收款方的账户刚刚改过（不是首次登记）。",
            "A few days before the order the payee's account was changed, not entered for the first time."),
        values: [Bilingual("新账户生效日", "New account since"), Bilingual("收款方", "Payee")]
    ) { scope in
        let ordered = SQL.day(of: "o.ordered_at")
        return """
            SELECT 'payment' AS subject_kind, o.id AS subject, o.project AS project, o.amount_fen AS amount_fen,
                \(ordered) AS day, a.effective_on AS value1, o.payee_zh AS value2
            FROM payment_order o JOIN payee_account a ON a.id = o.account
            WHERE o.ordered_at >= \(scope.firstMoment)
                AND \(SQL.days(from: "a.effective_on", to: ordered)) <= \(try scope.number("account-changed"))
                AND EXISTS (SELECT 1 FROM payee_account e WHERE e.payee = a.payee AND e.id <> a.id
                    AND e.state = 'confirmed' AND e.decided_at < a.decided_at)
            """
    }

    private static let otherAccount = Flag(
        id: "other-account", weight: .suspicion, title: Bilingual("付款账户与核准账户不一致", "Paid to another account"),
        definition: Bilingual(
            "银行回单上的收款账号不是付款单核准的账号。", "The account on the bank's answer is not the one that the order was approved for."),
        values: [
            Bilingual("回单账号尾号", "Account of the answer ends in"), Bilingual("核准账号尾号", "Approved account ends in"),
        ]
    ) { _ in
        """
        SELECT 'payment' AS subject_kind, o.id AS subject, o.project AS project, b.amount_fen AS amount_fen,
            COALESCE(b.booked_on, '2000-01-01') AS day, b.account_end AS value1, a.number_end AS value2
        FROM bank_line b JOIN payment_order o ON o.id = b.payment JOIN payee_account a ON a.id = o.account
        WHERE b.outcome = 'paid' AND b.account_mark IS NOT NULL AND b.account_mark <> a.number_mark
        """
    }

    private static let orderSamePerson = Flag(
        id: "order-same-person", weight: .impossible,
        title: Bilingual("付款单同一人经办两步", "One person did two steps of an order"),
        definition: Bilingual(
            "同一人开单、复核或审批了同一张付款单的两步。系统不允许，出现即为系统差错。",
            "One person did two of ordering, checking and approving. The system forbids it: a hit is a fault of the system."
        ),
        values: [Bilingual("开单", "Ordered by"), Bilingual("复核", "Checked by")]
    ) { _ in
        """
        SELECT 'payment' AS subject_kind, o.id AS subject, o.project AS project, o.amount_fen AS amount_fen,
            \(SQL.day(of: "o.ordered_at")) AS day, COALESCE(o.ordered_by, '') AS value1,
            COALESCE(o.checked_by, '') AS value2
        FROM payment_order o
        WHERE o.ordered_by = o.checked_by OR o.ordered_by = o.approved_by OR o.checked_by = o.approved_by
        """
    }
}

/// Every flag of the house.
enum Flags {
    static let all: [Flag] = PaymentFlags.all + BookFlags.all + PaperFlags.all

    static func find(_ id: String) -> Flag? { all.first { $0.id == id } }
}
