public import Kernel
import Store

/// For how long an entry of the pool holds, and when its expert is asked to confirm it.
public struct PoolCare: Sendable {
    let months: Int
    let noticeDays: Int

    public init(months: Int, noticeDays: Int) {
        self.months = months
        self.noticeDays = noticeDays
    }

    /// As the city's parameters say on a day.
    /// - Throws: ``RuleBookError``.
    public init(_ rules: RuleBook, on day: Day) throws {
        self.init(
            months: try rules.number("review.confirm-months", on: day),
            noticeDays: try rules.number("review.confirm-notice-days", on: day))
    }

    func end(after day: Day) -> Day { day.adding(months: months) }
}

/// What came of telling the pool about oneself.
public enum Registration: Hashable, Sendable {
    /// Nothing has changed: the entry holds through this day.
    case confirmed(through: Day)
    /// An officer decides.
    case asked
}

extension ReviewActions {
    /// Asks to come into the pool, to be changed in it or to return to it, by rules that a file of experts keeps too.
    /// Who is in the pool and changes nothing has confirmed the entry for another year; anything else waits for an
    /// officer. Asking again takes back what waits.
    /// - Throws: ``ReviewError/incomplete(_:)`` with everything that is wrong.
    public func register(_ entry: ExpertEntry, _ care: PoolCare, by actor: Actor) async throws -> Registration {
        guard let account = actor.account else { throw ReviewError.notYours }
        let now = clock.now()
        let id: ID<ExpertRequest> = ids.make()
        return try await db.write { tx in
            let (line, _) = try judged(entry, account, tx)
            let problems = line.problems + entry.missing
            guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
            try tx.run(
                "UPDATE expert_request SET state = 'withdrawn' WHERE account = \(account) AND state = 'waiting'")
            if line.outcome == .known, let expert = try ExpertStore.find(account: account, tx), expert.isActive {
                return .confirmed(through: try confirm(expert.id, care, actor, now, tx))
            }
            try tx.run(
                """
                INSERT INTO expert_request (id, account, state, title, employer, fields, keywords, most, languages,
                    asked_at)
                VALUES (\(id), \(account), 'waiting', \(entry.title), \(entry.employer.uppercased()),
                    \(entry.fields.joined(separator: ";")), \(entry.keywords), \(entry.load),
                    \(entry.languages.joined(separator: ";")), \(now))
                ON CONFLICT (account) WHERE state = 'waiting' DO NOTHING
                """)
            try log("expert.asked", account, ["request": .string(id.text)], actor, now, tx)
            return .asked
        }
    }

    /// Decides on a request: admits it into the pool, by the rules of the day, or refuses it with a reason.
    /// - Throws: ``ReviewError/wrongState`` where it does not wait any more; ``ReviewError/sameHand`` for one's own;
    ///   ``ReviewError/incomplete(_:)`` where it does not fit any more.
    public func decide(
        _ id: ID<ExpertRequest>, admits: Bool, reason: String, _ care: PoolCare, by actor: Actor
    ) async throws {
        try Policy.require(actor, .runReviews)
        try Words.check(reason, "reason", Bilingual("不通过的理由", "Reason to refuse"), isRequired: !admits)
        let now = clock.now()
        let me = actor.account?.text ?? "system"
        try await db.write { tx in
            guard let request = try ExpertRequest.find(id, tx) else { throw ReviewError.unknown }
            guard request.state == .waiting else { throw ReviewError.wrongState }
            guard request.account.text != me else { throw ReviewError.sameHand }
            if admits {
                let (line, new) = try judged(request.entry, request.account, tx)
                guard line.outcome != .refused else { throw ReviewError.incomplete(line.problems) }
                let held = try ExpertStore.find(account: request.account, tx)?.id
                guard let expert = try new.map({ try keep($0, at: now, tx) }) ?? held else { throw ReviewError.unknown }
                try recuseConflicted([expert], actor, now, tx)
                _ = try confirm(expert, care, actor, now, tx)
            }
            let state: ExpertRequest.State = admits ? .admitted : .refused
            try tx.run(
                """
                UPDATE expert_request SET state = \(state), judged_at = \(now), judged_by = \(me), reason = \(reason)
                WHERE id = \(id)
                """)
            try log(
                "expert.request-\(state.rawValue)", request.account,
                ["request": .string(id.text), "reason": .string(reason)], actor, now, tx)
            try Messages.tell(
                request.account,
                admits
                    ? Bilingual("您已进入专家库", "You are in the expert pool")
                    : Bilingual("专家库申请未通过", "Your request to the expert pool was refused"),
                admits
                    ? Bilingual("您的专家信息已登记，请留意评审邀请。", "Your entry is registered; look out for invitations.")
                    : Bilingual("理由：\(reason)", "Reason: \(reason)"), at: "/reviews/registration", now: now, tx)
        }
    }

