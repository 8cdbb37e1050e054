import Kernel

/// Calls, awards, contracts and payments as releases of OCDS 1.1.5. A call is one contracting process; every posting
/// that means something to the outside is one release, so that nothing published is ever written over.
struct ReleaseMap: Sendable {
    let words: OpenWords

    /// A release and where it belongs.
    struct Release: Sendable {
        let id: String
        let process: String
        let project: String
        let at: Instant
        /// The term of the contract that the release states; empty where it states none.
        var term = ""
        let body: JSONValue
    }

    // MARK: Calls

    /// What a published call invites to.
    /// - Parameter reserved: what the books set aside for it.
    func tender(_ call: Call, programme: Programme?, reserved: Money) -> Release? {
        guard let at = call.publishedAt else { return nil }
        let conditions = call.content.conditions.map { "\($0.zh) \($0.en)" }.joined(separator: "\n")
        let milestone: JSONValue = [
            "id": "closing", "title": "申报截止 / end of applications", "type": "engagement", "status": "scheduled",
            "dueDate": words.moment(call.closesOn.adding(days: 1)),
        ]
        let tender: JSONValue = .members([
            "id": .string(call.number), "title": .string(call.title.zh),
            "description": .string("\(call.title.en)\n\(call.content.summary.zh)\n\(call.content.summary.en)"),
            "status": "active", "value": reserved.openValue, "procuringEntity": bureau,
            "procurementMethod": "open", "mainProcurementCategory": "services",
            "submissionMethod": ["electronicSubmission"],
            "submissionMethodDetails": .string(words.address("/calls/\(call.number)")),
            "eligibilityCriteria": conditions.isEmpty ? nil : .string(conditions),
            "tenderPeriod": [
                "startDate": words.moment(call.opensOn), "endDate": words.moment(call.closesOn.adding(days: 1)),
            ],
            "documents": [document("call", "tenderNotice", call.title, "/calls/\(call.number)", at)],
            "milestones": [milestone],
        ])
        let budget: JSONValue = .members([
            "id": programme.map { .string("\($0.code)-\(call.year)") }, "amount": reserved.openValue,
            "description": programme.map { .string("\($0.name.zh) / \($0.name.en)") },
            "project": programme.map { .string($0.name.zh) }, "projectID": programme.map { .string($0.code) },
            "uri": programme.map { .string(words.address("/public-money?programme=\($0.code)")) },
        ])
        return release(
            call.number, "tender", at, tags: ["planning", "tender"], parties: [bureauParty],
            ["tender": tender, "planning": ["budget": budget]])
    }

    // MARK: Awards

    /// All releases of an award, oldest first.
    /// - Parameter applied: how many applied in the call.
    func releases(_ award: PublicAward, applied: Int) -> [Release] {
        var made: [Release] = []
        var owed = Money.zero
        for move in award.moves {
            switch move.meaning {
            case .awarded(let amount): made.append(awarded(award, move, amount, applied: applied))
            case .signed(let amount):
                owed = owed + amount
                made.append(signed(award, move, owed))
            case .paid(let amount): made.append(paid(award, move, amount, isBack: false))
            case .returned(let amount): made.append(paid(award, move, amount, isBack: true))
            case .freed(let amount, hadContract: true):
                owed = owed - amount
                made.append(amended(award, move, owed))
            case .freed(_, hadContract: false): made.append(cancelled(award, move))
            case nil: break
            }
        }
        return made
    }

    /// A term other than the one published last.
    /// - Parameter statedTerm: the term that was published last.
    func termChanged(_ award: PublicAward, statedTerm: String?, at now: Instant) -> Release? {
        let term = term(award.project)
        guard let statedTerm, !statedTerm.isEmpty, statedTerm != term, let period = period(award.project) else {
            return nil
        }
        let change: JSONValue = [
            "id": .string("\(award.project.number)-term-\(term)"), "date": words.moment(now),
            "description": "执行期变更 / change of term",
        ]
        var release = release(
            award.call.number, "\(award.project.number)-term-\(term)", now, tags: ["contractAmendment"], parties: [],
            ["contracts": [contract(award, ["period": period, "amendments": [change]])]],
            project: award.project.number)
        release.term = term
        return release
    }

    /// The end of a project, by acceptance or termination.
    func ended(_ award: PublicAward) -> Release? {
        guard let at = award.project.closedAt, award.sums.signed > .zero else { return nil }
        let outcome = award.project.outcome.map { "\($0.title.zh) / \($0.title.en)" } ?? "终止 / terminated"
        let milestone: JSONValue = [
            "id": "acceptance", "type": "assessment", "title": "验收 / acceptance", "description": .string(outcome),
            "dateMet": words.moment(at), "status": award.project.outcome == .failed ? "notMet" : "met",
        ]
        return release(
            award.call.number, "\(award.project.number)-ended", at, tags: ["contractTermination"], parties: [],
            [
                "contracts": [
                    contract(award, ["status": "terminated", "implementation": ["milestones": [milestone]]])
                ]
            ], project: award.project.number)
    }

