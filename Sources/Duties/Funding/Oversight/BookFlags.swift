import Kernel
import Store

/// Flags on the books themselves, on decisions and on money that lies still.
enum BookFlags {
    static let all: [Flag] = [
        noDecision, samePerson, december, lateReversal, backdated, overCap, slow, dormant, benford,
    ]

    private static let noDecision = Flag(
        id: "no-decision", weight: .suspicion, title: Bilingual("没有生效决定的立项", "Award without a decision"),
        definition: Bilingual(
            "账上已有立项承诺，但没有生效的立项决定。", "The books hold a commitment, and no decision in effect stands behind it."),
        values: [Bilingual("项目", "Project"), Bilingual("环节", "Step")]
    ) { scope in
        """
        SELECT DISTINCT 'posting' AS subject_kind, p.id AS subject, j.number AS project, l.in_fen AS amount_fen,
            p.day AS day, j.number AS value1, j.step AS value2
        FROM ledger_posting p JOIN ledger_leg l ON l.posting = p.id JOIN ledger_account a ON a.id = l.account
            JOIN project j ON j.case_id = p.case_id
        WHERE p.id >= \(scope.firstPosting) AND a.kind = 'commitment' AND NOT l.held AND l.in_fen > 0
            AND NOT EXISTS (
                SELECT 1 FROM funding_decision_item i JOIN funding_decision d ON d.id = i.decision
                WHERE i.case_id = j.application AND i.outcome = 'award' AND d.state = 'effective')
        """
    }

    private static let samePerson = Flag(
        id: "same-person", weight: .impossible, title: Bilingual("同一人开单又复核", "One person ordered and confirmed"),
        definition: Bilingual(
            "同一人既开具又复核一期拨款，或既提出又决定一项立项。数据库不允许，出现即为系统差错。",
            "One person ordered and confirmed a tranche, or proposed and decided an award. The database forbids it."),
        values: [Bilingual("账号", "Account"), Bilingual("事项", "What")]
    ) { _ in
        """
        SELECT 'tranche' AS subject_kind, t.id AS subject, j.number AS project, t.amount_fen AS amount_fen,
            COALESCE(t.due_on, '2000-01-01') AS day, t.ordered_by AS value1, 'tranche' AS value2
        FROM tranche t JOIN project j ON j.case_id = t.project WHERE t.confirmed_by = t.ordered_by
        UNION ALL
        SELECT 'decision', d.id, '', 0, \(SQL.day(of: "d.proposed_at")), d.proposed_by, 'decision'
        FROM funding_decision d WHERE d.decided_by = d.proposed_by
        """
    }

    private static let december = Flag(
        id: "december-move", weight: .suspicion, title: Bilingual("年末调剂预算", "Budget moved in December"),
        definition: Bilingual(
            "12 月里把一个专项的预算调给另一个专项或调回总额。也可能是正常的年末收回。",
            "In December budget went from a programme to another or back to the appropriation. It may be the usual end of a year."
        ),
        values: [Bilingual("专项", "Programme"), Bilingual("摘要", "What for")]
    ) { scope in
        let month = padded(Int(try scope.number("december-move")), 2)
        return """
            SELECT 'posting' AS subject_kind, p.id AS subject, '' AS project, l.out_fen AS amount_fen, p.day AS day,
                COALESCE(a.programme, '') AS value1, p.text AS value2
            FROM ledger_posting p JOIN ledger_leg l ON l.posting = p.id JOIN ledger_account a ON a.id = l.account
            WHERE p.id >= \(scope.firstPosting) AND SUBSTR(p.day, 6, 2) = \(month) AND a.kind = 'budget'
                AND NOT l.held AND l.out_fen > 0 AND EXISTS (
                    SELECT 1 FROM ledger_leg o JOIN ledger_account b ON b.id = o.account
                    WHERE o.posting = p.id AND o.in_fen > 0 AND (b.kind = 'appropriation'
                        OR (b.kind = 'budget' AND b.programme <> a.programme)))
            """
    }

