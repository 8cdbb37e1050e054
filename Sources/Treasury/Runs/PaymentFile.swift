import Kernel

/// One payment as the bank reads it.
struct Transfer: Hashable, Sendable {
    let number: String
    let amount: Money
    let holder: String
    let bank: String
    let branch: String
    let cnaps: String
    let account: String
    let purpose: String
}

/// The files of a run: the same transfers as ISO 20022 pain.001.001.09 and as CSV. The same run gives the same bytes
/// every time, so that the bank knows a file that it gets twice.
enum PaymentFile {
    struct Head: Hashable, Sendable {
        let number: String
        /// ISO date and time of the city.
        let createdAt: String
        let executionOn: Day
        let payer: Jurisdiction.Payer
    }

    static let namespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

    /// `2026-03-02T09:00:00+08:00`.
    static func moment(_ instant: Instant, _ zone: CityZone) -> String {
        let day = zone.day(of: instant)
        let seconds = Int((instant.microseconds - zone.start(of: day).microseconds) / 1_000_000)
        let clock = "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        // The city's start of the day against that of Greenwich.
        let offset = Int(Int64(day.number) * 86_400 - zone.start(of: day).microseconds / 1_000_000)
        let sign = offset < 0 ? "-" : "+"
        return "\(day)T\(clock)\(sign)\(padded(abs(offset) / 3_600, 2)):\(padded(abs(offset) / 60 % 60, 2))"
    }

    /// Yuan with two decimals and nothing else: `1234567.80`.
    static func yuan(_ amount: Money) -> String { "\(amount.fen / 100).\(padded(Int(amount.fen % 100), 2))" }

    // MARK: pain.001.001.09

    static func pain001(_ head: Head, _ transfers: [Transfer]) -> [UInt8] {
        let count = String(transfers.count)
        let total = yuan(Money.sum(transfers.map(\.amount)))
        var xml = XMLText()
        xml.open("Document xmlns=\"\(namespace)\"", "CstmrCdtTrfInitn", "GrpHdr")
        xml.leaf("MsgId", head.number, most: 35)
        xml.leaf("CreDtTm", head.createdAt)
        xml.leaf("NbOfTxs", count)
        xml.leaf("CtrlSum", total)
        xml.open("InitgPty")
        xml.leaf("Nm", head.payer.name, most: 140)
        xml.close(2)
        xml.open("PmtInf")
        xml.leaf("PmtInfId", head.number, most: 35)
        xml.leaf("PmtMtd", "TRF")
        xml.leaf("NbOfTxs", count)
        xml.leaf("CtrlSum", total)
        xml.open("ReqdExctnDt")
        xml.leaf("Dt", head.executionOn.description)
        xml.close()
        xml.open("Dbtr")
        xml.leaf("Nm", head.payer.name, most: 140)
        xml.close()
        account(head.payer.account, "DbtrAcct", currency: true, &xml)
        agent(head.payer.cnaps, nil, "DbtrAgt", &xml)
        xml.leaf("ChrgBr", "SLEV")
        for transfer in transfers { write(transfer, &xml) }
        xml.close(3)
        return xml.bytes
    }

    private static func write(_ transfer: Transfer, _ xml: inout XMLText) {
        xml.open("CdtTrfTxInf", "PmtId")
        xml.leaf("InstrId", transfer.number, most: 35)
        xml.leaf("EndToEndId", transfer.number, most: 35)
        xml.close()
        xml.open("Amt")
        xml.leaf("InstdAmt", yuan(transfer.amount), attributes: " Ccy=\"CNY\"")
        xml.close()
        agent(transfer.cnaps, "\(transfer.bank) \(transfer.branch)", "CdtrAgt", &xml)
        xml.open("Cdtr")
        xml.leaf("Nm", transfer.holder, most: 140)
        xml.close()
        account(transfer.account, "CdtrAcct", currency: false, &xml)
        xml.open("RmtInf")
        xml.leaf("Ustrd", transfer.purpose, most: 140)
        xml.close(2)
    }

    private static func account(_ number: String, _ name: String, currency: Bool, _ xml: inout XMLText) {
        xml.open(name, "Id", "Othr")
        xml.leaf("Id", number, most: 34)
        xml.close(2)
        if currency { xml.leaf("Ccy", "CNY") }
        xml.close()
    }

    /// A bank by its number in China's National Advanced Payment System.
    private static func agent(_ cnaps: String, _ bank: String?, _ name: String, _ xml: inout XMLText) {
        xml.open(name, "FinInstnId", "ClrSysMmbId", "ClrSysId")
        xml.leaf("Cd", "CNAPS")
        xml.close()
        xml.leaf("MmbId", cnaps, most: 35)
        xml.close()
        if let bank { xml.leaf("Nm", bank, most: 140) }
        xml.close(2)
    }

    // MARK: CSV

    /// The columns of the CSV file.
    static let columns = ["number", "holder", "account", "bank", "branch", "cnaps", "amount", "currency", "purpose"]

    static func csv(_ transfers: [Transfer]) -> [UInt8] {
        var text = "\u{FEFF}\(columns.joined(separator: ","))\r\n"
        for item in transfers {
            let cells = [
                item.number, item.holder, item.account, item.bank, item.branch, item.cnaps, yuan(item.amount), "CNY",
                item.purpose,
            ]
            text += cells.map(cell).joined(separator: ",") + "\r\n"
        }
        return Array(text.utf8)
    }

    /// Quoted; what a spreadsheet would take for a formula is led by an apostrophe.
    private static func cell(_ text: String) -> String {
        let risky = text.first.map { "=+-@\t\r".contains($0) } ?? false
        return "\"\(risky ? "'" : "")\(text.replacing("\"", with: "\"\""))\""
    }
}

/// XML that is written from top to bottom.
struct XMLText {
    private var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private var names: [String] = []

    var bytes: [UInt8] { Array(text.utf8) }

    /// Opens elements inside each other.
    mutating func open(_ tags: String...) {
        for tag in tags {
            line("<\(tag)>")
            names.append(tag.split(separator: " ").first.map(String.init) ?? tag)
        }
    }

    /// Closes the innermost elements.
    mutating func close(_ count: Int = 1) {
        for _ in 0..<count { if let name = names.popLast() { line("</\(name)>") } }
    }

    /// An element with a text.
    /// - Parameter most: the most characters that the schema takes; the rest is cut off.
    mutating func leaf(_ name: String, _ value: String, most: Int? = nil, attributes: String = "") {
        line("<\(name)\(attributes)>\(XMLText.escaped(value, most: most))</\(name)>")
    }

    private mutating func line(_ piece: String) {
        text += String(repeating: " ", count: names.count) + piece + "\n"
    }

    /// The text as XML 1.0 may hold it: no control characters, white space as single blanks, markup escaped.
    static func escaped(_ value: String, most: Int?) -> String {
        var scalars: [Unicode.Scalar] = []
        for scalar in value.unicodeScalars {
            if scalar.properties.isWhitespace {
                if scalars.last != " ", !scalars.isEmpty { scalars.append(" ") }
            } else if scalar.value >= 0x20, scalar.value != 0x7F, scalar.value < 0xFFFE || scalar.value > 0xFFFF {
                scalars.append(scalar)
            }
        }
        if let most { scalars = Array(scalars.prefix(most)) }
        while scalars.last == " " { scalars.removeLast() }
        var text = ""
        for scalar in scalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
