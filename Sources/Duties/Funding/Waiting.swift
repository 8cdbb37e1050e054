public import Kernel
import Review
public import Store

extension Funding {
    /// Most items of one kind that are listed; the desk has the rest.
    private static let most = 20

    /// What waits for the actor in this room and is no case, the most urgent first of each kind. A constant number of
    /// queries for each capacity in which the actor acts.
    public static func waiting(_ actor: Actor, on today: Day, _ tx: Tx) throws -> [WaitingItem] {
        var items: [WaitingItem] = []
        if actor.roles.contains(.expert) { items += try sheets(actor, tx) }
        if actor.roles.contains(.leader) { items += try approvals(actor, tx) }
        if actor.roles.contains(.officer) { items += try officers(actor, today, tx) }
        if actor.roles.contains(.treasurer) { items += try confirmations(tx) }
        return items
    }

    private static func sheets(_ actor: Actor, _ tx: Tx) throws -> [WaitingItem] {
        guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx) else { return [] }
        let open = Array(try RoundStore.open(of: expert.id, tx).prefix(most))
        let applications = try ApplicationStore.all(open.map(\.item), tx)
        let entry = expert.confirmationDue.map { day in
            WaitingItem(
                Bilingual("确认专家信息", "Confirm your entry in the expert pool"),
                Bilingual(expert.name, expert.name), at: "/reviews/registration", dueOn: day)
        }
        return open.map { one in
            WaitingItem(
                one.state == .invited
                    ? Bilingual("答复评审邀请", "Answer an invitation to review") : Bilingual("提交评审意见", "Submit a review"),
                applications[one.item]?.title ?? Bilingual("", ""), at: "/reviews/\(one.id)", dueOn: one.dueOn)
        } + [entry].compactMap(\.self)
    }

    private static func approvals(_ actor: Actor, _ tx: Tx) throws -> [WaitingItem] {
        let account = actor.account?.text ?? ""
        let calls = try tx.rows(
            """
            SELECT id, title_zh, title_en, opens_on FROM funding_call
            WHERE state = 'proposed' AND (proposed_by IS NULL OR proposed_by <> \(account))
            ORDER BY closes_on, id LIMIT \(most)
            """
        ) { row in
            WaitingItem(
                Bilingual("批准发布申报指南", "Publish a call"), Bilingual(try row["title_zh"], try row["title_en"]),
                at: "/desk/calls/\(try row["id"] as String)", dueOn: try row["opens_on"])
        }
        let decisions = try tx.rows(
            """
            SELECT d.id, d.number, c.title_zh, c.title_en FROM funding_decision d JOIN funding_call c ON c.id = d.call
            WHERE d.state = 'proposed' AND d.proposed_by <> \(account) ORDER BY d.id LIMIT \(most)
            """
        ) { row in
            let number: String = try row["number"]
            return WaitingItem(
                Bilingual("审定立项建议", "Decide on proposed awards"),
                Bilingual("\(number) \(try row["title_zh"] as String)", "\(number) \(try row["title_en"] as String)"),
                at: "/desk/decisions/\(try row["id"] as String)")
        }
        return calls + decisions
    }

    private static func officers(_ actor: Actor, _ today: Day, _ tx: Tx) throws -> [WaitingItem] {
        let division: SQL = actor.division.map { "AND c.division = \($0)" } ?? ""
        let reviews = try tx.rows(
            """
            SELECT c.id, c.title_zh, c.title_en, r.state, r.due_on FROM funding_call c
            LEFT JOIN review_round r ON r.subject = c.id
            WHERE c.state = 'published' AND c.closes_on < \(today) \(division)
                AND ((r.state IS NULL AND EXISTS (
                        SELECT 1 FROM application a WHERE a.call = c.id AND a.step = 'review'))
                    OR r.state IN ('committed', 'drawn')
                    OR (r.state = 'closed' AND EXISTS (
                            SELECT 1 FROM application a WHERE a.call = c.id AND a.step = 'decision')
                        AND NOT EXISTS (
                            SELECT 1 FROM funding_decision d WHERE d.call = c.id AND d.state = 'proposed')))
            ORDER BY c.closes_on, c.id LIMIT \(most)
            """
        ) { row in
            let state: Round.State? = try row["state"]
            let (task, page): (Bilingual, String) =
                switch state {
                case nil: (Bilingual("固定抽签方案", "Fix the plan of the draw"), "review")
                case .committed: (Bilingual("抽取并邀请专家", "Draw and invite experts"), "review")
                case .drawn: (Bilingual("跟进评审，收齐后结束", "Follow the review and close it"), "review")
                case .closed: (Bilingual("提出立项建议", "Propose awards"), "line")
                }
            return WaitingItem(
                task, Bilingual(try row["title_zh"], try row["title_en"]),
                at: "/desk/calls/\(try row["id"] as String)/\(page)", dueOn: state == .drawn ? try row["due_on"] : nil)
        }
        let effects = try tx.rows(
            """
            SELECT d.id, d.number, c.title_zh, c.title_en FROM funding_decision d
            JOIN funding_call c ON c.id = d.call JOIN notice n ON n.id = d.notice
            WHERE d.state = 'approved' AND n.closes_on < \(today) \(division) ORDER BY d.id LIMIT \(most)
            """
        ) { row in
            let number: String = try row["number"]
            return WaitingItem(
                Bilingual("公示期满，使立项生效", "The publicity is over: give effect"),
                Bilingual("\(number) \(try row["title_zh"] as String)", "\(number) \(try row["title_en"] as String)"),
                at: "/desk/decisions/\(try row["id"] as String)")
        }
        let requests = try tx.rows(
            """
            SELECT a.name FROM expert_request r JOIN account a ON a.id = r.account WHERE r.state = 'waiting'
            ORDER BY r.id LIMIT \(most)
            """
        ) { row in
            let name: String = try row["name"]
            return WaitingItem(
                Bilingual("审核专家库申请", "Decide on a request to the expert pool"), Bilingual(name, name),
                at: "/desk/experts/requests")
        }
        return try reviews + effects + due(actor, today, tx) + requests
    }

    /// Tranches whose day has come.
    private static func due(_ actor: Actor, _ today: Day, _ tx: Tx) throws -> [WaitingItem] {
        let division: SQL = actor.division.map { "AND c.division = \($0)" } ?? ""
        return try tx.rows(
            """
            SELECT p.number, p.title_zh, p.title_en, t.due_on FROM tranche t JOIN project p ON p.case_id = t.project
            JOIN funding_call c ON c.id = p.call
            WHERE t.state = 'planned' AND t.due_on <= \(today) AND p.step = 'running' \(division)
            ORDER BY t.due_on, t.id LIMIT \(most)
            """
        ) { row in
            let number: String = try row["number"]
            return WaitingItem(
                Bilingual("开具到期拨款单", "Order a tranche that is due"),
                Bilingual("\(number) \(try row["title_zh"] as String)", "\(number) \(try row["title_en"] as String)"),
                at: "/desk/tranches", dueOn: try row["due_on"])
        }
    }

    private static func confirmations(_ tx: Tx) throws -> [WaitingItem] {
        return try tx.rows(
            """
            SELECT p.number, p.title_zh, p.title_en, r.due_on FROM recovery r JOIN project p ON p.case_id = r.project
            WHERE r.state = 'due' ORDER BY r.due_on, r.id LIMIT \(most)
            """
        ) { row in
            let number: String = try row["number"]
            return WaitingItem(
                Bilingual("确认应退资金到账", "Confirm money that came back"),
                Bilingual("\(number) \(try row["title_zh"] as String)", "\(number) \(try row["title_en"] as String)"),
                at: "/desk/tranches", dueOn: try row["due_on"])
        }
    }
}
