import Testing

@testable import Kernel

@Suite("What a procedure is to do to registers is checked at the start")
struct RegisterEffectTests {
    /// A register of which an entry holds a post and, demanded or not, a telephone in words.
    private static func register(demandsTelephone: Bool) throws -> RegisterDefinition {
        var telephone = SealingTests.field("telephone", "text").object ?? [:]
        telephone["required"] = .bool(demandsTelephone)
        let section: JSONValue = [
            "name": "one", "title": SealingTests.text("One"),
            "fields": [SealingTests.field("post", "text"), .object(telephone)],
        ]
        let definition: JSONValue = [
            "id": "people", "duty": "x", "title": SealingTests.text("People"), "summary": SealingTests.text("People"),
            "public": false, "number": "P{n}", "name": "post", "division": "x",
            "states": [["id": "active", "title": SealingTests.text("Active")]], "form": ["sections": [section]],
        ]
        return try definition.decode(RegisterDefinition.self)
    }

    /// A procedure whose form seals a telephone, and whose one action has an effect.
    private static func procedure(_ effect: String) throws -> ProcedureDefinition {
        var definition = try JSONValue(encoding: SealingTests.definition()).object ?? [:]
        let action: JSONValue = [
            "id": "enter", "title": SealingTests.text("Enter"), "to": "done", "effects": [.string(effect)],
        ]
        let steps: JSONValue = [
            ["id": "open", "title": SealingTests.text("Open"), "holder": "officer", "actions": [action]],
            ["id": "done", "title": SealingTests.text("Done"), "final": true],
        ]
        definition["steps"] = steps
        return try JSONValue.object(definition).decode(ProcedureDefinition.self)
    }

    private static func start(_ effect: String, demandsTelephone: Bool) throws {
        var hooks = ProcedureHooks()
        RegisterHooks.register(in: &hooks, Registers([try register(demandsTelephone: demandsTelephone)]))
        _ = try Procedures(
            [try procedure(effect)], hooks: hooks, calendar: try TestCity.calendar(),
            zone: try #require(CityZone(name: "Asia/Shanghai")), rules: try RuleBook([]), letters: Letters([]))
    }

    @Test("A register that demands what the form keeps sealed is told, since no case could ever enter it")
    func sealed() throws {
        #expect(throws: ProcedureError.faultyDefinition(["x: people demands telephone, which the form keeps sealed"])) {
            try Self.start("register.add:people", demandsTelephone: true)
        }
        try Self.start("register.add:people", demandsTelephone: false)
        // An entry keeps what it had when a case changes it.
        try Self.start("register.set:people", demandsTelephone: true)
    }

    @Test("A register that is not there is told", arguments: ["register.add", "register.set", "register.figures"])
    func unknown(effect: String) throws {
        let wanted = ["\(effect):nobody": "unknown register nobody", effect: "an effect names no register"]
        for (written, fault) in wanted {
            #expect(throws: ProcedureError.faultyDefinition(["x: \(fault)"])) {
                try Self.start(written, demandsTelephone: false)
            }
        }
    }
}
