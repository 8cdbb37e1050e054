/// hledger's journal: account names stay as they are, colons make its tree.
struct HledgerWriter: BookWriter {
    func preamble(_ out: inout ExportBuffer) { out.add("decimal-mark .\ncommodity 1000.00 CNY\n\n") }

    func account(_ account: LedgerAccount, since day: String, _ out: inout ExportBuffer) {
        out.add("account \(account.text)\n")
    }

    func head(_ head: ExportHead, _ out: inout ExportBuffer) {
        out.add("\n\(head.day) * (\(head.id)) ")
        out.add(line: head.text, without: [";", "|"])
        out.add("\n    ; kind:\(head.kind)\n")
        for note in head.notes where !note.value.isEmpty {
            out.add("    ; \(note.name):")
            out.add(line: note.value, without: [","])
            out.add("\n")
        }
    }

    func leg(_ account: LedgerAccount, fen: Int64, of head: ExportHead, _ out: inout ExportBuffer) {
        out.add("    \(account.text)  ")
        out.add(fen: fen)
        out.add(" CNY\n")
    }

    func foot(_ out: inout ExportBuffer) {}
}

/// Beancount's file: each part of an account begins with a capital or a digit, below one of its five roots.
struct BeancountWriter: BookWriter {
    func preamble(_ out: inout ExportBuffer) { out.add("option \"operating_currency\" \"CNY\"\n\n") }

    func account(_ account: LedgerAccount, since day: String, _ out: inout ExportBuffer) {
        out.add("\(day) open \(BeancountWriter.name(account)) CNY\n")
    }

    func head(_ head: ExportHead, _ out: inout ExportBuffer) {
        out.add("\n\(head.day) * \"")
        out.add(quoted: head.text)
        out.add("\"\n  id: \"\(head.id)\"\n  kind: \"\(head.kind)\"\n")
        for note in head.notes where !note.value.isEmpty {
            out.add("  \(note.name): \"")
            out.add(quoted: note.value)
            out.add("\"\n")
        }
    }

    func leg(_ account: LedgerAccount, fen: Int64, of head: ExportHead, _ out: inout ExportBuffer) {
        out.add("  \(BeancountWriter.name(account))  ")
        out.add(fen: fen)
        out.add(" CNY\n")
    }

    func foot(_ out: inout ExportBuffer) {}

    /// `commitment:natural-science:2026` becomes `Assets:Commitment:Natural-science:2026`. Parts are in lower case, so
    /// that capitals at their beginning make no two names one.
    static func name(_ account: LedgerAccount) -> String {
        let root =
            switch account.kind {
            case .source: "Equity"
            case .spent, .surplus, .writtenOff: "Expenses"
            default: "Assets"
            }
        let parts = ([account.kind.rawValue] + account.parts).map { part in
            String(decoding: part.utf8.prefix(1).map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self)
                + part.dropFirst()
        }
        return ([root] + parts).joined(separator: ":")
    }
}

/// One line a leg (RFC 4180), with everything that stands above it.
struct CSVWriter: BookWriter {
    func preamble(_ out: inout ExportBuffer) {
        out.add("posting,day,kind,text,account,amount,case,event,actor,rules,key,about\r\n")
    }

    func account(_ account: LedgerAccount, since day: String, _ out: inout ExportBuffer) {}
    func head(_ head: ExportHead, _ out: inout ExportBuffer) {}

    func leg(_ account: LedgerAccount, fen: Int64, of head: ExportHead, _ out: inout ExportBuffer) {
        out.add("\(head.id),\(head.day),\(head.kind),")
        out.add(cell: head.text)
        out.add(",\(account.text),")
        out.add(fen: fen)
        let notes = head.notes.isEmpty ? [String](repeating: "", count: 6) : head.notes.map(\.value)
        for note in notes {
            out.add(",")
            out.add(cell: note)
        }
        out.add("\r\n")
    }

    func foot(_ out: inout ExportBuffer) {}
}

extension ExportBuffer {
    /// Inside the quotes of Beancount. Characters are looked for as bytes: a combining mark after a quote would hide it
    /// from a search by characters.
    mutating func add(quoted text: String) {
        var bytes: [UInt8] = []
        for byte in text.utf8 { bytes += byte == 0x22 || byte == 0x5C ? [0x5C, byte] : [byte] }
        add(line: String(decoding: bytes, as: UTF8.self))
    }

    /// A cell, in quotes where it needs them; looked for as bytes too.
    mutating func add(cell text: String) {
        let special: Set<UInt8> = [0x22, 0x2C, 0x0A, 0x0D]
        guard text.utf8.contains(where: special.contains) else { return add(text) }
        add("\"")
        var bytes: [UInt8] = []
        for byte in text.utf8 { bytes += byte == 0x22 ? [byte, byte] : [byte] }
        add(String(decoding: bytes, as: UTF8.self))
        add("\"")
    }
}
