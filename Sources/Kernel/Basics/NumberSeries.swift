public import Store

/// Numbers without gaps and without doubles, one series a name.
public enum NumberSeries {
    public static let migrations = Migrations(
        room: "numbers",
        steps: [
            Migration(
                id: "2026-11-24-basics-number-series",
                statements: [
                    "CREATE TABLE number_series (name TEXT PRIMARY KEY, last BIGINT NOT NULL) \(SQL.strict)"
                ])
        ])

    /// The next number of a series, from 1; it is taken only if the transaction commits.
    public static func next(_ name: String, _ tx: Tx) throws -> Int {
        let number: Int? = try tx.value(
            """
            INSERT INTO number_series (name, last) VALUES (\(name), 1)
            ON CONFLICT (name) DO UPDATE SET last = number_series.last + 1 RETURNING last
            """)
        guard let number else { throw StoreError.decoding(column: "last", reason: "no number came back") }
        return number
    }
}
