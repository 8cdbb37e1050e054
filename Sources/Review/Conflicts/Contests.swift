public import Kernel
public import Store

/// Somebody says that a kept conflict is wrong; an officer who had no part in it rules.
public struct Contest: Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable, CaseIterable, SQLConvertible {
        case open, lifted, upheld

        public var title: Bilingual {
            switch self {
            case .open: Bilingual("待裁定", "To be ruled")
            case .lifted: Bilingual("异议成立，已解除", "Granted; the conflict is lifted")
            case .upheld: Bilingual("异议不成立，维持回避", "Refused; the conflict stands")
            }
        }
    }

    public let id: ID<Contest>
    public let round: ID<Round>
    public let expert: ID<Expert>
    /// Empty for every item of the round.
    public let item: String
    public let kind: Conflict
    public let subject: String
    public let statement: String
    public let filedBy: String
    public let filedName: String
    public let filedAt: Instant
    public let state: State
    public let ruling: String?
    public let ruledName: String?

    init(row: Row) throws {
        id = try row["id"]
        round = try row["round"]
        expert = try row["expert"]
        item = try row["item"]
        kind = try row["kind"]
        subject = try row["subject"]
        statement = try row["statement"]
        filedBy = try row["filed_by"]
        filedName = try row["filed_name"]
        filedAt = try row["filed_at"]
        state = try row["state"]
        ruling = try row["ruling"]
        ruledName = try row["ruled_name"]
    }

    /// The contests of a round, newest first.
    /// - Parameter before: the last one of the page before.
    public static func list(
        _ round: ID<Round>, before: ID<Contest>? = nil, limit: Int, _ tx: Tx
    ) throws -> [Contest] {
        let older: SQL = before.map { "AND id < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM review_contest WHERE round = \(round) \(older) ORDER BY id DESC LIMIT \(limit)",
            Contest.init(row:))
    }

    /// What an account has contested, newest first.
    public static func filed(
        by account: ID<Account>, before: ID<Contest>? = nil, limit: Int, _ tx: Tx
    ) throws -> [Contest] {
        let older: SQL = before.map { "AND id < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM review_contest WHERE filed_by = \(account.text) \(older) ORDER BY id DESC LIMIT \(limit)",
            Contest.init(row:))
    }

    static func find(_ id: ID<Contest>, _ tx: Tx) throws -> Contest? {
        try tx.first("SELECT * FROM review_contest WHERE id = \(id)", Contest.init(row:))
    }
}

extension ReviewActions {
    /// Says why a kept conflict does not hold. An officer may, and the expert whom it concerns.
    /// - Throws: ``ReviewError/unknown``; ``ReviewError/wrongState`` where it does not stand or is contested already.
    @discardableResult
    public func contest(
        _ round: ID<Round>, _ expert: ID<Expert>, item: String, kind: Conflict, subject: String, statement: String,
        by actor: Actor
    ) async throws -> ID<Contest> {
        try Words.check(statement, "statement", Bilingual("异议理由", "Why it does not hold"), most: 1_000)
        let now = clock.now()
        let id: ID<Contest> = ids.make()
        try await db.write { tx in
            let isOwn = !Policy.may(actor, .runReviews)
            if isOwn {
                guard let account = actor.account, try ExpertStore.find(account: account, tx)?.id == expert,
                    Conflict.told.contains(kind), let round = try RoundStore.find(round, tx)
                else { throw ReviewError.unknown }
                guard round.state != .closed else { throw ReviewError.wrongState }
            }
            guard
                let kept = try ConflictStore.find(round, expert, item: item, kind: kind, subject: subject, tx)
            else { throw ReviewError.unknown }
            let open: Int? = try tx.value(
                """
                SELECT COUNT(*) FROM review_contest WHERE round = \(round) AND expert = \(expert) AND item = \(item)
                    AND kind = \(kind) AND subject = \(subject) AND state = 'open'
                """)
            guard kept.state == .stands, open ?? 0 == 0 else { throw ReviewError.wrongState }
            try tx.run(
                """
                INSERT INTO review_contest (id, round, expert, item, kind, subject, statement, filed_by, filed_name,
                    filed_at, state)
                VALUES (\(id), \(round), \(expert), \(item), \(kind), \(subject), \(statement),
                    \(actor.account?.text ?? "system"), \(actor.name), \(now), 'open')
                """)
            try log("review.conflict-contested", round, ["contest": .string(id.text)], actor, now, tx)
            if isOwn, let opened = try RoundStore.find(round, tx) {
                try Messages.tell(
                    ID(opened.openedBy), Bilingual("专家对回避提出异议", "An expert contests a conflict"),
                    Bilingual("请由未参与登记的经办人裁定。", "An officer who had no part in it is to rule."),
                    at: "/desk/calls/\(opened.subject)/conflicts", now: now, tx)
            }
        }
        return id
    }

    /// Rules on a contest. Neither whoever filed it nor whoever declared the conflict may.
    /// - Parameters:
    ///   - round: the round that the actor may handle; a contest of another one is unknown there.
    ///   - lifts: whether the conflict is lifted; that an expert is the applicant, or is barred, never is.
    /// - Throws: ``ReviewError/sameHand``, ``ReviewError/neverLifted``, ``ReviewError/wrongState``.
    public func rule(
        _ id: ID<Contest>, in round: ID<Round>, lifts: Bool, ruling: String, by actor: Actor
    ) async throws {
        try Policy.require(actor, .runReviews)
        try Words.check(ruling, "ruling", Bilingual("裁定理由", "Reasons of the ruling"), most: 1_000)
        let now = clock.now()
        let me = actor.account?.text ?? "system"
        try await db.write { tx in
            guard let contest = try Contest.find(id, tx), contest.round == round,
                let kept = try ConflictStore.find(
                    contest.round, contest.expert, item: contest.item, kind: contest.kind, subject: contest.subject, tx)
            else { throw ReviewError.unknown }
            guard contest.state == .open else { throw ReviewError.wrongState }
            let judged = try ExpertStore.all([contest.expert], tx)[contest.expert]?.account
            guard me != contest.filedBy, me != kept.finding.author, me != judged?.text else {
                throw ReviewError.sameHand
            }
            guard !lifts || ![.isApplicant, .barred, .sameRound].contains(contest.kind) else {
                throw ReviewError.neverLifted
            }
            let state: Contest.State = lifts ? .lifted : .upheld
            try tx.run(
                """
                UPDATE review_contest SET state = \(state), ruling = \(ruling), ruled_by = \(me),
                    ruled_name = \(actor.name), ruled_at = \(now) WHERE id = \(id)
                """)
            if lifts {
                try tx.run(
                    """
                    UPDATE review_conflict SET state = 'lifted' WHERE round = \(contest.round)
                        AND expert = \(contest.expert) AND item = \(contest.item) AND kind = \(contest.kind)
                        AND subject = \(contest.subject)
                    """)
            }
            if let judged, judged.text == contest.filedBy {
                try Messages.tell(
                    judged, Bilingual("回避异议已裁定", "Your contest of a conflict is ruled"), state.title,
                    at: "/reviews/conflicts", now: now, tx)
            }
            try log(
                "review.conflict-ruled", contest.round,
                ["contest": .string(id.text), "lifted": .bool(lifts), "kind": .string(contest.kind.rawValue)], actor,
                now, tx)
        }
    }
}
