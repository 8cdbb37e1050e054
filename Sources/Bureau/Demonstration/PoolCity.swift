import Funding
import Kernel
import Review
import Store

/// What the pool of the demonstration knows beside names: works with abstracts, times away, ties, aliases, a contest.
struct PoolCity: Sendable {
    let services: Services

    private var house: House { services.house }
    private var review: ReviewActions { services.funding.review.actions }

    private func actor(_ login: String) async throws -> Actor {
        let found = try await house.db.read { tx in
            try AccountStore.find(login: login, tx).map { try AccountStore.actor($0, tx) }
        }
        guard let found else { throw AccessError.unknownAccount }
        return found
    }

    /// Works of the first experts, times away late in the year, ties among experts, and two aliases of which one is
    /// confirmed.
    func fill() async throws {
        let officer = try await actor("officer")
        for number in 1...12 {
            let field = Vocabulary.fields[number % Vocabulary.fields.count]
            let (method, object) = (field.methods[number % 4], field.objects[number / 3 % 4])
            try await review.addWork(
                title: "\(method.zh)在\(object.zh)中的应用",
                abstract: "针对\(object.zh)的瓶颈，提出基于\(method.zh)的方法，并在\(field.name.zh)的公开数据上验证。",
                by: try await actor("expert\(number)"))
        }
        for (number, first, last, note) in [(9, 240, 252, "出国访问"), (12, 270, 276, "")] {
            let today = house.today
            try await review.addAbsence(
                AbsenceEntry(
                    from: today.adding(days: first).description, to: today.adding(days: last).description, note: note),
                by: try await actor("expert\(number)"))
        }
        let orcids = try await house.db.read { tx in
            try tx.rows(
                """
                SELECT a.login, p.orcid FROM account a JOIN person p ON p.id = a.person
                WHERE a.login IN \(list: (1...12).map { "expert\($0)" }) AND p.orcid IS NOT NULL
                """
            ) { (try $0["login"] as String, try $0["orcid"] as String) }
        }
        let orcid = Dictionary(orcids, uniquingKeysWith: { first, _ in first })
        var rows = ["专家登录名,关系,对方,开始,结束,来源"]
        for (one, other, kind, time, source) in [
            (1, 7, "合作发表", "2022-04-01,2024-11-30", "论文合作名单"), (2, 8, "师生", "2012-09-01,2016-06-30", "学位论文"),
            (4, 9, "共同承担项目", "2021-01-01,2023-12-31", "省级项目任务书"), (5, 10, "近亲属", ",", "本人申报"),
            (6, 11, "合同、股权或报酬", "2023-05-01,", "技术合同登记"),
        ] {
            if let with = orcid["expert\(other)"] { rows.append("expert\(one),\(kind),\(with),\(time),\(source)") }
        }
        _ = try await review.importTies(
            Array(rows.joined(separator: "\r\n").utf8), name: "ties.csv", isDry: false, by: officer)
        try await aliases()
    }

    /// Two people of the register who look like experts; another officer confirms the first.
    private func aliases() async throws {
        let (officer, second) = (try await actor("officer"), try await actor("officer2"))
        let (vault, now) = (house.vault, house.clock.now())
        var random = SeededRandom(seed: 11)
        for number in 1...2 {
            let expert = try await actor("expert\(number)")
            let orcid = ORCID.generate(using: &random).text
            let person = Person(
                id: house.ids.make(), name: expert.name, nameEn: "Author \(number)", title: "", orcid: orcid)
            try await house.db.write { tx in try Registry.add(person, number: nil, vault: vault, at: now, tx) }
            try await review.recordAlias(
                login: "expert\(number)", orcid: orcid, source: "同名同单位，论文署名不同", by: officer)
            let id = try await house.db.read { tx in
                try expert.account.flatMap { try ExpertStore.find(account: $0, tx)?.id }
            }
            if number == 1, let id { try await review.confirmAlias(id, person.id, by: second) }
        }
    }

    /// Ties an expert to an applicant before a round, who contests it; another officer rules.
    func tie(_ expert: String, to applicant: String) async throws {
        let row = "\(expert),师生,\(applicant),2014-09-01,2018-06-30,研究生培养记录"
        _ = try await review.importTies(
            Array("专家登录名,关系,对方,开始,结束,来源\r\n\(row)".utf8), name: "ties.csv", isDry: false,
            by: try await actor("officer"))
    }

    /// The expert contests the first conflict, and the second officer upholds it.
    func contest(_ login: String) async throws {
        let expert = try await actor(login)
        let own = try await house.db.read { tx -> OwnConflict? in
            guard let account = expert.account, let found = try ExpertStore.find(account: account, tx) else {
                return nil
            }
            return try ConflictStore.own(found.id, limit: 1, tx).first
        }
        guard let own else { return }
        let finding = own.kept.finding
        let contest = try await review.contest(
            own.kept.round, finding.expert, item: finding.item?.text ?? "", kind: finding.kind,
            subject: finding.subject, statement: "我只是答辩委员，没有指导过这位申请人。", by: expert)
        try await review.rule(
            contest, in: own.kept.round, lifts: false, ruling: "培养记录载明为导师，维持回避。", by: try await actor("officer2"))
    }
}
