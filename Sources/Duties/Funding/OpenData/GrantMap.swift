import Kernel
import Ledger

/// An award as 360Giving 1.4 describes grants. Amounts are those of the books.
struct GrantMap: Sendable {
    let words: OpenWords
    let city: Jurisdiction

    func grant(_ award: PublicAward) -> JSONValue {
        let (project, sums) = (award.project, award.sums)
        let modified = award.moves.map(\.at).max() ?? award.decided.at
        return .members([
            "id": .string(words.grant(project.number)), "title": .string(project.title.zh),
            "description": .string(description(award)), "currency": "CNY",
            "amountAppliedFor": award.requested > .zero ? award.requested.openNumber : nil,
            "amountAwarded": sums.awarded.openNumber, "amountDisbursed": (sums.paid - sums.returned).openNumber,
            "awardDate": .string(words.zone.day(of: award.decided.at).description),
            "url": .string(words.address("/projects/\(project.number)")),
            "plannedDates": dates(project),
            "fundingOrganization": [["id": .string(words.funder), "name": .string(words.bureau.zh)]],
            "recipientOrganization": [recipient(award)],
            "grantProgramme": award.programme.map { programme in
                [
                    [
                        "code": .string(programme.code), "title": .string(programme.name.zh),
                        "description": .string(programme.name.en),
                        "url": .string(words.address("/public-money?programme=\(programme.code)")),
                    ]
                ]
            },
            "fromOpenCall": "Yes",
            "fundingType": [["vocabulary": "Kechuang", "code": "grant", "title": "立项资助 / grant"]],
            "classifications": project.field.isEmpty
                ? nil : [["vocabulary": "GB/T 13745", "code": .string(project.field)]],
            "beneficiaryLocation": [
                ["name": .string("\(city.name.zh) / \(city.name.en)"), "countryCode": "CN"]
            ],
            "locationScope": "GLS050",
            "relatedDocument": award.decided.notice.map { number in
                [
                    [
                        "title": "拟立项公示 / notice of proposed award",
                        "url": .string(words.address("/notices/\(number)")),
                    ]
                ]
            },
            "commitmentTransaction": transactions(award, .commitment),
            "disbursementTransaction": transactions(award, .paid),
            "dataSource": .string(words.address("/open-data")),
            "dateModified": words.moment(modified),
        ])
    }

    private func description(_ award: PublicAward) -> String {
        let programme = award.programme.map { "\($0.name.zh) / \($0.name.en)" } ?? award.call.number
        return "\(award.project.title.en). \(programme): \(award.call.title.zh) / \(award.call.title.en)"
    }

    private func dates(_ project: Project) -> JSONValue? {
        guard let starts = project.startsOn, let ends = project.endsOn else { return nil }
        var months = 0
        while starts.adding(months: months + 1) <= ends.adding(days: 1) { months += 1 }
        return [
            [
                "startDate": .string(starts.description), "endDate": .string(ends.description),
                "duration": .integer(Int64(months)),
            ]
        ]
    }

    private func recipient(_ award: PublicAward) -> JSONValue {
        let name = award.project.organisationName
        let id = award.organisation.map { words.organisation($0.uscc) } ?? "\(words.funder)-\(award.project.number)"
        return ["id": .string(id), "name": .string(name.zh), "alternateName": .string(name.en)]
    }

    private func transactions(_ award: PublicAward, _ kind: AccountKind) -> JSONValue? {
        let recipient = award.organisation.map { words.organisation($0.uscc) } ?? ""
        let list = award.moves.compactMap { move -> JSONValue? in
            let (amount, isBack): (Money, Bool)
            switch (move.meaning, kind) {
            case (.awarded(let value), .commitment): (amount, isBack) = (value, false)
            case (.paid(let value), .paid): (amount, isBack) = (value, false)
            case (.returned(let value), .paid): (amount, isBack) = (Money(fen: -value.fen), true)
            default: return nil
            }
            return [
                "id": .string(move.posting), "transactionDate": .string(move.day.description), "currency": "CNY",
                "value": amount.openNumber, "provider": .string(words.funder), "recipient": .string(recipient),
                "description": isBack ? "退回 / paid back" : kind == .paid ? "拨付 / paid" : "立项 / awarded",
            ]
        }
        return list.isEmpty ? nil : .array(list)
    }
}
