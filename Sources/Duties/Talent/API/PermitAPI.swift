import Foundation
import Kernel
import Portal
import Store

/// The JSON API of permits. Actions on a filing go through `/api/v1/cases/{id}/actions/{action}`.
struct PermitAPI: Sendable {
    let permits: PermitRoom

    private var house: House { permits.house }

    var routes: [Route] { permitRoutes + filingRoutes + fileRoutes }

    private static let tag = "permits"

    /// A permit as its employer, its person and the bureau see it.
    private struct Shown: Encodable {
        let permit: Permit
        let name: String
        let number: String
    }

    /// A permit as anyone with its code sees it.
    private struct Verified: Encodable {
        let state: Permit.State
        let number: String
        let name: String
        let employer: Bilingual
        let category: PermitClass
        let post: String
        let startsOn: Day
        let endsOn: Day
        let basis: Permit.Basis
    }

    private var permitRoutes: [Route] {
        [
            Route(
                "api.permits.verify", .get, "/api/v1/permits/verify", access: .everyone,
                summary: Bilingual("许可核验", "Verify a permit"),
                api: APIDescription(
                    tag: Self.tag, query: [.init("code", Bilingual("验证码", "Check code"), required: true)], answer: .any)
            ) { visit in
                let code = visit.query("code") ?? ""
                let found = try await house.db.read { tx -> Verified in
                    guard let permit = try PermitStore.find(checkCode: code, tx),
                        let person = try ForeignerStore.find(permit.foreigner, tx)
                    else { throw PermitError.unknown }
                    let employer = try Registry.organisation(permit.organisation, tx)?.name ?? Bilingual("", "")
                    return Verified(
                        state: permit.state, number: person.number, name: person.name, employer: employer,
                        category: permit.category, post: permit.post, startsOn: permit.startsOn,
                        endsOn: permit.endsOn, basis: permit.basis)
                }
                return .json(found)
            },
            Route(
                "api.permits.list", .get, "/api/v1/permits", access: .signedIn,
                summary: Bilingual("本单位的有效许可", "Valid permits of one's organisations"),
                api: APIDescription(
                    tag: Self.tag, scope: "permits:read", query: APIDescription.Parameter.paging, answer: .listing(.any)
                )
            ) { visit in
                let paging = try visit.paging(values: 2)
                let after = paging.after.flatMap { cursor -> (Day, String)? in
                    guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string
                    else { return nil }
                    return (day, id)
                }
                let organisation = visit.actor.memberships.filter {
                    !$0.roles.isDisjoint(with: [.administrator, .sealHolder, .handler])
                }.map(\.organisation).min { $0.text < $1.text }
                let shown = try await house.db.read { tx -> [Shown] in
                    guard let organisation else { return [] }
                    let list = try PermitStore.list(
                        of: organisation, state: .valid, after: after, limit: paging.limit + 1, tx)
                    let people = try ForeignerStore.list(list.map(\.foreigner), tx)
                    return list.map {
                        Shown(
                            permit: $0, name: people[$0.foreigner]?.name ?? "",
                            number: people[$0.foreigner]?.number ?? "")
                    }
                }
                let page = Array(shown.prefix(paging.limit))
                let next =
                    shown.count > paging.limit
                    ? page.last.map { Cursor([.string($0.permit.endsOn.description), .string($0.permit.id.text)]) }
                    : nil
                return .json(Listing(items: page, next: next))
            },
        ]
    }

    private struct Start: Decodable {
        let kind: FilingKind
        let organisation: String
        let permit: String?
        let parent: String?
    }

    /// A draft with what the machine says of it.
    private struct Draft: Encodable {
        let filing: Filing
        let form: Form
        let answers: JSONValue
        let files: [Document]
        let problems: [FieldProblem]
        let findings: [FindingDraft]
    }

