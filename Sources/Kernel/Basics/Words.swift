/// Checks of single texts that people type beside a form: reasons, notes, opinions.
public enum Words {
    /// Refuses a text that is missing where it is wanted, or too long, by the name of its field.
    /// - Parameter most: characters, as people count them.
    /// - Throws: a ``PlainProblem`` of kind `invalid` with the field.
    public static func check(
        _ text: String, _ field: String, _ label: Bilingual, isRequired: Bool = true, most: Int = 1_000
    ) throws(PlainProblem) {
        let isBlank = text.allSatisfy(\.isWhitespace)
        let message: Bilingual
        if isRequired, isBlank {
            message = Bilingual("「\(label.zh)」必填", "\(label.en): is required")
        } else if text.count > most {
            message = Bilingual(
                "「\(label.zh)」最多 \(most) 字，现有 \(text.count) 字，请删减",
                "\(label.en): takes at most \(most) characters and has \(text.count); shorten it")
        } else {
            return
        }
        let code = isRequired && isBlank ? "field.required" : "field.long"
        throw PlainProblem(
            .invalid, code, message, fields: [FieldProblem(field: field, code: code, message: message)])
    }
}
