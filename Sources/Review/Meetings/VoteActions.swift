import Judgement
public import Kernel
import Store

/// Opens rounds of voting, takes papers, counts.
///
/// Who votes is known: the roll says so, and an event of the record. What somebody chose in a secret vote is kept as a
/// paper with a code drawn by chance, sealed by the house's vault until the vote is closed, without a time. When the
/// vote is closed, roll and papers are written anew, so that not even the order of rows ties one to the other.
extension MeetingActions {
    /// How a round is held.
    public struct Ballot: Sendable {
        public let kind: MeetingVote.Kind
        public let isSecret: Bool
        public let question: String
        /// How many are chosen.
        public let seats: Int
        public let threshold: MeetingVote.Threshold

        public init(
            kind: MeetingVote.Kind, isSecret: Bool, question: String, seats: Int = 0,
            threshold: MeetingVote.Threshold = .present
        ) {
            self.kind = kind
            self.isSecret = isSecret
            self.question = question
            self.seats = seats
            self.threshold = threshold
        }
    }

    /// Opens a round on the item that is called. The roll is those in the room who need not keep out.
    /// - Throws: ``MeetingError``.
    @discardableResult
    public func openVote(
        _ ballot: Ballot, on id: ID<MeetingItem>, by actor: Actor
    ) async throws -> ID<MeetingVote> {
        let (now, vote) = (clock.now(), ids.make(MeetingVote.self))
        let meeting = try await db.read { tx in try MeetingStore.item(id, tx).meeting.id }
        return try await change(meeting, actor, in: [.open]) { meeting, tx in
            let item = try MeetingStore.item(id, tx).item
            guard item.state == .open else { throw MeetingError.wrongState }
            let problems = problems(ballot, item)
            guard problems.isEmpty else { throw MeetingError.incomplete(problems) }
            let held = try MeetingStore.votes(meeting.id, tx).filter { $0.item == id }
            guard !held.contains(where: { $0.state == .open }) else { throw MeetingError.voteOpen }
            try findConflicts(id, meeting, actor, now, tx)
            let day = zone.day(of: now)
            let quorum = try MeetingQuorum.of(meeting.id, item: id, rules, on: day, tx)
            try quorum.require()
            let share = try rules.law(on: day).table(ballot.threshold.parameter).value
            let question =
                ballot.question.allSatisfy(\.isWhitespace) ? item.title : Bilingual(written: ballot.question)
            try tx.run(
                """
                INSERT INTO meeting_vote (id, item, round, kind, is_secret, question, seats, threshold, rule, members,
                    present, quorum, state, opened_at)
                VALUES (\(vote), \(id), \(held.count + 1), \(ballot.kind), \(ballot.isSecret),
                    \(try JSONValue(encoding: question)), \(ballot.kind == .choose ? ballot.seats : 0),
                    \(ballot.threshold), \("\(share["parts"] ?? 1)/\(share["of"] ?? 2)"), \(quorum.entitled),
                    \(quorum.present), \(quorum.needed), 'open', \(now))
                """)
            try fillRoll(vote, id, meeting, ballot, now, tx)
            try log(
                "vote-opened", meeting,
                [
                    "vote": .string(vote.text), "round": .integer(Int64(held.count + 1)),
                    "secret": .bool(ballot.isSecret), "present": .integer(Int64(quorum.present)),
                    "members": .integer(Int64(quorum.entitled)),
                ], actor, now, tx)
            return vote
        }
    }

