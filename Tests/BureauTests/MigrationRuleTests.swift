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
        let steps = Services.migrations.flatMap(\.steps)
        let texts = steps.flatMap { step in Engine.allCases.flatMap { Self.texts(step, $0) } }
        let indexes = Self.uniqueIndexes(texts)
        #expect(indexes.count > 8)
        var excused: Set<String> = []
        for step in steps {
            let faults = Self.faults(of: step, beside: indexes)
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
        ("DELETE FROM thing WHERE note = ''", "carries rows over"), ("TRUNCATE thing", "carries rows over"),
        // Behind something that only adds.
        ("ALTER TABLE thing ADD COLUMN a TEXT, DROP COLUMN number", "takes away"),
        ("ALTER TABLE thing ADD COLUMN a TEXT DEFAULT 'x, (y', RENAME COLUMN number TO amount", "renames"),
        ("ALTER TABLE thing ADD COLUMN a NUMERIC(5, 2), ALTER COLUMN note SET NOT NULL", "changes a column"),
        ("ALTER TABLE ONLY thing ADD a TEXT, ADD UNIQUE (note)", "adds a rule"),
        // With a rule of its own.
        ("ALTER TABLE thing ADD COLUMN a TEXT UNIQUE", "adds a rule"),
        ("ALTER TABLE thing ADD COLUMN a TEXT DEFAULT 'x' CHECK (a IN ('x', 'y'))", "adds a rule"),
        ("ALTER TABLE thing ADD COLUMN a TEXT REFERENCES other (id)", "adds a rule"),
        ("CREATE OR REPLACE TRIGGER thing_kept BEFORE DELETE ON thing EXECUTE FUNCTION keep()", "adds a rule"),
        ("CREATE CONSTRAINT TRIGGER thing_whole AFTER INSERT ON thing EXECUTE FUNCTION count()", "adds a rule"),
        // What `ON CONFLICT (number)` stands on.
        ("DROP INDEX thing_number_key", "takes away"), ("DROP INDEX IF EXISTS thing_number_key", "takes away"),
    ]

    @Test("What would break it is found, on either engine", arguments: broken)
    func found(statement: SQL, fault: String) {
        let table: SQL = "CREATE TABLE own (id TEXT PRIMARY KEY)"
        let step = Migration(id: "2026-02-01-test-step", statements: [table, statement])
        #expect(Self.faults(of: step, beside: ["thing_number_key"]) == [fault])
    }

    @Test("What only adds is let through")
    func additions() {
        let step = Migration(
            id: "2026-02-01-test-step",
            statements: [
                "CREATE TABLE own (id TEXT PRIMARY KEY, name TEXT NOT NULL) \(SQL.strict)",
                "CREATE UNIQUE INDEX own_name_key ON own (name)", "INSERT INTO own (id, name) VALUES ('a', 'A')",
                "ALTER TABLE thing ADD COLUMN extra TEXT", "ALTER TABLE thing ADD COLUMN more TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE thing ADD COLUMN first TEXT, ADD COLUMN second TEXT NOT NULL DEFAULT 'a, CHECK (b)'",
                "DROP INDEX thing_note", "CREATE INDEX thing_note ON thing (note, id)", "DROP INDEX own_name_key",
            ] + SQL.appendOnly("own"))
        #expect(Self.faults(of: step, beside: ["own_name_key", "thing_number_key"]).isEmpty)
    }

    /// The statements of a step, each in one line.
    private static func texts(_ step: Migration, _ engine: Engine) -> [String] {
        step.statements.map { statement in
            statement.rendered(for: engine).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
    }

    private static func uniqueIndexes(_ texts: [String]) -> Set<String> {
        Set(texts.compactMap { $0.prefixMatch(of: /CREATE UNIQUE INDEX (\w+)/).map { String($0.1) } })
    }

    /// What a step does that a process of the version before does not survive, or misses.
    /// - Parameter indexes: the unique ones of all steps.
    private static func faults(of step: Migration, beside indexes: Set<String>) -> [String] {
        var found: Set<String> = []
        for engine in Engine.allCases {
            let texts = texts(step, engine)
            // Nobody writes yet into what the step itself makes.
            let own = Set(texts.compactMap { $0.prefixMatch(of: /CREATE TABLE (\w+)/).map { String($0.1) } })
            let others = indexes.subtracting(uniqueIndexes(texts))
            for text in texts { found.formUnion(faults(in: text, own, others)) }
        }
        return found.sorted()
    }

    private static func faults(in text: String, _ own: Set<String>, _ indexes: Set<String>) -> [String] {
        var found: [String] = []
        if text.starts(with: /DROP (TABLE|FUNCTION|VIEW)\b/) { found.append("takes away") }
        if let match = text.prefixMatch(of: /DROP INDEX (?:CONCURRENTLY )?(?:IF EXISTS )?(\w+)/),
            indexes.contains(String(match.1))
        {
            found.append("takes away")
        }
        if let match = text.prefixMatch(of: /ALTER TABLE (?:IF EXISTS )?(?:ONLY )?\w+ (.*)/) {
            found += parts(String(match.1)).flatMap(faults(ofAction:))
        }
        if let match = text.prefixMatch(
            of: /CREATE (?:OR REPLACE )?(?:CONSTRAINT )?(?:UNIQUE INDEX|TRIGGER) .*? ON (\w+)/),
            !own.contains(String(match.1))
        {
            found.append("adds a rule")
        }
        if let match = text.prefixMatch(of: /(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE(?: TABLE)?) (\w+)/),
            !own.contains(String(match.1)) || text.contains(" SELECT ")
        {
            found.append("carries rows over")
        }
        return found
    }

    /// What one of the things does that `ALTER TABLE` does.
    private static func faults(ofAction action: String) -> [String] {
        if action.starts(with: /DROP\b/) { return ["takes away"] }
        if action.starts(with: /RENAME\b/) { return ["renames"] }
        if action.starts(with: /ALTER\b/) { return ["changes a column"] }
        guard action.starts(with: /ADD\b/) else { return [] }
        if action.starts(with: /ADD (CONSTRAINT|CHECK|UNIQUE|FOREIGN|PRIMARY|EXCLUDE)\b/) { return ["adds a rule"] }
        var found: [String] = []
        let words = action.replacing(/'[^']*'/, with: "''")
        if words.contains(/\b(UNIQUE|CHECK|REFERENCES|PRIMARY)\b/) { found.append("adds a rule") }
        if words.contains("NOT NULL"), !words.contains(" DEFAULT ") {
            found.append("adds a column that must be filled")
        }
        return found
    }

    /// The parts of a list, between commas that stand in no brackets and in no text.
    private static func parts(_ text: String) -> [String] {
        var parts = [""]
        var (depth, isQuoted) = (0, false)
        for letter in text {
            if letter == "'" { isQuoted.toggle() }
            if !isQuoted, letter == "(" { depth += 1 }
            if !isQuoted, letter == ")" { depth -= 1 }
            if letter == ",", depth == 0, !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(letter)
            }
        }
        return parts.map { String($0.drop { $0 == " " }) }
    }
}
