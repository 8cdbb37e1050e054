import Kernel
import Store

/// What one department answered to a request for its opinion, and how the bureau took it.
struct OpinionReply: Hashable, Sendable {
    let ordinal: Int
    let department: String
    /// `agree`, `amend`, `object` or `none`.
    let stance: String
    let words: String
    let letter: String
    let receivedOn: Day
    /// `yes`, `part` or `no`; nil until the bureau has answered.
    let taken: String?
    let answer: String?

    /// Whether it says something that needs an answer.
    var needsAnswer: Bool { stance == "amend" || stance == "object" }

    static func stanceTitle(_ stance: String) -> Bilingual {
        switch stance {
        case "agree": Bilingual("同意", "Agrees")
        case "amend": Bilingual("修改意见", "Wants changes")
        case "object": Bilingual("不同意", "Objects")
        default: Bilingual("无意见", "No opinion")
        }
    }

    static func takenTitle(_ taken: String) -> Bilingual {
        switch taken {
        case "yes": Bilingual("采纳", "Taken")
        case "part": Bilingual("部分采纳", "Taken in part")
        default: Bilingual("未采纳", "Not taken")
        }
    }

    static func list(_ id: ID<CaseFile>, _ tx: Tx) throws -> [OpinionReply] {
        try tx.rows("SELECT * FROM opinion_reply WHERE case_id = \(id) ORDER BY ordinal") { row in
            OpinionReply(
                ordinal: try row["ordinal"], department: try row["department"], stance: try row["stance"],
                words: try row["words"], letter: try row["letter"], receivedOn: try row["received_on"],
                taken: try row["taken"], answer: try row["answer"])
        }
    }
}

/// Guards and effects of requests for opinions.
enum OpinionHooks {
    static func register(in hooks: inout ProcedureHooks) {
        hooks.guards["innovation.reply"] = { context, tx in
            let department = context.answers["department"]?.string ?? ""
            guard try !asked(context, tx).contains(department) else { return [] }
            return [
                problem("department", "reply-unknown", "未向「\(department)」征求意见", "\(department) was not asked")
            ]
        }
        hooks.effects["innovation.reply"] = { context, tx in
            let department = context.answers["department"]?.string ?? ""
            // A later letter of the same department takes the place of its first.
            try tx.run("DELETE FROM opinion_reply WHERE case_id = \(context.file.id) AND department = \(department)")
            let last: Int? = try tx.value("SELECT MAX(ordinal) FROM opinion_reply WHERE case_id = \(context.file.id)")
            try tx.run(
                """
                INSERT INTO opinion_reply (case_id, ordinal, department, stance, words, letter, received_on)
                VALUES (\(context.file.id), \((last ?? 0) + 1), \(department),
                    \(context.answers["stance"]?.string ?? "none"), \(context.answers["words"]?.string ?? ""),
                    \(context.answers["letter"]?.string ?? ""), \(context.day))
                """)
        }
        hooks.guards["innovation.all-replied"] = { context, tx in
            if let due = context.file.dueOn, context.day > due { return [] }
            let replied = Set(try OpinionReply.list(context.file.id, tx).map(\.department))
            let open = try asked(context, tx).filter { !replied.contains($0) }
            guard !open.isEmpty else { return [] }
            let names = open.listed
            return [
                problem(
                    "", "waiting", "尚未回复：\(names.zh)；期满前不能汇总",
                    "Not answered yet: \(names.en); this must wait for them or for the end of the time"
                )
            ]
        }
        hooks.guards["innovation.answer"] = { context, tx in
            let number = context.answers["reply"]?.integer ?? 0
            let found = try OpinionReply.list(context.file.id, tx).first { Int64($0.ordinal) == number }
            guard found == nil else { return [] }
            return [problem("reply", "no-reply", "没有第 \(number) 条意见", "There is no opinion \(number)")]
        }
        hooks.effects["innovation.answer"] = { context, tx in
            try tx.run(
                """
                UPDATE opinion_reply SET taken = \(context.answers["taken"]?.string),
                    answer = \(context.answers["answer"]?.string)
                WHERE case_id = \(context.file.id) AND ordinal = \(context.answers["reply"]?.integer ?? 0)
                """)
        }
        hooks.guards["innovation.all-answered"] = { context, tx in
            let open = try OpinionReply.list(context.file.id, tx).filter { $0.needsAnswer && $0.taken == nil }
            return open.map { reply in
                problem(
                    "", "unanswered", "第 \(reply.ordinal) 条（\(reply.department)）尚未说明采纳情况",
                    "Opinion \(reply.ordinal) of \(reply.department) is not answered")
            }
        }
    }

    private static func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: "innovation.\(code)", message: Bilingual(zh, en))
    }

    /// The departments that were asked.
    private static func asked(_ context: ActionContext, _ tx: Tx) throws -> [String] {
        departments(try CaseStore.answers(context.file.id, tx).content)
    }

    static func departments(_ answers: JSONValue) -> [String] {
        (answers["departments"]?.array ?? []).compactMap { $0["department-name"]?.string }
    }
}