    private var filingRoutes: [Route] {
        [
            Route(
                "api.permits.filings.start", .post, "/api/v1/permits/filings", access: .signedIn,
                summary: Bilingual("新建办件", "Start a filing"),
                api: APIDescription(
                    tag: Self.tag, scope: "permits:write",
                    body: .object([
                        "kind": .oneOf(FilingKind.allCases.map(\.rawValue)), "organisation": .text(format: "uuid"),
                    ]), answer: .any, status: 201)
            ) { visit in
                let wanted = try visit.json(as: Start.self)
                let made = try await permits.filings.start(
                    wanted.kind, organisation: ID(wanted.organisation), permit: wanted.permit.map { ID($0) },
                    parent: wanted.parent.map { ID($0) }, by: visit.actor)
                return .created(made, at: "/api/v1/permits/filings/\(made.caseID)", version: 0)
            },
            Route(
                "api.permits.filings.show", .get, "/api/v1/permits/filings/{id}", access: .signedIn,
                summary: Bilingual("办件", "A filing"),
                api: APIDescription(tag: Self.tag, scope: "permits:read", answer: .any), handler: show),
            Route(
                "api.permits.filings.answers", .put, "/api/v1/permits/filings/{id}/answers", access: .signedIn,
                summary: Bilingual("保存内容", "Save the answers"),
                api: APIDescription(tag: Self.tag, scope: "permits:write", body: .any, answer: .any)
            ) { visit in
                let answers = try visit.json()
                guard answers.object != nil else {
                    throw PlainProblem(
                        .invalid, "body.shape", Bilingual("内容应为 JSON 对象", "The answers are a JSON object"))
                }
                guard let revision = visit.ifMatch.flatMap(Int.init) else { throw VersionProblem.missing }
                let next = try await permits.filings.drafts.replace(
                    try visit.id("id"), answers: answers, expecting: revision, by: visit.actor)
                return .json(["revision": next], version: next)
            },
        ]
    }

    /// The own draft with all answers; others who may see the case get the personal ones hidden.
    private func show(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let (actor, vault, city, procedures) = (visit.actor, house.vault, house.city, house.procedures)
        let check = try await FilingPages(permits: permits).check(id, actor)
        let (draft, revision) = try await house.db.read { tx -> (Draft, Int) in
            let filing = try FilingStore.require(id, tx)
            let kept = try CaseStore.answers(id, tx)
            let answers = kept.content.readable(by: vault, or: .data)
            let form = FilingForm(city: city).form(
                filing.kind, try procedures.definition(of: CaseStore.require(id, tx)), answers)
            let isOwn = filing.applicant == actor.account
            return (
                Draft(
                    filing: filing, form: form,
                    answers: isOwn ? answers : FilingPanel.masked(answers, form),
                    files: try DocumentStore.list(of: id, tx), problems: check.blocking, findings: check.findings),
                kept.revision
            )
        }
        return .json(draft, version: revision)
    }

    private struct Upload: Decodable {
        let name: String
        /// The bytes in base 64.
        let content: String
    }

    private var fileRoutes: [Route] {
        [
            Route(
                "api.permits.filings.attach", .post, "/api/v1/permits/filings/{id}/files/{field}", access: .signedIn,
                summary: Bilingual("上传材料", "Attach a paper"), limits: .uploads(files: 0),
                api: APIDescription(
                    tag: Self.tag, scope: "permits:write", body: .object(["name": .text(), "content": .text()]),
                    answer: .any, status: 201)
            ) { visit in
                let upload = try visit.json(as: Upload.self)
                guard let data = Data(base64Encoded: upload.content) else {
                    throw PlainProblem(
                        .invalid, "body.shape", Bilingual("content 应为 base64", "content must be base 64"),
                        fields: [
                            FieldProblem(
                                field: "content", code: "body.member", message: Bilingual("无法解码", "cannot be decoded"))
                        ])
                }
                let id: ID<CaseFile> = try visit.id("id")
                let made = try await permits.filings.drafts.attach(
                    id, field: visit.path("field"), name: upload.name, bytes: Array(data), by: visit.actor)
                return .created(made, at: "/documents/\(made.id)")
            },
            Route(
                "api.permits.filings.detach", .delete, "/api/v1/permits/filings/{id}/files/{document}",
                access: .signedIn, summary: Bilingual("移除材料", "Take a paper off"),
                api: APIDescription(tag: Self.tag, scope: "permits:write", answer: .any)
            ) { visit in
                try await permits.filings.drafts.detach(
                    try visit.id("document"), from: try visit.id("id"), by: visit.actor)
                return .noContent
            },
        ]
    }
}
