import Kernel
import Portal
import Store

/// Lists for other departments: only the fields that the recipient may have, each one logged with its purpose. Who may
/// have what is dated data: parameters named `talent.export.…` with their document.
struct DepartmentExports: Sendable {
    let talent: Talent

    init(_ talent: Talent) { self.talent = talent }

    private var house: House { talent.house }

    var routes: [Route] {
        [
            Route(
                "talent.exports", .get, "/desk/talent/exports", access: ExpertPages.staff,
                summary: Bilingual("向其他部门提供名册", "Lists for other departments"), handler: page),
            Route(
                "talent.exports.make", .post, "/desk/talent/exports", access: .roles([.officer]),
                summary: Bilingual("登记并导出", "Log it and export"), handler: make),
        ]
    }

    static let prefix = "talent.export."
    static let event = "talent.exported"

    /// A department that receives lists.
    struct Recipient: Sendable {
        let id: String
        let title: Bilingual
        let fields: [String]
        let source: RuleSource
    }

    /// Who may receive what on a day.
    func recipients(on day: Day) -> [Recipient] {
        let rules = house.city.rules
        return rules.parameters.values.filter { $0.id.hasPrefix(Self.prefix) }.sorted { $0.id < $1.id }.compactMap {
            guard let fields = try? rules.codes($0.id, on: day), let dated = $0.value(on: day) else { return nil }
            return Recipient(
                id: String($0.id.dropFirst(Self.prefix.count)), title: $0.title, fields: fields, source: dated.source)
        }
    }

    /// Every field that can be given at all, by the word that the data uses.
    static func columns(
        _ language: Language, _ city: Jurisdiction
    ) -> [(id: String, column: ExportColumn<BoardPermit>)] {
        let words = ["name", "country", "employer", "category", "post", "trade", "district", "from", "until"]
        return Array(zip(words, BoardParts.columns(language, city))).map { (id: $0.0, column: $0.1) }
    }

