import Kernel
import Store
import Treasury

/// Bank accounts and payments of the demonstration, at every point of their way.
struct TreasuryCity: Sendable {
    let services: Services

    private var house: House { services.house }
    private var treasury: Treasury { services.treasury }

    /// Accounts of organisations, as an earlier system handed them over.
    func openAccounts(_ organisations: [ID<OrganisationMark>]) async throws {
        let found = try await house.db.read { tx in try Registry.organisations(organisations, tx) }
        let drafts = organisations.enumerated().compactMap { index, id -> (payee: Payee, draft: PayeeAccountDraft)? in
            guard let item = found[id] else { return nil }
            let draft = PayeeAccountDraft(
                holder: String(item.name.zh.prefix(70)), bank: "示例银行", branch: "深圳第\(index % 9 + 1)支行",
                cnaps: "10258400\(padded(index % 9 + 1, 4))", number: "62220240\(padded(index + 1, 11))")
            return (Payee(kind: .organisation, id: id.text, name: item.name), draft)
        }
        try await treasury.accounts.takeOver(drafts, since: house.today.adding(months: -24), source: "demonstration")
    }

    /// Subsidies of interest on loans, paid out of the budget of technology finance: some ordered, some at the bank,
    /// some paid, one refused, one paid in part, one line of the bank that fits nothing, and a bank account that waits.
    func play(_ organisations: [ID<OrganisationMark>]) async throws {
        let logins = ["officer", "treasurer", "leader", "organisation"]
        let actors = try await house.db.read { tx in
            try logins.compactMap { login in
                try AccountStore.find(login: login, tx).map { try AccountStore.actor($0, tx) }
            }
        }
        let programmes = house.city.programmes
        // A city without that programme pays out of its first.
        guard actors.count == logins.count, organisations.count > 10,
            let programme = programmes.first(where: { $0.kind == "technology-finance" }) ?? programmes.first
        else { return }
        let (officer, treasurer, leader, keeper) = (actors[0], actors[1], actors[2], actors[3])
        var orders: [PaymentOrder] = []
        for (index, fen) in [8_000_000, 150_000_000, 3_250_000, 12_000_000, 500_000, 9_900_000].enumerated() {
            orders.append(try await order(Int64(fen), index + 1, organisations[index + 1], programme.code, officer))
        }
        for order in orders {
            let checked = try await treasury.orders.check(order.id, by: treasurer)
            if checked.state == .checked { _ = try await treasury.orders.approve(order.id, by: leader) }
        }
        let bank = PretendBank(treasury: treasury, treasurer: treasurer)
        _ = try await bank.pay([
            orders[2].number: .init(.rejected, orders[2].amount, "AC01 账号不存在"),
            orders[3].number: .init(.paid, Money(fen: 7_000_000)), orders[5].number: .init(),
        ])
        let stray =
            "number,outcome,amount,account,reason\nFK0000-000001,paid,120.00,6222024000000000099,单号不清 / number unclear\n"
        _ = try await treasury.answers.read(Array(stray.utf8), name: "补充回单.csv", by: treasurer)
        let ready = try await order(4_400_000, 7, organisations[7], programme.code, officer)
        _ = try await treasury.orders.check(ready.id, by: treasurer)
        let large = try await order(260_000_000, 8, organisations[8], programme.code, officer)
        _ = try await treasury.orders.check(large.id, by: treasurer)
        _ = try await order(1_800_000, 9, organisations[9], programme.code, officer)
        guard let own = keeper.memberships.first?.organisation else { return }
        let payee = try await house.db.read { tx in try Payee.organisation(own, tx) }
        _ = try await treasury.accounts.propose(
            PayeeAccountDraft(
                holder: payee.name.zh, bank: "示例银行", branch: "深圳科技园支行", cnaps: "102584000088",
                number: "6222024000000008888"), for: payee, by: keeper)
    }

    private func order(
        _ fen: Int64, _ number: Int, _ organisation: ID<OrganisationMark>, _ programme: String, _ officer: Actor
    ) async throws -> PaymentOrder {
        let year = house.today.parts.year
        let name = "TX\(year)-\(padded(number, 4))"
        let payee = try await house.db.read { tx in try Payee.organisation(organisation, tx) }
        return try await treasury.orders.order(
            DirectPayment(
                reference: name, programme: programme, year: year, payee: payee, amount: Money(fen: fen),
                purpose: "\(name) 科技贷款贴息 / interest subsidy on a loan"), by: officer)
    }
}
