/// A form as data (表单): sections of fields, the same while drafting, at submission, at the check and in audit.
public struct Form: Codable, Hashable, Sendable {
    public var sections: [FormSection]

    public init(sections: [FormSection]) { self.sections = sections }

    /// All fields in order.
    public var fields: [FormField] { sections.flatMap(\.fields) }

    public func field(_ name: String) -> FormField? { fields.first { $0.name == name } }

    /// The fields in which something is kept sealed; of a table some columns may be.
    public var sealedFields: [FormField] {
        fields.filter { $0.kind != .files && ($0.isSealed || !$0.sealedColumns.isEmpty) }
    }

    /// The telephones, mail addresses and other contacts among them, tables with such columns too; what is personal is
    /// not.
    var contactFields: [FormField] { sealedFields.filter { $0.personal != true } }

    /// The same form with the choices that its fields take from lists of the city.
    func filled(from lists: [String: [FormOption]]) -> Form {
        var form = self
        for index in form.sections.indices {
            form.sections[index].fields = form.sections[index].fields.map { $0.filled(from: lists) }
        }
        return form
    }

    /// What is wrong with the definition itself, for whoever writes it.
    public func lint() -> [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
        }
        if sections.isEmpty { add("", "form.empty", "表单至少要有一个部分", "A form needs at least one section") }
        var names: Set<String> = []
        for section in sections {
            if section.title.zh.isEmpty || section.title.en.isEmpty {
                add(
                    section.name, "form.title", "部分「\(section.name)」缺少中文或英文标题",
                    "Section '\(section.name)' lacks a title")
            }
            for field in section.fields {
                if !FormField.isName(field.name) {
                    add(
                        field.name, "form.name", "字段名「\(field.name)」只能用小写字母、数字和连字符，并以字母开头",
                        "The field name '\(field.name)' may use only lower-case letters, digits and hyphens")
                }
                if !names.insert(field.name).inserted {
                    add(
                        field.name, "form.double", "字段名「\(field.name)」重复",
                        "The field name '\(field.name)' is used twice")
                }
                if field.label.zh.isEmpty || field.label.en.isEmpty {
                    add(
                        field.name, "form.label", "字段「\(field.name)」缺少中文或英文名称",
                        "The field '\(field.name)' lacks its Chinese or English label")
                }
                found += field.kindProblems
            }
        }
        return found
    }
}

/// A part of a form that is filled in on one page.
public struct FormSection: Codable, Hashable, Sendable {
    public var name: String
    public var title: Bilingual
    public var hint: Bilingual?
    public var fields: [FormField]

    public init(name: String, title: Bilingual, hint: Bilingual? = nil, fields: [FormField]) {
        self.name = name
        self.title = title
        self.hint = hint
        self.fields = fields
    }
}

/// One choice of a field.
public struct FormOption: Codable, Hashable, Sendable {
    public var value: String
    public var label: Bilingual

    public init(_ value: String, _ label: Bilingual) {
        self.value = value
        self.label = label
    }
}

