import Kernel
import Store

/// What the procedure of allocation proposals asks of this room.
enum AllocationHooks {
    static let procedure = "funding.allocation"
    /// Actions by which opinions of other departments are noted.
    static let opinions = ["finance", "development", "industry"]

    static func register(in hooks: inout ProcedureHooks) {
        hooks.guards["funding.opinions-heard"] = { context, tx in
            let asked = try CaseValues.asked(of: context.file.id, tx).map(\.action)
            guard !asked.contains(where: opinions.contains) else { return [] }
            return [
                FieldProblem(
                    field: "", code: "funding.opinions",
                    message: Bilingual(
                        "还没有记录任何部门的意见", "No department's opinion has been noted yet"))
            ]
        }
    }
}
