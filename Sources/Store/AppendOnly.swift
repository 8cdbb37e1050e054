extension SQL {
    /// Statements that forbid changing and deleting rows of a table, in the database itself; for migrations.
    public static func appendOnly(_ table: String) -> [SQL] {
        let name = SQL(unchecked: table)
        return [
            .only(
                sqlite: """
                    CREATE TRIGGER \(name)_never_updated BEFORE UPDATE ON \(name)
                    BEGIN SELECT RAISE(ABORT, 'append only'); END
                    """,
                postgres: """
                    CREATE FUNCTION \(name)_never_changed() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RAISE EXCEPTION 'append only'; END $$
                    """),
            .only(
                sqlite: """
                    CREATE TRIGGER \(name)_never_deleted BEFORE DELETE ON \(name)
                    BEGIN SELECT RAISE(ABORT, 'append only'); END
                    """,
                postgres: """
                    CREATE TRIGGER \(name)_append_only BEFORE UPDATE OR DELETE ON \(name)
                    FOR EACH ROW EXECUTE FUNCTION \(name)_never_changed()
                    """),
        ]
    }
}
