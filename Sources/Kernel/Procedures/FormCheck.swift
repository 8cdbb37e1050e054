extension Form {
    /// Everything wrong with the answers, in the order of the form.
    /// - Parameters:
    ///   - complete: also what is missing; false while drafting.
    ///   - section: only this section.
    ///   - files: how many files each files field holds.
    public func problems(
        _ answers: JSONValue, complete: Bool, section: String? = nil, files: [String: Int] = [:]
    ) -> [FieldProblem] {
        var found: [FieldProblem] = []
        for part in sections where section == nil || part.name == section {
            for field in part.fields {
                if field.kind == .files {
                    if complete { found += field.fileProblems(files[field.name] ?? 0) }
                } else {
                    found += field.problems(answers[field.name] ?? .null, complete: complete, answers)
                }
            }
        }
        return found
    }

    /// Whether all that a section requires is there and right.
    public func isComplete(_ section: FormSection, _ answers: JSONValue, files: [String: Int]) -> Bool {
        problems(answers, complete: true, section: section.name, files: files).isEmpty
    }
}

extension FormField {
    func problems(_ value: JSONValue, complete: Bool, _ all: JSONValue) -> [FieldProblem] {
        switch kind {
        case .table where !value.isWithheld: tableProblems(value, complete: complete)
        case .budget where !value.isWithheld: budgetProblems(value, complete: complete, all)
        default: singleProblems(value, complete: complete, at: name)
        }
    }

    private func problem(_ path: String, _ code: String, _ zh: String, _ en: String) -> [FieldProblem] {
        [FieldProblem(field: path, code: code, message: Bilingual("「\(label.zh)」\(zh)", "\(label.en): \(en)"))]
    }

    private func singleProblems(_ value: JSONValue, complete: Bool, at path: String) -> [FieldProblem] {
        if value.isWithheld {
            return problem(path, "field.lost", "已删除或无法解密，请重新填写", "was erased or cannot be opened; fill it in anew")
        }
        switch value {
        case .null: return complete && required ? problem(path, "field.required", "必填", "is required") : []
        case .array(let chosen) where chosen.isEmpty:
            return complete && required ? problem(path, "field.required", "请至少选一项", "choose at least one") : []
        default: break
        }
        if [.mail, .telephone].contains(kind), let found = lengthProblem(value.string ?? "", path) { return found }
        switch kind {
        case .text, .longText: return textProblems(value, path)
        case .number, .money: return numberProblems(value, path)
        case .day:
            guard let text = value.string, Day(text) != nil else {
                return problem(path, "field.day", "不是有效日期，请按 2026-11-24 的格式填写", "is not a date; write it as 2026-11-24")
            }
            return []
        case .choice, .choices:
            let chosen = value.array?.compactMap(\.string) ?? [value.string ?? ""]
            let known = Set((options ?? []).map(\.value))
            return chosen.allSatisfy(known.contains)
                ? [] : problem(path, "field.choice", "含有不在列表中的选项", "holds a choice that is not on the list")
        case .yesNo:
            return complete && required && value != .bool(true)
                ? problem(path, "field.confirm", "须确认", "must be confirmed") : []
        case .mail:
            let parts = (value.string ?? "").split(separator: "@", omittingEmptySubsequences: false)
            let fits =
                parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !(value.string ?? "").contains(" ")
            return fits ? [] : problem(path, "field.mail", "不是有效的电子邮箱", "is not a mail address")
        case .telephone:
            let digits = (value.string ?? "").filter(\.isNumber).count
            return (5...20).contains(digits)
                ? [] : problem(path, "field.telephone", "不是有效的电话号码", "is not a telephone number")
        case .orcid: return identifierProblems(path) { _ = try ORCID(parsing: value.string ?? "") }
        case .uscc: return identifierProblems(path) { _ = try USCC(parsing: value.string ?? "") }
        case .files, .table, .budget: return []
        }
    }

    private func identifierProblems(_ path: String, _ check: () throws -> Void) -> [FieldProblem] {
        do {
            try check()
            return []
        } catch let error as any Problem {
            return problem(path, error.code, error.message.zh, error.message.en)
        } catch {
            return problem(path, "field.identifier", "不是有效的编号", "is not a valid code")
        }
    }

    /// Characters of a line.
    private static let longestLine = 500

    /// The longest text that the field takes, in characters: what a form sets no bound to is a line or a text all the
    /// same.
    public var longest: Int { atMost ?? (kind == .longText ? 20_000 : Self.longestLine) }

    private func lengthProblem(_ text: String, _ path: String) -> [FieldProblem]? {
        guard text.count > longest else { return nil }
        return problem(
            path, "field.long", "最多 \(longest) 字，现有 \(text.count) 字，请删减",
            "takes at most \(longest) characters and has \(text.count); shorten it")
    }

    private func textProblems(_ value: JSONValue, _ path: String) -> [FieldProblem] {
        guard let text = value.string else { return problem(path, "field.text", "应为文字", "must be text") }
        if let found = lengthProblem(text, path) { return found }
        if let atLeast, text.count < atLeast {
            return problem(
                path, "field.short", "至少 \(atLeast) 字，现有 \(text.count) 字",
                "needs at least \(atLeast) characters and has \(text.count)")
        }
        return []
    }

