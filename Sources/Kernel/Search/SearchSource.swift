public import Store

/// Something of which there are search entries, read through whole when the index is made again.
public struct SearchSource: Sendable {
    /// The entries after a place, in the order of places, and the place of the last; empty at the end.
    let block: @Sendable (_ after: String?, _ limit: Int, Tx) throws -> (entries: [SearchEntry], last: String?)

    /// - Parameter read: the next of these things after a place, in the order of places.
    public init<Thing: Sendable>(
        _ read: @escaping @Sendable (_ after: String?, _ limit: Int, Tx) throws -> [Thing],
        place: @escaping @Sendable (Thing) -> String, entry: @escaping @Sendable (Thing) -> SearchEntry?
    ) {
        block = { after, limit, tx in
            let things = try read(after, limit, tx)
            return (things.compactMap(entry), things.last.map(place))
        }
    }

    /// How many things are read in one transaction.
    private static let size = 500

    /// Makes the entries again, a block a transaction.
    /// - Returns: how many there are.
    public func index(into db: Database) async throws -> Int {
        var (count, place) = (0, String?.none)
        repeat {
            let after = place
            let (made, last) = try await db.write { tx in
                let (entries, last) = try block(after, Self.size, tx)
                for entry in entries { try Search.index(entry, tx) }
                return (entries.count, last)
            }
            count += made
            place = last
        } while place != nil
        return count
    }
}
