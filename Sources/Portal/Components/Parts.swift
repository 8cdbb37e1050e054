public import Kernel

/// The parts of which pages are made.
public enum Parts {
    /// How a word is coloured; the word itself always says the same.
    public enum Tone: String, Sendable { case neutral, info, good, warning, bad }

    /// How a button looks.
    public enum ButtonKind: String, Sendable { case primary, secondary, danger }

    /// A column of a table.
    public struct Column: Sendable {
        public let title: String
        public let isNumeric: Bool

        public init(_ title: String, numeric: Bool = false) {
            self.title = title
            isNumeric = numeric
        }
    }

    /// A titled block.
    public static func card(_ title: String?, _ body: HTML, id: String? = nil) -> HTML {
        """
        <section class="card"\(attribute: "id", id)>\(with: title, { "<h2>\($0)</h2>" })\(body)</section>
        """
    }

    /// Something that the reader must not miss.
    public static func notice(_ tone: Tone, _ title: String, _ body: HTML = .empty) -> HTML {
        """
        <div class="notice \(tone.rawValue)" role="\(tone == .bad ? "alert" : "note")"><p class="notice-title">\(title)</p>\(body)</div>
        """
    }

    /// A state in a word.
    public static func badge(_ text: String, _ tone: Tone = .neutral) -> HTML {
        "<span class=\"badge \(tone.rawValue)\">\(text)</span>"
    }

    /// Names and values.
    public static func facts(_ items: [(String, HTML)]) -> HTML {
        guard !items.isEmpty else { return .empty }
        return """
            <dl class="facts">\(each: items, { "<dt>\($0.0)</dt><dd>\($0.1.isEmpty ? "—" : $0.1)</dd>" })</dl>
            """
    }

    /// A table; on a phone each row becomes a card, with the column's title before each cell. An empty cell of a column
    /// with a title shows a dash.
    public static func table(_ caption: String, _ columns: [Column], _ rows: [[HTML]], empty: HTML) -> HTML {
        guard !rows.isEmpty else { return "<div class=\"empty\">\(empty)</div>" }
        let head = HTML(each: columns) { column in
            "<th scope=\"col\"\(attribute: "class", column.isNumeric ? "number" : nil)>\(column.title)</th>"
        }
        let body = HTML(each: rows) { row in
            let cells = HTML(each: zip(columns, row)) { column, cell in
                let kind: String? = column.isNumeric ? "number" : isWhole(cell) ? "whole" : nil
                let shown: HTML = cell.isEmpty && !column.title.isEmpty ? "—" : cell
                return "<td data-title=\"\(column.title)\"\(attribute: "class", kind)>\(shown)</td>"
            }
            return "<tr>\(cells)</tr>"
        }
        return """
            <table><caption class="unseen">\(caption)</caption><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table>
            """
    }

    /// Chinese characters that stand in one line: as many as most names of people have.
    private static let nameLength = 4

    /// Whether a cell holds nothing but a name of a few Chinese characters, or one day, time or number, which must not
    /// break at its hyphens.
    private static func isWhole(_ cell: HTML) -> Bool { isShortName(cell) || isOneNumber(cell) }

    private static func isShortName(_ cell: HTML) -> Bool {
        var length = 0
        let isName = allText(of: cell) { byte in
            switch byte {
            // The first of the three bytes of a Chinese character, and those that follow it.
            case 0xE4...0xE9:
                length += 1
                return true
            default: return (0x80...0xBF).contains(byte)
            }
        }
        return isName && (1...nameLength).contains(length)
    }

