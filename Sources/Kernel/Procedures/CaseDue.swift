public import Store

/// The last day of a case: the end of its step's clock, or a day of the case's own where that comes before. Both are
/// kept, so that neither forgets the other when a clock ends, runs on or is moved.
extension CaseStore {
    /// The end of the clock is looked at only beside a day of the case's own: rows of before need none.
    static let ownDay = Migration(
        id: "2026-11-28-procedures-own-day",
        statements: [
            "ALTER TABLE case_file ADD COLUMN clock_on TEXT", "ALTER TABLE case_file ADD COLUMN bound_on TEXT",
        ])

    /// The end of the step's clock. The version before knows the day that counts alone: a row where the three do not
    /// agree was written by it since, and that day is the end of the clock.
    private static let clockEnd: SQL = """
        (CASE WHEN bound_on IS NULL OR due_key <> CASE WHEN clock_on < bound_on THEN clock_on ELSE bound_on END
            THEN due_on ELSE clock_on END)
        """

    /// `due_key` is the due day, or this where there is none, so that one index serves the worklist.
    static let noDay = "9999"

    /// The end of the step's clock alone: no page shows it for changing, so the case's revision stays.
    static func setDue(_ day: Day?, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE case_file SET \(ends(day)) WHERE id = \(id)")
    }

    /// A last day that a case has of its own, such as that of a task from above: it counts where it comes before the
    /// end of the step's clock, or where the step has none. It stays through all steps until it is changed, taken away
    /// with nil, or the case is finished; an outage of the house does not move it.
    public static func bind(_ id: ID<CaseFile>, by day: Day?, _ tx: Tx) throws {
        let key = day?.description ?? noDay
        try tx.run(
            """
            UPDATE case_file SET bound_on = \(day), clock_on = \(clockEnd),
                due_on = CASE WHEN \(clockEnd) < \(key) THEN \(clockEnd) ELSE \(day) END,
                due_key = CASE WHEN \(clockEnd) < \(key) THEN \(clockEnd) ELSE \(key) END
            WHERE id = \(id)
            """)
    }

    /// Sets the end of the step's clock, and with it the day that counts.
    static func ends(_ day: Day?) -> SQL {
        let key = day?.description ?? noDay
        return """
            clock_on = \(day), due_on = CASE WHEN bound_on < \(key) THEN bound_on ELSE \(day) END,
                due_key = CASE WHEN bound_on < \(key) THEN bound_on ELSE \(key) END
            """
    }

    /// The same for a case that is finished, which waits for no day of its own any more.
    static func endsFinally(_ day: Day?) -> SQL {
        "clock_on = \(day), bound_on = NULL, due_on = \(day), due_key = \(day?.description ?? noDay)"
    }
}
