import Kernel
import Store

/// Values of the letters of this room.
struct CaseLetters: Sendable {
    let city: Jurisdiction

    func register(in hooks: inout ProcedureHooks) {
        hooks.letterValues["integrity.tip"] = { context, _ in
            let reason = context.answers["reason"]?.string ?? "—"
            return [
                "number": Bilingual(context.file.number, context.file.number), "action": context.action.title,
                "reasons": Bilingual(reason, reason),
            ]
        }
        hooks.letterValues["integrity.defence"] = { context, tx in
            guard let original = try context.file.parent.flatMap({ try CaseStore.find($0, tx) }) else { return [:] }
            return try decision(original, context, tx).merging(try appeal(of: context.file, tx)) { own, _ in own }
        }
        hooks.letterValues["integrity.appeal"] = { context, tx in
            guard let (_, original) = try AppealHooks.chain(context.file, tx) else { return [:] }
            return try outcome(of: context.file, original, tx)
        }
    }

    private func decision(
        _ original: CaseFile, _ context: ActionContext, _ tx: Tx
    ) throws -> [String: Bilingual] {
        let decision = try Decision.of(original.id, tx)
        let definition = try context.procedures.definition(of: original)
        let proposal = definition.step("proposal")?.action("propose")
        func label(_ field: String, _ value: String) -> Bilingual {
            proposal?.asks.first { $0.name == field }?.options?.first { $0.value == value }?.label
                ?? Bilingual(value, value)
        }
        func labels(_ field: String, _ values: [String]) -> Bilingual {
            let all = values.map { label(field, $0) }
            return Bilingual(all.map(\.zh).joined(separator: "、"), all.map(\.en).joined(separator: "; "))
        }
        let name = try CaseValues.all(of: original.id, tx)["subject-name"]?.string ?? "—"
        let period = try city.rules.period("integrity.appeal.days", on: context.day)
        let bars = try Bars.imposed(by: original.id, tx)
        return [
            "subject": Bilingual(name, name), "case": Bilingual(original.number, original.number),
            "kind": label("kind-found", decision.kind), "gravity": label("gravity", decision.gravity),
            "reasons": decision.reason, "measures": labels("measures", decision.measures),
            "bar": bars.last.map { bar in
                Bilingual(
                    "自 \(bar.from) \(bar.term.zh)不得：\(bar.what.zh)。",
                    "Barred from \(bar.from) \(bar.term.en): \(bar.what.en).")
            } ?? Bilingual("", ""), "appeal": period.text,
        ]
    }

    /// What came of an appeal, where the subject's file is closed by one.
    private func appeal(of defence: CaseFile, _ tx: Tx) throws -> [String: Bilingual] {
        guard
            let appeal = try CaseStore.children(of: defence.id, tx).last(where: { $0.procedure == "integrity.appeal" }),
            let original = try defence.parent.flatMap({ try CaseStore.find($0, tx) })
        else { return [:] }
        return try outcome(of: appeal, original, tx)
    }

    private func outcome(
        of appeal: CaseFile, _ original: CaseFile, _ tx: Tx
    ) throws -> [String: Bilingual] {
        let asked = try CaseValues.asked("propose", of: appeal.id, tx)
        let refused = try CaseValues.asked("refuse", of: appeal.id, tx)["reason"]?.string
        let outcome: Bilingual =
            switch asked["outcome"]?.string {
            case "quash": Bilingual("撤销原处理决定", "the decision is quashed")
            case "reduce":
                Bilingual(
                    "变更限制年限为 \(asked["new-years"]?.integer ?? 0) 年",
                    "the bar is changed to \(counted(asked["new-years"]?.integer ?? 0, "year"))")
            case "uphold": Bilingual("维持原处理决定", "the decision is upheld")
            default: Bilingual("不予受理", "not accepted")
            }
        let zh = refused ?? asked["reason-zh"]?.string ?? "—"
        return [
            "case": Bilingual(original.number, original.number), "outcome": outcome,
            "reasons": Bilingual(zh, refused ?? asked["reason-en"]?.string ?? zh),
        ]
    }
}
