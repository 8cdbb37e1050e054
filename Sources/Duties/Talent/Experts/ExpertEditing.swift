import Kernel
import Portal
import Store

/// Registering a foreign expert and changing an entry.
extension ExpertPages {
    func new(_ visit: Visit) async throws -> Answer { form(visit, nil, nil) }

    func edit(_ visit: Visit) async throws -> Answer {
        let id: ID<ForeignExpert> = try visit.id("id")
        let expert = try await talent.house.db.read { tx in try ForeignExpertStore.find(id, tx) }
        guard let expert else { throw PrivacyError.unknown }
        return form(visit, expert, nil)
    }

    private func form(_ visit: Visit, _ known: ForeignExpert?, _ problem: (any Problem)?) -> Answer {
        let t = visit.say
        let problems = problem?.fields ?? []
        func typed(_ name: String, _ stored: String?) -> String { visit.form[name] ?? stored ?? "" }
        func wrong(_ name: String) -> String? { Fields.problem(name, problems, t) }
        func text(
            _ name: String, _ label: String, _ stored: String? = nil, type: String = "text", required: Bool = false
        )
            -> HTML
        {
            Fields.input(
                .init(name, label, required: required), type: type, value: typed(name, stored), problem: wrong(name), t)
        }
        func choice(
            _ name: String, _ label: String, _ options: [(value: String, title: String)], _ stored: String?
        ) -> HTML {
            Fields.select(
                .init(name, label), options, value: typed(name, stored),
                problem: wrong(name), t)
        }
        let states = ForeignExpert.State.allCases.map { (value: $0.rawValue, title: t($0.title)) }
        let fields: HTML = """
            \(text("name", t("姓名（护照）", "Name as in the passport"), known?.name, required: true))\
            \(choice("country", t("国家或地区", "Country"), talent.house.city.countries.options(t.language), known?.country))\
            \(choice("field", t("领域", "Field"), ExpertField.all.map { (value: $0.code, title: t($0.name)) }, known?.field))\
            \(text("uscc", t("用人单位统一社会信用代码", "Credit code of the employer")))\
            \(text("employer", t("用人单位名称", "Name of the employer"), known?.employer))\
            \(Fields.select(.init("category", t("类别", "Category"), required: false), ["A", "B", "C"].map { ($0, $0) }, value: typed("category", known?.category), problem: wrong("category"), t))\
            \(text("since", t("来华起", "In China since"), known?.since?.description, type: "date"))\
            \(text("permit", t("工作许可号", "Work permit number")))\
            \(choice("state", t("状态", "State"), states, known?.state.rawValue ?? "present"))\
            \(text("passport", t("护照号码（加密保存）", "Passport number, kept sealed")))\
            \(text("birth", t("出生日期（加密保存）", "Date of birth, kept sealed"), type: "date"))\
            \(text("contact", t("联系方式（加密保存）", "Telephone or mail, kept sealed")))\
            \(text("source", t("信息来源", "Where the facts come from"), required: true))
            """
        let address: SafeURL = known.map { "/desk/talent/experts/\($0.id.text)" } ?? "/desk/talent/experts"
        let title =
            known == nil ? Bilingual("登记外国专家", "Register a foreign expert") : Bilingual("修改登记", "Change an entry")
        let body: HTML = """
            <h1>\(t(title))</h1>\(Parts.errors(problems, t))\(Fields.form(address, token: visit.csrfToken, fields, buttons: Fields.submit(t("保存登记", "Save the entry"))))
            """
        return .page(Page(title: title, trail: Self.crumbs, body: body), status: problem?.kind.status ?? 200)
    }

    func save(_ visit: Visit) async throws -> Answer {
        let known: ID<ForeignExpert>? = visit.path("id").isEmpty ? nil : try visit.id("id")
        let house = talent.house
        let uscc = visit.form["uscc"]?.trimmed ?? ""
        let number = visit.form["permit"]?.trimmed ?? ""
        let (before, organisation, foreigner) = try await house.db.read {
            tx -> (ForeignExpert?, Organisation?, String?) in
            let found = try known.flatMap { try ForeignExpertStore.find($0, tx) }
            let place = uscc.isEmpty ? nil : try Registry.organisation(uscc: uscc, tx)
            return (found, place, number.isEmpty ? nil : try BoardStore.foreigner(number: number, tx))
        }
        if known != nil, before == nil { throw PrivacyError.unknown }
        let form = visit.form
        var draft =
            before
            ?? ForeignExpert(id: house.ids.make(), person: house.ids.make(), name: "", country: "", field: "")
        draft.name = form["name"]?.trimmed ?? ""
        draft.country = form["country"] ?? ""
        draft.field = form["field"] ?? ""
        draft.employer = organisation?.name.zh ?? form["employer"]?.trimmed ?? ""
        draft.organisation = organisation?.id ?? before?.organisation
        draft.category = form["category"] ?? ""
        draft.since = form["since"].flatMap(Day.init)
        draft.state = ForeignExpert.State(rawValue: form["state"] ?? "") ?? .present
        draft.foreigner = foreigner ?? before?.foreigner
        var wrong: [FieldProblem] = []
        func miss(_ field: String, _ zh: String, _ en: String) {
            wrong.append(FieldProblem(field: field, code: "expert.\(field)", message: Bilingual(zh, en)))
        }
        if !uscc.isEmpty, organisation == nil {
            miss(
                "uscc", "主体库中没有这个单位，请核对代码，或只填单位名称",
                "No organisation has this credit code; check it, or give the name alone")
        }
        if !(form["since"] ?? "").isEmpty, draft.since == nil {
            miss("since", "来华日期请按 2020-01-31 的格式填写", "In China since: write the day as 2020-01-31")
        }
        if !number.isEmpty, foreigner == nil {
            miss("permit", "没有这个工作许可号", "There is no work permit of this number")
        }
        if ForeignExpert.State(rawValue: form["state"] ?? "") == nil {
            miss("state", "请从列表选择状态", "Choose the state from the list")
        }
        for (name, label) in [
            ("passport", Bilingual("护照号码", "Passport number")), ("contact", Bilingual("联系方式", "Telephone or mail")),
        ] {
            wrong += Words.problems(form[name] ?? "", name, label, isRequired: false, most: 100)
        }
        do {
            let saved = try await talent.experts.save(
                draft, over: known,
                papers: ExpertPapers(
                    passport: form["passport"]?.trimmed ?? "", birth: form["birth"]?.trimmed ?? "",
                    contact: form["contact"]?.trimmed ?? ""), source: form["source"]?.trimmed ?? "",
                found: wrong, by: visit.actor)
            return .redirect("/desk/talent/experts/\(saved.id)")
        } catch let problem as ProcedureError {
            return self.form(visit, before, problem)
        }
    }
}
