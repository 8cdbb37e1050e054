public import Kernel
import Store

/// What experts say of their own work.
extension ReviewActions {
    /// Replaces the actor's own keywords and titles.
    /// - Throws: ``ReviewError/unknown`` for who is no expert, ``ReviewError/incomplete(_:)`` with all that is too long
    ///   or too many.
    public func setTexts(keywords: [String], titles: [String], by actor: Actor) async throws {
        var problems: [FieldProblem] = []
        for (field, texts) in [("keywords", keywords), ("titles", titles)] {
            if texts.count > ExpertTexts.most {
                problems.append(
                    FieldProblem(
                        field: field, code: "field.many",
                        message: Bilingual(
                            "最多 \(ExpertTexts.most) 条，现有 \(texts.count) 条",
                            "At most \(ExpertTexts.most); there are \(texts.count)")))
            }
            for text in texts where text.count > ExpertTexts.longest {
                problems.append(
                    FieldProblem(
                        field: field, code: "field.long",
                        message: Bilingual(
                            "「\(text.prefix(20))…」超过 \(ExpertTexts.longest) 字",
                            "'\(text.prefix(20))…' is longer than \(ExpertTexts.longest) characters")))
            }
        }
        guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
        let now = clock.now()
        try await db.write { tx in
            let expert = try own(actor, tx)
            try ExpertTexts.set(keywords: keywords, titles: titles, of: expert, tx)
            try note(
                ["keywords": .integer(Int64(keywords.count)), "titles": .integer(Int64(titles.count))], expert, actor,
                now, tx)
        }
    }

    /// Adds one of the actor's own works.
    /// - Throws: as ``setTexts(keywords:titles:by:)``.
    public func addWork(title: String, abstract: String, by actor: Actor) async throws {
        let now = clock.now()
        let id: ID<ExpertWork> = ids.make()
        let title = title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var problems: [FieldProblem] = []
        func miss(_ field: String, _ zh: String, _ en: String) {
            problems.append(FieldProblem(field: field, code: "work.\(field)", message: Bilingual(zh, en)))
        }
        if title.isEmpty { miss("title", "请填写题目", "Give the title") }
        if title.count > ExpertTexts.longest {
            miss("title", "题目最多 \(ExpertTexts.longest) 字", "A title takes at most \(ExpertTexts.longest) characters")
        }
        if abstract.count > ExpertTexts.longestAbstract {
            miss(
                "abstract", "摘要最多 \(ExpertTexts.longestAbstract) 字",
                "An abstract takes at most \(ExpertTexts.longestAbstract) characters")
        }
        let checked = problems
        try await db.write { tx in
            let expert = try own(actor, tx)
            var problems = checked
            if try ExpertTexts.works(of: expert, tx).count >= ExpertTexts.most {
                problems.append(
                    FieldProblem(
                        field: "title", code: "field.many",
                        message: Bilingual(
                            "最多 \(ExpertTexts.most) 项，请先移除旧的",
                            "At most \(ExpertTexts.most); take an older one off first")))
            }
            guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
            try ExpertTexts.add(id, title: title, abstract: abstract, to: expert, at: now, tx)
            try note(["work": .string(id.text)], expert, actor, now, tx)
        }
    }

    /// Takes one of the actor's own works off.
    public func removeWork(_ id: ID<ExpertWork>, by actor: Actor) async throws {
        let now = clock.now()
        try await db.write { tx in
            let expert = try own(actor, tx)
            try tx.run("DELETE FROM expert_work WHERE id = \(id) AND expert = \(expert)")
            try note(["removed": .string(id.text)], expert, actor, now, tx)
        }
    }

    /// - Throws: ``ReviewError/unknown`` for who is no expert.
    func own(_ actor: Actor, _ tx: Tx) throws -> ID<Expert> {
        guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx) else {
            throw ReviewError.unknown
        }
        return expert.id
    }

    private func note(_ content: JSONValue, _ expert: ID<Expert>, _ actor: Actor, _ now: Instant, _ tx: Tx) throws {
        try Record.append(
            Event(
                room: "review", kind: "expert.texts-changed", subjectKind: "expert", subject: expert.text,
                actor: actor, at: now, content: content), tx)
    }
}
