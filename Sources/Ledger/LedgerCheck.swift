public import Kernel
public import Store

/// Recomputes the books from their legs and compares with what is kept.
public enum LedgerCheck {
    /// What was looked at and what differs.
    public struct Report: Hashable, Codable, Sendable {
        public var postings = 0
        public var legs = 0
        public var accounts = 0
        public var days = 0
        public var reservations = 0
        public var reversals = 0
        public var closedMonths = 0
        /// All that sources gave, less what was taken back: what lies in the other accounts.
        public var total = Money.zero
        public var faults: [Fault] = []
    }

    /// One thing that differs.
    public struct Fault: Hashable, Codable, Sendable {
        /// Stable: `unbalanced`, `balance`, `day`, `month`, `floor`, `cap`, `reversal`, `settlement`, `reservation`,
        /// `key`, `event`, `period`.
        public let code: String
        public let subject: String
        public let message: Bilingual
    }

    /// Most faults that are listed of one kind.
    private static let most = 100

    /// Checks everything in one snapshot; the database does the sums, so memory does not grow with the books.
    public static func run(_ tx: Tx) throws -> Report {
        var report = Report()
        try counts(&report, tx)
        try sums(&report, tx)
        try balances(&report, tx)
        try limits(&report, tx)
        try chains(&report, tx)
        try origins(&report, tx)
        try periods(&report, tx)
        return report
    }

    private static func counts(_ report: inout Report, _ tx: Tx) throws {
        func count(_ sql: SQL) throws -> Int { try tx.value(sql) ?? 0 }
        report.postings = try count("SELECT COUNT(*) FROM ledger_posting")
        report.legs = try count("SELECT COUNT(*) FROM ledger_leg")
        report.accounts = try count("SELECT COUNT(*) FROM ledger_account")
        report.days = try count("SELECT COUNT(*) FROM ledger_day")
        report.reservations = try count("SELECT COUNT(*) FROM ledger_posting WHERE kind = 'reserve'")
        report.reversals = try count("SELECT COUNT(*) FROM ledger_posting WHERE kind = 'reverse'")
        report.total =
            try tx.value(
                "SELECT COALESCE(SUM(out_fen) - SUM(in_fen), 0) FROM ledger_account WHERE kind = 'source'") ?? .zero
    }

    private static func find(
        _ report: inout Report, _ code: String, _ message: Bilingual, _ tx: Tx, _ sql: SQL
    ) throws {
        let found = try tx.rows("\(sql) LIMIT \(most)") {
            Fault(code: code, subject: try $0["subject"], message: message)
        }
        report.faults += found
    }

    /// Every posting adds up to zero and has its legs.
    private static func sums(_ report: inout Report, _ tx: Tx) throws {
        try find(
            &report, "unbalanced", Bilingual("分录不平或少于两条", "the legs do not add up to zero or are fewer than two"), tx,
            """
            SELECT p.id AS subject FROM ledger_posting p LEFT JOIN ledger_leg l ON l.posting = p.id
            WHERE p.kind <> 'release' GROUP BY p.id
            HAVING COUNT(l.posting) < 2 OR SUM(l.in_fen) <> SUM(l.out_fen)
            """)
        try find(
            &report, "unbalanced", Bilingual("分录与记账不符", "a leg does not fit its posting"), tx,
            """
            SELECT l.posting AS subject FROM ledger_leg l LEFT JOIN ledger_posting p ON p.id = l.posting
            WHERE p.id IS NULL OR p.day <> l.day OR l.held <> (p.kind = 'reserve') OR p.kind = 'release'
            """)
    }