    private func page(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let (t, today) = (visit.say, house.today)
        let before = visit.query("before")
        let events = try await house.db.read { tx in
            try Record.page(kind: Self.event, before: before, limit: 51, tx)
        }
        let recipients = recipients(on: today)
        let allowed = recipients.map { item -> [HTML] in
            [
                HTML(text: t(item.title)),
                HTML(text: item.fields.map { t(Self.fieldTitle($0)) }.joined(separator: t("、", ", "))),
                "\(t(item.source.cited))\(if: item.source.confidence.needsChecking, Parts.toBeChecked(t))",
            ]
        }
        let past = events.prefix(50).map { event -> [HTML] in
            let recipient = recipients.first { $0.id == event.content["recipient"]?.string }
            return [
                HTML(text: house.city.zone.clockText(event.at)), HTML(text: event.actorName),
                HTML(text: recipient.map { t($0.title) } ?? event.content["recipient"]?.string ?? ""),
                HTML(text: event.content["purpose"]?.string ?? ""), HTML(text: event.content["format"]?.string ?? ""),
            ]
        }
        let next: SafeURL? =
            events.count > 50 ? events.prefix(50).last.map { "/desk/talent/exports?before=\($0.id)" } : nil
        let title = Bilingual("向其他部门提供名册", "Lists for other departments")
        let body: HTML = """
            <h1>\(t(title))</h1>\(Parts.errors(problem?.fields ?? [], t))\
            \(form(visit, recipients, problem?.fields ?? []))\
            \(Parts.card(t("谁可以取得什么", "Who may have what"), Parts.table(t("接收部门", "Recipients"), [.init(t("部门", "Department")), .init(t("字段", "Fields")), .init(t("依据", "Basis"))], allowed, empty: "<p>\(t("没有设定接收部门。", "No recipient is set."))</p>")))\
            \(Parts.card(t("提供记录", "What was given"), Parts.table(t("提供记录", "What was given"), [
                .init(t("时间", "When")), .init(t("经办人", "Officer")), .init(t("部门", "Department")), .init(t("用途", "Purpose")), .init(t("格式", "Format")),
            ], Array(past), empty: "<p>\(t("还没有提供过。", "Nothing was given yet."))</p>")))\(Parts.pager(next: next, first: before == nil ? nil : "/desk/talent/exports", t))
            """
        return .page(
            Page(title: title, trail: ExpertPages.crumbs, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    static func fieldTitle(_ id: String) -> Bilingual {
        switch id {
        case "name": Bilingual("姓名", "name")
        case "country": Bilingual("国家或地区", "country")
        case "employer": Bilingual("用人单位", "employer")
        case "category": Bilingual("类别", "category")
        case "post": Bilingual("职务", "post")
        case "trade": Bilingual("行业", "trade")
        case "district": Bilingual("区", "district")
        case "from": Bilingual("起", "from")
        case "until": Bilingual("止", "until")
        default: Bilingual(id, id)
        }
    }

    private func form(_ visit: Visit, _ recipients: [Recipient], _ problems: [FieldProblem]) -> HTML {
        guard Policy.may(visit.actor, .exportExperts) else { return .empty }
        let t = visit.say
        func wrong(_ name: String) -> String? { Fields.problem(name, problems, t) }
        let formats = ExportFormat.allCases.map { (value: $0.rawValue, title: $0.rawValue.uppercased()) }
        let fields: HTML = """
            \(Fields.select(.init("recipient", t("接收部门", "Recipient")), recipients.map { ($0.id, t($0.title)) }, value: visit.form["recipient"], problem: wrong("recipient"), t))\
            \(Fields.input(.init("purpose", t("用途与文号", "Purpose and document number")), value: visit.form["purpose"] ?? "", problem: wrong("purpose"), t))\
            \(Fields.select(.init("format", t("格式", "Format")), formats, value: visit.form["format"] ?? "xlsx", problem: wrong("format"), t))
            """
        return Parts.card(
            t("提供有效许可名册", "Give the list of valid permits"),
            Fields.form(
                "/desk/talent/exports", token: visit.csrfToken, fields,
                buttons: Fields.submit(t("登记并导出", "Log it and export"))))
    }

    private func make(_ visit: Visit) async throws -> Answer {
        try Policy.require(visit.actor, .exportExperts)
        let (today, now, actor, db) = (house.today, house.clock.now(), visit.actor, house.db)
        var problems: [FieldProblem] = []
        let recipient = recipients(on: today).first { $0.id == visit.form["recipient"] }
        let format = visit.form["format"].flatMap(ExportFormat.init(rawValue:))
        let purpose = visit.form["purpose"]?.trimmed ?? ""
        if recipient == nil {
            problems.append(
                FieldProblem(
                    field: "recipient", code: "field.choice", message: Bilingual("请选择接收部门", "Choose the recipient")))
        }
        if !(4...200).contains(purpose.count) {
            problems.append(
                FieldProblem(
                    field: "purpose", code: "field.required",
                    message: Bilingual("请写明用途与文号（4 至 200 字）", "Give purpose and document number, 4 to 200 characters")))
        }
        if format == nil {
            problems.append(
                FieldProblem(field: "format", code: "field.choice", message: Bilingual("请选择格式", "Choose the format")))
        }
        guard let recipient, let format, problems.isEmpty else {
            return try await page(visit, ProcedureError.refused(problems))
        }
        let content: JSONValue = [
            "recipient": .string(recipient.id), "fields": .array(recipient.fields.map { .string($0) }),
            "purpose": .string(purpose), "format": .string(format.rawValue),
        ]
        try await db.write { tx in
            try Record.append(
                Event(
                    room: "talent", kind: Self.event, subjectKind: "recipient", subject: recipient.id, actor: actor,
                    at: now, content: content), tx)
        }
        let columns = Self.columns(visit.language, house.city).filter {
            recipient.fields.contains($0.id)
        }.map(\.column)
        let through = today.adding(years: 100)
        return .list(visit.text(recipient.title), as: format, columns, visit.language) { last, limit in
            try await db.read { tx in
                try BoardStore.ending(
                    from: today, through: through, after: last.map { ($0.endsOn, $0.id) }, limit: limit, tx)
            }
        }
    }
}
