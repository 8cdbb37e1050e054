public import Kernel
public import Store

/// The treasury of the bureau: any duty orders here, and only here money goes out.
public struct Treasury: Sendable {
    public let accounts: PayeeAccounts
    public let orders: PaymentOrders
    public let runs: PaymentRuns
    public let answers: BankAnswers

    /// Its tables.
    public static let migrations = TreasuryTables.migrations

    /// - Parameter listeners: what duties want to hear of their orders, by the kind of subject.
    public init(_ house: House, listeners: [String: PaymentListener]) {
        let (db, clock, zone, rules) = (house.db, house.clock, house.city.zone, house.city.rules)
        accounts = PayeeAccounts(
            db: db, clock: clock, zone: zone, calendar: house.city.calendar, rules: rules, vault: house.vault)
        orders = PaymentOrders(db: db, clock: clock, zone: zone, rules: rules, listeners: listeners)
        runs = PaymentRuns(
            db: db, clock: clock, zone: zone, calendar: house.city.calendar, vault: house.vault,
            payer: house.city.payer)
        answers = BankAnswers(db: db, clock: clock, zone: zone, vault: house.vault, listeners: listeners)
    }
}
