import Kernel
import Review
import Store

/// Opens ballots, takes votes, counts.
struct BallotActions: Sendable {
    let house: House

    private func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: code, message: Bilingual(zh, en))
    }

    /// Opens a ballot on nominations that wait for one. Its members are experts of the pool to whom new work may be
    /// given; who is in conflict with a nomination, as on a panel, withdraws from it from the start.
    /// - Throws: ``BallotError/incomplete(_:)`` with everything wrong.
    func open(
        title: String, stage: BallotFacts.Stage?, cases: [ID<CaseFile>], members: [ID<Account>], by actor: Actor
    ) async throws -> ID<Ballot> {
        let id: ID<Ballot> = house.ids.make()
        let (now, today) = (house.clock.now(), house.today)
        return try await house.db.write { tx in
            var problems: [FieldProblem] = []
            if title.allSatisfy(\.isWhitespace) || title.count > 100 {
                problems.append(
                    problem("title", "field.required", "请写明表决名称（不超过 100 字）", "Name it, in at most 100 characters"))
            }
            guard let stage else {
                throw BallotError.incomplete(
                    problems + [problem("stage", "field.choice", "请选择表决环节", "Choose the stage")])
            }
            let files = try cases.compactMap { try CaseStore.find($0, tx) }.filter {
                $0.procedure == "awards.nomination" && $0.step == "ballot" && Policy.handles(actor, $0)
            }
            if files.isEmpty || files.count != cases.count {
                problems.append(
                    problem("cases", "ballot.cases", "请选择待表决的提名", "Choose nominations that wait for a vote"))
            }
            let experts = try ExpertStore.find(accounts: Array(Set(members)), tx)
            if experts.count < 3 || experts.count != Set(members).count {
                problems.append(
                    problem(
                        "members", "ballot.members", "请从专家库中选择至少 3 位委员",
                        "Choose at least 3 experts of the pool as members"))
            }
            problems += PanelConflicts.obstacles(experts, on: today, at: "members")
            guard problems.isEmpty else { throw BallotError.incomplete(problems) }
            let serial = try NumberSeries.next("award.ballot.\(today.parts.year)", tx)
            try tx.run(
                """
                INSERT INTO award_ballot (id, number, title, stage, state, opened_by, opened_at)
                VALUES (\(id), \("BJ-\(today.parts.year)-\(padded(serial, 3))"), \(title), \(stage.rawValue), 'open',
                    \(actor.account), \(now))
                """)
            for expert in experts {
                try tx.run(
                    """
                    INSERT INTO award_ballot_member (ballot, account, name, has_voted)
                    VALUES (\(id), \(expert.account), \(expert.name), \(false))
                    """)
                try Messages.tell(
                    expert.account, Bilingual("请参加奖励评审表决", "Please vote on awards"), Bilingual(title, title),
                    at: "/awards/ballots/\(id.text)", now: now, tx)
            }
            for (index, file) in files.enumerated() { try add(file, at: index + 1, to: id, experts, tx) }
            try record(
                "opened", id, ["members": .integer(Int64(experts.count)), "stage": .string(stage.rawValue)], actor,
                now, tx)
            return id
        }
    }

    private func add(_ file: CaseFile, at position: Int, to id: ID<Ballot>, _ experts: [Expert], _ tx: Tx) throws {
        let nomination = try Nomination.read(file.id, tx)
        try tx.run(
            """
            INSERT INTO award_ballot_item (ballot, position, case_id, prize, grade, in_favour, against, abstained)
            VALUES (\(id), \(position), \(file.id), \(nomination.prize?.rawValue ?? ""),
                \(nomination.grade?.rawValue ?? ""), 0, 0, 0)
            """)
        let windows = ConflictWindows.known(house.city.rules, on: house.today)
        let found = try PanelConflicts.reasons(experts, file, on: house.today, windows, tx)
        for expert in experts {
            if let reason = found[expert.account] {
                try recuse(expert.account, from: position, of: id, reason.rawValue, tx)
            }
        }
    }

    private func recuse(
        _ account: ID<Account>, from position: Int, of id: ID<Ballot>, _ reason: String, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO award_ballot_recusal (ballot, position, account, reason)
            VALUES (\(id), \(position), \(account), \(reason)) ON CONFLICT (ballot, position, account) DO NOTHING
            """)
    }

    /// Takes a member's paper, once and whole.
    /// - Parameter marks: by position of the item.
    /// - Throws: ``BallotError``.
    func vote(_ id: ID<Ballot>, _ marks: [Int: BallotMark], by actor: Actor) async throws {
        let now = house.clock.now()
        guard let account = actor.account else { throw BallotError.notMember }
        try await house.db.write { tx in
            let ballot = try BallotStore.require(id, tx)
            guard let member = try BallotStore.members(id, tx).first(where: { $0.account == account }) else {
                throw BallotError.notMember
            }
            guard ballot.state == .open else { throw BallotError.closed }
            guard !member.hasVoted else { throw BallotError.voted }
            let withdrawn = Set(try BallotStore.recusals(id, tx).filter { $0.account == account }.map(\.position))
            let items = try BallotStore.items(id, tx).filter { !withdrawn.contains($0.position) }
            let missing = items.filter { marks[$0.position] == nil }
            guard missing.isEmpty else {
                throw BallotError.incomplete(
                    missing.map { item in
                        problem(
                            "mark-\(item.position)", "field.required", "请对 \(item.number) 表决",
                            "Vote on \(item.number)")
                    })
            }
            let changed = try tx.run(
                """
                UPDATE award_ballot_member SET has_voted = \(true) WHERE ballot = \(id) AND account = \(account)
                    AND has_voted = \(false)
                """)
            guard changed == 1 else { throw BallotError.voted }
            for item in items { try count(marks[item.position], item.position, of: id, account, tx) }
            // The record tells who voted, never how.
            try record("cast", id, [:], actor, now, tx)
        }
    }

    private func count(
        _ mark: BallotMark?, _ position: Int, of id: ID<Ballot>, _ account: ID<Account>, _ tx: Tx
    ) throws {
        let column: SQL
        switch mark {
        case .favour: column = "in_favour = in_favour + 1"
        case .against: column = "against = against + 1"
        case .abstain: column = "abstained = abstained + 1"
        case .recuse, nil: return try recuse(account, from: position, of: id, BallotStore.asked, tx)
        }
        try tx.run("UPDATE award_ballot_item SET \(column) WHERE ballot = \(id) AND position = \(position)")
    }

    /// Closes a ballot, counts, and moves each nomination on as the rule says; without a quorum it stays where it is.
    func close(_ id: ID<Ballot>, by actor: Actor) async throws {
        let (now, today, procedures, city) = (house.clock.now(), house.today, house.procedures, house.city)
        try await house.db.write { tx in
            let ballot = try BallotStore.require(id, tx)
            guard ballot.state == .open else { throw BallotError.closed }
            try tx.run("UPDATE award_ballot SET state = 'closed', closed_at = \(now) WHERE id = \(id)")
            let members = try BallotStore.members(id, tx).count
            let recusals = try BallotStore.recusals(id, tx)
            let rule = try BallotRule(city.rules.law(on: today))
            for item in try BallotStore.items(id, tx) {
                var facts = BallotFacts()
                (facts.stage, facts.prize, facts.grade) = (ballot.stage, item.prize, item.grade)
                (facts.members, facts.cast, facts.inFavour) = (members, item.cast, item.inFavour)
                facts.recused = recusals.filter { $0.position == item.position }.count
                let ruling = rule.ruling(facts, on: today)
                try RulingStore.keep(ruling, of: item.caseID, by: actor, at: now, tx)
                let isQuorate = !ruling.trace.contains {
                    ["quorum", "counts"].contains($0.key) && $0.verdict == .unmet
                }
                guard isQuorate, let carried = ruling.outcome["holds"]?.bool else { continue }
                try tx.run(
                    """
                    UPDATE award_ballot_item SET carried = \(carried) WHERE ballot = \(id)
                        AND position = \(item.position)
                    """)
                guard try CaseStore.find(item.caseID, tx)?.step == "ballot" else { continue }
                // A group's vote sends a nomination on to the committee, where one still has to vote.
                if ballot.stage == .group, carried { continue }
                try procedures.act(
                    item.caseID, carried ? "carried" : "not-carried",
                    answers: [
                        "ballot": .string(ballot.number), "in-favour": .integer(Int64(item.inFavour)),
                        "cast": .integer(Int64(item.cast)),
                    ], as: .system, at: now, in: tx)
            }
            try record("closed", id, [:], actor, now, tx)
        }
    }

    private func record(
        _ kind: String, _ id: ID<Ballot>, _ content: JSONValue, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "awards", kind: "ballot.\(kind)", subjectKind: "ballot", subject: id.text, actor: actor, at: now,
                content: content), tx)
    }
}
