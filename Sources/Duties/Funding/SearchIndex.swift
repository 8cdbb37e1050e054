import Kernel
import Store

extension Funding {
    /// How many entries are made in one transaction.
    private static let block = 500

    /// Makes the search entries of all published calls and projects again, a block a transaction.
    /// - Returns: how many there are.
    public func indexAgain() async throws -> Int {
        var count = 0
        var call: ID<Call>?
        while true {
            let last = call
            let calls = try await house.db.write { tx in
                let calls = try CallStore.published(after: last, limit: Funding.block, tx)
                for one in calls { try Search.index(one.searchEntry, tx) }
                return calls.map(\.id)
            }
            count += calls.count
            guard let end = calls.last else { break }
            call = end
        }
        var project: ID<CaseFile>?
        let zone = house.city.zone
        while true {
            let last = project
            let projects = try await house.db.write { tx -> [ID<CaseFile>] in
                let edge: SQL = last.map { "WHERE p.case_id > \($0)" } ?? ""
                let rows = try tx.rows(
                    """
                    SELECT p.*, c.opened_at FROM project p JOIN case_file c ON c.id = p.case_id \(edge)
                    ORDER BY p.case_id LIMIT \(Funding.block)
                    """
                ) { (try Project(row: $0), zone.day(of: try $0["opened_at"] as Instant)) }
                for (one, day) in rows { try Search.index(one.searchEntry(on: day), tx) }
                return rows.map(\.0.id)
            }
            count += projects.count
            guard let end = projects.last else { break }
            project = end
        }
        return count
    }
}