    private func problems(_ ballot: Ballot, _ item: MeetingItem) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if ballot.question.count > 500 {
            problems.append(
                MeetingError.field("question", "表决事项不超过 500 字", "The question takes at most 500 characters"))
        }
        if ballot.kind == .choose, item.cases.count < 2 {
            problems.append(
                MeetingError.field("kind", "推选须有两个以上候选事项", "Choosing needs an item with two cases or more"))
        } else if ballot.kind == .choose, !(1..<item.cases.count).contains(ballot.seats) {
            problems.append(
                MeetingError.field(
                    "seats", "推选名额须为 1 至 \(item.cases.count - 1)", "From 1 to \(item.cases.count - 1) are chosen"))
        }
        return problems
    }

    private func fillRoll(
        _ vote: ID<MeetingVote>, _ item: ID<MeetingItem>, _ meeting: Meeting, _ ballot: Ballot, _ now: Instant, _ tx: Tx
    ) throws {
        let here = try Set(MeetingStore.presence(meeting.id, tx).filter { $0.leftAt == nil }.map(\.account))
        let out = try Set(MeetingStore.recusals(meeting.id, tx).filter { $0.item == item }.map(\.account))
        for member in try MeetingStore.members(meeting.id, tx)
        where here.contains(member.account) && !out.contains(member.account) {
            try tx.run(
                """
                INSERT INTO meeting_roll (vote, account, name, has_voted)
                VALUES (\(vote), \(member.account), \(member.name), \(false))
                """)
            try Messages.tell(
                member.account, Bilingual("请表决", "Please vote"), meeting.title, at: "/votes/\(vote.text)", now: now,
                tx)
        }
    }

    /// Takes a member's paper, once.
    /// - Parameter choice: `yes`, `no` or `abstain`; or places of candidates from 1 in the order of preference.
    /// - Returns: the code under which the paper stands; it is shown once and kept with nobody's name.
    /// - Throws: ``MeetingError``.
    public func cast(_ choice: [String], in id: ID<MeetingVote>, by actor: Actor) async throws -> String {
        let (now, code) = (clock.now(), try Letters.checkCode())
        guard let account = actor.account else { throw MeetingError.notMember }
        return try await db.write { tx in
            let vote = try MeetingStore.vote(id, tx)
            let (item, meeting) = try MeetingStore.item(vote.item, tx)
            _ = try mine(meeting.id, actor, tx)
            guard
                try !MeetingStore.recusals(meeting.id, tx).contains(where: {
                    $0.item == item.id && $0.account == account
                })
            else { throw MeetingError.recused }
            guard let own = try MeetingStore.roll(id, tx).first(where: { $0.account == account }) else {
                throw MeetingError.absent
            }
            guard vote.state == .open else { throw MeetingError.voteClosed }
            guard !own.hasVoted else { throw MeetingError.voted }
            let text = try MeetingActions.paper(choice, vote, item)
            let changed = try tx.run(
                """
                UPDATE meeting_roll SET has_voted = \(true)
                WHERE vote = \(id) AND account = \(account) AND has_voted = \(false)
                """)
            guard changed == 1 else { throw MeetingError.voted }
            if vote.isSecret {
                try tx.run(
                    "INSERT INTO meeting_paper (vote, code, sealed_choice) VALUES (\(id), \(code), \(try vault.seal(text)))"
                )
            } else {
                try tx.run(
                    """
                    INSERT INTO meeting_paper (vote, code, account, name, choice)
                    VALUES (\(id), \(code), \(account), \(own.name), \(text))
                    """)
            }
            // The record tells who voted; how, only where the vote is by name.
            try log(
                "voted", meeting,
                vote.isSecret
                    ? ["vote": .string(id.text)] : ["vote": .string(id.text), "choice": .string(text)],
                actor, now, tx)
            return code
        }
    }

    /// A paper as it is kept.
    /// - Throws: ``MeetingError/incomplete(_:)``.
    private static func paper(_ choice: [String], _ vote: MeetingVote, _ item: MeetingItem) throws -> String {
        switch vote.kind {
        case .approve:
            guard choice.count == 1, ["yes", "no", "abstain"].contains(choice[0]) else {
                throw MeetingError.incomplete([
                    MeetingError.field("choice", "请选择赞成、反对或弃权", "Choose for, against or abstain")
                ])
            }
            return choice[0]
        case .choose:
            let places = choice.compactMap { Int($0) }
            guard places.count == choice.count, !places.isEmpty, Set(places).count == places.count,
                places.allSatisfy({ (1...item.cases.count).contains($0) })
            else {
                throw MeetingError.incomplete([
                    MeetingError.field(
                        "choice", "请按先后排列，至少一个，且同一次序只给一个候选事项",
                        "Rank at least one, and no two in the same place")
                ])
            }
            return places.map(String.init).joined(separator: " ")
        }
    }

    /// Closes a round and counts it.
    /// - Throws: ``MeetingError``; ``MeetingError/broken`` where papers and roll do not add up.
    public func closeVote(_ id: ID<MeetingVote>, by actor: Actor) async throws {
        let now = clock.now()
        let meeting = try await db.read { tx in
            try MeetingStore.item(try MeetingStore.vote(id, tx).item, tx).meeting.id
        }
        try await change(meeting, actor, in: [.open]) { meeting, tx in
            let vote = try MeetingStore.vote(id, tx)
            guard vote.state == .open else { throw MeetingError.voteClosed }
            let papers = try rewrite(vote, tx)
            let item = try MeetingStore.item(vote.item, tx).item
            let result = MeetingActions.count(vote, item, papers, meeting)
            let kept = try JSONValue(encoding: result)
            try tx.run(
                """
                UPDATE meeting_vote SET state = 'closed', closed_at = \(now), result = \(kept) WHERE id = \(id)
                """)
            try log(
                "vote-closed", meeting, ["vote": .string(id.text), "result": kept], actor, now, tx)
        }
    }

    /// Opens the papers, and writes papers and roll anew in an order that tells nothing.
    private func rewrite(_ vote: MeetingVote, _ tx: Tx) throws -> [VotePaper] {
        struct Kept {
            let code: String
            let account: ID<Account>?
            let name: String?
            let choice: String
        }
        let papers = try tx.rows("SELECT * FROM meeting_paper WHERE vote = \(vote.id) ORDER BY code") { row in
            let sealed: [UInt8]? = try row["sealed_choice"]
            return Kept(
                code: try row["code"], account: try row["account"], name: try row["name"],
                choice: try sealed.map { try vault.open($0) } ?? row["choice"] ?? "")
        }
        let roll = try MeetingStore.roll(vote.id, tx)
        guard papers.count == roll.count(where: \.hasVoted) else { throw MeetingError.broken }
        try tx.run("DELETE FROM meeting_paper WHERE vote = \(vote.id)")
        try tx.run("DELETE FROM meeting_roll WHERE vote = \(vote.id)")
        for paper in papers {
            try tx.run(
                """
                INSERT INTO meeting_paper (vote, code, account, name, choice)
                VALUES (\(vote.id), \(paper.code), \(paper.account), \(paper.name), \(paper.choice))
                """)
        }
        for entry in roll {
            try tx.run(
                """
                INSERT INTO meeting_roll (vote, account, name, has_voted)
                VALUES (\(vote.id), \(entry.account), \(entry.name), \(entry.hasVoted))
                """)
        }
        return papers.map { VotePaper(code: $0.code, name: $0.name, choice: $0.choice) }
    }
}

