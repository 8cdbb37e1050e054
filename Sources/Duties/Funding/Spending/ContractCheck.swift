import Kernel
import Ledger
import Store

/// What a contract and a change of its budget must keep beside their forms: the way the money is held, indirect costs
/// by portion, what is spent already.
enum ContractCheck {
    /// Everything that stands against a contract.
    static func problems(
        _ answers: JSONValue, _ call: Call, _ project: Project, _ rules: RuleBook, on day: Day, _ tx: Tx
    ) throws -> [FieldProblem] {
        var problems = ContractForm.contract(call.content).problems(answers, complete: true)
        let law = rules.law(on: day)
        guard answers["money-mode"]?.string == ContractBudget.Mode.lumpSum.rawValue else {
            return try problems + indirect(answers["budget"] ?? .null, project, law)
        }
        problems.removeAll { $0.field == "budget" || $0.field.hasPrefix("budget.") }
        let kinds = try law.codes("spending.lump-sum.kinds")
        let kind = try ProgrammeStore.find(project.programme, tx)?.kind ?? ""
        if !kinds.value.contains(kind) {
            problems.append(
                FieldProblem(
                    field: "money-mode", code: "contract.lump-sum",
                    message: Bilingual("这类计划不实行包干制", "Programmes of this kind have no lump sums"),
                    basis: kinds.reference.source.cited))
        }
        return problems
    }

    /// Indirect costs above their ceiling by portion.
    static func indirect(_ budget: JSONValue, _ project: Project, _ law: Law) throws -> [FieldProblem] {
        let amounts = ContractBudget.amounts(budget)
        guard let indirect = amounts["indirect"], indirect > .zero else { return [] }
        let rule = try IndirectCostRule(law)
        var facts = IndirectCostFacts()
        let direct = Money.sum(amounts.filter { $0.key != "indirect" && $0.key != "equipment" }.values)
        facts.base = direct
        // Mathematics in GB/T 13745; what else is pure theory no source says.
        facts.kind = project.field.hasPrefix("110") ? .theory : .standard
        guard let cap = rule.decide(facts).cap, indirect > cap else { return [] }
        return [
            FieldProblem(
                field: "budget.indirect.amount", code: "contract.indirect",
                message: Bilingual(
                    "间接费用最多 \(cap.yuanText) 元：以直接费用扣除设备费后的 \(direct.yuanText) 元分段计算",
                    "Indirect costs may be at most RMB \(cap.yuanText), by portions of the RMB \(direct.yuanText) of direct costs without equipment"
                ),
                basis: rule.standard.reference.source.cited)
        ]
    }
}
