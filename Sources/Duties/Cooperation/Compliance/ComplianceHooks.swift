import Kernel
import Portal
import Store

/// Guards and effects of compliance: a case is not decided while a flag is open.
struct ComplianceHooks: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.guards["cooperation.no-open-flag"] = { context, tx in
            try FlagStore.list(of: context.file.id, tx).filter { $0.state != .cleared }.map { flag in
                Self.problem(
                    "", "compliance.open", "合规问题未解决：\(flag.kind.title.zh)",
                    "A flag is not cleared: \(flag.kind.title.en)")
            }
        }
        hooks.guards["cooperation.answers-complete"] = { context, tx in try incomplete(context, tx) }
        hooks.effects["cooperation.flags"] = { context, tx in try raise(context, tx) }
        hooks.effects["cooperation.raised"] = { context, tx in
            let kind = Flag.Kind(rawValue: context.answers["flag"]?.string ?? "") ?? .other
            let question = context.answers["question"]?.string ?? ""
            try FlagStore.raise(Flag(kind, Bilingual(question, question)), of: context.file.id, at: context.now, tx)
            try note(context, tx)
        }
        hooks.effects["cooperation.answered"] = { context, tx in
            for row in context.answers["answers"]?.array ?? [] {
                guard let kind = Flag.Kind(rawValue: row["flag"]?.string ?? "") else { continue }
                try FlagStore.answer(
                    kind, row["answer"]?.string ?? "", row["document"]?.string ?? "", of: context.file.id, tx)
            }
            try note(context, tx)
        }
        hooks.effects["cooperation.cleared"] = { context, tx in
            try FlagStore.move(.answered, to: .cleared, of: context.file.id, tx)
            try note(context, tx)
        }
        hooks.effects["cooperation.reopened"] = { context, tx in
            try FlagStore.move(.answered, to: .open, of: context.file.id, tx)
            try note(context, tx)
        }
    }

    static func problem(_ field: String, _ code: String, _ zh: String, _ en: String) -> FieldProblem {
        FieldProblem(field: field, code: code, message: Bilingual(zh, en))
    }

    /// Flags of a form handed in; those that were answered or cleared before stay so.
    private func raise(_ context: ActionContext, _ tx: Tx) throws {
        let values = try CaseValues.all(of: context.file.id, tx)
        let found = try FlagFinder.flags(values, city.rules.law(on: context.day))
        let known = Set(try FlagStore.list(of: context.file.id, tx).map(\.kind))
        for flag in found where !known.contains(flag.kind) {
            try FlagStore.raise(flag, of: context.file.id, at: context.now, tx)
        }
        try FlagStore.drop(except: found.map(\.kind), of: context.file.id, tx)
        try note(context, tx)
    }

    /// Keeps beside the case how its flags stand, so that its actions can depend on it.
    private func note(_ context: ActionContext, _ tx: Tx) throws {
        let flags = try FlagStore.list(of: context.file.id, tx)
        let state =
            flags.isEmpty ? "none" : flags.allSatisfy { $0.state == .cleared } ? "cleared" : "open"
        try CaseValues.set(context.file.id, "flags", .string(state), tx)
    }

    /// Every open flag has its answer; an approval, permit or record also its number.
    private func incomplete(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let rows = context.answers["answers"]?.array ?? []
        return try FlagStore.list(of: context.file.id, tx).filter { $0.state == .open }.compactMap { flag in
            guard let index = rows.firstIndex(where: { $0["flag"]?.string == flag.kind.rawValue }) else {
                return Self.problem(
                    "answers", "compliance.unanswered", "尚未答复：\(flag.kind.title.zh)",
                    "Not answered: \(flag.kind.title.en)")
            }
            guard [.genetic, .technology].contains(flag.kind), rows[index]["document"]?.string ?? "" == "" else {
                return nil
            }
            return Self.problem(
                "answers.\(index).document", "compliance.document", "「\(flag.kind.title.zh)」须填写批件、许可或备案号",
                "\(flag.kind.title.en): give the number of the approval, permit or record")
        }
    }
}

/// The flags of a case as its page shows them.
struct FlagPanel: Sendable {
    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        let flags = try FlagStore.list(of: file.id, tx)
        guard !flags.isEmpty else { return .empty }
        let rows = flags.map { flag -> [HTML] in
            [
                HTML(text: t(flag.kind.title)), HTML(text: t(flag.question)),
                HTML(text: [flag.answer, flag.document].filter { !$0.isEmpty }.joined(separator: " · ")),
                Parts.badge(
                    t(flag.state.title), flag.state == .cleared ? .good : flag.state == .open ? .bad : .warning),
            ]
        }
        return Parts.card(
            t("合规问题（解决前不能审定）", "Compliance: nothing is decided before these are cleared"),
            Parts.table(
                t("合规问题", "Compliance"),
                [
                    .init(t("问题", "Flag")), .init(t("要求", "What is asked")), .init(t("答复", "Answer")),
                    .init(t("状态", "State")),
                ],
                rows, empty: .empty))
    }
}
