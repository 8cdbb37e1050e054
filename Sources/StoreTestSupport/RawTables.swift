import Foundation
public import Store

extension Database {
    /// The tables in which a text or bytes hold one of some words, each with the word: what somebody learns who has the
    /// database, or a backup of it, and no keys.
    public func places(of words: [String]) async throws -> Set<String> {
        try await read { tx in
            var found: Set<String> = []
            for table in try tx.tables() {
                try tx.forEach(SQL(unchecked: "SELECT * FROM \"\(table)\"")) { row in
                    for value in row.values {
                        for word in words where RawTables.holds(value, word) { found.insert("\(table): \(word)") }
                    }
                }
            }
            return found
        }
    }
}

private enum RawTables {
    static func holds(_ value: SQLValue, _ word: String) -> Bool {
        switch value {
        case .text(let text): return text.withCString { strstr($0, word) } != nil
        case .blob(let bytes): return bytes.count >= word.utf8.count && Data(bytes).range(of: Data(word.utf8)) != nil
        default: return false
        }
    }
}