    private func numberProblems(_ value: JSONValue, _ path: String) -> [FieldProblem] {
        guard let number = value.integer else {
            return kind == .money
                ? problem(
                    path, "field.money", "不是有效金额，请填写如 300000、300,000.00 或 30万元",
                    "is not a sum; write 300000, 300,000.00 or 30万元")
                : problem(path, "field.number", "应为整数，最多 15 位", "must be a whole number of at most 15 digits")
        }
        if number.magnitude > (kind == .money ? Money.largest.fen : FormField.largestNumber).magnitude {
            return problem(path, "field.large", kind == .money ? "金额过大" : "数字过大", "is too large")
        }
        func shown(_ limit: Int64) -> String { kind == .money ? Money(fen: limit).yuanText + " 元" : String(limit) }
        if let minimum, number < minimum {
            return problem(path, "field.small", "不得小于 \(shown(minimum))", "must be at least \(shown(minimum))")
        }
        if let maximum, number > maximum {
            return problem(path, "field.large", "不得大于 \(shown(maximum))", "must be at most \(shown(maximum))")
        }
        return []
    }

    private func tableProblems(_ value: JSONValue, complete: Bool) -> [FieldProblem] {
        let rows = value.array ?? []
        var found: [FieldProblem] = []
        if complete, required, rows.count < max(1, atLeast ?? 1) {
            found += problem(
                name, "field.rows", "至少填写 \(max(1, atLeast ?? 1)) 行",
                "needs at least \(counted(max(1, atLeast ?? 1), "row"))")
        }
        if let atMost, rows.count > atMost {
            found += problem(name, "field.rows", "最多 \(atMost) 行", "takes at most \(counted(atMost, "row"))")
        }
        for (index, row) in rows.enumerated() {
            for column in columns ?? [] {
                found += column.singleProblems(
                    row[column.name] ?? .null, complete: complete, at: "\(name).\(index).\(column.name)")
            }
        }
        return found
    }

    private func budgetProblems(_ value: JSONValue, complete: Bool, _ all: JSONValue) -> [FieldProblem] {
        var total: Int64 = 0
        var found: [FieldProblem] = []
        for option in options ?? [] {
            let path = "\(name).\(option.value).amount"
            switch value[option.value]?["amount"] ?? .null {
            case .null: break
            case .integer(let fen) where (0...Money.largest.fen).contains(fen): total += fen
            case .integer(let fen) where fen > 0:
                found += problem(path, "field.large", "「\(option.label.zh)」金额过大", "'\(option.label.en)' is too large")
            default:
                found += problem(
                    path, "field.money", "「\(option.label.zh)」不是有效金额", "'\(option.label.en)' is not a sum")
            }
            if let note = value[option.value]?["note"]?.string, note.count > Self.longestLine {
                found += problem(
                    "\(name).\(option.value).note", "field.long",
                    "「\(option.label.zh)」的测算依据最多 \(Self.longestLine) 字，现有 \(note.count) 字，请删减",
                    "how '\(option.label.en)' is worked out takes at most \(Self.longestLine) characters and has "
                        + "\(note.count); shorten it")
            }
        }
        guard found.isEmpty, complete else { return found }
        if total == 0 {
            return required ? problem(name, "field.required", "请填写预算", "fill in the budget") : []
        }
        if let equals, let wanted = all[equals]?.integer, wanted != total {
            found += problem(
                name, "budget.total",
                "各项合计 \(Money(fen: total).yuanText) 元，应等于申请金额 \(Money(fen: wanted).yuanText) 元",
                "adds up to RMB \(Money(fen: total).yuanText), but RMB \(Money(fen: wanted).yuanText) is asked for")
        }
        for option in options ?? [] {
            guard let cap = caps?[option.value], let fen = value[option.value]?["amount"]?.integer else { continue }
            // fen / total > cap / 1000, in whole numbers wide enough for any sum.
            if fen.multipliedFullWidth(by: 1_000) > total.multipliedFullWidth(by: Int64(cap)) {
                found += problem(
                    "\(name).\(option.value).amount", "budget.cap",
                    "「\(option.label.zh)」不得超过总额的 \(FormField.percent(cap))",
                    "'\(option.label.en)' may take at most \(FormField.percent(cap)) of the total")
            }
        }
        return found
    }

    private static func percent(_ perMille: Int) -> String {
        perMille.isMultiple(of: 10) ? "\(perMille / 10)%" : "\(perMille / 10).\(perMille % 10)%"
    }

    func fileProblems(_ count: Int) -> [FieldProblem] {
        let least = required ? max(1, atLeast ?? 1) : 0
        if count < least {
            return problem(
                name, "field.files", "请上传 \(least) 个文件，现有 \(count) 个",
                "needs \(counted(least, "file")) and has \(count)")
        }
        if let atMost, count > atMost {
            return problem(name, "field.files", "最多 \(atMost) 个文件", "takes at most \(counted(atMost, "file"))")
        }
        return []
    }
}
