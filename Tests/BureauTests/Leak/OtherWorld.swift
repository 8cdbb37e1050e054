import Kernel
import Store

/// The same world with other secrets: other reviewers with other scores and opinions, another content of the rival's
/// application, another tip, further declarations of conflict, other sealed numbers.
enum OtherWorld {
    /// Guests of whom none may know any of what is changed.
    static let unknowing = [
        "everyone", "stranger", "owner", "owner's organisation", "owner's colleague", "idle expert",
    ]

    static func change(_ tx: Tx) throws {
        try exchangeReviewers(tx)
        try tx.run(
            """
            UPDATE review_assignment SET total = total - 13, verdict = 'reject', answers = '{}'
            WHERE state = 'submitted' AND item IN (SELECT case_id FROM application WHERE step = 'review')
            """)
        for (old, new) in [("Qzrivalplan", "另一个方案，写得长得多"), ("Qztipfacts", "别的事实")] {
            try tx.run("UPDATE case_answers SET content = replace(content, \(old), \(new))")
        }
        let rivals: SQL =
            "(SELECT case_id FROM application WHERE applicant = (SELECT id FROM account WHERE login = 'rival'))"
        try tx.run(
            """
            UPDATE application SET title_zh = '另一个题目', title_en = 'Another title', requested_fen = requested_fen + 100,
                investigator_name = 'Another' WHERE case_id IN \(rivals)
            """)
        try tx.run("UPDATE case_file SET title_zh = '另一个题目', title_en = 'Another' WHERE id IN \(rivals)")
        try exchangeTelephones(rivals, tx)
        try tx.run(
            """
            UPDATE case_file SET title_zh = '另一件事' WHERE procedure IN ('integrity.tip', 'publicity.objection')
            """)
        for table in ["person", "account"] {
            let name = SQL(unchecked: table)
            try tx.run("UPDATE \(name) SET name = 'Other' WHERE name IN ('Qztipauthor', 'Qzrivalname')")
        }
        try tx.run("UPDATE person SET sealed_number = NULL, number_mark = NULL WHERE name = 'Other'")
        try tx.run(
            """
            INSERT INTO expert_relation (expert, subject, note, declared_at)
            SELECT MIN(id), (SELECT person FROM account WHERE login = 'applicant'), 'colleague', 1 FROM expert
            """)
        try tx.run(
            """
            INSERT INTO review_panel_note (id, round, item, author, author_name, note, at)
            SELECT '0190aaaa-0000-7000-8000-000000000099', round, item, 'a', 'A', 'a note of the panel', 1
            FROM review_item WHERE item IN (SELECT case_id FROM application WHERE step = 'review')
            ORDER BY item LIMIT 1
            """)
    }

    /// The telephones of some cases, which lie sealed, become another one.
    private static func exchangeTelephones(_ cases: SQL, _ tx: Tx) throws {
        let sealed = Digest.hex(try Vault(key: [UInt8](repeating: 7, count: 32)).seal("\"0755-80000000\""))
        let rows = try tx.rows("SELECT case_id, content FROM case_answers WHERE case_id IN \(cases)") {
            (id: try $0["case_id"] as String, answers: try $0["content"] as JSONValue)
        }
        for row in rows {
            guard var members = row.answers.object, members["telephone"]?.isSealed == true else { continue }
            members["telephone"] = ["sealed": .string(sealed)]
            let content = JSONValue.object(members)
            try tx.run("UPDATE case_answers SET content = \(content) WHERE case_id = \(row.id)")
        }
    }

    /// The same world before anybody was given an application that is under review.
    static func unassign(_ tx: Tx) throws {
        try tx.run(
            """
            DELETE FROM review_assignment WHERE item IN (SELECT case_id FROM application WHERE step = 'review')
            """)
    }

    /// Every assignment under review goes to an expert who had none for that item, and no conflict with it either.
    private static func exchangeReviewers(_ tx: Tx) throws {
        let assignments = try tx.rows(
            """
            SELECT id, item, expert FROM review_assignment
            WHERE item IN (SELECT case_id FROM application WHERE step = 'review') ORDER BY id
            """
        ) { (id: try $0["id"] as String, item: try $0["item"] as String, expert: try $0["expert"] as String) }
        let experts = try tx.rows("SELECT id FROM expert ORDER BY id") { try $0["id"] as String }
        var taken: [String: Set<String>] = [:]
        for one in assignments { taken[one.item, default: []].insert(one.expert) }
        for row in try tx.rows("SELECT item, expert FROM review_conflict") {
            taken[try row["item"], default: []].insert(try row["expert"])
        }
        for one in assignments {
            guard let next = experts.first(where: { taken[one.item]?.contains($0) == false }) else { continue }
            taken[one.item]?.insert(next)
            try tx.run("UPDATE review_assignment SET expert = \(next) WHERE id = \(one.id)")
        }
    }
}
