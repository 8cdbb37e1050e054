public import Kernel
import Store

/// What came of replacing those who let their time run out.
public struct LapsedOutcome: Hashable, Sendable {
    /// Assignments that went to a reserve.
    public let replaced: [ID<Assignment>]
    /// Assignments that stay as they are, since no reserve is left.
    public let withoutReserve: [ID<Assignment>]
}

extension ReviewActions {
    func invitation(
        _ round: Round, _ item: ID<CaseFile>, _ expert: ID<Expert>, state: Assignment.State = .invited,
        isReserve: Bool, dueOn: Day, _ now: Instant
    ) -> SQL {
        let id: ID<Assignment> = ids.make()
        return """
            (\(id), \(round.id), \(item), \(expert), \(state), \(isReserve), \(dueOn), \(now), '{}', 0)
            """
    }

    func insert(_ rows: [SQL], _ tx: Tx) throws {
        guard !rows.isEmpty else { return }
        try tx.run(
            """
            INSERT INTO review_assignment (id, round, item, expert, state, is_reserve, due_on, invited_at, answers,
                revision)
            VALUES \(SQL.join(rows, separator: ", "))
            """)
    }

    func invite(_ experts: Set<ID<Expert>>, dueOn: Day, _ now: Instant, _ tx: Tx) throws {
        try tell(
            experts, Bilingual("评审邀请", "Invitation to review"),
            Bilingual(
                "请在 \(dueOn) 前声明利害关系并完成评审。", "Please declare conflicts and review by \(dueOn)."), now, tx)
    }

    func tell(
        _ experts: Set<ID<Expert>>, _ title: Bilingual, _ body: Bilingual, _ now: Instant, _ tx: Tx
    ) throws {
        let found = try ExpertStore.all(experts.sorted { $0.text < $1.text }, tx)
        for expert in found.values.sorted(by: { $0.id.text < $1.id.text }) {
            try Messages.tell(expert.account, title, body, at: "/reviews", now: now, tx)
        }
    }

    /// Invites the next reserve for an assignment that its expert will not fill: in the order drawn, passing over
    /// those who were asked already, are full, may get no new work (see ``Expert/isAvailable(on:through:)``), have come
    /// into conflict since the draw, or would break what the plan promised of the item: no two of one employer, one of
    /// the wanted group, the quotas.
    /// - Returns: whether a reserve was found.
    @discardableResult
    func inviteReserve(for assignment: Assignment, dueOn: Day? = nil, _ now: Instant, _ tx: Tx) throws -> Bool {
        guard let round = try RoundStore.find(assignment.round, tx), round.state == .drawn,
            let item = try PoolConflicts.item(round.id, assignment.item, on: zone.day(of: now), tx)
        else { return false }
        let reserves = try RoundStore.reserves(round.id, item: assignment.item, tx)
        let asked = Set(
            try tx.rows("SELECT expert FROM review_assignment WHERE item = \(assignment.item)") {
                try $0["expert"] as ID<Expert>
            })
        let given = try RoundStore.loads(round.id, of: reserves.map(\.expert), tx)
        let open = reserves.filter { !asked.contains($0.expert) && given[$0.expert] ?? 0 < $0.load }.map(\.expert)
        let day = zone.day(of: now)
        let due = dueOn ?? round.dueOn
        let facts = try PoolConflicts.facts(open, on: day, tx)
        let available = try ExpertStore.all(open, tx).filter { $0.value.isAvailable(on: day, through: due) }
        let barred = try ConflictStore.barred(open, from: assignment.item, in: round.id, tx)
        let fitting = try fitting(available, for: assignment, of: item.field, in: round, tx)
        let next = try open.first { expert in
            guard fitting.contains(expert), !barred.contains(expert), let known = facts[expert] else { return false }
            let found = Conflicts.between(expert: known, item: item, on: day, round.windows)
            return try PoolConflicts.without(lifted: found, known, item, round, on: day, tx).isEmpty
        }
        guard let next else { return false }
        try insert([invitation(round, assignment.item, next, isReserve: true, dueOn: due, now)], tx)
        try invite([next], dueOn: due, now, tx)
        return true
    }

