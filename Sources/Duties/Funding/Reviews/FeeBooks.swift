import Kernel
import Ledger
import Review
import Store
import Treasury

/// Pays the experts of a call out of the budget of its programme: one order of the treasury for each, which goes its
/// usual way of check, approval and bank.
struct FeeBooks: ExpertFeeBooks {
    let zone: CityZone

    /// The kind of subject under which fees are ordered.
    static let subject = "expert-fee"

    func order(
        _ lines: [(line: ExpertFeeLine, expert: Expert)], of round: Round, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        let strangers = lines.filter { $0.expert.person == nil }.map(\.expert.name)
        guard strangers.isEmpty else { throw ExpertFeeError.noPerson(strangers) }
        let call = try CallStore.require(ID(round.subject), tx)
        guard let programme = try ProgrammeStore.find(call.programme, tx) else { throw CallError.unknown }
        let entry = PaymentEntry(actor: actor, day: zone.day(of: now), now: now)
        for (line, expert) in lines {
            guard let person = expert.person else { continue }
            _ = try PaymentOrders.place(
                PaymentDraft(
                    FeeBooks.subject, line.id.text, caseID: nil, payee: try .person(person, tx), amount: line.amount,
                    purpose: "\(call.number) 专家咨询费 / \(call.number) expert fee",
                    note: "\(line.sheets) 份 / \(counted(line.sheets, "sheet"))",
                    from: .budget(programme.code, year: call.year), programme: programme.code, year: call.year,
                    project: FeeBooks.project(call)), entry, tx)
        }
    }

    /// Under which number the books keep the fees of a call.
    static func project(_ call: Call) -> String { "\(call.number)-fees" }

    /// Follows what became of an order: paid in full, the fee is paid and counts as spent; otherwise it can be ordered
    /// anew by the treasury's own ways.
    static func hear(_ order: PaymentOrder, _ news: PaymentNews, _ entry: PaymentEntry, _ tx: Tx) throws {
        guard !order.state.isOpen, case .paid = news else { return }
        try ExpertFeeStore.setState(.paid, ID(order.subject), tx)
    }
}