    private func awarded(_ award: PublicAward, _ move: PublicMove, _ amount: Money, applied: Int) -> Release {
        let project = award.project
        let notice = award.decided.notice.map { number in
            document(
                "notice", "awardNotice", Bilingual("拟立项公示 \(number)", "notice \(number)"), "/notices/\(number)",
                award.decided.at)
        }
        var tender: [String: JSONValue] = [
            "id": .string(award.call.number), "status": "complete", "numberOfTenderers": .integer(Int64(applied)),
        ]
        if let number = award.decided.notice, let closes = award.decided.noticeCloses {
            // 1.1.5 knows no standstill period: publicity is a milestone of approval.
            tender["milestones"] = [
                [
                    "id": .string(number), "type": "approval", "title": "公示 / publicity", "status": "met",
                    "dueDate": words.moment(closes.adding(days: 1)), "dateMet": words.moment(award.decided.at),
                ]
            ]
        }
        let content: JSONValue = .members([
            "id": .string(project.number), "title": .string(project.title.zh),
            "description": .string(project.title.en), "status": "active", "date": words.moment(award.decided.at),
            "value": amount.openValue, "suppliers": [supplier(award)], "documents": notice.map { .array([$0]) },
        ])
        return release(
            award.call.number, move.posting, move.at, tags: ["award"], parties: parties(award),
            ["tender": .object(tender), "awards": [content]], project: project.number)
    }

    private func cancelled(_ award: PublicAward, _ move: PublicMove) -> Release {
        release(
            award.call.number, move.posting, move.at, tags: ["awardCancellation"], parties: [],
            ["awards": [["id": .string(award.project.number), "status": "cancelled"]]], project: award.project.number)
    }

    private func signed(_ award: PublicAward, _ move: PublicMove, _ owed: Money) -> Release {
        var members: [String: JSONValue] = [
            "title": .string(award.project.title.zh), "status": "active", "value": owed.openValue,
            "dateSigned": words.moment(move.at),
        ]
        members["period"] = period(award.project)
        var release = release(
            award.call.number, move.posting, move.at, tags: ["contract"], parties: parties(award),
            ["contracts": [contract(award, members)]], project: award.project.number)
        release.term = term(award.project)
        return release
    }

    private func amended(_ award: PublicAward, _ move: PublicMove, _ owed: Money) -> Release {
        let change: JSONValue = [
            "id": .string(move.posting), "date": words.moment(move.at),
            "description": "不再拨付的部分已收回 / the part that will not be paid was taken back",
        ]
        return release(
            award.call.number, move.posting, move.at, tags: ["contractAmendment"], parties: [],
            ["contracts": [contract(award, ["value": owed.openValue, "amendments": [change]])]],
            project: award.project.number)
    }

    private func paid(_ award: PublicAward, _ move: PublicMove, _ amount: Money, isBack: Bool) -> Release {
        let sides = isBack ? (supplier(award), bureau) : (bureau, supplier(award))
        let transaction: JSONValue = [
            "id": .string(move.posting), "date": words.moment(move.day), "value": amount.openValue, "payer": sides.0,
            "payee": sides.1, "source": .string(words.address("/open-data")),
            "uri": .string(words.address("/projects/\(award.project.number)")),
        ]
        return release(
            award.call.number, move.posting, move.at, tags: ["implementation"], parties: parties(award),
            ["contracts": [contract(award, ["implementation": ["transactions": [transaction]]])]],
            project: award.project.number)
    }

    // MARK: Parts

    private func contract(_ award: PublicAward, _ more: [String: JSONValue]) -> JSONValue {
        var members = more
        members["id"] = .string(award.project.number)
        members["awardID"] = .string(award.project.number)
        return .object(members)
    }

    func term(_ project: Project) -> String {
        guard let starts = project.startsOn, let ends = project.endsOn else { return "" }
        return "\(starts)--\(ends)"
    }

    private func period(_ project: Project) -> JSONValue? {
        guard let starts = project.startsOn, let ends = project.endsOn else { return nil }
        return ["startDate": words.moment(starts), "endDate": words.moment(ends.adding(days: 1))]
    }

    private var bureau: JSONValue { ["id": .string(words.funder), "name": .string(words.bureau.zh)] }

    private var bureauParty: JSONValue {
        [
            "id": .string(words.funder), "name": .string(words.bureau.zh),
            "roles": ["buyer", "procuringEntity", "funder", "payer"],
        ]
    }

    private func supplier(_ award: PublicAward) -> JSONValue {
        let id = award.organisation.map { words.organisation($0.uscc) } ?? "\(words.funder)-\(award.project.number)"
        return ["id": .string(id), "name": .string(award.project.organisationName.zh)]
    }

    private func parties(_ award: PublicAward) -> [JSONValue] {
        var party = supplier(award).object ?? [:]
        party["roles"] = ["supplier", "payee"]
        party["identifier"] = award.organisation.map {
            ["scheme": "CN-USCC", "id": .string($0.uscc), "legalName": .string($0.name.zh)]
        }
        return [bureauParty, .object(party)]
    }

    private func document(
        _ id: String, _ type: String, _ title: Bilingual, _ path: String, _ at: Instant
    ) -> JSONValue {
        [
            "id": .string(id), "documentType": .string(type), "title": .string("\(title.zh) / \(title.en)"),
            "url": .string(words.address(path)), "datePublished": words.moment(at), "format": "text/html",
        ]
    }

    private func release(
        _ call: String, _ id: String, _ at: Instant, tags: [JSONValue], parties: [JSONValue],
        _ more: [String: JSONValue], project: String = ""
    ) -> Release {
        let process = words.process(call)
        var members = more
        members["ocid"] = .string(process)
        members["id"] = .string("\(process)-\(id)")
        members["date"] = words.moment(at)
        members["tag"] = .array(tags)
        members["initiationType"] = "tender"
        members["language"] = "zh"
        members["buyer"] = bureau
        if !parties.isEmpty { members["parties"] = .array(parties) }
        return Release(
            id: "\(process)-\(id)", process: process, project: project, at: at, body: .object(members))
    }
}