    private static func isOneNumber(_ cell: HTML) -> Bool {
        var (length, hasDigit) = (0, false)
        let isNumber = allText(of: cell) { byte in
            length += 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                hasDigit = true
                return true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: " "):
                return true
            default: return false
            }
        }
        return isNumber && hasDigit && length <= 24
    }

    /// Whether each byte of a cell's text, outside its tags, is as it should be; the first that is not ends it.
    private static func allText(of cell: HTML, _ isRight: (UInt8) -> Bool) -> Bool {
        var isInTag = false
        for byte in cell.bytes {
            if byte == UInt8(ascii: "<") {
                isInTag = true
            } else if byte == UInt8(ascii: ">") {
                isInTag = false
            } else if !isInTag, !isRight(byte) {
                return false
            }
        }
        return true
    }

    /// Links between views of the same thing.
    public static func tabs(_ label: String, _ items: [(title: String, url: SafeURL, isCurrent: Bool)]) -> HTML {
        """
        <nav class="tabs" aria-label="\(label)">\(each: items, { item in
            "<a href=\"\(item.url)\"\(attribute: "aria-current", item.isCurrent ? "page" : nil)>\(item.title)</a>"
        })</nav>
        """
    }

    /// What happened, newest last.
    public static func timeline(_ items: [(when: String, what: String, who: String, detail: HTML)]) -> HTML {
        """
        <ol class="timeline">\(each: items, { item in
            "<li><p class=\"when\">\(item.when)</p><p><strong>\(item.what)</strong> \(item.who)</p>\(item.detail)</li>"
        })</ol>
        """
    }

    /// A clock with its due day and who holds the file.
    /// - Parameter left: nil where nobody knows yet, because the due day lies beyond the published calendars.
    public static func clock(due: Day?, left: Int?, unit: Bilingual, holder: String, _ t: Say) -> HTML {
        guard let due else { return "<span class=\"clock\">\(holder)</span>" }
        let state: HTML? = left.map { left in
            let (tone, words): (Tone, String) =
                switch left {
                case ..<0: (.bad, t("已逾期 \(-left) \(unit.zh)", "\(counted(-left, unit: unit.en)) late"))
                case 0: (.warning, t("今天到期", "Due today"))
                case 1...3: (.warning, t("剩 \(left) \(unit.zh)", "\(counted(left, unit: unit.en)) left"))
                default: (.good, t("剩 \(left) \(unit.zh)", "\(counted(left, unit: unit.en)) left"))
                }
            return "\(badge(words, tone)) "
        }
        return """
            <span class="clock">\(state)\(t("\(due.text(.chinese)) 24:00 前", "by \(due.text(.english)), 24:00"))\(if: !holder.isEmpty, " · \(holder)")</span>
            """
    }

    /// The way on in a long list.
    public static func pager(next: SafeURL?, first: SafeURL?, _ t: Say) -> HTML {
        guard next != nil || first != nil else { return .empty }
        return """
            <nav class="pager" aria-label="\(t("翻页", "Pages"))">\(with: first, { "<a href=\"\($0)\">\(t("回到第一页", "First page"))</a>" })\
            \(with: next, { "<a href=\"\($0)\" rel=\"next\">\(t("下一页", "Next page"))</a>" })</nav>
            """
    }

    /// A link that looks like a button.
    public static func button(_ title: String, to url: SafeURL, _ kind: ButtonKind = .primary) -> HTML {
        "<a class=\"button \(kind.rawValue)\" href=\"\(url)\">\(title)</a>"
    }

    /// A form of one button.
    public static func post(
        _ url: SafeURL, _ title: String, token: String, _ kind: ButtonKind = .secondary, fields: [(String, String)] = []
    ) -> HTML {
        """
        <form method="post" action="\(url)" class="inline">\(hidden([(FormSeal.field, token)] + fields))\
        <button class="button \(kind.rawValue)">\(title)</button></form>
        """
    }

    /// Hidden fields.
    public static func hidden(_ fields: [(String, String)]) -> HTML {
        HTML(each: fields) { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" }
    }

    /// Characters of a number that fits a narrow tile.
    private static let narrow = 7

    /// Numbers at a glance.
    public static func tiles(_ items: [(value: String, label: String, url: SafeURL?)]) -> HTML {
        """
        <ul class="tiles">\(each: items, { item in
            let kind = item.value.count > narrow ? "value long" : "value"
            let inner: HTML = "<span class=\"\(kind)\">\(item.value)</span><span class=\"label\">\(item.label)</span>"
            return item.url.map { "<li><a href=\"\($0)\">\(inner)</a></li>" } ?? "<li><div>\(inner)</div></li>"
        })</ul>
        """
    }

    /// What is wrong, with links to each field; stands above the form.
    public static func errors(_ problems: [FieldProblem], _ t: Say) -> HTML {
        guard !problems.isEmpty else { return .empty }
        return """
            <div class="notice bad" role="alert" tabindex="-1" id="errors"><p class="notice-title">\
            \(t("请改正以下 \(problems.count) 处", "Mend \(counted(problems.count, "thing"))"))</p><ul>\(each: problems, { problem in
                let basis: HTML? = problem.basis.map { "<span class=\"basis\">\($0[t.language])</span>" }
                return problem.field.isEmpty
                    ? "<li>\(problem.message[t.language])\(basis)</li>"
                    : "<li><a href=\"#f-\(problem.field)\">\(problem.message[t.language])</a>\(basis)</li>"
            })</ul></div>
            """
    }

    /// A list with nothing in it says what to do.
    public static func empty(_ text: String, _ action: HTML = .empty) -> HTML { "<p>\(text)</p>\(action)" }

    /// Paragraphs of a text that a person wrote.
    public static func paragraphs(_ text: String) -> HTML {
        HTML(each: text.split(separator: "\n", omittingEmptySubsequences: true)) { "<p>\(String($0))</p>" }
    }

    /// Where a fact comes from, in words; what people wrote themselves stays as it is.
    public static func source(_ source: String) -> Bilingual {
        switch source {
        case "self-declared": Bilingual("单位自行填报", "declared by the organisation")
        case "demonstration": Bilingual("演示数据", "demonstration")
        default: Bilingual(source, source)
        }
    }

    /// A mark beside a number whose source is not certain.
    public static func toBeChecked(_ t: Say) -> HTML { badge(t("依据待核", "source to be checked"), .warning) }
}
