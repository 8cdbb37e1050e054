import Kernel
import Portal
import Store

/// The officers' desk of permits: all filings by step, and personal data on request.
struct PermitDesk: Sendable {
    let permits: PermitRoom

    private var house: House { permits.house }

    var routes: [Route] {
        [
            Route(
                "desk.permits", .get, "/desk/permits", access: .roles([.officer, .leader, .auditor]),
                summary: Bilingual("工作许可办件", "Permit filings"), handler: list),
            Route(
                "desk.permits.reveal", .post, "/desk/permits/{id}/reveal", access: .roles([.officer, .leader]),
                summary: Bilingual("查看护照信息", "See passport data"), handler: reveal),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let step = visit.query("step").flatMap { $0.isEmpty ? nil : $0 }
        let before = visit.query("before")
        let found = try await house.db.read { tx in try FilingStore.at(step, before: before, limit: 51, tx) }
        let shown = Array(found.prefix(50))
        let next: SafeURL? =
            found.count > 50 ? shown.last.map { "/desk/permits?step=\(step ?? "")&before=\($0.caseID.text)" } : nil
        let steps = try house.procedures.newest(FilingKind.extension.rawValue).steps.map { ($0.id, t($0.title)) }
        let body: HTML = """
            <h1>\(t("工作许可办件", "Permit filings"))</h1>\
            \(Fields.filters("/desk/permits", Fields.select(.init("step", t("环节", "Step")), steps, value: step, t), t))\
            \(FilingTable.html(shown, house, t))\(Parts.pager(next: next, first: before == nil ? nil : "/desk/permits?step=\(step ?? "")", t))
            """
        return .page(
            Page(
                title: Bilingual("工作许可办件", "Permit filings"), trail: ExpertPages.crumbs, width: .desk, body: body))
    }

    /// Shows the sealed answers of a case and writes down who looked, and why.
    private func reveal(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let reason = visit.form["reason"] ?? ""
        try Words.check(reason, "reason", Bilingual("查看理由", "Reason to look"))
        let (actor, now, vault, procedures, city) = (
            visit.actor, house.clock.now(), house.vault, house.procedures, house.city
        )
        let t = visit.say
        let (file, shown) = try await house.db.write { tx -> (CaseFile, [(Bilingual, String)]) in
            let file = try CaseStore.require(id, tx)
            let filing = try FilingStore.require(id, tx)
            let kept = try CaseStore.answers(id, tx).content
            let answers = kept.readable(by: vault, or: .words(in: t.language))
            let form = FilingForm(city: city).form(filing.kind, try procedures.definition(of: file), answers)
            let fields = form.fields.filter { $0.personal == true && $0.kind != .files }
            try Record.append(
                Event(
                    room: "talent", kind: "personal.shown", subjectKind: "case", subject: id.text, caseID: id,
                    actor: actor, at: now,
                    content: [
                        "reason": .string(reason), "fields": .array(fields.map { .string($0.name) }),
                    ]), tx)
            try Personal.note(
                Personal.Look(
                    person: ID(filing.foreigner?.text ?? ""), name: filing.name, kind: "answers", content: id.text,
                    reason: reason, caseID: id), by: actor, at: now, tx)
            return (file, fields.map { ($0.label, answers[$0.name]?.string ?? "—") })
        }
        let body: HTML = """
            <h1>\(t("护照信息", "Passport data"))</h1><p class="lead">\(file.number)</p>\
            \(Parts.card(nil, Parts.facts(shown.map { (t($0.0), "<code>\($0.1)</code>") })))\
            <p>\(t("本次查看已记录。", "This look was written down."))</p>
            """
        return .page(
            Page(
                title: Bilingual("护照信息", "Passport data"),
                trail: [Crumb(Bilingual("办件", "Case"), "/cases/\(id)")], body: body))
    }
}
