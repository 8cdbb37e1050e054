public import Kernel
import Store

/// Personal content that is registered with an expert; empty texts are not kept.
public struct ExpertPapers: Sendable {
    public var passport: String
    public var birth: String
    public var contact: String

    public init(passport: String = "", birth: String = "", contact: String = "") {
        self.passport = passport
        self.birth = birth
        self.contact = contact
    }
}

/// Keeps the register of foreign experts, and takes in what they and their employers file.
public struct ExpertActions: Sendable {
    let house: House

    /// Adds an expert, or changes what is known; every changed fact is stated with its source and day.
    /// - Parameters:
    ///   - known: the expert to change; nil adds one.
    ///   - found: what is wrong with what the person typed, to be told together with the rest.
    /// - Throws: ``ProcedureError/refused(_:)`` with every problem, ``AccessError/forbidden(_:)``.
    @discardableResult
    public func save(
        _ draft: ForeignExpert, over known: ID<ForeignExpert>? = nil, papers: ExpertPapers = ExpertPapers(),
        source: String, found: [FieldProblem] = [], by actor: Actor
    ) async throws -> ForeignExpert {
        try Policy.require(actor, .editExperts)
        var problems = draft.problems(house.city.countries) + found
        if source.isEmpty || source.count > 200 {
            problems.append(
                FieldProblem(
                    field: "source", code: "expert.source",
                    message: Bilingual("请写明信息来源（不超过 200 字）", "Say where the facts come from, at most 200 characters")))
        }
        if !papers.birth.isEmpty, Day(papers.birth) == nil {
            problems.append(
                FieldProblem(
                    field: "birth", code: "field.day",
                    message: Bilingual("不是有效日期，请按 1980-01-31 的格式填写", "is not a date; write it as 1980-01-31")))
        }
        guard problems.isEmpty else { throw ProcedureError.refused(problems) }
        let (now, today, vault) = (house.clock.now(), house.today, house.vault)
        return try await house.db.write { tx in
            let before = try known.flatMap { try ForeignExpertStore.find($0, tx) }
            if let foreigner = draft.foreigner, let other = try ForeignExpertStore.holder(of: foreigner, tx),
                other != draft.id
            {
                throw ProcedureError.refused([
                    FieldProblem(
                        field: "permit", code: "expert.permit-taken",
                        message: Bilingual(
                            "该工作许可号已关联另一位专家", "This permit number belongs to another expert of the register"))
                ])
            }
            if let before {
                try ForeignExpertStore.update(draft, tx)
                if before.state != draft.state, draft.state == .present {
                    try Personal.need(draft.person, until: today, tx)
                }
            } else {
                try Registry.add(
                    Person(id: draft.person, name: draft.name, nameEn: draft.name, title: ""), number: nil,
                    vault: vault, at: now, tx)
                try ForeignExpertStore.insert(draft, at: now, tx)
            }
            try state(draft, over: before, source, by: actor, now, today, tx)
            try keep(papers, of: draft, source, by: actor, now, today, tx)
            try Record.append(
                Event(
                    room: "talent", kind: before == nil ? "expert.registered" : "expert.changed",
                    subjectKind: "expert", subject: draft.id.text, actor: actor, at: now,
                    content: ["source": .string(source)]), tx)
            return draft
        }
    }