// MARK: Counting

extension MeetingActions {
    /// Counts papers; the same papers always give the same result.
    static func count(
        _ vote: MeetingVote, _ item: MeetingItem, _ papers: [VotePaper], _ meeting: Meeting
    ) -> VoteResult {
        let lines = papers.map { "\($0.name ?? $0.code) \($0.choice)\n" }.sorted().joined()
        let digest = Digest.hex(Digest.sha256(Array(lines.utf8)))
        guard vote.kind == .choose else {
            func votes(_ word: String) -> Int { papers.count { $0.choice == word } }
            let count = VoteCount(
                members: vote.members, present: vote.present, yes: votes("yes"), no: votes("no"),
                abstained: votes("abstain"))
            let needed = vote.limit()?.needed(count) ?? vote.members
            return VoteResult(
                cast: papers.count, invalid: 0, yes: count.yes, no: count.no, abstained: count.abstained,
                needed: needed, carried: count.yes >= needed, quota: nil, stages: nil, elected: nil, lot: nil,
                papers: digest)
        }
        let candidates = item.cases.count
        var stream = DrawStream(
            rules: DrawProtocol.rules, seed: meeting.lotSecret.text, commitment: "\(meeting.lotCommitment):\(vote.id)")
        let lot = stream.shuffled(Array(0..<candidates))
        let ranked = papers.map { $0.choice.split(separator: " ").compactMap { Int($0) }.map { $0 - 1 } }
        let outcome = TransferableVote(candidates: candidates, seats: vote.seats, papers: ranked, lot: lot)
        return VoteResult(
            cast: papers.count, invalid: outcome.invalid, yes: nil, no: nil, abstained: nil, needed: nil, carried: nil,
            quota: outcome.quota, stages: outcome.stages.map(VoteResult.Stage.init), elected: outcome.elected, lot: lot,
            papers: digest)
    }
}

extension VoteResult.Stage {
    init(_ stage: TransferableVote.Stage) {
        switch stage.action {
        case .first: (action, candidate) = ("first", nil)
        case .surplus(let of): (action, candidate) = ("surplus", of)
        case .exclusion(let of): (action, candidate) = ("exclusion", of)
        case .remaining: (action, candidate) = ("remaining", nil)
        }
        tie = stage.tie.map { $0 == .lot ? "lot" : "earlier-stage" }
        votes = stage.votes.map(\.text)
        exact = stage.votes.map(\.exact)
        exhausted = stage.exhausted.text
        elected = stage.elected
    }
}
