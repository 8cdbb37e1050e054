import Kernel

/// Money of one side in its own currency, with the rate at which it was turned into renminbi.
struct ForeignMoney: Hashable, Sendable {
    enum Side: String, CaseIterable, Sendable { case ours, partner, third }

    let side: Side
    /// ISO 4217.
    let currency: String
    let amount: DecimalNumber
    /// Renminbi for one unit of the currency.
    let rate: DecimalNumber

    /// The amount in renminbi, to the nearest fen, half a fen up; nil where it is too large.
    var renminbi: Money? {
        let (product, overflow) = amount.units.multipliedReportingOverflow(by: rate.units)
        guard !overflow else { return nil }
        let places = amount.places + rate.places
        if places <= 2 {
            let (fen, over) = product.multipliedReportingOverflow(by: places == 2 ? 1 : places == 1 ? 10 : 100)
            return over || fen > Money.largest.fen ? nil : Money(fen: fen)
        }
        let divisor = (0..<(places - 2)).reduce(Int64(1)) { value, _ in value * 10 }
        let fen = product / divisor + (product % divisor * 2 >= divisor ? 1 : 0)
        return fen > Money.largest.fen ? nil : Money(fen: fen)
    }

    /// Reads the rows of a form's table `money`.
    /// - Returns: the lines, and everything wrong with them by row.
    static func read(_ values: JSONValue, on day: Day) -> (lines: [ForeignMoney], problems: [FieldProblem]) {
        var lines: [ForeignMoney] = []
        var problems: [FieldProblem] = []
        for (index, row) in (values["money"]?.array ?? []).enumerated() {
            func fault(_ column: String, _ code: String, _ zh: String, _ en: String) {
                problems.append(
                    FieldProblem(field: "money.\(index).\(column)", code: code, message: Bilingual(zh, en)))
            }
            let currency = row["currency"]?.string ?? ""
            let amount = number(row["amount"])
            let rate = number(row["rate"])
            if amount == nil {
                fault("amount", "currency.amount", "金额应为正数，如 120000.50", "The amount is a number such as 120000.50")
            } else if let amount, amount.places > 2 {
                fault("amount", "currency.fine", "金额最多两位小数", "The amount has at most two decimals")
            }
            if rate == nil {
                fault("rate", "currency.rate", "汇率应为正数，如 7.1234", "The rate is a number such as 7.1234")
            } else if currency == "CNY", rate != DecimalNumber("1") {
                fault("rate", "currency.one", "人民币的汇率为 1", "The rate of renminbi is 1")
            }
            if let on = row["rate-on"]?.string.flatMap({ Day($0) }), on > day {
                fault("rate-on", "currency.future", "汇率日期不能晚于今天", "The rate is not of a day to come")
            }
            guard let side = Side(rawValue: row["side"]?.string ?? ""), let amount, let rate else { continue }
            let line = ForeignMoney(side: side, currency: currency, amount: amount, rate: rate)
            if line.renminbi == nil { fault("amount", "currency.large", "金额过大", "The amount is too large") }
            lines.append(line)
        }
        return (lines, problems)
    }

    /// A positive number, with plain or full-width digits and thousands separators.
    private static func number(_ value: JSONValue?) -> DecimalNumber? {
        guard let text = value?.string else { return nil }
        let plain = text.unicodeScalars.compactMap { scalar -> Character? in
            switch scalar.value {
            case 0xFF10...0xFF19: Unicode.Scalar(scalar.value - 0xFEE0).map(Character.init)
            case 0xFF0E: "."
            case 0x2C, 0xFF0C, 0x20: nil
            default: Character(scalar)
            }
        }
        guard let number = DecimalNumber(String(plain)), number.units > 0 else { return nil }
        return number
    }

    /// The sum of one side in renminbi; nil where the side has no line or the sum is too large.
    static func sum(_ lines: [ForeignMoney], of side: Side) -> Money? {
        let own = lines.filter { $0.side == side }.compactMap(\.renminbi)
        return own.isEmpty ? nil : Money.sum(own)
    }
}