    /// Who of some reserves keeps what the plan promised of an item, beside those who stay on it.
    private func fitting(
        _ reserves: [ID<Expert>: Expert], for assignment: Assignment, of field: String, in round: Round, _ tx: Tx
    ) throws -> Set<ID<Expert>> {
        let staying: [ID<Expert>] = try tx.rows(
            """
            SELECT expert FROM review_assignment WHERE round = \(round.id) AND item = \(assignment.item)
                AND id <> \(assignment.id) AND state IN ('invited', 'accepted', 'submitted')
            """
        ) { try $0["expert"] }
        var fitting = Set(reserves.keys)
        if round.keepsApart {
            let employers = Set(try ExpertStore.all(staying, tx).values.map(\.organisation))
            fitting = fitting.filter { reserves[$0].map { !employers.contains($0.organisation) } ?? false }
        }
        if let wanted = try RoundStore.outside(round.id, among: staying + fitting, tx), wanted.isDisjoint(with: staying)
        {
            fitting.formIntersection(wanted)
        }
        guard round.mode != .draw else { return fitting }
        let quotas = try keptQuotas.of(round.id, on: field, tx)
        return KeptQuota.fitting(fitting, beside: staying, free: round.wanted - staying.count, quotas)
    }

    /// Who of some experts may get no new work of a round on a day, and why.
    func unavailable(
        _ experts: Set<ID<Expert>>, in round: Round, on day: Day, _ tx: Tx
    ) throws -> [ID<Expert>: Assignment.Cause] {
        let found = try ExpertStore.all(experts.sorted { $0.text < $1.text }, tx)
        return found.filter { !$0.value.isAvailable(on: day, through: round.dueOn) }
            .mapValues { expert -> Assignment.Cause in
                guard expert.isActive else { return .left }
                return expert.holds(on: day) ? .away : .unconfirmed
            }
    }

    /// Gives what was drawn for those who may get no new work on the day of the draw, which nobody knew of when the
    /// plan was fixed, to reserves. Where none is left, who is merely away is invited after all: a late sheet is better
    /// than none. Nobody is asked who left the pool or did not confirm: the seat stays empty, and the officer who
    /// opened the round is told.
    func passOver(
        _ out: [ID<Expert>: Assignment.Cause], in round: Round, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        guard !out.isEmpty else { return }
        var needed: Set<ID<Expert>> = []
        var empty = 0
        for one in try RoundStore.open(round.id, tx) {
            guard let cause = out[one.expert], try !replace(one, cause, dueOn: nil, actor, now, tx) else { continue }
            if cause == .away {
                needed.insert(one.expert)
            } else {
                try takeAway(one, cause, actor, now, tx)
                empty += 1
            }
        }
        try invite(needed, dueOn: round.dueOn, now, tx)
        guard empty > 0 else { return }
        try Messages.tell(
            ID(round.openedBy), Bilingual("评审席位空缺，候补不足", "Seats of a review without an expert"),
            Bilingual(
                "有 \(empty) 个评审席位空缺：抽中的专家已退出专家库或到期未确认专家信息，没有候补专家可更换。",
                "\(counted(empty, "seat is", "seats are")) empty: the experts drawn had left the pool or not confirmed "
                    + "their entries, and no reserve is left."),
            at: "/desk/calls/\(round.subject)/review", now: now, tx)
    }

    /// Takes an assignment away from an expert who does not answer, and invites a reserve.
    /// - Throws: ``ReviewError/noReserve``.
    public func replace(_ id: ID<Assignment>, reason: String, by actor: Actor) async throws {
        try Policy.require(actor, .runReviews)
        try Words.check(reason, "reason", Bilingual("更换原因", "Reason to replace"))
        let now = clock.now()
        try await db.write { tx in
            guard let assignment = try RoundStore.assignment(id, tx) else { throw ReviewError.unknown }
            guard [.invited, .accepted].contains(assignment.state) else { throw ReviewError.wrongState }
            guard try inviteReserve(for: assignment, now, tx) else { throw ReviewError.noReserve }
            try tx.run("UPDATE review_assignment SET state = 'replaced', reason = \(reason) WHERE id = \(id)")
            try log(
                "review.replaced", assignment.round,
                ["assignment": .string(id.text), "reason": .string(reason)], actor, now, tx)
        }
    }

