import Funding
import Kernel
import Review
import Store
import Treasury

/// What everybody does in a rehearsal, some of it wrong on purpose.
struct RehearsalPlayers: Sendable {
    let services: Services
    let cast: RehearsalCast
    let call: Call
    let rows: [RehearsalRow]
    let seed: UInt64
    let floor: Int

    private var funding: Funding { services.funding }
    private var house: House { services.house }

    @discardableResult
    private func act(
        _ id: ID<CaseFile>, _ action: String, _ actor: Actor, _ answers: JSONValue = [:]
    ) async throws -> CaseFile {
        let (procedures, now) = (house.procedures, house.clock.now())
        return try await house.db.write { tx in
            try procedures.act(id, action, answers: answers, as: actor, at: now, in: tx)
        }
    }

    private func answers(_ row: RehearsalRow) -> JSONValue {
        let title = row.title.count < 4 ? "\(row.title)研究项目" : String(row.title.prefix(80))
        let indirect = row.requested.fen / 5
        return [
            "title-zh": .string(title), "title-en": .string("Project \(row.number): \(title)"),
            "abstract": .string("\(title)。研究其理论、方法与应用，形成可复现的成果并培养青年人才。"),
            "requested": .integer(row.requested.fen), "term-months": 36, "telephone": "0755-12345678",
            "significance": .string("\(title)具有理论意义和应用价值。"), "plan": "第一年理论，第二年方法，第三年应用验证。",
            "outcomes": "论文、专著和政策建议，培养研究生。", "ethics": true,
            "budget": [
                "operations": ["amount": .integer(row.requested.fen - indirect), "note": "调研和数据"],
                "indirect": ["amount": .integer(indirect), "note": .null],
            ],
        ]
    }

    /// Applications are written, submitted and endorsed; some are incomplete first, some withdrawn, some sent back.
    func apply() async throws -> String {
        var random = SeededRandom(seed: seed &+ 1)
        var (filed, incomplete, withdrawn, sentBack, unfit) = (0, 0, 0, 0, 0)
        for (row, applicant) in zip(rows, cast.applicants) {
            guard let place = applicant.memberships.first?.organisation, let administrator = cast.administrators[place]
            else { continue }
            let item = try await start(row, applicant, place)
            // Whoever asks twice finds the draft that did not fit the call.
            var revision = try await house.db.read { tx in try CaseStore.answers(item.id, tx).revision }
            let chance = Int.random(in: 0..<100, using: &random)
            if chance < 4 {
                // Tried with half of the answers: refused, nothing moves.
                revision = try await funding.applications.replace(
                    item.id, answers: ["title-zh": .string(row.title)], expecting: revision, by: applicant)
                do {
                    try await act(item.id, "submit", applicant)
                } catch ProcedureError.refused { incomplete += 1 }
            }
            _ = try await funding.applications.replace(
                item.id, answers: answers(row), expecting: revision, by: applicant)
            do {
                try await act(item.id, "submit", applicant)
            } catch ProcedureError.refused {
                // Outside the amounts of the call: the draft stays a draft.
                unfit += 1
                continue
            }
            if (4..<7).contains(chance) {
                try await act(item.id, "send-back", administrator, ["reason": "请核对成员名单"])
                try await act(item.id, "submit", applicant)
                sentBack += 1
            }
            if chance == 99 {
                try await act(item.id, "withdraw", administrator)
                withdrawn += 1
                continue
            }
            try await act(item.id, "endorse", administrator)
            filed += 1
        }
        return
            "\(filed) endorsed, \(incomplete) tried incomplete, \(sentBack) sent back, \(withdrawn) withdrawn, \(unfit) outside the call"
    }

    private func start(
        _ row: RehearsalRow, _ applicant: Actor, _ place: ID<OrganisationMark>
    ) async throws -> Application {
        try await funding.applications.start(call: call.number, organisation: place, by: applicant)
    }

    private func waiting(_ step: String) async throws -> [Application] {
        let call = call.id
        return try await house.db.read { tx in try ApplicationStore.list(call: call, step: step, limit: 1_000_000, tx) }
    }