    private static let lateReversal = Flag(
        id: "late-reversal", weight: .suspicion, title: Bilingual("久后冲销", "Reversed long after"),
        definition: Bilingual(
            "一笔记账在很久以后才被红字冲销。", "A posting was reversed long after it was made."),
        values: [Bilingual("原记账日", "First posted on"), Bilingual("相隔天数", "Days between")]
    ) { scope in
        let between = SQL.days(from: "o.day", to: "p.day")
        return """
            SELECT DISTINCT 'posting' AS subject_kind, p.id AS subject, COALESCE(j.number, '') AS project,
                COALESCE((SELECT SUM(ABS(l.in_fen)) FROM ledger_leg l WHERE l.posting = p.id), 0) AS amount_fen,
                p.day AS day,
                o.day AS value1, CAST(\(between) AS TEXT) AS value2
            FROM ledger_posting p JOIN ledger_posting o ON o.id = p.target LEFT JOIN project j ON j.case_id = p.case_id
            WHERE p.id >= \(scope.firstPosting) AND p.kind = 'reverse'
                AND \(between) > \(try scope.number("late-reversal"))
            """
    }

    private static let backdated = Flag(
        id: "backdated", weight: .hint, title: Bilingual("倒填日期", "Dated back"),
        definition: Bilingual(
            "录入日比记账日晚很多天。补记旧账时会有。", "Entered many days after the day of the books, as when old books are made good."),
        values: [Bilingual("录入日", "Entered on"), Bilingual("相隔天数", "Days between")]
    ) { scope in
        let entered = SQL.day(of: "p.at")
        let between = SQL.days(from: "p.day", to: entered)
        return """
            SELECT 'posting' AS subject_kind, p.id AS subject, COALESCE(j.number, '') AS project,
                COALESCE((SELECT SUM(ABS(l.in_fen)) FROM ledger_leg l WHERE l.posting = p.id), 0) AS amount_fen,
                p.day AS day,
                \(entered) AS value1, CAST(\(between) AS TEXT) AS value2
            FROM ledger_posting p LEFT JOIN project j ON j.case_id = p.case_id
            WHERE p.id >= \(scope.firstPosting) AND p.kind IN ('move', 'settle')
                AND \(between) > \(try scope.number("backdated"))
            """
    }

    private static let overCap = Flag(
        id: "over-cap", weight: .impossible, title: Bilingual("科目超上限", "Heading over its cap"),
        definition: Bilingual(
            "一个科目的余额超过其上限。数据库不允许，出现即为系统差错。",
            "An account holds more than its cap. The database forbids it: a hit is a fault of the system."),
        values: [Bilingual("上限（分）", "Cap (fen)"), Bilingual("余额（分）", "Balance (fen)")]
    ) { _ in
        """
        SELECT 'account' AS subject_kind, a.id AS subject, COALESCE(a.project, '') AS project,
            a.in_fen - a.out_fen AS amount_fen, a.last_day AS day, CAST(a.cap_fen AS TEXT) AS value1,
            CAST(a.in_fen - a.out_fen AS TEXT) AS value2
        FROM ledger_account a WHERE a.cap_fen IS NOT NULL AND a.in_fen - a.out_fen > a.cap_fen
        """
    }

    private static let slow = Flag(
        id: "slow-spending", weight: .hint, title: Bilingual("支出缓慢", "Slow spending"),
        definition: Bilingual(
            "项目执行一段时间后，已支出占已拨付的比例很低。支出可能还没有报送。",
            "Some months into the project little of what was paid is spent. Reports may be late."),
        values: [Bilingual("已拨付（分）", "Paid (fen)"), Bilingual("已支出（分）", "Spent (fen)")]
    ) { scope in
        let months = try scope.law.number("oversight.slow.months").value
        let spent: SQL =
            "COALESCE((SELECT SUM(s.in_fen) FROM ledger_account s WHERE s.project = a.project AND s.kind = 'spent'), 0)"
        return """
            SELECT 'project' AS subject_kind, j.number AS subject, j.number AS project,
                a.in_fen - a.out_fen AS amount_fen, \(scope.today) AS day,
                CAST(a.in_fen AS TEXT) AS value1, CAST(\(spent) AS TEXT) AS value2
            FROM project j JOIN ledger_account a ON a.project = LOWER(j.number) AND a.kind = 'paid'
            WHERE j.step = 'running' AND j.starts_on <= \(scope.today.adding(months: -Int(months))) AND a.in_fen > 0
                AND \(spent) * 1000 < a.in_fen * \(try scope.number("slow-spending"))
            """
    }

