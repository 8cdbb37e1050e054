/// One row of an answer; columns are asked for by name.
public struct Row: Sendable {
    let columns: [String: Int]
    /// All values in the order of the answer.
    public let values: [SQLValue]

    /// Reads a column.
    /// - Throws: ``StoreError/decoding(column:reason:)`` when there is no such column or it holds another kind.
    public subscript<T: SQLConvertible>(_ column: String) -> T {
        get throws {
            guard let index = columns[column] else {
                throw StoreError.decoding(column: column, reason: "no such column")
            }
            do {
                return try T(sqlValue: values[index])
            } catch {
                throw StoreError.decoding(column: column, reason: "\(error)")
            }
        }
    }
}
