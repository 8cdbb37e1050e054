import Kernel

/// Whether an institution fits a financing need, condition by condition.
struct FinanceMatch: Hashable, Sendable {
    struct Reason: Hashable, Sendable {
        let text: Bilingual
        let holds: Bool
    }

    let number: String
    let name: String
    let reasons: [Reason]

    /// All conditions hold.
    var fits: Bool { reasons.allSatisfy(\.holds) }
    var score: Int { reasons.filter(\.holds).count }

    /// Compares the entry of a need with that of an institution.
    init(need: JSONValue, institution: RegisterEntry) {
        self.init(need: need, number: institution.number, name: institution.name, content: institution.content)
    }

    init(need: JSONValue, number: String, name: String, content: JSONValue) {
        self.number = number
        self.name = name
        func list(_ name: String) -> [String] { content[name]?.array?.compactMap(\.string) ?? [] }
        let amount = need["amount"]?.integer ?? 0
        let (least, most) = (content["least"]?.integer ?? 0, content["most"]?.integer ?? 0)
        var reasons = [
            Reason(
                text: Bilingual("提供该类服务", "Offers this kind"),
                holds: list("kinds").contains(need["kind"]?.string ?? "")),
            Reason(
                text: Bilingual(
                    "金额在 \(Money(fen: least).text(.chinese)) 至 \(Money(fen: most).text(.chinese)) 之间",
                    "The amount lies between \(Money(fen: least).text(.english)) and \(Money(fen: most).text(.english))"
                ),
                holds: (least...max(least, most)).contains(amount)),
            Reason(
                text: Bilingual("关注该技术领域", "Looks at this field"),
                holds: list("fields").contains(need["field"]?.string ?? "")),
            Reason(
                text: Bilingual("关注该成熟度", "Looks at this maturity"),
                holds: list("stages").contains(need["stage"]?.string ?? "")),
        ]
        if need["kind"]?.string == "loan", need["collateral"]?.string == "yes" {
            reasons.append(
                Reason(
                    text: Bilingual("接受知识产权质押", "Takes rights as a pledge"), holds: content["pledge"]?.string == "yes"))
        }
        self.reasons = reasons
    }

    /// All institutions, those that fit best first.
    static func rank(_ need: JSONValue, _ institutions: [RegisterEntry]) -> [FinanceMatch] {
        institutions.map { FinanceMatch(need: need, institution: $0) }
            .sorted { ($1.score, $0.number) < ($0.score, $1.number) }
    }
}
