import Funding
import Kernel
import Store

extension Services {
    /// Makes the whole search index again from what is stored. Until it ends, searches find less.
    /// - Returns: how many entries there are.
    public func indexAgain() async throws -> Int {
        let db = house.db
        try await db.write { tx in try Search.clear(tx) }
        var count = 0
        var notice: ID<Notice>?
        while true {
            let last = notice
            let notices = try await db.write { tx in
                let notices = try NoticeStore.all(after: last, limit: 500, tx)
                for one in notices { try Search.index(one.searchEntry, tx) }
                return notices.map(\.id)
            }
            count += notices.count
            guard let end = notices.last else { break }
            notice = end
        }
        return try await count + funding.indexAgain()
    }
}
