import Kernel
import Store
import Testing

@testable import Bureau

/// All letters of a house, read for what they leave open: a value that nobody filled in stands as a dash.
struct LettersRead {
    let templates: Set<String>

    init(_ services: Services) async throws {
        let letters = try await services.house.db.read { tx in
            try tx.rows("SELECT template, body_zh FROM letter") {
                (try $0["template"] as String, try $0["body_zh"] as String)
            }
        }
        for (template, body) in letters {
            let open = body.split(separator: "\n").filter { $0.contains("：—") || $0.contains(" — ") || $0 == "—" }
            #expect(open.isEmpty, "the letter \(template) leaves something open")
        }
        templates = Set(letters.map(\.0))
    }
}
