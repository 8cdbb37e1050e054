import Funding
import Kernel
import Review
import Store

/// The sheets of the demonstration's old round: experts of different habits and care, so that ranking, questions and
/// feedback have something to show.
struct SampleOpinions: Sendable {
    let services: Services

    private var house: House { services.house }
    private var funding: Funding { services.funding }

    private static let comments = [
        "监测点只布设在两处，结构温度的影响没有剔除，建议补充对照；第二年的指标可以按季度检验。", "选题新颖，方案可行，建议资助。",
        "数据的时间跨度足够，但误差从哪里来没有说明，现场验证还缺少业主的书面同意。",
        "监测点只布设在两处，结构温度的影响没有剔除，建议补充对照；预算中的测试费请再核算。",
    ]

    /// Plays the experts of a round: one gives two items up after having seen them, the others fill their sheets in.
    func play(_ round: Round) async throws {
        try await leave(round)
        for pass in 0..<3 {
            let open = try await house.db.read { tx in try RoundStore.open(round.id, tx) }
            for (number, one) in open.enumerated() {
                guard let (expert, actor) = try await person(one.expert) else { continue }
                if one.state == .invited { try await funding.sheets.accept(one.id, by: actor) }
                let score = 74 + (number * 7 + pass) % 17
                let comment = comment(number + pass, expert)
                _ = try await funding.sheets.save(
                    one.id,
                    values: { name in
                        switch name {
                        case "verdict": ["fund"]
                        case "comment": [comment]
                        default: [String(score)]
                        }
                    }, expecting: one.revision, by: actor)
                try await funding.sheets.submit(one.id, by: actor)
            }
        }
    }

    /// One opinion tells where its expert works, so that it is held back.
    private func comment(_ number: Int, _ expert: Expert) -> String {
        let words = Self.comments[number % Self.comments.count]
        return number == 2 ? "\(words)我们\(expert.organisationName)有同类数据，可以提供。" : words
    }

    private func leave(_ round: Round) async throws {
        let open = try await house.db.read { tx in try RoundStore.open(round.id, tx) }
        let groups = Dictionary(grouping: open, by: \.expert).sorted { $0.key.text < $1.key.text }
        guard let busy = groups.first(where: { $0.value.count > 1 }), let (_, actor) = try await person(busy.key) else {
            return
        }
        for one in busy.value.prefix(2) {
            try await funding.sheets.accept(one.id, by: actor)
            try await funding.sheets.decline(one.id, reason: "近期出差，不能按时完成", by: actor)
        }
    }

    private func person(_ id: ID<Expert>) async throws -> (Expert, Actor)? {
        try await house.db.read { tx in
            guard let expert = try ExpertStore.all([id], tx)[id],
                let actor = try AccountStore.find(expert.account, tx).map({ try AccountStore.actor($0, tx) })
            else { return nil }
            return (expert, actor)
        }
    }

    /// Somebody objects in words that stand in a sheet which nobody outside could have read: a question for Integrity.
    /// - Parameter number: of the notice that announces the awards.
    func object(to number: String, officer: Actor) async throws {
        let objections = Objections(
            vault: house.vault, zone: house.city.zone, division: house.city.objectionsDivision)
        let (procedures, now, id) = (house.procedures, house.clock.now(), house.ids.make(CaseFile.self))
        let bytes = Array("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".utf8)
        let page = Document(
            id: house.ids.make(), caseID: id, field: "signed-page", name: "signed.pdf", size: bytes.count,
            hash: try house.files.keep(bytes), type: "application/pdf", uploadedBy: "", uploadedAt: now)
        let draft = ObjectionDraft(
            objector: .person, name: "周明", contact: "13800000000", address: "深圳市福田区", row: 1,
            statement: "听说专家也认为误差从哪里来没有说明，现场验证还缺少业主的书面同意，不应立项。", signedPage: page)
        try await house.db.write { tx in
            _ = try objections.file(draft, against: number, as: id, procedures: procedures, at: now, tx)
            _ = try procedures.act(id, "accept", as: officer, at: now, in: tx)
            _ = try procedures.act(
                id, "answer",
                answers: [
                    "upheld": "no", "reason-zh": "经查，业主已书面同意，误差分析见补充材料。",
                    "reason-en": "The owner has agreed in writing; the supplement explains the errors.",
                ], as: officer, at: now, in: tx)
        }
    }

    /// Fees of the round, which wait for a leader.
    func proposeFees(_ round: Round, by officer: Actor) async throws {
        try await funding.fees.propose(
            round.id,
            perSheet: [
                .senior: Money(fen: 100_000), .other: Money(fen: 60_000), .eminent: Money(fen: 150_000),
            ], by: officer)
    }
}
