extension Form {
    /// Turns what a browser sent into answers. Values that do not fit their field are kept as typed, so that nothing
    /// is lost and the check can name them.
    /// - Parameters:
    ///   - values: all values of a browser field, in order; table cells are named `table.row.column`, budget cells
    ///     `budget.heading.amount` and `budget.heading.note`.
    ///   - earlier: answers that stay where the section was not sent; and what no key opens or what was erased, which
    ///     no form shows, where nothing is typed in its place.
    public func read(
        section name: String?, from values: (String) -> [String], over earlier: JSONValue = [:]
    ) -> JSONValue {
        var answers = earlier.object ?? [:]
        for section in sections where name == nil || section.name == name {
            for field in section.fields where field.kind != .files {
                answers[field.name] = field.read(values, over: answers[field.name] ?? .null)
            }
        }
        return .object(answers)
    }
}

extension FormField {
    /// Most rows of a table that are read at all.
    static let rowLimit = 200
    /// Largest number, so that sums of any form can be counted.
    static let largestNumber: Int64 = 999_999_999_999_999

    func read(_ values: (String) -> [String], over earlier: JSONValue) -> JSONValue {
        let typed = typed(values, over: earlier)
        return earlier.isWithheld && typed.isNothing ? earlier : typed
    }

    private func typed(_ values: (String) -> [String], over earlier: JSONValue) -> JSONValue {
        switch kind {
        case .choices: return .array(values(name).filter { !$0.isEmpty }.map { .string($0) })
        case .table: return table(values, over: earlier)
        case .budget: return budget(values)
        case .yesNo: return values(name).last == "yes" ? .bool(true) : .bool(false)
        default: return FormField.single(kind, values(name).first ?? "")
        }
    }

    /// One value; text that is no number, sum or day stays text.
    static func single(_ kind: Kind, _ typed: String) -> JSONValue {
        let text = typed.trimmed
        guard !text.isEmpty else { return .null }
        switch kind {
        case .number:
            guard let number = Int64(text.withPlainDigits), number.magnitude <= largestNumber.magnitude else {
                return .string(text)
            }
            return .integer(number)
        case .money: return (try? Money(parsing: text)).map { .integer($0.fen) } ?? .string(text)
        // Browsers send CR LF; one form of a line end keeps hashes and lengths the same everywhere.
        case .longText, .text: return .string(text.replacing("\r\n", with: "\n"))
        default: return .string(text)
        }
    }

    private func table(_ values: (String) -> [String], over earlier: JSONValue) -> JSONValue {
        var rows: [JSONValue] = []
        for index in 0..<min(atMost ?? FormField.rowLimit, FormField.rowLimit) {
            var row: [String: JSONValue] = [:]
            var unseen: [String: JSONValue] = [:]
            for column in columns ?? [] {
                let value = FormField.single(column.kind, values("\(name).\(index).\(column.name)").first ?? "")
                if value != .null {
                    row[column.name] = value
                } else if let cell = earlier[index]?[column.name], cell.isWithheld {
                    unseen[column.name] = cell
                }
            }
            // A row that is emptied goes with what nobody saw of it; one of which nobody saw anything stays.
            let isUnseen = !unseen.isEmpty && unseen.count == earlier[index]?.object?.count
            if !row.isEmpty || isUnseen { rows.append(.object(row.merging(unseen) { typed, _ in typed })) }
        }
        return .array(rows)
    }

    private func budget(_ values: (String) -> [String]) -> JSONValue {
        var headings: [String: JSONValue] = [:]
        for option in options ?? [] {
            let amount = FormField.single(.money, values("\(name).\(option.value).amount").first ?? "")
            let note = FormField.single(.text, values("\(name).\(option.value).note").first ?? "")
            if amount != .null || note != .null { headings[option.value] = ["amount": amount, "note": note] }
        }
        return .object(headings)
    }
}

extension JSONValue {
    /// Whether this is what a field gives in which nothing is typed, chosen or ticked.
    fileprivate var isNothing: Bool {
        switch self {
        case .null: true
        case .bool(let isTicked): !isTicked
        case .array(let items): items.isEmpty
        case .object(let members): members.isEmpty
        default: false
        }
    }
}

extension String {
    /// Full-width digits as plain ones, without thousands separators.
    var withPlainDigits: String {
        var text = ""
        for scalar in unicodeScalars {
            if (0xFF10...0xFF19).contains(scalar.value), let plain = Unicode.Scalar(scalar.value - 0xFF10 + 48) {
                text.unicodeScalars.append(plain)
            } else if scalar != "," && scalar != "，" {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
