import Kernel
import Store

/// What the letters of permits are filled with.
struct PermitLetters: Sendable {
    let city: Jurisdiction
    let vault: Vault

    func values(_ context: ActionContext, _ tx: Tx) throws -> [String: Bilingual] {
        let filing = try FilingStore.require(context.file.id, tx)
        let organisation = try Registry.organisation(filing.organisation, tx)
        let same = { (text: String) in Bilingual(text, text) }
        var values: [String: Bilingual] = [
            "organisation": organisation?.name ?? same("—"), "number": same(filing.number),
            "procedure": try context.procedures.definition(of: context.file).title,
            "time": same(city.zone.clockText(context.now)), "day": context.day.bilingual,
            "hash": same(filing.contentHash ?? ""), "filed-on": (filing.filedOn ?? context.day).bilingual,
            "name": same(filing.name), "action": context.action.title, "verify": same("/verify/permit"),
        ]
        for (name, parameter) in [
            ("notice-by", "pre-review.days"), ("correct-by", "correction.days"), ("statutory-by", "decision.days"),
            ("promise-by", "decision.promise"), ("appeal-by", "appeal.days"),
        ] {
            let period = try city.rules.period("talent.permit.\(parameter)", on: context.day)
            values[name] = try period.end(after: context.day, city.calendar).bilingual
        }
        let open = try FindingStore.list(of: filing.caseID, tx).filter { $0.state == .open }
        values["findings"] = FindingStore.lines(open)
        for name in ["reason", "remedy"] {
            guard let zh = context.answers["\(name)-zh"]?.string else { continue }
            values[name == "reason" ? "reasons" : name] = Bilingual(zh, context.answers["\(name)-en"]?.string ?? zh)
        }
        if let parent = try filing.parent.flatMap({ try FilingStore.find($0, tx) }) {
            values["parent"] = same(parent.number)
        }
        try permit(filing, &values, tx)
        try visit(filing, &values, tx)
        return values
    }

    private func permit(_ filing: Filing, _ values: inout [String: Bilingual], _ tx: Tx) throws {
        guard let permit = try filing.permit.flatMap({ try PermitStore.find($0, tx) }),
            let person = try ForeignerStore.find(permit.foreigner, tx)
        else { return }
        values["name"] = Bilingual(person.name, person.name)
        values["permit-number"] = Bilingual(person.number, person.number)
        values["category"] = permit.category.title
        values["post"] = Bilingual(written: permit.post)
        values["from"] = permit.startsOn.bilingual
        values["to"] = permit.endsOn.bilingual
        values["code"] = Bilingual(permit.checkCode, permit.checkCode)
    }

    private func visit(_ filing: Filing, _ values: inout [String: Bilingual], _ tx: Tx) throws {
        guard filing.kind == .rVisa || filing.kind == .invitation else { return }
        let answers = try Drafts.answers(filing.caseID, vault: vault, tx).content
        values["nationality"] = answers["nationality"]?.string.flatMap { city.countries[$0]?.name }
        values["from"] = answers["stay-from"]?.string.flatMap { Day($0)?.bilingual }
        values["to"] = answers["stay-to"]?.string.flatMap { Day($0)?.bilingual }
        values["duties"] = answers["duties"]?.string.map { Bilingual($0, $0) }
    }
}
