import Store

/// How long identity numbers (证件号码) are needed: while their person has an open account, a case that goes on, or a bar
/// that must find them again. The time of keeping (`privacy.keep.number`) starts on the day on which that was over.
extension Registry {
    /// Null while the number is needed.
    static let numberTime = Migration(
        id: "2026-11-28-registry-number-time",
        statements: [
            "ALTER TABLE person ADD COLUMN number_needed_until TEXT",
            "CREATE INDEX person_number_needed ON person (number_needed_until, id)",
        ])

    /// SQL of the last day on which the number was needed, over the columns of `person`; null while it is.
    static let numberNeededUntil: SQL = "number_needed_until"

    /// Whether the house needs the number of a row of `person`.
    private static func isInUse(on today: Day) -> SQL {
        """
        (EXISTS (
            SELECT 1 FROM account a WHERE a.person = person.id AND (a.state = 'active' OR EXISTS (
                SELECT 1 FROM case_file c WHERE c.applicant = a.id AND c.holder <> 'nobody')))
        OR EXISTS (
            SELECT 1 FROM registry_bar b LEFT JOIN registry_bar_lifting l ON l.bar = b.id
            WHERE b.subject = person.id AND (b.ends_on IS NULL OR b.ends_on >= \(today))
                AND (l.lifted_on IS NULL OR l.lifted_on > \(today))))
        """
    }

    /// Takes the day off people whose number is needed again.
    static func keepNumbersInUse(on today: Day, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE person SET number_needed_until = NULL
            WHERE number_needed_until IS NOT NULL AND sealed_number IS NOT NULL AND \(isInUse(on: today))
            """)
    }

    /// Notes the day for people whose number is not needed any more.
    /// - Returns: for how many; fewer than the limit once all have it.
    static func noteUnneededNumbers(on today: Day, limit: Int, _ tx: Tx) throws -> Int {
        try tx.run(
            """
            UPDATE person SET number_needed_until = \(today) WHERE id IN (
                SELECT id FROM person
                WHERE sealed_number IS NOT NULL AND number_needed_until IS NULL AND NOT \(isInUse(on: today))
                ORDER BY id LIMIT \(limit))
            """)
    }
}