    /// Takes the actor out of the pool: no new work is given; what is in hand stays. Who returns asks again.
    /// - Throws: ``ReviewError/unknown`` for who is not in it.
    public func leavePool(by actor: Actor) async throws {
        let now = clock.now()
        try await db.write { tx in
            guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx) else {
                throw ReviewError.unknown
            }
            guard expert.isActive else { return }
            try ExpertStore.leave(expert.id, tx)
            try log("expert.left", account, [:], actor, now, tx)
        }
    }

    /// Looks after the pool: an entry that has no end yet gets one, a year from today; experts whose time is nearly
    /// over are asked to confirm, once.
    public func tendPool(_ care: PoolCare) async throws {
        let now = clock.now()
        let day = zone.day(of: now)
        let late = day.adding(days: care.noticeDays)
        let due: SQL = """
            is_active = \(true) AND confirm_by <= \(late) AND confirm_asked_on IS NULL ORDER BY confirm_by, id LIMIT 500
            """
        let (isNew, isDue) = try await db.read { tx in
            (
                try tx.first("SELECT id FROM expert WHERE confirm_by IS NULL LIMIT 1") { _ in true } ?? false,
                try tx.first("SELECT id FROM expert WHERE \(due)") { _ in true } ?? false
            )
        }
        guard isNew || isDue else { return }
        try await db.write { tx in
            try tx.run("UPDATE expert SET confirm_by = \(care.end(after: day)) WHERE confirm_by IS NULL")
            let experts = try tx.rows("\(ExpertStore.select) WHERE \(due)", Expert.init(row:))
            for expert in experts {
                let until = expert.confirmBy ?? day
                try Messages.tell(
                    expert.account, Bilingual("请确认专家信息", "Please confirm your entry in the expert pool"),
                    Bilingual(
                        "您的专家信息有效至 \(until)。请核对并确认；逾期未确认的，不再收到新的评审邀请。",
                        "Your entry holds until \(until). Please look it over and confirm; after that day no new "
                            + "invitations reach you until you do."), at: "/reviews/registration", now: now, tx)
            }
            try tx.run(
                "UPDATE expert SET confirm_asked_on = \(day) WHERE id IN \(list: experts.map(\.id))")
        }
    }

    private func judged(
        _ entry: ExpertEntry, _ account: ID<Account>, _ tx: Tx
    ) throws -> (line: PoolImport.Line, entry: PoolJudge.Entry?) {
        guard let card = try AccountStore.find(account, tx) else { throw ReviewError.unknown }
        let row = entry.row(card.login)
        var judge = try PoolJudge([row], tx)
        return judge.judge(row)
    }

    private func confirm(
        _ expert: ID<Expert>, _ care: PoolCare, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws -> Day {
        let end = care.end(after: zone.day(of: now))
        try ExpertStore.confirm(expert, through: end, tx)
        try Record.append(
            Event(
                room: "review", kind: "expert.confirmed", subjectKind: "expert", subject: expert.text, actor: actor,
                at: now, content: ["through": .string(end.description)]), tx)
        return end
    }

    private func log(
        _ kind: String, _ account: ID<Account>, _ content: JSONValue, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "review", kind: kind, subjectKind: "account", subject: account.text, actor: actor, at: now,
                content: content), tx)
    }
}
