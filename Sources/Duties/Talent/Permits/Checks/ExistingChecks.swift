import Kernel

extension FilingCheck {
    /// What concerns a permit that exists: windows and days.
    static func existing(_ facts: FilingFacts) throws -> [FindingDraft] {
        guard facts.kind.needsPermit, let permit = facts.permit else { return [] }
        var found: [FindingDraft] = []
        if permit.state != .valid {
            found.append(
                FindingDraft(
                    code: "permit.not-valid", field: "",
                    message: Bilingual("该许可现为「\(permit.state.title.zh)」。", "The permit is \(permit.state.title.en)."),
                    basis: PermitLaw.guide))
        }
        switch facts.kind {
        case .extension: found += try window(facts, permit)
        case .change: found += try late(facts, "change.days", "change.late", "变更", "change")
        case .cancellation:
            found += try late(facts, "cancel.days", "cancel.late", "事由发生", "event")
            if facts.text("cause") == "contact" { found += try contact(facts) }
        default: break
        }
        return found
    }

    private static func window(_ facts: FilingFacts, _ permit: Permit) throws -> [FindingDraft] {
        if permit.term == .short {
            return [
                FindingDraft(
                    code: "extension.short", field: "",
                    message: Bilingual(
                        "短期许可不得延期，可转为境内申请。", "A short-term permit cannot be extended; file anew in China."),
                    basis: PermitLaw.shortTerm)
            ]
        }
        let window = try ExtensionWindow(end: permit.endsOn, facts.numbers)
        if facts.day < window.opens {
            return [
                FindingDraft(
                    code: "extension.early", field: "",
                    message: Bilingual(
                        "尚未到申请期，\(window.opens) 起可以申请。", "Too early; it can be asked for from \(window.opens)."),
                    basis: window.opensBasis)
            ]
        }
        guard facts.day > window.closes else { return [] }
        return [
            FindingDraft(
                code: "extension.late", field: "",
                message: Bilingual(
                    "应在 \(window.closes) 以前申请；现已超过。", "It was to be asked for by \(window.closes)."),
                basis: window.closesBasis,
                remedy: Bilingual(
                    "说明理由，由经办人决定；不适用逾期视为准予延续。", "Give reasons; an officer decides. It is not deemed extended."))
        ]
    }

    /// Days within which a change or an end must be told.
    private static func late(
        _ facts: FilingFacts, _ parameter: String, _ code: String, _ zh: String, _ en: String
    ) throws -> [FindingDraft] {
        guard let happened = facts.day("happened-on") else { return [] }
        if happened > facts.day {
            return [
                FindingDraft(
                    code: "day.ahead", field: "happened-on",
                    message: Bilingual("日期在将来。", "The day lies ahead."), basis: PermitLaw.guide)
            ]
        }
        let limit = try facts.numbers.period(parameter)
        let last = try limit.value.end(after: happened, facts.city.calendar)
        guard facts.day > last else { return [] }
        return [
            FindingDraft(
                code: code, field: "happened-on",
                message: Bilingual(
                    "应自\(zh)之日起 \(limit.value.text.zh)内（\(last) 以前）申请。",
                    "To be asked for within \(limit.value.text.en) of the \(en), by \(last)."), basis: limit.basis)
        ]
    }

    /// 失联: so many days without contact, then the newspaper, then the filing.
    private static func contact(_ facts: FilingFacts) throws -> [FindingDraft] {
        guard let last = facts.day("last-contact-on"), let notice = facts.day("notice-on") else { return [] }
        var found: [FindingDraft] = []
        let silence = try facts.numbers.number("contact.days")
        if notice < last.adding(days: silence.value) {
            found.append(
                FindingDraft(
                    code: "contact.days", field: "notice-on",
                    message: Bilingual(
                        "失去联系满 \(silence.value) 日（\(last.adding(days: silence.value))）后方可登报。",
                        "The notice may appear after \(counted(silence.value, "day")) without contact, from \(last.adding(days: silence.value))."
                    ), basis: silence.basis))
        }
        let posted = try facts.numbers.number("notice.days")
        if facts.day < notice.adding(days: posted.value) {
            found.append(
                FindingDraft(
                    code: "notice.days", field: "notice-on",
                    message: Bilingual(
                        "登报满 \(posted.value) 日（\(notice.adding(days: posted.value))）后方可申请注销。",
                        "Cancellation may be asked for \(counted(posted.value, "day")) after the notice, from \(notice.adding(days: posted.value))."
                    ), basis: posted.basis))
        }
        return found
    }

    /// Whether a reconsideration is asked for in time.
    static func appeal(_ facts: FilingFacts) throws -> [FindingDraft] {
        guard facts.kind == .appeal, let told = facts.day("notified-on") else { return [] }
        let limit = try facts.numbers.period("appeal.days")
        let last = try limit.value.end(after: told, facts.city.calendar)
        guard facts.day > last else { return [] }
        return [
            FindingDraft(
                code: "appeal.late", field: "notified-on",
                message: Bilingual(
                    "应在知道决定之日起 \(limit.value.text.zh)内（\(last) 以前）申请。",
                    "To be asked for within \(limit.value.text.en), by \(last)."), basis: limit.basis,
                remedy: Bilingual("有正当理由耽误的，请说明。", "Give the reasons if it could not be helped."))
        ]
    }

    /// Papers that are missing, undated or too old on the day of filing.
    static func papers(_ facts: FilingFacts) throws -> [FindingDraft] {
        var found: [FindingDraft] = []
        for paper in facts.papers.papers {
            if facts.files[paper.field] ?? 0 == 0 {
                found.append(
                    FindingDraft(
                        code: "paper.missing", field: paper.field,
                        message: Bilingual("缺材料：\(paper.title.zh)。", "Missing: \(paper.title.en)."), basis: paper.basis,
                        remedy: Bilingual("上传该材料。", "Upload it.")))
            }
            guard let ages = paper.ages else { continue }
            guard let issued = facts.day(paper.issuedField) else {
                found.append(
                    FindingDraft(
                        code: "paper.undated", field: paper.issuedField,
                        message: Bilingual("未填出具日期：\(paper.title.zh)。", "No day of issue: \(paper.title.en)."),
                        basis: paper.basis))
                continue
            }
            let months = try facts.numbers.number(ages)
            let last = issued.adding(months: months.value)
            if issued > facts.day || facts.day > last {
                found.append(
                    FindingDraft(
                        code: "paper.old", field: paper.issuedField,
                        message: Bilingual(
                            "\(paper.title.zh)：\(issued) 出具，有效至 \(last)，申请当日（\(facts.day)）不在有效期内。",
                            "\(paper.title.en): issued on \(issued), valid until \(last); not valid on the day of filing, \(facts.day)."
                        ), basis: months.basis, remedy: Bilingual("重新出具后上传。", "Have it issued anew and upload it.")))
            }
        }
        return found
    }
}