    /// The officer passes most, asks some for corrections, refuses who is over a limit and overrides now and then.
    func check() async throws -> String {
        var random = SeededRandom(seed: seed &+ 2)
        var (passed, corrected, lapsing, refused, overridden) = (0, 0, 0, 0, 0)
        for item in try await waiting("formal-check") {
            let findings = try await house.db.read { tx in
                try FindingStore.list(of: item.id, tx).filter { $0.state == .open }
            }
            if !findings.isEmpty {
                if Int.random(in: 0..<10, using: &random) == 0 {
                    for finding in findings {
                        try await funding.findings.settle(
                            finding.id, as: .overridden, reason: "经核实在研项目已结题", by: cast.officer)
                    }
                    overridden += 1
                } else {
                    try await act(
                        item.id, "refuse", cast.officer, ["reason-zh": "超过限项", "reason-en": "Over the limit"])
                    refused += 1
                    continue
                }
            } else if Int.random(in: 0..<100, using: &random) < 4 {
                try await funding.findings.add(
                    FindingDraft(
                        code: "officer.finding", field: "plan",
                        message: Bilingual("研究方案不具体", "The plan is not concrete"),
                        basis: Bilingual("申报指南", "The call")), to: item.id, by: cast.officer)
                try await act(item.id, "request-correction", cast.officer)
                guard Int.random(in: 0..<3, using: &random) > 0 else {
                    lapsing += 1
                    continue
                }
                try await act(item.id, "resubmit", applicant(of: item))
                let open = try await house.db.read { tx in
                    try FindingStore.list(of: item.id, tx).filter { $0.state == .open }
                }
                for finding in open {
                    try await funding.findings.settle(finding.id, as: .withdrawn, reason: "已补正", by: cast.officer)
                }
                corrected += 1
            }
            try await act(item.id, "accept", cast.officer)
            passed += 1
        }
        return
            "\(passed) passed (\(corrected) after correction, \(overridden) by override), \(refused) refused, \(lapsing) left to lapse"
    }

    private func applicant(of item: Application) -> Actor {
        cast.byAccount[item.applicant] ?? cast.officer
    }

    /// The draw, and three sheets for every application; some experts decline or recuse themselves.
    func review() async throws -> String {
        let due = house.today.adding(days: 21)
        let round = try await funding.review.open(call.id, load: 15, dueOn: due, by: cast.officer)
        try await funding.review.draw(call.id, seed: "rehearsal-\(seed)", by: cast.officer)
        var random = SeededRandom(seed: seed &+ 3)
        var (submitted, declined, recused) = (0, 0, 0)
        while true {
            let open = try await house.db.read { tx in try RoundStore.open(round.id, tx) }
            guard !open.isEmpty else { break }
            for assignment in open {
                guard let expert = cast.experts[assignment.expert] else { continue }
                switch Int.random(in: 0..<100, using: &random) {
                case 0..<2:
                    try await funding.sheets.decline(assignment.id, reason: "时间冲突", by: expert)
                    declined += 1
                case 2:
                    try await funding.sheets.recuse(assignment.id, reason: "师生关系", by: expert)
                    recused += 1
                default:
                    try await judge(assignment, expert, &random)
                    submitted += 1
                }
            }
        }
        try await funding.review.close(call.id, by: cast.officer)
        return "\(submitted) sheets, \(declined) declined, \(recused) recused"
    }