    /// Replaces everybody whose day has passed without a sheet. Where no reserve is left, the expert keeps the
    /// assignment: a late sheet is better than none.
    /// - Parameter dueOn: the day for those who come in.
    public func replaceLapsed(_ id: ID<Round>, dueOn: Day, by actor: Actor) async throws -> LapsedOutcome {
        try Policy.require(actor, .runReviews)
        let now = clock.now()
        let day = zone.day(of: now)
        guard dueOn >= day else {
            throw ReviewError.required("due", Bilingual("请填写今天或以后的日期", "Give today or a later day"))
        }
        return try await db.write { tx in
            guard let round = try RoundStore.find(id, tx), round.state == .drawn else { throw ReviewError.wrongState }
            let late = try RoundStore.open(id, tx).filter { $0.dueOn < day }
            var replaced: [ID<Assignment>] = []
            var left: [ID<Assignment>] = []
            for assignment in late {
                let done = try replace(assignment, .lapsed, dueOn: dueOn, actor, now, tx)
                if done { replaced.append(assignment.id) } else { left.append(assignment.id) }
            }
            return LapsedOutcome(replaced: replaced, withoutReserve: left)
        }
    }

    /// Invites a reserve in place of an expert, by the house itself.
    /// - Returns: whether one was found; where not, the assignment stays as it is.
    func replace(
        _ assignment: Assignment, _ cause: Assignment.Cause, dueOn: Day?, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws -> Bool {
        guard [.invited, .accepted].contains(assignment.state) else { throw ReviewError.wrongState }
        guard try inviteReserve(for: assignment, dueOn: dueOn, now, tx) else { return false }
        try takeAway(assignment, cause, actor, now, tx)
        return true
    }

    private func takeAway(
        _ assignment: Assignment, _ cause: Assignment.Cause, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try tx.run("UPDATE review_assignment SET state = 'replaced', cause = \(cause) WHERE id = \(assignment.id)")
        try log(
            "review.replaced", assignment.round,
            ["assignment": .string(assignment.id.text), "cause": .string(cause.code)], actor, now, tx)
    }

    /// Reminds everybody whose sheet is still open.
    /// - Parameter dueBefore: only those whose day lies before this one; nil for all.
    /// - Returns: how many experts were reminded.
    public func remind(_ id: ID<Round>, dueBefore: Day? = nil, by actor: Actor) async throws -> Int {
        try Policy.require(actor, .runReviews)
        let now = clock.now()
        return try await db.write { tx in
            guard let round = try RoundStore.find(id, tx), round.state == .drawn else { throw ReviewError.wrongState }
            let open = try RoundStore.open(id, tx).filter { one in dueBefore.map { one.dueOn < $0 } ?? true }
            try remind(open, now, tx)
            return Set(open.map(\.expert)).count
        }
    }

    /// Tells experts which of their sheets are open, one message for each due day.
    func remind(_ open: [Assignment], _ now: Instant, _ tx: Tx) throws {
        for (day, group) in Dictionary(grouping: open, by: \.dueOn).sorted(by: { $0.key < $1.key }) {
            try tell(
                Set(group.map(\.expert)), Bilingual("评审催办", "Reminder to review"),
                Bilingual(
                    "您有 \(day) 到期的评审尚未完成，请及时办理。",
                    "A review due on \(day) is still open. Please complete it."), now, tx)
        }
        for part in open.map(\.id).blocks(of: 200) {
            try tx.run("UPDATE review_assignment SET reminded_at = \(now) WHERE id IN \(list: part)")
        }
    }
}
