public import Kernel
public import Store

/// A past work as its expert tells of it.
public struct ExpertWork: Hashable, Sendable {
    public let id: ID<ExpertWork>
    public let title: String
    /// Empty where none was given.
    public let abstract: String

    init(row: Row) throws {
        id = try row["id"]
        title = try row["title"]
        abstract = try row["abstract"]
    }
}

/// Keywords, titles and abstracts of experts, from which their affinity to applications is made.
public enum ExpertTexts {
    /// Most texts of one kind for an expert, and characters in each.
    public static let most = 50
    public static let longest = 300
    /// Characters in an abstract.
    public static let longestAbstract = 3_000

    /// Texts by expert; titles and abstracts of works are among the titles. Two queries.
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
        try tx.forEach("SELECT expert, title, abstract FROM expert_work ORDER BY expert, id") { row in
            let texts: [String] = [try row["title"], try row["abstract"]]
            found[try row["expert"], default: ([], [])].titles += texts.filter { !$0.isEmpty }
        }
        return found
    }

    /// Keywords and titles of one expert.
    public static func find(_ expert: ID<Expert>, _ tx: Tx) throws -> (keywords: [String], titles: [String]) {
        var found: (keywords: [String], titles: [String]) = ([], [])
        try tx.forEach("SELECT kind, text FROM expert_text WHERE expert = \(expert) ORDER BY kind, text") { row in
            let kind: String = try row["kind"]
            if kind == "keyword" {
                found.keywords.append(try row["text"])
            } else {
                found.titles.append(try row["text"])
            }
        }
        return found
    }

    /// Works of one expert, the newest first.
    public static func works(of expert: ID<Expert>, _ tx: Tx) throws -> [ExpertWork] {
        try tx.rows(
            "SELECT * FROM expert_work WHERE expert = \(expert) ORDER BY id DESC LIMIT \(most)", ExpertWork.init(row:))
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

    /// Adds a work.
    public static func add(
        _ id: ID<ExpertWork>, title: String, abstract: String, to expert: ID<Expert>, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO expert_work (id, expert, title, abstract, added_at)
            VALUES (\(id), \(expert), \(title), \(abstract), \(now))
            """)
    }
}
