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
        guard problems.isEmpty, let day, let heading, let amount else {
            let texts = wordProblems(
                number: text("number"), payee: text("payee"), payeeCode: text("payee-code"), purpose: text("purpose"),
                reason: text("reason"))
            return (nil, problems + texts)
        }
        return (
            VoucherDraft(
                number: text("number"), day: day, heading: heading.value, payee: text("payee"),
                payeeCode: FilledTable.key(text("payee-code")), amount: amount, foreign: foreign,
                purpose: text("purpose"), expert: expert, reason: text("reason")), []
        )
    }

    /// What is wrong with the words of a voucher.
    static func wordProblems(
        number: String, payee: String, payeeCode: String, purpose: String, reason: String
    ) -> [FieldProblem] {
        var found = [
            Words.problem(number, "number", Bilingual("凭证号", "Number"), most: 60),
            Words.problem(payee, "payee", Bilingual("收款方", "Payee"), most: 120),
            Words.problem(purpose, "purpose", Bilingual("用途", "Purpose"), most: 500),
            Words.problem(reason, "reason", Bilingual("理由", "Reason"), isRequired: false),
        ].compactMap(\.self)
        if !payeeCode.isEmpty, (try? USCC(parsing: payeeCode)) == nil {
            found.append(
                FieldProblem(
                    field: "payee-code", code: "field.uscc",
                    message: Bilingual("收款方统一社会信用代码不正确", "The payee's credit code is not valid")))
        }
        return found
    }

    /// A sum in a foreign currency, where one is given; each of its fields that cannot be read is told.
    static func foreign(_ text: (String) -> String, _ problems: inout [FieldProblem]) -> ForeignSum? {
        let currency = FilledTable.key(text("currency"))
        let isForeign = !["", "CNY", "RMB"].contains(currency)
        let cents = (try? Money(parsing: text("foreign")))?.fen
        let rate = DecimalNumber(text("rate")).flatMap { $0.units > 0 ? $0 : nil }
        let day = FilledTable.day(text("rate-day"))
        let parts: [(name: String, isWrong: Bool, message: Bilingual)] = [
            ("foreign", cents == nil, Bilingual("请写明外币金额", "Foreign amount: give the sum in that currency")),
            ("rate", rate == nil, Bilingual("请写明汇率，如 7.1234", "Rate: give it as 7.1234")),
            ("rate-day", day == nil, Bilingual("请写明汇率日期，如 2026-03-02", "Day of the rate: give it as 2026-03-02")),
        ]
        let typed = parts.filter { !text($0.name).isEmpty }
        let wrong = (isForeign ? parts : typed).filter(\.isWrong)
        problems += wrong.map { FieldProblem(field: $0.name, code: "voucher.foreign", message: $0.message) }
        if !isForeign, !typed.isEmpty {
            problems.append(
                FieldProblem(
                    field: "currency", code: "voucher.foreign",
                    message: Bilingual(
                        "填写了外币信息，还须写明币种，如 USD", "Currency: name it, such as USD, where a foreign sum is given")))
        }
        guard isForeign, let cents, let rate, let day else { return nil }
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