    /// Kept balances and kept days are those of the legs.
    private static func balances(_ report: inout Report, _ tx: Tx) throws {
        let legs: SQL = """
            SELECT l.account, SUM(CASE WHEN l.held THEN 0 ELSE l.in_fen END) AS in_fen,
                SUM(CASE WHEN l.held THEN 0 ELSE l.out_fen END) AS out_fen,
                SUM(CASE WHEN h.posting IS NULL THEN 0 ELSE l.in_fen END) AS held_in_fen,
                SUM(CASE WHEN h.posting IS NULL THEN 0 ELSE l.out_fen END) AS held_out_fen, COUNT(*) AS legs
            FROM ledger_leg l LEFT JOIN ledger_hold h ON h.posting = l.posting GROUP BY l.account
            """
        let message = Bilingual("余额与分录重算不符", "the balance is not the one that the legs give")
        try find(
            &report, "balance", message, tx,
            """
            SELECT a.id AS subject FROM ledger_account a LEFT JOIN (\(legs)) s ON s.account = a.id
            WHERE a.in_fen <> COALESCE(s.in_fen, 0) OR a.out_fen <> COALESCE(s.out_fen, 0)
                OR a.held_in_fen <> COALESCE(s.held_in_fen, 0) OR a.held_out_fen <> COALESCE(s.held_out_fen, 0)
                OR a.legs <> COALESCE(s.legs, 0)
            """)
        try find(
            &report, "balance", message, tx,
            """
            SELECT DISTINCT l.account AS subject FROM ledger_leg l LEFT JOIN ledger_account a ON a.id = l.account
            WHERE a.id IS NULL
            """)
        let days: SQL = """
            SELECT account, day, SUM(in_fen) AS in_fen, SUM(out_fen) AS out_fen FROM ledger_leg
            WHERE NOT held GROUP BY account, day
            """
        for (kept, summed): (SQL, SQL) in [("SELECT * FROM ledger_day", days), (days, "SELECT * FROM ledger_day")] {
            try find(
                &report, "day", Bilingual("日余额与分录重算不符", "the sums of a day are not those of its legs"), tx,
                """
                SELECT k.account || ' ' || k.day AS subject FROM (\(kept)) k
                LEFT JOIN (\(summed)) s ON s.account = k.account AND s.day = k.day
                WHERE s.day IS NULL OR k.in_fen <> s.in_fen OR k.out_fen <> s.out_fen
                """)
        }
        try months(&report, tx)
    }

    /// Kept months are those of the legs.
    private static func months(_ report: inout Report, _ tx: Tx) throws {
        let kept: SQL = """
            SELECT year, kind, programme, month, SUM(in_fen) AS in_fen, SUM(out_fen) AS out_fen, SUM(legs) AS legs
            FROM ledger_month GROUP BY year, kind, programme, month
            """
        let summed: SQL = """
            SELECT a.year, a.kind, COALESCE(a.programme, '') AS programme, substr(l.day, 1, 7) AS month,
                SUM(l.in_fen) AS in_fen, SUM(l.out_fen) AS out_fen, COUNT(*) AS legs
            FROM ledger_leg l JOIN ledger_account a ON a.id = l.account WHERE NOT l.held
            GROUP BY a.year, a.kind, COALESCE(a.programme, ''), substr(l.day, 1, 7)
            """
        for (one, other) in [(kept, summed), (summed, kept)] {
            try find(
                &report, "month", Bilingual("月合计与分录重算不符", "the sums of a month are not those of its legs"), tx,
                """
                SELECT k.kind || ' ' || k.programme || ' ' || k.month AS subject FROM (\(one)) k
                LEFT JOIN (\(other)) s ON s.year = k.year AND s.kind = k.kind AND s.programme = k.programme
                    AND s.month = k.month
                WHERE s.month IS NULL OR k.in_fen <> s.in_fen OR k.out_fen <> s.out_fen OR k.legs <> s.legs
                """)
        }
    }

    /// No account is below its floor now or at the end of any day, none above its cap.
    private static func limits(_ report: inout Report, _ tx: Tx) throws {
        let below = Bilingual("可用余额为负", "it is overdrawn")
        try find(
            &report, "floor", below, tx,
            """
            SELECT id AS subject FROM ledger_account WHERE kind <> 'source' AND in_fen - out_fen - held_out_fen < 0
            """)
        try find(
            &report, "floor", below, tx,
            """
            SELECT account || ' ' || day AS subject FROM (
                SELECT account, day, SUM(in_fen - out_fen) OVER (PARTITION BY account ORDER BY day) AS closing
                FROM ledger_day WHERE account NOT LIKE 'source:%') c
            WHERE closing < 0
            """)
        try find(
            &report, "cap", Bilingual("超过上限", "it is above its cap"), tx,
            """
            SELECT id AS subject FROM ledger_account
            WHERE cap_fen IS NOT NULL AND in_fen - out_fen + held_in_fen > cap_fen
            """)
    }

