import Bureau
import Testing

@testable import Store

/// Processes of the version before go on while a step runs and after it: a version only adds, and the one after it may
/// take away. See docs/development.md.
@Suite("Steps of the schema")
struct MigrationRuleTests {
    /// From before upgrades that nobody notices. A step that takes away comes here too, with the version since which
    /// nobody touches what it takes.
    private static let former: Set<String> = [
        "2026-11-25-record-tree", "2026-11-26-funding-bars", "2026-11-26-import-books", "2026-11-26-ledger-months",
        "2026-11-26-review-conflicts", "2026-11-27-funding-recoveries",
    ]

    @Test("No step takes from a running process of the version before what it stands on")
    func steps() {
        var excused: Set<String> = []
        for step in Services.migrations.flatMap(\.steps) {
            let faults = Self.faults(of: step)
            if !faults.isEmpty, Self.former.contains(step.id) {
                excused.insert(step.id)
            } else {
                #expect(faults == [], "\(step.id)")
            }
        }
        #expect(excused == Self.former, "who needs no excuse has none")
    }

    static let broken: [(SQL, String)] = [
        ("DROP TABLE thing", "takes away"),
        ("ALTER TABLE thing DROP COLUMN number", "takes away"),
        ("ALTER TABLE thing RENAME COLUMN number TO amount", "renames"),
        ("ALTER TABLE thing RENAME TO item", "renames"),
        ("ALTER TABLE thing ALTER COLUMN note SET NOT NULL", "changes a column"),
        ("ALTER TABLE thing ADD CONSTRAINT thing_note_check CHECK (note <> '')", "adds a rule"),
        ("ALTER TABLE thing ADD COLUMN share BIGINT\n    NOT NULL", "adds a column that must be filled"),
        ("CREATE UNIQUE INDEX thing_note_key ON thing (note)", "adds a rule"),
        ("CREATE TRIGGER thing_kept BEFORE DELETE ON thing BEGIN SELECT 1; END", "adds a rule"),
        (.only(sqlite: "SELECT 1", postgres: "UPDATE thing SET share = number"), "carries rows over"),
        ("INSERT INTO own (id) SELECT id FROM thing", "carries rows over"),
        ("DELETE FROM thing WHERE note = ''", "carries rows over"),
    ]

    @Test("What would break it is found, on either engine", arguments: broken)
    func found(statement: SQL, fault: String) {
        let table: SQL = "CREATE TABLE own (id TEXT PRIMARY KEY)"
        let step = Migration(id: "2026-02-01-test-step", statements: [table, statement])
        #expect(Self.faults(of: step) == [fault])
    }

    @Test("What only adds is let through")
    func additions() {
        let step = Migration(
            id: "2026-02-01-test-step",
            statements: [
                "CREATE TABLE own (id TEXT PRIMARY KEY, name TEXT NOT NULL) \(SQL.strict)",
                "CREATE UNIQUE INDEX own_name_key ON own (name)", "INSERT INTO own (id, name) VALUES ('a', 'A')",
                "ALTER TABLE thing ADD COLUMN extra TEXT", "ALTER TABLE thing ADD COLUMN more TEXT NOT NULL DEFAULT ''",
                "DROP INDEX thing_note", "CREATE INDEX thing_note ON thing (note, id)",
            ] + SQL.appendOnly("own"))
        #expect(Self.faults(of: step).isEmpty)
    }

    /// What a step does that a process of the version before does not survive, or misses.
    private static func faults(of step: Migration) -> [String] {
        var found: Set<String> = []
        for engine in Engine.allCases {
            let texts = step.statements.map { statement in
                statement.rendered(for: engine).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
            // Nobody writes yet into what the step itself makes.
            let own = Set(texts.compactMap { $0.prefixMatch(of: /CREATE TABLE (\w+)/).map { String($0.1) } })
            for text in texts { found.formUnion(faults(in: text, own)) }
        }
        return found.sorted()
    }

    private static func faults(in text: String, _ own: Set<String>) -> [String] {
        var found: [String] = []
        if text.starts(with: /DROP (TABLE|FUNCTION|VIEW)\b/) || text.starts(with: /ALTER TABLE \w+ DROP\b/) {
            found.append("takes away")
        }
        if text.starts(with: /ALTER TABLE \w+ RENAME\b/) { found.append("renames") }
        if text.starts(with: /ALTER TABLE \w+ ALTER\b/) { found.append("changes a column") }
        if text.starts(with: /ALTER TABLE \w+ ADD (CONSTRAINT|CHECK|UNIQUE|FOREIGN|PRIMARY)\b/) {
            found.append("adds a rule")
        }
        if text.starts(with: /ALTER TABLE \w+ ADD COLUMN .*NOT NULL/), !text.contains(" DEFAULT ") {
            found.append("adds a column that must be filled")
        }
        if let match = text.prefixMatch(of: /CREATE (UNIQUE INDEX|TRIGGER) .*? ON (\w+)/),
            !own.contains(String(match.2))
        {
            found.append("adds a rule")
        }
        if let match = text.prefixMatch(of: /(INSERT INTO|UPDATE|DELETE FROM) (\w+)/),
            !own.contains(String(match.2)) || text.contains(" SELECT ")
        {
            found.append("carries rows over")
        }
        return found
    }
}
