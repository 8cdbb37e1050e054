import Kernel

/// What a file of the bank says, before it is compared with anything.
struct AnswerFile: Hashable, Sendable {
    enum Format: String, Sendable { case camt054, csv }

    let format: Format
    /// The identity that the bank gave the message.
    let message: String?
    let lines: [AnswerLine]

    /// Reads a file of either format.
    /// - Throws: ``TreasuryError/badFile(_:)`` with every fault and its line.
    static func read(_ bytes: [UInt8]) throws(TreasuryError) -> AnswerFile {
        guard bytes.count <= most else {
            throw .badFile([AnswerFault.make(0, "file", "文件超过 20 MB", "the file is above 20 MB")])
        }
        let start = bytes.drop { [0xEF, 0xBB, 0xBF, 0x20, 0x09, 0x0A, 0x0D].contains($0) }.first
        return try start == UInt8(ascii: "<") ? Camt054.read(bytes) : AnswerCSV.read(bytes)
    }

    private static let most = 20 << 20
}

/// One payment that the bank says something about.
struct AnswerLine: Hashable, Sendable {
    /// The line of the file, from 1.
    var line: Int
    /// The number of the order (end-to-end identification).
    var number: String
    var outcome: PaymentOutcome
    var amount: Money
    var account: String?
    var bookedOn: Day?
    /// The bank's own name for it.
    var reference: String?
    var reason: String
}

/// Faults of files, each with its line and field.
enum AnswerFault {
    /// Most faults that are told of one file.
    static let most = 50

    static func make(_ line: Int, _ field: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(
            field: "line-\(line).\(field)", code: "answer.\(field)",
            message: Bilingual("第 \(line) 行 \(field)：\(zh)", "Line \(line), \(field): \(en)"))
    }
}

/// An answer as CSV: a header, then one payment a line. Columns may stand in any order, in Chinese or English.
enum AnswerCSV {
    static let columns: [(name: String, zh: String)] = [
        ("number", "付款单号"), ("outcome", "结果"), ("amount", "金额"), ("account", "收款账号"), ("booked", "记账日期"),
        ("reference", "银行流水号"), ("reason", "原因"),
    ]
    private static let outcomes: [String: PaymentOutcome] = [
        "paid": .paid, "已付": .paid, "rejected": .rejected, "退票": .rejected, "returned": .returned, "退回": .returned,
        "pending": .pending, "处理中": .pending,
    ]

    static func read(_ bytes: [UInt8]) throws(TreasuryError) -> AnswerFile {
        guard let text = TextEncoding.utf8.decode(bytes) ?? TextEncoding.gb18030.decode(bytes) else {
            throw .badFile([
                AnswerFault.make(1, "file", "编码应为 UTF-8 或 GB 18030", "the text is neither UTF-8 nor GB 18030")
            ])
        }
        let rows = CSVText.rows(text)
        let places = try header(rows.first ?? [])
        var (lines, faults) = ([AnswerLine](), [FieldProblem]())
        for (index, row) in rows.enumerated().dropFirst() where row.contains(where: { !$0.trimmed.isEmpty }) {
            let cell = { (name: String) -> String in
                guard let place = places[name], row.indices.contains(place) else { return "" }
                return row[place].trimmed
            }
            if let line = line(index + 1, cell, &faults) { lines.append(line) }
        }
        if rows.count < 2 { faults.append(AnswerFault.make(2, "file", "没有明细", "there are no payments")) }
        guard faults.isEmpty else { throw .badFile(Array(faults.prefix(AnswerFault.most))) }
        return AnswerFile(format: .csv, message: nil, lines: lines)
    }

    private static func header(_ row: [String]) throws(TreasuryError) -> [String: Int] {
        var places: [String: Int] = [:]
        var faults: [FieldProblem] = []
        for (index, cell) in row.enumerated() {
            let title = cell.trimmed.lowercased()
            guard let column = columns.first(where: { $0.name == title || $0.zh == title }) else {
                faults.append(AnswerFault.make(1, "header", "不认识的列「\(cell)」", "the column '\(cell)' is not known"))
                continue
            }
            if places[column.name] != nil {
                faults.append(AnswerFault.make(1, "header", "列「\(cell)」出现两次", "the column '\(cell)' stands twice"))
            }
            places[column.name] = index
        }
        for column in columns.prefix(4) where places[column.name] == nil {
            faults.append(
                AnswerFault.make(
                    1, "header", "缺少列 \(column.name)（\(column.zh)）", "the column \(column.name) is missing"))
        }
        guard faults.isEmpty else { throw .badFile(faults) }
        return places
    }

    private static func line(
        _ number: Int, _ cell: (String) -> String, _ faults: inout [FieldProblem]
    ) -> AnswerLine? {
        let before = faults.count
        let outcome = outcomes[cell("outcome").lowercased()]
        if outcome == nil {
            faults.append(
                AnswerFault.make(
                    number, "outcome", "应为 paid、rejected、returned、pending（已付、退票、退回、处理中）",
                    "is one of paid, rejected, returned, pending"))
        }
        let amount = try? Money(parsing: cell("amount"))
        if amount ?? .zero <= .zero {
            faults.append(AnswerFault.make(number, "amount", "不是大于零的金额", "is no amount above zero"))
        }
        let booked = cell("booked")
        if !booked.isEmpty, Day(booked) == nil {
            faults.append(AnswerFault.make(number, "booked", "应为 YYYY-MM-DD", "is no day YYYY-MM-DD"))
        }
        for name in ["number", "account", "reference"] where cell(name).count > 64 {
            faults.append(AnswerFault.make(number, name, "超过 64 字", "has more than 64 characters"))
        }
        guard faults.count == before, let outcome, let amount else { return nil }
        let some = { (text: String) -> String? in text.isEmpty ? nil : text }
        return AnswerLine(
            line: number, number: cell("number"), outcome: outcome, amount: amount,
            account: some(PayeeAccountDraft.digits(cell("account"))), bookedOn: Day(booked),
            reference: some(cell("reference")), reason: String(cell("reason").prefix(300)))
    }
}
