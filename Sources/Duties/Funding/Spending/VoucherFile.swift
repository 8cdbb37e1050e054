public import Kernel

/// A file of vouchers as organisations bring it: XLSX, or CSV in UTF-8 or GB 18030.
public enum VoucherFile {
    /// A column: how the template calls it, in both languages.
    struct Column {
        let name: String
        let title: Bilingual
        let isRequired: Bool
    }

    static let columns = [
        Column(name: "number", title: Bilingual("凭证号", "Number"), isRequired: true),
        Column(name: "day", title: Bilingual("日期", "Date"), isRequired: true),
        Column(name: "heading", title: Bilingual("费用科目", "Cost heading"), isRequired: true),
        Column(name: "payee", title: Bilingual("收款方", "Payee"), isRequired: true),
        Column(name: "payee-code", title: Bilingual("收款方信用代码", "Payee's credit code"), isRequired: false),
        Column(name: "amount", title: Bilingual("金额（元）", "Amount (yuan)"), isRequired: true),
        Column(name: "purpose", title: Bilingual("用途", "Purpose"), isRequired: true),
        Column(name: "currency", title: Bilingual("币种", "Currency"), isRequired: false),
        Column(name: "foreign", title: Bilingual("外币金额", "Foreign amount"), isRequired: false),
        Column(name: "rate", title: Bilingual("汇率", "Rate"), isRequired: false),
        Column(name: "rate-day", title: Bilingual("汇率日期", "Day of the rate"), isRequired: false),
        Column(name: "expert", title: Bilingual("专家费（级别 形式 次数）", "Expert (rank form count)"), isRequired: false),
        Column(name: "reason", title: Bilingual("理由", "Reason"), isRequired: false),
    ]

    /// Most rows that one file may have.
    static let mostRows = 5_000

    /// One row of the file: what was read, or what is wrong with it.
    struct Line {
        /// As the spreadsheet counts.
        let number: Int
        let draft: VoucherDraft?
        let problems: [FieldProblem]
    }

    /// Reads a file by its content.
    /// - Throws: ``VoucherFileError``, ``SpreadsheetError``.
    static func read(_ bytes: [UInt8], headings: [FormOption]) throws -> [Line] {
        let table = try table(bytes)
        guard let header = table.first else { throw VoucherFileError.empty }
        let titles = header.map(VoucherDraft.key)
        var places: [String: Int] = [:]
        for column in columns {
            places[column.name] = titles.firstIndex {
                $0 == VoucherDraft.key(column.title.zh) || $0 == VoucherDraft.key(column.title.en)
                    || $0 == VoucherDraft.key(column.name)
            }
        }
        let absent = columns.filter { $0.isRequired && places[$0.name] == nil }
        guard absent.isEmpty else { throw VoucherFileError.columns(absent.map(\.title)) }
        let rows = table.enumerated().dropFirst().filter { row in
            !row.element.allSatisfy { $0.allSatisfy(\.isWhitespace) }
        }
        guard !rows.isEmpty else { throw VoucherFileError.empty }
        guard rows.count <= mostRows else { throw VoucherFileError.tooMany(mostRows) }
        return rows.map { index, cells in
            line(index + 1, headings) { name in
                guard let place = places[name], place < cells.count else { return "" }
                return VoucherEntry.trimmed(cells[place])
            }
        }
    }

    private static func table(_ bytes: [UInt8]) throws -> [[String]] {
        if Spreadsheet.isArchive(bytes) { return try Spreadsheet.rows(bytes) }
        for encoding in [TextEncoding.utf8, .gb18030] {
            if let text = encoding.decode(bytes), !text.contains("\0") { return CSVText.rows(text) }
        }
        throw VoucherFileError.encoding
    }

    private static func line(_ number: Int, _ headings: [FormOption], _ cell: (String) -> String) -> Line {
        let (draft, problems) = VoucherEntry.read(cell, headings: headings)
        return Line(number: number, draft: draft, problems: problems)
    }
}

/// Reads what was typed or imported into a draft; all that cannot be read at once.
public enum VoucherEntry {
    static func trimmed(_ text: String) -> String {
        var part = Substring(text)
        while part.first?.isWhitespace ?? false { part.removeFirst() }
        while part.last?.isWhitespace ?? false { part.removeLast() }
        return String(part)
    }

    /// - Parameter value: the text of a field, by the names of the template's columns.
    /// - Returns: the draft, where every field could be read.
    public static func read(
        _ value: (String) -> String, headings: [FormOption]
    ) -> (draft: VoucherDraft?, problems: [FieldProblem]) {
        var problems: [FieldProblem] = []
        func refuse(_ field: String, _ code: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
        }
        func text(_ name: String) -> String { trimmed(value(name)) }
        let day = self.day(text("day"))
        if day == nil { refuse("day", "field.day", "日期请写成 2026-03-02", "Write the date as 2026-03-02") }
        let heading = headings.first { option in
            let typed = VoucherDraft.key(text("heading"))
            return [option.value, option.label.zh, option.label.en].contains { VoucherDraft.key($0) == typed }
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
                payeeCode: VoucherDraft.key(text("payee-code")), amount: amount, foreign: foreign,
                purpose: text("purpose"), expert: expert, reason: text("reason")), []
        )
    }

    /// Days as people and spreadsheets write them: `2026-03-02`, `2026/3/2`, `2026年3月2日`.
    private static func day(_ text: String) -> Day? {
        var digits = ""
        for letter in text {
            digits.append(letter.isASCII && letter.isNumber ? letter : "-")
        }
        let parts = digits.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, parts[0] > 1_900 else { return nil }
        return Day(year: parts[0], month: parts[1], day: parts[2])
    }

    static func foreign(_ text: (String) -> String, _ problems: inout [FieldProblem]) -> ForeignSum? {
        let currency = VoucherDraft.key(text("currency"))
        guard !currency.isEmpty, currency != "CNY", currency != "RMB" else { return nil }
        let cents = (try? Money(parsing: text("foreign")))?.fen
        let rate = DecimalNumber(text("rate"))
        let day = day(text("rate-day"))
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

/// Why a file of vouchers cannot be read as a whole.
public enum VoucherFileError: Problem, Hashable {
    case empty
    case encoding
    case columns([Bilingual])
    case tooMany(Int)

    public var kind: ProblemKind { .invalid }
    public var code: String {
        switch self {
        case .empty: "voucher-file.empty"
        case .encoding: "voucher-file.encoding"
        case .columns: "voucher-file.columns"
        case .tooMany: "voucher-file.rows"
        }
    }
    public var message: Bilingual {
        switch self {
        case .empty: Bilingual("文件中没有凭证行。", "The file has no rows of vouchers.")
        case .encoding:
            Bilingual(
                "文件既不是 XLSX，也不是 UTF-8 或 GB 18030 的 CSV。", "The file is neither XLSX nor CSV in UTF-8 or GB 18030.")
        case .columns(let titles):
            Bilingual(
                "缺少列：\(titles.map(\.zh).joined(separator: "、"))。请用模板填写。",
                "Columns are missing: \(titles.map(\.en).joined(separator: ", ")). Use the template.")
        case .tooMany(let most): Bilingual("一个文件最多 \(most) 行。", "A file takes at most \(most) rows.")
        }
    }
}
