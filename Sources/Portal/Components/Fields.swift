public import Kernel

/// Single fields of forms: each with label, hint and error, tied together for those who cannot see them.
public enum Fields {
    /// What a field is called and how it behaves.
    public struct Field: Sendable {
        public let name: String
        public let label: String
        public let hint: String?
        public let isRequired: Bool

        public init(_ name: String, _ label: String, hint: String? = nil, required: Bool = true) {
            self.name = name
            self.label = label
            self.hint = hint
            isRequired = required
        }
    }

    /// The problem of a field among those of a form, in the reader's language.
    public static func problem(_ name: String, _ problems: [FieldProblem], _ t: Say) -> String? {
        let found = problems.filter { $0.field == name }
        return found.isEmpty ? nil : found.map { $0.message[t.language] }.joined(separator: " ")
    }

    /// A field of one line.
    /// - Parameter type: the type of HTML: `text`, `date`, `password`, `search`, `email`, `tel`, `number`, `file`.
    public static func input(
        _ field: Field, type: String = "text", value: String = "", problem: String? = nil, autocomplete: String? = nil,
        isWide: Bool = true, _ t: Say
    ) -> HTML {
        wrap(field, problem, t) { described in
            """
            <input id="f-\(field.name)" name="\(field.name)" type="\(type)"\
            \(attribute: "value", type == "file" || type == "password" ? nil : value)\
            \(attribute: "class", isWide ? nil : "short")\(attribute: "aria-describedby", described)\
            \(attribute: "aria-invalid", problem == nil ? nil : "true")\(attribute: "autocomplete", autocomplete)\
            \(attribute: "inputmode", type == "number" ? "numeric" : nil)>
            """
        }
    }

    public static func textarea(
        _ field: Field, value: String = "", rows: Int = 5, most: Int? = nil, problem: String? = nil, _ t: Say
    ) -> HTML {
        wrap(field, problem, t) { described in
            """
            <textarea id="f-\(field.name)" name="\(field.name)" rows="\(rows)"\(attribute: "data-most", most.map(String.init))\
            \(attribute: "aria-describedby", described)\(attribute: "aria-invalid", problem == nil ? nil : "true")>
            \(value)</textarea>
            """
        }
    }

    /// A choice of one out of many.
    /// - Parameter none: what the empty choice is called; filters say "all".
    public static func select(
        _ field: Field, _ options: [(value: String, title: String)], value: String?, problem: String? = nil,
        none: String? = nil, _ t: Say
    ) -> HTML {
        wrap(field, problem, t) { described in
            """
            <select id="f-\(field.name)" name="\(field.name)"\(attribute: "aria-describedby", described)>\
            <option value="">\(none ?? t("请选择", "Choose"))</option>\(each: options, { option in
                "<option value=\"\(option.value)\"\(attribute: "selected", if: option.value == value)>\(option.title)</option>"
            })</select>
            """
        }
    }

    /// Choices of which one (`isMany` false) or several may be taken.
    public static func choices(
        _ field: Field, _ options: [(value: String, title: String)], chosen: [String], isMany: Bool,
        problem: String? = nil, _ t: Say
    ) -> HTML {
        let type = isMany ? "checkbox" : "radio"
        let items = HTML(each: options.enumerated()) { index, option in
            """
            <label class="choice"><input type="\(type)" name="\(field.name)" value="\(option.value)"\
            \(attribute: "id", index == 0 ? "f-\(field.name)" : nil)\(attribute: "checked", if: chosen.contains(option.value))> \(option.title)</label>
            """
        }
        return """
            <fieldset class="field"><legend>\(field.label)\(optional(field, t))</legend>\(hint(field))\(error(field, problem, t))\(items)</fieldset>
            """
    }

    /// One box to tick.
    public static func tick(_ field: Field, isOn: Bool, problem: String? = nil, _ t: Say) -> HTML {
        """
        <div class="field\(problem == nil ? "" : " wrong")">\(error(field, problem, t))<label class="choice"><input type="checkbox" id="f-\(field.name)" \
        name="\(field.name)" value="yes"\(attribute: "checked", if: isOn)> \(field.label)</label>\(hint(field))</div>
        """
    }

    /// A whole form: token first, buttons last.
    public static func form(
        _ url: SafeURL, token: String, isUpload: Bool = false, autosave: SafeURL? = nil, _ body: HTML, buttons: HTML
    ) -> HTML {
        """
        <form method="post" action="\(url)"\(attribute: "enctype", isUpload ? "multipart/form-data" : nil)\
        \(attribute: "data-autosave", autosave?.text) novalidate>\(Parts.hidden([(FormSeal.field, token)]))\(body)\
        <div class="buttons">\(buttons)</div></form>
        """
    }

    /// A button inside a form.
    public static func submit(
        _ title: String, _ kind: Parts.ButtonKind = .primary, name: String? = nil, value: String? = nil
    ) -> HTML {
        "<button class=\"button \(kind.rawValue)\"\(attribute: "name", name)\(attribute: "value", value)>\(title)</button>"
    }

    /// A form that asks for a list, or for what follows from some facts: fields beside each other, sent with GET.
    public static func filters(
        _ url: SafeURL, _ fields: HTML, ask: Bilingual = Bilingual("查询", "Search"), _ t: Say
    ) -> HTML {
        """
        <form method="get" action="\(url)" class="filters" role="search">\(fields)<button class="button secondary">\(t(ask))</button></form>
        """
    }

    private static func wrap(_ field: Field, _ problem: String?, _ t: Say, _ control: (String?) -> HTML) -> HTML {
        let described = [
            field.hint == nil ? nil : "h-\(field.name)", problem == nil ? nil : "e-\(field.name)",
        ].compactMap(\.self).joined(separator: " ")
        return """
            <div class="field\(problem == nil ? "" : " wrong")"><label for="f-\(field.name)">\(field.label)\(optional(field, t))</label>\
            \(hint(field))\(error(field, problem, t))\(control(described.isEmpty ? nil : described))</div>
            """
    }

    private static func optional(_ field: Field, _ t: Say) -> HTML {
        field.isRequired ? .empty : "<span class=\"optional\">\(t("（选填）", " (optional)"))</span>"
    }

    private static func hint(_ field: Field) -> HTML {
        field.hint.map { "<p class=\"hint\" id=\"h-\(field.name)\">\($0)</p>" } ?? .empty
    }

    private static func error(_ field: Field, _ problem: String?, _ t: Say) -> HTML {
        problem.map {
            "<p class=\"error\" id=\"e-\(field.name)\"><span class=\"unseen\">\(t("错误：", "Error: "))</span>\($0)</p>"
        } ?? .empty
    }
}