    /// Reversals mirror what they reverse; settlements take no more than was reserved; open reservations are listed.
    private static func chains(_ report: inout Report, _ tx: Tx) throws {
        try find(
            &report, "reversal", Bilingual("冲销与原记账不符", "a reversal does not mirror its posting"), tx,
            """
            SELECT r.id AS subject FROM ledger_posting r
            LEFT JOIN ledger_posting t ON t.id = r.target AND t.kind IN ('move', 'settle')
            WHERE r.kind = 'reverse' AND (t.id IS NULL OR r.day < t.day
                OR (SELECT COUNT(*) FROM ledger_leg WHERE posting = r.id)
                    <> (SELECT COUNT(*) FROM ledger_leg WHERE posting = t.id)
                OR EXISTS (
                    SELECT 1 FROM ledger_leg a JOIN ledger_leg b ON b.posting = t.id AND b.position = a.position
                    WHERE a.posting = r.id
                        AND (a.account <> b.account OR a.in_fen <> -b.in_fen OR a.out_fen <> -b.out_fen)))
            """)
        try find(
            &report, "settlement", Bilingual("结转超过预留", "a settlement is above its reservation"), tx,
            """
            SELECT s.id AS subject FROM ledger_posting s
            LEFT JOIN ledger_posting t ON t.id = s.target AND t.kind = 'reserve'
            WHERE s.kind IN ('settle', 'release') AND (t.id IS NULL OR (t.until IS NOT NULL AND s.kind = 'settle'
                AND s.day > t.until) OR EXISTS (
                    SELECT 1 FROM ledger_leg a LEFT JOIN ledger_leg b ON b.posting = t.id AND b.account = a.account
                    WHERE a.posting = s.id
                        AND (b.posting IS NULL OR a.in_fen > b.in_fen OR a.out_fen > b.out_fen)))
            """)
        try find(
            &report, "reservation", Bilingual("在途预留清单不符", "the list of open reservations is not right"), tx,
            """
            SELECT p.id AS subject FROM ledger_posting p LEFT JOIN ledger_hold h ON h.posting = p.id
            LEFT JOIN ledger_posting e ON e.target = p.id
            WHERE p.kind = 'reserve' AND (h.posting IS NULL) <> (e.id IS NOT NULL)
            """)
    }

    /// Every posting has its key and an event of the record.
    private static func origins(_ report: inout Report, _ tx: Tx) throws {
        try find(
            &report, "key", Bilingual("幂等键不符", "its key is not the one that is kept"), tx,
            """
            SELECT p.id AS subject FROM ledger_posting p LEFT JOIN ledger_key k ON k.key = p.key
            WHERE k.posting IS NULL OR k.posting <> p.id
            """)
        try find(
            &report, "event", Bilingual("记录中没有这一事件", "the record has no such event"), tx,
            """
            SELECT p.id AS subject FROM ledger_posting p LEFT JOIN event e ON e.id = p.event WHERE e.id IS NULL
            """)
    }

    /// Closed months hold what they held when they were closed.
    private static func periods(_ report: inout Report, _ tx: Tx) throws {
        for period in try Periods.list(limit: 10_000, tx) where period.state == .closed || period.state == .reopening {
            report.closedMonths += 1
            let totals = try Periods.totals(period.month, tx)
            guard totals.postings != period.postings || totals.turnover != period.turnover else { continue }
            report.faults.append(
                Fault(
                    code: "period", subject: period.month.description,
                    message: Bilingual("结账后有变动", "it changed after it was closed")))
        }
    }
}
