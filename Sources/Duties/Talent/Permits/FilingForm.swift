import Kernel

/// The form of a filing: what its procedure asks, lists of the world and the city, and the papers it needs.
struct FilingForm: Sendable {
    let city: Jurisdiction

    /// - Throws: ``ProcedureError/unknownProcedure(_:)``.
    func form(_ kind: FilingKind, _ definition: ProcedureDefinition, _ answers: JSONValue) -> Form {
        var form = definition.form ?? Form(sections: [])
        let countries = city.countries.all.map { FormOption($0.alpha3, $0.name) }
        let districts = city.districts.map { FormOption($0.code, $0.name) }
        for section in form.sections.indices {
            for index in form.sections[section].fields.indices {
                switch form.sections[section].fields[index].name {
                case "nationality", "degree-country", "criminal-country":
                    form.sections[section].fields[index].options = countries
                case "district": form.sections[section].fields[index].options = districts
                default: break
                }
            }
            // A city without districts does not ask for one.
            if districts.isEmpty { form.sections[section].fields.removeAll { $0.name == "district" } }
        }
        let papers = PaperList(Self.paperFacts(kind, answers)).papers
        if !papers.isEmpty { form.sections.append(section(papers)) }
        return form
    }

    private func section(_ papers: [Paper]) -> FormSection {
        FormSection(
            name: "papers", title: Bilingual("材料", "Papers"),
            hint: Bilingual(
                "按类别、国家和情形计算；只收 PDF，照片为 JPG；译文可由单位自译并盖章。",
                "Computed from category, country and situation. PDF only, the photo a JPG; translations of your own, sealed, are accepted."
            ),
            fields: papers.flatMap { paper -> [FormField] in
                var fields = [
                    FormField(
                        name: paper.field, label: paper.title,
                        hint: paper.isPhoto ? Bilingual("JPG", "JPG") : Bilingual("PDF", "PDF"), kind: .files,
                        required: false, atMost: 5, accepts: [paper.isPhoto ? "image/jpeg" : "application/pdf"],
                        personal: paper.isPersonal)
                ]
                if paper.ages != nil {
                    fields.append(
                        FormField(
                            name: paper.issuedField,
                            label: Bilingual("\(paper.title.zh)：出具日期", "\(paper.title.en): day of issue"), kind: .day,
                            required: false))
                }
                return fields
            })
    }

    /// Reads what decides on papers out of the answers.
    static func paperFacts(_ kind: FilingKind, _ answers: JSONValue) -> PaperFacts {
        var facts = PaperFacts(kind: kind)
        func text(_ name: String) -> String { answers[name]?.string ?? "" }
        facts.category = PermitClass(rawValue: text("category"))
        facts.route = text("route")
        facts.degreeCountry = text("degree-country")
        facts.degreeProof = PaperFacts.DegreeProof(rawValue: text("degree-proof"))
        facts.changesEmployer = text("domestic-case") == "change-employer"
        facts.commits = answers["commitment"]?.bool == true
        facts.isPosting = text("contract-kind") == "posting"
        facts.hasDependants = (answers["dependants"]?.integer ?? 0) > 0
        facts.hasSectorApproval = text("approval") == "given"
        facts.purpose = text("purpose")
        facts.changes = Set((answers["what"]?.array ?? []).compactMap(\.string))
        facts.cause = text("cause")
        return facts
    }
}
