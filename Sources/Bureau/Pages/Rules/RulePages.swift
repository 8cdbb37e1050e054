import Kernel
import Portal
import Store

/// The book of legal numbers and the rules that read it: searched and read by the bureau, changed by two people.
struct RulePages: Sendable {
    let house: House

    static let readers: RouteAccess = .roles([.officer, .leader, .auditor, .systemAdministrator])

    var routes: [Route] {
        [
            Route(
                "rules.list", .get, "/rules", access: Self.readers, summary: Bilingual("法定参数", "Legal numbers"),
                handler: list),
            Route(
                "rules.parameter", .get, "/rules/parameters/{id}", access: Self.readers,
                summary: Bilingual("一个法定参数", "A legal number"), handler: show),
            Route(
                "rules.propose", .post, "/rules/parameters/{id}", access: .roles([.officer]),
                summary: Bilingual("提出调整", "Propose a change"), handler: propose),
            Route(
                "rules.rule", .get, "/rules/of/{id}", access: Self.readers, summary: Bilingual("一条规则", "A rule"),
                handler: rule),
        ]
    }

    static let trail = [Crumb.desk, Crumb(Bilingual("规则与法定参数", "Rules and legal numbers"), "/rules")]

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let text = (visit.query("text") ?? "").lowercased()
        let checkOnly = visit.query("check") == "yes"
        let today = house.today
        let found = house.city.rules.parameters.values.sorted { $0.id < $1.id }.filter { parameter in
            let current = parameter.value(on: today)
            if checkOnly, current.map({ !$0.source.confidence.needsChecking }) ?? false { return false }
            guard !text.isEmpty else { return true }
            let document = current?.source.document
            return [parameter.id, parameter.title.zh, parameter.title.en, document?.zh ?? "", document?.en ?? ""]
                .contains { $0.lowercased().contains(text) }
        }
        let rows = found.map { parameter -> [HTML] in
            let current = parameter.value(on: today)
            return [
                "<a href=\"/rules/parameters/\(parameter.id)\">\(t(parameter.title))</a><br><code>\(Self.key(parameter.id))</code>",
                current.map { RuleValue.short($0.value, parameter, t) } ?? HTML(text: t("无", "none")),
                HTML(text: current.map { t($0.source.cited) } ?? ""),
                HTML(text: t(Self.level(parameter, current))),
                current.map { $0.source.confidence.needsChecking ? Parts.toBeChecked(t) : .empty } ?? .empty,
            ]
        }
        let rules = HTML(each: house.rules.entries.sorted { $0.id < $1.id }) { entry in
            "<li><a href=\"/rules/of/\(entry.id)\">\(t(entry.title))</a> <code>\(entry.id)</code></li>"
        }
        let body: HTML = """
            <h1>\(t("规则与法定参数", "Rules and legal numbers"))</h1>\
            <p class="lead">\(t("每个数值都有生效日期、文件、条款和可靠程度；历史从不改写。", "Every number has its dates, document, article and how well it was checked; history is never rewritten."))</p>\
            \(Parts.card(t("规则", "Rules"), "<ul>\(rules)</ul><p><a href=\"/rules/laboratory\">\(t("政策试算", "Policy laboratory"))</a></p>"))\
            \(Fields.filters("/rules", """
                \(Fields.input(.init("text", t("名称、编号或文件", "Name, id or document")), type: "search", value: visit.query("text") ?? "", t))\
                \(Fields.select(.init("check", t("可靠程度", "How well known")), [("yes", t("只看待核", "To be checked only"))], value: visit.query("check"), none: t("全部", "All"), t))
                """, t))\
            \(Parts.table(t("法定参数", "Legal numbers"), [
                .init(t("名称", "Name")), .init(t("现行数值", "Value now")), .init(t("依据", "Source")), .init(t("层级", "Level")), .init(t("状态", "State")),
            ], rows, empty: HTML(text: t("没有符合条件的参数。", "No number fits."))))
            """
        return .page(
            Page(title: Bilingual("规则与法定参数", "Rules and legal numbers"), trail: [.desk], width: .desk, body: body))
    }

    /// Who set the number in force: also among those for all cities some stand there that no law gives and that each
    /// bureau sets itself.
    private static func level(_ parameter: Parameter, _ current: DatedValue?) -> Bilingual {
        guard parameter.level == .national else { return Bilingual("本市", "city") }
        guard let current, current.source.confidence == .chosen, current.value != .unknown else {
            return Bilingual("国家", "nation")
        }
        return Bilingual("市局设定", "bureau")
    }

    /// An identity that breaks behind its dots before it breaks anywhere else.
    private static func key(_ id: String) -> HTML {
        HTML.join(id.split(separator: ".").map { HTML(text: String($0)) }, separator: ".<wbr>")
    }

    private func parameter(_ visit: Visit) throws -> Parameter {
        guard let parameter = house.city.rules.parameter(visit.path("id")) else { throw RequestProblem.nothingHere }
        return parameter
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, []) }

    private func page(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        // A change that was approved a moment ago stands in the history at once, not only after the next round of jobs.
        try await RuleChanges.refresh(house.city.rules, from: house.db)
        let parameter = try parameter(visit)
        let today = house.today
        let changes = try await house.db.read { tx in
            try RuleChangeStore.list(of: parameter.id, tx).map { stored in
                (stored, try CaseStore.require(stored.caseID, tx))
            }
        }
        let history = parameter.values.reversed().map { dated -> [HTML] in
            let holds = dated.from <= today && (dated.to.map { today <= $0 } ?? true)
            return [
                HTML(text: "\(dated.from) – \(dated.to?.description ?? t("至今", "present"))"),
                RuleValue.full(dated.value, parameter, t),
                """
                \(t(dated.source.cited))\(with: dated.note, { "<p class=\"hint\">\(t($0))</p>" })
                """,
                """
                \(t(dated.source.confidence.title))\(if: dated.source.confidence.needsChecking, " \(Parts.toBeChecked(t))")\
                \(if: holds, " \(Parts.badge(t("现行", "in force"), .good))")
                """,
            ]
        }
        let readers = HTML(each: house.rules.readers(of: parameter.id)) { entry in
            "<li><a href=\"/rules/of/\(entry.id)\">\(t(entry.title))</a></li>"
        }
        let proposed = changes.map { stored, file -> [HTML] in
            [
                "<a href=\"/cases/\(file.id.text)\">\(file.number)</a>", HTML(text: stored.change.from.description),
                RuleValue.short(stored.change.value, parameter, t),
                Parts.badge((try? house.procedures.step(of: file)).map { t($0.title) } ?? file.step),
            ]
        }
        let body: HTML = """
            <h1>\(t(parameter.title))</h1><p><code>\(parameter.id)</code> · \(t(parameter.unit.title))</p>\
            \(Parts.errors(problems, t))\
            \(Parts.card(t("历史", "History"), Parts.table(t("历史", "History"), [.init(t("期间", "Days")), .init(t("数值", "Value")), .init(t("依据", "Source")), .init(t("可靠程度", "How well known"))], history, empty: "—")))\
            \(Parts.card(t("使用它的规则", "Rules that read it"), "<ul>\(readers)</ul><p>\(t("办理时限直接使用期限类参数。", "Clocks read numbers of days directly."))</p>"))\
            \(Parts.card(t("调整", "Changes"), Parts.table(t("调整", "Changes"), [.init(t("编号", "Number")), .init(t("自", "From")), .init(t("数值", "Value")), .init(t("状态", "State"))], proposed, empty: HTML(text: t("没有提出过调整。", "No change was proposed.")))))\
            \(if: visit.actor.roles.contains(.officer), form(visit, parameter, problems))
            """
        return Page(title: parameter.title, trail: Self.trail, width: .desk, body: body).withProblems(problems)
    }

    private func form(_ visit: Visit, _ parameter: Parameter, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        let current = parameter.values.last { $0.value != .unknown }?.value ?? .unknown
        func input(_ name: String, _ zh: String, _ en: String, type: String = "text", required: Bool = true) -> HTML {
            Fields.input(
                .init(name, t(zh, en), required: required), type: type, value: visit.form[name] ?? "",
                problem: Fields.problem(name, problems, t), isWide: type == "text", t)
        }
        let value = Fields.textarea(
            .init(
                "value", t("新的数值", "New value"),
                hint: t(
                    "照现有写法填写；分段每行一段：from 350000 below 450000: 17（from、to 含本数，above、below 不含）",
                    "Write it as it stands; bands one a line: from 350000 below 450000: 17 (from and to include the number, above and below do not)"
                )),
            value: visit.form["value"] ?? ParameterText.text(current, unit: parameter.unit), rows: 6,
            problem: Fields.problem("value", problems, t), t)
        return Parts.card(
            t("提出调整", "Propose a change"),
            Fields.form(
                "/rules/parameters/\(parameter.id)", token: visit.csrfToken,
                """
                \(value)\(input("from", "自何日起（须晚于今天）", "From which day (after today)", type: "date"))\
                \(input("document-zh", "依据文件（中文）", "Document, in Chinese"))\(input("document-en", "依据文件（英文）", "Document, in English"))\
                \(input("article", "条款", "Article", required: false))\
                \(Fields.select(.init("confidence", t("可靠程度", "How well known")), Confidence.allCases.map { ($0.rawValue, t($0.title)) }, value: visit.form["confidence"], problem: Fields.problem("confidence", problems, t), t))\
                \(input("note-zh", "说明（中文）", "Note, in Chinese", required: false))\(input("note-en", "说明（英文）", "Note, in English", required: false))
                """, buttons: Fields.submit(t("保存为草案", "Save as a draft"))))
    }

    private func propose(_ visit: Visit) async throws -> Answer {
        let parameter = try parameter(visit)
        var problems: [FieldProblem] = []
        let change = change(visit, parameter, &problems)
        guard let change, problems.isEmpty else { return try await page(visit, problems) }
        let (actor, now, procedures, ids) = (visit.actor, house.clock.now(), house.procedures, house.ids)
        let division = actor.division ?? house.city.divisions.first?.code ?? ""
        let year = house.today.parts.year
        let id: ID<CaseFile> = ids.make()
        try await house.db.write { tx in
            let number = try NumberSeries.next("rules.change.\(year)", tx)
            try procedures.open(
                CaseFile(
                    id: id, procedure: RuleChanges.procedure, number: "RULE-\(year)-\(padded(number, 4))",
                    title: Bilingual("调整：\(parameter.title.zh)", "Change: \(parameter.title.en)"), organisation: nil,
                    applicant: nil, division: division, openedAt: now), as: actor, at: now, in: tx)
            try RuleChangeStore.insert(change, of: id, tx)
        }
        return .redirect("/cases/\(id)")
    }

    private func change(_ visit: Visit, _ parameter: Parameter, _ problems: inout [FieldProblem]) -> RuleChange? {
        let form = visit.form
        var value: ParameterValue?
        do { value = try ParameterText.parse(form["value"] ?? "", for: parameter) } catch { problems += error.fields }
        let from = form["from"].flatMap { Day($0) }
        if from.map({ $0 <= house.today }) ?? true {
            problems.append(
                FieldProblem(
                    field: "from", code: "rules.from",
                    message: Bilingual(
                        "请填写晚于今天的日期，如 \(house.today.adding(days: 30))；已开始的日期不能改",
                        "Give a day after today such as \(house.today.adding(days: 30)); days that have begun are never changed"
                    )))
        }
        let texts: [(name: String, label: Bilingual, isRequired: Bool, most: Int)] = [
            ("document-zh", Bilingual("依据文件（中文）", "Document, in Chinese"), true, 200),
            ("document-en", Bilingual("依据文件（英文）", "Document, in English"), true, 300),
            ("article", Bilingual("条款", "Article"), false, 100),
            ("note-zh", Bilingual("说明（中文）", "Note, in Chinese"), false, 1_000),
            ("note-en", Bilingual("说明（英文）", "Note, in English"), false, 2_000),
        ]
        problems += texts.compactMap { text in
            Words.problem(form[text.name] ?? "", text.name, text.label, isRequired: text.isRequired, most: text.most)
        }
        let confidence = form["confidence"].flatMap(Confidence.init(rawValue:))
        if confidence == nil {
            problems.append(
                FieldProblem(
                    field: "confidence", code: "field.required",
                    message: Bilingual("请选择可靠程度", "Choose how well the value is known")))
        }
        guard let value, let from, let confidence else { return nil }
        let note = form["note-zh"].flatMap { $0.isEmpty ? nil : Bilingual($0, form["note-en"] ?? $0) }
        return RuleChange(
            parameter: parameter.id, value: value, from: from,
            source: RuleSource(
                document: Bilingual(form["document-zh"] ?? "", form["document-en"] ?? ""),
                article: form["article"] ?? "",
                confidence: confidence), note: note)
    }

    private func rule(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let entry = try house.rules.entry(visit.path("id"))
        let today = house.today
        let parameters = house.city.rules.parameters.values.filter { entry.reads($0.id) }.sorted { $0.id < $1.id }
        let rows = parameters.map { parameter -> [HTML] in
            let current = parameter.value(on: today)
            return [
                "<a href=\"/rules/parameters/\(parameter.id)\">\(t(parameter.title))</a>",
                current.map { RuleValue.short($0.value, parameter, t) } ?? HTML(text: t("无", "none")),
                HTML(text: current.map { t($0.source.cited) } ?? ""),
                current.map { $0.source.confidence.needsChecking ? Parts.toBeChecked(t) : .empty } ?? .empty,
            ]
        }
        let facts = HTML(each: entry.facts) { "<li>\(t($0.label)) <code>\($0.name)</code></li>" }
        let body: HTML = """
            <h1>\(t(entry.title))</h1><p><code>\(entry.id)</code> · \(t("第 \(entry.version) 版", "version \(entry.version)"))</p>\
            <p>\(Parts.button(t("试算", "Try it in the laboratory"), to: "/rules/laboratory?rule=\(entry.id)"))</p>\
            \(Parts.card(t("所用事实", "Facts it may be told"), "<ul>\(facts)</ul>"))\
            \(Parts.card(t("所用数值", "Numbers it reads"), Parts.table(t("所用数值", "Numbers"), [.init(t("名称", "Name")), .init(t("现行数值", "Value now")), .init(t("依据", "Source")), .init(t("状态", "State"))], rows, empty: "—")))
            """
        return .page(Page(title: entry.title, trail: Self.trail, width: .desk, body: body))
    }
}

