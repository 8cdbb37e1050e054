import Store

/// What procedures of any room may do to registers and numbers, by name alone.
public enum RegisterHooks {
    /// The field under which a case keeps the number of the entry that it is about or that it made.
    public static let entryField = "entry"
    /// The field under which a case keeps the number that `number.issue` gave it.
    public static let numberField = "issued-number"

    /// Names the guards and effects that definitions may use.
    public static func register(in hooks: inout ProcedureHooks, _ registers: Registers) {
        FigureHooks.register(in: &hooks, registers)
        hooks.effects["register.add"] = { context, tx in
            let definition = try registers.require(context.argument ?? "")
            let entry = try RegisterStore.add(
                definition, open(context, tx), id: ID(UUIDv7.make(at: context.now)),
                organisation: context.file.organisation, act(context), tx)
            try CaseValues.set(context.file.id, entryField, .string(entry.number), tx)
        }
        hooks.effects["register.set"] = { context, tx in
            let definition = try registers.require(context.argument ?? "")
            let values = try open(context, tx)
            let entry = try self.entry(of: definition.id, values, tx)
            try RegisterStore.change(entry, of: definition, values, act(context), tx)
        }
        hooks.effects["register.state"] = { context, tx in
            let values = try CaseValues.all(of: context.file.id, tx)
            // The register is the one that the case is about, or the one in which it made its entry.
            let about = try context.procedures.definition(of: context.file).filing?.about
            let made = try RegisterStore.entries(of: context.file.id, tx).last?.register
            let definition = try registers.require(about ?? made ?? "")
            let entry = try self.entry(of: definition.id, values, tx)
            try RegisterStore.setState(entry, of: definition, context.argument ?? "", act(context), tx)
        }
        hooks.effects["number.issue"] = { context, tx in
            let pattern = context.argument ?? "{n}"
            let number = try NumberPattern.next(
                pattern, series: "issued.\(pattern)", year: context.day.parts.year, tx)
            try CaseValues.set(context.file.id, numberField, .string(number), tx)
        }
        let vault = hooks.vault
        hooks.guards["form.complete"] = { context, tx in
            guard let form = try context.procedures.definition(of: context.file).form else { return [] }
            return try FilingSteps.problems(form, of: context.file.id, vault: vault, tx)
        }
    }

    /// What is known of a case, without what it keeps sealed or will: entries lie in the clear.
    private static func open(_ context: ActionContext, _ tx: Tx) throws -> JSONValue {
        let sealed = Set(try context.procedures.definition(of: context.file).form?.sealedFields.map(\.name) ?? [])
        let values = try CaseValues.all(of: context.file.id, tx).object ?? [:]
        return .object(values.filter { !sealed.contains($0.key) && !$0.value.holds(\.isWithheld) })
    }

    private static func entry(of register: String, _ values: JSONValue, _ tx: Tx) throws -> RegisterEntry {
        try RegisterStore.require(register, values[entryField]?.string ?? "", tx)
    }

    static func act(_ context: ActionContext) -> RegisterAct {
        RegisterAct(context, reason: context.answers["reason"]?.string.map { Bilingual($0, $0) })
    }
}
