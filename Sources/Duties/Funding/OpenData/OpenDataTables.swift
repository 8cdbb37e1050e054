import Store

/// What was published stays as it was published: both tables refuse changes in the database itself.
enum OpenDataTables {
    static let migrations = Migrations(
        room: "open-data",
        steps: [
            Migration(
                id: "2026-11-26-open-data",
                statements: [
                    // A grant of 360Giving as it stood from a day on, or a release of OCDS with the day of its package.
                    """
                    CREATE TABLE open_item (
                        kind TEXT NOT NULL CONSTRAINT open_item_kind_check CHECK (kind IN ('grant', 'release')),
                        id TEXT NOT NULL, day TEXT NOT NULL, process TEXT NOT NULL, project TEXT NOT NULL,
                        at BIGINT NOT NULL, term TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
                        PRIMARY KEY (kind, id, day)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX open_item_day ON open_item (kind, day, process, at, id)",
                    "CREATE INDEX open_item_process ON open_item (kind, process, at, id)",
                    "CREATE INDEX open_item_project ON open_item (kind, project, at)",
                    """
                    CREATE TABLE open_package (
                        day TEXT NOT NULL, kind TEXT NOT NULL CONSTRAINT open_package_kind_check
                            CHECK (kind IN ('360giving', 'ocds-releases', 'ocds-records')),
                        items BIGINT NOT NULL, bytes BIGINT NOT NULL, sha256 TEXT NOT NULL, made_at BIGINT NOT NULL,
                        PRIMARY KEY (day, kind)
                    ) \(SQL.strict)
                    """,
                ] + SQL.appendOnly("open_item") + SQL.appendOnly("open_package"))
        ])
}