    private func judge(_ assignment: Assignment, _ expert: Actor, _ random: inout SeededRandom) async throws {
        try await funding.sheets.accept(assignment.id, by: expert)
        // Every application has a quality of its own, around which its experts differ.
        var own = SeededRandom(seed: assignment.item.text.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
        let quality = Int.random(in: 55...90, using: &own)
        var answers: [String: String] = ["comment": "选题有意义，方法可行，建议进一步明确考核指标。"]
        for criterion in call.content.sheet.criteria {
            answers["score-\(criterion.id)"] = String(
                min(100, max(0, quality + Int.random(in: -12...12, using: &random))))
        }
        answers["verdict"] = quality > 75 ? "fund" : quality > 65 ? "maybe" : "refuse"
        let sheet = answers
        _ = try await funding.sheets.save(
            assignment.id, values: { name in sheet[name].map { [$0] } ?? [] }, expecting: assignment.revision,
            by: expert)
        try await funding.sheets.submit(assignment.id, by: expert)
    }

    /// The officer proposes by the line, the leader approves; the officer may not.
    func decide() async throws -> String {
        let decision = try await funding.proposeLine(
            call.id, method: .fitting, floor: floor, share: 100, reasons: "按评审排序和预算", by: cast.officer)
        _ = try await funding.decisions.approve(decision.id, reason: "同意", by: cast.leader)
        let items = try await house.db.read { tx in try DecisionStore.items(decision.id, tx) }
        let awards = items.filter { $0.outcome == .award }
        return
            "\(awards.count) proposed for \(Money.sum(awards.map(\.amount)).yuanText) yuan, \(items.count - awards.count) not funded"
    }

    private func decision() async throws -> Decision {
        let call = call.id
        guard let found = try await house.db.read({ tx in try DecisionStore.list(call: call, tx).first }) else {
            throw DecisionError.unknown
        }
        return found
    }

    /// Objections are filed, some refused, some answered, one upheld; only then the decision takes effect.
    func publicity(_ pass: (Int) -> Void) async throws -> String {
        let decision = try await decision()
        guard let id = decision.notice, let notice = try await house.db.read({ tx in try NoticeStore.find(id, tx) })
        else {
            return "no notice"
        }
        var early = 0
        do {
            _ = try await funding.decisions.takeEffect(decision.id, by: cast.officer)
        } catch DecisionError.publicityOpen { early += 1 }
        var filed: [CaseFile] = []
        for row in 1...5 { if let file = try await object(to: row, of: notice.number) { filed.append(file) } }
        pass(notice.closesOn.number - house.today.number + 1)
        do {
            _ = try await funding.decisions.takeEffect(decision.id, by: cast.officer)
        } catch DecisionError.objectionsOpen { early += 1 }
        for (index, file) in filed.enumerated() {
            if index == 0 {
                try await act(file.id, "refuse", cast.officer, ["reason-zh": "匿名", "reason-en": "Anonymous"])
                continue
            }
            try await act(file.id, "accept", cast.officer)
            try await act(
                file.id, "answer", cast.officer,
                ["upheld": index == 1 ? "yes" : "no", "reason-zh": "经查，答复如下", "reason-en": "After inquiry"])
        }
        _ = try await funding.decisions.takeEffect(decision.id, by: cast.officer)
        let struck = try await house.db.read { tx in
            try DecisionStore.items(decision.id, tx).filter { $0.outcome == .struck }.count
        }
        return
            "\(filed.count) objections, \(early) early effects refused, \(struck) struck, in effect on \(house.today)"
    }

    private func object(to row: Int, of number: String) async throws -> CaseFile? {
        let objections = Objections(vault: house.vault, zone: house.city.zone, division: house.city.objectionsDivision)
        let (procedures, now) = (house.procedures, house.clock.now())
        let id: ID<CaseFile> = house.ids.make()
        let bytes = Array("%PDF-1.4 objection \(row)".utf8)
        let page = Document(
            id: house.ids.make(), caseID: id, field: "signed-page", name: "objection.pdf", size: bytes.count,
            hash: try house.files.keep(bytes), type: "application/pdf", uploadedBy: "", uploadedAt: now)
        let draft = ObjectionDraft(
            objector: .person, name: "市民\(row)", contact: "0755-1", address: "深圳市", row: row, statement: "与已有项目重复。",
            signedPage: page)
        do {
            return try await house.db.write { tx in
                try objections.file(draft, against: number, as: id, procedures: procedures, at: now, tx)
            }
        } catch PublicityError.incomplete { return nil }
    }

    private func projects(_ step: String) async throws -> [Project] {
        try await house.db.read { tx in try ProjectStore.list(ProjectFilter(step: step), limit: 1_000_000, tx) }
    }

    func sign() async throws -> String {
        let all = try await projects("contract")
        for project in all {
            guard let actor = cast.byPerson[project.investigator] else { continue }
            let values = [
                "starts-on": house.today.description, "term-months": "36", "amount": project.amount.yuanText,
                "indicators.0.name": "论文", "indicators.0.target": "5 篇", "indicators.0.evidence": "检索证明",
                "budget.operations.amount": Money(fen: project.amount.fen - project.amount.fen / 5).yuanText,
                "budget.indirect.amount": Money(fen: project.amount.fen / 5).yuanText,
            ]
            let (_, revision) = try await house.db.read { tx in try CaseStore.answers(project.id, tx) }
            _ = try await funding.projects.save(
                project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: revision, by: actor)
            try await act(project.id, "submit-contract", actor)
            try await act(project.id, "confirm", cast.officer)
            try await act(project.id, "sign", cast.leader)
        }
        return "\(all.count) signed"
    }

    /// Every tranche is ordered by one person, checked by another, above the level approved by a third, and paid by the
    /// bank in a run.
    func pay() async throws -> String {
        var paid = Money.zero
        var count = 0
        var runs = 0
        let bank = PretendBank(treasury: services.treasury, treasurer: cast.treasurer)
        // A tranche waits for the one before it to be paid.
        while true {
            var ordered = 0
            for project in try await projects("running") {
                let tranches = try await house.db.read { tx in try TrancheStore.list(project: project.id, tx) }
                guard let tranche = tranches.first(where: { $0.state == .planned }) else { continue }
                _ = try await funding.tranches.order(tranche.id, note: "", by: cast.officer)
                _ = try await funding.tranches.confirm(tranche.id, by: cast.treasurer)
                paid = paid + tranche.amount
                ordered += 1
            }
            guard ordered > 0 else { break }
            count += ordered
            for order in try await house.db.read({ tx in try PaymentStore.list(state: .checked, limit: 1_000_000, tx) })
            {
                _ = try await services.treasury.orders.approve(order.id, by: cast.leader)
            }
            while try await house.db.read({ tx in try !PaymentStore.list(state: .ready, limit: 1, tx).isEmpty }) {
                _ = try await bank.pay()
                runs += 1
            }
        }
        return "\(count) tranches in \(runs) runs, \(paid.yuanText) yuan"
    }

    func accept() async throws -> String {
        var random = SeededRandom(seed: seed &+ 4)
        var outcomes: [AcceptanceOutcome: Int] = [:]
        var back = Money.zero
        for project in try await projects("running") {
            guard let actor = cast.byPerson[project.investigator] else { continue }
            let values = [
                "summary-report": "项目完成了合同规定的研究内容，成果已在城市治理中应用。", "results.0.name": "论文", "results.0.reached": "6 篇",
                "results.0.evidence": "检索证明", "spent": Money(fen: project.amount.fen / 10 * 9).yuanText,
            ]
            let (_, revision) = try await house.db.read { tx in try CaseStore.answers(project.id, tx) }
            _ = try await funding.projects.save(
                project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: revision, by: actor)
            try await act(project.id, "apply-acceptance", actor)
            try await act(project.id, "forward", cast.officer)
            let chance = Int.random(in: 0..<100, using: &random)
            let outcome: AcceptanceOutcome = chance < 90 ? .passed : chance < 97 ? .closed : .failed
            try await act(
                project.id, "propose-outcome", cast.officer,
                [
                    "outcome": .string(outcome.rawValue), "opinion": "专家组意见一致。",
                    "surplus": .integer(project.amount.fen / 10),
                ])
            try await act(project.id, "decide", cast.leader)
            for recovery in try await house.db.read({ tx in try RecoveryStore.list(project: project.id, tx) }) {
                try await funding.projects.settle(recovery.id, by: cast.treasurer)
                back = back + recovery.amount
            }
            try await act(project.id, "close", cast.officer)
            outcomes[outcome, default: 0] += 1
        }
        let words = AcceptanceOutcome.allCases.map { "\(outcomes[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
        return "\(words), \(back.yuanText) yuan returned"
    }
}