    /// States the facts that are new.
    private func state(
        _ expert: ForeignExpert, over before: ForeignExpert?, _ source: String, by actor: Actor, _ now: Instant,
        _ today: Day, _ tx: Tx
    ) throws {
        let old = Dictionary(
            (before?.facts ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        for fact in expert.facts where old[fact.name] != fact.value {
            try Registry.state(
                Fact(
                    subject: expert.person.text, name: fact.name, value: fact.value, source: source, from: today,
                    recordedBy: actor.account?.text ?? "system", recordedAt: now), tx)
        }
    }

    private func keep(
        _ papers: ExpertPapers, of expert: ForeignExpert, _ source: String, by actor: Actor, _ now: Instant,
        _ today: Day, _ tx: Tx
    ) throws {
        // While an expert works here the content is needed; the daily work moves this day on.
        let kinds: [(PersonalKind, String)] = [
            (.passport, papers.passport), (.birthDate, papers.birth), (.contact, papers.contact),
        ]
        for (kind, value) in kinds where !value.isEmpty {
            try Personal.keep(
                PersonalDraft(
                    person: expert.person, kind: kind, value: value, source: source, from: today, neededUntil: today),
                vault: house.vault, by: actor, at: now, tx)
        }
    }

    /// What somebody files.
    public struct Filing: Sendable {
        public var kind: ExpertCase.Kind
        public var topic: String
        public var text: String
        /// The day of arrival or departure.
        public var day: String
        /// The expert that a notice is about.
        public var expert: ID<ForeignExpert>?
        public var organisation: ID<OrganisationMark>?

        public init(
            kind: ExpertCase.Kind, topic: String, text: String, day: String = "", expert: ID<ForeignExpert>? = nil,
            organisation: ID<OrganisationMark>? = nil
        ) {
            self.kind = kind
            self.topic = topic
            self.text = text
            self.day = day
            self.expert = expert
            self.organisation = organisation
        }

        static let noExpert = FieldProblem(
            field: "expert", code: "field.required", message: Bilingual("请选择外国专家", "Choose the expert"))

        var problems: [FieldProblem] {
            var found: [FieldProblem] = []
            func add(_ field: String, _ code: String, _ zh: String, _ en: String) {
                found.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
            }
            if !ExpertTopic.all(kind).contains(where: { $0.code == topic }) {
                add("topic", "field.choice", "请选择事由", "Choose what it is about")
            }
            if kind.isNotice {
                if expert == nil { found.append(Self.noExpert) }
                if Day(day) == nil { add("day", "field.day", "请填写日期，如 2026-11-24", "Give the day, such as 2026-11-24") }
                if text.count > 2_000 {
                    add("text", "field.long", "说明最多 2000 字", "Remarks take at most 2,000 characters")
                }
            } else if !(10...4_000).contains(text.count) {
                add("text", "field.long", "请写明情况（10 至 4000 字）", "Describe it in 10 to 4,000 characters")
            }
            return found
        }
    }

    /// Opens the case of a request, a complaint or a notice.
    /// - Throws: ``ProcedureError/refused(_:)`` with every problem, also for an expert whom the actor's
    ///   organisation neither employs nor, for an arrival, holds a permit for; ``PrivacyError/unknown`` where the
    ///   actor is no expert or does not act for the organisation.
    public func file(_ filing: Filing, by actor: Actor) async throws -> CaseFile {
        let id: ID<CaseFile> = house.ids.make()
        let (now, today, procedures) = (house.clock.now(), house.today, house.procedures)
        return try await house.db.write { tx in
            let subject = try subject(of: filing, actor, tx)
            var problems = filing.problems
            if filing.kind.isNotice, subject == nil, filing.expert != nil { problems.append(Filing.noExpert) }
            guard problems.isEmpty else { throw ProcedureError.refused(problems) }
            guard let expert = subject else { throw PrivacyError.unknown }
            let serial = try NumberSeries.next("talent.\(filing.kind.series).\(today.parts.year)", tx)
            let topic = ExpertTopic.title(filing.kind, filing.topic)
            // A title is seen on worklists: it names an expert only where the employer reports one.
            let who = filing.kind.isNotice ? expert.name : ""
            let file = try procedures.open(
                CaseFile(
                    id: id, procedure: filing.kind.procedure,
                    number: "\(filing.kind.series)-\(today.parts.year)-\(padded(serial, 4))",
                    title: Bilingual(
                        "\(filing.kind.title.zh)：\(topic.zh) \(who)".trimmed,
                        "\(filing.kind.title.en): \(topic.en) \(who)".trimmed),
                    organisation: filing.kind.isNotice ? filing.organisation : nil, applicant: actor.account,
                    division: house.city.permitsDivision, openedAt: now), as: actor, at: now, in: tx)
            try ExpertCaseStore.insert(
                id, filing.kind, expert: expert.id,
                organisation: filing.kind.isNotice ? filing.organisation : nil, topic: filing.topic, on: today, tx)
            try keepText(filing, of: expert, id, by: actor, now, today, tx)
            return file
        }
    }

    /// Complaints are sealed; requests and notices are answers of their case.
    private func keepText(
        _ filing: Filing, of expert: ForeignExpert, _ id: ID<CaseFile>, by actor: Actor, _ now: Instant, _ today: Day,
        _ tx: Tx
    ) throws {
        guard filing.kind == .complaint else {
            try CaseStore.saveAnswers(
                ["text": .string(filing.text), "day": .string(filing.day)], of: id, expecting: 0, by: actor, at: now,
                tx)
            return
        }
        try Personal.keep(
            PersonalDraft(
                person: expert.person, kind: .statement, value: filing.text, source: "complaint", from: today,
                neededUntil: today, caseID: id), vault: house.vault, by: actor, at: now, tx)
        guard ExpertTopic.ofEmployers.contains(filing.topic), let employer = expert.organisation else { return }
        try ComplaintDealings.keep(id, of: expert, about: employer, on: today, tx)
    }

    /// Whom a filing is about; nil where the actor is no expert, or a notice names nobody whom its employer may report:
    /// an expert of another employer is told no otherwise than one who does not exist.
    private func subject(of filing: Filing, _ actor: Actor, _ tx: Tx) throws -> ForeignExpert? {
        if filing.kind.isNotice {
            guard let organisation = filing.organisation,
                actor.belongs(to: organisation, as: [.administrator, .sealHolder, .handler])
            else { throw PrivacyError.unknown }
            return try filing.expert.flatMap {
                try ForeignExpertStore.find($0, staffOf: organisation, orPermitted: filing.kind == .arrival, tx)
            }
        }
        return try actor.account.flatMap { try ForeignExpertStore.find(account: $0, tx) }
    }
}
