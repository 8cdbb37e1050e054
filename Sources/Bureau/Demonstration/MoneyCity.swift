import Funding
import Kernel
import Review
import Store

/// The round of a year ago, played by the usual people at its own time, so that the demonstration has a project that
/// spends its money and one that has to give some back.
struct MoneyCity: Sendable {
    let services: Services

    private var house: House { services.house }
    private var funding: Funding { services.funding }

    /// Plays it, and gives the clock its time again.
    func play() async throws {
        let lead = services.clock.lead
        defer { services.clock.lead = lead }
        let today = house.today
        try await addColleague()
        guard let call = try await openCall(today.adding(days: -400)) else { return }
        for (number, login) in ["applicant", MoneyCity.colleague].enumerated() { try await apply(number, login, call) }
        move(to: call.closesOn.adding(days: 1))
        guard try await award(call) else { return }
        let projects = try await house.db.read { tx in
            try ProjectStore.list(ProjectFilter(year: call.year), limit: 10, tx)
        }
        let starts = house.today
        for project in projects { try await sign(project) }
        for project in projects { try await pay(project, position: 1) }
        let account = try await actor("applicant").person
        guard let running = projects.first(where: { $0.investigator == account }) else { return }
        try await spend(running, from: starts, until: today)
        if let other = projects.first(where: { $0.id != running.id }) { try await end(other, since: starts, today) }
        try await check(running, today)
        move(to: today)
    }

    private func move(to day: Day) {
        services.clock.set(to: house.city.zone.start(of: day).adding(seconds: 10 * 3_600))
    }

    private func actor(_ login: String) async throws -> Actor {
        let found = try await house.db.read { tx in
            try AccountStore.find(login: login, tx).map { try AccountStore.actor($0, tx) }
        }
        guard let found else { throw AccessError.unknownAccount }
        return found
    }

    private func act(_ id: ID<CaseFile>, _ action: String, _ login: String, _ answers: JSONValue = [:]) async throws {
        let (actor, procedures, now) = (try await actor(login), house.procedures, house.clock.now())
        try await house.db.write { tx in
            _ = try procedures.act(id, action, answers: answers, as: actor, at: now, in: tx)
        }
    }

    /// A second investigator of the first organisation.
    private static let colleague = "applicant2"

    private func addColleague() async throws {
        guard let place = try await actor("applicant").memberships.first?.organisation else { return }
        let now = house.clock.now()
        let person = Person(id: house.ids.make(), name: "林知行", nameEn: "Lin Zhixing", title: "研究员")
        let card = AccountCard(
            id: house.ids.make(), login: MoneyCity.colleague, name: person.name, person: person.id, roles: [.applicant])
        let (hash, vault) = (try Passwords.hash(DemonstrationCity.password), house.vault)
        try await house.db.write { tx in
            try Registry.add(person, number: nil, vault: vault, at: now, tx)
            try AccountStore.insert(card, passwordHash: hash, at: now, tx)
            try Registry.setMember(card.id, of: place, roles: [.handler], by: .system, at: now, tx)
        }
    }

    // MARK: The award

    private func openCall(_ day: Day) async throws -> Call? {
        guard let sample = SampleCall.all.first, house.city.programmes.contains(where: { $0.code == sample.programme })
        else { return nil }
        move(to: day)
        let (officer, leader) = (try await actor("officer"), try await actor("leader"))
        try await funding.calls.setBudget(
            Money(fen: 6_000_000_000), programme: sample.programme, year: day.parts.year)
        // The mid-term check lies in the part of the year that the demonstration plays.
        var content = sample.content
        for index in content.tranches.indices.dropFirst() { content.tranches[index].afterMonths = 11 }
        let call = try await funding.calls.draft(
            content, programme: sample.programme, year: day.parts.year, opensOn: day,
            closesOn: day.adding(days: 20), budget: Money(fen: 500_000_000), by: officer)
        _ = try await funding.calls.propose(call.id, by: officer)
        return try await funding.calls.publish(call.id, by: leader)
    }

    private func apply(_ number: Int, _ login: String, _ call: Call) async throws {
        let actor = try await actor(login)
        guard let place = actor.memberships.first?.organisation else { return }
        let titles = [
            ("跨海通道结构健康监测方法", "Health monitoring of sea crossings"), ("红树林碳汇计量方法", "Carbon accounting of mangroves"),
        ]
        let (zh, en) = titles[number % titles.count]
        let item = try await funding.applications.start(call: call.number, organisation: place, by: actor)
        _ = try await funding.applications.replace(
            item.id,
            answers: [
                "title-zh": .string(zh), "title-en": .string(en), "abstract": .string("\(zh)：理论、方法与现场验证，形成可复现的成果。"),
                "keywords": .string(number == 0 ? "结构健康监测；structural health" : "碳汇；红树林"),
                "requested": .integer(40_000_000), "term-months": 24, "telephone": "0755-12345678",
                "significance": .string("\(zh)具有应用价值。"), "plan": "第一年完成方法，第二年完成现场验证和示范。", "outcomes": "论文、数据集和一套方法。",
                "ethics": true,
                "budget": [
                    "operations": ["amount": .integer(32_000_000), "note": "材料和测试"],
                    "indirect": ["amount": .integer(8_000_000), "note": .null],
                ],
            ], expecting: 0, by: actor)
        try await act(item.id, "submit", login)
        try await act(item.id, "endorse", "organisation")
        try await act(item.id, "accept", "officer")
    }

