import Kernel
import Portal
import Store

extension Services {
    /// Makes the whole search index again from what is stored. Until it ends, searches find less.
    /// - Returns: how many entries there are.
    public func indexAgain() async throws -> Int {
        let db = house.db
        try await db.write { tx in try Search.clear(tx) }
        let notices = SearchSource(
            { after, limit, tx in try NoticeStore.all(after: after.map { ID($0) }, limit: limit, tx) },
            place: \.id.text, entry: { $0.searchEntry })
        let entries = RegisterStore.searchSource(house.registers, house.city.zone)
        var count = 0
        for source in [notices, entries] + duties.flatMap(\.searchSources) { count += try await source.index(into: db) }
        return count
    }
}
