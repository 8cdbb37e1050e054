import Kernel

/// The bank's notification of debits and credits, ISO 20022 camt.054.001.08.
struct Camt054 {
    static let namespace = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"

    private var lines: [AnswerLine] = []
    private var faults: [FieldProblem] = []

    static func read(_ bytes: [UInt8]) throws(TreasuryError) -> AnswerFile {
        let (root, space) = try XMLTree.read(bytes)
        guard root.name == "Document", space == namespace, let message = root.first("BkToCstmrDbtCdtNtfctn") else {
            throw .badFile([
                AnswerFault.make(
                    root.line, "Document", "应为 camt.054.001.08，现为「\(space)」", "is not camt.054.001.08 but '\(space)'")
            ])
        }
        var file = Camt054()
        let id = message.first("GrpHdr", "MsgId")?.value
        if id == nil { file.fault(message.line, "MsgId", "缺少报文标识", "the identity of the message is missing") }
        let notices = message.all("Ntfctn")
        if notices.isEmpty { file.fault(message.line, "Ntfctn", "没有通知", "there is no notification") }
        for entry in notices.flatMap({ $0.all("Ntry") }) { file.read(entry) }
        if file.faults.isEmpty, file.lines.isEmpty {
            file.fault(message.line, "Ntry", "没有分录", "there is no entry")
        }
        guard file.faults.isEmpty else { throw .badFile(Array(file.faults.prefix(AnswerFault.most))) }
        return AnswerFile(format: .camt054, message: id, lines: file.lines)
    }

    private mutating func fault(_ line: Int, _ field: String, _ zh: String, _ en: String) {
        faults.append(AnswerFault.make(line, field, zh, en))
    }

    private mutating func read(_ entry: XMLElement) {
        guard let amount = amount(of: entry), let isDebit = side(of: entry) else { return }
        let status = entry.first("Sts", "Cd")?.value ?? entry.first("Sts")?.value
        guard let status, ["BOOK", "PDNG", "INFO", "FUTR"].contains(status) else {
            return fault(entry.line, "Sts", "应为 BOOK、PDNG、INFO 或 FUTR", "is not BOOK, PDNG, INFO or FUTR")
        }
        let booked = (entry.first("BookgDt", "Dt") ?? entry.first("BookgDt", "DtTm"))?.value
        let day = booked.flatMap { Day(String($0.prefix(10))) }
        if booked != nil, day == nil { fault(entry.line, "BookgDt", "日期无效", "is no day") }
        let details = entry.all("NtryDtls").flatMap { $0.all("TxDtls") }
        let isReversal = entry.first("RvslInd")?.value == "true"
        let start = AnswerLine(
            line: entry.line, number: "", outcome: .paid, amount: amount, bookedOn: day,
            reference: entry.first("AcctSvcrRef")?.value, reason: "")
        let before = lines.count
        for detail in details.isEmpty ? [entry] : details {
            read(detail, start, isAlone: details.count < 2, isDebit: isDebit, isReversal, status)
        }
        guard let sum = Money.countableSum(lines[before...].lazy.map(\.amount)) else {
            return fault(entry.line, "Amt", "明细合计过大", "the details add up to more than can be counted")
        }
        if faults.isEmpty, sum != amount {
            fault(
                entry.line, "Amt", "明细合计 \(sum.yuanText) 与分录 \(amount.yuanText) 不符",
                "the details add up to \(sum.yuanText), the entry says \(amount.yuanText)")
        }
    }

    private mutating func read(
        _ detail: XMLElement, _ start: AnswerLine, isAlone: Bool, isDebit: Bool, _ isReversal: Bool, _ status: String
    ) {
        var line = start
        line.line = detail.line
        if detail.name == "TxDtls" {
            if detail.first("Amt") != nil || !isAlone {
                guard let amount = amount(of: detail) else { return }
                line.amount = amount
            }
            line.number = detail.first("Refs", "EndToEndId")?.value ?? ""
            // The entry's own reference stands for all of its details, so it names none of several.
            line.reference = detail.first("Refs", "AcctSvcrRef")?.value ?? (isAlone ? start.reference : nil)
            let account = detail.first("RltdPties", "CdtrAcct", "Id")
            line.account = (account?.first("Othr", "Id") ?? account?.first("IBAN"))?.value
        }
        let why = detail.first("RtrInf")
        let code = (why?.first("Rsn", "Cd") ?? why?.first("Rsn", "Prtry"))?.value
        line.reason = [code, why?.first("AddtlInf")?.value].compactMap(\.self).joined(separator: " ")
        line.outcome =
            status != "BOOK" ? .pending : isDebit && !isReversal && why == nil ? .paid : .back
        for (field, text) in [("EndToEndId", line.number), ("AcctSvcrRef", line.reference ?? "")]
        where text.count > 35 {
            fault(detail.line, field, "超过 35 字", "has more than 35 characters")
        }
        line.reason = String(line.reason.prefix(300))
        lines.append(line)
    }

    private mutating func amount(of element: XMLElement) -> Money? {
        guard let found = element.first("Amt"), let text = found.value else {
            fault(element.line, "Amt", "缺少金额", "the amount is missing")
            return nil
        }
        guard found.attributes["Ccy"] == "CNY" else {
            fault(found.line, "Ccy", "币种应为 CNY", "the currency is not CNY")
            return nil
        }
        let isPlain = text.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        guard isPlain, let amount = try? Money(parsing: Camt054.shortened(text)), amount > .zero else {
            fault(found.line, "Amt", "「\(text)」不是到分的金额", "'\(text)' is no amount in fen")
            return nil
        }
        return amount
    }

    /// Zeros behind the fen, as banks write them.
    private static func shortened(_ text: String) -> String {
        var text = text
        while let dot = text.firstIndex(of: "."), text.distance(from: dot, to: text.endIndex) > 3, text.hasSuffix("0") {
            text.removeLast()
        }
        return text
    }

    private mutating func side(of entry: XMLElement) -> Bool? {
        switch entry.first("CdtDbtInd")?.value {
        case "DBIT": return true
        case "CRDT": return false
        default:
            fault(entry.line, "CdtDbtInd", "应为 DBIT 或 CRDT", "is not DBIT or CRDT")
            return nil
        }
    }
}
