import Kernel
import Store

/// What the market and the register of contracts tell the reviews: that two organisations have a contract. Only a side
/// that is named by its credit code, or has filed something here itself, counts; a typed name does not.
enum ContractDealings {
    /// The field in which whoever files a contract names the other side.
    static let otherSide = "other-uscc"

    /// Keeps what a registered contract says, or that it says nothing any more.
    static func keep(_ item: Contract, _ rules: RuleBook, on day: Day, _ tx: Tx) throws {
        let code = item.content[otherSide]?.string.flatMap { try? USCC(parsing: $0).text }
        let other = try code.flatMap { try Registry.organisation(uscc: $0, tx) }?.id
        let until = item.content["ends-on"]?.string.flatMap { Day($0) }
        try keep(
            item.state == .registered ? [item.organisation, other] : [], item.total, from: item.signedOn,
            to: max(item.signedOn, until ?? item.signedOn), of: item.id, rules, on: day, tx)
    }

    /// Keeps that a match of the market was signed between whoever was interested and whose entry it is.
    static func keep(signed context: ActionContext, with entry: RegisterEntry?, _ rules: RuleBook, _ tx: Tx) throws {
        let amount = Money(fen: context.answers["amount"]?.integer ?? 0)
        try keep(
            [context.file.organisation, entry?.organisation], amount, from: context.day, to: context.day,
            of: context.file.id.text, rules, on: context.day, tx)
    }

    private static func keep(
        _ sides: [ID<OrganisationMark>?], _ amount: Money, from: Day, to: Day, of source: String, _ rules: RuleBook,
        on day: Day, _ tx: Tx
    ) throws {
        let known = sides.compactMap(\.self)
        let counts = try known.count == 2 && amount >= Dealings.least(rules, on: day)
        let dealing = counts ? [Dealing(.money, known[0].text, known[1].text, from: from, to: to)] : []
        try Dealings.set(dealing, of: source, tx)
    }
}