    private static let dormant = Flag(
        id: "dormant", weight: .suspicion, title: Bilingual("沉睡资金", "Dormant money"),
        definition: Bilingual(
            "项目手里还有已拨付而未核销的资金，但账上很久没有变动。",
            "A project holds money that was paid and is not accounted for, and its books have not moved for long."),
        values: [Bilingual("未核销（分）", "Not accounted for (fen)"), Bilingual("最后变动日", "Last moved on")]
    ) { scope in
        """
        SELECT 'project' AS subject_kind, j.number AS subject, j.number AS project, a.in_fen - a.out_fen AS amount_fen,
            a.last_day AS day, CAST(a.in_fen - a.out_fen AS TEXT) AS value1, a.last_day AS value2
        FROM project j JOIN ledger_account a ON a.project = LOWER(j.number) AND a.kind = 'paid'
        WHERE a.in_fen - a.out_fen > 0 AND a.last_day < \(scope.today.adding(days: -Int(try scope.number("dormant"))))
            AND a.last_day <> ''
        """
    }

    /// The statistic is Pearson's over nine first digits; its expected shares are per thousand.
    private static let benford = Flag(
        id: "benford", weight: .hint, title: Bilingual("首位数字偏离", "First digits off Benford's law"),
        definition: Bilingual(
            "一个专项一年的付款和支出金额，首位数字的分布偏离本福特定律。资助限额和整数金额也会造成偏离，只能提示往哪里看。",
            "The first digits of a programme's payments and spending of a year do not follow Benford's law. Limits of awards and round amounts do that too: it only hints where to look."
        ),
        values: [Bilingual("笔数", "Amounts"), Bilingual("卡方统计量（‰）", "Chi-square (thousandths)")]
    ) { scope in
        let shares: [Int64] = [301, 176, 125, 97, 79, 67, 58, 51, 46]
        let counts = SQL.join(
            (1...9).map { digit -> SQL in
                "SUM(CASE WHEN SUBSTR(CAST(l.in_fen AS TEXT), 1, 1) = \(String(digit)) THEN 1 ELSE 0 END) AS n\(SQL(unchecked: String(digit)))"
            }, separator: ", ")
        // Σ (n - N·s/1000)² / (N·s/1000), times 1,000, in whole numbers: Σ (1000·n - N·s)² / (N·s).
        let statistic = SQL.join(
            shares.enumerated().map { index, share -> SQL in
                let n = SQL(unchecked: "n\(index + 1)")
                return "(\(n) * 1000 - n * \(share)) * (\(n) * 1000 - n * \(share)) / (n * \(share))"
            }, separator: " + ")
        return """
            SELECT 'programme' AS subject_kind, c.programme || '-' || CAST(c.year AS TEXT) AS subject, '' AS project,
                c.fen AS amount_fen, c.day AS day, CAST(c.n AS TEXT) AS value1, CAST(\(statistic) AS TEXT) AS value2
            FROM (SELECT a.programme, a.year, COUNT(*) AS n, CAST(SUM(l.in_fen) AS BIGINT) AS fen, MAX(l.day) AS day,
                    \(counts)
                FROM ledger_account a JOIN ledger_leg l ON l.account = a.id
                WHERE a.kind IN ('paid', 'spent') AND NOT l.held AND l.in_fen > 0 AND a.programme IS NOT NULL
                GROUP BY a.programme, a.year) c
            WHERE c.n >= \(try scope.number("benford")) AND \(statistic) > \(try scope.law.number("oversight.benford.statistic").value)
            """
    }
}
