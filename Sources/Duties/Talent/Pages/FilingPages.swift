import Kernel
import Portal
import Store

/// Filling in a filing, as all drafts are filled in.
struct FilingPages: Sendable {
    let permits: PermitRoom

    private var house: House { permits.house }

    var routes: [Route] { pages.routes }

    private var pages: DraftPages {
        DraftPages(
            base: "/permits/filings", name: "permits.filings", drafts: permits.filings.drafts,
            words: .init(
                submit: Bilingual("确认并提交", "Confirm and submit"),
                warnings: Bilingual("预审时将提出（可先改正）", "The pre-review will raise this; you can mend it now"),
                declaration: Bilingual(
                    "提交即表示：所填内容和材料真实，并对此负责。",
                    "By submitting you state that answers and papers are true and answer for them.")),
            load: { id, visit in try await load(id, visit) },
            check: { id, visit in
                let check = try await self.check(id, visit.actor)
                return DraftPages.Check(blocking: check.blocking, warnings: check.findings)
            })
    }

    private func load(_ id: ID<CaseFile>, _ visit: Visit) async throws -> DraftPages.Draft {
        let (city, vault, procedures) = (house.city, house.vault, house.procedures)
        let (actor, t) = (visit.actor, visit.say)
        return try await house.db.read { tx in
            let filing = try FilingStore.require(id, tx)
            guard filing.applicant == actor.account else { throw PermitError.unknown }
            let file = try CaseStore.require(id, tx)
            let answers = try Drafts.fillable(id, vault: vault, tx)
            let definition = try procedures.definition(of: file)
            return DraftPages.Draft(
                file: file, title: file.title,
                form: FilingForm(city: city).form(filing.kind, definition, answers.content), answers: answers.content,
                revision: answers.revision, files: try DocumentStore.list(of: id, tx),
                findings: try FindingStore.list(of: id, tx), lead: definition.summary,
                notes: [
                    "papers": FilingPanel.list(PaperList(FilingForm.paperFacts(filing.kind, answers.content)), t)
                ])
        }
    }

    /// What the machine says of a filing today.
    func check(_ id: ID<CaseFile>, _ actor: Actor) async throws -> FilingCheck {
        let (city, vault, procedures, today) = (house.city, house.vault, house.procedures, house.today)
        return try await house.db.read { tx in
            guard let file = try CaseStore.find(id, tx), Policy.maySee(actor, file) else { throw PermitError.unknown }
            let filing = try FilingStore.require(id, tx)
            let answers = try CaseStore.answers(id, tx).content.readable(by: vault, or: .data)
            return try FilingCheck(
                try FilingFacts.gather(
                    filing, answers, procedures.definition(of: file), on: today, city: city, vault: vault, tx))
        }
    }
}
