import BureauTestSupport
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

extension FormSweepTests {
    /// Looked at while money moves, or while a room votes, judges and drafts.
    static let money: Set<String> = paid.union(decided)

    private static let paid: Set<String> = [
        "desk.fees.propose", "desk.tranches.order", "desk.tranches.confirm", "desk.tranches.return", "changes.save",
        "budget-changes.save", "cofunding.receive", "spending.voucher.decide-back", "desk.recoveries.plan",
        "desk.recoveries.settle", "desk.recoveries.write-off", "desk.recoveries.write-off.decide",
    ]

    private static let decided: Set<String> = [
        "awards.ballots.vote", "awards.ballots.close", "awards.notices.publish", "innovation.panel.name",
        "innovation.sheets.fill", "norms.answer", "norms.save", "norms.speak",
    ]

    // MARK: Money

    @Test("Forms that stand while money is ordered, paid, spent and claimed back")
    func moneyForms() async throws {
        let house = try await TestHouse(.sqlite, standing: true)
        var sweeper = try FormSweeper(house)
        let (project, tranche) = try await payFirst(&sweeper)
        try await change(project, &sweeper)
        let spent = Money(fen: 5_000_017)
        try await spend(spent, of: project, &sweeper)
        try await close(project, left: tranche.amount - spent, house)
        try await claim(project, &sweeper)
        sweeper.expect(Self.paid, "money")
    }

    /// The experts' fees once the review is closed, then the first tranche from its order to the bank.
    private func payFirst(_ sweeper: inout FormSweeper) async throws -> (Project, Tranche) {
        let house = sweeper.house
        let call = try await house.call("natural-science")
        _ = try await house.effective(call)
        try await sweeper.look("officer", "/desk/calls/\(call.id)/fees")
        let project = try await house.signed()
        let tranche = try #require(try await house.tranches(project).first)
        try await sweeper.look("officer", "/desk/tranches")
        _ = try await house.funding.tranches.order(tranche.id, note: "", by: try await house.actor("officer"))
        try await sweeper.look("treasurer", "/desk/tranches")
        try await house.checkAndPay(tranche)
        house.move(days: 10)
        return (project, tranche)
    }

    /// What the investigator writes of a running project beside its reports.
    private func change(_ project: Project, _ sweeper: inout FormSweeper) async throws {
        let funding = sweeper.house.funding
        let applicant = try await sweeper.house.actor("applicant")
        let other = try await funding.projects.openChange(project.id, by: applicant)
        let budget = try await funding.projects.openBudgetChange(project.id, by: applicant)
        // Only a partner that promised something can pay.
        try await funding.spending.promise("某跨国公司", Money(fen: 10_000_000), to: project.id, by: applicant)
        try await sweeper.look(
            "applicant", "/changes/\(other.id)", "/budget-changes/\(budget.id)",
            "/projects/\(project.number)/partners")
    }

    /// A voucher in the books whose withdrawal is asked for and refused, so that it stays there.
    private func spend(_ amount: Money, of project: Project, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let spending = house.funding.spending
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let start = try #require(project.startsOn)
        let report = try await spending.open(project.id, from: start, to: start.adding(days: 9), by: applicant)
        let draft = VoucherDraft(
            number: "F-1", day: start.adding(days: 2), heading: "operations", payee: "深圳市某仪器有限公司", amount: amount,
            purpose: "实验材料")
        let voucher = try await spending.enter(draft, into: report.id, by: applicant)
        try await house.act(report.id, "submit", applicant)
        try await house.act(report.id, "endorse", try await house.actor("organisation"))
        try await house.act(report.id, "accept", officer)
        try await spending.askBack(voucher.id, reason: "开错票", by: applicant)
        try await sweeper.look("officer", "/spending/\(report.id)")
        try await spending.decideBack(voucher.id, agreed: false, by: officer)
    }

    /// Closes a project with a surplus, which has to come back.
    private func close(_ project: Project, left: Money, _ house: TestHouse) async throws {
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let values = [
            "summary-report": "项目完成了合同规定的研究内容，成果已应用。", "results.0.name": "论文", "results.0.reached": "3 篇",
            "results.0.evidence": "检索证明", "spent": "50000.17",
        ]
        let saved = try await house.house.db.read { tx in try CaseStore.answers(project.id, tx).revision }
        _ = try await house.funding.projects.save(
            project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: saved, by: applicant)
        try await house.act(project.id, "apply-acceptance", applicant)
        try await house.act(project.id, "forward", officer)
        try await house.act(
            project.id, "propose-outcome", officer,
            ["outcome": "closed", "opinion": "专家组意见一致。", "surplus": .integer(left.fen), "interest": 0])
        try await house.act(project.id, "decide", try await house.actor("leader"))
    }

