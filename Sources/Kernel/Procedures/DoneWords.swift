extension ActionDefinition {
    /// The action as something that happened: a record says "Sent the answers" of what a page offers as "Send the
    /// answers". Titles that state a finding or an event already stay as they are.
    public var done: Bilingual { DoneWords.of(title) }
}

extension ActionContext {
    /// What a message says of the case after the action: where it has come to.
    /// - Parameter what: the case as its people call it, the subject of the sentence.
    public func news(_ what: Bilingual) -> Bilingual {
        guard let step = (try? procedures.definition(of: file))?.step(action.to)?.title else {
            return Bilingual("\(what.zh)有新进展。", "\(what.en) has moved on.")
        }
        return Bilingual("\(what.zh)现处于「\(step.zh)」。", "\(what.en) is now at '\(step.en)'.")
    }
}

/// Turns the titles of actions, which say what may be done, into words for what was done.
enum DoneWords {
    static func of(_ title: Bilingual) -> Bilingual {
        if let told = told(title) { return told }
        guard let en = english(title.en) else { return title }
        return Bilingual(chinese(title.zh), en)
    }

    /// What somebody else is to do once more, such as "Mend again": what was done is the telling.
    private static func told(_ title: Bilingual) -> Bilingual? {
        let words = title.en.split(separator: " ")
        guard words.count > 1, ["Mend", "Review"].contains(words[0]), ["again", "on", "or"].contains(words[1]) else {
            return nil
        }
        return Bilingual("已要求\(title.zh)", "Told to \(title.en.prefix(1).lowercased())\(title.en.dropFirst())")
    }

    // MARK: English

    /// Nil where no word of the title tells somebody to do something.
    private static func english(_ title: String) -> String? {
        var words = title.split(separator: " ").map(String.init)
        guard let first = words.first else { return nil }
        if first == "To" { return "Sent to \(words.dropFirst().joined(separator: " "))" }
        if words.count > 2, first == "Do", words[1] == "not", let forms = verb(words[2]) {
            return "Not \(([forms.participle] + words.dropFirst(3)).joined(separator: " "))"
        }
        var isOrder = false
        for index in words.indices where begins(index, words) {
            guard let forms = verb(words[index]) else { continue }
            let word = words.count == 1 ? forms.participle : forms.past
            words[index] = index == 0 ? word.prefix(1).uppercased() + word.dropFirst() : word
            isOrder = true
        }
        return isOrder ? words.joined(separator: " ") : nil
    }

    /// Whether a word stands where an order begins: first, behind a comma or a colon, behind "and".
    private static func begins(_ index: Int, _ words: [String]) -> Bool {
        guard index > 0 else { return true }
        let before = words[index - 1]
        return before.hasSuffix(",") || before.hasSuffix(":") || before == "and"
            || (index == 1 && ["We", "They"].contains(before))
    }

    /// The past forms of an order's verb, with the mark that stands behind it.
    private static func verb(_ word: String) -> (past: String, participle: String)? {
        let mark = word.last.map { ",:".contains($0) } == true ? String(word.suffix(1)) : ""
        let base = word.dropLast(mark.count).lowercased()
        if let forms = irregular[base] { return (forms.past + mark, forms.participle + mark) }
        guard regular.contains(base) else { return nil }
        let past: String =
            if base.hasSuffix("e") {
                base + "d"
            } else if base.hasSuffix("y"), let before = base.dropLast().last, !"aeiou".contains(before) {
                "\(base.dropLast())ied"
            } else {
                base + "ed"
            }
        return (past + mark, past + mark)
    }

    private static let irregular: [String: (past: String, participle: String)] = [
        "admit": ("admitted", "admitted"), "begin": ("began", "begun"), "cancel": ("cancelled", "cancelled"),
        "choose": ("chose", "chosen"),
        "draw": ("drew", "drawn"), "drop": ("dropped", "dropped"), "give": ("gave", "given"), "go": ("went", "gone"),
        "hear": ("heard", "heard"), "keep": ("kept", "kept"), "put": ("put", "put"), "say": ("said", "said"),
        "send": ("sent", "sent"), "set": ("set", "set"), "show": ("showed", "shown"),
        "stop": ("stopped", "stopped"), "submit": ("submitted", "submitted"), "take": ("took", "taken"),
        "tell": ("told", "told"), "transfer": ("transferred", "transferred"), "withdraw": ("withdrew", "withdrawn"),
        "write": ("wrote", "written"),
    ]

    private static let regular: Set<String> = Set(
        """
        accept add adjust adopt agree answer apply appoint approve ask award change check clear close conclude \
        confirm consult correct decide decline end endorse enter erase evaluate extend fail finish forward fund grade \
        grant hand introduce investigate issue link list maintain match merge nominate note notify number open order \
        pass post prolong propose publish raise recognise record refuse register reissue reject renew repeal report \
        restore return revoke save score serve settle share sign terminate try update
        """.split(separator: " ").map(String.init))

    // MARK: Chinese

    /// Beginnings that state a finding or an intention, to which 已 adds nothing.
    private static let stated = [
        "不", "未", "拟", "仍", "均", "逾期", "期满", "公示", "异议", "整改", "继续", "有争议", "答复不足", "揭榜截止", "其他",
    ]

    /// Who does it, where a title begins with that.
    private static let subjects = ["单位", "项目负责人", "本方", "对方"]

    private static func chinese(_ title: String) -> String {
        guard !title.contains("已"), !isStated(title) else { return title }
        guard let subject = subjects.first(where: { title.hasPrefix($0) }) else { return "已\(title)" }
        let rest = String(title.dropFirst(subject.count))
        return isStated(rest) ? title : "\(subject)已\(rest)"
    }

    private static func isStated(_ title: String) -> Bool {
        stated.contains { title.hasPrefix($0) }
    }
}
