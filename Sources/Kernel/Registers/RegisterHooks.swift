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
        for name in ["register.set", "register.figures"] {
            hooks.effectFaults[name] = { unknown($1, in: registers, $0) }
        }
        hooks.effectFaults["register.add"] = { procedure, name in
            unknown(name, in: registers, procedure) + sealed(in: registers[name ?? ""], procedure)
        }
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

    private static func unknown(
        _ name: String?, in registers: Registers, _ procedure: ProcedureDefinition
    ) -> [String] {
        guard let name else { return ["\(procedure.id): an effect names no register"] }
        return registers[name] == nil ? ["\(procedure.id): unknown register \(name)"] : []
    }

    /// What a register demands and the form of a procedure keeps sealed: no case could ever be entered.
    private static func sealed(in register: RegisterDefinition?, _ procedure: ProcedureDefinition) -> [String] {
        guard let register else { return [] }
        let sealed = Set(procedure.form?.sealedFields.map(\.name) ?? [])
        return register.form.fields.filter { $0.kind != .files && $0.required && sealed.contains($0.name) }.map {
            "\(procedure.id): \(register.id) demands \($0.name), which the form keeps sealed"
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