    private func award(_ call: Call) async throws -> Bool {
        let (officer, leader) = (try await actor("officer"), try await actor("leader"))
        let pool = PoolCity(services: services)
        try await pool.tie("expert12", to: MoneyCity.colleague)
        let round = try await funding.review.open(
            call.id, load: 15, dueOn: house.today.adding(days: 14), by: officer)
        try await pool.contest("expert12")
        try await funding.review.draw(call.id, seed: "demonstration", by: officer)
        let opinions = SampleOpinions(services: services)
        try await opinions.play(round)
        try await funding.review.close(call.id, by: officer)
        try await opinions.proposeFees(round, by: officer)
        let decision = try await funding.proposeLine(
            call.id, method: .fitting, floor: 60, share: 100, reasons: "按评审排序", by: officer)
        let approved = try await funding.decisions.approve(decision.id, reason: "同意", by: leader)
        let notice = try await house.db.read { tx in try approved.notice.flatMap { try NoticeStore.find($0, tx) } }
        if let notice { try await opinions.object(to: notice.number, officer: officer) }
        move(to: house.today.adding(days: 15))
        _ = try await funding.decisions.takeEffect(decision.id, by: officer)
        return true
    }

    private func sign(_ project: Project) async throws {
        let file = try await house.db.read { tx in try CaseStore.require(project.id, tx) }
        let login = file.applicant == (try await actor("applicant")).account ? "applicant" : MoneyCity.colleague
        let fen = project.amount.fen
        let values = [
            "starts-on": house.today.description, "term-months": "24", "amount": project.amount.yuanText,
            "money-mode": ContractBudget.Mode.budget.rawValue,
            "indicators.0.name": "论文", "indicators.0.target": "4 篇", "indicators.0.evidence": "检索证明",
            "budget.equipment.amount": Money(fen: fen / 10 * 3).yuanText,
            "budget.operations.amount": Money(fen: fen / 10 * 4).yuanText,
            "budget.labour.amount": Money(fen: fen / 10 * 2).yuanText,
            "budget.indirect.amount": Money(fen: fen - fen / 10 * 9).yuanText,
        ]
        let revision = try await house.db.read { tx in try CaseStore.answers(project.id, tx).revision }
        _ = try await funding.projects.save(
            project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: revision, by: try await actor(login))
        try await act(project.id, "submit-contract", login)
        try await act(project.id, "confirm", "officer")
        try await act(project.id, "sign", "leader")
    }

    /// Orders a tranche, has it checked and paid by the bank.
    private func pay(_ project: Project, position: Int) async throws {
        let (officer, treasurer) = (try await actor("officer"), try await actor("treasurer"))
        let tranches = try await house.db.read { tx in try TrancheStore.list(project: project.id, tx) }
        guard let tranche = tranches.first(where: { $0.position == position }) else { return }
        _ = try await funding.tranches.order(tranche.id, note: "", by: officer)
        _ = try await funding.tranches.confirm(tranche.id, by: treasurer)
        _ = try await PretendBank(treasury: services.treasury, treasurer: treasurer).pay()
    }

    /// The mid-term check of a project, and the tranche that waits for it.
    private func check(_ project: Project, _ today: Day) async throws {
        move(to: today.adding(days: -49))
        let check = try await funding.projects.openMidterm(project.id, by: try await actor("officer"))
        move(to: today.adding(days: -41))
        try await act(
            check.id, "submit", "applicant",
            [
                "progress": "监测方法已完成，首批传感器已在现场布设，数据连续采集三个月。", "spent": .integer(16_443_000),
                "indicators": "已发表论文 2 篇，另有 1 篇在审。",
            ])
        move(to: today.adding(days: -33))
        try await act(
            check.id, "conclude", "officer", ["conclusion": "continue", "opinion": "进展与合同一致，中期检查合格，继续实施。"])
        move(to: today.adding(days: -26))
        try await pay(project, position: 2)
    }

    // MARK: Spending

    private struct Paper {
        let heading: String
        let payee: String
        let yuan: Int64
        let purpose: String
        var reason = ""
        var payeeCode = ""
    }

