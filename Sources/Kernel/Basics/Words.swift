/// Checks of single texts that people type beside a form: reasons, notes, opinions.
public enum Words {
    /// Refuses a text that is missing where it is wanted, or too long, by the name of its field.
    /// - Parameter most: characters, as people count them.
    /// - Throws: a ``PlainProblem`` of kind `invalid` with the field.
    public static func check(
        _ text: String, _ field: String, _ label: Bilingual, isRequired: Bool = true, most: Int = 1_000
    ) throws(PlainProblem) {
        guard let found = problem(text, field, label, isRequired: isRequired, most: most) else { return }
        throw PlainProblem(.invalid, found.code, found.message, fields: [found])
    }

    /// What ``check(_:_:_:isRequired:most:)`` would refuse, to be told together with what is wrong beside it; nil where
    /// the text is right.
    public static func problem(
        _ text: String, _ field: String, _ label: Bilingual, isRequired: Bool = true, most: Int = 1_000
    ) -> FieldProblem? {
        if isRequired, text.allSatisfy(\.isWhitespace) {
            let message = Bilingual("「\(label.zh)」必填", "\(label.en): is required")
            return FieldProblem(field: field, code: "field.required", message: message)
        }
        guard text.count > most else { return nil }
        let message = Bilingual(
            "「\(label.zh)」最多 \(most) 字，现有 \(text.count) 字，请删减",
            "\(label.en): takes at most \(most) characters and has \(text.count); shorten it")
        return FieldProblem(field: field, code: "field.long", message: message)
    }

    /// The same as a list: one problem, or none.
    public static func problems(
        _ text: String, _ field: String, _ label: Bilingual, isRequired: Bool = true, most: Int = 1_000
    ) -> [FieldProblem] {
        problem(text, field, label, isRequired: isRequired, most: most).map { [$0] } ?? []
    }
}