/// One field of a form.
public struct FormField: Codable, Hashable, Sendable {
    /// What a field takes. Lengths count characters, as people do.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        case text, longText, number, money, day, choice, choices, yesNo, mail, telephone, orcid, uscc, files, table,
            budget
    }

    public var name: String
    public var label: Bilingual
    public var hint: Bilingual?
    public var kind: Kind
    public var required: Bool
    /// Longest text in characters; most rows of a table; most files.
    public var atMost: Int?
    /// Shortest text; fewest rows or files, where the field is required.
    public var atLeast: Int?
    /// Smallest and largest number; fen for money.
    public var minimum: Int64?
    public var maximum: Int64?
    /// Choices; for a budget, its cost headings.
    public var options: [FormOption]?
    /// Columns of a table.
    public var columns: [FormField]?
    /// For a budget: the largest share of the total that a heading may take, in thousandths, by option value.
    public var caps: [String: Int]?
    /// For a budget: the money field that its total must equal.
    public var equals: String?
    /// Media types that a files field takes.
    public var accepts: [String]?
    /// Whether the answer is kept sealed and shown only to those who need it.
    public var personal: Bool?
    /// Whether a text says how somebody is reached, such as a name with a telephone: kept sealed and shown as an answer
    /// of the kinds ``Kind/telephone`` and ``Kind/mail`` is.
    public var contact: Bool?
    /// The register of which a text field names an entry by its number.
    public var register: String?
    /// The list of the city from which the choices are taken, e.g. `divisions`.
    public var list: String?

    public init(
        name: String, label: Bilingual, hint: Bilingual? = nil, kind: Kind, required: Bool = true, atMost: Int? = nil,
        atLeast: Int? = nil, minimum: Int64? = nil, maximum: Int64? = nil, options: [FormOption]? = nil,
        columns: [FormField]? = nil, caps: [String: Int]? = nil, equals: String? = nil, accepts: [String]? = nil,
        personal: Bool? = nil, contact: Bool? = nil, register: String? = nil, list: String? = nil
    ) {
        self.name = name
        self.label = label
        self.hint = hint
        self.kind = kind
        self.required = required
        self.atMost = atMost
        self.atLeast = atLeast
        self.minimum = minimum
        self.maximum = maximum
        self.options = options
        self.columns = columns
        self.caps = caps
        self.equals = equals
        self.accepts = accepts
        self.personal = personal
        self.contact = contact
        self.register = register
        self.list = list
    }

    /// A field is required unless it says otherwise.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        name = try box.decode(String.self, forKey: .name)
        label = try box.decode(Bilingual.self, forKey: .label)
        hint = try box.decodeIfPresent(Bilingual.self, forKey: .hint)
        kind = try box.decode(Kind.self, forKey: .kind)
        required = try box.decodeIfPresent(Bool.self, forKey: .required) ?? true
        atMost = try box.decodeIfPresent(Int.self, forKey: .atMost)
        atLeast = try box.decodeIfPresent(Int.self, forKey: .atLeast)
        minimum = try box.decodeIfPresent(Int64.self, forKey: .minimum)
        maximum = try box.decodeIfPresent(Int64.self, forKey: .maximum)
        options = try box.decodeIfPresent([FormOption].self, forKey: .options)
        columns = try box.decodeIfPresent([FormField].self, forKey: .columns)
        caps = try box.decodeIfPresent([String: Int].self, forKey: .caps)
        equals = try box.decodeIfPresent(String.self, forKey: .equals)
        accepts = try box.decodeIfPresent([String].self, forKey: .accepts)
        personal = try box.decodeIfPresent(Bool.self, forKey: .personal)
        contact = try box.decodeIfPresent(Bool.self, forKey: .contact)
        register = try box.decodeIfPresent(String.self, forKey: .register)
        list = try box.decodeIfPresent(String.self, forKey: .list)
    }

    /// The same field, its choices and those of its columns taken from lists of the city.
    func filled(from lists: [String: [FormOption]]) -> FormField {
        var field = self
        if let list, let found = lists[list] { field.options = found }
        field.columns = columns?.map { $0.filled(from: lists) }
        return field
    }

    /// Whether the answer is kept sealed: what is personal, and every telephone, mail address and other contact.
    public var isSealed: Bool { personal == true || contact == true || kind == .telephone || kind == .mail }

    /// The names of the columns whose cells are kept sealed one by one.
    var sealedColumns: [String] { (columns ?? []).filter(\.isSealed).map(\.name) }

    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (97...122).contains(first), name.utf8.count <= 60 else { return false }
        return name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
    }

    var kindProblems: [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ code: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: name, code: code, message: Bilingual(zh, en)))
        }
        switch kind {
        case .choice, .choices, .budget:
            if (options ?? []).isEmpty {
                add("form.options", "字段「\(name)」需要列出选项", "The field '\(name)' needs its options")
            }
        case .table:
            if (columns ?? []).isEmpty {
                add("form.columns", "表格「\(name)」需要列出各列", "The table '\(name)' needs its columns")
            }
            if (columns ?? []).contains(where: { [.table, .budget, .files, .longText].contains($0.kind) }) {
                add("form.columns", "表格「\(name)」的列只能是简单字段", "The columns of the table '\(name)' must be simple fields")
            }
            if (columns ?? []).contains(where: { $0.personal == true }) {
                add(
                    "form.columns", "表格「\(name)」的列不能标为个人信息，请标在表格上",
                    "The columns of the table '\(name)' may not be personal; mark the table itself")
            }
        default: break
        }
        if contact == true, ![.text, .longText].contains(kind) || personal == true {
            add(
                "form.contact", "字段「\(name)」不是文字，或已标为个人信息，不能再标为联系方式",
                "The field '\(name)' is no text, or personal already, and may not be marked as a contact")
        }
        if let minimum, let maximum, maximum < minimum {
            add("form.range", "字段「\(name)」的最大值小于最小值", "The largest value of '\(name)' is below the smallest")
        }
        return found
    }
}
