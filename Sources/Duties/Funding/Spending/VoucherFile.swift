public import Kernel

/// A file of vouchers as organisations bring it.
enum VoucherFile {
    static let table = FilledTable(
        [
            .init("number", Bilingual("凭证号", "Number")),
            .init("day", Bilingual("日期", "Date")),
            .init("heading", Bilingual("费用科目", "Cost heading")),
            .init("payee", Bilingual("收款方", "Payee")),
            .init("payee-code", Bilingual("收款方信用代码", "Payee's credit code"), isRequired: false),
            .init("amount", Bilingual("金额（元）", "Amount (yuan)")),
            .init("purpose", Bilingual("用途", "Purpose")),
            .init("currency", Bilingual("币种", "Currency"), isRequired: false),
            .init("foreign", Bilingual("外币金额", "Foreign amount"), isRequired: false),
            .init("rate", Bilingual("汇率", "Rate"), isRequired: false),
            .init("rate-day", Bilingual("汇率日期", "Day of the rate"), isRequired: false),
            .init("expert", Bilingual("专家费（级别 形式 次数）", "Expert (rank form count)"), isRequired: false),
            .init("reason", Bilingual("理由", "Reason"), isRequired: false),
        ], mostRows: 5_000)

    /// One row of the file: what was read, or what is wrong with it.
    struct Line {
        /// As the spreadsheet counts.
        let number: Int
        let draft: VoucherDraft?
        let problems: [FieldProblem]
    }

    /// - Throws: `FilledTableError`, `SpreadsheetError`.
    static func read(_ bytes: [UInt8], headings: [FormOption]) throws -> [Line] {
        try table.read(bytes).map { row in
            let (draft, problems) = VoucherEntry.read({ row[$0] }, headings: headings)
            return Line(number: row.number, draft: draft, problems: problems)
        }
    }
}

/// Reads what was typed or imported into a draft; all that cannot be read at once.
public enum VoucherEntry {
    /// - Parameter value: the text of a field, by the names of the template's columns.
    /// - Returns: the draft, where every field could be read.
    public static func read(
        _ value: (String) -> String, headings: [FormOption]
    ) -> (draft: VoucherDraft?, problems: [FieldProblem]) {
        var problems: [FieldProblem] = []
        func refuse(_ field: String, _ code: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
        }
        func text(_ name: String) -> String { value(name).trimmed }
        let day = FilledTable.day(text("day"))
        if day == nil { refuse("day", "field.day", "日期请写成 2026-03-02", "Write the date as 2026-03-02") }
        let heading = headings.first { option in
            let typed = FilledTable.key(text("heading"))
            return [option.value, option.label.zh, option.label.en].contains { FilledTable.key($0) == typed }
        }
        if heading == nil {
            let known = headings.map { "\($0.label.zh) \($0.label.en)" }.joined(separator: ", ")
            refuse("heading", "voucher.heading", "费用科目应为：\(known)", "The cost heading is one of: \(known)")
        }
        let foreign = foreign(text, &problems)
        var amount = foreign?.amount
        if foreign == nil || !text("amount").isEmpty {
            do { amount = try Money(parsing: text("amount")) } catch {
                problems.append(FieldProblem(field: "amount", code: error.code, message: error.message))
            }
        }
        let fee = text("expert")
        let expert = fee.isEmpty ? nil : ExpertFee(fee)
        if !fee.isEmpty, expert == nil {
            refuse(
                "expert", "voucher.expert", "专家费请写成「senior meeting 3」：级别、形式、天（次）数",
                "Write the expert as 'senior meeting 3': rank, form, days or times")
        }
        guard problems.isEmpty, let day, let heading, let amount else { return (nil, problems) }
        return (
            VoucherDraft(
                number: text("number"), day: day, heading: heading.value, payee: text("payee"),
                payeeCode: FilledTable.key(text("payee-code")), amount: amount, foreign: foreign,
                purpose: text("purpose"), expert: expert, reason: text("reason")), []
        )
    }

    static func foreign(_ text: (String) -> String, _ problems: inout [FieldProblem]) -> ForeignSum? {
        let currency = FilledTable.key(text("currency"))
        guard !currency.isEmpty, currency != "CNY", currency != "RMB" else { return nil }
        let cents = (try? Money(parsing: text("foreign")))?.fen
        let rate = DecimalNumber(text("rate"))
        let day = FilledTable.day(text("rate-day"))
        guard let cents, let rate, let day, rate.units > 0 else {
            problems.append(
                FieldProblem(
                    field: "currency", code: "voucher.foreign",
                    message: Bilingual(
                        "外币支出须写明外币金额、汇率和汇率日期", "A foreign sum needs its amount, the rate and the day of the rate")))
            return nil
        }
        let sum = ForeignSum(currency: currency, cents: cents, rate: rate, rateDay: day)
        guard sum.amount != nil else {
            problems.append(
                FieldProblem(
                    field: "rate", code: "voucher.rate",
                    message: Bilingual("按汇率折合的金额过大", "At this rate the amount is too large")))
            return nil
        }
        return sum
    }
}
