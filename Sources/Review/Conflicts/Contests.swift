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

    /// Whether it is about a protected fact, so that Integrity alone rules it and reads the reasons of the ruling.
    public var isProtected: Bool { kind == .protected }

    /// Whether somebody may rule on such a contest, as far as division and role go.
    public func isRuled(by actor: Actor) -> Bool {
        isProtected ? Watch.mayRead(actor) : Policy.may(actor, .runReviews)
    }

    /// Reasons and name of the ruling, as somebody may read them; nil where there are none.
    public func told(to actor: Actor) -> (ruling: String, by: String)? {
        guard let ruling, !isProtected || Watch.mayRead(actor) else { return nil }
        return (ruling, ruledName ?? "")
    }

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

    /// Whether a contest of the review of a subject is about a protected fact.
    public static func isProtected(_ id: ID<Contest>, of subject: String, _ tx: Tx) throws -> Bool {
        let count: Int? = try tx.value(
            """
            SELECT COUNT(*) FROM review_contest c JOIN review_round r ON r.id = c.round
            WHERE c.id = \(id) AND r.subject = \(subject) AND c.kind = \(Conflict.protected)
            """)
        return count == 1
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
            if kind == .protected { try tellIntegrity(round, actor, now, tx) }
            if isOwn, let opened = try RoundStore.find(round, tx) {
                try Messages.tell(
                    ID(opened.openedBy), Bilingual("专家对回避提出异议", "An expert contests a conflict"),
                    Bilingual("请由未参与登记的经办人裁定。", "An officer who had no part in it is to rule."),
                    at: "/desk/calls/\(opened.subject)/conflicts", now: now, tx)
            }
        }
        return id
    }

    /// Tells the officers of Integrity, and where there are none of that division those who act for all, that a contest
    /// is theirs to rule.
    private func tellIntegrity(_ id: ID<Round>, _ filer: Actor, _ now: Instant, _ tx: Tx) throws {
        guard let round = try RoundStore.find(id, tx) else { return }
        let officers = try AccountStore.holding(.officer, tx)
        let own = officers.filter { $0.division == Watch.division }
        for card in own.isEmpty ? officers.filter({ $0.division == nil }) : own where card.id != filer.account {
            try Messages.tell(
                card.id, Bilingual("关系限制有异议", "A protected fact is contested"),
                Bilingual("请由监督诚信处裁定，理由不告知他处。", "Integrity is to rule; its reasons are told to nobody else."),
                at: "/desk/calls/\(round.subject)/conflicts", now: now, tx)
        }
    }

    /// Rules on a contest. Neither whoever filed it nor whoever declared the conflict may; a contest about a protected
    /// fact is unknown here, see ``ruleProtected(_:lifts:ruling:by:)``.
    /// - Parameters:
    ///   - round: the round that the actor may handle; a contest of another one is unknown there.
    ///   - lifts: whether the conflict is lifted; that an expert is the applicant, or is barred, never is.
    /// - Throws: ``ReviewError/sameHand``, ``ReviewError/neverLifted``, ``ReviewError/wrongState``.
    public func rule(
        _ id: ID<Contest>, in round: ID<Round>, lifts: Bool, ruling: String, by actor: Actor
    ) async throws {
        try Policy.require(actor, .runReviews)
        try await settle(id, lifts: lifts, ruling: ruling, by: actor) { $0.round == round && !$0.isProtected }
    }

    /// Rules on a contest about a protected fact, of any round: only Integrity knows what the fact is.
    /// - Throws: ``AccessError/forbidden(_:)``, ``ReviewError/sameHand``, ``ReviewError/wrongState``.
    public func ruleProtected(_ id: ID<Contest>, lifts: Bool, ruling: String, by actor: Actor) async throws {
        try Watch.require(actor)
        try await settle(id, lifts: lifts, ruling: ruling, by: actor) { $0.isProtected }
    }

    private func settle(
        _ id: ID<Contest>, lifts: Bool, ruling: String, by actor: Actor,
        where isMeant: @escaping @Sendable (Contest) -> Bool
    ) async throws {
        try Words.check(ruling, "ruling", Bilingual("裁定理由", "Reasons of the ruling"), most: 1_000)
        let now = clock.now()
        let me = actor.account?.text ?? "system"
        try await db.write { tx in
            guard let contest = try Contest.find(id, tx), isMeant(contest),
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
            try tellRuling(contest, state, judged, now, tx)
            try log(
                "review.conflict-ruled", contest.round,
                ["contest": .string(id.text), "lifted": .bool(lifts), "kind": .string(contest.kind.rawValue)], actor,
                now, tx)
        }
    }

    /// Tells the expert who filed it, or the officer who had Integrity rule it.
    private func tellRuling(
        _ contest: Contest, _ state: Contest.State, _ judged: ID<Account>?, _ now: Instant, _ tx: Tx
    ) throws {
        let title = Bilingual("回避异议已裁定", "Your contest of a conflict is ruled")
        if let judged, judged.text == contest.filedBy {
            try Messages.tell(judged, title, state.title, at: "/reviews/conflicts", now: now, tx)
        } else if contest.isProtected, let round = try RoundStore.find(contest.round, tx) {
            try Messages.tell(
                ID(contest.filedBy), title, state.title, at: "/desk/calls/\(round.subject)/conflicts", now: now, tx)
        }
    }
}
