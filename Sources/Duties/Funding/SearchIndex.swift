public import Kernel
import Store

extension Funding {
    /// Published calls and projects.
    public var searchSources: [SearchSource] {
        let zone = house.city.zone
        let calls = SearchSource(
            { after, limit, tx in try CallStore.published(after: after.map { ID($0) }, limit: limit, tx) },
            place: \.id.text, entry: { $0.searchEntry })
        let projects = SearchSource(
            { after, limit, tx in
                try tx.rows(
                    """
                    SELECT p.*, c.opened_at FROM project p JOIN case_file c ON c.id = p.case_id
                    WHERE p.case_id > \(after ?? "") ORDER BY p.case_id LIMIT \(limit)
                    """
                ) { (project: try Project(row: $0), day: zone.day(of: try $0["opened_at"] as Instant)) }
            },
            place: { $0.project.id.text }, entry: { $0.project.searchEntry(on: $0.day) })
        return [calls, projects]
    }
}
