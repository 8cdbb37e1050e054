import Store

/// The tables of conflicts: ties and aliases of experts, who takes part in which item, and the kept pairs that no
/// assignment may have.
enum ConflictTables {
    static let migration = Migration(
        id: "2026-11-26-review-conflicts",
        statements: ties + pairs + [contests, contestsByRound] + triggers)

    private static let ties: [SQL] = [
        "ALTER TABLE review_round ADD COLUMN windows TEXT",
        // How experts are shared out; null for the public draw.
        "ALTER TABLE review_round ADD COLUMN mode TEXT",
        // What an expert works on: keywords in either language, titles.
        """
        CREATE TABLE expert_text (
            expert TEXT NOT NULL REFERENCES expert (id), kind TEXT NOT NULL
                CONSTRAINT expert_text_kind_check CHECK (kind IN ('keyword', 'title')),
            text TEXT NOT NULL, PRIMARY KEY (expert, kind, text)
        ) \(SQL.strict)
        """,
        """
        CREATE TABLE expert_tie (
            id TEXT PRIMARY KEY, expert TEXT NOT NULL REFERENCES expert (id), kind TEXT NOT NULL,
            subject TEXT NOT NULL, from_day TEXT, to_day TEXT, source TEXT NOT NULL, recorded_by TEXT NOT NULL,
            recorded_at BIGINT NOT NULL
        ) \(SQL.strict)
        """,
        "CREATE INDEX expert_tie_expert ON expert_tie (expert, id)",
        "CREATE INDEX expert_tie_subject ON expert_tie (subject, expert)",
        // Another identity that may be the same human being; whether it is proved changes nothing for conflicts.
        """
        CREATE TABLE expert_alias (
            expert TEXT NOT NULL REFERENCES expert (id), person TEXT NOT NULL, source TEXT NOT NULL,
            is_verified \(SQL.boolean) NOT NULL, recorded_by TEXT NOT NULL, recorded_at BIGINT NOT NULL,
            PRIMARY KEY (expert, person)
        ) \(SQL.strict)
        """,
        "CREATE INDEX expert_alias_person ON expert_alias (person, expert)",
    ]

    private static let pairs: [SQL] = [
        """
        CREATE TABLE review_party (
            round TEXT NOT NULL REFERENCES review_round (id), party TEXT NOT NULL, role TEXT NOT NULL,
            item TEXT NOT NULL, PRIMARY KEY (round, party, role, item)
        ) \(SQL.strict)
        """,
        // An empty item stands for every item of the round.
        """
        CREATE TABLE review_conflict (
            round TEXT NOT NULL REFERENCES review_round (id), expert TEXT NOT NULL, item TEXT NOT NULL,
            kind TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL
                CONSTRAINT review_conflict_state_check CHECK (state IN ('stands', 'lifted', 'ended')),
            from_day TEXT, until_day TEXT, source TEXT NOT NULL, note TEXT NOT NULL, author TEXT NOT NULL,
            found_at BIGINT NOT NULL, PRIMARY KEY (round, expert, item, kind, subject)
        ) \(SQL.strict)
        """,
        "CREATE INDEX review_conflict_item ON review_conflict (round, item, expert, kind, subject)",
    ]

    private static let contests: SQL = """
        CREATE TABLE review_contest (
            id TEXT PRIMARY KEY, round TEXT NOT NULL REFERENCES review_round (id), expert TEXT NOT NULL,
            item TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, statement TEXT NOT NULL,
            filed_by TEXT NOT NULL, filed_name TEXT NOT NULL, filed_at BIGINT NOT NULL, state TEXT NOT NULL
                CONSTRAINT review_contest_state_check CHECK (state IN ('open', 'lifted', 'upheld')),
            ruling TEXT, ruled_by TEXT, ruled_name TEXT, ruled_at BIGINT,
            CONSTRAINT review_contest_people_check CHECK (ruled_by IS NULL OR ruled_by <> filed_by)
        ) \(SQL.strict)
        """
    private static let contestsByRound: SQL = "CREATE INDEX review_contest_round ON review_contest (round, id)"

    /// An assignment that is asked for, worked on or handed in needs a pair without a conflict, and a conflict can only
    /// be kept once nobody works on its pair any more.
    private static let triggers: [SQL] = [
        .only(
            sqlite: """
                CREATE TRIGGER review_assignment_free_insert BEFORE INSERT ON review_assignment
                WHEN NEW.state IN ('invited', 'accepted', 'submitted') AND EXISTS (
                    SELECT 1 FROM review_conflict c WHERE c.round = NEW.round AND c.expert = NEW.expert
                    AND c.item IN (NEW.item, '') AND c.state = 'stands')
                BEGIN SELECT RAISE(ABORT, 'conflict of interest'); END
                """,
            postgres: """
                CREATE FUNCTION review_assignment_free() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.state IN ('invited', 'accepted', 'submitted') AND EXISTS (
                        SELECT 1 FROM review_conflict c WHERE c.round = NEW.round AND c.expert = NEW.expert
                        AND c.item IN (NEW.item, '') AND c.state = 'stands')
                    THEN RAISE EXCEPTION 'conflict of interest'; END IF;
                    RETURN NEW;
                END $$
                """),
        .only(
            sqlite: """
                CREATE TRIGGER review_assignment_free_update
                BEFORE UPDATE OF state, expert, item, round ON review_assignment
                WHEN NEW.state IN ('invited', 'accepted', 'submitted') AND EXISTS (
                    SELECT 1 FROM review_conflict c WHERE c.round = NEW.round AND c.expert = NEW.expert
                    AND c.item IN (NEW.item, '') AND c.state = 'stands')
                BEGIN SELECT RAISE(ABORT, 'conflict of interest'); END
                """,
            postgres: """
                CREATE TRIGGER review_assignment_free_of_conflict
                BEFORE INSERT OR UPDATE OF state, expert, item, round ON review_assignment
                FOR EACH ROW EXECUTE FUNCTION review_assignment_free()
                """),
        .only(
            sqlite: """
                CREATE TRIGGER review_conflict_unworked_insert BEFORE INSERT ON review_conflict
                WHEN NEW.state = 'stands' AND EXISTS (
                    SELECT 1 FROM review_assignment a WHERE a.expert = NEW.expert AND a.state IN ('invited', 'accepted')
                    AND a.round = NEW.round AND NEW.item IN (a.item, ''))
                BEGIN SELECT RAISE(ABORT, 'recuse the expert first'); END
                """,
            postgres: """
                CREATE FUNCTION review_conflict_unworked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.state = 'stands' AND EXISTS (
                        SELECT 1 FROM review_assignment a WHERE a.expert = NEW.expert
                        AND a.state IN ('invited', 'accepted') AND a.round = NEW.round AND NEW.item IN (a.item, ''))
                    THEN RAISE EXCEPTION 'recuse the expert first'; END IF;
                    RETURN NEW;
                END $$
                """),
        .only(
            sqlite: """
                CREATE TRIGGER review_conflict_unworked_update BEFORE UPDATE OF state ON review_conflict
                WHEN NEW.state = 'stands' AND EXISTS (
                    SELECT 1 FROM review_assignment a WHERE a.expert = NEW.expert AND a.state IN ('invited', 'accepted')
                    AND a.round = NEW.round AND NEW.item IN (a.item, ''))
                BEGIN SELECT RAISE(ABORT, 'recuse the expert first'); END
                """,
            postgres: """
                CREATE TRIGGER review_conflict_unworked
                BEFORE INSERT OR UPDATE OF state ON review_conflict
                FOR EACH ROW EXECUTE FUNCTION review_conflict_unworked()
                """),
    ]
}