    /// What comes back at once, in parts, or never.
    private func claim(_ project: Project, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let found = try await house.house.db.read { tx in try RecoveryStore.list(project: project.id, tx).first }
        let recovery = try #require(found)
        let page = "/desk/recoveries/\(recovery.id)"
        try await sweeper.look("officer", page)
        try await sweeper.look("treasurer", "/desk/tranches")
        try await house.funding.recoveries.proposeWriteOff(
            recovery.id, reason: "单位已注销，无财产可供执行", by: try await house.actor("officer"))
        try await sweeper.look("leader", page)
    }

    // MARK: Rooms

    @Test("Forms that stand while a room votes, judges and drafts")
    func roomForms() async throws {
        var sweeper = try FormSweeper(try await TestHouse(.sqlite, standing: true))
        try await vote(&sweeper)
        try await recognise(&sweeper)
        try await draft(&sweeper)
        sweeper.expect(Self.decided, "rooms")
    }

    /// Plays one story from its beginning and looks in before each step.
    private func tell(
        _ id: String, of name: String, in house: TestHouse,
        watching: (ID<CaseFile>, Story.Step) async throws -> Void
    ) async throws {
        let file = try #require(StoryTests.files.first { $0.name == name }?.file)
        let story = try #require(file.stories?.first { $0.id == id })
        let teller = Storyteller(house.services)
        try await teller.seed(file.registers ?? [])
        _ = try await teller.play(story, known: [:], moves: true, watching: watching)
    }

    /// Notices of many nominations, and a ballot that is open while the story's vote on paper is entered.
    private func vote(_ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        try await tell("awards.nomination", of: "awards.yaml", in: house) { id, step in
            switch step.do {
            case "publish": try await sweeper.look("officer", "/desk/awards/notices")
            case "carry": try await ballot(on: id, &sweeper)
            default: break
            }
        }
    }

    private func ballot(on id: ID<CaseFile>, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let members = (5...9).map { "expert\($0)" }
        var form = [("title", "2026 年度综合评审"), ("stage", "committee"), ("cases", id.text)]
        for login in members {
            let account = try #require(try await house.actor(login).account)
            form.append(("members", account.text))
        }
        let answer = try await house.visit("awards.ballots.open", try await house.actor("officer"), form: form)
        #expect(answer.status < 400)
        let opened: String? = try await house.house.db.read { tx in try tx.value("SELECT id FROM award_ballot") }
        let ballot = try #require(opened)
        // Whoever has to withdraw sees a paper without questions.
        for login in members { try await sweeper.look(login, "/awards/ballots/\(ballot)") }
        try await sweeper.look("officer", "/desk/awards/ballots/\(ballot)")
    }

    /// A panel of experts before the story enters the points of a meeting.
    private func recognise(_ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        try await tell("innovation.recognition", of: "innovation.yaml", in: house) { id, step in
            guard step.do == "enter-scores" else { return }
            try await sweeper.look("officer", "/desk/innovation/recognition/\(id)")
            var form: [(String, String)] = []
            for number in 1...5 {
                let account = try #require(try await house.actor("expert\(number)").account)
                form.append((number < 5 ? "technical" : "finance", account.text))
            }
            let answer = try await house.visit(
                "innovation.panel.name", try await house.actor("officer"), values: ["id": id.text], form: form)
            #expect(answer.status < 400)
            try await sweeper.look("expert1", "/innovation/recognition/\(id)")
        }
    }

    /// A text, the comments on it and what is said of it at the meeting.
    private func draft(_ sweeper: inout FormSweeper) async throws {
        try await tell("strategy.document", of: "strategy.yaml", in: sweeper.house) { id, step in
            let page = "/desk/strategy/norms/\(id)"
            switch step.do {
            case "save-text": try await sweeper.look("officer", "\(page)/versions")
            case "answer-comment": try await sweeper.look("officer", "\(page)/comments")
            case "speak": try await sweeper.look("officer", "\(page)/meeting")
            default: break
            }
        }
    }
}