/// Values of legal numbers as cells.
enum RuleValue {
    /// In a few words.
    static func short(_ value: ParameterValue, _ parameter: Parameter, _ t: Say) -> HTML {
        if let share = value.fraction { return HTML(text: "\(share.parts)/\(share.of)") }
        return switch value {
        case .unknown: Parts.badge(t("未查得", "not found"), .warning)
        case .bands(let bands): HTML(text: t("分 \(bands.list.count) 档", counted(bands.list.count, "band")))
        case .table(let table): HTML(text: t("\(table.count) 项", counted(table.count, "code")))
        case .codes(let codes):
            HTML(
                text: codes.count > mostCodes
                    ? t("\(codes.count) 项", counted(codes.count, "code")) : names(codes, parameter, t))
        case .money(let money): HTML(text: money.text(t.language))
        case .text(let text): HTML(text: text)
        case .number(let number): HTML(text: measured(number, parameter.unit.title, t))
        case .days(let number), .perMille(let number): HTML(text: measured(number, parameter.unit.title, t))
        }
    }

    /// More codes than this are counted where there is little room.
    private static let mostCodes = 8

    private static func names(_ codes: [String], _ parameter: Parameter, _ t: Say) -> String {
        codes.map { t(parameter.words[$0]) ?? $0 }.joined(separator: t("、", ", "))
    }

