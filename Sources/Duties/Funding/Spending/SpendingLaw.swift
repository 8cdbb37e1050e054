import Kernel
import Review

/// The legal numbers by which vouchers are checked on one day.
struct SpendingLaw {
    /// What a finding does.
    enum Weight: Int64 { case none, warning, refusal }

    let weights: Legal<[String: Int64]>
    let splitDays: Legal<Int64>
    let splitLimit: Legal<Money>
    let splitShare: Legal<Int64>
    let roundUnit: Legal<Money>
    let negative: Legal<[String]>
    let fees: ExpertFeeRule
    let feeBasis: Bilingual
    let day: Day

    /// - Throws: ``RuleBookError``.
    init(_ law: Law) throws(RuleBookError) {
        weights = try law.table("spending.checks")
        splitDays = try law.number("spending.split.days")
        splitLimit = try law.money("spending.split.limit")
        splitShare = try law.number("spending.split.share")
        roundUnit = try law.money("spending.round.unit")
        negative = try law.codes("spending.negative.words")
        fees = try ExpertFeeRule(law)
        feeBasis = try law.number("review.fee.senior-most").reference.source.cited
        day = law.day
    }

    func weight(_ code: String) -> Weight { weights.value[code].flatMap(Weight.init) ?? .refusal }

    /// The least amount that counts as just below the limit of split invoices.
    var splitFrom: Money { Money(fen: splitLimit.value.fen / 1_000 * splitShare.value) }
}
