public import Kernel

/// Shows forms that are data: to fill in, and to read.
public enum FormView {
    /// The fields of a section with what was typed and what is wrong with it.
    public static func edit(_ section: FormSection, _ answers: JSONValue, _ problems: [FieldProblem], _ t: Say) -> HTML
    {
        HTML(each: section.fields) { field in
            field.kind == .files ? .empty : edit(field, answers[field.name] ?? .null, problems, t)
        }
    }

    /// One field that is not a file.
    public static func edit(_ field: FormField, _ value: JSONValue, _ problems: [FieldProblem], _ t: Say) -> HTML {
        let shown = Fields.Field(field.name, t(field.label), hint: hint(field, value, t), required: field.required)
        let problem = Fields.problem(field.name, problems, t)
        let options = (field.options ?? []).map { ($0.value, t($0.label)) }
        switch field.kind {
        case .longText:
            return Fields.textarea(shown, value: typed(value, field), rows: 8, most: field.longest, problem: problem, t)
        case .choice where options.count > 6:
            return Fields.select(shown, options, value: value.string, problem: problem, t)
        case .choice:
            return Fields.choices(shown, options, chosen: [value.string ?? ""], isMany: false, problem: problem, t)
        case .choices:
            let chosen = (value.array ?? []).compactMap(\.string)
            return Fields.choices(shown, options, chosen: chosen, isMany: true, problem: problem, t)
        case .yesNo: return Fields.tick(shown, isOn: value.bool ?? false, problem: problem, t)
        case .table: return table(field, value, problems, t)
        case .budget: return budget(field, value, problems, t)
        case .files: return .empty
        case .day:
            return Fields.input(shown, type: "date", value: typed(value, field), problem: problem, isWide: false, t)
        case .mail:
            return Fields.input(shown, type: "email", value: typed(value, field), problem: problem, t)
        case .telephone:
            return Fields.input(shown, type: "tel", value: typed(value, field), problem: problem, isWide: false, t)
        case .number, .money:
            return Fields.input(shown, value: typed(value, field), problem: problem, isWide: false, t)
        case .text, .orcid, .uscc: return Fields.input(shown, value: typed(value, field), problem: problem, t)
        }
    }

