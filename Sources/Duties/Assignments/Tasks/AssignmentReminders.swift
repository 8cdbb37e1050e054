import Kernel
import Store

/// Reminds divisions before a deadline, and tells leaders after it; each day of the list once a deadline.
struct AssignmentReminders: Sendable {
    let house: House
    /// Tasks of one transaction.
    var batch = 100

    /// - Returns: how many tasks were told of.
    @discardableResult
    func run() async throws -> Int {
        let today = house.today
        let rules = house.city.rules
        let before = Self.days(try rules.codes("assignments.reminder.days", on: today))
        let after = Self.days(try rules.codes("assignments.escalation.days", on: today))
        let widest = today.adding(days: before.max() ?? 0)
        var told = 0
        var place: (deadline: Day, id: String)?
        while true {
            let (edge, batch, now) = (place, batch, house.clock.now())
            let step = try await house.db.write { tx -> (count: Int, told: Int, last: Assignment?) in
                let filter = AssignmentFilter(state: .open)
                let tasks = try AssignmentStore.list(filter, after: edge, limit: batch, tx).filter {
                    $0.deadline <= widest
                }
                let officers = tasks.isEmpty ? [] : try AccountStore.holding(.officer, tx)
                let leaders = tasks.isEmpty ? [] : try AccountStore.holding(.leader, tx)
                var told = 0
                for task in tasks {
                    let left = task.deadline.number - today.number
                    let isLate = left < 0
                    // The nearest day of the list that has been reached counts; earlier ones are past.
                    let reached =
                        isLate ? after.filter { $0 <= -left }.max().map { -$0 } : before.filter { $0 >= left }.min()
                    guard let days = reached, try isNew(task, days, now, tx) else { continue }
                    told += 1
                    let concerned = officers.filter { card in
                        card.division.map { task.divisions.contains($0) } ?? true
                    }
                    for card in isLate ? concerned + leaders : concerned {
                        try tell(card.id, task, left, now, tx)
                    }
                }
                return (tasks.count, told, tasks.last)
            }
            told += step.told
            guard step.count == batch, let last = step.last else { return told }
            place = (last.deadline, last.caseID.text)
        }
    }

    private static func days(_ codes: [String]) -> [Int] { codes.compactMap(Int.init).filter { $0 > 0 } }

    private func isNew(_ task: Assignment, _ days: Int, _ now: Instant, _ tx: Tx) throws -> Bool {
        try tx.run(
            """
            INSERT INTO assignment_reminder (case_id, deadline, days, sent_at)
            VALUES (\(task.caseID), \(task.deadline), \(days), \(now)) ON CONFLICT (case_id, deadline, days) DO NOTHING
            """) == 1
    }

    /// The message names the number alone: it may be mailed, and the task may be restricted.
    private func tell(_ account: ID<Account>, _ task: Assignment, _ left: Int, _ now: Instant, _ tx: Tx) throws {
        let title =
            left < 0
            ? Bilingual(
                "督办事项 \(task.number) 已逾期 \(-left) 日", "Assignment \(task.number) is \(counted(-left, "day")) late")
            : Bilingual("督办事项 \(task.number) 还剩 \(left) 日", "Assignment \(task.number): \(counted(left, "day")) left")
        try Messages.tell(
            account, title,
            Bilingual(
                "办理期限 \(task.deadline.text(.chinese))，主办处室：\(house.city.division(task.lead).zh)。",
                "To be done by \(task.deadline.text(.english)), led by \(house.city.division(task.lead).en)."),
            at: "/cases/\(task.caseID)", now: now, tx)
    }
}
