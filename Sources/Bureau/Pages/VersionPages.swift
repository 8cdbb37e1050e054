import Kernel
import Portal
import Store

/// New versions of procedures: what differs, what would become of each running case, and moving them.
struct VersionPages: Sendable {
    let house: House

    private static let access: RouteAccess = .roles([.systemAdministrator, .leader])

    var routes: [Route] {
        [
            Route(
                "procedures.versions", .get, "/admin/procedures", access: Self.access,
                summary: Bilingual("事项版本", "Versions of procedures"), handler: list),
            Route(
                "procedures.version", .get, "/admin/procedures/{id}", access: Self.access,
                summary: Bilingual("版本比较与试算", "Compare versions, and look what would happen"), handler: show),
            Route(
                "procedures.migrate", .post, "/admin/procedures/{id}/migrate", access: Self.access,
                summary: Bilingual("迁移在办件", "Move running cases"), handler: migrate),
        ]
    }

    private static let crumb = Crumb(Bilingual("事项版本", "Versions of procedures"), "/admin/procedures")
    /// Most cases that one request moves; the page says what is left.
    private static let batch = 500

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let running = try await house.db.read { tx in try ProcedureVersions.running(tx) }
        let rows = house.procedures.current.map { definition -> [HTML] in
            let own = running.filter { $0.procedure == definition.id }
            let old = own.filter { $0.version < definition.version }.reduce(0) { $0 + $1.count }
            return [
                "<a href=\"/admin/procedures/\(definition.id)\">\(t(definition.title))</a>",
                HTML(text: String(definition.version)), HTML(text: String(own.reduce(0) { $0 + $1.count })),
                old == 0 ? "0" : Parts.badge(String(old), .warning),
            ]
        }
        let table = Parts.table(
            t(Self.crumb.title),
            [
                .init(t("事项", "Procedure")), .init(t("现行版本", "Version"), numeric: true),
                .init(t("在办", "Running"), numeric: true), .init(t("旧版在办", "On an old version"), numeric: true),
            ], rows, empty: "—")
        return .page(
            Page(
                title: Self.crumb.title, trail: [.administration], width: .desk,
                body: "<h1>\(t(Self.crumb.title))</h1>\(table)"))
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let versions = ProcedureVersions(house.procedures)
        let all = versions.versions(visit.path("id"))
        guard let newest = all.last else { throw RequestProblem.nothingHere }
        let after: ID<CaseFile>? = visit.query("after").map { ID($0) }
        let passages = try await house.db.read { tx in try versions.passages(newest.id, after: after, limit: 101, tx) }
        let shown = passages.prefix(100)
        let comparisons = HTML(each: zip(all, all.dropFirst())) { old, new in
            let lines = HTML(each: ProcedureVersions.differences(old, new)) { "<li>\(t($0))</li>" }
            return Parts.card(
                t("第 \(old.version) 版与第 \(new.version) 版", "Version \(old.version) and version \(new.version)"),
                "<ul>\(lines)</ul>")
        }
        let rows = shown.map { passage -> [HTML] in
            let from = (try? house.procedures.step(of: passage.file))?.title
            let target = passage.step.flatMap { newest.step($0)?.title }
            let missing = passage.missing.compactMap { newest.form?.field($0).map { t($0.label) } }
            return [
                "<a href=\"/cases/\(passage.file.id.text)\">\(passage.file.number)</a>",
                HTML(text: t(from) ?? passage.file.step),
                target.map { HTML(text: t($0)) } ?? Parts.badge(t("没有对应环节，保持不变", "no step for it: it stays"), .bad),
                HTML(text: missing.isEmpty ? "—" : missing.joined(separator: t("、", ", "))),
            ]
        }
        let table = Parts.table(
            t("试算", "What would happen"),
            [
                .init(t("办件", "Case")), .init(t("现处环节", "Stands at")), .init(t("迁移后", "Would stand at")),
                .init(t("未填的新字段", "New fields without an answer")),
            ], rows, empty: "<p>\(t("没有旧版本的在办件。", "No case runs on an old version."))</p>")
        let next: SafeURL? =
            passages.count > 100
            ? shown.last.map { "/admin/procedures/\(newest.id)?after=\($0.file.id.text)" } : nil
        let can = shown.contains { $0.step != nil }
        let body: HTML = """
            <h1>\(t(newest.title))</h1>\(comparisons)\(Parts.card(t("试算", "What would happen"), "\(table)\(Parts.pager(next: next, first: nil, t))"))\
            \(if: can, Parts.post("/admin/procedures/\(newest.id)/migrate", t("迁移有对应环节的办件", "Move the cases that have a step"), token: visit.csrfToken, .primary))
            """
        return .page(Page(title: newest.title, trail: [.administration, Self.crumb], width: .desk, body: body))
    }

    private func migrate(_ visit: Visit) async throws -> Answer {
        let newest = try house.procedures.newest(visit.path("id"))
        let moved = try await Self.migrate(newest.id, by: visit.actor, house, most: Self.batch)
        let t = visit.say
        let left = HTML(each: moved.left) { "<li>\($0)</li>" }
        let body: HTML = """
            <h1>\(t("已迁移 \(moved.count) 件", "\(counted(moved.count, "case")) moved"))</h1>\
            \(if: !moved.left.isEmpty, Parts.notice(.warning, t("没有对应环节、保持不变的办件", "Left as they were, for want of a step"), "<ul>\(left)</ul>"))\
            <p><a href="/admin/procedures/\(newest.id)">\(t("返回", "Back"))</a></p>
            """
        return .page(Page(title: newest.title, trail: [.administration, Self.crumb], body: body))
    }

    /// Moves what can be moved, each case in a transaction of its own.
    /// - Returns: how many were moved, and the numbers of those that were left.
    static func migrate(
        _ id: String, by actor: Actor, _ house: House, most: Int
    ) async throws -> (count: Int, left: [String]) {
        let versions = ProcedureVersions(house.procedures)
        var (count, left): (Int, [String]) = (0, [])
        var after: ID<CaseFile>?
        while count < most {
            let edge = after
            let passages = try await house.db.read { tx in try versions.passages(id, after: edge, limit: 100, tx) }
            guard let last = passages.last else { break }
            after = last.file.id
            for passage in passages {
                guard passage.step != nil else {
                    left.append(passage.file.number)
                    continue
                }
                let now = house.clock.now()
                try await house.db.write { tx in try versions.migrate(passage.file.id, as: actor, at: now, tx) }
                count += 1
            }
        }
        return (count, left)
    }
}
