public import Kernel
public import Store

/// Keywords and titles of experts, from which their affinity to applications is made.
public enum ExpertTexts {
    /// Most texts of one kind for an expert, and characters in each.
    static let most = 50
    static let longest = 300

    /// Texts by expert. One query.
    public static func all(_ tx: Tx) throws -> [ID<Expert>: (keywords: [String], titles: [String])] {
        var found: [ID<Expert>: (keywords: [String], titles: [String])] = [:]
        try tx.forEach("SELECT expert, kind, text FROM expert_text ORDER BY expert, kind, text") { row in
            let kind: String = try row["kind"]
            let expert: ID<Expert> = try row["expert"]
            if kind == "keyword" {
                found[expert, default: ([], [])].keywords.append(try row["text"])
            } else {
                found[expert, default: ([], [])].titles.append(try row["text"])
            }
        }
        return found
    }

    /// Replaces what an expert works on.
    public static func set(keywords: [String], titles: [String], of expert: ID<Expert>, _ tx: Tx) throws {
        try tx.run("DELETE FROM expert_text WHERE expert = \(expert)")
        for (kind, texts) in [("keyword", keywords), ("title", titles)] {
            let cleaned = texts.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            for text in Set(cleaned.filter { !$0.isEmpty }.map { String($0.prefix(longest)) }).sorted().prefix(most) {
                try tx.run("INSERT INTO expert_text (expert, kind, text) VALUES (\(expert), \(kind), \(text))")
            }
        }
    }
}
