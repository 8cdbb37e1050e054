public import Kernel

extension DraftPages {
    /// Values that the machine suggests for one field of a draft from what stands in the others. Asking keeps what was
    /// typed and saves nothing; choosing one saves the section with it.
    public struct Suggesting: Sendable {
        /// A value that fits, and why.
        public struct Suggestion: Sendable {
            let value: String
            let title: Bilingual
            /// The words that speak for it.
            let because: [String]

            public init(_ value: String, _ title: Bilingual, because: [String]) {
                self.value = value
                self.title = title
                self.because = because
            }
        }

        let field: String
        /// What the button says.
        let ask: Bilingual
        /// What is said where nothing fits.
        let none: Bilingual
        let suggest: @Sendable (_ typed: JSONValue) async throws -> [Suggestion]

        public init(
            _ field: String, ask: Bilingual, none: Bilingual,
            suggest: @escaping @Sendable (_ typed: JSONValue) async throws -> [Suggestion]
        ) {
            self.field = field
            self.ask = ask
            self.none = none
            self.suggest = suggest
        }

        /// The buttons after those that save, so that the return key still saves.
        func buttons(_ found: [Suggestion]?, _ t: Say) -> HTML {
            let ask = Fields.submit(t(ask), .secondary, name: "suggest", value: "yes")
            guard let found else { return ask }
            guard !found.isEmpty else { return "\(ask)<p class=\"suggestions\" role=\"status\">\(t(none))</p>" }
            let items = HTML(each: found) { one in
                """
                <li>\(Fields.submit(t("采用：", "Take: ") + t(one.title), .secondary, name: "suggested", value: one.value)) \
                <span class="hint">\(t("依据：", "Because of: "))\(one.because.joined(separator: t("、", ", ")))</span></li>
                """
            }
            return "\(ask)<ul class=\"suggestions\" role=\"status\">\(items)</ul>"
        }
    }
}