    private static func measured(_ number: some BinaryInteger, _ unit: Bilingual, _ t: Say) -> String {
        unit.en.isEmpty ? "\(number)" : t("\(number) \(unit.zh)", counted(number, unit: unit.en))
    }

    /// With every band and code.
    static func full(_ value: ParameterValue, _ parameter: Parameter, _ t: Say) -> HTML {
        func list(_ items: [(String, String)]) -> HTML {
            "<ul>\(each: items, { "<li>\($0.0) → <strong>\($0.1)</strong></li>" })</ul>"
        }
        if value.fraction != nil { return short(value, parameter, t) }
        switch value {
        case .bands(let bands):
            return list(bands.list.map { (span($0, parameter, t), gives($0.gives, $0.most, parameter, t)) })
        case .table(let table):
            let rows = table.sorted { $0.key < $1.key }
            return list(rows.map { (names([$0.key], parameter, t), gives($0.value, $0.value, parameter, t)) })
        case .codes(let codes): return HTML(text: names(codes, parameter, t))
        default: return short(value, parameter, t)
        }
    }

    private static func gives(_ least: Int64, _ most: Int64, _ parameter: Parameter, _ t: Say) -> String {
        let unit = ParameterUnit(rawValue: parameter.gives)?.title ?? Bilingual(parameter.gives, parameter.gives)
        return least == most ? measured(least, unit, t) : "\(least)–\(most) \(t(unit))"
    }

    /// 以上 and 以内 include their number, 超过 and 不满 do not.
    private static func span(_ band: Band, _ parameter: Parameter, _ t: Say) -> String {
        func number(_ value: Int64) -> String { parameter.unit.isMoney ? Money(fen: value).yuanText : String(value) }
        let unit = t(parameter.unit.title)
        let low = band.lower.map { end in
            end.isIncluded
                ? t("\(number(end.number)) \(unit)以上", "from \(number(end.number)) \(unit)")
                : t("超过 \(number(end.number)) \(unit)", "above \(number(end.number)) \(unit)")
        }
        let high = band.upper.map { end in
            end.isIncluded
                ? t("\(number(end.number)) \(unit)以内", "up to \(number(end.number)) \(unit)")
                : t("不满 \(number(end.number)) \(unit)", "below \(number(end.number)) \(unit)")
        }
        return [low, high].compactMap(\.self).joined(separator: t("、", ", "))
    }
}