    /// A report in the books, one that waits for the officer, one that is being written.
    private func spend(_ project: Project, from starts: Day, until today: Day) async throws {
        let host = try await house.db.read { tx in try Registry.organisation(project.organisation, tx) }
        // The last is paid to the host itself: explained here, and asked about again by the auditors' flags.
        let first = [
            Paper(heading: "equipment", payee: "深圳市海测仪器有限公司", yuan: 86_400, purpose: "应变采集仪"),
            Paper(heading: "operations", payee: "深圳市材料检测中心", yuan: 23_650, purpose: "材料测试"),
            Paper(heading: "labour", payee: "研究助理劳务", yuan: 18_200, purpose: "研究助理劳务费"),
            Paper(
                heading: "operations", payee: host?.name.zh ?? "", yuan: 6_820, purpose: "校内分析测试平台机时",
                reason: "按校内平台公开收费标准结算", payeeCode: host?.uscc ?? ""),
        ]
        let second = [
            Paper(heading: "operations", payee: "南山区某船务有限公司", yuan: 20_000, purpose: "租船出海", reason: "合同约定的整数租金"),
            Paper(heading: "labour", payee: "外聘测量员", yuan: 9_360, purpose: "现场测量劳务费"),
        ]
        let third = [Paper(heading: "operations", payee: "深圳市某印务有限公司", yuan: 3_480, purpose: "资料印制")]
        let length = max(30, (today.number - starts.number) / 3)
        for (number, papers) in [first, second, third].enumerated() {
            let from = starts.adding(days: length * number)
            let to = number == 2 ? today.adding(days: -1) : from.adding(days: length - 1)
            let written = try await report(papers, "\(number + 1)", of: project, from: from, to: to, by: "applicant")
            guard number < 2 else { continue }
            try await act(written, "submit", "applicant")
            try await act(written, "endorse", "organisation")
            if number == 0 { try await act(written, "accept", "officer") }
        }
    }

    /// Writes a report on the day after its period.
    private func report(
        _ papers: [Paper], _ series: String, of project: Project, from: Day, to: Day, by login: String
    ) async throws -> ID<CaseFile> {
        move(to: to.adding(days: 1))
        let actor = try await actor(login)
        let report = try await funding.spending.open(project.id, from: from, to: to, by: actor)
        for (index, paper) in papers.enumerated() {
            try await funding.spending.enter(
                VoucherDraft(
                    number: "FP\(from.parts.year)-\(series)0\(index + 1)", day: from.adding(days: 7 * index + 3),
                    heading: paper.heading, payee: paper.payee, payeeCode: paper.payeeCode,
                    amount: Money(fen: paper.yuan * 100), purpose: paper.purpose, reason: paper.reason),
                into: report.id, by: actor)
        }
        return report.id
    }

    // MARK: The end

    /// A project that is closed without full acceptance: what it was paid and did not spend comes back in parts, of
    /// which one is paid.
    private func end(_ project: Project, since starts: Day, _ today: Day) async throws {
        let papers = [
            Paper(heading: "equipment", payee: "深圳市林测仪器有限公司", yuan: 34_600, purpose: "碳通量观测仪"),
            Paper(heading: "operations", payee: "深圳市生态样品检测中心", yuan: 27_350, purpose: "土壤和植物样品检测"),
            Paper(heading: "labour", payee: "野外调查劳务", yuan: 18_050, purpose: "样地调查劳务费"),
        ]
        let account = try await report(
            papers, "9", of: project, from: starts, to: today.adding(days: -80), by: MoneyCity.colleague)
        try await act(account, "submit", MoneyCity.colleague)
        try await act(account, "endorse", "organisation")
        try await act(account, "accept", "officer")
        let spent = Money.sum(papers.map { Money(fen: $0.yuan * 100) })
        let tranches = try await house.db.read { tx in try TrancheStore.list(project: project.id, tx) }
        let left = Money.sum(tranches.filter { $0.state == .confirmed }.map(\.amount)) - spent
        move(to: today.adding(days: -70))
        let values = [
            "summary-report": "完成了方法研究，现场验证因海况未能全部完成，申请结题。", "results.0.name": "论文", "results.0.reached": "2 篇",
            "results.0.evidence": "检索证明", "spent": spent.yuanText,
        ]
        let revision = try await house.db.read { tx in try CaseStore.answers(project.id, tx).revision }
        _ = try await funding.projects.save(
            project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: revision,
            by: try await actor(MoneyCity.colleague))
        try await act(project.id, "apply-acceptance", MoneyCity.colleague)
        try await act(project.id, "forward", "officer")
        try await act(
            project.id, "propose-outcome", "officer",
            [
                "outcome": "closed", "opinion": "部分指标未完成，同意结题。", "surplus": .integer(left.fen),
                "interest": .integer(38_250),
            ])
        try await act(project.id, "decide", "leader")
        guard let recovery = try await house.db.read({ tx in try RecoveryStore.list(project: project.id, tx) }).first
        else { return }
        let part = Money(fen: recovery.amount.fen / 3)
        try await funding.recoveries.agree(
            recovery.id,
            [
                .init(part, dueOn: today.adding(days: -50)), .init(part, dueOn: today.adding(days: -5)),
                .init(recovery.amount - part - part, dueOn: today.adding(days: 60)),
            ], by: try await actor("officer"))
        move(to: today.adding(days: -45))
        try await funding.recoveries.receive(recovery.id, position: 1, by: try await actor("treasurer"))
    }
}
