internal import Foundation
public import Store

/// Something that the public may find.
public struct SearchEntry: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case call, notice, project, guide, entry
    }

    public let kind: Kind
    public let subject: String
    /// Its page.
    public let address: String
    public let title: Bilingual
    /// More words by which it is found.
    public let text: String
    public let day: Day

    public init(kind: Kind, subject: String, address: String, title: Bilingual, text: String, day: Day) {
        self.kind = kind
        self.subject = subject
        self.address = address
        self.title = title
        self.text = text
        self.day = day
    }

    init(row: Row) throws {
        kind = try row["kind"]
        subject = try row["subject"]
        address = try row["address"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        text = ""
        day = try row["day"]
    }
}

/// Finds Chinese substrings and English words alike: text is normalised and cut into tokens here, and the databases
/// index the tokens.
public enum Search {
    public static let migrations = Migrations(
        room: "search",
        steps: [
            Migration(
                id: "2026-11-24-search-entries",
                statements: [
                    """
                    CREATE TABLE search_entry (
                        number BIGINT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, address TEXT NOT NULL,
                        title_zh TEXT NOT NULL, title_en TEXT NOT NULL, day TEXT NOT NULL
                        \(sqlite: "", postgres: ", tokens TSVECTOR NOT NULL"),
                        CONSTRAINT search_entry_kind_subject_key UNIQUE (kind, subject)
                    ) \(sqlite: "", postgres: "")
                    """,
                    .only(
                        sqlite: "CREATE VIRTUAL TABLE search_token USING fts5 (tokens, tokenize = 'unicode61')",
                        postgres: "CREATE INDEX search_entry_tokens ON search_entry USING GIN (tokens)"),
                ])
        ])

    /// The words by which texts are compared: pairs of neighbouring Chinese characters, and words of at least two
    /// letters or digits.
    public static func words(_ text: String) -> Set<String> {
        Tokens.index(text).filter { $0.unicodeScalars.count > 1 }
    }

    /// Forgets all entries, so that they can be made again.
    public static func clear(_ tx: Tx) throws {
        try tx.run("DELETE FROM search_entry")
        if tx.engine == .sqlite { try tx.run("DELETE FROM search_token") }
    }

    /// Adds an entry, or renews the one with its kind and subject.
    public static func index(_ entry: SearchEntry, _ tx: Tx) throws {
        let tokens = Tokens.index("\(entry.title.zh) \(entry.title.en) \(entry.text)").joined(separator: " ")
        let known: Int? = try tx.value(
            "SELECT number FROM search_entry WHERE kind = \(entry.kind) AND subject = \(entry.subject)")
        let number = try known ?? NumberSeries.next("search", tx)
        switch tx.engine {
        case .sqlite:
            try tx.run(
                """
                INSERT INTO search_entry (number, kind, subject, address, title_zh, title_en, day)
                VALUES (\(number), \(entry.kind), \(entry.subject), \(entry.address), \(entry.title.zh),
                    \(entry.title.en), \(entry.day))
                ON CONFLICT (number) DO UPDATE SET address = excluded.address, title_zh = excluded.title_zh,
                    title_en = excluded.title_en, day = excluded.day
                """)
            if known != nil { try tx.run("DELETE FROM search_token WHERE rowid = \(number)") }
            try tx.run("INSERT INTO search_token (rowid, tokens) VALUES (\(number), \(tokens))")
        case .postgres:
            try tx.run(
                """
                INSERT INTO search_entry (number, kind, subject, address, title_zh, title_en, day, tokens)
                VALUES (\(number), \(entry.kind), \(entry.subject), \(entry.address), \(entry.title.zh),
                    \(entry.title.en), \(entry.day), array_to_tsvector(string_to_array(\(tokens), ' ')))
                ON CONFLICT (number) DO UPDATE SET address = excluded.address, title_zh = excluded.title_zh,
                    title_en = excluded.title_en, day = excluded.day, tokens = excluded.tokens
                """)
        }
    }

    /// Entries that hold all the words, newest first.
    /// - Parameter before: the number of the last entry of the page before.
    public static func find(
        _ words: String, kind: SearchEntry.Kind? = nil, before: Int? = nil, limit: Int, _ tx: Tx
    ) throws -> [(number: Int, entry: SearchEntry)] {
        let tokens = Tokens.query(words)
        guard !tokens.isEmpty else { return [] }
        var conditions: [SQL] = []
        if let kind { conditions.append("e.kind = \(kind)") }
        if let before { conditions.append("e.number < \(before)") }
        switch tx.engine {
        case .sqlite:
            // Quoted tokens cannot be read as operators of the query language.
            let match = tokens.map { $0.isPrefix ? "\"\($0.text)\"*" : "\"\($0.text)\"" }.joined(separator: " ")
            conditions.append("e.number IN (SELECT rowid FROM search_token WHERE search_token MATCH \(match))")
        case .postgres:
            let match = tokens.map { "'\($0.text)'" + ($0.isPrefix ? ":*" : "") }.joined(separator: " & ")
            conditions.append("e.tokens @@ \(match)::tsquery")
        }
        return try tx.rows(
            """
            SELECT e.number, e.kind, e.subject, e.address, e.title_zh, e.title_en, e.day FROM search_entry e
            WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY e.number DESC LIMIT \(limit)
            """
        ) { (try $0["number"] as Int, try SearchEntry(row: $0)) }
    }
}

/// Cuts text into tokens: pairs of neighbouring Chinese characters, and words of letters and digits.
enum Tokens {
    struct Term: Hashable {
        let text: String
        let isPrefix: Bool
    }

    /// All tokens of a text: single Chinese characters and pairs, and words.
    static func index(_ text: String) -> Set<String> {
        var tokens: Set<String> = []
        for run in runs(text) {
            if run.isChinese {
                for (index, scalar) in run.scalars.enumerated() {
                    tokens.insert(String(scalar))
                    if index + 1 < run.scalars.count { tokens.insert(pair(run.scalars[index], run.scalars[index + 1])) }
                }
            } else {
                tokens.insert(String(String.UnicodeScalarView(run.scalars)))
            }
        }
        return tokens
    }

    /// What must be there for the words to be found; the last word may be unfinished.
    static func query(_ text: String) -> [Term] {
        var terms: [Term] = []
        for run in runs(String(text.prefix(200))) {
            if run.isChinese {
                if run.scalars.count == 1 { terms.append(Term(text: String(run.scalars[0]), isPrefix: false)) }
                for (left, right) in zip(run.scalars, run.scalars.dropFirst()) {
                    terms.append(Term(text: pair(left, right), isPrefix: false))
                }
            } else {
                terms.append(Term(text: String(String.UnicodeScalarView(run.scalars)), isPrefix: true))
            }
        }
        return terms
    }

    private struct Run {
        var isChinese: Bool
        var scalars: [Unicode.Scalar]
    }

    private static func pair(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> String {
        String(String.UnicodeScalarView([left, right]))
    }

    private static func runs(_ text: String) -> [Run] {
        var runs: [Run] = []
        var open = false
        for scalar in text.precomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
            let isChinese = (0x3400...0x9FFF).contains(scalar.value) || (0x20000...0x3FFFF).contains(scalar.value)
            let isWord = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            guard isChinese || isWord else {
                open = false
                continue
            }
            if open, let last = runs.last, last.isChinese == isChinese {
                runs[runs.count - 1].scalars.append(scalar)
            } else {
                runs.append(Run(isChinese: isChinese, scalars: [scalar]))
                open = true
            }
        }
        return runs
    }
}