    private static func hint(_ field: FormField, _ value: JSONValue, _ t: Say) -> String? {
        let isBounded = field.kind == .longText || field.kind == .text && field.atMost != nil
        let length = isBounded ? t("最多 \(field.longest) 字", "at most \(field.longest) characters") : nil
        let parts = [t(field.hint), length, kept(value, t)].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// Where an answer is kept that cannot be shown: what becomes of it.
    private static func kept(_ value: JSONValue, _ t: Say) -> String? {
        guard value.isWithheld else { return nil }
        return t("已填内容已删除或无法解密；留空则原样保留。", "What stood here was erased or cannot be opened. Left empty, it is kept.")
    }

    /// What stands in a field: valid values printed one way, others as they were typed.
    public static func typed(_ value: JSONValue, _ field: FormField) -> String {
        switch value {
        case .integer(let number): field.kind == .money ? Money(fen: number).yuanText : String(number)
        case .string(let text): text
        default: ""
        }
    }

    private static func table(_ field: FormField, _ value: JSONValue, _ problems: [FieldProblem], _ t: Say) -> HTML {
        let rows = value.array ?? []
        let columns = field.columns ?? []
        // Three empty rows are always there, so that rows can be added without any script: save, and more come.
        let count = min((field.atMost ?? 200), rows.count + 3)
        let body = HTML(each: 0..<count) { index in
            let row = index < rows.count ? rows[index] : .null
            let cells = HTML(each: columns) { column in
                let path = "\(field.name).\(index).\(column.name)"
                let problem = Fields.problem(path, problems, t)
                let label = "\(t("第 \(index + 1) 行", "Row \(index + 1)")) \(t(column.label))"
                if column.kind == .choice { return choice(column, path, row[column.name]?.string, label, problem, t) }
                return """
                    <td data-title="\(t(column.label))"><input id="f-\(path)" name="\(path)" value="\(typed(row[column.name] ?? .null, column))" \
                    aria-label="\(label)"\(attribute: "title", row[column.name].flatMap { kept($0, t) })\
                    \(attribute: "aria-invalid", problem == nil ? nil : "true")>\(with: problem, { "<p class=\"error\">\($0)</p>" })</td>
                    """
            }
            return "<tr>\(cells)</tr>"
        }
        let own = Fields.problem(field.name, problems, t)
        return """
            <fieldset class="field" id="f-\(field.name)"><legend>\(t(field.label))</legend>\(with: hint(field, value, t), { "<p class=\"hint\">\($0)</p>" })\
            \(with: own, { "<p class=\"error\">\($0)</p>" })<table class="entry"><thead><tr>\(each: columns, { "<th scope=\"col\">\(t($0.label))</th>" })</tr></thead>\
            <tbody>\(body)</tbody></table><p class="hint">\(t("保存后会出现更多空行。", "Save to get more empty rows."))</p></fieldset>
            """
    }

    private static func choice(
        _ column: FormField, _ path: String, _ chosen: String?, _ label: String, _ problem: String?, _ t: Say
    ) -> HTML {
        """
        <td data-title="\(t(column.label))"><select id="f-\(path)" name="\(path)" aria-label="\(label)"\(attribute: "aria-invalid", problem == nil ? nil : "true")>\
        <option value=""></option>\(each: column.options ?? [], { option in
            "<option value=\"\(option.value)\"\(attribute: "selected", if: option.value == chosen)>\(t(option.label))</option>"
        })</select>\(with: problem, { "<p class=\"error\">\($0)</p>" })</td>
        """
    }

    private static func budget(_ field: FormField, _ value: JSONValue, _ problems: [FieldProblem], _ t: Say) -> HTML {
        let amount = FormField(name: "amount", label: field.label, kind: .money)
        let total = total(field, value)
        let body = HTML(each: field.options ?? []) { option in
            let path = "\(field.name).\(option.value)"
            let problem = Fields.problem("\(path).amount", problems, t)
            let note = Fields.problem("\(path).note", problems, t)
            let cap = field.caps?[option.value].map { " ≤ \($0 / 10)%" }
            return """
                <tr><th scope="row">\(t(option.label))\(with: cap, { "<span class=\"hint\">\($0)</span>" })</th><td data-title="\(t("金额（元）", "Amount (yuan)"))" class="number">\
                <input id="f-\(path).amount" name="\(path).amount" value="\(typed(value[option.value]?["amount"] ?? .null, amount))" \
                aria-label="\(t(option.label)) \(t("金额（元）", "amount in yuan"))"\(attribute: "aria-invalid", problem == nil ? nil : "true")>\
                \(with: problem, { "<p class=\"error\">\($0)</p>" })</td><td data-title="\(t("测算依据", "How it is worked out"))">\
                <input id="f-\(path).note" name="\(path).note" value="\(value[option.value]?["note"]?.string ?? "")" aria-label="\(t(option.label)) \(t("测算依据", "how it is worked out"))"\(attribute: "aria-invalid", note == nil ? nil : "true")>\
                \(with: note, { "<p class=\"error\">\($0)</p>" })</td></tr>
                """
        }
        let own = Fields.problem(field.name, problems, t)
        return """
            <fieldset class="field" id="f-\(field.name)"><legend>\(t(field.label))</legend>\(with: own, { "<p class=\"error\">\($0)</p>" })\
            <table class="entry"><thead><tr><th scope="col">\(t("科目", "Heading"))</th><th scope="col" class="number">\(t("金额（元）", "Amount (yuan)"))</th>\
            <th scope="col">\(t("测算依据", "How it is worked out"))</th></tr></thead><tbody>\(body)</tbody>\
            <tfoot><tr><th scope="row">\(t("合计", "Total"))</th><td class="number">\(total.yuanText)</td><td></td></tr></tfoot></table></fieldset>
            """
    }

    /// The sum of what is valid so far: a draft may hold anything.
    private static func total(_ field: FormField, _ value: JSONValue) -> Money {
        let limit = Money.largest.fen
        let amounts = (field.options ?? []).compactMap { value[$0.value]?["amount"]?.integer }
        return Money.sum(amounts.filter { (-limit...limit).contains($0) }.map(Money.init(fen:)))
    }

    /// The answers of a form, to be read.
    /// - Parameter level: of the sections' headings; 3 inside a titled block.
    public static func read(
        _ form: Form, _ answers: JSONValue, files: [Document] = [], level: Int = 3, _ t: Say
    ) -> HTML {
        HTML(each: form.sections) { section in
            """
            <section class="answers"><h\(level)>\(t(section.title))</h\(level)>\(Parts.facts(section.fields.map { field in
                (t(field.label), read(field, answers[field.name] ?? .null, files, t))
            }))</section>
            """
        }
    }

    private static func read(_ field: FormField, _ value: JSONValue, _ files: [Document], _ t: Say) -> HTML {
        if value.isWithheld { return HTML(text: Withheld.words(in: t.language).text(for: value)) }
        switch field.kind {
        case .files:
            let own = files.filter { $0.field == field.name }
            return own.isEmpty
                ? "—"
                : HTML(each: own) { file in
                    """
                    <p><a href="/documents/\(file.id.text)">\(file.name)</a> <span class="hint">\(FormView.size(file.size))</span>\
                    \(if: !file.isSealed, " <a href=\"/documents/\(file.id.text)/link\">\(t("下载链接", "Link"))<span class=\"unseen\"> \(file.name)</span></a>")</p>
                    """
                }
        case .table:
            let columns = field.columns ?? []
            let rows = (value.array ?? []).map { row in
                columns.map { column -> HTML in
                    let value = row[column.name] ?? .null
                    let chosen = (column.options ?? []).first { $0.value == value.string }
                    return HTML(text: chosen.map { t($0.label) } ?? typed(value, column))
                }
            }
            return Parts.table(t(field.label), columns.map { Parts.Column(t($0.label)) }, rows, empty: "—")
        case .budget:
            var rows = (field.options ?? []).compactMap { option -> [HTML]? in
                guard let fen = value[option.value]?["amount"]?.integer else { return nil }
                return [
                    HTML(text: t(option.label)), HTML(text: Money(fen: fen).yuanText),
                    HTML(text: value[option.value]?["note"]?.string ?? ""),
                ]
            }
            if !rows.isEmpty {
                rows.append([
                    "<strong>\(t("合计", "Total"))</strong>", "<strong>\(total(field, value).yuanText)</strong>", "",
                ])
            }
            let columns = [
                Parts.Column(t("科目", "Heading")), Parts.Column(t("金额（元）", "Amount (yuan)"), numeric: true),
                Parts.Column(t("测算依据", "How it is worked out")),
            ]
            return Parts.table(t(field.label), columns, rows, empty: "—")
        case .choice, .choices:
            let chosen = value.array?.compactMap(\.string) ?? [value.string ?? ""]
            let titles = (field.options ?? []).filter { chosen.contains($0.value) }.map { t($0.label) }
            return HTML(text: titles.isEmpty ? "—" : titles.joined(separator: t("、", ", ")))
        case .yesNo: return HTML(text: value.bool == true ? t("是", "Yes") : t("否", "No"))
        case .longText: return Parts.paragraphs(value.string ?? "—")
        default:
            let text =
                field.kind == .day ? value.string.flatMap { Day($0) }?.text(t.language) ?? "" : typed(value, field)
            return HTML(text: text.isEmpty ? "—" : field.kind == .money ? t("\(text) 元", "RMB \(text)") : text)
        }
    }

    /// A size as people read it.
    public static func size(_ bytes: Int) -> String {
        bytes >= 1 << 20 ? "\(bytes >> 20) MB" : "\(max(1, bytes >> 10)) kB"
    }
}
