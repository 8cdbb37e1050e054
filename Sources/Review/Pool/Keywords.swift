/// Keywords as people type them.
public enum Keywords {
    private static let marks: Set<Character> = [";", "；", "、", ",", "，", "\n", "\r\n"]

    /// One by one: they stand between semicolons, commas or line ends of either language.
    public static func list(_ text: String) -> [String] {
        text.split { marks.contains($0) }.compactMap { part in
            let word = part.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return word.isEmpty ? nil : word
        }
    }
}
