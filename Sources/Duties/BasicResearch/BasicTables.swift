import Store

/// The tables of this room; laboratories and instruments are registers.
enum BasicTables {
    static let migrations = Migrations(
        room: "basic-research",
        steps: [
            Migration(
                id: "2026-11-26-basic-bookings",
                statements: [
                    // Hours of an instrument that are given to somebody.
                    """
                    CREATE TABLE basic_booking (
                        case_id TEXT PRIMARY KEY, entry TEXT NOT NULL, day TEXT NOT NULL, from_hour BIGINT NOT NULL,
                        to_hour BIGINT NOT NULL, is_given \(SQL.boolean) NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX basic_booking_entry ON basic_booking (entry, day, is_given)",
                ])
        ])
}
