/// Comma-separated text (RFC 4180).
public enum CSVText {
    /// All records; a quoted cell may hold commas, quotes and line ends. A byte-order mark is skipped.
    public static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = String.UnicodeScalarView()
        var isQuoted = false
        var wasQuote = false
        func endCell() {
            row.append(String(cell))
            cell = String.UnicodeScalarView()
        }
        for scalar in text.unicodeScalars where scalar != "\u{FEFF}" {
            if isQuoted {
                if scalar == "\"" {
                    isQuoted = false
                    wasQuote = true
                } else {
                    cell.append(scalar)
                }
                continue
            }
            switch scalar {
            case "\"":
                // A doubled quote inside quotes stands for one.
                if wasQuote { cell.append(scalar) }
                isQuoted = true
            case ",": endCell()
            case "\r": break
            case "\n":
                endCell()
                rows.append(row)
                row = []
            default: cell.append(scalar)
            }
            wasQuote = false
        }
        if !cell.isEmpty || !row.isEmpty {
            endCell()
            rows.append(row)
        }
        return rows
    }
}
