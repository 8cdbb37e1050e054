import Kernel
import Portal
import Store

/// The JSON API of procedures and registers that are data. Actions go through `/api/v1/cases/{id}/actions/{action}`.
struct RoomAPI: Sendable {
    let house: House
    private let filings: Filings

    init(house: House) {
        self.house = house
        filings = Filings(house)
    }

    var routes: [Route] { caseRoutes + registerRoutes }

    /// What a client sends to open a case.
    private struct Opening: Decodable {
        let organisation: String?
        let entry: String?
        let parent: String?
    }

    private var caseRoutes: [Route] {
        [
            Route(
                "api.procedures.list", .get, "/api/v1/procedures", access: .everyone,
                summary: Bilingual("公开事项", "Public procedures"),
                api: APIDescription(tag: "procedures", answer: .array(.any))
            ) { _ in .json(house.procedures.current.filter(\.isPublic)) },
            Route(
                "api.procedures.cases", .get, "/api/v1/procedures/{id}/cases", access: RoomPages.staff,
                summary: Bilingual("一个事项的办件（按显示字段筛选）", "Cases of a procedure, filtered by its shown fields"),
                api: APIDescription(
                    tag: "procedures", scope: "desk:read",
                    query: [
                        .init("step", Bilingual("环节", "Step")),
                        .init("before", Bilingual("在此办件之前", "Before this case")),
                    ], answer: .array(.any)), handler: cases),
            Route(
                "api.procedures.open", .post, "/api/v1/procedures/{id}/cases", access: .signedIn,
                summary: Bilingual("新建办件", "Open a case"),
                api: APIDescription(
                    tag: "procedures", scope: "cases:write",
                    body: .object(
                        ["organisation": .text(), "entry": .text(), "parent": .text()],
                        optional: ["organisation", "entry", "parent"]), answer: .any, status: 201), handler: open),
            Route(
                "api.cases.answers", .put, "/api/v1/cases/{id}/answers", access: .signedIn,
                summary: Bilingual("保存草稿内容", "Save the answers of a draft"),
                api: APIDescription(tag: "cases", scope: "cases:write", body: .any, answer: .any), handler: save),
        ]
    }

    private func cases(_ visit: Visit) async throws -> Answer {
        let definition = try house.procedures.newest(visit.path("id"))
        guard definition.filing != nil else { throw RequestProblem.nothingHere }
        let filter = ProcedureDesk.filter(definition, visit.actor) { visit.query($0) }
        let before: ID<CaseFile>? = visit.query("before").map { ID($0) }
        return .json(
            try await house.db.read { tx in try CaseLists.list(filter, before: before, limit: 100, tx) })
    }

    private func open(_ visit: Visit) async throws -> Answer {
        let sent = try visit.json(as: Opening.self)
        let file = try await filings.start(
            visit.path("id"),
            Filings.Start(
                organisation: sent.organisation.map { ID($0) }, entry: sent.entry ?? "", parent: sent.parent ?? ""),
            by: visit.actor)
        return .created(file, at: "/api/v1/cases/\(file.id)")
    }

    private func save(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let revision = try await filings.drafts.replace(
            id, answers: try visit.json(), expecting: visit.ifMatch.flatMap(Int.init) ?? 0, by: visit.actor)
        return .json(["revision": revision], version: revision)
    }

    private var registerRoutes: [Route] {
        [
            Route(
                "api.registers.list", .get, "/api/v1/registers/{id}/entries", access: .everyone,
                summary: Bilingual("名册条目（f-字段 筛选）", "Entries of a register, filtered by f-FIELD"),
                api: APIDescription(
                    tag: "registers",
                    query: [
                        .init("state", Bilingual("状态", "State")), .init("name", Bilingual("名称开头", "Name begins with")),
                        .init("before", Bilingual("在此编号之前", "Before this number")),
                    ], answer: .array(.any)), handler: entries),
            Route(
                "api.registers.show", .get, "/api/v1/registers/{id}/entries/{number}", access: .everyone,
                summary: Bilingual("名册条目", "An entry of a register"),
                api: APIDescription(tag: "registers", answer: .any), handler: entry),
        ]
    }

    /// An entry as the caller may see it.
    private struct Shown: Encodable {
        let number: String
        let name: String
        let state: String
        let values: JSONValue
        var figures: [String: [String: Int64]]?

        init(_ entry: RegisterEntry, _ form: Form, figures: [String: [String: Int64]]? = nil) {
            number = entry.number
            name = entry.name
            state = entry.state
            let names = Set(form.fields.map(\.name))
            values = .object((entry.content.object ?? [:]).filter { names.contains($0.key) })
            self.figures = figures
        }
    }

    private func entries(_ visit: Visit) async throws -> Answer {
        let (definition, isStaff) = try RegisterPages(house: house).register(visit)
        let filter = RegisterPages.filter(definition, isStaff: isStaff) { visit.query($0) }
        let before = visit.query("before")
        let form = definition.form(isStaff: isStaff)
        let found = try await house.db.read { tx in
            try RegisterStore.list(definition.id, filter, before: before, limit: 100, tx)
        }
        return .json(found.map { Shown($0, form) })
    }

    private func entry(_ visit: Visit) async throws -> Answer {
        let (definition, isStaff) = try RegisterPages(house: house).register(visit)
        let number = visit.path("number")
        let form = definition.form(isStaff: isStaff)
        let shown = try await house.db.read { tx in
            let entry = try RegisterStore.require(definition.id, number, tx)
            return Shown(entry, form, figures: try RegisterStore.figures(of: entry.id, tx))
        }
        return .json(shown)
    }
}
