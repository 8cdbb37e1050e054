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
    /// - Parameters:
    ///   - register: the side of the market on which the entry stands.
    ///   - answers: what was asked when it was signed.
    ///   - signed: the day of it.
    static func keep(
        signed file: CaseFile, in register: String, _ answers: JSONValue, on signed: Day, _ rules: RuleBook,
        on day: Day, _ tx: Tx
    ) throws {
        let number = try CaseValues.all(of: file.id, tx)[RegisterHooks.entryField]?.string ?? ""
        let entry = try RegisterStore.find(register, number, tx)
        try keep(
            [file.organisation, entry?.organisation], Money(fen: answers["amount"]?.integer ?? 0), from: signed,
            to: signed, of: file.id.text, rules, on: day, tx)
    }

    /// Keeps the contracts that were registered and the matches that were signed before dealings were kept; once, by
    /// today's least sum. What a contract or a match says by now stays as it is.
    static func carryOver(_ house: House) async throws {
        let (rules, day, zone, procedures) = (house.city.rules, house.today, house.city.zone, house.procedures)
        try await Dealings.carryOver("transfer.dealings.contracts", in: house.db) { after, tx in
            let items = try tx.rows(
                """
                SELECT * FROM transfer_contract WHERE state = 'registered' AND id > \(after) ORDER BY id LIMIT 100
                """, Contract.init(row:))
            for item in items where try !Dealings.isKnown(item.id, tx) { try keep(item, rules, on: day, tx) }
            return items.last?.id
        }
        try await Dealings.carryOver("transfer.dealings.matches", in: house.db) { after, tx in
            let files = try tx.rows(
                """
                SELECT * FROM case_file WHERE procedure IN ('transfer.match', 'transfer.offer') AND step = 'signed'
                    AND id > \(after) ORDER BY id LIMIT 100
                """, CaseFile.init(stored:))
            for file in files where try !Dealings.isKnown(file.id.text, tx) {
                let signed = try CaseStore.lastTime(of: ["sign"], on: file.id, tx) ?? file.stepSince
                try keep(
                    signed: file, in: try procedures.definition(of: file).filing?.about ?? "",
                    try CaseValues.asked("sign", of: file.id, tx), on: zone.day(of: signed), rules, on: day, tx)
            }
            return files.last?.id.text
        }
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
