import Kernel
import Store

/// What is done with a text beside the steps of its case: versions are saved, the public comments, comments are
/// answered, opinions at a meeting are written down.
struct NormActions: Sendable {
    let house: House

    /// Steps at which the text itself is in the drafters' hands.
    static let drafted: Set<String> = ["drafting", "revision"]

    private func held(
        _ id: ID<CaseFile>, by actor: Actor, at steps: Set<String>, _ doing: Bilingual, _ tx: Tx
    ) throws -> Norm {
        let file = try CaseStore.require(id, tx)
        guard house.procedures.maySee(actor, file) else { throw ProcedureError.unknownCase }
        guard Policy.handles(actor, file) else { throw ProcedureError.notYours }
        guard steps.contains(file.step) else {
            let step = try house.procedures.step(of: file).title
            throw PlainProblem(
                .conflict, "norm.step",
                Bilingual(
                    "该项目处于「\(step.zh)」环节，不能\(doing.zh)。",
                    "The project is at '\(step.en)', where nobody may \(doing.en)."))
        }
        return try NormStore.require(id, tx)
    }

    /// Saves a new version of a text; nothing that was saved before is changed.
    /// - Parameter last: the version that the drafter saw.
    /// - Throws: ``ProcedureError``.
    func save(_ text: String, note: String, of id: ID<CaseFile>, after last: Int, by actor: Actor) async throws {
        let (now, procedures) = (house.clock.now(), house.procedures)
        func answer(_ words: String) -> JSONValue { words.trimmed.isEmpty ? .null : .string(words) }
        let answers: JSONValue = ["text": answer(text), "note": answer(note)]
        try await house.db.write { tx in
            if try NormStore.find(id, tx) != nil, try NormStore.latest(of: id, tx)?.version ?? 0 != last {
                throw ProcedureError.stale
            }
            try procedures.act(id, "save-text", answers: answers, as: actor, at: now, in: tx)
        }
    }

    /// What somebody of the public sends.
    struct CommentDraft: Sendable {
        var clause: String
        var text: String
        var name: String
        var contact: String
    }

    /// Files a comment on a clause of the text that is open to the public.
    /// - Returns: the identity of the comment.
    /// - Throws: ``ProcedureError/refused(_:)`` with every problem; a ``PlainProblem`` of kind `gone` once it is over.
    func comment(_ draft: CommentDraft, on number: String) async throws -> String {
        let (now, today, vault) = (house.clock.now(), house.today, house.vault)
        return try await house.db.write { tx in
            guard let norm = try NormStore.find(number: number, tx),
                let item = try ConsultationStore.find(norm.caseID, round: norm.round, tx),
                let version = try NormStore.version(item.version, of: norm.caseID, tx)
            else { throw ProcedureError.unknownCase }
            guard item.isOpen(on: today) else {
                throw PlainProblem(
                    .gone, "consultation.closed",
                    Bilingual(
                        "征求意见已于 \(item.closesOn) 24:00 结束。", "The consultation ended on \(item.closesOn) at 24:00."))
            }
            let problems = Self.problems(draft, version.clauses)
            guard problems.isEmpty else { throw ProcedureError.refused(problems) }
            let from = [draft.name, draft.contact].filter { !$0.isEmpty }.joined(separator: " · ")
            let id = try ConsultationStore.add(
                draft.text, on: draft.clause, of: item, from: from.isEmpty ? nil : try vault.seal(from), at: now, tx)
            try Record.append(
                Event(
                    room: "strategy", kind: "consultation.comment", subjectKind: "comment", subject: id,
                    caseID: item.caseID, actor: .everyone, at: now,
                    content: [
                        "clause": .string(draft.clause),
                        "hash": .string(Digest.hex(Digest.sha256(Array(draft.text.utf8)))),
                    ]), tx)
            return id
        }
    }

    static func problems(_ draft: CommentDraft, _ clauses: [Clause]) -> [FieldProblem] {
        var found: [FieldProblem] = []
        func add(_ field: String, _ code: String, _ zh: String, _ en: String) {
            found.append(FieldProblem(field: field, code: code, message: Bilingual(zh, en)))
        }
        if !draft.clause.isEmpty, !clauses.contains(where: { $0.kind == .clause && $0.label == draft.clause }) {
            add("clause", "comment.clause", "没有这一条，请从列表选择", "There is no such clause; choose it from the list")
        }
        if draft.text.allSatisfy(\.isWhitespace) { add("text", "field.required", "请填写意见", "Write your comment") }
        if draft.text.count > 2_000 {
            add("text", "field.long", "意见最多 2000 字，现有 \(draft.text.count) 字", "At most 2,000 characters")
        }
        if draft.name.count > 100 { add("name", "field.long", "姓名或单位最多 100 字", "At most 100 characters") }
        if draft.contact.count > 100 { add("contact", "field.long", "联系方式最多 100 字", "At most 100 characters") }
        return found
    }

    /// Answers a comment: taken, partly, or not, and why; an answer may be bettered until the consultation is closed.
    /// - Throws: ``ProcedureError/refused(_:)``.
    func answer(_ comment: String, _ verdict: String, reason: String, by actor: Actor) async throws {
        var problems: [FieldProblem] = []
        let chosen = Comment.Verdict(rawValue: verdict)
        if chosen == nil {
            problems.append(
                FieldProblem(
                    field: "verdict", code: "comment.verdict",
                    message: Bilingual("请选择采纳、部分采纳或未采纳", "Choose taken, partly taken or not taken")))
        }
        let isBlank = reason.allSatisfy(\.isWhitespace)
        if isBlank || reason.count > 1_000 {
            problems.append(
                FieldProblem(
                    field: "reason", code: "comment.reason",
                    message: Bilingual("请写明采纳情况和理由（不超过 1000 字）", "Say why, at most 1,000 characters")))
        }
        guard problems.isEmpty, let chosen else { throw ProcedureError.refused(problems) }
        let now = house.clock.now()
        try await house.db.write { tx in
            guard let found = try ConsultationStore.comment(comment, tx) else { throw ProcedureError.unknownCase }
            _ = try held(
                found.caseID, by: actor, at: ["consultation"], Bilingual("答复意见", "answer comments"), tx)
            try ConsultationStore.answer(comment, chosen, reason: reason, by: actor, at: now, tx)
            try Record.append(
                Event(
                    room: "strategy", kind: "consultation.answer", subjectKind: "comment", subject: comment,
                    caseID: found.caseID, actor: actor, at: now,
                    content: ["verdict": .string(chosen.rawValue), "reason": .string(reason)]), tx)
        }
    }

    /// Writes down what a member says at the meeting, in the order of speaking: after the head nobody speaks.
    /// - Throws: ``ProcedureError``.
    func speak(
        _ id: ID<CaseFile>, member: String, isHead: Bool, stance: String, words: String, by actor: Actor
    ) async throws {
        let (now, procedures) = (house.clock.now(), house.procedures)
        func text(_ typed: String) -> JSONValue { typed.isEmpty ? .null : .string(typed) }
        let answers: JSONValue = [
            "member": text(member), "is-head": isHead ? "yes" : "no", "stance": text(stance), "words": text(words),
        ]
        try await house.db.write { tx in
            try procedures.act(id, "speak", answers: answers, as: actor, at: now, in: tx)
        }
    }
}
